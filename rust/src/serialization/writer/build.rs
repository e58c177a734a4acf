//! Compiles core schemas, or says why one is left to the reference.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::fmt;

use super::dataclass::DataclassNode;
use super::definitions::{self, Definitions};
use super::dict::DictNode;
use super::enumeration::EnumNode;
use super::filter::Filter;
use super::list::ListNode;
use super::literal::LiteralNode;
use super::model::ModelNode;
use super::nullable::NullableNode;
use super::scalars::DecimalNode;
use super::set::SetNode;
use super::tuple::TupleNode;
use super::typed_dict::TypedDictNode;
use super::union::{TaggedUnionNode, UnionNode};
use super::unvalidated::Unvalidated;
use super::uuid::UuidNode;
use super::{Compiled, MAX_DEPTH, Node, Omissions};

/// Why a schema is left to the reference, in words, and where in the response that is.
#[derive(Debug)]
pub(super) struct Reason {
    what: String,
    place: Vec<String>,
}

pub(super) type Outcome<T> = Result<T, Reason>;

impl Reason {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Reason {
            what: what.into(),
            place: Vec::new(),
        }
    }

    /// Says in which field this is; called from the innermost outwards.
    pub(super) fn inside(mut self, field: &str) -> Self {
        self.place.push(field.to_owned());
        self
    }
}

impl From<PyErr> for Reason {
    fn from(error: PyErr) -> Self {
        Reason::new(format!("a schema that cannot be read ({error})"))
    }
}

impl<'a, 'py> From<pyo3::CastError<'a, 'py>> for Reason {
    fn from(error: pyo3::CastError<'a, 'py>) -> Self {
        PyErr::from(error).into()
    }
}

impl From<pyo3::CastIntoError<'_>> for Reason {
    fn from(error: pyo3::CastIntoError<'_>) -> Self {
        PyErr::from(error).into()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        for (index, field) in self.place.iter().rev().enumerate() {
            write!(
                formatter,
                "{}{field}",
                if index == 0 { " at " } else { "." }
            )?;
        }
        Ok(())
    }
}

/// What surrounds a schema and has a say in how it is serialized.
#[derive(Clone)]
pub(super) struct Place<'py> {
    /// That of the innermost model.
    pub(super) config: Option<Bound<'py, PyDict>>,
    pub(super) filter: Filter<'py>,
}

impl<'py> Place<'py> {
    pub(super) fn unfiltered(&self) -> Self {
        Place {
            config: self.config.clone(),
            filter: Filter::default(),
        }
    }
}

pub(super) struct Builder<'py> {
    pub(super) py: Python<'py>,
    pub(super) by_alias: bool,
    pub(super) omissions: Omissions,
    pub(super) definitions: Definitions<'py>,
    anchors: Vec<Py<PyAny>>,
    depth: usize,
}

/// Compiles `schema` for these options.
pub(super) fn compile<'py>(
    schema: &Bound<'py, PyAny>,
    filter: Filter<'py>,
    by_alias: bool,
    omissions: Omissions,
) -> Outcome<Compiled> {
    let mut builder = Builder {
        py: schema.py(),
        by_alias,
        omissions,
        definitions: Definitions::default(),
        anchors: Vec::new(),
        depth: 0,
    };
    let place = Place {
        config: None,
        filter,
    };
    let Ok(schema) = schema.cast::<PyDict>() else {
        return builder.refuse("a type that pydantic has not completed");
    };
    let root = builder.build(schema, &place)?;
    let unvalidated = Unvalidated::build(&mut builder, schema)?;
    Ok(Compiled {
        root,
        definitions: builder.definitions.nodes,
        omissions,
        unvalidated,
        anchors: builder.anchors,
    })
}

impl<'py> Builder<'py> {
    pub(super) fn refuse<T>(&self, what: impl Into<String>) -> Outcome<T> {
        Err(Reason::new(what))
    }

