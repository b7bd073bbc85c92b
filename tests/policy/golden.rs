//! What is printed, exactly, and what is said beside it.

use serde_json::Value;

use crate::harness::Project;

/// Statements as `Sid: actions on resources`, the beginning of ARNs left out.
#[track_caller]
fn lines(line: &str) -> Vec<String> {
    let outcome = Project::new().osem(&format!("iam-policy {line}")).success();
    let policy: Value = serde_json::from_str(&outcome.stdout()).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        let texts = value.as_array().unwrap().iter();
        texts.map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let short = |arn: String| arn.rsplit(':').next().unwrap().replace("table/osem-dev-", "");
    let statements = policy["Statement"].as_array().unwrap().iter();
    let statements = statements.map(|statement| {
        let on: Vec<String> = texts(&statement["Resource"]).into_iter().map(short).collect();
        let sid = statement["Sid"].as_str().unwrap();
        format!("{sid}: {} on {}", texts(&statement["Action"]).join(" "), on.join(" "))
    });
    statements.collect()
}

const SETUP: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Account",
      "Effect": "Allow",
      "Action": [
        "sts:GetCallerIdentity"
      ],
      "Resource": [
        "*"
      ]
    },
    {
      "Sid": "Tables",
      "Effect": "Allow",
      "Action": [
        "dynamodb:CreateTable",
        "dynamodb:DescribeTable",
        "dynamodb:ListTagsOfResource",
        "dynamodb:TagResource",
        "dynamodb:UpdateTable"
      ],
      "Resource": [
        "arn:aws:dynamodb:us-east-1:111111111111:table/osem-dev-AssessmentPlans",
        "arn:aws:dynamodb:us-east-1:111111111111:table/osem-dev-AssessmentReports",
        "arn:aws:dynamodb:us-east-1:111111111111:table/osem-dev-Assessments",
        "arn:aws:dynamodb:us-east-1:111111111111:table/osem-dev-ConfigVersions",
        "arn:aws:dynamodb:us-east-1:111111111111:table/osem-dev-Teams",
        "arn:aws:dynamodb:us-east-1:111111111111:table/osem-dev-Users"
      ]
    }
  ]
}
"#;

#[test]
fn the_policy_of_setup_is_plain_json_on_stdout_and_remarks_are_not_in_it() {
    let remark = "! undoing a run takes more: osem iam-policy setup --env dev --rollback\n";
    let run = Project::new().osem("iam-policy setup --env dev");
    run.stdout(SETUP).stderr(remark).success();
    let quiet = Project::new().osem("iam-policy setup --env dev --quiet");
    quiet.stdout(SETUP).stderr("").success();
}

const TABLES: &str = "AssessmentPlans AssessmentReports Assessments ConfigVersions Teams Users";

#[test]
fn the_other_tasks_of_the_application_have_policies_of_their_own() {
    let account = "Account: sts:GetCallerIdentity on *";
    assert_eq!(
        lines("delete-tables --env dev"),
        [
            account.to_owned(),
            format!(
                "Tables: dynamodb:DeleteTable dynamodb:DescribeContinuousBackups \
                 dynamodb:DescribeTable dynamodb:ListTagsOfResource dynamodb:Scan on {TABLES}"
            ),
        ]
    );
    let indexed = "AssessmentPlans AssessmentPlans/index/* AssessmentReports \
                   AssessmentReports/index/* Assessments Assessments/index/* ConfigVersions \
                   ConfigVersions/index/* Teams Teams/index/* Users";
    assert_eq!(
        lines("seed --env dev"),
        [
            account.to_owned(),
            format!("Tables1: dynamodb:Query on {indexed}"),
            format!(
                "Tables2: dynamodb:CreateTable dynamodb:DescribeTable \
                 dynamodb:ListTagsOfResource dynamodb:PutItem dynamodb:TagResource \
                 dynamodb:UpdateTable on {TABLES}"
            ),
        ]
    );
    assert_eq!(
        lines("seed --env dev --rollback"),
        [format!(
            "Tables: dynamodb:DeleteItem dynamodb:DeleteTable dynamodb:GetItem dynamodb:Scan \
             dynamodb:UntagResource on {TABLES}"
        )]
    );
    assert_eq!(
        lines("list-tables --env dev"),
        [
            "Account: dynamodb:ListTables sts:GetCallerIdentity on *",
            "Tables: dynamodb:DescribeTable on *",
        ]
    );
}

