//! `osem import`: live tables as the nodes that declare them. Reads only, but for `--out`.

use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use crate::cli::args::{GlobalArgs, ImportArgs, IndexArgs};
use crate::cli::import::{
    Chosen, Draft, LeftOut, MOST_BYTES, Named, Names, Proof, Proved, Target, choose, listed,
};
use crate::cli::reading::read_tables;
use crate::cli::session::{self, Choice, NO_TASK, Session};
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandError, CommandResult, exit, project};
use crate::config::{Config, Given};
use crate::model::Failure;
use crate::report::{Outline, count, document};
use crate::run::{self, RunContext};
use crate::step::{Registry, SeenTable};
use crate::syntax::write::one_line;
use crate::table::{Found, Home, declaration};

pub(super) async fn execute(
    args: &GlobalArgs,
    import: &ImportArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let indexes = IndexArgs::default();
    let choice = Choice::new(NO_TASK, &import.place, &indexes);
    let planned = session::plan(args, choice).await?;
    let registry = Registry::built_in();
    let given = import.place.variables.given(None)?;
    let config = project::load_with(args, &registry, &given)?;
    let target = import.out.as_ref().map(|file| Target::new(file, import.overwrite, &config));
    let target = target.transpose()?;
    let place = planned.place.clone();
    let session = session::connect(planned, true, Sink::new(terminal), terminal).await?;
    for warning in &session.connection.warnings {
        terminal.remark(&format!("! {warning}\n"));
    }
    let files = Files { args, registry: &registry, given: &given, config: &config, target };
    let imported = files.import(&session, import.prefix.as_deref(), terminal).await;
    let imported = imported.map_err(|error| error.at(&place))?;
    Ok(files.report(&session, &imported, terminal, started))
}

/// The files of the project, and the one that is to be written.
struct Files<'a> {
    args: &'a GlobalArgs,
    registry: &'a Registry,
    given: &'a Given,
    config: &'a Config,
    target: Option<Target>,
}

/// What came of an import.
struct Imported {
    tables: Vec<Proved>,
    left_out: Vec<LeftOut>,
    /// The whole text.
    text: String,
}

