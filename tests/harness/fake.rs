//! Servers that answer as no honest one does.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request, as far as a test looks at it.
pub(crate) struct Request {
    /// The operation: of `X-Amz-Target`, else of the form's `Action`.
    pub(crate) operation: String,
    /// The body.
    pub(crate) body: String,
}

/// What to do with a request.
pub(crate) enum Answer {
    /// A status and a JSON body.
    Json(u16, String),
    /// A status, the `Date` of the answer, and a JSON body.
    Dated(u16, String, String),
    /// A status and an XML body.
    Xml(u16, String),
    /// Never an answer; the connection stays open.
    Silence,
    /// The connection is closed without an answer.
    Hangup,
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

impl Answer {
    /// What STS says to somebody in this account.
    pub(crate) fn caller(account: &str) -> Self {
        let text = format!(
            "<GetCallerIdentityResponse \
             xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/somebody</Arn>\
             <UserId>AIDA</UserId><Account>{account}</Account></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>"
        );
        Self::Xml(200, text)
    }
}

/// A server on a free port of this machine, until the test ends.
pub(crate) struct Fake {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Answers by `handler`.
    pub(crate) fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (handler, log): (Arc<Handler>, _) = (Arc::new(handler), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                thread::spawn(move || serve(&stream, &*handler, &log));
            }
        });
        Self { url, seen }
    }

    /// Accepts and never answers.
    pub(crate) fn silent() -> Self {
        Self::start(|_| Answer::Silence)
    }

    /// An STS that knows one account.
    pub(crate) fn sts(account: &'static str) -> Self {
        Self::start(move |request| match request.operation.as_str() {
            "GetCallerIdentity" => Answer::caller(account),
            _ => Answer::Hangup,
        })
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The operations that were asked for, in order.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, handler: &Handler, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        log.lock().unwrap().push(request.operation.clone());
        let json = "application/x-amz-json-1.0";
        let (status, kind, date, body) = match handler(&request) {
            Answer::Json(status, body) => (status, json, String::new(), body),
            Answer::Dated(status, date, body) => (status, json, format!("Date: {date}\r\n"), body),
            Answer::Xml(status, body) => (status, "text/xml", String::new(), body),
            Answer::Hangup => return,
            Answer::Silence => loop {
                thread::park();
            },
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\n{date}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        );
        let mut writer = stream;
        if writer.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request of a connection; `None` at its end.
fn read(reader: &mut impl BufRead) -> Option<Request> {
    let (mut length, mut operation) = (0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "x-amz-target" => value.rsplit('.').next()?.clone_into(&mut operation),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    if let Some(action) = body.split('&').find_map(|pair| pair.strip_prefix("Action=")) {
        action.clone_into(&mut operation);
    }
    Some(Request { operation, body })
}
