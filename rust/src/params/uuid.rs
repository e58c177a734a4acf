//! `uuid.UUID`.

use super::kind::Scalar;
use super::schema::{Node, Schema};
use super::value::Value;

/// A UUID, of one version or of any.
#[derive(Debug)]
pub struct Uuid {
    version: Option<u128>,
    strict: bool,
}

/// Where the hyphens stand in the text of RFC 9562 §4.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl Scalar for Uuid {
    fn build(schema: &Schema) -> Option<Self> {
        schema.only(&["strict", "version"])?;
        let version = |node: &Node| u128::try_from(node.integer()?).ok();
        Some(Self {
            version: schema.optional("version", version)?,
            strict: schema.flag("strict")?,
        })
    }

    /// Certain of 32 hexadecimal digits, with all four hyphens or with none.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        if self.strict {
            return None;
        }
        let is_hyphenated = match text.len() {
            36 => true,
            32 => false,
            _ => return None,
        };
        let mut number = 0u128;
        for (at, byte) in text.bytes().enumerate() {
            if is_hyphenated && HYPHENS.contains(&at) {
                if byte != b'-' {
                    return None;
                }
            } else {
                number = number << 4 | u128::from(char::from(byte).to_digit(16)?);
            }
        }
        let is_standard = number >> 62 & 0b11 == 0b10; // the variant, RFC 9562 §4.1
        let has_version = |version| is_standard && number >> 76 & 0xf == version;
        self.version
            .is_none_or(has_version)
            .then_some(Value::Uuid(number))
    }
}

impl Uuid {
    /// Whether it takes every UUID.
    pub fn is_plain(&self) -> bool {
        self.version.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;

    const TEXT: &str = "0192f0e0-1c2b-7def-8abc-0123456789AB";
    const NUMBER: u128 = 0x0192_f0e0_1c2b_7def_8abc_0123_4567_89ab;

    #[test]
    fn accepts_two_forms() {
        let kind = Uuid::build(&core_schema!("uuid")).unwrap();
        assert_eq!(kind.accept(TEXT), Some(Value::Uuid(NUMBER)));
        assert_eq!(
            kind.accept(&TEXT.replace('-', "")),
            Some(Value::Uuid(NUMBER))
        );
    }

    #[test]
    fn leaves_the_rest_to_pydantic() {
        let kind = Uuid::build(&core_schema!("uuid")).unwrap();
        for text in [
            "",
            "{0192f0e0-1c2b-7def-8abc-0123456789ab}",
            "urn:uuid:0192f0e0-1c2b-7def-8abc-0123456789ab",
            "0192f0e01c2b-7def-8abc-0123456789abab",
            "0192f0e0-1c2b-7def-8abc-0123456789ag",
            "0192f0e0-1c2b-7def-8abc-0123456789é",
        ] {
            assert_eq!(kind.accept(text), None, "{text}");
        }
    }

    #[test]
    fn keeps_the_version() {
        let kind = |version| {
            Uuid::build(&core_schema!("uuid", "version" => Node::Integer(version))).unwrap()
        };
        assert!(kind(7).accept(TEXT).is_some());
        assert!(kind(4).accept(TEXT).is_none());
        assert!(
            kind(7)
                .accept("0192f0e0-1c2b-7def-0abc-0123456789ab")
                .is_none()
        );
    }
}