impl Files<'_> {
    async fn import(
        &self,
        session: &Session,
        prefix: Option<&str>,
        terminal: &Terminal,
    ) -> Result<Imported, CommandError> {
        let live = run::live_table_names(&session.context).await?;
        let Chosen { wanted, mut left_out, notes } = self.choose(session, prefix, &live)?;
        for note in notes {
            terminal.remark(&format!("! {note}\n"));
        }
        let mut drafts = Vec::new();
        for (named, seen) in look(&session.context, wanted, terminal).await? {
            if let Some(seen) = seen.filter(SeenTable::is_there) {
                drafts.push(self.draft(session, named, seen));
                continue;
            }
            let why = "it is being created or deleted: import it when it is there";
            terminal.remark(&format!("! {} is left out: {why}\n", named.name));
            left_out.push(LeftOut { table_name: named.name.to_string(), why: why.to_owned() });
        }
        let pinned = session.pinned();
        let proof = Proof {
            args: self.args,
            registry: self.registry,
            given: self.given,
            environment: &session.planned.environment.name.value,
            region: &session.planned.region,
            db_prefix: pinned.db_prefix.as_deref(),
            file: self.file(),
        };
        let tables = proof.prove(drafts)?;
        remark(&tables, terminal);
        let text = tables.iter().map(|table| table.text.as_str()).collect::<Vec<_>>().join("\n");
        if let Some(target) = self.target.as_ref().filter(|_| tables.iter().any(|t| t.is_declared))
        {
            target.write(&text, &policies(&tables))?;
        }
        Ok(Imported { tables, left_out, text })
    }

    fn choose(
        &self,
        session: &Session,
        prefix: Option<&str>,
        live: &[String],
    ) -> Result<Chosen, Failure> {
        let (planned, pinned) = (&session.planned, session.pinned());
        let declared = planned.plan.tables.iter().map(|spec| spec.name.to_string()).collect();
        let names = Names {
            config: self.config,
            environment: &planned.environment,
            region: &planned.region,
            db_prefix: pinned.db_prefix.as_deref(),
            declared: &declared,
            place: &session.where_to(),
        };
        choose(names, prefix, live)
    }

    /// The file that the text counts as.
    fn file(&self) -> PathBuf {
        let beside_root = || self.config.root.join("imported.kdl");
        self.target.as_ref().map_or_else(beside_root, |target| target.file().to_owned())
    }

    fn draft(&self, session: &Session, named: Named, seen: SeenTable) -> Draft {
        let environment = &session.planned.environment;
        let db_prefix = session.pinned().db_prefix;
        let inherited = self.config.inherited(
            environment,
            &session.planned.region,
            db_prefix.as_deref(),
            (&named.declared, &named.name),
        );
        let policy_file = format!("policies/{}.json", named.declared);
        let home = Home {
            declared: &named.declared,
            environment: &environment.name.value,
            inherited: &inherited,
            policy_file: self.target.is_some().then_some(policy_file.as_str()),
        };
        let found =
            Found { state: &seen.state, features: &seen.features, tags: seen.tags.as_ref() };
        let declaration = declaration(home, found);
        Draft { named, seen, declaration, policy_file }
    }

    /// Shows the text; gives the exit code.
    fn report(
        &self,
        session: &Session,
        imported: &Imported,
        terminal: &Terminal,
        started: Instant,
    ) -> u8 {
        let environment = &session.planned.environment.name.value;
        let declared = imported.tables.iter().filter(|table| table.is_declared).count();
        if terminal.json {
            let data = self.data(session, imported);
            let outline = Outline {
                command: "import",
                environment: Some(environment),
                region: Some(&session.planned.region),
                exit_code: exit::SUCCESS,
                duration: started.elapsed(),
                rehearsal: session.pinned().rehearsal,
                ..Outline::default()
            };
            terminal.result(&document(outline, data).to_text());
        } else if self.target.is_none() {
            terminal.result(&imported.text);
        }
        let tables = count(declared, "table");
        let last = match &self.target {
            _ if declared == 0 => format!("nothing to import from {environment}"),
            Some(target) => {
                let file = target.file();
                let how = self.how_to_include(file, &imported.tables);
                format!("{tables} of {environment} in {}; {how}", file.display())
            }
            None if imported.text.len() > MOST_BYTES => format!(
                "{tables} of {environment}; the text is too long for one file of a project (256 \
                 KiB): import fewer at once, each time with a PREFIX"
            ),
            None => format!("{tables} of {environment}; put the text into a file of the project"),
        };
        terminal.remark(&format!("{last}\n"));
        exit::SUCCESS
    }

    /// How the written file becomes part of the project, unless it is.
    fn how_to_include(&self, file: &Path, tables: &[Proved]) -> String {
        let first = tables.iter().find(|table| table.is_declared);
        let config = project::load_with(self.args, self.registry, self.given).ok();
        let is_part = config
            .zip(first)
            .is_some_and(|(config, first)| config.table(&first.named.declared).is_some());
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        match absolute.strip_prefix(&self.config.root) {
            _ if is_part => "it is part of the project".to_owned(),
            Ok(below) if !below.components().any(|part| part == Component::ParentDir) => {
                format!("add to osem.kdl: include \"{}\"", below.display())
            }
            _ => "move it into the project, and include it there".to_owned(),
        }
    }

    fn data(&self, session: &Session, imported: &Imported) -> Value {
        let file = self.target.as_ref().map(|target| target.file().display().to_string());
        let tables = imported.tables.iter().map(|table| {
            json!({
                "tableName": table.named.name,
                "name": table.named.declared,
                "kdl": table.is_declared.then_some(&table.text),
                "policyFile": table.policy.as_ref().map(|(file, _)| file),
                "notExpressed": table.not_expressed,
            })
        });
        json!({
            "endpoint": session.connection.endpoint,
            "file": file,
            "totalTables": imported.tables.len(),
            "tables": tables.collect::<Vec<_>>(),
            "leftOut": imported.left_out,
        })
    }
}

/// What a person should know beside the text.
fn remark(tables: &[Proved], terminal: &Terminal) {
    for table in tables {
        for what in &table.not_expressed {
            let said = if table.is_declared { "not said" } else { "not declared" };
            terminal.remark(&format!("! {}: {said}: {}\n", table.named.name, one_line(what)));
        }
    }
    let provisioned = tables.iter().filter(|table| table.is_provisioned);
    let provisioned: Vec<String> = provisioned.map(|table| table.named.declared.clone()).collect();
    if !provisioned.is_empty() {
        terminal.remark(&format!(
            "! capacity is written as it is now: {}; where something else changes it, add \
             managed=autoscaling\n",
            listed(&provisioned)
        ));
    }
}

/// Policies as they are written: people read them.
fn policies(tables: &[Proved]) -> Vec<(String, String)> {
    let policies = tables.iter().filter_map(|table| table.policy.clone());
    let pretty = |(file, text): (String, String)| {
        let document: Option<Value> = serde_json::from_str(&text).ok();
        (file, document.map_or(text, |document| format!("{document:#}\n")))
    };
    policies.map(pretty).collect()
}

/// Reads the tables, in order.
async fn look(
    context: &RunContext,
    wanted: Vec<Named>,
    terminal: &Terminal,
) -> Result<Vec<(Named, Option<SeenTable>)>, Failure> {
    let reads = wanted.into_iter().map(async |named| {
        let seen = run::live_table(context, &named.name).await?;
        Ok::<_, Failure>((named, seen))
    });
    read_tables(reads, terminal).await
}
