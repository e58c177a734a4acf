//! `bool`.

use super::kind::Scalar;
use super::schema::Schema;
use super::value::Value;

/// A boolean.
#[derive(Debug)]
pub struct Boolean {
    strict: bool,
}

const FALSE: [&str; 6] = ["0", "f", "n", "no", "off", "false"];
const TRUE: [&str; 6] = ["1", "t", "y", "on", "yes", "true"];

impl Scalar for Boolean {
    fn build(schema: &Schema) -> Option<Self> {
        schema.only(&["strict"])?;
        Some(Self {
            strict: schema.flag("strict")?,
        })
    }

    /// The words of pydantic, in any case.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        let is_one_of = |words: [&str; 6]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if self.strict {
            None
        } else if is_one_of(TRUE) {
            Some(Value::Boolean(true))
        } else if is_one_of(FALSE) {
            Some(Value::Boolean(false))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;

    #[test]
    fn knows_the_words() {
        let kind = Boolean::build(&core_schema!("bool")).unwrap();
        for text in ["1", "t", "y", "on", "yes", "true", "TRUE", "Yes"] {
            assert_eq!(kind.accept(text), Some(Value::Boolean(true)), "{text}");
        }
        for text in ["0", "f", "n", "off", "no", "false", "oFF"] {
            assert_eq!(kind.accept(text), Some(Value::Boolean(false)), "{text}");
        }
        for text in ["", "2", " true", "1.0", "ja"] {
            assert_eq!(kind.accept(text), None, "{text}");
        }
    }
}
