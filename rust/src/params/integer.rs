//! `int`.

use super::bounds::Bounds;
use super::kind::Scalar;
use super::schema::{Node, Schema};
use super::value::Value;

/// An integer with its constraints.
#[derive(Debug)]
pub struct Integer {
    bounds: Bounds<i64>,
    multiple_of: Option<i64>,
    strict: bool,
}

/// So many digits always fit in 64 bits.
const DIGITS: usize = 18;

impl Scalar for Integer {
    fn build(schema: &Schema) -> Option<Self> {
        schema.only(&["strict", "multiple_of", "ge", "gt", "le", "lt"])?;
        Some(Self {
            bounds: Bounds::build(schema, Node::integer)?,
            multiple_of: schema.optional("multiple_of", |node| {
                node.integer().filter(|value| *value > 0)
            })?,
            strict: schema.flag("strict")?,
        })
    }

    /// Certain of digits with or without a minus sign; not of spaces, `+`, underscores or `1.0`.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_plain = (1..=DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if self.strict || !is_plain {
            return None;
        }
        text.parse()
            .ok()
            .filter(|value| self.admit(*value))
            .map(Value::Integer)
    }
}

impl Integer {
    /// Whether an integer satisfies the constraints.
    pub fn admit(&self, value: i64) -> bool {
        self.multiple_of.is_none_or(|factor| value % factor == 0) && self.bounds.admit(&value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core_schema;

    fn accept(text: &str) -> Option<Value<'_>> {
        Integer::build(&core_schema!("int")).unwrap().accept(text)
    }

    #[test]
    fn accepts_plain_digits() {
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("007", 7),
            ("-42", -42),
            ("999999999999999999", 999_999_999_999_999_999),
        ] {
            assert_eq!(accept(text), Some(Value::Integer(value)), "{text}");
        }
    }

    #[test]
    fn leaves_the_rest_to_pydantic() {
        for text in [
            "",
            "-",
            "+1",
            " 1",
            "1_000",
            "1.0",
            "١",
            "1e3",
            "--1",
            "1000000000000000000",
        ] {
            assert_eq!(accept(text), None, "{text}");
        }
    }

    #[test]
    fn keeps_the_constraints() {
        let schema =
            core_schema!("int", "multiple_of" => Node::Integer(3), "gt" => Node::Integer(0));
        let kind = Integer::build(&schema).unwrap();
        assert_eq!(kind.accept("9"), Some(Value::Integer(9)));
        assert_eq!(kind.accept("8"), None);
        assert_eq!(kind.accept("-9"), None);
        assert!(Integer::build(&core_schema!("int", "multiple_of" => Node::Integer(0))).is_none());
        assert!(Integer::build(&core_schema!("int", "ge" => Node::Float(1.0))).is_none());
        let strict = core_schema!("int", "strict" => Node::Boolean(true));
        assert_eq!(Integer::build(&strict).unwrap().accept("1"), None);
    }

    proptest! {
        #[test]
        fn reads_what_was_written(value in -999_999_999_999_999_999i64..=999_999_999_999_999_999) {
            let text = value.to_string();
            prop_assert_eq!(accept(&text), Some(Value::Integer(value)));
        }
    }
}
