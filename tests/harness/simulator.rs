//! `osem local` with a realistic control plane, in a folder of its own.

use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use super::{Dynamo, LONGEST, Process, Project, unused_port};

/// A running simulator.
pub(crate) struct Simulator {
    project: Project,
    flags: String,
    local: Process,
    /// Where it answers.
    pub(crate) url: String,
}

impl Simulator {
    /// With these flags of `osem local`.
    #[track_caller]
    pub(crate) fn start(flags: &str) -> Self {
        Self::with_faults(flags, &[])
    }

    /// With these flags, and one `--fault` each.
    #[track_caller]
    pub(crate) fn with_faults(flags: &str, faults: &[&str]) -> Self {
        Self::of(Project::new(), flags.to_owned(), faults)
    }

    /// With the `emulator` of this project's default environment.
    #[track_caller]
    pub(crate) fn of(project: Project, flags: String, faults: &[&str]) -> Self {
        // Another one may have to be there when this one has ended.
        Self::at(unused_port(), project, flags, faults)
    }

    #[track_caller]
    fn at(port: u16, project: Project, flags: String, faults: &[&str]) -> Self {
        let line = format!("local --port {port} --control-plane realistic {flags}");
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
        let mut local = project.osem(&line).args(faults).start();
        let said = local.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
        let url = said.lines().next().unwrap().rsplit('=').next().unwrap().to_owned();
        Self { project, flags, local, url }
    }

    /// The same tables at the same address behind a server without faults, in a new process.
    #[track_caller]
    pub(crate) fn healed(self) -> Self {
        self.failing_there(&[])
    }

    /// The same tables behind a new process with these faults, at another address.
    #[track_caller]
    pub(crate) fn failing(self, faults: &[&str]) -> Self {
        self.local.signal("TERM");
        self.local.finish().expect_code(0);
        Self::of(self.project, self.flags, faults)
    }

    /// The same at the same address: where something was recorded of it.
    #[track_caller]
    pub(crate) fn failing_there(self, faults: &[&str]) -> Self {
        self.local.signal("TERM");
        let port = self.url.rsplit(':').next().unwrap().parse().unwrap();
        self.local.finish().expect_code(0);
        Self::at(port, self.project, self.flags, faults)
    }

    /// Killed without a word, then the same tables behind a new process with other flags.
    #[track_caller]
    pub(crate) fn killed(self, flags: &str) -> Self {
        self.local.signal("KILL");
        assert_eq!(self.local.finish().code(), None);
        Self::of(self.project, flags.to_owned(), &[])
    }

    /// Lets simulated time pass.
    #[track_caller]
    pub(crate) fn advance(&self, by: &str) {
        let lock = fs::read_to_string(self.project.path().join(".osem/local.db.lock")).unwrap();
        let lock: Value = serde_json::from_str(&lock).unwrap();
        let token = lock["proof"]["token"].as_str().unwrap();
        let body = format!("{{\"advance\":\"{by}\"}}");
        let length = body.len();
        self.exchange(&format!(
            "POST /_osem/clock HTTP/1.0\r\nHost: {}\r\nx-osem-token: {token}\r\n\
             Content-Length: {length}\r\n\r\n{body}",
            self.address()
        ));
    }

    /// A client that shares no code with osem.
    pub(crate) fn dynamo(&self) -> Dynamo {
        Dynamo::new(&self.url)
    }

    /// What it has done since its process started.
    #[track_caller]
    pub(crate) fn statistics(&self) -> Value {
        // Version 1.0, so that the answer does not come in chunks.
        self.exchange(&format!(
            "GET /_osem/statistics HTTP/1.0\r\nHost: {}\r\n\r\n",
            self.address()
        ))
    }

    /// The calls after the one of this number, at most the last 10,000.
    #[track_caller]
    pub(crate) fn calls(&self, after: u64) -> Vec<Value> {
        let host = self.address();
        let request = format!("GET /_osem/calls?after={after} HTTP/1.0\r\nHost: {host}\r\n\r\n");
        let calls = self.text(&request);
        calls.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// The document that a request below `/_osem/` is answered with.
    #[track_caller]
    fn exchange(&self, request: &str) -> Value {
        serde_json::from_str(&self.text(request)).unwrap()
    }

    /// What a request below `/_osem/` is answered with.
    #[track_caller]
    fn text(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(LONGEST)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{answer}");
        body.to_owned()
    }
}
