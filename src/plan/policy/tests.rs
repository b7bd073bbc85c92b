use std::fs;
use std::path::Path;

use crate::config::{self, Config};
use crate::plan::{PlanOptions, build};
use crate::step::Registry;

use super::*;

const HEAD: &str = "\
osem 1
project app { table-name \"app-{env}-{table}\"; }
environment dev default=#true { region us-east-1; account \"111111111111\"; allow-destroy; }
";

fn load(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    fs::write(&file, text).unwrap();
    loaded(&file)
}

fn loaded(file: &Path) -> Config {
    let config = config::load(file, &Registry::built_in().catalog());
    config.unwrap_or_else(|found| {
        panic!("{}", found.render(crate::diagnostic::RenderStyle::default()))
    })
}

fn place(region: &str) -> PolicyPlace<'_> {
    PolicyPlace {
        region,
        account: None,
        table_prefix: "app-dev-",
        allow_destroy: true,
        wildcard: false,
    }
}

fn of(config: &Config, place: PolicyPlace<'_>) -> Policies {
    let (task, environment) = (&config.tasks[0], &config.environments[0]);
    let options = PlanOptions { region: place.region, ..PlanOptions::default() };
    let plan = build(config, &Registry::built_in(), task, environment, options).unwrap();
    policies(&plan, &config.kinds, place)
}

fn policies_of(task: &str, rest: &str) -> Policies {
    of(&load(&format!("{HEAD}{rest}\ntask t {{ {task} }}\n")), place("us-east-1"))
}

/// Statements as `Sid: actions on resources`, the beginning of ARNs left out.
fn lines(policy: &Policy) -> Vec<String> {
    let short = |arn: &String| arn.rsplit_once(':').map_or(arn.clone(), |(_, end)| end.to_owned());
    let line = |statement: &Statement| {
        let resources: Vec<String> = statement.resource.iter().map(short).collect();
        format!("{}: {} on {}", statement.sid, statement.action.join(" "), resources.join(" "))
    };
    policy.statement.iter().map(line).collect()
}

#[test]
fn actions_stand_together_when_their_resources_are_the_same_and_only_then() {
    let tables = "table A hash=id { ttl expires; }\ntable B hash=id";
    let found = policies_of("for-each table { step verify; }", tables);
    assert_eq!(
        lines(&found.run),
        [
            "Account: sts:GetCallerIdentity on *",
            "Tables1: dynamodb:DescribeTimeToLive on table/app-dev-A",
            "Tables2: dynamodb:DescribeTable on table/app-dev-A table/app-dev-B",
        ]
    );
    assert_eq!(found.rollback, None);
}

#[test]
fn what_undoing_takes_beyond_the_run_stands_apart() {
    let tables = "table A hash=id { tag Team x; }";
    let found = policies_of("for-each table { step create-table; step tag; }", tables);
    let undo = found.rollback.unwrap();
    let expected = "dynamodb:DeleteTable dynamodb:Scan dynamodb:UntagResource on table/app-dev-A";
    assert_eq!(lines(&undo), [format!("Tables: {expected}")]);
    let has = |action: &str| lines(&found.run).iter().any(|line| line.contains(action));
    assert!(has("dynamodb:TagResource") && !has("dynamodb:UntagResource"));
}

#[test]
fn regions_are_in_the_partition_that_their_names_say() {
    for (region, partition) in [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eusc-de-east-1", "aws-eusc"),
    ] {
        assert_eq!(arn::partition(region), partition, "{region}");
    }
}

#[test]
fn an_account_that_is_not_known_is_any() {
    let text =
        format!("{HEAD}table A hash=id\ntask t {{ for-each table {{ step wait-active; }}; }}");
    let config = load(&text);
    let resource = |place| of(&config, place).run.statement[1].resource[0].clone();
    assert_eq!(resource(place("cn-north-1")), "arn:aws-cn:dynamodb:cn-north-1:*:table/app-dev-A");
    let account = AccountId::parse("111111111111").unwrap();
    let known = PolicyPlace { account: Some(&account), ..place("us-east-1") };
    assert_eq!(resource(known), "arn:aws:dynamodb:us-east-1:111111111111:table/app-dev-A");
}

