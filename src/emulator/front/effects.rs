//! What the faults that meet a call do to it.

use std::time::Duration;

use super::super::control_plane::ApiError;
use super::super::faults::{self, Met};
use super::call::Call;
use super::{Cut, Setup, errors, sts};
use crate::model::Fault;

/// Everything that happens to one call. Delays add up; of the other faults the first that is
/// declared counts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Effects {
    /// What happens instead of the call.
    pub(super) instead: Option<Instead>,
    /// How much later the answer comes.
    pub(super) delay: Duration,
    /// What becomes of the answer.
    pub(super) ending: Ending,
    /// The fault's name.
    pub(super) name: Option<&'static str>,
}

/// What happens instead of a call: it is not applied.
#[derive(Debug, PartialEq)]
pub(super) enum Instead {
    Refuse(Refusal),
    Cut(Cut),
    Hang,
}

/// Why a call is refused.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    Throttled,
    Denied {
        /// The operation that leave is missing for; the call's own when absent.
        action: Option<String>,
    },
    Expired,
    Error {
        code: String,
        message: Option<String>,
    },
}

/// What becomes of the answer to a call that was applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ending {
    #[default]
    Answer,
    Lost,
    Garbage,
}

impl Effects {
    pub(super) fn of(met: Vec<Met>) -> Self {
        let mut effects = Self::default();
        for Met { fault, on } in met {
            let name = faults::name(&fault);
            if let Fault::Delay(delay) = fault {
                effects.delay += delay;
                effects.name.get_or_insert(name);
            } else if effects.instead.is_none() && effects.ending == Ending::Answer {
                effects.take(fault, on);
                effects.name = Some(name);
            }
        }
        effects
    }

    fn take(&mut self, fault: Fault, on: Option<String>) {
        let refusal = match fault {
            Fault::LoseResponse => return self.ending = Ending::Lost,
            Fault::Garbage => return self.ending = Ending::Garbage,
            Fault::Hang => return self.instead = Some(Instead::Hang),
            Fault::Reset => return self.instead = Some(Instead::Cut(Cut::Reset)),
            Fault::Delay(_) => return,
            Fault::Throttle => Refusal::Throttled,
            Fault::Deny => Refusal::Denied { action: on },
            Fault::ExpireCredentials(_) => Refusal::Expired,
            Fault::Error { code, message } => Refusal::Error { code, message },
        };
        self.instead = Some(Instead::Refuse(refusal));
    }
}

impl Refusal {
    /// The error in the service's words.
    pub(super) fn error(&self, call: &Call, setup: &Setup) -> ApiError {
        match self {
            Self::Throttled => errors::throttled(call),
            Self::Denied { action } => {
                let action = action.as_deref().unwrap_or(&call.operation);
                let account = setup.simulation.account.as_str();
                let caller = sts::caller(call, account);
                errors::denied(call, action, &caller.arn, &setup.region, account)
            }
            Self::Expired => errors::usual("ExpiredTokenException"),
            Self::Error { code, message } => {
                let usual = || errors::usual_message(code);
                errors::named(code, message.as_deref().unwrap_or_else(usual))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_add_up_and_the_first_other_fault_counts() {
        let second = Duration::from_secs(1);
        let met = [Fault::Delay(second), Fault::LoseResponse, Fault::Reset, Fault::Delay(second)];
        let effects = Effects::of(met.map(|fault| Met { fault, on: None }).into());
        assert_eq!(effects.delay, second * 2);
        assert_eq!(effects.ending, Ending::Lost);
        assert_eq!(effects.instead, None);
        assert_eq!(effects.name, Some("lose-response"));
    }
}