    pub(super) fn required(
        &self,
        schema: &Bound<'py, PyDict>,
        key: &str,
    ) -> Outcome<Bound<'py, PyAny>> {
        match schema.get_item(key)? {
            Some(value) => Ok(value),
            None => self.refuse(format!("a schema without `{key}`")),
        }
    }

    /// Keeps `object` alive as long as the writer, and returns its address.
    pub(super) fn anchor(&mut self, object: &Bound<'py, PyAny>) -> usize {
        self.anchors.push(object.clone().unbind());
        object.as_ptr() as usize
    }

    pub(super) fn import(&mut self, module: &str, name: &str) -> Outcome<usize> {
        let object = self.py.import(module)?.getattr(name)?;
        Ok(self.anchor(&object))
    }

    /// Refuses a schema with keys of which it is not known that serialization ignores or heeds them.
    pub(super) fn only(&self, schema: &Bound<'py, PyDict>, known: &[&str]) -> Outcome<()> {
        for key in schema.keys() {
            let key = key.extract::<String>()?;
            if !known.contains(&key.as_str()) {
                return self.refuse(format!("a schema with `{key}`"));
            }
        }
        Ok(())
    }

    pub(super) fn flag(&self, schema: &Bound<'py, PyDict>, key: &str) -> Outcome<bool> {
        match schema.get_item(key)? {
            Some(value) if !value.is_none() => Ok(value.extract()?),
            _ => Ok(false),
        }
    }

    pub(super) fn build_inner(
        &mut self,
        schema: &Bound<'py, PyDict>,
        key: &str,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        let inner = self.required(schema, key)?.cast_into::<PyDict>()?;
        self.build(&inner, place)
    }

    /// The schema of items, which may be anything if it is not given.
    pub(super) fn build_items(
        &mut self,
        schema: &Bound<'py, PyDict>,
        key: &str,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        match schema.get_item(key)? {
            Some(items) if !items.is_none() => self.build(&items.cast_into()?, place),
            _ => self.any(place),
        }
    }

    pub(super) fn build(
        &mut self,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.refuse("a schema that is nested too deeply");
        }
        let node = self.dispatch(schema, place)?;
        self.depth -= 1;
        Ok(node)
    }

    fn dispatch(&mut self, schema: &Bound<'py, PyDict>, place: &Place<'py>) -> Outcome<Node> {
        if let Some(serialization) = schema.get_item("serialization")? {
            return self.refuse(describe_serialization(&serialization));
        }
        let kind = self.required(schema, "type")?;
        match kind.cast::<PyString>()?.to_str()? {
            "any" | "is-instance" | "is-subclass" | "callable" | "function-plain" => {
                self.any(place)
            }
            "none" => Ok(Node::None),
            "bool" => Ok(Node::Bool),
            "int" => Ok(Node::Int),
            "float" => Ok(Node::Float),
            "str" => Ok(Node::Str),
            "decimal" => DecimalNode::build(self),
            "uuid" => UuidNode::build(self),
            "date" => self.temporal(Node::Date, place),
            "time" => self.temporal(Node::Time, place),
            "datetime" => self.temporal(Node::DateTime, place),
            "timedelta" => self.temporal(Node::TimeDelta, place),
            "enum" => EnumNode::build(self, schema),
            "literal" => LiteralNode::build(self, schema),
            "nullable" => NullableNode::build(self, schema, place),
            "list" => ListNode::build(self, schema, place),
            "set" => SetNode::build(self, schema, place).map(Node::Set),
            "frozenset" => SetNode::build(self, schema, place).map(Node::FrozenSet),
            "tuple" => TupleNode::build(self, schema, place),
            "dict" => DictNode::build(self, schema, place),
            "model" => ModelNode::build(self, schema, place),
            "dataclass" => DataclassNode::build(self, schema, place),
            "typed-dict" => TypedDictNode::build(self, schema, place),
            "union" => UnionNode::build(self, schema, place),
            "tagged-union" => TaggedUnionNode::build(self, schema, place),
            "definitions" => definitions::build(self, schema, place),
            "definition-ref" => definitions::build_reference(self, schema, place),
            // These validate, and are serialized as what they validate.
            "default" | "function-before" | "function-after" | "function-wrap" | "custom-error" => {
                self.build_inner(schema, "schema", place)
            }
            "lax-or-strict" => self.build_inner(schema, "strict_schema", place),
            "json-or-python" => self.build_inner(schema, "python_schema", place),
            "chain" => match self.required(schema, "steps")?.try_iter()?.last() {
                Some(step) => self.build(&step?.cast_into()?, place),
                None => self.refuse("a chain without steps"),
            },
            other => self.refuse(format!("values of the kind `{other}`")),
        }
    }

    fn any(&self, place: &Place<'py>) -> Outcome<Node> {
        place.filter.none_left("a value of any type")?;
        Ok(Node::Any)
    }

    fn temporal(&self, node: Node, place: &Place<'py>) -> Outcome<Node> {
        if let Some(config) = &place.config {
            for key in ["ser_json_temporal", "ser_json_timedelta"] {
                if let Some(mode) = config.get_item(key)?
                    && mode.extract::<String>()? != "iso8601"
                {
                    return self.refuse(format!("a configuration with {key}"));
                }
            }
        }
        Ok(node)
    }
}

fn describe_serialization(serialization: &Bound<'_, PyAny>) -> String {
    let part = |key: &str| serialization.get_item(key).ok();
    let function = part("function").and_then(|function| {
        let name = function.getattr("__qualname__").ok()?;
        name.extract::<String>().ok()
    });
    let kind = part("type").and_then(|kind| kind.extract::<String>().ok());
    match (function, kind) {
        (Some(function), _) => format!("a serializer of its own ({function})"),
        (None, Some(kind)) => format!("a serializer of its own ({kind})"),
        (None, None) => "a serializer of its own".to_owned(),
    }
}
