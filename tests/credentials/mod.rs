//! Credentials, permissions, account and region, each refused for its own reason before any write.
//!
//! ministack with `AUTH=true` checks signatures and policies; what it cannot be made to answer,
//! small servers in the tests do.

mod account;
mod denied;
mod network;
mod policy;
mod profile;
mod refused;
mod role;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::harness::{Project, Run, python, variable};

/// Keys that ministack does not check against any policy.
const ROOT: [&str; 2] = ["test", "test"];

/// The account that all of ministack's users belong to.
const ACCOUNT: &str = "000000000000";

/// ministack with `AUTH=true`.
struct Auth {
    url: String,
}

impl Auth {
    /// `None`, with a word about it, where its address or boto3 is not known.
    fn find() -> Option<Self> {
        let url = variable("ministack with AUTH=true", "OSEM_TEST_MINISTACK_AUTH")?;
        variable("python", "OSEM_TEST_PYTHON")?;
        Some(Self { url })
    }

    /// One table, in an environment with this account here, and these further lines in it.
    fn project(&self, prefix: &str, further: &str) -> Project {
        let url = &self.url;
        project(
            prefix,
            &format!("account \"{ACCOUNT}\"; endpoint \"{url}\" sts=\"{url}\"\n{further}"),
        )
    }

    /// Held by a test that opens a session: ministack forgets every expired one as soon as
    /// another is opened, and then calls its key unknown, not expired.
    fn alone() -> MutexGuard<'static, ()> {
        static SESSIONS: Mutex<()> = Mutex::new(());
        SESSIONS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a snippet with clients of ROOT prints.
    #[track_caller]
    fn boto(&self, snippet: &str, args: &[&str]) -> Value {
        let args = [&[self.url.as_str()], args].concat();
        python(&format!("{PREAMBLE}{snippet}"), &args).unwrap()
    }

    /// Keys of a new user with these actions.
    #[track_caller]
    fn user(&self, name: &str, actions: &[&str]) -> [String; 2] {
        keys(&self.boto(USER, &[name, &actions.join(" ")]))
    }

    /// Keys of a new user with exactly this policy.
    #[track_caller]
    fn user_with(&self, name: &str, policy: &Value) -> [String; 2] {
        keys(&self.boto(USER_WITH, &[name, &policy.to_string()]))
    }

    /// The tables that start like this, as ROOT sees them.
    #[track_caller]
    fn tables(&self, prefix: &str) -> Vec<String> {
        let found = self.boto(TABLES, &[prefix]);
        found.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// Nothing was written.
    #[track_caller]
    fn expect_no_table(&self, prefix: &str) {
        assert_eq!(self.tables(prefix), Vec::<String>::new());
    }

    /// Deletes what an earlier call of the tests left.
    #[track_caller]
    fn wipe(&self, prefix: &str) {
        self.boto(WIPE, &[prefix]);
    }
}

/// One table in environment `dev` with these lines.
fn project(prefix: &str, environment: &str) -> Project {
    Project::of(format!(
        "\
osem 1
project tiny {{ table-name \"{prefix}-{{env}}-{{table}}\"; }}
environment dev default=#true {{ region us-east-1; {environment}\n}}
table Users hash=userId
task setup {{
    step validate-credentials
    for-each table {{ step create-table; step wait-active; step verify; }}
}}
task look {{ step list-tables; }}
"
    ))
}

/// A refusal in both of its forms: the text for people, and the code in the document.
#[track_caller]
fn expect_refusal(run: impl Fn() -> Run, code: &str, text: &str) {
    run().stdout("").stderr(text).status(1);
    let document = run().json(1);
    assert_eq!(document["error"]["code"], code, "{document:#}");
    assert_eq!(document["runId"], Value::Null);
}

fn keys(value: &Value) -> [String; 2] {
    [0, 1].map(|index| value[index].as_str().unwrap().to_owned())
}

const PREAMBLE: &str = r#"
import json, sys, time
import boto3
from botocore.config import Config
url, args = sys.argv[1], sys.argv[2:]
def client(service, key="test", secret="test", token=None):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key,
        aws_secret_access_key=secret, aws_session_token=token,
        config=Config(parameter_validation=False))
iam, sts, dynamodb = client("iam"), client("sts"), client("dynamodb")
def policy(actions, **more):
    statement = {"Effect": "Allow", "Action": actions, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
def tables(prefix):
    pages = dynamodb.get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(prefix)]
def user(name, document):
    try:
        iam.create_user(UserName=name)
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return [key["AccessKeyId"], key["SecretAccessKey"]]
"#;

const USER: &str = r#"
name, actions = args
print(json.dumps(user(name, policy(actions.split(), Resource="*"))))
"#;

const USER_WITH: &str = "print(json.dumps(user(*args)))\n";

const TABLES: &str = "print(json.dumps(tables(args[0])))\n";

const WIPE: &str = r#"
for name in tables(args[0]):
    dynamodb.delete_table(TableName=name)
print("null")
"#;
