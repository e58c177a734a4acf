//! `str`.

use std::borrow::Cow;

use regex::Regex;

use super::bounds::Length;
use super::kind::Scalar;
use super::schema::Schema;
use super::value::Value;

/// A text with its constraints.
#[derive(Debug)]
pub struct Text {
    length: Length,
    pattern: Option<Regex>,
    strip: bool,
    case: Option<Case>,
    ascii_only: bool,
}

#[derive(Clone, Copy, Debug)]
enum Case {
    Lower,
    Upper,
}

impl Scalar for Text {
    fn build(schema: &Schema) -> Option<Self> {
        schema.only(&[
            "strict", // a string is a string either way
            "min_length",
            "max_length",
            "pattern",
            "regex_engine",
            "strip_whitespace",
            "to_lower",
            "to_upper",
            "ascii_only",
            "coerce_numbers_to_str",
        ])?;
        // pydantic compiles patterns with the same crate, unless told to use Python's `re`.
        let is_rust = schema
            .optional("regex_engine", |node| {
                node.text().map(|name| name == "rust-regex")
            })?
            .unwrap_or(true);
        let pattern = schema.optional("pattern", |node| Regex::new(node.text()?).ok())?;
        if pattern.is_some() && !is_rust {
            return None;
        }
        let case = match (schema.flag("to_lower")?, schema.flag("to_upper")?) {
            (true, _) => Some(Case::Lower),
            (_, true) => Some(Case::Upper),
            _ => None,
        };
        Some(Self {
            length: Length::build(schema)?,
            pattern,
            strip: schema.flag("strip_whitespace")?,
            case,
            ascii_only: schema.flag("ascii_only")?,
        })
    }

    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        let text = if self.strip { text.trim() } else { text };
        // What is a letter, and its other case, depends on the version of Unicode; ASCII does not.
        let needs_ascii = self.ascii_only || self.pattern.is_some() || self.case.is_some();
        if needs_ascii && !text.is_ascii() {
            return None;
        }
        if !self.length.is_free() && !self.length.admit(text.chars().count()) {
            return None;
        }
        if !self
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(text))
        {
            return None;
        }
        Some(Value::Text(match self.case {
            None => Cow::Borrowed(text),
            Some(Case::Lower) => Cow::Owned(text.to_ascii_lowercase()),
            Some(Case::Upper) => Cow::Owned(text.to_ascii_uppercase()),
        }))
    }
}

impl Text {
    /// Whether it takes every text as it is.
    pub fn is_plain(&self) -> bool {
        self.length.is_free()
            && self.pattern.is_none()
            && !self.strip
            && self.case.is_none()
            && !self.ascii_only
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;
    use crate::params::schema::Node;

    fn text(value: &str) -> Node {
        Node::Text(value.to_owned())
    }

    fn accepts(schema: &Schema, value: &str) -> bool {
        Text::build(schema).unwrap().accept(value).is_some()
    }

    #[test]
    fn counts_characters() {
        let schema =
            core_schema!("str", "min_length" => Node::Integer(2), "max_length" => Node::Integer(2));
        assert!(accepts(&schema, "éé"));
        assert!(!accepts(&schema, "é"));
        assert!(!accepts(&schema, "ééé"));
    }

    #[test]
    fn patterns_search_and_are_certain_of_ascii() {
        let schema = core_schema!("str", "pattern" => text("^b|c"));
        assert!(accepts(&schema, "abc"));
        assert!(!accepts(&schema, "ab"));
        assert!(!accepts(&schema, "cé"));
    }

    #[test]
    fn patterns_of_python_are_not_certain() {
        let python = text("python-re");
        assert!(
            Text::build(&core_schema!("str", "pattern" => text("a"), "regex_engine" => python))
                .is_none()
        );
        assert!(Text::build(&core_schema!("str", "pattern" => text("(?=a)"))).is_none());
        assert!(Text::build(&core_schema!("str", "pattern" => Node::Opaque)).is_none());
    }

    #[test]
    fn strips_and_changes_case() {
        let schema = core_schema!("str", "strip_whitespace" => Node::Boolean(true), "to_lower" => Node::Boolean(true));
        let kind = Text::build(&schema).unwrap();
        assert!(!kind.is_plain());
        assert_eq!(
            kind.accept("\u{2003} AbC "),
            Some(Value::Text("abc".into()))
        );
        assert_eq!(kind.accept("É"), None);
        let schema = core_schema!("str", "to_upper" => Node::Boolean(true));
        assert_eq!(
            Text::build(&schema).unwrap().accept(" a"),
            Some(Value::Text(" A".into()))
        );
    }
}
