//! `datetime.datetime`.

use super::date::{read_day, two_digits};
use super::kind::Scalar;
use super::schema::Schema;
use super::value::{Moment, Value};

/// A datetime, with an offset, without one, or either.
#[derive(Debug)]
pub struct DateTime {
    aware: Option<bool>,
    strict: bool,
}

impl Scalar for DateTime {
    fn build(schema: &Schema) -> Option<Self> {
        // The precision only matters for digits after the sixth, which are not accepted here.
        schema.only(&["strict", "microseconds_precision", "tz_constraint"])?;
        let aware = schema.optional("tz_constraint", |node| match node.text()? {
            "aware" => Some(true),
            "naive" => Some(false),
            _ => None,
        })?;
        Some(Self {
            aware,
            strict: schema.flag("strict")?,
        })
    }

    /// Certain of `YYYY-MM-DD`, `T` or a space, `HH:MM`, then perhaps `:SS`, `.` and up to six
    /// digits, and `Z` or `±HH:MM`.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        if self.strict {
            return None;
        }
        read_moment(text.as_bytes())
            .filter(|moment| {
                self.aware
                    .is_none_or(|aware| aware == moment.offset.is_some())
            })
            .map(Value::DateTime)
    }
}

fn read_moment(text: &[u8]) -> Option<Moment> {
    let (day, rest) = text.split_at_checked(10)?;
    let [b'T' | b' ', h1, h2, b':', m1, m2, rest @ ..] = rest else {
        return None;
    };
    let mut rest = rest;
    let hour = two_digits(*h1, *h2).filter(|hour| *hour < 24)?;
    let minute = two_digits(*m1, *m2).filter(|minute| *minute < 60)?;
    let (mut second, mut microsecond) = (0, 0);
    if let [b':', s1, s2, after @ ..] = rest {
        second = two_digits(*s1, *s2).filter(|second| *second < 60)?;
        rest = after;
        if let [b'.', after @ ..] = rest {
            (microsecond, rest) = read_fraction(after)?;
        }
    }
    let offset = read_offset(rest)?;
    Some(Moment {
        day: read_day(day)?,
        hour,
        minute,
        second,
        microsecond,
        offset,
    })
}

/// Reads one to six digits as microseconds, and returns what follows them.
fn read_fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=6).contains(&count) {
        return None;
    }
    let digits = text[..count].iter().chain(std::iter::repeat(&b'0')).take(6);
    Some((
        digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')),
        &text[count..],
    ))
}

/// Reads the offset from UTC in seconds; `Some(None)` if there is none.
fn read_offset(text: &[u8]) -> Option<Option<i32>> {
    match text {
        [] => Some(None),
        b"Z" => Some(Some(0)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = two_digits(*h1, *h2).filter(|hours| *hours < 24)?;
            let minutes = two_digits(*m1, *m2).filter(|minutes| *minutes < 60)?;
            let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
            match (sign, seconds) {
                (b'-', 0) => None, // RFC 3339 §4.3 gives it a meaning of its own
                (b'-', _) => Some(Some(-seconds)),
                _ => Some(Some(seconds)),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;
    use crate::params::schema::Node;
    use crate::params::value::Day;

    const DAY: Day = Day {
        year: 2024,
        month: 2,
        day: 29,
    };

    #[test]
    fn reads_moments() {
        let moment = |hour, minute, second, microsecond, offset| {
            Some(Moment {
                day: DAY,
                hour,
                minute,
                second,
                microsecond,
                offset,
            })
        };
        for (text, expected) in [
            ("2024-02-29T23:59", moment(23, 59, 0, 0, None)),
            ("2024-02-29 01:02:03Z", moment(1, 2, 3, 0, Some(0))),
            (
                "2024-02-29T01:02:03.5+05:30",
                moment(1, 2, 3, 500_000, Some(19_800)),
            ),
            (
                "2024-02-29T01:02:03.000001-23:59",
                moment(1, 2, 3, 1, Some(-86_340)),
            ),
            ("2024-02-29T01:02+00:00", moment(1, 2, 0, 0, Some(0))),
        ] {
            assert_eq!(read_moment(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn leaves_the_rest_to_pydantic() {
        for text in [
            "",
            "2024-02-29",
            "2024-02-30T00:00",
            "2024-02-29t00:00",
            "2024-02-29_00:00",
            "2024-02-29T24:00",
            "2024-02-29T00:60",
            "2024-02-29T00:00:60",
            "2024-02-29T00:00.5",
            "2024-02-29T00:00:00.",
            "2024-02-29T00:00:00.1234567",
            "2024-02-29T00:00z",
            "2024-02-29T00:00+0530",
            "2024-02-29T00:00-00:00",
            "2024-02-29T00:00+24:00",
            "2024-02-29T00:00 Z",
            "1700000000",
            "2024-02-2é T00:00",
        ] {
            assert_eq!(read_moment(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn keeps_the_constraints() {
        let kind = |constraint: &str| {
            DateTime::build(
                &core_schema!("datetime", "tz_constraint" => Node::Text(constraint.to_owned())),
            )
        };
        assert!(kind("aware").unwrap().accept("2024-02-29T00:00Z").is_some());
        assert!(kind("aware").unwrap().accept("2024-02-29T00:00").is_none());
        assert!(kind("naive").unwrap().accept("2024-02-29T00:00Z").is_none());
        assert!(kind("naive").unwrap().accept("2024-02-29T00:00").is_some());
        assert!(
            DateTime::build(&core_schema!("datetime", "tz_constraint" => Node::Integer(0)))
                .is_none()
        );
        assert!(DateTime::build(&core_schema!("datetime", "ge" => Node::Opaque)).is_none());
    }
}
