//! What a parameter can be: one file per kind, each with the same three parts in the same order —
//! struct, builder, acceptance — and this enum to join them.
//!
//! A builder reads a pydantic core schema and returns `None` if it does not know every word of it.
//! `accept` returns `None` unless it is certain of the value that pydantic's `validate_python` gives
//! for that string; then pydantic is asked, which alone words errors.

use std::borrow::Cow;

use super::boolean::Boolean;
use super::choice::Choice;
use super::date::Date;
use super::datetime::DateTime;
use super::decimal::Decimal;
use super::float::Float;
use super::integer::Integer;
use super::schema::{Node, Schema};
use super::sequence::Sequence;
use super::string::Text;
use super::uuid::Uuid;
use super::value::Value;

/// A kind that one string can have.
pub trait Scalar: Sized {
    /// Reads the core schema.
    fn build(schema: &Schema) -> Option<Self>;

    /// The value that the reference path gives for this text.
    fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>>;
}

/// Any kind.
#[derive(Debug)]
pub enum Kind {
    /// `Any`
    Any,
    /// `str`
    Text(Text),
    /// `int`
    Integer(Integer),
    /// `float`
    Float(Float),
    /// `bool`
    Boolean(Boolean),
    /// `uuid.UUID`
    Uuid(Uuid),
    /// `datetime.date`
    Date(Date),
    /// `datetime.datetime`
    DateTime(DateTime),
    /// `decimal.Decimal`
    Decimal(Decimal),
    /// `Literal` or an `Enum`
    Choice(Choice),
    /// `list`, `set`, `frozenset` or `tuple` of a kind
    Sequence(Sequence),
}

/// Schemas that stand in one another; deeper ones are no parameters.
const DEPTH: usize = 12;

impl Kind {
    /// Reads the core schema of a field.
    pub fn build(schema: &Schema) -> Option<Self> {
        Self::build_at(schema, &[], DEPTH)
    }

    /// Reads a schema within others, whose `definitions` it may refer to.
    pub fn build_at(schema: &Schema, definitions: &[Node], depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        match schema.get("type")?.text()? {
            "any" => schema.only(&[]).map(|()| Self::Any),
            "str" => Text::build(schema).map(Self::Text),
            "int" => Integer::build(schema).map(Self::Integer),
            "float" => Float::build(schema).map(Self::Float),
            "bool" => Boolean::build(schema).map(Self::Boolean),
            "uuid" => Uuid::build(schema).map(Self::Uuid),
            "date" => Date::build(schema).map(Self::Date),
            "datetime" => DateTime::build(schema).map(Self::DateTime),
            "decimal" => Decimal::build(schema).map(Self::Decimal),
            "literal" | "enum" => Choice::build(schema).map(Self::Choice),
            "list" | "set" | "frozenset" | "tuple" => {
                Sequence::build(schema, definitions, depth).map(Self::Sequence)
            }
            // What arrived is a string: it is neither None nor absent, nor is its default asked for.
            "nullable" => {
                schema.only(&["schema", "strict"])?;
                Self::build_at(schema.get("schema")?.schema()?, definitions, depth)
            }
            "default" => {
                const KEYS: [&str; 8] = [
                    "schema",
                    "default",
                    "default_factory",
                    "default_factory_takes_data",
                    "on_error",
                    "validate_default",
                    "copy_default",
                    "strict",
                ];
                schema.only(&KEYS)?;
                Self::build_at(schema.get("schema")?.schema()?, definitions, depth)
            }
            "definitions" => {
                schema.only(&["schema", "definitions"])?;
                let definitions = schema.get("definitions")?.list()?;
                Self::build_at(schema.get("schema")?.schema()?, definitions, depth)
            }
            "definition-ref" => {
                schema.only(&["schema_ref"])?;
                let name = schema.get("schema_ref");
                let definition = definitions
                    .iter()
                    .filter_map(Node::schema)
                    .find(|definition| name.is_some() && definition.get("ref") == name)?;
                Self::build_at(definition, definitions, depth)
            }
            _ => None,
        }
    }

    /// The value of one string.
    pub fn accept<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        match self {
            Self::Any => Some(Value::Text(Cow::Borrowed(text))),
            Self::Text(kind) => kind.accept(text),
            Self::Integer(kind) => kind.accept(text),
            Self::Float(kind) => kind.accept(text),
            Self::Boolean(kind) => kind.accept(text),
            Self::Uuid(kind) => kind.accept(text),
            Self::Date(kind) => kind.accept(text),
            Self::DateTime(kind) => kind.accept(text),
            Self::Decimal(kind) => kind.accept(text),
            Self::Choice(kind) => kind.accept(text),
            Self::Sequence(_) => None,
        }
    }

    /// The value of a list of strings.
    pub fn accept_all<'a>(&self, texts: &'a [Cow<'a, str>]) -> Option<Value<'a>> {
        match self {
            Self::Sequence(kind) => kind.accept(texts),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core_schema;

    fn node(schema: Schema) -> Node {
        Node::Schema(schema)
    }

    #[test]
    fn looks_through_what_does_not_touch_a_string() {
        let inner = core_schema!("nullable", "schema" => node(core_schema!("int")));
        let kind =
            Kind::build(&core_schema!("default", "schema" => node(inner), "default" => Node::Null));
        assert_eq!(kind.unwrap().accept("3"), Some(Value::Integer(3)));
    }

    #[test]
    fn follows_references() {
        let reference = core_schema!("definition-ref", "schema_ref" => Node::Text("n".to_owned()));
        let named = core_schema!("int", "ref" => Node::Text("n".to_owned()));
        let schema = core_schema!(
            "definitions",
            "schema" => node(reference.clone()),
            "definitions" => Node::List(vec![node(named)]),
        );
        assert_eq!(
            Kind::build(&schema).unwrap().accept("3"),
            Some(Value::Integer(3))
        );
        assert!(Kind::build(&reference).is_none());
    }

    #[test]
    fn endless_schemas_are_not_certain() {
        let looped = core_schema!(
            "definition-ref",
            "schema_ref" => Node::Text("n".to_owned()),
            "ref" => Node::Text("n".to_owned()),
        );
        let schema = core_schema!(
            "definitions",
            "schema" => node(looped.clone()),
            "definitions" => Node::List(vec![node(looped)]),
        );
        assert!(Kind::build(&schema).is_none());
    }

    #[test]
    fn unknown_schemas_are_not_certain() {
        assert!(
            Kind::build(&core_schema!("function-after", "schema" => node(core_schema!("int"))))
                .is_none()
        );
        assert!(Kind::build(&core_schema!("any", "new" => Node::Boolean(true))).is_none());
        assert!(Kind::build(&Schema::default()).is_none());
    }

    fn every_kind() -> Vec<Kind> {
        [
            "any", "str", "int", "float", "bool", "uuid", "date", "datetime", "decimal",
        ]
        .into_iter()
        .filter_map(|name| {
            Kind::build(&Schema(vec![(
                "type".to_owned(),
                Node::Text(name.to_owned()),
            )]))
        })
        .collect()
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer(text in ".*|[-+0-9.:TZ eE_]{0,30}") {
            let kinds = every_kind();
            prop_assert_eq!(kinds.len(), 9);
            for kind in kinds {
                kind.accept(&text);
                prop_assert_eq!(kind.accept_all(&[]), None);
            }
        }
    }
}
