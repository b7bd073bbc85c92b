//! `task` and `for-each`.

use crate::model::{
    Block, Confirm, ForEachItem, ForEachTable, Link, OnFailure, Order, StepDecl, Task,
};
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
    let needs = reader.child("needs").map(|mut node| table::names(&mut node));
    let allow_in = reader.child("allow-in").map(|mut node| table::names(&mut node));
    let on_failure = on_failure(reader);
    let timeout = reader.child("timeout").and_then(|mut node| step::whole_timeout(&mut node));
    let mut body = Vec::new();
    for mut node in reader.children(&["step", "parallel", "for-each"]) {
        body.push(match node.name() {
            "for-each" => for_each(&mut node)?,
            _ => Block::Link(link(&mut node)?),
        });
    }
    let finally =
        reader.child("finally").map_or_else(|| Some(Vec::new()), |mut node| steps(&mut node));
    Some(Task {
        name,
        description: description.map(|text| text.value.to_owned()),
        needs: needs.unwrap_or_default(),
        allow_in,
        confirm,
        on_failure,
        timeout,
        body,
        finally: finally?,
    })
}

/// A `step` or a `parallel`.
fn link(node: &mut NodeReader<'_>) -> Option<Link> {
    Some(match node.name() {
        "step" => Link::Step(Box::new(step::step(node)?)),
        _ => Link::Parallel(steps(node)?),
    })
}

fn steps(node: &mut NodeReader<'_>) -> Option<Vec<StepDecl>> {
    let mut steps = Vec::new();
    for mut step in node.children(&["step"]) {
        steps.push(step::step(&mut step)?);
    }
    Some(steps)
}

fn for_each(node: &mut NodeReader<'_>) -> Option<Block> {
    let span = node.head();
    let words = ["table", "item"];
    let of = node.arg_as(|value| value.word("the collection of `for-each`", &words, &[]))?;
    let names = node.args_as(|value| value.name("the names of `for-each`"));
    let words = ["declared", "reverse"];
    let order = node.prop_as("order", |value| value.word("property `order`", &words, &[]));
    let order = if order == Some("reverse") { Order::Reverse } else { Order::Declared };
    let on_failure = on_failure(node);
    let serial = node.flag("serial").is_some_and(|flag| flag.value);
    let mut links = Vec::new();
    for mut child in node.children(&["step", "parallel"]) {
        links.push(link(&mut child)?);
    }
    Some(if of == "item" {
        Block::ForEachItem(ForEachItem { span, items: names, order, serial, on_failure, links })
    } else {
        Block::ForEachTable(ForEachTable { span, tables: names, order, serial, on_failure, links })
    })
}

/// The `on-failure` child.
pub(super) fn on_failure(reader: &mut NodeReader<'_>) -> Option<OnFailure> {
    let mut node = reader.child("on-failure")?;
    let words = ["stop", "keep-going", "rollback"];
    let word = node.arg_as(|value| value.word("`on-failure`", &words, &[]))?;
    Some(match word {
        "stop" => OnFailure::Stop,
        "keep-going" => OnFailure::KeepGoing,
        _ => OnFailure::Rollback,
    })
}
