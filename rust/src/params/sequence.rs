//! `list`, `set`, `frozenset` and `tuple` of a kind, from the strings that arrived under one name.

use std::borrow::Cow;

use super::bounds::Length;
use super::kind::Kind;
use super::schema::{Node, Schema};
use super::value::{Collection, Value};

/// A collection of one kind, or a tuple of several.
#[derive(Debug)]
pub struct Sequence {
    collection: Collection,
    items: Items,
    length: Length,
}

#[derive(Debug)]
enum Items {
    All(Box<Kind>),
    Each(Vec<Kind>),
}

impl Sequence {
    /// Reads the core schema; `definitions` and `depth` are those of `Kind::build_at`.
    pub fn build(schema: &Schema, definitions: &[Node], depth: usize) -> Option<Self> {
        schema.only(&[
            "strict",
            "items_schema",
            "variadic_item_index",
            "min_length",
            "max_length",
            "fail_fast",
        ])?;
        let length = Length::build(schema)?;
        let kind = |node: &Node| match Kind::build_at(node.schema()?, definitions, depth)? {
            Kind::Sequence(_) => None,
            kind => Some(kind),
        };
        let of_one_kind = || {
            let kind = schema.optional("items_schema", kind)?;
            Some(Items::All(Box::new(kind.unwrap_or(Kind::Any))))
        };
        let (collection, items) = match schema.get("type")?.text()? {
            "list" => (Collection::List, of_one_kind()?),
            // They count what is left without repeats.
            "set" if length.is_free() => (Collection::Set, of_one_kind()?),
            "frozenset" if length.is_free() => (Collection::FrozenSet, of_one_kind()?),
            "tuple" => {
                let mut kinds: Vec<Kind> = schema
                    .get("items_schema")?
                    .list()?
                    .iter()
                    .map(kind)
                    .collect::<Option<_>>()?;
                let variadic = schema.optional("variadic_item_index", Node::length)?;
                let items = match (variadic, kinds.len()) {
                    (None, _) => Items::Each(kinds),
                    (Some(0), 1) => Items::All(Box::new(kinds.pop()?)),
                    _ => return None,
                };
                (Collection::Tuple, items)
            }
            _ => return None,
        };
        if collection != Collection::List {
            schema.lax()?; // strict ones do not take a list
        }
        Some(Self {
            collection,
            items,
            length,
        })
    }

    /// Certain if it is certain of every item.
    pub fn accept<'a>(&self, texts: &'a [Cow<'a, str>]) -> Option<Value<'a>> {
        if !self.length.admit(texts.len()) {
            return None;
        }
        let values: Option<Vec<Value<'a>>> = match &self.items {
            Items::All(kind) => texts.iter().map(|text| kind.accept(text)).collect(),
            Items::Each(kinds) if kinds.len() == texts.len() => kinds
                .iter()
                .zip(texts)
                .map(|(kind, text)| kind.accept(text))
                .collect(),
            Items::Each(_) => None,
        };
        values.map(|values| Value::Collection(self.collection, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_schema;

    fn accept(schema: &Schema, texts: &[&str]) -> Option<Vec<String>> {
        let texts: Vec<Cow<'_, str>> = texts.iter().map(|text| Cow::Borrowed(*text)).collect();
        match Sequence::build(schema, &[], 3)?.accept(&texts)? {
            Value::Collection(_, values) => {
                Some(values.iter().map(|value| format!("{value:?}")).collect())
            }
            _ => None,
        }
    }

    fn integers() -> Node {
        Node::Schema(core_schema!("int"))
    }

    #[test]
    fn lists_and_sets_have_items_of_one_kind() {
        for name in ["list", "set", "frozenset"] {
            let mut schema = core_schema!("", "items_schema" => integers());
            schema.0[0].1 = Node::Text(name.to_owned());
            assert_eq!(
                accept(&schema, &["1", "2"]).unwrap(),
                ["Integer(1)", "Integer(2)"]
            );
            assert_eq!(accept(&schema, &["1", "x"]), None);
            schema.0.push(("min_length".to_owned(), Node::Integer(2)));
            assert_eq!(accept(&schema, &["1"]), None);
            assert_eq!(accept(&schema, &["1", "2"]).is_some(), name == "list");
        }
        assert_eq!(accept(&core_schema!("list"), &["a"]).unwrap().len(), 1);
    }

    #[test]
    fn tuples_are_of_one_kind_or_of_several() {
        let kinds = Node::List(vec![integers(), Node::Schema(core_schema!("bool"))]);
        let schema = core_schema!("tuple", "items_schema" => kinds.clone());
        assert_eq!(
            accept(&schema, &["1", "1"]).unwrap(),
            ["Integer(1)", "Boolean(true)"]
        );
        assert_eq!(accept(&schema, &["1"]), None);
        let one = Node::List(vec![integers()]);
        let schema =
            core_schema!("tuple", "items_schema" => one, "variadic_item_index" => Node::Integer(0));
        assert_eq!(accept(&schema, &["1", "2", "3"]).unwrap().len(), 3);
        let schema = core_schema!("tuple", "items_schema" => kinds, "variadic_item_index" => Node::Integer(1));
        assert_eq!(accept(&schema, &["1", "1"]), None);
    }

    #[test]
    fn the_rest_is_not_certain() {
        let nested = Node::Schema(core_schema!("list", "items_schema" => integers()));
        assert_eq!(
            accept(&core_schema!("list", "items_schema" => nested), &["1"]),
            None
        );
        let strict =
            core_schema!("set", "items_schema" => integers(), "strict" => Node::Boolean(true));
        assert_eq!(accept(&strict, &["1"]), None);
    }
}
