//! `datetime.date`.

use super::bounds::Bounds;
use super::kind::Scalar;
use super::schema::{Node, Schema};
use super::value::{Day, Value};

/// A date with its constraints.
#[derive(Debug)]
pub struct Date {
    bounds: Bounds<Day>,
    strict: bool,
}

impl Scalar for Date {
    fn build(schema: &Schema) -> Option<Self> {
        schema.only(&["strict", "ge", "gt", "le", "lt"])?;
        Some(Self {
            bounds: Bounds::build(schema, Node::date)?,
            strict: schema.flag("strict")?,
        })
    }

    /// Certain of `YYYY-MM-DD`; not of timestamps, nor of datetimes at midnight.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        if self.strict {
            return None;
        }
        read_day(text.as_bytes())
            .filter(|day| self.bounds.admit(day))
            .map(Value::Date)
    }
}

/// Reads `YYYY-MM-DD` if there is such a day.
pub fn read_day(text: &[u8]) -> Option<Day> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = i32::from(two_digits(*y1, *y2)?) * 100 + i32::from(two_digits(*y3, *y4)?);
    let month = two_digits(*m1, *m2)?;
    let day = two_digits(*d1, *d2)?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    (year > 0 && (1..=days).contains(&day)).then_some(Day { year, month, day })
}

/// The number that two decimal digits write.
pub fn two_digits(tens: u8, units: u8) -> Option<u8> {
    (tens.is_ascii_digit() && units.is_ascii_digit()).then(|| (tens - b'0') * 10 + (units - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;

    #[test]
    fn knows_the_calendar() {
        for text in ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert!(read_day(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "0000-01-01",
            "2024-13-01",
            "2024-00-01",
            "2024-04-31",
            "2024-01-00",
            "2024-1-01",
            "20240101",
            "2024/01/01",
            "-024-01-01",
            "2024-01-01 ",
        ] {
            assert!(read_day(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn keeps_the_constraints() {
        let bound = Node::Date(Day {
            year: 2024,
            month: 2,
            day: 1,
        });
        let kind = Date::build(&core_schema!("date", "ge" => bound)).unwrap();
        let day = Day {
            year: 2024,
            month: 2,
            day: 1,
        };
        assert_eq!(kind.accept("2024-02-01"), Some(Value::Date(day)));
        assert_eq!(kind.accept("2024-01-31"), None);
        assert!(
            Date::build(&core_schema!("date", "now_op" => Node::Text("past".to_owned()))).is_none()
        );
    }
}
