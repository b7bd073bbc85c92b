//! Time to live: kept by the engine; changed at most once in half an hour.

use super::record::Kind;
use super::{Answer, Call, ControlPlane, errors, text, times};

impl ControlPlane {
    pub(super) fn update_time_to_live(&mut self, call: Call<'_>) -> Answer {
        let Call { engine, body, now } = call;
        let name = text(body, "TableName").to_owned();
        let cooldown = self.scale.time(times::TTL_COOLDOWN);
        let (_, table) = self.existing(call, &name)?;
        if table.under_way(Kind::Creating).is_some() {
            return Err(errors::in_use(format!("Table {name} is being created")));
        }
        if table.under_way(Kind::Deleting).is_some() {
            return Err(errors::being_deleted(&name));
        }
        let changed = table.history.time_to_live;
        let asked = &body["TimeToLiveSpecification"];
        let live = engine.call("DescribeTimeToLive", &serde_json::json!({ "TableName": name }))?;
        let live = &live["TimeToLiveDescription"];
        let enabled = live["TimeToLiveStatus"] == "ENABLED";
        match (enabled, asked["Enabled"].as_bool()) {
            (true, Some(true)) if live["AttributeName"] != asked["AttributeName"] => {
                return Err(errors::validation(format!(
                    "TimeToLive is active on a different AttributeName: current AttributeName is {}",
                    text(live, "AttributeName")
                )));
            }
            (true, Some(true)) => return Err(errors::validation("TimeToLive is already enabled")),
            (false, Some(false)) => {
                return Err(errors::validation("TimeToLive is already disabled"));
            }
            _ => {}
        }
        if changed.is_some_and(|changed| now < changed + cooldown) {
            return Err(errors::validation(
                "Time to live has been modified multiple times within a fixed interval",
            ));
        }
        let answer = engine.call("UpdateTimeToLive", body)?;
        self.record(&name).history.time_to_live = Some(now);
        self.touch(&name);
        Ok(answer)
    }

    pub(super) fn describe_time_to_live(&mut self, call: Call<'_>) -> Answer {
        let Call { engine, body, now } = call;
        let (_, table) = self.existing(call, text(body, "TableName"))?;
        match table.status(now) {
            status @ ("CREATING" | "DELETING") => Err(errors::validation(format!(
                "Cannot describe time to live while table is in {status} state"
            ))),
            _ => engine.call("DescribeTimeToLive", body),
        }
    }
}
