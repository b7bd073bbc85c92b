//! Texts of a `step-kind` that name parameters.
//!
//! `{param.NAME}` stands for the text that a step gives, and is replaced before anything else in the
//! text is looked at: what a step gives may have placeholders itself.

/// The start of a name of a parameter between braces.
const START: &str = "{param.";

/// The names after `param.`, in the order in which they stand.
#[must_use]
pub fn param_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    visit(text, |_, name| names.extend(name));
    names
}

/// The text with each parameter replaced that `value` has something for.
#[must_use]
pub fn fill_params(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    visit(text, |literal, name| {
        filled.push_str(literal);
        if let Some(name) = name {
            filled.push_str(&value(name).unwrap_or_else(|| format!("{START}{name}}}")));
        }
    });
    filled
}

/// A text with its braces doubled, so that they stand for themselves.
#[must_use]
pub fn without_placeholders(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Calls `part` for each piece of text and the name of the parameter that follows it.
fn visit<'t>(text: &'t str, mut part: impl FnMut(&'t str, Option<&'t str>)) {
    let (mut begin, mut at) = (0, 0);
    while let Some(found) = text[at..].find('{') {
        at += found;
        let rest = &text[at..];
        let end = rest.find('}').filter(|_| rest.starts_with(START));
        if rest.starts_with("{{") {
            at += 2;
        } else if let Some(end) = end {
            part(&text[begin..at], Some(&rest[START.len()..end]));
            at += end + 1;
            begin = at;
        } else {
            at += 1;
        }
    }
    part(&text[begin..], None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_replaced_and_nothing_else_is() {
        let value = |name: &str| (name == "a").then(|| "{env}!".to_owned());
        let filled = fill_params("x{param.a}{table}{{param.a}}{param.b}{param.a", value);
        assert_eq!(filled, "x{env}!{table}{{param.a}}{param.b}{param.a");
        assert_eq!(param_names("{param.a}-{env}-{{param.c}}-{param.b}"), ["a", "b"]);
        assert_eq!(without_placeholders("a{b}"), "a{{b}}");
    }
}
