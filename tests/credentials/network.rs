//! Servers that are not there, or as good as not there.

use super::{Auth, ROOT, expect_refusal, project};
use crate::harness::{Answer, Fake, unused_port};

/// An address where nothing listens.
fn nowhere() -> String {
    format!("http://127.0.0.1:{}", unused_port())
}

const REFUSED: &str = "\
✗ ListTables: no answer
  said:  dispatch failure: io error: client error (Connect): tcp connect error: Connection refused \
                       (os error 111)
  cause: nothing listens at the endpoint, or the network does not reach it
  fix:   check the endpoint and the network, then run again
";

#[test]
fn a_server_that_does_not_listen() {
    let url = nowhere();
    let project = project("nowhere", "allow-destroy");
    let run = || project.osem("setup --endpoint-url").args([&url]);
    expect_refusal(run, "NETWORK_ERROR", REFUSED);
}

#[test]
fn a_declared_server_that_does_not_listen() {
    let project = project("nowhere", &format!("endpoint \"{}\"", nowhere()));
    expect_refusal(|| project.osem("setup").keys("a", "b"), "NETWORK_ERROR", REFUSED);
}

#[test]
fn an_sts_that_does_not_listen_while_an_account_is_declared() {
    let (dynamodb, sts) = (Fake::silent(), nowhere());
    let place = format!("account \"111111111111\"; endpoint \"{}\" sts=\"{sts}\"", dynamodb.url());
    let project = project("no-sts", &place);
    let text = "\
✗ STS does not say whose credentials these are, so `dev` is not touched
  said:  dispatch failure: io error: client error (Connect): tcp connect error: Connection refused \
                (os error 111)
  cause: environment declares an account, and only STS can confirm it
  fix:   check that STS can be reached from here, then run again
";
    expect_refusal(|| project.osem("setup").keys("a", "b"), "NETWORK_ERROR", text);
    assert_eq!(dynamodb.seen(), Vec::<String>::new());
}

#[test]
fn an_sts_that_is_silent_while_an_account_is_declared() {
    let Some(auth) = Auth::find() else { return };
    let sts = Fake::silent();
    let place =
        format!("account \"000000000000\"; endpoint \"{}\" sts=\"{}\"", auth.url, sts.url());
    let [key, secret] = ROOT;
    let document = project("silent", &place).osem("setup").keys(key, secret).json(1);
    assert_eq!(document["error"]["code"], "NETWORK_ERROR");
    let message = "STS does not say whose credentials these are, so `dev` is not touched";
    assert_eq!(document["error"]["message"], message);
    auth.expect_no_table("silent");
}

#[test]
fn an_sts_that_hangs_up_or_talks_nonsense_while_an_account_is_declared() {
    for answer in [
        || Answer::Hangup,
        || Answer::Xml(200, "<html>gateway".to_owned()),
        || Answer::Xml(200, "<GetCallerIdentityResponse/>".to_owned()),
        || Answer::Xml(502, "<html>bad gateway</html>".to_owned()),
        || Answer::Json(200, "{}".to_owned()),
    ] {
        let (dynamodb, sts) = (Fake::silent(), Fake::start(move |_| answer()));
        let place = format!(
            "account \"111111111111\"; endpoint \"{}\" sts=\"{}\"",
            dynamodb.url(),
            sts.url()
        );
        let document = project("odd", &place).osem("setup").keys("a", "b").json(1);
        assert_eq!(document["error"]["code"], "NETWORK_ERROR", "{document:#}");
        assert_eq!(dynamodb.seen(), Vec::<String>::new());
    }
}

#[test]
fn a_server_that_is_no_dynamodb() {
    let server = Fake::start(|_| Answer::Xml(200, "<html>hello</html>".to_owned()));
    let run = project("html", "allow-destroy").osem("setup --endpoint-url").args([server.url()]);
    let document = run.json(1);
    assert_eq!(document["success"], false);
    assert!(!server.seen().contains(&"CreateTable".to_owned()), "{:?}", server.seen());
}

#[test]
fn an_sts_that_is_silent_while_a_role_is_to_be_assumed() {
    let (dynamodb, sts) = (Fake::silent(), Fake::silent());
    let role = "assume-role \"arn:aws:iam::111111111111:role/deployer\"";
    let place = format!(
        "account \"111111111111\"; endpoint \"{}\" sts=\"{}\"; {role}",
        dynamodb.url(),
        sts.url()
    );
    let document = project("role", &place).osem("setup").keys("a", "b").json(1);
    assert_eq!(document["error"]["code"], "NETWORK_ERROR");
    assert_eq!(dynamodb.seen(), Vec::<String>::new());
}

#[test]
fn a_role_that_nobody_has_keys_to_assume_is_no_fault_of_the_network() {
    let role = "account \"111111111111\"; assume-role \"arn:aws:iam::111111111111:role/deployer\"";
    let osem = project("no-keys", role).osem("setup");
    let osem = osem.env("AWS_EC2_METADATA_DISABLED", "false");
    let metadata = Fake::start(|_| Answer::Json(403, "{}".to_owned()));
    let outcome = osem.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url()).status(1);
    outcome.expect_stderr("✗ no credentials for environment `dev`");
    outcome.expect_stderr("  fix:   check the credentials that assume it");
}
