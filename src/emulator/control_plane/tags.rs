//! Tags: a write is seen after a while, and locks tags and table until then.

use serde_json::{Value, json};

use super::arn::table_of_arn;
use super::limits::Class;
use super::record::{Delayed, Kind, Table};
use super::{Answer, ApiError, ControlPlane, Engine, Millis, errors, text, times};

impl ControlPlane {
    pub(super) fn tag_resource(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Answer {
        self.write_tags(engine, "TagResource", body, now)
    }

    pub(super) fn untag_resource(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Answer {
        self.write_tags(engine, "UntagResource", body, now)
    }

    fn write_tags(
        &mut self,
        engine: &dyn Engine,
        operation: &str,
        body: &Value,
        now: Millis,
    ) -> Answer {
        let Some(name) = self.tagged(engine, body, now)? else {
            // Not an ARN of a table: the engine knows what is wrong with it.
            return engine.call(operation, body);
        };
        let table = self.record(&name);
        if table.tags.as_ref().is_some_and(|tags| now < tags.locked_until) {
            return Err(errors::tags_locked(&name));
        }
        if table.under_way(Kind::Deleting).is_some() {
            return Err(errors::in_use(format!("Table is being deleted: {name}")));
        }
        self.limits.check(Class::TagWrite, now)?;
        let before = all_tags(engine, text(body, "ResourceArn"))?;
        let answer = engine.call(operation, body)?;
        self.limits.take(Class::TagWrite);
        let after = all_tags(engine, text(body, "ResourceArn"))?;
        let lock = self.pick(&times::TAG_LOCK, &name);
        let visible = self.pick(&times::TAGS_VISIBLE, &name);
        let table = self.record(&name);
        table.changes += 1;
        table.tags = Some(Delayed {
            now: after,
            before,
            visible_at: now + visible,
            locked_until: now + lock,
        });
        self.touch(&name);
        Ok(answer)
    }

    pub(super) fn list_tags(&mut self, engine: &dyn Engine, body: &Value, now: Millis) -> Answer {
        let Some(name) = self.tagged(engine, body, now)? else {
            return engine.call("ListTagsOfResource", body);
        };
        self.limits.check(Class::TagRead, now)?;
        self.limits.take(Class::TagRead);
        // All at once: a table has at most 50, and a page holds as many.
        let seen = match &self.record(&name).tags {
            Some(tags) => tags.seen(now).clone(),
            None => all_tags(engine, text(body, "ResourceArn"))?,
        };
        Ok(json!({ "Tags": seen }))
    }

    /// The table that a request on tags is about; `None` where its ARN is not one of a table. A
    /// table that is being made has no tags yet.
    fn tagged(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Result<Option<String>, ApiError> {
        let arn = text(body, "ResourceArn");
        let Some(name) = table_of_arn(arn).map(str::to_owned) else { return Ok(None) };
        let creating = |table: &Table| table.under_way(Kind::Creating).is_some();
        match self.look_up(engine, &name, now)? {
            Some(_) if !creating(self.record(&name)) => Ok(Some(name)),
            _ => Err(errors::arn_not_found(arn)),
        }
    }
}

fn all_tags(engine: &dyn Engine, arn: &str) -> Result<Vec<Value>, ApiError> {
    let mut answer = engine.call("ListTagsOfResource", &json!({ "ResourceArn": arn }))?;
    Ok(answer["Tags"].as_array_mut().map(std::mem::take).unwrap_or_default())
}
