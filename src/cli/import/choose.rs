//! Which live tables are imported, and under which names.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::model::{Environment, ErrorCode, Failure, TableName};

use super::listed;

/// A live table with the name that it is declared under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Named {
    pub(in crate::cli) name: TableName,
    pub(in crate::cli) declared: String,
}

/// A table that is not imported.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct LeftOut {
    pub(in crate::cli) table_name: String,
    pub(in crate::cli) why: String,
}

/// What becomes of the live tables.
#[derive(Debug, Default)]
pub(in crate::cli) struct Chosen {
    /// To be imported.
    pub(in crate::cli) wanted: Vec<Named>,
    /// Not, though their names start as asked.
    pub(in crate::cli) left_out: Vec<LeftOut>,
    /// What a person should know of these, line by line.
    pub(in crate::cli) notes: Vec<String>,
}

/// The project, as far as names depend on it.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Names<'a> {
    pub(in crate::cli) config: &'a Config,
    pub(in crate::cli) environment: &'a Environment,
    pub(in crate::cli) region: &'a str,
    /// `OSEM_DB_PREFIX`.
    pub(in crate::cli) db_prefix: Option<&'a str>,
    /// The full names of the tables that the environment has in the files.
    pub(in crate::cli) declared: &'a BTreeSet<String>,
    /// Where the tables are, for people.
    pub(in crate::cli) place: &'a str,
}

/// Chooses among the live tables; `asked` is the PREFIX of the command line.
///
/// # Errors
/// `TABLE_NOT_FOUND` where no name starts so, `USAGE_INVALID` where the project can name none of
/// those that do.
pub(in crate::cli) fn choose(
    names: Names<'_>,
    asked: Option<&str>,
    live: &[String],
) -> Result<Chosen, Failure> {
    let Names { config, environment, region, db_prefix, declared, .. } = names;
    let own = config.table_prefix(environment, region, db_prefix);
    let prefix = asked.unwrap_or(&own);
    let (mut chosen, mut there, mut unnamed) = (Chosen::default(), Vec::new(), Vec::new());
    for name in live.iter().filter(|name| name.starts_with(prefix)) {
        let own = config.declared_name(environment, region, db_prefix, name);
        match (own, TableName::parse(name)) {
            (Some(_), _) if declared.contains(name) => there.push(name.clone()),
            (Some(own), _) if config.table(&own).is_some() => {
                let environment = &environment.name.value;
                let why = format!("table {own} is declared, but not for {environment}");
                chosen
                    .notes
                    .push(format!("{name} is left out: {why} (see its only-in, except-in)"));
                chosen.left_out.push(LeftOut { table_name: name.clone(), why });
            }
            (Some(declared), Ok(name)) => chosen.wanted.push(Named { name, declared }),
            // Without a PREFIX, the template says which tables are meant.
            (None, _) if asked.is_none() => {}
            _ => unnamed.push(name.clone()),
        }
    }
    if !there.is_empty() {
        chosen.notes.push(format!("left out, as declared already: {}", listed(&there)));
    }
    let is_empty = chosen.wanted.is_empty() && chosen.left_out.is_empty() && there.is_empty();
    if is_empty && unnamed.is_empty() {
        return Err(nothing_found(names, asked, prefix, live));
    }
    if is_empty {
        return Err(unnameable(names, prefix, &unnamed));
    }
    if !unnamed.is_empty() {
        let template = config.project.table_name.value.to_string();
        let count = unnamed.len();
        chosen.notes.push(format!(
            "left out, as `table-name \"{template}\"` gives {count} no name: {}; {}",
            listed(&unnamed),
            remedy(prefix),
        ));
    }
    let left_out =
        |why: &'static str| move |table_name| LeftOut { table_name, why: why.to_owned() };
    chosen.left_out.extend(there.into_iter().map(left_out("it is declared already")));
    chosen.left_out.extend(unnamed.into_iter().map(left_out("`table-name` gives it no name")));
    Ok(chosen)
}

/// How tables of another prefix come into a project.
fn remedy(prefix: &str) -> String {
    format!(
        "to declare them, run with OSEM_DB_PREFIX={prefix} (here and later), or use a project of \
         their own with: table-name \"{prefix}{{table}}\""
    )
}

fn unnameable(names: Names<'_>, prefix: &str, unnamed: &[String]) -> Failure {
    let template = &names.config.project.table_name.value;
    let message = format!("no table whose name starts with `{prefix}` has a name in this project");
    let cause = format!("found: {}; the project says: table-name \"{template}\"", listed(unnamed));
    Failure::new(ErrorCode::UsageInvalid, message).cause(cause).fix(remedy(prefix))
}

