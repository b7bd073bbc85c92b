//! The way to the engine's own server.

use std::net::SocketAddr;

use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::answer::{self, Answer, Body};
use super::arn::Arns;
use super::call::{Call, Payload};
use super::errors;

/// Headers that concern one connection and not the message.
const HOP_BY_HOP: [HeaderName; 6] =
    [CONNECTION, HeaderName::from_static("keep-alive"), TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Connections to the engine's server, kept open.
#[derive(Debug)]
pub(super) struct Proxy {
    client: Client<HttpConnector, Full<Bytes>>,
    authority: Authority,
    arns: Arns,
}

impl Proxy {
    pub(super) fn new(inside: SocketAddr, arns: Arns) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let authority = inside.to_string().parse().expect("an address is an authority");
        Self { client, authority, arns }
    }

    pub(super) fn arns(&self) -> &Arns {
        &self.arns
    }

    /// The engine's answer to a call. Its body passes as it comes, unless it names ARNs.
    pub(super) async fn call(&self, call: &Call, head: Parts, body: Bytes) -> Answer {
        let body = match &call.payload {
            Payload::Item { request, changed: true } => request.to_string().into(),
            _ => body,
        };
        let Ok(response) = self.send(head, body).await else { return unreachable_engine() };
        let success = response.status().is_success();
        if success && !Arns::answered_by(&call.operation) {
            return Answer::applied(response.map(Either::Right));
        }
        let (mut head, body) = response.into_parts();
        let Ok(body) = body.collect().await else { return unreachable_engine() };
        let body = body.to_bytes();
        let outcome = if success { "applied".to_owned() } else { code(&body) };
        let body = match self.arns.outward(success, &body) {
            Some(changed) => {
                head.headers.remove(CONTENT_LENGTH);
                let checksum = HeaderValue::from(answer::crc32(&changed));
                head.headers.insert("x-amz-crc32", checksum);
                changed.into()
            }
            None => body,
        };
        Answer { response: Response::from_parts(head, answer::own(body)), outcome }
    }

    /// The engine's answer to anything else.
    pub(super) async fn forward(&self, head: Parts, body: Bytes) -> Response<Body> {
        match self.send(head, body).await {
            Ok(response) => response.map(Either::Right),
            Err(_) => unreachable_engine().response,
        }
    }

    async fn send(
        &self,
        head: Parts,
        body: Bytes,
    ) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        let path = head.uri.path_and_query().cloned();
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.authority.clone())
            .path_and_query(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
            .build()
            .expect("all parts are there");
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = head.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = end_to_end(head.headers);
        request.headers_mut().remove(CONTENT_LENGTH);
        let mut response = self.client.request(request).await?;
        let headers = std::mem::take(response.headers_mut());
        *response.headers_mut() = end_to_end(headers);
        Ok(response)
    }
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
    headers
}

/// The code of an error as it goes over the wire.
fn code(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = body["__type"].as_str().unwrap_or("unknown");
    kind.rsplit('#').next().unwrap_or_default().to_owned()
}

fn unreachable_engine() -> Answer {
    let error = errors::usual("InternalServerError");
    Answer { response: answer::error(&error), outcome: error.code().to_owned() }
}
