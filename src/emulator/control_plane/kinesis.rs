//! Destinations in Kinesis data streams.

use serde_json::{Value, json};

use super::record::Switch;
use super::{Answer, ApiError, Call, ControlPlane, Millis, errors, text, times};

const PRECISION: &str = "ApproximateCreationDateTimePrecision";

impl ControlPlane {
    pub(super) fn enable_kinesis(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let name = self.with_destinations(call)?;
        let stream = text(body, "StreamArn").to_owned();
        let in_use = |switch: &Switch| switch.on || now < switch.until;
        if self.record(&name).kinesis.get(&stream).is_some_and(in_use) {
            return Err(invalid_state("enable"));
        }
        let configuration = &body["EnableKinesisStreamingConfiguration"];
        let precision = configuration[PRECISION].as_str().unwrap_or("MILLISECOND").to_owned();
        self.switch(&name, &stream, true, Some(precision), now);
        Ok(answer(&name, &stream, "ENABLING"))
    }

    pub(super) fn disable_kinesis(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let name = self.with_destinations(call)?;
        let stream = text(body, "StreamArn").to_owned();
        let idle = |switch: &Switch| !switch.on || now < switch.until;
        if self.record(&name).kinesis.get(&stream).is_none_or(idle) {
            return Err(invalid_state("disable"));
        }
        self.switch(&name, &stream, false, None, now);
        Ok(answer(&name, &stream, "DISABLING"))
    }

    pub(super) fn update_kinesis(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let name = self.with_destinations(call)?;
        let stream = text(body, "StreamArn").to_owned();
        let Some(asked) = body["UpdateKinesisStreamingConfiguration"][PRECISION].as_str() else {
            // The service's words are not known.
            return Err(errors::validation("Streaming destination cannot be updated with nothing"));
        };
        let takes = self.pick(&times::KINESIS, &name);
        let active = |switch: &&mut Switch| switch.on && now >= switch.until;
        let Some(switch) = self.record(&name).kinesis.get_mut(&stream).filter(active) else {
            return Err(invalid_state("update"));
        };
        if switch.mode.as_deref() == Some(asked) {
            // Only the start of the service's text is known.
            return Err(errors::validation("Precision is already set to the desired value"));
        }
        *switch = Switch {
            on: true,
            until: now.saturating_add(takes),
            mode: Some(asked.to_owned()),
            was_on: true,
        };
        self.touch(&name);
        Ok(answer(&name, &stream, "UPDATING"))
    }

    pub(super) fn describe_kinesis(&mut self, call: Call<'_>) -> Answer {
        let now = call.now;
        let name = self.with_destinations(call)?;
        let shown = |(stream, switch): (&String, &Switch)| {
            let mut shown =
                json!({ "StreamArn": stream, "DestinationStatus": switch.status(now, "ACTIVE") });
            if let Some(mode) = &switch.mode {
                shown[PRECISION] = mode.as_str().into();
            }
            shown
        };
        let destinations: Vec<Value> = self.record(&name).kinesis.iter().map(shown).collect();
        Ok(json!({ "TableName": name, "KinesisDataStreamDestinations": destinations }))
    }

    fn switch(&mut self, name: &str, stream: &str, on: bool, mode: Option<String>, now: Millis) {
        let takes = self.pick(&times::KINESIS, name);
        let table = self.record(name);
        table.changes += 1;
        let until = now.saturating_add(takes);
        table.kinesis.insert(stream.to_owned(), Switch { on, until, mode, was_on: false });
        self.touch(name);
    }

    fn with_destinations(&mut self, call: Call<'_>) -> Result<String, ApiError> {
        let name = text(call.body, "TableName").to_owned();
        let (_, table) = self.existing(call, &name)?;
        match table.status(call.now) {
            "CREATING" => Err(errors::being_created(&name)),
            "DELETING" => Err(errors::being_deleted(&name)),
            _ => Ok(name),
        }
    }
}

/// Only the start of the service's text is known.
fn invalid_state(verb: &str) -> ApiError {
    errors::validation(format!(
        "Table is not in a valid state to {verb} Kinesis Streaming Destination: \
         KinesisStreamingDestination must be {}",
        if verb == "enable" { "DISABLED" } else { "ACTIVE" }
    ))
}

fn answer(name: &str, stream: &str, status: &str) -> Value {
    json!({ "TableName": name, "StreamArn": stream, "DestinationStatus": status })
}
