//! Ports that a test names.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that Linux gives to whoever asks for any.
const FIRST: u32 = 10_000;
const COUNT: u32 = 20_000;
/// Processes with ids that follow each other do not share ports.
const EACH: u32 = 256;

/// A port of this machine on which nothing listens. The system gives it to nobody who asks for any, so
/// it is still free a moment later: to a server that is started there, or again after another one ended.
pub(crate) fn unused_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let own = std::process::id().wrapping_mul(EACH);
    loop {
        let number = own.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + number).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
