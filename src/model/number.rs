//! DynamoDB's numbers: decimal, exact, 38 significant digits.

use std::fmt;

/// Significant digits that the service keeps.
const MOST_DIGITS: usize = 38;
/// The exponents of the first digit that it takes: AWS, "Data types", from 1E-130 to 9.99…E+125.
const EXPONENTS: std::ops::RangeInclusive<i64> = -130..=125;
/// Zeros that are written out; beyond them a number is written with an exponent.
const ZEROS_WRITTEN: i64 = 20;

/// A number in one spelling: two texts that mean the same number give the same `Number`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(String);

/// Why a text is no number that the service takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a decimal number.
    #[error("it is no number")]
    Syntax,
    /// More digits than are kept.
    #[error("the number has {0} significant digits; DynamoDB keeps {MOST_DIGITS}")]
    Digits(usize),
    /// Too large or too close to zero.
    #[error("the number is beyond DynamoDB's range, 1E-130 to 9.99E+125")]
    Range,
}

impl Number {
    /// Reads a decimal number, with or without a fraction and an exponent.
    ///
    /// # Errors
    /// When it is none, or the service would refuse it.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::Syntax);
        }
        let digits = all.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self("0".to_owned()));
        }
        if significant.len() > MOST_DIGITS {
            return Err(NumberError::Digits(significant.len()));
        }
        let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
        let dropped = length(digits) - length(significant);
        let last = exponent.saturating_sub(length(fraction)).saturating_add(dropped);
        if !EXPONENTS.contains(&last.saturating_add(length(significant) - 1)) {
            return Err(NumberError::Range);
        }
        let sign = if negative { "-" } else { "" };
        Ok(Self(format!("{sign}{}", spelled(significant, last))))
    }

    /// The one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes that it counts as: half a byte a significant digit, one more, and one for a sign.
    #[must_use]
    pub fn size(&self) -> usize {
        let digits = self.0.bytes().take_while(|byte| *byte != b'E');
        let digits = digits.filter(u8::is_ascii_digit).count();
        digits.div_ceil(2) + 1 + usize::from(self.0.starts_with('-'))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An exponent; one of absurd length is as far beyond the range as any.
fn exponent_of(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::Syntax);
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// `digits` times ten to the power of `last`.
fn spelled(digits: &str, last: i64) -> String {
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    match last {
        0..=ZEROS_WRITTEN => format!("{digits}{}", zeros(last)),
        _ if last < 0 && count + last > 0 => {
            let (whole, fraction) = digits.split_at(usize::try_from(count + last).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
        _ if last < 0 && -(count + last) <= ZEROS_WRITTEN => {
            format!("0.{}{digits}", zeros(-(count + last)))
        }
        _ => format!("{digits}E{last}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, NumberError> {
        Number::parse(text).map(|number| number.to_string())
    }

    #[test]
    fn numbers_of_one_value_have_one_spelling() {
        for (text, spelling) in [
            ("1", "1"),
            ("1.0", "1"),
            ("100e-2", "1"),
            ("0.000", "0"),
            ("-0", "0"),
            ("1700000000000", "1700000000000"),
            ("1.5E3", "1500"),
            ("-12.340", "-12.34"),
            ("0.0001", "0.0001"),
            ("1e30", "1E30"),
            ("1e-130", "1E-130"),
            ("0.1e-40", "1E-41"),
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(spelling), "{text}");
        }
    }

    #[test]
    fn what_the_service_refuses_is_refused() {
        assert_eq!(read("123456789012345678901234567890123456789"), Err(NumberError::Digits(39)));
        for text in ["1e126", "-1e126", "9e-131", "1e99999999999999999999"] {
            assert_eq!(read(text), Err(NumberError::Range), "{text}");
        }
        for text in ["", "-", "1e", "1.2.3", "NaN", "Infinity", "0x1", "1_000", "."] {
            assert_eq!(read(text), Err(NumberError::Syntax), "{text}");
        }
    }

    #[test]
    fn sizes_are_those_of_the_documentation() {
        let size = |text: &str| Number::parse(text).unwrap().size();
        assert_eq!((size("0"), size("27"), size("-27"), size("461")), (2, 2, 3, 3));
    }

    proptest! {
        #[test]
        fn a_spelling_reads_as_itself(digits in "[0-9]{1,38}", exponent in -80_i64..80) {
            let number = Number::parse(&format!("{digits}e{exponent}")).unwrap();
            prop_assert_eq!(Number::parse(number.as_str()).unwrap(), number);
        }
    }
}
