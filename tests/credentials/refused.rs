//! Credentials that are no good.

use std::thread;
use std::time::Duration;

use super::{Auth, ROOT, expect_refusal};

#[test]
fn no_credentials_at_all() {
    let Some(auth) = Auth::find() else { return };
    let project = auth.project("nobody", "");
    let outcome = project.osem("setup").stdout("").status(1);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ no credentials for environment `dev`
      said:  the credential provider was not enabled: no credentials found in chain. Attempted:
             Environment: the credential provider was not enabled: environment variable not set
             Profile: the credential provider was not enabled
             WebIdentityToken: the credential provider was not enabled: $AWS_WEB_IDENTITY_TOKEN_FILE was not set
             EcsContainer: the credential provider was not enabled: ECS provider not configured
             Ec2InstanceMetadata: the credential provider was not enabled: IMDS disabled by AWS_EC2_METADATA_DISABLED env var set to `true`
      cause: none in variables, files, SSO, container or instance role
      fix:   set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or: aws sso login
    ");
    let document = project.osem("setup").json(1);
    assert_eq!(document["error"]["code"], "AWS_CREDENTIALS_INVALID");
    auth.expect_no_table("nobody");
}

#[test]
fn an_access_key_that_does_not_exist() {
    let Some(auth) = Auth::find() else { return };
    let project = auth.project("unknown-key", "");
    let text = "\
✗ GetCallerIdentity: the credentials are refused
  said:  InvalidClientTokenId: The security token included in the request is invalid.
  cause: the access key does not exist, is inactive, or needs its session token
  fix:   check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or the profile
";
    let run = || project.osem("setup").keys("AKIAIOSFODNN7EXAMPLE", "secret");
    expect_refusal(run, "AWS_CREDENTIALS_INVALID", text);
    auth.expect_no_table("unknown-key");
}

#[test]
fn a_secret_that_is_not_the_keys() {
    let Some(auth) = Auth::find() else { return };
    let project = auth.project("wrong-secret", "");
    let [key, secret] = auth.user("wrong-secret", &["dynamodb:*", "sts:*"]);
    let wrong = format!("{secret}x");
    let text = "\
✗ GetCallerIdentity: the credentials are refused
  said:  SignatureDoesNotMatch: The request signature we calculated does not match the signature \
                you provided. Check your AWS Secret Access Key and signing method. Consult the \
                service documentation for details.
  cause: the secret key does not belong to the access key
  fix:   check AWS_SECRET_ACCESS_KEY or the profile
";
    expect_refusal(|| project.osem("setup").keys(&key, &wrong), "AWS_CREDENTIALS_INVALID", text);
    auth.expect_no_table("wrong-secret");
}

#[test]
fn a_session_that_has_expired() {
    let Some(auth) = Auth::find() else { return };
    let _alone = Auth::alone();
    let project = auth.project("expired", "");
    let session = auth.boto(SESSION, &[]);
    let part = |index: usize| session[index].as_str().unwrap().to_owned();
    let [key, secret, token] = [0, 1, 2].map(part);
    thread::sleep(Duration::from_secs(2));
    let text = "\
✗ GetCallerIdentity: the credentials are refused
  said:  ExpiredToken: The security token included in the request is expired
  cause: the session has expired
  fix:   sign in again (aws sso login, or renew the keys), then run again
";
    let run = || project.osem("setup").keys(&key, &secret).env("AWS_SESSION_TOKEN", &token);
    expect_refusal(run, "AWS_CREDENTIALS_INVALID", text);
    auth.expect_no_table("expired");
}

#[test]
fn a_session_that_lasts_is_accepted() {
    let Some(auth) = Auth::find() else { return };
    let _alone = Auth::alone();
    auth.wipe("session");
    let session = auth.boto(&SESSION.replace("DurationSeconds=1", "DurationSeconds=900"), &[]);
    let part = |index: usize| session[index].as_str().unwrap().to_owned();
    let [key, secret, token] = [0, 1, 2].map(part);
    let run = auth.project("session", "").osem("setup").keys(&key, &secret);
    run.env("AWS_SESSION_TOKEN", &token).success();
    assert_eq!(auth.tables("session"), ["session-dev-Users"]);
    auth.wipe("session");
}

#[test]
fn plans_and_reads_are_refused_alike() {
    let Some(auth) = Auth::find() else { return };
    let project = auth.project("reads", "");
    for line in ["plan", "run look", "setup --dry-run"] {
        let document = project.osem(line).keys("AKIAIOSFODNN7EXAMPLE", "secret").json(1);
        assert_eq!(document["error"]["code"], "AWS_CREDENTIALS_INVALID", "{line}");
    }
    let [key, secret] = ROOT;
    project.osem("plan").keys(key, secret).success();
    auth.expect_no_table("reads");
}

const SESSION: &str = r#"
made = sts.get_session_token(DurationSeconds=1)["Credentials"]
print(json.dumps([made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]]))
"#;
