//! Which failures a step is tried again after, where a file says so itself.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ErrorCode, Failure, FailureClass};

/// A class of failure that `on` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// The service limits the rate of calls, or the number of operations at once.
    Throttling,
    /// No answer, or it was lost.
    Network,
    /// An attempt took longer than its own time.
    Timeout,
    /// The service failed (5xx), or gave no answer that can be read.
    ServerError,
    /// Another change of the table has to end first.
    ResourceInUse,
    /// What was just made is not shown yet.
    NotFound,
    /// Whatever is tried again where no `on` is written.
    Transient,
}

impl RetryClass {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Throttling,
        Self::Network,
        Self::Timeout,
        Self::ServerError,
        Self::ResourceInUse,
        Self::NotFound,
        Self::Transient,
    ];
    /// How they are written, in the same order.
    pub const WORDS: &'static [&'static str] = &[
        "throttling",
        "network",
        "timeout",
        "server-error",
        "resource-in-use",
        "not-found",
        "transient",
    ];

    /// The class of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|known| *known == word)?;
        Some(Self::ALL[position])
    }

    /// How it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// Whether a failure is of this class.
    #[must_use]
    pub fn covers(self, failure: &Failure) -> bool {
        let passes = failure.class != FailureClass::Permanent;
        match self {
            Self::Throttling => failure.class == FailureClass::Throttled,
            Self::Network => passes && failure.code == ErrorCode::NetworkError,
            Self::Timeout => failure.code == ErrorCode::StepTimedOut,
            Self::ServerError => passes && failure.code == ErrorCode::UnknownError,
            Self::ResourceInUse => failure.class == FailureClass::Wait,
            Self::NotFound => passes && failure.code == ErrorCode::TableNotFound,
            // What timed out says nothing about the next attempt.
            Self::Transient => passes || failure.code == ErrorCode::StepTimedOut,
        }
    }
}

/// One thing that `on` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryCause {
    /// A class.
    Class(RetryClass),
    /// A program that ends by itself with this exit code.
    ExitCode(u8),
}

impl fmt::Display for RetryCause {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => f.write_str(class.word()),
            Self::ExitCode(code) => write!(f, "{EXIT_CODE}{code}"),
        }
    }
}

/// All that `on` names in one `retry`. A record has it as the words of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct RetryOn {
    /// One bit a class.
    classes: u8,
    /// One bit an exit code.
    exit_codes: [u64; 4],
}

impl RetryOn {
    /// Whether another try may follow a failure.
    #[must_use]
    pub fn covers(&self, failure: &Failure) -> bool {
        let of_class =
            |class: &RetryClass| self.classes & bit(*class) != 0 && class.covers(failure);
        self.names_exit_code(failure) || RetryClass::ALL.iter().any(of_class)
    }

    /// Whether a failure is the end of a program with one of the exit codes.
    #[must_use]
    pub fn names_exit_code(&self, failure: &Failure) -> bool {
        let code = failure.details.get("exitCode").and_then(|code| code.parse::<u8>().ok());
        code.is_some_and(|code| self.has_exit_code(code))
    }

    fn has_exit_code(&self, code: u8) -> bool {
        self.exit_codes[usize::from(code >> 6)] >> (code & 63) & 1 == 1
    }
}

const fn bit(class: RetryClass) -> u8 {
    1 << class as u8
}

/// How an exit code is written, before its number.
const EXIT_CODE: &str = "exit-code=";

impl From<RetryOn> for Vec<String> {
    fn from(on: RetryOn) -> Self {
        let classes = RetryClass::ALL.into_iter().filter(|class| on.classes & bit(*class) != 0);
        let codes = (0..=u8::MAX).filter(|code| on.has_exit_code(*code));
        let causes = classes.map(RetryCause::Class).chain(codes.map(RetryCause::ExitCode));
        causes.map(|cause| cause.to_string()).collect()
    }
}

impl TryFrom<Vec<String>> for RetryOn {
    type Error = String;

