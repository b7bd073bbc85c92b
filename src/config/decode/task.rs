//! `task` and `for-each`.

use crate::model::{Block, Confirm, ForEachTable, OnFailure, Order, Task};
use crate::syntax::NodeReader;

use super::{step, table};

pub(super) fn task(reader: &mut NodeReader<'_>) -> Option<Task> {
    let name = reader.arg_as(|value| value.name("the name of `task`"))?;
    let description = reader
        .child("description")
        .and_then(|mut node| node.arg_as(|value| value.string("`description`")));
    let confirm = reader.child("confirm").and_then(|mut node| {
        node.arg_as(|value| value.word("`confirm`", &["yes-no", "type-environment"], &[]))
    });
    let confirm = confirm.map(|word| match word {
        "yes-no" => Confirm::YesNo,
        _ => Confirm::TypeEnvironment,
    });
    let allow_in = reader.child("allow-in").map(|mut node| table::names(&mut node));
    let on_failure = on_failure(reader);
    let mut body = Vec::new();
    for mut node in reader.children(&["step", "for-each"]) {
        body.push(match node.name() {
            "step" => Block::Step(Box::new(step::step(&mut node)?)),
            _ => Block::ForEachTable(for_each(&mut node)?),
        });
    }
    let description = description.map(|text| text.value.to_owned());
    Some(Task { name, description, allow_in, confirm, on_failure, body })
}

fn for_each(node: &mut NodeReader<'_>) -> Option<ForEachTable> {
    let span = node.head();
    node.arg_as(|value| value.word("the collection of `for-each`", &["table"], &["item"]))?;
    let tables = node.args_as(|value| value.name("the names of `for-each`"));
    let words = ["declared", "reverse"];
    let order = node.prop_as("order", |value| value.word("property `order`", &words, &[]));
    let order = if order == Some("reverse") { Order::Reverse } else { Order::Declared };
    let on_failure = on_failure(node);
    let mut steps = Vec::new();
    for mut step in node.children(&["step"]) {
        steps.push(step::step(&mut step)?);
    }
    Some(ForEachTable { span, tables, order, on_failure, steps })
}

/// The `on-failure` child.
pub(super) fn on_failure(reader: &mut NodeReader<'_>) -> Option<OnFailure> {
    let mut node = reader.child("on-failure")?;
    let words = ["stop", "keep-going"];
    let word = node.arg_as(|value| value.word("`on-failure`", &words, &["rollback"]))?;
    Some(if word == "stop" { OnFailure::Stop } else { OnFailure::KeepGoing })
}
