//! `/_osem/`: what tests and curious people see of the simulation, and the clock.
//!
//! Reading is free to whoever reaches the loopback port; a change needs the token. A browser must
//! not be talked into either: no request that a page of another site sends, and no name but the
//! machine's own.

use std::net::IpAddr;
use std::time::Duration;

use http::header::{HOST, HeaderValue, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::super::proof::{READY_PATH, TOKEN_HEADER};
use super::Front;
use super::answer::{Body, plain};

/// The beginning of all its paths.
pub(super) const PREFIX: &str = "/_osem/";

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
const TEXT: &str = "text/plain";

/// Answers a request below [`PREFIX`].
pub(super) fn answer(front: &Front, head: &Parts, body: &[u8]) -> Response<Body> {
    match route(front, head, body) {
        Ok(response) => response,
        Err((status, reason)) => plain(status, TEXT, format!("{reason}\n")),
    }
}

type Refused = (StatusCode, String);

fn route(front: &Front, head: &Parts, body: &[u8]) -> Result<Response<Body>, Refused> {
    if head.headers.contains_key(ORIGIN) {
        return Err(refused(StatusCode::FORBIDDEN, "for programs on this machine only"));
    }
    match (&head.method, head.uri.path()) {
        (&Method::GET, READY_PATH) => {
            authorised(front, &head.headers)?;
            Ok(plain(StatusCode::NO_CONTENT, TEXT, ""))
        }
        (&Method::GET, "/_osem/statistics") => {
            let statistics = serde_json::to_vec(&front.state().statistics());
            Ok(plain(StatusCode::OK, JSON, statistics.expect("statistics are plain data")))
        }
        (&Method::GET, "/_osem/calls") => {
            let after = after(head.uri.query().unwrap_or_default())?;
            Ok(plain(StatusCode::OK, LINES, front.state().calls(after)))
        }
        (&Method::POST, "/_osem/clock") => {
            authorised(front, &head.headers)?;
            let by = advance(body)?;
            let offset = front.state().advance(by);
            let Some(offset) = offset.transpose() else {
                return Err(refused(StatusCode::BAD_REQUEST, "ten years ahead is the most"));
            };
            let offset = offset
                .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, &error.message))?;
            Ok(plain(StatusCode::OK, JSON, json!({"offsetMs": offset}).to_string()))
        }
        _ => Err(refused(StatusCode::NOT_FOUND, "there is no such request")),
    }
}

fn authorised(front: &Front, headers: &HeaderMap) -> Result<(), Refused> {
    let given = headers.get(TOKEN_HEADER).map(HeaderValue::as_bytes);
    let wrong = || refused(StatusCode::FORBIDDEN, "the token in the lock file is needed");
    (given == Some(front.setup.token.as_bytes())).then_some(()).ok_or_else(wrong)
}

fn refused(status: StatusCode, reason: &str) -> Refused {
    (status, reason.to_owned())
}

/// Whether a request comes from a program, or from a page that this machine serves. A page of
/// another site names that site as its origin; one that gives its name the machine's address (DNS
/// rebinding) still names it as the host.
pub(super) fn is_from_this_machine(headers: &HeaderMap) -> bool {
    let named = |header| headers.get(header).map(|value| value.to_str().unwrap_or_default());
    let origin = named(ORIGIN).map(|origin| origin.split("://").last().unwrap_or_default());
    named(HOST).is_some_and(is_this_machine) && origin.is_none_or(is_this_machine)
}

fn is_this_machine(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let host = authority.host().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The answer to a page of another site.
pub(super) fn forbidden() -> Response<Body> {
    plain(StatusCode::FORBIDDEN, TEXT, "for programs on this machine only\n".to_owned())
}

fn after(query: &str) -> Result<u64, Refused> {
    let number = if query.is_empty() { Some("0") } else { query.strip_prefix("after=") };
    let wrong = || refused(StatusCode::BAD_REQUEST, "the only parameter is after=<number>");
    number.and_then(|number| number.parse().ok()).ok_or_else(wrong)
}

fn advance(body: &[u8]) -> Result<Duration, Refused> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let by = body["advance"].as_str().and_then(|text| humantime::parse_duration(text).ok());
    by.ok_or_else(|| refused(StatusCode::BAD_REQUEST, r#"the body is such as {"advance":"8m"}"#))
}
