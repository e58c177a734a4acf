//! A core schema from Python.

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyDate, PyDateAccess, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple,
};

use crate::params::schema::{Node, Schema};
use crate::params::value::Day;

/// Reads core schemas, and keeps the members of enumerations that it meets.
pub struct Reader<'a, 'py> {
    /// `decimal.Decimal`
    pub decimal: &'a Bound<'py, PyAny>,
    /// Where the numbers of `Node::Member` point
    pub constants: &'a mut Vec<Py<PyAny>>,
}

/// Deeper schemas are no parameters.
const DEPTH: usize = 24;

impl Reader<'_, '_> {
    /// Reads the core schema of a field; `None` if it is not a dictionary.
    pub fn read(&mut self, schema: &Bound<'_, PyAny>) -> Option<Schema> {
        match self.node(schema, DEPTH) {
            Node::Schema(schema) => Some(schema),
            _ => None,
        }
    }

    fn node(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> Node {
        self.certain(object, depth).unwrap_or(Node::Opaque)
    }

    /// Understands exact types only: a subclass may compare in its own way.
    fn certain(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        if object.is_none() {
            return Some(Node::Null);
        }
        if let Ok(value) = object.cast_exact::<PyBool>() {
            return Some(Node::Boolean(value.is_true()));
        }
        if object.is_exact_instance_of::<PyInt>() {
            return object.extract().ok().map(Node::Integer);
        }
        if let Ok(value) = object.cast_exact::<PyFloat>() {
            return Some(Node::Float(value.value()));
        }
        if let Ok(value) = object.cast_exact::<PyString>() {
            return value.to_str().ok().map(|text| Node::Text(text.to_owned()));
        }
        if let Ok(value) = object.cast_exact::<PyDate>() {
            let day = Day {
                year: value.get_year(),
                month: value.get_month(),
                day: value.get_day(),
            };
            return Some(Node::Date(day));
        }
        if object.get_type().is(self.decimal) {
            return object
                .str()
                .ok()?
                .to_str()
                .ok()
                .map(|text| Node::Decimal(text.to_owned()));
        }
        if let Ok(items) = object.cast_exact::<PyList>() {
            return Some(Node::List(
                items.iter().map(|item| self.node(&item, depth)).collect(),
            ));
        }
        if let Ok(items) = object.cast_exact::<PyTuple>() {
            return Some(Node::List(
                items.iter().map(|item| self.node(&item, depth)).collect(),
            ));
        }
        let dict = object.cast_exact::<PyDict>().ok()?;
        let mut entries = Vec::with_capacity(dict.len());
        for (key, value) in dict.iter() {
            let key: String = key.extract().ok()?;
            let node = match key.as_str() {
                "metadata" | "serialization" | "cls" => Node::Opaque,
                "members" => self.members(&value, depth),
                _ => self.node(&value, depth),
            };
            entries.push((key, node));
        }
        Some(Node::Schema(Schema(entries)))
    }

    fn members(&mut self, members: &Bound<'_, PyAny>, depth: usize) -> Node {
        let Ok(members) = members.cast_exact::<PyList>() else {
            return Node::Opaque;
        };
        let member = |member: Bound<'_, PyAny>| {
            let value = match member.getattr("value") {
                Ok(value) => self.node(&value, depth),
                Err(_) => Node::Opaque,
            };
            self.constants.push(member.unbind());
            Node::Member(self.constants.len() - 1, Box::new(value))
        };
        Node::List(members.iter().map(member).collect())
    }
}
