//! A server that passes every call on and writes down what it was asked.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{Answer, Dynamo, Fake};

/// Calls that change nothing.
const READS: [&str; 3] = ["Describe", "Get", "List"];

type Sent = Arc<Mutex<Vec<(String, Value)>>>;

/// Stands between osem and a simulator.
pub(crate) struct Relay {
    fake: Fake,
    sent: Sent,
}

impl Relay {
    /// In front of the server at this address. `meddle` may do something there after each call that
    /// changes something, before it is answered.
    pub(crate) fn to(url: &str, meddle: impl Fn(&Dynamo, &str) + Send + Sync + 'static) -> Self {
        let (dynamo, sent) = (Dynamo::new(url), Sent::default());
        let log = Arc::clone(&sent);
        let fake = Fake::start(move |request| {
            let operation = request.operation.as_str();
            if operation == "GetCallerIdentity" {
                return Answer::caller("000000000000");
            }
            let Ok(body) = serde_json::from_str::<Value>(&request.body) else {
                return Answer::Json(404, "{}".to_owned());
            };
            let answer = dynamo.try_call(operation, &body);
            let reads = READS.iter().any(|prefix| operation.starts_with(prefix));
            if !reads && answer.is_ok() {
                log.lock().unwrap().push((operation.to_owned(), body));
                meddle(&dynamo, operation);
            }
            match answer {
                Ok(answer) => Answer::Json(200, answer.to_string()),
                Err((status, text)) => Answer::Json(status, text),
            }
        });
        Self { fake, sent }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        self.fake.url()
    }

    /// The calls that changed something, with their requests, in order.
    pub(crate) fn sent(&self) -> Vec<(String, Value)> {
        self.sent.lock().unwrap().clone()
    }
}