fn nothing_found(names: Names<'_>, asked: Option<&str>, prefix: &str, live: &[String]) -> Failure {
    let place = names.place;
    if live.is_empty() {
        let message = format!("there is no table in {place}");
        return Failure::new(ErrorCode::TableNotFound, message)
            .fix("name the environment and region that have the tables: --env, --region");
    }
    let message = match asked {
        None => {
            let template = &names.config.project.table_name.value;
            format!("no table in {place} is named by `table-name \"{template}\"`: `{prefix}…`")
        }
        Some(_) => format!("no table in {place} has a name that starts with `{prefix}`"),
    };
    Failure::new(ErrorCode::TableNotFound, message)
        .cause(format!("there: {}", listed(live)))
        .fix("name another environment, region or PREFIX: osem import --env ENV PREFIX")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::model::KindCatalog;

    fn config(template: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("osem.kdl");
        let text = format!(
            "osem 1\nproject shop {{ table-name \"{template}\"; }}\n\
             environment dev {{ region eu-west-1; }}\nenvironment prod {{ region us-east-1; }}\n\
             table Old hash=id\ntable Rare hash=id {{ only-in prod; }}\n"
        );
        std::fs::write(&file, text).unwrap();
        config::load(&file, &std::iter::empty().collect::<KindCatalog>()).unwrap()
    }

    fn chosen(template: &str, asked: Option<&str>, live: &[&str]) -> Result<Chosen, Failure> {
        let config = config(template);
        let environment = config.environment("dev").unwrap();
        let specs = config.tables_in(environment, "eu-west-1", None).unwrap();
        let declared = specs.iter().map(|spec| spec.name.to_string()).collect();
        let names = Names {
            config: &config,
            environment,
            region: "eu-west-1",
            db_prefix: None,
            declared: &declared,
            place: "eu-west-1",
        };
        let live: Vec<String> = live.iter().map(|name| (*name).to_owned()).collect();
        choose(names, asked, &live)
    }

    fn wanted(template: &str, asked: Option<&str>, live: &[&str]) -> Vec<String> {
        let chosen = chosen(template, asked, live).unwrap();
        chosen.wanted.iter().map(|one| format!("{} = {}", one.declared, one.name)).collect()
    }

    #[test]
    fn the_template_says_which_tables_are_meant_and_what_they_are_called() {
        let live = ["shop-dev-Orders", "shop-dev-Old", "shop-prod-Orders", "other"];
        assert_eq!(wanted("{project}-{env}-{table}", None, &live), ["Orders = shop-dev-Orders"]);
        let live = ["Orders-dev", "Orders-prod", "-dev"];
        assert_eq!(wanted("{table}-{env}", None, &live), ["Orders = Orders-dev", " = -dev"]);
        let live = ["a-x-a-b", "ab-x-ab", "abc-x-ab"];
        assert_eq!(wanted("{table}-x-{table}", None, &live), ["ab = ab-x-ab"]);
        assert_eq!(wanted("{table}", None, &["Orders", "Old"]), ["Orders = Orders"]);
    }

    #[test]
    fn a_prefix_narrows_the_choice_and_changes_no_name() {
        let live = ["shop-dev-Orders", "shop-dev-Users"];
        let template = "{project}-{env}-{table}";
        assert_eq!(wanted(template, Some("shop-dev-U"), &live), ["Users = shop-dev-Users"]);
        let mixed = chosen(template, Some("shop-"), &["shop-dev-Users", "shop-Legacy"]).unwrap();
        assert_eq!(mixed.wanted.len(), 1);
        assert_eq!(mixed.left_out[0].table_name, "shop-Legacy");
        assert!(mixed.notes[0].contains("OSEM_DB_PREFIX=shop-"), "{:?}", mixed.notes);
    }

    #[test]
    fn declared_tables_are_left_out_and_named() {
        let live = ["shop-dev-Old", "shop-dev-Rare"];
        let chosen = chosen("{project}-{env}-{table}", None, &live).unwrap();
        assert_eq!(chosen.wanted, []);
        assert_eq!(chosen.left_out.len(), 2);
        assert!(chosen.notes[0].contains("declared, but not for dev"), "{:?}", chosen.notes);
        assert!(chosen.notes[1].contains("shop-dev-Old"), "{:?}", chosen.notes);
    }

    #[test]
    fn what_finds_nothing_says_what_is_there() {
        let failed =
            |asked, live: &[&str]| chosen("{project}-{env}-{table}", asked, live).unwrap_err();
        assert_eq!(failed(None, &[]).message, "there is no table in eu-west-1");
        let wrong = failed(None, &["shop-prod-Orders"]);
        assert_eq!(wrong.code, ErrorCode::TableNotFound);
        assert!(wrong.cause.unwrap().contains("shop-prod-Orders"));
        assert_eq!(failed(Some("x"), &["shop-dev-A"]).code, ErrorCode::TableNotFound);
        assert_eq!(failed(Some("Leg"), &["Legacy"]).code, ErrorCode::UsageInvalid);
    }
}
