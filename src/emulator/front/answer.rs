//! Answers in the service's shapes.

use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::super::control_plane::ApiError;

/// A body of the front's own, or the engine's as it comes.
pub(super) type Body = Either<Full<Bytes>, Incoming>;

const JSON: &str = "application/x-amz-json-1.0";

/// An answer, and what it says in one word.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: Response<Body>,
    /// `applied`, or the code of the error.
    pub(super) outcome: String,
}

impl Answer {
    pub(super) fn applied(response: Response<Body>) -> Self {
        Self { response, outcome: "applied".to_owned() }
    }
}

/// An answer of DynamoDB.
pub(super) fn json(status: StatusCode, body: &Value) -> Response<Body> {
    service(status, JSON, body.to_string().into_bytes())
}

/// An error of DynamoDB.
pub(super) fn error(error: &ApiError) -> Response<Body> {
    // Denials and unreadable requests have a capital letter; so it is.
    let capital = ["#AccessDeniedException", "#SerializationException"];
    let capital = capital.iter().any(|code| error.kind.ends_with(code));
    let member = if capital { "Message" } else { "message" };
    let mut body = json!({"__type": error.kind});
    if !error.message.is_empty() {
        body[member] = Value::from(error.message.as_str());
    }
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    json(status, &body)
}

/// An answer of STS.
pub(super) fn xml(status: StatusCode, body: String) -> Response<Body> {
    service(status, "text/xml", body.into_bytes())
}

/// An answer that looks well and is not the protocol.
pub(super) fn garbage() -> Response<Body> {
    service(StatusCode::OK, JSON, b"{\"TableDescription\": {\"Tab\xff\xfe<html>".to_vec())
}

/// A request larger than the service takes.
pub(super) fn too_large() -> Response<Body> {
    plain(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "the request is larger than 16 MiB\n")
}

/// An answer of no service.
pub(super) fn plain(
    status: StatusCode,
    content_type: &str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(own(body.into()))
        .expect("the header is valid")
}

pub(super) fn own(body: Bytes) -> Body {
    Either::Left(Full::new(body))
}

fn service(status: StatusCode, content_type: &str, body: Vec<u8>) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("x-amzn-requestid", request_id())
        .header("x-amz-crc32", crc32(&body).to_string())
        .body(own(body.into()))
        .expect("the headers are valid")
}

/// As the service's: 52 letters and digits.
pub(super) fn request_id() -> String {
    let digits = std::iter::repeat_with(|| fastrand::digit(36).to_ascii_uppercase());
    digits.take(52).collect()
}

/// The checksum that the service sends (CRC-32 of ISO 3309, as in zlib).
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = crc32_table();
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        TABLE[usize::from(low ^ byte)] ^ (crc >> 8)
    })
}

const fn crc32_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut crc = 1;
    let mut power = 128;
    while power > 0 {
        crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
        let mut index = 0;
        while index < 256 {
            table[power + index] = crc ^ table[index];
            index += 2 * power;
        }
        power /= 2;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zlib() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_request_id_has_the_services_shape() {
        let id = request_id();
        assert_eq!(id.len(), 52);
        assert!(id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
    }
}
