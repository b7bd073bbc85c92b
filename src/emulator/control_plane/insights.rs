//! Contributor insights of a table or an index.

use serde_json::{Value, json};

use super::describe::index_entry;
use super::record::{Kind, Switch, Table};
use super::{Answer, ApiError, Call, ControlPlane, Millis, errors, text, times};

impl ControlPlane {
    pub(super) fn update_contributor_insights(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let on = match text(body, "ContributorInsightsAction") {
            "ENABLE" => true,
            "DISABLE" => false,
            other => {
                return Err(errors::validation(format!(
                    "1 validation error detected: Value '{other}' at 'contributorInsightsAction' \
                     failed to satisfy constraint: Member must satisfy enum value set: \
                     [ENABLE, DISABLE]"
                )));
            }
        };
        let (name, index) = self.watched(call)?;
        self.ready_for_insights(&name, &index, now)?;
        let takes = self.pick(&times::INSIGHTS, &name);
        let mode =
            body["ContributorInsightsMode"].as_str().unwrap_or("ACCESSED_AND_THROTTLED_KEYS");
        let switch = Switch {
            on,
            until: now.saturating_add(takes),
            mode: Some(mode.to_owned()),
            was_on: false,
        };
        let status = switch.status(now, "ENABLED");
        let table = self.record(&name);
        table.changes += 1;
        table.insights.insert(index.clone(), switch);
        self.touch(&name);
        Ok(answer(&name, &index, status, on.then_some(mode)))
    }

    pub(super) fn describe_contributor_insights(&mut self, call: Call<'_>) -> Answer {
        let now = call.now;
        let (name, index) = self.watched(call)?;
        let switch = self.record(&name).insights.get(&index);
        let status = switch.map_or("DISABLED", |switch| switch.status(now, "ENABLED"));
        let mode = switch.filter(|switch| switch.on).and_then(|switch| switch.mode.as_deref());
        Ok(answer(&name, &index, status, mode))
    }

    /// The table and the index (empty for none) that a request is about; both must be there.
    fn watched(&mut self, call: Call<'_>) -> Result<(String, String), ApiError> {
        let (name, index) = (text(call.body, "TableName"), text(call.body, "IndexName"));
        let (description, _) = self.existing(call, name)?;
        if !index.is_empty() && index_entry(&description, index).is_none() {
            return Err(errors::index_not_found(index, name));
        }
        Ok((name.to_owned(), index.to_owned()))
    }

    fn ready_for_insights(&mut self, name: &str, index: &str, now: Millis) -> Result<(), ApiError> {
        let table: &Table = self.record(name);
        let refused = |what: &str| {
            // Only the start of the service's text is known.
            let message = "Table or Index is not in a valid state to update Key Access Insights";
            Err(errors::validation(format!("{message}: {what} must be ACTIVE")))
        };
        if table.status(now) != "ACTIVE" {
            return refused("TableStatus");
        }
        let creating = |pending: &super::Pending| pending.kind == Kind::IndexCreating;
        if !index.is_empty() && table.index_change(index).is_some_and(creating) {
            return refused("IndexStatus");
        }
        Ok(())
    }
}

fn answer(name: &str, index: &str, status: &str, mode: Option<&str>) -> Value {
    let mut answer = json!({ "TableName": name, "ContributorInsightsStatus": status });
    if !index.is_empty() {
        answer["IndexName"] = index.into();
    }
    if let Some(mode) = mode {
        answer["ContributorInsightsMode"] = mode.into();
    }
    answer
}