#[test]
fn the_document_holds_both_policies_and_the_remarks() {
    let document = Project::new().osem("iam-policy setup --env prod").json(0);
    assert_eq!(document["command"], "iam-policy");
    assert_eq!(document["environment"], "prod");
    let data = &document["data"];
    assert_eq!((&data["account"], &data["task"]), (&"033333333333".into(), &"setup".into()));
    // Nothing is deleted in prod, whatever was made.
    assert_eq!(super::actions(&data["rollbackPolicy"]), ["dynamodb:UntagResource"]);
    assert_eq!(super::actions(&data["policy"]).len(), 6);
    let role = "it is for arn:aws:iam::033333333333:role/osem-deployer; who assumes that role \
                needs sts:AssumeRole on it";
    assert_eq!(data["notes"][0], role);
}

#[test]
fn nobody_is_asked() {
    let run = Project::new().osem("iam-policy setup --env prod").without_network();
    let Some(run) = run else { return };
    run.success();
}

#[test]
fn programs_that_nobody_knows_and_accounts_that_are_not_declared_are_told() {
    let project = Project::of(
        "osem 1\n\
         project tiny { table-name \"tiny-{env}-{table}\"; }\n\
         environment dev { region cn-north-1; }\n\
         table Users hash=userId\n\
         task fill { step exec \"/bin/true\" { credentials aws; }; step shell \"true\"; }\n",
    );
    let outcome = project.osem("iam-policy fill").success();
    outcome.expect_stderr("! environment `dev` declares no account: ARNs name any (`*`)\n");
    outcome.expect_stderr("! not in it: what the programs of exec ask for");
    let document = project.osem("iam-policy fill").json(0);
    assert_eq!(document["data"]["unknownSteps"], serde_json::json!(["exec"]));
}

#[test]
fn a_policy_that_iam_would_refuse_is_printed_with_what_to_do() {
    let tables: Vec<String> = (0..150).map(|n| format!("table Table{n} hash=id\n")).collect();
    let tables = tables.concat();
    let project = Project::of(format!(
        "osem 1\n\
         project large {{ table-name \"large-{{env}}-{{table}}\"; }}\n\
         environment dev {{ region us-east-1; account \"111111111111\"; }}\n\
         {tables}task setup {{ for-each table {{ step create-table; }}; }}\n"
    ));
    let outcome = project.osem("iam-policy").success();
    outcome.expect_stderr("characters, and a managed policy takes 6144: as an inline policy of a");
    outcome.expect_stderr("or --wildcard names all tables by their prefix; or split the task");
    let short = project.osem("iam-policy --wildcard").success();
    short.refuse_stderr("characters");
    short.expect_stderr("! it allows all tables whose names start with large-dev-, now and later");
}

#[test]
fn a_task_that_is_not_there_or_not_allowed_here_has_no_policy() {
    let project = Project::new();
    project.osem("iam-policy nothing").stdout("").status(64);
    project.osem("iam-policy delete-tables --env prod").stdout("").status(65);
    let document = project.osem("iam-policy delete-tables --env prod").json(65);
    assert_eq!(document["environment"], "prod");
}

#[test]
fn the_steps_that_undo_a_program_bring_the_actions_of_their_kinds() {
    let project = |iam: &str| {
        Project::of(format!(
            "osem 1\n\
             project tiny {{ table-name \"tiny-{{env}}-{{table}}\"; }}\n\
             environment dev {{ region us-east-1; account \"111111111111\"; }}\n\
             table Users hash=userId {{ gsi by-name hash=name; }}\n\
             step-kind unload {{ exec \"/bin/true\"; credentials aws; {iam} }}\n\
             task fill {{ for-each table {{\n\
                 step exec \"/bin/true\" {{ rollback {{ step unload; step shell \"true\"; }}; }}\n\
             }}; }}\n"
        ))
    };
    let known = project("iam \"dynamodb:Scan\" \"dynamodb:DeleteBackup\";");
    let document = known.osem("iam-policy fill").json(0);
    let data = &document["data"];
    assert_eq!(data["unknownSteps"], serde_json::json!([]));
    assert_eq!(super::actions(&data["policy"]), ["sts:GetCallerIdentity"]);
    let table = "arn:aws:dynamodb:us-east-1:111111111111:table/tiny-dev-Users";
    for (action, path) in [("Scan", ""), ("Scan", "/index/by-name"), ("DeleteBackup", "/backup/1")]
    {
        let (action, resource) = (format!("dynamodb:{action}"), format!("{table}{path}"));
        let rollback = &data["rollbackPolicy"];
        assert!(super::allows(rollback, &action, &resource), "{action} {resource}: {rollback:#}");
    }

    let unknown = project("").osem("iam-policy fill").json(0);
    assert_eq!(unknown["data"]["unknownSteps"], serde_json::json!(["exec[Users]"]));
}