    fn try_from(words: Vec<String>) -> Result<Self, String> {
        let cause = |word: &String| match word.strip_prefix(EXIT_CODE) {
            Some(code) => code.parse().ok().map(RetryCause::ExitCode),
            None => RetryClass::parse(word).map(RetryCause::Class),
        };
        let known = |word| cause(word).ok_or_else(|| format!("no class of failure: {word}"));
        words.iter().map(known).collect()
    }
}

impl FromIterator<RetryCause> for RetryOn {
    fn from_iter<I: IntoIterator<Item = RetryCause>>(causes: I) -> Self {
        let mut on = Self::default();
        for cause in causes {
            match cause {
                RetryCause::Class(class) => on.classes |= bit(class),
                RetryCause::ExitCode(code) => {
                    on.exit_codes[usize::from(code >> 6)] |= 1 << (code & 63);
                }
            }
        }
        on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_words_of_the_file() {
        let causes = [RetryCause::Class(RetryClass::Network), RetryCause::ExitCode(75)];
        let on: RetryOn = causes.into_iter().collect();
        let text = serde_json::to_string(&on).unwrap();
        assert_eq!(text, r#"["network","exit-code=75"]"#);
        assert_eq!(serde_json::from_str::<RetryOn>(&text).unwrap(), on);
        assert!(serde_json::from_str::<RetryOn>(r#"["weather"]"#).is_err());
    }

    #[test]
    fn every_word_is_that_of_its_class() {
        for (class, word) in RetryClass::ALL.into_iter().zip(RetryClass::WORDS) {
            assert_eq!((class.word(), RetryClass::parse(word)), (*word, Some(class)));
        }
        assert_eq!(RetryClass::WORDS.len(), RetryClass::ALL.len());
    }

    #[test]
    fn a_failure_is_of_the_classes_that_its_code_and_its_meaning_give() {
        use ErrorCode::{
            NetworkError, StepFailed, StepTimedOut, TableNotFound, Throttled, UnknownError,
        };
        let failures = [
            (Throttled, FailureClass::Throttled, "throttling transient"),
            (Throttled, FailureClass::Wait, "resource-in-use transient"),
            (NetworkError, FailureClass::Transient, "network transient"),
            (NetworkError, FailureClass::Ambiguous, "network transient"),
            (NetworkError, FailureClass::Permanent, ""),
            (StepTimedOut, FailureClass::Permanent, "timeout transient"),
            (StepTimedOut, FailureClass::Ambiguous, "timeout transient"),
            (UnknownError, FailureClass::Ambiguous, "server-error transient"),
            (UnknownError, FailureClass::Permanent, ""),
            (StepFailed, FailureClass::Wait, "resource-in-use transient"),
            (StepFailed, FailureClass::Transient, "transient"),
            (TableNotFound, FailureClass::Transient, "not-found transient"),
            (TableNotFound, FailureClass::Permanent, ""),
        ];
        for (code, class, expected) in failures {
            let failure = Failure::new(code, "no").class(class);
            let named =
                |one: &RetryClass| RetryOn::from_iter([RetryCause::Class(*one)]).covers(&failure);
            let classes: Vec<&str> =
                RetryClass::ALL.iter().filter(|one| named(one)).map(|one| one.word()).collect();
            assert_eq!(classes.join(" "), expected, "{failure:?}");
        }
    }

    #[test]
    fn an_exit_code_is_named_alone() {
        let on: RetryOn = [3, 64, 75, 255].map(RetryCause::ExitCode).into_iter().collect();
        let ended = |code: &str| Failure::new(ErrorCode::StepFailed, "no").detail("exitCode", code);
        let named = (0..=255_u8).filter(|code| on.covers(&ended(&code.to_string())));
        assert_eq!(named.collect::<Vec<_>>(), [3, 64, 75, 255]);
        assert!(!on.covers(&Failure::new(ErrorCode::StepFailed, "no").detail("signal", "3")));
    }
}
