//! Credentials from the files of the home folder.

use super::{Auth, expect_refusal};

#[test]
fn a_profile_that_is_not_there() {
    let Some(auth) = Auth::find() else { return };
    let other = "[profile other]\nregion = us-east-1\n";
    let project = auth.project("no-profile", "profile osem-dev").home_file(".aws/config", other);
    let text = "\
✗ no credentials for environment `dev`
  said:  the credential provider was not enabled: profile `osem-dev` was not defined: could not \
                find source profile osem-dev referenced from the root profile
  cause: the profile `osem-dev` of environment `dev` gives none
  fix:   aws configure --profile osem-dev, or aws sso login --profile osem-dev
";
    // Keys in variables are those of somebody else: the declared profile is meant.
    let run = || project.osem("setup").keys("test", "test");
    expect_refusal(run, "AWS_CREDENTIALS_INVALID", text);
    auth.expect_no_table("no-profile");
}

#[test]
fn no_files_at_all() {
    let Some(auth) = Auth::find() else { return };
    let project = auth.project("no-files", "profile osem-dev");
    let document = project.osem("setup").keys("test", "test").json(1);
    assert_eq!(document["error"]["code"], "AWS_CREDENTIALS_INVALID");
    let cause = "the profile `osem-dev` of environment `dev` gives none";
    assert_eq!(document["error"]["details"]["cause"], cause);
    auth.expect_no_table("no-files");
}

#[test]
fn the_declared_profile_is_used_whatever_the_shell_holds() {
    let Some(auth) = Auth::find() else { return };
    auth.wipe("by-profile");
    let [key, secret] = auth.user("by-profile", &["dynamodb:*", "sts:*"]);
    let keys = format!("aws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
    let project = auth
        .project("by-profile", "profile osem-dev")
        .home_file(".aws/credentials", &format!("[osem-dev]\n{keys}"));
    let run = project.osem("setup").keys("AKIAIOSFODNN7EXAMPLE", "secret").env("AWS_PROFILE", "x");
    let who = "arn:aws:iam::000000000000:user/by-profile in account 000000000000";
    run.success().expect_stderr(who);
    assert_eq!(auth.tables("by-profile"), ["by-profile-dev-Users"]);
    auth.wipe("by-profile");
}
