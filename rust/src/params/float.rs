//! `float`.

use super::bounds::Bounds;
use super::kind::Scalar;
use super::schema::{Node, Schema};
use super::value::Value;

/// A float with its constraints.
#[derive(Debug)]
pub struct Float {
    bounds: Bounds<f64>,
    multiple_of: Option<f64>,
    strict: bool,
}

/// Quotients up to here are integers without loss.
const EXACT: f64 = (1u64 << 53) as f64;

impl Scalar for Float {
    fn build(schema: &Schema) -> Option<Self> {
        schema.only(&[
            "strict",
            "allow_inf_nan",
            "multiple_of",
            "ge",
            "gt",
            "le",
            "lt",
        ])?;
        schema.flag("allow_inf_nan")?;
        Some(Self {
            bounds: Bounds::build(schema, Node::float)?,
            multiple_of: schema.optional("multiple_of", |node| {
                node.float().filter(|value| *value > 0.0)
            })?,
            strict: schema.flag("strict")?,
        })
    }

    /// Certain of finite decimal numbers; not of `inf`, `nan`, spaces, underscores, `.5` or `5.`.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        if self.strict || !is_decimal(text) {
            return None;
        }
        text.parse()
            .ok()
            .filter(|value| self.admit(*value))
            .map(Value::Float)
    }
}

impl Float {
    /// Whether a float is finite and satisfies the constraints.
    ///
    /// pydantic tolerates small remainders, each version in its own way: certain is none at all.
    pub fn admit(&self, value: f64) -> bool {
        value.is_finite()
            && self
                .multiple_of
                .is_none_or(|factor| value % factor == 0.0 && (value / factor).abs() < EXACT)
            && self.bounds.admit(&value)
    }
}

/// Tells whether a text is `-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
fn is_decimal(text: &str) -> bool {
    fn digits(bytes: &[u8]) -> Option<&[u8]> {
        let end = bytes
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(bytes.len());
        (end > 0).then(|| &bytes[end..])
    }
    let bytes = text.as_bytes();
    let Some(mut rest) = digits(bytes.strip_prefix(b"-").unwrap_or(bytes)) else {
        return false;
    };
    if let Some(fraction) = rest.strip_prefix(b".") {
        match digits(fraction) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', unsigned @ ..] => unsigned,
            unsigned => unsigned,
        };
        match digits(exponent) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core_schema;

    fn accept(text: &str) -> Option<Value<'_>> {
        Float::build(&core_schema!("float")).unwrap().accept(text)
    }

    #[test]
    fn accepts_finite_decimals() {
        for (text, value) in [
            ("1", 1.0),
            ("-0.5", -0.5),
            ("1e5", 1e5),
            ("12.50E-3", 0.0125),
            ("00.1", 0.1),
        ] {
            assert_eq!(accept(text), Some(Value::Float(value)), "{text}");
        }
    }

    #[test]
    fn leaves_the_rest_to_pydantic() {
        for text in [
            "", "-", ".5", "5.", "1e", "1e+", "inf", "NaN", "1e999", "+1", " 1", "1_0", "1.5x",
            "0x1",
        ] {
            assert_eq!(accept(text), None, "{text}");
        }
    }

    #[test]
    fn keeps_the_constraints() {
        let schema =
            core_schema!("float", "multiple_of" => Node::Float(0.5), "le" => Node::Integer(2));
        let kind = Float::build(&schema).unwrap();
        assert_eq!(kind.accept("1.5"), Some(Value::Float(1.5)));
        assert_eq!(kind.accept("1.25"), None);
        assert_eq!(kind.accept("2.5"), None);
        assert!(Float::build(&core_schema!("float", "multiple_of" => Node::Float(0.0))).is_none());
        let strict = core_schema!("float", "strict" => Node::Boolean(true));
        assert_eq!(Float::build(&strict).unwrap().accept("1"), None);
    }

    proptest! {
        #[test]
        fn reads_what_was_written(value in proptest::num::f64::NORMAL) {
            let text = format!("{value:e}");
            prop_assert_eq!(accept(&text), Some(Value::Float(value)));
        }
    }
}
