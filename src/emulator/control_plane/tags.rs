//! Tags: a write is seen after a while, and locks tags and table until then.

use serde_json::{Value, json};

use super::arn::table_of_arn;
use super::limits::Class;
use super::record::{Kind, OldTags, Table};
use super::{Answer, ApiError, Call, ControlPlane, Engine, errors, shape, text, times};

impl ControlPlane {
    pub(super) fn tag_resource(&mut self, call: Call<'_>) -> Answer {
        self.write_tags(call, "TagResource")
    }

    pub(super) fn untag_resource(&mut self, call: Call<'_>) -> Answer {
        self.write_tags(call, "UntagResource")
    }

    fn write_tags(&mut self, call: Call<'_>, operation: &str) -> Answer {
        let Call { engine, body, now } = call;
        let Some(name) = self.tagged(call)? else {
            // Not an ARN of a table: the engine knows what is wrong with it.
            return engine.call(operation, body);
        };
        let table = self.record(&name);
        if table.tags.as_ref().is_some_and(|tags| now < tags.locked_until) {
            return Err(errors::tags_locked(&name));
        }
        if table.under_way(Kind::Deleting).is_some() {
            return Err(errors::being_deleted(&name));
        }
        shape::tags(&body["Tags"])?;
        self.limits.check(Class::TagWrite, now)?;
        let before = self.seen_tags(call, &name)?;
        let answer = engine.call(operation, body)?;
        self.limits.take(Class::TagWrite);
        let lock = self.pick(&times::TAG_LOCK, &name);
        let visible = self.pick(&times::TAGS_VISIBLE, &name);
        let table = self.record(&name);
        table.changes += 1;
        table.tags = Some(OldTags {
            before,
            visible_at: now.saturating_add(visible),
            locked_until: now.saturating_add(lock),
        });
        self.touch(&name);
        Ok(answer)
    }

    pub(super) fn list_tags(&mut self, call: Call<'_>) -> Answer {
        let Call { engine, body, now } = call;
        let Some(name) = self.tagged(call)? else {
            return engine.call("ListTagsOfResource", body);
        };
        self.limits.check(Class::TagRead, now)?;
        self.limits.take(Class::TagRead);
        // All at once: a table has at most 50, and a page holds as many.
        Ok(json!({ "Tags": self.seen_tags(call, &name)? }))
    }

    /// The tags that a reader sees: the old ones until the last write is visible.
    fn seen_tags(&mut self, call: Call<'_>, name: &str) -> Result<Vec<Value>, ApiError> {
        match &self.record(name).tags {
            Some(tags) if call.now < tags.visible_at => Ok(tags.before.clone()),
            _ => all_tags(call.engine, text(call.body, "ResourceArn")),
        }
    }

    /// The table that a request on tags is about; `None` where its ARN is not one of a table. A
    /// table that is being made has no tags yet.
    fn tagged(&mut self, call: Call<'_>) -> Result<Option<String>, ApiError> {
        let arn = text(call.body, "ResourceArn");
        let Some(name) = table_of_arn(arn).map(str::to_owned) else {
            // What is not this account's is not there; what is no ARN the engine refuses.
            let is_arn = arn.starts_with("arn:aws:dynamodb:");
            return if is_arn { Err(errors::arn_not_found(arn)) } else { Ok(None) };
        };
        let creating = |table: &Table| table.under_way(Kind::Creating).is_some();
        match self.look_up(call, &name)? {
            Some(_) if !creating(self.record(&name)) => Ok(Some(name)),
            _ => Err(errors::arn_not_found(arn)),
        }
    }
}

fn all_tags(engine: &dyn Engine, arn: &str) -> Result<Vec<Value>, ApiError> {
    let mut answer = engine.call("ListTagsOfResource", &json!({ "ResourceArn": arn }))?;
    Ok(answer["Tags"].as_array_mut().map(std::mem::take).unwrap_or_default())
}
