//! Whether a plugin is what the files say it is.

use crate::model::{Effect, KindDecl, ParamType};

use super::Description;

/// What a plugin says of itself that its `step-kind` does not.
#[must_use]
pub fn disagreement(kind: &KindDecl, described: &Description) -> Option<String> {
    if let Some(effect) = described.effect.filter(|effect| *effect > kind.effect) {
        let (does, says) = (word(effect), word(kind.effect));
        return Some(format!("its effect is `{does}`, and the step-kind says `{says}`"));
    }
    if described.idempotent == Some(false) && kind.idempotent {
        return Some("it is not idempotent, and the step-kind says that it is".to_owned());
    }
    let params = described.params.as_ref()?;
    for param in params {
        let name = &param.name;
        let Some(declared) = kind.param(name) else {
            if param.required {
                return Some(format!("it needs a parameter `{name}`, which the step-kind lacks"));
            }
            continue;
        };
        let ty = type_name(&declared.ty);
        if let Some(other) = param.ty.as_deref().filter(|other| *other != ty) {
            return Some(format!(
                "its parameter `{name}` is of type `{other}`, and the step-kind says `{ty}`"
            ));
        }
        if param.required && !declared.required && declared.default.is_none() {
            return Some(format!(
                "it needs a value for `{name}`, which the step-kind lets a step leave out"
            ));
        }
    }
    let unknown = kind.params.iter().find(|declared| {
        declared.name.value != crate::model::ParamDecl::TABLE
            && !params.iter().any(|param| param.name == declared.name.value)
    });
    unknown.map(|param| format!("it has no parameter `{}`", param.name.value))
}

const fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write => "write",
        Effect::Destroy => "destroy",
    }
}

const fn type_name(ty: &ParamType) -> &'static str {
    match ty {
        ParamType::Enum(_) => "enum",
        ParamType::Text => "string",
        ParamType::Int { .. } => "int",
        ParamType::Bool => "bool",
        ParamType::Duration { .. } => "duration",
        ParamType::Path => "path",
        ParamType::Table => "table",
    }
}
