//! How the server of `osem local` shows that it is the one that the lock file names.
//!
//! The simulated control plane writes a random token into the lock file, which only this user can
//! read, and answers `GET /_osem/ready` with 204 to whoever brings it. So nothing is ever sent to a
//! server that merely took over the port. An instant control plane is the engine's own server, which
//! knows no token: there the held lock and the living process must do.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The header that carries the token.
pub(super) const TOKEN_HEADER: &str = "x-osem-token";

/// The path that answers only to the token.
pub(super) const READY_PATH: &str = "/_osem/ready";

/// A server on this machine answers at once, unless it is being stopped.
const LONGEST: Duration = Duration::from_secs(2);

/// What proves that the holder of the lock is the one who answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Proof {
    /// The lock is held, and the process lives.
    #[default]
    Process,
    /// The server knows this token as well.
    Token(String),
}

/// What came of asking for the proof.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Check {
    Holds,
    /// Something else answers; this is what it says.
    Fails(String),
    /// Nothing answers.
    Silent,
}

impl Proof {
    /// Whether the server at this URL has the proof.
    pub(super) async fn check(&self, url: &str) -> Check {
        let Self::Token(token) = self else { return Check::Holds };
        let address = url.trim_start_matches("http://");
        match tokio::time::timeout(LONGEST, ready(address, token)).await {
            Err(_) | Ok(Err(_)) => Check::Silent,
            Ok(Ok(status)) if status.split(' ').nth(1) == Some("204") => Check::Holds,
            Ok(Ok(status)) => Check::Fails(status),
        }
    }
}

/// The status line of the answer; its first bytes when it is not one.
async fn ready(address: &str, token: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET {READY_PATH} HTTP/1.1\r\nhost: {address}\r\n{TOKEN_HEADER}: {token}\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(128).read_to_end(&mut answer).await?;
    if answer.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.lines().next().unwrap_or_default().escape_debug().to_string())
}

/// 128 bits that nobody can guess, in hexadecimal digits.
#[cfg(feature = "emulator")]
pub(super) fn new_token() -> String {
    use std::hash::{BuildHasher, RandomState};
    // Keyed by the operating system's randomness, as the standard library's maps are.
    let state = RandomState::new();
    format!("{:016x}{:016x}", state.hash_one(0), state.hash_one(1))
}

#[cfg(all(test, feature = "emulator"))]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_128_bits_and_is_never_the_same() {
        let (first, second) = (new_token(), new_token());
        assert_eq!(first.len(), 32);
        assert!(first.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(first, second);
    }

    #[test]
    fn the_lock_file_says_which_proof_applies() {
        let text = serde_json::to_string(&Proof::Token("ab".to_owned())).unwrap();
        assert_eq!(text, r#"{"token":"ab"}"#);
        assert_eq!(serde_json::to_string(&Proof::Process).unwrap(), r#""process""#);
    }
}
