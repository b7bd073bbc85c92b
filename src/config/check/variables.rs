//! Every variable that is named is declared, and no secret stands where it would be seen.

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{
    CommandForm, InputValue, KindCatalog, KindDecl, KindProgram, Placeholder, Scope, StepDecl,
    TableSettings, TagDecl, Task, Template, VariableDecl, fill_params,
};

pub(super) fn check(declared: &Declared, catalog: &KindCatalog, problems: &mut Vec<Diagnostic>) {
    let names = Names::of(declared);
    apart(&declared.variables, problems);
    if let Some(project) = &declared.project {
        let name = &project.table_name;
        names.seen(&name.value, name.span, problems);
    }
    let of_tables = declared.tables.iter().flat_map(|table| {
        let overrides = table.overrides.iter().map(|(_, settings)| settings);
        overrides.chain(std::iter::once(&table.settings))
    });
    let of_environments = declared.environments.iter().map(|environment| &environment.settings);
    let all = of_tables.chain(of_environments).chain(std::iter::once(&declared.defaults.table));
    for settings in all {
        names.tags(settings, problems);
    }
    for kind in &declared.kinds {
        names.kind(kind, problems);
    }
    for step in declared.tasks.iter().flat_map(Task::steps).flat_map(StepDecl::with_rollback) {
        let form = catalog.get(&step.kind.value).and_then(|kind| kind.command);
        names.step(step, form, problems);
    }
}

/// What a secret is read from, nothing else is read from: it would be shown there.
fn apart(declared: &[VariableDecl], problems: &mut Vec<Diagnostic>) {
    let sources = |secret: bool| {
        let variables = declared.iter().filter(move |variable| variable.secret == secret);
        variables.filter_map(|variable| Some((&variable.name.value, variable.env.as_ref()?)))
    };
    for (name, env) in sources(false) {
        let Some((secret, source)) = sources(true).find(|(_, it)| it.value == env.value) else {
            continue;
        };
        let message =
            format!("`{name}` would show the secret `{secret}`: both are read from {}", env.value);
        let problem = Diagnostic::error("osem::secret", message).label(env.span, "");
        let problem = problem.label(source.span, "the secret is read from it here");
        problems.push(problem.help("name another variable here, or declare it secret=#true"));
    }
}

/// The variables that may be named.
struct Names<'a> {
    declared: &'a [VariableDecl],
    known: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(declared: &'a Declared) -> Self {
        let usable = declared.variables.iter().map(|variable| variable.name.value.as_str());
        let unusable = declared.unusable.iter().filter(|(node, _)| node == "var");
        let known = usable.chain(unusable.map(|(_, name)| name.value.as_str())).collect();
        Self { declared: &declared.variables, known }
    }

    fn is_secret(&self, name: &str) -> bool {
        let mut declared = self.declared.iter();
        declared.any(|variable| variable.secret && variable.name.value == name)
    }

    fn tags(&self, settings: &TableSettings, problems: &mut Vec<Diagnostic>) {
        for tag in settings.tags.values() {
            if let TagDecl::Value(template) = &tag.value {
                self.seen(template, tag.span, problems);
            }
        }
    }

    fn step(&self, step: &StepDecl, form: Option<CommandForm>, problems: &mut Vec<Diagnostic>) {
        for input in step.inputs.values() {
            if let InputValue::Text(text) = &input.value {
                self.word(text, input.span, problems);
            }
        }
        for word in &step.command.words {
            if form == Some(CommandForm::Text) {
                self.shell(&word.value, word.span, problems);
            } else {
                self.word(&word.value, word.span, problems);
            }
        }
        self.env(&step.command.env, problems);
    }

    /// What the steps of a kind run. What is a parameter there is looked at where a step gives it.
    fn kind(&self, kind: &KindDecl, problems: &mut Vec<Diagnostic>) {
        let program = match &kind.program {
            KindProgram::Exec(words) => words.iter().collect(),
            KindProgram::Plugin(_) => Vec::new(),
        };
        for word in program.into_iter().chain(kind.undo.iter().flatten()) {
            self.word(&word.value, word.span, problems);
        }
        for default in kind.params.iter().filter_map(|param| param.default.as_ref()) {
            if let InputValue::Text(text) = &default.value {
                self.word(text, default.span, problems);
            }
        }
        self.env(&kind.env, problems);
    }

    fn word(&self, text: &str, span: Span, problems: &mut Vec<Diagnostic>) {
        if let Some(template) = parsed(text) {
            self.seen(&template, span, problems);
        }
    }

    /// The only place in which a secret may stand.
    fn env(&self, env: &[(Spanned<String>, Spanned<String>)], problems: &mut Vec<Diagnostic>) {
        for (_, value) in env {
            if let Some(template) = parsed(&value.value) {
                self.known(&template, value.span, problems);
            }
        }
    }

    /// A text of which everything is seen by others.
    fn seen(&self, template: &Template, span: Span, problems: &mut Vec<Diagnostic>) {
        self.known(template, span, problems);
        let secret = variables(template).find(|name| self.is_secret(name));
        problems.extend(secret.map(|name| self.told(name, span)));
    }

    /// The text of a shell, which is not filled: a secret is meant to be there all the same.
    fn shell(&self, text: &str, span: Span, problems: &mut Vec<Diagnostic>) {
        let mut declared = self.declared.iter().filter(|variable| variable.secret);
        let named =
            declared.find(|variable| text.contains(&format!("{{var.{}}}", variable.name.value)));
        problems.extend(named.map(|variable| self.told(&variable.name.value, span)));
    }

    fn known(&self, template: &Template, span: Span, problems: &mut Vec<Diagnostic>) {
        for name in variables(template).filter(|name| !self.known.contains(name)) {
            let problem =
                Diagnostic::error("osem::unknown-name", format!("unknown variable `{name}`"));
            let problem = problem.label(span, "");
            problems.push(match self.known.as_slice() {
                [] => problem.help(format!("declare it: var {name} \"…\"")),
                known => problem.suggest(name, known.iter().copied()),
            });
        }
    }

    /// The error for a secret in a place where others read it.
    fn told(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("`{{var.{name}}}` is secret, and this would be seen");
        let problem = Diagnostic::error("osem::secret", message).label(span, "");
        let declared = self.declared.iter().find(|variable| variable.name.value == name);
        let problem = match declared {
            Some(declared) => problem.label(declared.name.span, "declared secret here"),
            None => problem,
        };
        problem
            .help(format!("a command is given a secret as a variable: env NAME \"{{var.{name}}}\""))
    }
}

/// The template of a command, whatever its parameters are.
fn parsed(text: &str) -> Option<Template> {
    let text = fill_params(text, |_| Some(String::new()));
    Template::parse(&text, Scope::Command).ok()
}

/// The variables that a template names.
fn variables(template: &Template) -> impl Iterator<Item = &str> {
    template.placeholders().filter_map(|placeholder| match placeholder {
        Placeholder::Var(name) => Some(name.as_str()),
        _ => None,
    })
}