#[test]
fn a_wildcard_names_all_tables_by_their_prefix_and_is_shorter() {
    let tables: Vec<String> =
        (0..100).map(|n| format!("table T{n} hash=id {{ gsi by-g hash=g; }}\n")).collect();
    let tables = tables.concat();
    let text = format!("{HEAD}{tables}task t {{ for-each table {{ step update-table; }}; }}");
    let config = load(&text);
    let named = of(&config, place("us-east-1")).run;
    let all = of(&config, PolicyPlace { wildcard: true, ..place("us-east-1") }).run;
    assert!(named.characters() > 5_000 && all.characters() < 500, "{}", all.characters());
    assert_eq!(
        lines(&all)[1],
        "Tables: dynamodb:DescribeTable dynamodb:UpdateTable on table/app-dev-*"
    );
}

#[test]
fn listing_describes_whatever_is_named_like_the_declared_tables() {
    let found = policies_of("step list-tables; for-each table { step verify; }", "table A hash=id");
    assert_eq!(
        lines(&found.run),
        [
            "Account: dynamodb:ListTables sts:GetCallerIdentity on *",
            "Tables: dynamodb:DescribeTable on table/app-dev-*",
        ]
    );
}

#[test]
fn a_customers_key_is_used_only_through_the_service() {
    let key = "arn:aws:kms:us-east-1:111111111111:key/1";
    let tables = format!("table A hash=id {{ encryption kms key=\"{key}\"; }}");
    let found = policies_of("for-each table { step create-table; }", &tables);
    let keys = found.run.statement.iter().find(|statement| statement.sid == "Keys").unwrap();
    assert_eq!(keys.resource, [key]);
    let via = keys.condition.as_ref().unwrap()["StringLike"]["kms:ViaService"].clone();
    assert_eq!(via, "dynamodb.us-east-1.*");
    let actions = [
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ];
    assert_eq!(keys.action, actions);
    // The scan of a rollback decrypts too, which is allowed already.
    assert!(!found.rollback.unwrap().to_text().contains("kms:"));
}

#[test]
fn what_the_service_makes_for_itself_may_be_made_only_for_it() {
    let tables = "table A hash=id { contributor-insights; }";
    let found = policies_of("for-each table { step update-table; }", tables);
    let roles = found.run.statement.iter().find(|one| one.sid == "ServiceRoles").unwrap();
    assert_eq!(roles.action, ["iam:CreateServiceLinkedRole"]);
    assert!(roles.resource[0].starts_with("arn:aws:iam::*:role/aws-service-role/"));
    let service = roles.condition.as_ref().unwrap()["StringLike"]["iam:AWSServiceName"].clone();
    assert_eq!(service, "contributorinsights.dynamodb.amazonaws.com");
}

const KINDS: &str = "\
table A hash=id { gsi by-g hash=g; }
table B hash=id
step-kind look { exec \"/bin/true\"; credentials aws; param table type=table; iam \"dynamodb:Query\" \"dynamodb:ListTables\" \"s3:GetObject\" \"dynamodb:GetRecords\"; }
step-kind silent { exec \"/bin/true\"; credentials aws; }
";

#[test]
fn a_kind_of_the_files_asks_for_what_its_iam_says_on_its_table() {
    let found = policies_of("step look table=A", KINDS);
    assert_eq!(
        lines(&found.run),
        [
            "Account: dynamodb:ListTables s3:GetObject sts:GetCallerIdentity on *",
            "Tables1: dynamodb:Query on table/app-dev-A table/app-dev-A/index/*",
            "Tables2: dynamodb:GetRecords on table/app-dev-A/stream/*",
        ]
    );
    assert_eq!(found.unknown, Vec::<String>::new());
}

#[test]
fn a_kind_without_a_table_may_reach_all_of_the_environment() {
    let found = policies_of("step look", KINDS);
    let query = "dynamodb:Query on table/app-dev-A table/app-dev-A/index/* table/app-dev-B";
    assert_eq!(lines(&found.run)[1], format!("Tables1: {query}"));
}

#[test]
fn only_programs_that_get_credentials_and_say_nothing_are_unknown() {
    let task = "step silent; step exec \"/bin/true\"; step shell \"true\" { credentials aws; }";
    assert_eq!(policies_of(task, KINDS).unknown, ["silent", "shell"]);
}
