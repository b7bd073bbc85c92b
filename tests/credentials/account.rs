//! The account and the region that the environment declares.

use super::{Auth, ROOT, expect_refusal, project};
use crate::harness::Fake;

#[test]
fn credentials_of_another_account() {
    let Some(auth) = Auth::find() else { return };
    let url = &auth.url;
    let place = format!("account \"111111111111\"; endpoint \"{url}\" sts=\"{url}\"");
    let project = project("elsewhere", &place);
    let [key, secret] = ROOT;
    let text = "\
✗ environment `dev` is account 111111111111, but the credentials belong to 000000000000
  said:  GetCallerIdentity: arn:aws:iam::000000000000:root
  cause: another profile or another session is active in this shell
  fix:   use credentials of account 111111111111, for example AWS_PROFILE=…
";
    expect_refusal(|| project.osem("setup").keys(key, secret), "AWS_ACCOUNT_MISMATCH", text);
    let forced = project.osem("setup --force --yes --confirm dev").keys(key, secret);
    forced.status(1).expect_stderr("but the credentials belong to 000000000000");
    auth.expect_no_table("elsewhere");
}

#[test]
fn an_sts_of_another_account_stops_every_command_before_dynamodb_is_asked() {
    let (sts, dynamodb) = (Fake::sts("999999999999"), Fake::silent());
    let place =
        format!("account \"111111111111\"; endpoint \"{}\" sts=\"{}\"", dynamodb.url(), sts.url());
    let project = project("fake", &place);
    for line in ["setup", "plan", "run look", "setup --dry-run"] {
        let document = project.osem(line).keys("a", "b").json(1);
        assert_eq!(document["error"]["code"], "AWS_ACCOUNT_MISMATCH", "{line}");
        assert_eq!(document["error"]["details"]["expected"], "111111111111");
        assert_eq!(document["error"]["details"]["found"], "999999999999");
        let who = "arn:aws:iam::999999999999:user/somebody";
        assert_eq!(document["error"]["details"]["principal"], who);
    }
    assert_eq!(dynamodb.seen(), Vec::<String>::new());
    assert_eq!(sts.seen(), ["GetCallerIdentity"; 4]);
}

#[test]
fn another_region_is_refused_and_force_accepts_it() {
    let Some(auth) = Auth::find() else { return };
    let project = auth.project("regions", "");
    let [key, secret] = ROOT;
    let text = |origin: &str| {
        format!(
            "\
✗ environment `dev` is in us-east-1, but {origin} says eu-west-1
  cause: tables would be created in a region where nobody looks for them
  fix:   use us-east-1, or pass --force if eu-west-1 is what you mean
"
        )
    };
    let variable = || project.osem("setup").keys(key, secret).env("AWS_REGION", "eu-west-1");
    expect_refusal(variable, "AWS_REGION_MISMATCH", &text("variable AWS_REGION"));
    let flag = || project.osem("setup --region eu-west-1").keys(key, secret);
    expect_refusal(flag, "AWS_REGION_MISMATCH", &text("--region"));
    auth.expect_no_table("regions");

    let forced = project.osem("setup --force").keys(key, secret).env("AWS_REGION", "eu-west-1");
    assert_eq!(forced.json(0)["region"], "eu-west-1");
    auth.expect_no_table("regions");
    let found = auth.boto(
        "far = boto3.client('dynamodb', endpoint_url=url, region_name='eu-west-1', \
         aws_access_key_id='test', aws_secret_access_key='test')\n\
         names = [name for name in far.list_tables()['TableNames'] if name.startswith('regions')]\n\
         [far.delete_table(TableName=name) for name in names]\nprint(json.dumps(names))\n",
        &[],
    );
    assert_eq!(found, serde_json::json!(["regions-dev-Users"]));
}
