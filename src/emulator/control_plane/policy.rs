//! Resource-based policies: a write is read after a while; changed at most every 15 seconds.

use serde_json::{Value, json};

use super::arn::table_of_arn;
use super::record::{Delayed, Policy};
use super::{Answer, ApiError, Call, ControlPlane, Millis, errors, text, times};

/// The longest policy, in bytes: AWS, "Quotas in Amazon DynamoDB".
const LONGEST: usize = 20_480;

impl ControlPlane {
    pub(super) fn put_resource_policy(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let policy = versioned(text(body, "Policy"))?;
        let name = self.with_policy(call)?;
        let change = self.record(&name).changes;
        let policy = Policy::new(&policy, change);
        let revision = policy.revision.clone();
        self.write_policy(&name, body, Some(policy), now)?;
        Ok(json!({ "RevisionId": revision }))
    }

    pub(super) fn delete_resource_policy(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let name = self.with_policy(call)?;
        let policy = self.record(&name).policy.as_ref().and_then(|policy| policy.now.clone());
        let Some(policy) = policy else {
            return Err(errors::policy_not_found(text(body, "ResourceArn")));
        };
        self.write_policy(&name, body, None, now)?;
        Ok(json!({ "RevisionId": policy.revision }))
    }

    pub(super) fn get_resource_policy(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let name = self.with_policy(call)?;
        let seen = self.record(&name).policy.as_ref().and_then(|policy| policy.seen(now).clone());
        let policy = seen.ok_or_else(|| errors::policy_not_found(text(body, "ResourceArn")))?;
        Ok(json!({ "Policy": policy.text, "RevisionId": policy.revision }))
    }

    fn write_policy(
        &mut self,
        name: &str,
        body: &Value,
        policy: Option<Policy>,
        now: Millis,
    ) -> Result<(), ApiError> {
        let cooldown = self.scale.time(times::SETTING_COOLDOWN);
        let lock = self.pick(&times::POLICY_LOCK, name);
        let visible = self.pick(&times::POLICY_VISIBLE, name);
        let table = self.record(name);
        if let Some(changed) = table.history.policy
            && now < changed + cooldown
        {
            let what = format!("Resource-based policy for table {name}");
            return Err(errors::cooling_down(&what, changed + cooldown, "."));
        }
        let before = table.policy.as_ref().and_then(|policy| policy.now.clone());
        let found = before.as_ref().map_or("NO_POLICY", |policy| policy.revision.as_str());
        let expected = text(body, "ExpectedRevisionId");
        if !expected.is_empty() && expected != found {
            return Err(errors::policy_not_found(text(body, "ResourceArn")));
        }
        table.changes += 1;
        table.history.policy = Some(now);
        table.policy = Some(Delayed {
            now: policy,
            before,
            visible_at: now.saturating_add(visible),
            locked_until: now.saturating_add(lock),
        });
        self.touch(name);
        Ok(())
    }

    /// The name of the table whose policy a request is about.
    fn with_policy(&mut self, call: Call<'_>) -> Result<String, ApiError> {
        let arn = text(call.body, "ResourceArn");
        let name = table_of_arn(arn).map(str::to_owned).unwrap_or_default();
        if name.is_empty() || self.look_up(call, &name)?.is_none() {
            return Err(errors::arn_not_found(arn));
        }
        match self.record(&name).status(call.now) {
            "CREATING" => Err(errors::arn_not_found(arn)),
            "DELETING" => Err(errors::being_deleted(&name)),
            _ => Ok(name),
        }
    }
}

/// A policy as it is read back: one without a version has the oldest.
fn versioned(policy: &str) -> Result<String, ApiError> {
    let document = serde_json::from_str::<Value>(policy).ok().filter(|_| policy.len() <= LONGEST);
    let Some(Value::Object(mut fields)) = document else {
        // The service's words are not known.
        return Err(errors::validation("The resource-based policy is not valid"));
    };
    if fields.contains_key("Version") {
        return Ok(policy.to_owned());
    }
    fields.insert("Version".to_owned(), "2008-10-17".into());
    Ok(Value::Object(fields).to_string())
}
