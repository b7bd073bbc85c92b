//! What stops a command before its first call.

use crate::harness::{Fake, Project, serve};

#[test]
fn an_endpoint_that_was_left_in_the_shell_is_refused_for_prod() {
    let server = Fake::silent();
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_STS"] {
        let run = Project::new().osem("setup --env prod --confirm prod").keys("a", "b");
        let wanted = format!(
            "\
✗ the variable {name} sends calls for environment `prod` to http://127.0.0.1:[PORT]
  cause: environment `prod` names its account; an endpoint from outside the file is refused
  fix:   unset {name}, or say what you mean with --endpoint-url
"
        );
        run.env(name, server.url()).stdout("").stderr(wanted).status(65);
    }
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[test]
fn the_refusal_of_an_endpoint_is_typed() {
    let run = Project::new().osem("plan --env staging");
    let document = run.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").json(65);
    assert_eq!(document["error"]["code"], "CONFIG_INVALID");
    assert_eq!(document["error"]["details"]["origin"], "the variable AWS_ENDPOINT_URL");
    assert_eq!(document["error"]["details"]["endpoint"], "http://127.0.0.1:9");
}

#[test]
fn an_endpoint_that_was_left_in_the_shell_is_refused_for_the_emulator() {
    let run = Project::new().osem("setup").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let wanted = "\
✗ the variable AWS_ENDPOINT_URL sends calls for environment `local` to http://127.0.0.1:9
  cause: environment `local` names the emulator; an endpoint from outside the file is refused
  fix:   unset AWS_ENDPOINT_URL, or say what you mean with --endpoint-url
";
    run.stdout("").stderr(wanted).status(65);
}

#[test]
fn an_endpoint_of_the_profile_is_refused_for_an_account() {
    let server = Fake::silent();
    let profile = format!(
        "[profile osem-dev]\nregion = us-east-1\naws_access_key_id = a\n\
         aws_secret_access_key = b\nendpoint_url = {}\n",
        server.url()
    );
    let project = Project::new().home_file(".aws/config", &profile);
    let outcome = project.osem("setup --env dev").stdout("").status(65);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ the profile's endpoint_url sends calls for environment `dev` to http://127.0.0.1:[PORT]
      cause: environment `dev` names its account; an endpoint from outside the file is refused
      fix:   remove it from the profile, or say what you mean with --endpoint-url
    ");
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[test]
fn another_region_is_refused_and_force_accepts_it() {
    let project = Project::new();
    let wanted = "\
✗ environment `local` is in us-east-1, but --region says eu-west-1
  cause: tables would be created in a region where nobody looks for them
  fix:   use us-east-1, or pass --force if eu-west-1 is what you mean
";
    project.osem("setup --region eu-west-1").stdout("").stderr(wanted).status(1);
    let document = project.osem("setup --region eu-west-1").json(1);
    assert_eq!(document["error"]["code"], "AWS_REGION_MISMATCH");
    assert_eq!(document["error"]["details"]["expected"], "us-east-1");
    assert_eq!(document["error"]["details"]["found"], "eu-west-1");
    let forced = project.osem("setup --region eu-west-1 --force").json(0);
    assert_eq!(forced["region"], "eu-west-1");
}

#[test]
fn a_region_that_was_left_in_the_shell_is_refused_for_an_account() {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let outcome = Project::new().osem("setup --env prod --confirm prod").keys("a", "b");
        let outcome = outcome.env(name, "eu-west-1").stdout("").status(1);
        let wanted = format!(
            "\
✗ environment `prod` is in us-east-1, but variable {name} says eu-west-1
  cause: tables would be created in a region where nobody looks for them
  fix:   use us-east-1, or pass --force if eu-west-1 is what you mean
"
        );
        assert_eq!(outcome.stderr(), wanted);
    }
}

#[test]
fn a_region_in_the_shell_means_nothing_to_the_emulator() {
    Project::new().osem("setup").env("AWS_REGION", "eu-west-1").success();
}

#[test]
fn an_endpoint_that_is_no_address_is_a_usage_error() {
    for url in ["127.0.0.1:8000", "ftp://127.0.0.1", "http//127.0.0.1:8000"] {
        let run = Project::new().osem("setup --env dev --endpoint-url").args([url]);
        let wanted =
            format!("✗ `{url}` is not a URL\n  fix:   write it like http://127.0.0.1:8000\n");
        let outcome = run.stdout("").status(64);
        assert_eq!(outcome.raw_stderr, wanted);
    }
}

#[test]
fn a_write_in_prod_needs_the_environments_name() {
    let project = Project::new();
    let (_local, url) = serve(&project);
    let setup = |line: &str| project.osem(line).args(["--env", "prod", "--endpoint-url", &url]);
    let refused = "✗ this needs a confirmation, and there is no terminal\n  cause: nothing was \
                   changed\n  fix:   look at the plan above, then run again with --confirm prod\n";
    setup("setup").stdout("").status(77).expect_stderr(refused);
    setup("setup --yes").stdout("").status(77).expect_stderr(refused);
    setup("verify -q").stdout("").status(1);
    setup("setup --confirm prod").success();
    setup("setup").success();
}

#[test]
fn a_region_in_a_variable_of_ours_is_refused_by_its_name() {
    let run = Project::new().osem("setup").env("OSEM_REGION", "eu-west-1").stdout("");
    run.status(1).expect_stderr("OSEM_REGION says eu-west-1");
}
