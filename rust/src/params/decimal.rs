//! `decimal.Decimal`.

use std::cmp::Ordering;

use super::bounds::Bounds;
use super::kind::Scalar;
use super::schema::{Node, Schema};
use super::value::Value;

/// A decimal with its constraints.
#[derive(Debug)]
pub struct Decimal {
    bounds: Bounds<Number>,
    max_digits: Option<usize>,
    decimal_places: Option<usize>,
    strict: bool,
}

/// Longer texts are left to pydantic: nobody means them.
const LENGTH: usize = 64;

impl Scalar for Decimal {
    fn build(schema: &Schema) -> Option<Self> {
        schema.only(&[
            "strict",
            "allow_inf_nan",
            "max_digits",
            "decimal_places",
            "ge",
            "gt",
            "le",
            "lt",
        ])?;
        schema.flag("allow_inf_nan")?;
        let bound = |node: &Node| match node {
            Node::Integer(value) => Number::read(&value.to_string()),
            Node::Decimal(text) => Number::read(text),
            _ => None,
        };
        Some(Self {
            bounds: Bounds::build(schema, bound)?,
            max_digits: schema.optional("max_digits", Node::length)?,
            decimal_places: schema.optional("decimal_places", Node::length)?,
            strict: schema.flag("strict")?,
        })
    }

    /// Certain of digits with or without a minus sign and a fraction.
    ///
    /// pydantic does not count zeros at either end; a number that satisfies `max_digits` and
    /// `decimal_places` with all of them counted satisfies them without.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        if self.strict || text.len() > LENGTH {
            return None;
        }
        let (_, whole, fraction) = split(text)?;
        let (whole, places) = (whole.len(), fraction.len());
        let whole_digits = match (self.max_digits, self.decimal_places) {
            (Some(digits), Some(places)) => Some(digits.saturating_sub(places)),
            _ => None,
        };
        let fits = self.max_digits.is_none_or(|max| whole + places <= max)
            && self.decimal_places.is_none_or(|max| places <= max)
            && whole_digits.is_none_or(|max| whole <= max);
        (fits && self.bounds.admit(&Number::read(text)?)).then_some(Value::Decimal(text))
    }
}

/// Splits `-?[0-9]+(\.[0-9]+)?` into whether it is negative, the digits before and those after the point.
fn split(text: &str) -> Option<(bool, &str, &str)> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (unsigned, ""),
    };
    let is_number = !whole.is_empty()
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit());
    is_number.then_some((is_negative, whole, fraction))
}

/// A decimal number of any size, to compare.
#[derive(Debug, PartialEq)]
struct Number {
    is_negative: bool,
    whole: String,
    fraction: String,
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        let (is_negative, whole, fraction) = split(text)?;
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        Some(Self {
            is_negative: is_negative && !(whole.is_empty() && fraction.is_empty()),
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let magnitude = || {
            (self.whole.len().cmp(&other.whole.len()))
                .then_with(|| self.whole.cmp(&other.whole))
                .then_with(|| self.fraction.cmp(&other.fraction))
        };
        Some(match (self.is_negative, other.is_negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core_schema;

    #[test]
    fn accepts_plain_decimals() {
        let kind = Decimal::build(&core_schema!("decimal")).unwrap();
        for text in ["0", "-0.00", "007", "12.50"] {
            assert_eq!(kind.accept(text), Some(Value::Decimal(text)));
        }
        for text in [
            "", "-", "1.", ".5", "+1", "1e5", "NaN", "inf", "1_0", " 1", "1.2.3", "١",
        ] {
            assert_eq!(kind.accept(text), None, "{text}");
        }
    }

    #[test]
    fn keeps_the_constraints() {
        let schema = core_schema!(
            "decimal",
            "max_digits" => Node::Integer(4),
            "decimal_places" => Node::Integer(2),
            "gt" => Node::Decimal("1.5".to_owned()),
            "le" => Node::Integer(50),
        );
        let kind = Decimal::build(&schema).unwrap();
        let accepted: Vec<&str> = ["1.5", "1.51", "50", "50.01", "2.500", "050", "9.1", "-9"]
            .into_iter()
            .filter(|text| kind.accept(text).is_some())
            .collect();
        assert_eq!(accepted, ["1.51", "50", "9.1"]);
        assert!(
            Decimal::build(&core_schema!("decimal", "multiple_of" => Node::Integer(2))).is_none()
        );
        assert!(Decimal::build(&core_schema!("decimal", "ge" => Node::Float(0.1))).is_none());
    }

    proptest! {
        #[test]
        fn compares_as_numbers(left in -100_000i64..100_000, right in -100_000i64..100_000) {
            let number = |value: i64| {
                let sign = if value < 0 { "-" } else { "" };
                Number::read(&format!("{sign}{:03}.{:02}", value.abs() / 100, value.abs() % 100)).unwrap()
            };
            prop_assert_eq!(number(left).partial_cmp(&number(right)), left.partial_cmp(&right));
        }
    }
}
