//! What stands in `environment`.

use super::{Context, FLAG, NodeSpec, Once, PropSpec, ValueType, arg, arg_optional, words};

const HERE: &[Context] = &[Context::Environment];

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("name", ValueType::Region)],
        doc: "The region. `--region` and `AWS_REGION` come before it; when they differ from it, \
            the run is refused unless forced.",
        default: "the profile's, then us-east-1",
        example: "region us-east-1",
        ..NodeSpec::new("region", HERE)
    },
    NodeSpec {
        args: &[arg("id", ValueType::Account)],
        doc: "The account that the credentials must belong to, checked before the first call.",
        example: "account \"033333333333\"",
        ..NodeSpec::new("account", HERE)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Text)],
        doc: "The profile to take credentials from.",
        default: "the SDK's chain",
        example: "profile osem-dev",
        ..NodeSpec::new("profile", HERE)
    },
    NodeSpec {
        args: &[arg("arn", ValueType::RoleArn)],
        props: &[
            PropSpec::new("external-id", ValueType::Text, "the external id of the trust policy"),
            PropSpec::new(
                "session-name",
                ValueType::Text,
                "the session's name in the account's logs",
            )
            .or("osem"),
            PropSpec::new(
                "duration",
                ValueType::Duration { min: 900, max: 43_200 },
                "how long the session lasts",
            )
            .or("the service's"),
        ],
        doc: "The role to assume with the credentials found.",
        example: "assume-role \"arn:aws:iam::033333333333:role/deployer\" session-name=osem",
        ..NodeSpec::new("assume-role", HERE)
    },
    NodeSpec {
        args: &[arg("url", ValueType::Url)],
        props: &[PropSpec::new("sts", ValueType::Url, "where STS calls go").or("the service")],
        doc: "A DynamoDB-compatible server instead of the service.",
        example: "endpoint \"http://127.0.0.1:8000\"",
        ..NodeSpec::new("endpoint", HERE)
    },
    NodeSpec {
        args: &[arg_optional("where", words(&["memory"]))],
        props: &[PropSpec::new(
            "data",
            ValueType::Path,
            "its database file; relative paths start \
            at the root file's folder",
        )
        .or("`.osem/ENVIRONMENT.db`")],
        inside: Some(Context::Emulator),
        doc: "The engine inside osem. `memory` keeps nothing. The block says how its control plane \
            behaves. Excludes `account`, `profile`, \
            `assume-role` and `endpoint`.",
        example: "emulator data=\".osem/local.db\"",
        ..NodeSpec::new("emulator", HERE)
    },
    NodeSpec {
        args: FLAG,
        doc: "Tables may be deleted and items overwritten here.",
        example: "allow-destroy",
        ..NodeSpec::new("allow-destroy", HERE)
    },
    NodeSpec {
        args: FLAG,
        doc: "Every write needs the environment's name typed. Excludes `allow-destroy` and \
            `emulator`; needs `account`.",
        example: "protected",
        ..NodeSpec::new("protected", HERE)
    },
    NodeSpec {
        inside: Some(Context::EnvironmentTable),
        doc: "Settings for every table here.",
        example: "table { billing pay-per-request; }",
        ..NodeSpec::new("table", HERE)
    },
    NodeSpec {
        args: &[arg("key", ValueType::Text), arg("value", ValueType::TagValue)],
        once: Once::PerArgument,
        doc: "A tag of every table here; `#false` takes it away.",
        example: "tag Stage \"{env}\"",
        ..NodeSpec::new("tag", HERE)
    },
];
