//! Roles that are assumed.

use super::{Auth, ROOT};

const ROLE: &str = r#"
name, principal = args
trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})
try:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
except iam.exceptions.EntityAlreadyExistsException:
    pass
iam.put_role_policy(RoleName=name, PolicyName="p",
    PolicyDocument=policy(["dynamodb:*"], Resource="*"))
print("null")
"#;

fn assume(name: &str) -> String {
    format!("assume-role \"arn:aws:iam::000000000000:role/{name}\" session-name=roll-out")
}

#[test]
fn a_role_is_assumed_and_does_the_work() {
    let Some(auth) = Auth::find() else { return };
    let _alone = Auth::alone();
    auth.boto(ROLE, &["deployer", "arn:aws:iam::000000000000:root"]);
    auth.wipe("by-role");
    let project = auth.project("by-role", &assume("deployer"));
    let [key, secret] = ROOT;
    let outcome = project.osem("setup").keys(key, secret).success();
    outcome.expect_stderr(
        "arn:aws:sts::000000000000:assumed-role/deployer/roll-out in account 000000000000",
    );
    assert_eq!(auth.tables("by-role"), ["by-role-dev-Users"]);
    auth.wipe("by-role");
}

#[test]
fn a_role_that_may_not_be_assumed_is_named() {
    let Some(auth) = Auth::find() else { return };
    auth.boto(ROLE, &["guarded", "arn:aws:iam::999999999999:root"]);
    let [key, secret] = auth.user("no-role", &["dynamodb:*"]);
    let project = auth.project("no-role", &assume("guarded"));
    let outcome = project.osem("setup").keys(&key, &secret).stdout("").status(1);
    outcome.expect_stderr("✗ AssumeRole arn:aws:iam::000000000000:role/guarded: not allowed\n");
    outcome.expect_stderr("  cause: sts:AssumeRole is denied because no identity-based policy");
    let document = project.osem("setup").keys(&key, &secret).json(1);
    assert_eq!(document["error"]["code"], "AWS_PERMISSIONS_DENIED");
    let principal = &document["error"]["details"]["principal"];
    assert_eq!(principal, "arn:aws:iam::000000000000:user/no-role");
    auth.expect_no_table("no-role");
}

#[test]
fn a_role_without_anybody_to_assume_it_is_refused() {
    let Some(auth) = Auth::find() else { return };
    let project = auth.project("nobodys-role", &assume("deployer"));
    let document = project.osem("setup").json(1);
    assert_eq!(document["error"]["code"], "AWS_CREDENTIALS_INVALID");
    auth.expect_no_table("nobodys-role");
}
