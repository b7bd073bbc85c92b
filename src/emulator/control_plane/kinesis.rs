//! Destinations in Kinesis data streams.

use serde_json::{Value, json};

use super::record::Switch;
use super::{Answer, ApiError, ControlPlane, Engine, Millis, errors, text, times};

const PRECISION: &str = "ApproximateCreationDateTimePrecision";

impl ControlPlane {
    pub(super) fn enable_kinesis(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Answer {
        let name = self.with_destinations(engine, body, now)?;
        let stream = text(body, "StreamArn").to_owned();
        if self.record(&name).kinesis.get(&stream).is_some_and(|switch| switch.on) {
            return Err(invalid_state("enable"));
        }
        let configuration = &body["EnableKinesisStreamingConfiguration"];
        let precision = configuration[PRECISION].as_str().unwrap_or("MILLISECOND").to_owned();
        self.switch(&name, &stream, true, Some(precision), now);
        Ok(answer(&name, &stream, "ENABLING"))
    }

    pub(super) fn disable_kinesis(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Answer {
        let name = self.with_destinations(engine, body, now)?;
        let stream = text(body, "StreamArn").to_owned();
        let idle = |switch: &Switch| !switch.on || now < switch.until;
        if self.record(&name).kinesis.get(&stream).is_none_or(idle) {
            return Err(invalid_state("disable"));
        }
        self.switch(&name, &stream, false, None, now);
        Ok(answer(&name, &stream, "DISABLING"))
    }

    pub(super) fn update_kinesis(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Answer {
        let name = self.with_destinations(engine, body, now)?;
        let stream = text(body, "StreamArn").to_owned();
        let asked = body["UpdateKinesisStreamingConfiguration"][PRECISION].as_str();
        let active = |switch: &&mut Switch| switch.on && now >= switch.until;
        let Some(switch) = self.record(&name).kinesis.get_mut(&stream).filter(active) else {
            return Err(invalid_state("update"));
        };
        if switch.mode.as_deref() == asked {
            return Err(errors::validation("Precision is already set to the desired value"));
        }
        switch.mode = asked.map(str::to_owned);
        self.touch(&name);
        Ok(answer(&name, &stream, "UPDATING"))
    }

    pub(super) fn describe_kinesis(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Answer {
        let name = self.with_destinations(engine, body, now)?;
        let shown = |(stream, switch): (&String, &Switch)| {
            let mut shown =
                json!({ "StreamArn": stream, "DestinationStatus": status(switch, now) });
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
        table.kinesis.insert(stream.to_owned(), Switch { on, until: now + takes, mode });
        self.touch(name);
    }

    fn with_destinations(
        &mut self,
        engine: &dyn Engine,
        body: &Value,
        now: Millis,
    ) -> Result<String, ApiError> {
        let name = text(body, "TableName").to_owned();
        let (_, table) = self.existing(engine, &name, now)?;
        match table.status(now) {
            "CREATING" => Err(errors::in_use(format!("Table is being created: {name}"))),
            "DELETING" => Err(errors::in_use(format!("Table is being deleted: {name}"))),
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

fn status(switch: &Switch, now: Millis) -> &'static str {
    match (switch.on, now < switch.until) {
        (true, true) => "ENABLING",
        (true, false) => "ACTIVE",
        (false, true) => "DISABLING",
        (false, false) => "DISABLED",
    }
}

fn answer(name: &str, stream: &str, status: &str) -> Value {
    json!({ "TableName": name, "StreamArn": stream, "DestinationStatus": status })
}
