//! Every variable that is named is declared, and no secret stands where it would be seen.

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{
    CommandForm, InputValue, KindCatalog, KindDecl, KindProgram, KindSpec, ParamDecl, ParamType,
    Placeholder, Scope, StepDecl, TableSettings, TagDecl, Task, Template, VariableDecl,
    fill_params,
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
        names.step(step, catalog.get(&step.kind.value), problems);
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

    fn step(&self, step: &StepDecl, kind: Option<&KindSpec>, problems: &mut Vec<Diagnostic>) {
        let form = kind.and_then(|kind| kind.command);
        let declared = kind.and_then(|kind| kind.declared.as_deref());
        for (name, input) in &step.inputs {
            let param = declared.and_then(|kind| Some((kind, kind.param(name)?)));
            match (param, &input.value) {
                (Some(param), _) => self.param(param, input, problems),
                (None, InputValue::Text(text)) => self.word(text, input.span, problems),
                (None, _) => {}
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
        for param in &kind.params {
            if let Some(default) = &param.default {
                self.param((kind, param), default, problems);
            }
        }
        self.env(&kind.env, problems);
    }

    /// The value of a parameter: a secret one is for stdin alone, any other one is seen.
    fn param(
        &self,
        (kind, param): (&KindDecl, &ParamDecl),
        value: &Spanned<InputValue>,
        problems: &mut Vec<Diagnostic>,
    ) {
        let InputValue::Text(text) = &value.value else { return };
        let Some(template) = parsed(text) else { return };
        if param.secret {
            self.known(&template, value.span, problems);
            let mut named = variables(&template);
            if !named.any(|name| self.is_secret(name) || !self.known.contains(&name)) {
                problems.push(written(param, value.span));
            }
            return;
        }
        let before = problems.len();
        self.seen(&template, value.span, problems);
        if kind.is_plugin() && matches!(param.ty, ParamType::Text) {
            let told = problems[before..].iter_mut().filter(|told| told.code == "osem::secret");
            let name = &param.name.value;
            told.for_each(|told| {
                told.help = Some(format!(
                    "if the plugin reads it from stdin, say so in its step-kind: param {name} secret=#true"
                ));
            });
        }
    }

    fn word(&self, text: &str, span: Span, problems: &mut Vec<Diagnostic>) {
        if let Some(template) = parsed(text) {
            self.seen(&template, span, problems);
        }
    }

    /// Variables of a program, in which a secret may stand.
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

/// The error for a secret parameter whose value anybody can read in the file.
fn written(param: &ParamDecl, span: Span) -> Diagnostic {
    let name = &param.name.value;
    let message = format!("`{name}` is secret, and this names no secret variable");
    Diagnostic::error("osem::secret", message)
        .label(span, "everybody who has the file can read it")
        .label(param.name.span, "declared secret here")
        .help(format!(
            "declare it, var NAME env=VARIABLE secret=#true, and write: {name}=\"{{var.NAME}}\""
        ))
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
