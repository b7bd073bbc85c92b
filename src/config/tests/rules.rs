//! What a person is told about files that are well formed but make no sense.

use super::*;

const HEAD: &str = "osem 1\nproject x\n";
const DEV: &str = "osem 1\nproject x\nenvironment dev { allow-destroy; }\n";

macro_rules! tells {
    ($($name:ident: $head:ident + $text:expr => $told:expr;)*) => {
        $(#[test] fn $name() { assert_eq!(told(&format!("{}{}", $head, $text)), $told); })*
    };
}

tells! {
    variable_beside_a_secret: DEV + "var a env=X secret=#true\nvar b env=X\nvar c env=X secret=#true\nvar d env=Y" =>
        "`b` would show the secret `a`: both are read from X @5:11 `X` @4:11 `X` (the secret is read from it here) -> name another variable here, or declare it secret=#true\n";
    environment_of_emulator_and_service: HEAD + "environment a { emulator memory data=\"x\"; profile p; endpoint \"http://x\"; }" =>
        "`memory` and the property `data` exclude each other @3:33 `data=\"x\"` @3:26 `memory`\n`emulator` and `profile` exclude each other @3:43 `profile` @3:17 `emulator`\n`emulator` and `endpoint` exclude each other @3:54 `endpoint` @3:17 `emulator`\n";
    protected_default: HEAD + "environment a default=#true { account \"111111111111\"; protected; }" =>
        "a protected environment cannot be the default @3:13 `a` -> it is chosen by --env only: remove `default=#true`\n";
    tables_of_one_name: HEAD + "environment a-b\nenvironment a\ntable c hash=h { only-in a-b; }\ntable b-c hash=h { only-in a; }" =>
        "`a-b` and `a` could both mean the table `x-a-b-c` @4:13 `a` (this environment) @3:13 `a-b` (could be the same account and region as this one) -> put {env} into `table-name`, or declare different accounts or regions\n";
    table_names_of_one_place: HEAD + "environment a { region r; }\nenvironment b { account \"111111111111\"; }" => "";
    index_key_given_twice: DEV + "table T hash=a { gsi ind hash=b { hash c; }; }" =>
        "property `hash` and the child `hash` exclude each other @4:35 `hash` @4:26 `hash=b`\n";
    index_without_key: DEV + "table T hash=a { gsi ind range=b; }" =>
        "index `ind` needs a partition key @4:22 `ind` -> write: gsi ind hash=…\n";
    key_of_five_attributes: DEV + "table T hash=a { gsi ind { hash a b c d e; }; }" =>
        "`hash` takes at most 4 attributes @4:41 `e`\n";
    include_without_projection: DEV + "table T hash=a { gsi ind hash=b projection=all { include c; }; }" =>
        "`include` goes only with `projection=include` @4:50 `include` @4:33 `projection=all` -> write: projection=include\n";
    included_twice: DEV + "table T hash=a { gsi ind hash=b projection=include { include c c; }; }" =>
        "`c` is included twice @4:64 `c`\n";
    index_name_too_short: DEV + "table T hash=a { gsi x hash=b; }" =>
        "the index name `x` has 1 characters; the service takes 3 to 255 @4:22 `x`\n";
    index_without_capacity: DEV + "table T hash=a { billing provisioned read=1 write=1; gsi ind hash=b; lsi loc range=c; }" =>
        "index `ind` needs `provisioned` @4:58 `ind` (this index has no capacity) @4:18 `billing provisioned read=1 write=1` (its table is provisioned here) -> add a block: { provisioned read=5 write=5; }\ntable `T` needs a sort key to have an `lsi` @4:74 `loc` (this local index) @4:7 `T` (this table has only a partition key) -> add range=… to the table, or make it a `gsi`\n";
    capacity_on_demand: DEV + "table T hash=a { gsi ind hash=b { provisioned read=1 write=1; }; billing pay-per-request read=5; }" =>
        "on demand there is no capacity to set @4:90 `read=5` @4:74 `pay-per-request` -> write: billing provisioned read=… write=…\n";
    capacity_of_an_index_never_used: DEV + "table T hash=a { gsi ind hash=b { provisioned read=1 write=1; }; }" =>
        "index `ind` has `provisioned`, but its table is on demand @4:22 `ind` @4:7 `T` (provisioned in no environment) -> remove `provisioned`, or add: billing provisioned read=… write=…\n";
    bad_tag_value: DEV + "table T hash=a { tag Note \"a, b\"; tag Long \"{table}\"; }" =>
        "the value of tag `Note` contains ',', which the service does not take @4:27 `\"a, b\"`\n";
    unknown_table_in_a_chain: DEV + "table Users hash=a\ntask t { for-each table User Users Users { step verify; }; }" =>
        "unknown table `User` @5:25 `User` -> did you mean `Users`?\ntable `Users` is named twice @5:36 `Users` @5:30 `Users` (first here)\n";
    environment_step_in_a_chain: DEV + "task t { for-each table { step list-tables; }; step list-tables table=T id=l; }\ntable T hash=a" =>
        "step `list-tables` is about the whole environment @4:32 `list-tables` @4:10 `for-each table` (this runs it for each table) -> put it before or after the block\nstep `list-tables` takes no table @4:71 `T` -> remove `table=`\n";
    table_in_a_chain: DEV + "table T hash=a\ntask t { for-each table { step verify table=T; }; }" =>
        "the table comes from `for-each` here @5:45 `T` @5:10 `for-each table` -> remove `table=`\n";
    same_step_in_two_chains: DEV + "task t { for-each table { step verify; }; for-each table { step verify; }; }" =>
        "two steps of task `t` are called `verify` @4:65 `verify` (again here) @4:32 `verify` (first here) -> give one a name: id=verify-2\n";
    unknown_environments: DEV + "table T hash=a { only-in prod; in dve { tag a b; }; }" =>
        "unknown environment `prod` @4:26 `prod` -> known here: dev\nunknown environment `dve` @4:35 `dve` -> did you mean `dev`?\n";
    one_slip_does_not_hide_an_environment: HEAD + "environment dev { regoin r; }\ntask t { allow-in dev; step list-tables; }" =>
        "unknown node `regoin` @3:19 `regoin` (not known in `environment`) -> did you mean `region`?\n";
    newer_osem: HEAD + "osem 1 min=\"99.0.0\"" =>
        "no environment is declared @2:9 `x` -> add: environment dev\n`osem` is given twice @3:1 `osem` (given again here) @1:1 `osem` (first given here) -> remove one of the two\nthis file needs a newer osem than 0.1.0 @3:12 `\"99.0.0\"`\n";
    attempt_longer_than_the_step: DEV + "task t { step list-tables { timeout \"1m\" attempt=\"2m\"; retry 1 delay=\"30s\" max-delay=\"1s\"; }; }" =>
        "one attempt cannot take longer than all of them @4:29 `timeout \"1m\" attempt=\"2m\"`\n`max-delay` is shorter than the first delay @4:56 `retry 1 delay=\"30s\" max-delay=\"1s\"`\n";
    pool_of_nothing: DEV + "pool a 0" =>
        "the size of `pool` must be a whole number from 1 to 10000 @4:8 `0`\n";
    pools_of_one_name: DEV + "pool a 1\npool a 2" =>
        "pool `a` is declared twice @5:6 `a` (declared again here) @4:6 `a` (first declared here) -> rename one of the two, or remove it\n";
    pool_of_the_service: DEV + "pool control-plane 3\ntask t { step list-tables { pool control-plane; }; }" =>
        "`control-plane` is no pool: osem finds its limits and keeps to them @4:6 `control-plane` -> give it another name\n`control-plane` is no pool: osem finds its limits and keeps to them @5:34 `control-plane` -> remove it: every step is paced\n";
    unknown_pool: DEV + "pool indexes 1\ntask t { step list-tables { pool index; }; }" =>
        "unknown pool `index` @5:34 `index` -> did you mean `indexes`?\n";
    step_heavier_than_its_pool: DEV + "pool a 2\ntask t { step list-tables { pool a weight=3; }; }" =>
        "weight 3 is more than all of pool `a` @5:36 `weight=3` @4:6 `a` (its size is 2) -> make the step lighter or the pool larger\n";
    pool_of_defaults: DEV + "pool a 2\ndefaults { step { pool a; }; }" =>
        "unknown node `pool` @5:19 `pool` (not known in `defaults/step`) -> it may stand in the root file, an included file\n";
    role_and_account: HEAD + "environment a { account \"111111111111\"; assume-role \"arn:aws:iam::222222222222:role/x\"; }" =>
        "the role belongs to account 222222222222, not to 111111111111 @3:53 `\"arn:aws:iam::222222222222:role/x\"` (this role) @3:25 `\"111111111111\"` (the environment's account)\n";
}

#[test]
fn environments_apart_may_share_table_names() {
    let project = "osem 1\nproject x { table-name \"x-{table}\"; }\ntable T hash=a\n";
    for apart in [
        "environment a { region r; }\nenvironment b { region s; }",
        "environment a { account \"111111111111\"; }\nenvironment b { account \"222222222222\"; }",
        "environment a { emulator; }\nenvironment b",
        "environment a { endpoint \"http://a\"; }\nenvironment b",
        "environment a { endpoint \"http://a\"; }\nenvironment b { endpoint \"http://b\"; }",
    ] {
        assert_eq!(told(&format!("{project}{apart}")), "", "{apart}");
    }
    for together in [
        "environment a { endpoint \"http://a\"; }\nenvironment b { endpoint \"http://a/\"; }",
        "environment a { region r; }\nenvironment b",
    ] {
        let told = told(&format!("{project}{together}"));
        assert!(told.starts_with("`a` and `b` could both mean the table `x-T`"), "{told}");
    }
}

#[test]
fn an_unknown_region_may_be_the_other_environments() {
    let told = told(
        "osem 1\nproject x { table-name \"{region}-{table}\"; }\ntable T hash=a\n\
         environment a { region eu-west-1; }\nenvironment b",
    );
    assert!(told.starts_with("`a` and `b` could both mean the table `eu-west-1-T`"), "{told}");
}
