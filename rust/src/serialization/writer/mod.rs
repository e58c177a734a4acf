//! From a pydantic core schema to a writer of JSON bytes, compiled once per response field.
//!
//! Every type has a file with the same parts in the same order: a struct, its `build` from the schema, its
//! `write`. What a schema means for serialization follows pydantic-core's serializers in the mode
//! "json"; the bytes are those of `json.dumps` on their result. `door` is the boundary to Python.
//!
//! No code of the application runs while a value is written. So a value can be given up half-way, and the
//! slow twin, `ModelField.serialize` followed by `json.dumps`, starts afresh.

mod any;
mod build;
mod dataclass;
mod definitions;
mod dict;
pub mod door;
mod enumeration;
mod fields;
mod filter;
mod instances;
mod list;
mod literal;
mod model;
mod nullable;
mod scalars;
mod set;
mod temporal;
mod tuple;
mod typed_dict;
mod union;
mod unvalidated;
mod uuid;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use super::append::enclose;
use super::jsonable::SQLALCHEMY_PREFIX;
use super::text::write_string;

/// Containers inside containers that are written here; also bounds the depth of a schema.
const MAX_DEPTH: usize = 128;

type Brackets = [u8; 2];
const ARRAY: Brackets = *b"[]";
const OBJECT: Brackets = *b"{}";

/// Why a value was not written.
enum Stop {
    /// Certainly not a value of this schema: in a union, the next choice is tried.
    Refused,
    /// Not certain what the reference does.
    Unsure,
}

type Written = Result<(), Stop>;

impl Stop {
    /// What to answer for a value of another type. `near` tells whether the type derives from the right one.
    fn mismatch(near: bool) -> Stop {
        if near { Stop::Unsure } else { Stop::Refused }
    }
}

/// `None`, which means "not certain", as a `Stop`.
fn certain(written: Option<()>) -> Written {
    written.ok_or(Stop::Unsure)
}

/// One value being written.
struct Run<'w> {
    out: Vec<u8>,
    writer: &'w Compiled,
    /// How many containers are open.
    depth: usize,
    /// What is being written by a schema that may lead to itself, outermost first: the addresses of values and which
    /// schema each time. So a cycle is seen when it closes, where the reference sees it.
    path: Vec<(usize, usize)>,
    /// Inside a union, where pydantic counts fields and refuses what it would otherwise let pass.
    strict: bool,
    /// Whether the reference goes through the result again and drops keys that begin with `_sa`.
    drops: bool,
}

impl Run<'_> {
    /// Appends the key of a dict with its comma and its colon.
    fn key(&mut self, key: &Bound<'_, PyString>) -> Written {
        let text = key.to_str().map_err(|_| Stop::Unsure)?;
        if self.drops && text.starts_with(SQLALCHEMY_PREFIX) {
            return Err(Stop::Unsure);
        }
        self.out.push(b',');
        write_string(&mut self.out, text);
        self.out.push(b':');
        Ok(())
    }

    /// Writes a value by a schema that may lead to itself, `schema` being its number.
    fn guarded(
        &mut self,
        value: &Bound<'_, PyAny>,
        schema: usize,
        write: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        let step = (value.as_ptr() as usize, schema);
        if self.path.contains(&step) {
            return Err(Stop::Unsure);
        }
        self.path.push(step);
        self.deeper(write)?;
        self.path.pop();
        Ok(())
    }

    #[inline]
    fn deeper(&mut self, write: impl FnOnce(&mut Self) -> Written) -> Written {
        if self.depth == MAX_DEPTH {
            return Err(Stop::Unsure);
        }
        self.depth += 1;
        write(self)?;
        self.depth -= 1;
        Ok(())
    }

    /// Writes what a container holds, each item after a comma, and its brackets.
    #[inline]
    fn container(
        &mut self,
        brackets: Brackets,
        write: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        self.deeper(|run| run.enclose(brackets, write))
    }

    #[inline]
    fn enclose(&mut self, brackets: Brackets, write: impl FnOnce(&mut Self) -> Written) -> Written {
        let start = self.out.len();
        write(self)?;
        enclose(&mut self.out, start, brackets);
        Ok(())
    }

    #[inline(always)]
    fn items<'py>(
        &mut self,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        node: &Node,
    ) -> Written {
        for item in items {
            self.out.push(b',');
            node.write(&item, self)?;
        }
        Ok(())
    }
}

/// Which fields are left out whatever they are named: the same for the whole of a response.
#[derive(Clone, Copy, Default)]
struct Omissions {
    unset: bool,
    defaults: bool,
    none: bool,
}

impl Omissions {
    /// Whether a missing field proves nothing, so that pydantic does not count them.
    fn any(self) -> bool {
        self.unset || self.defaults || self.none
    }
}

/// A schema ready to write values.
struct Compiled {
    root: Node,
    /// Schemas that others refer to by their place here, since they may contain themselves; `None` if none does.
    definitions: Vec<Option<Node>>,
    omissions: Omissions,
    unvalidated: unvalidated::Unvalidated,
    /// Keeps alive the classes and members that nodes know by their address.
    anchors: Vec<Py<PyAny>>,
}

/// One schema, compiled. Its kind is read most often, so nothing shares its byte.
#[repr(u8)]
enum Node {
    Any,
    None,
    Bool,
    Int,
    Float,
    Str,
    Decimal(scalars::DecimalNode),
    Uuid(uuid::UuidNode),
    Date,
    Time,
    DateTime,
    TimeDelta,
    Enum(enumeration::EnumNode),
    Literal(literal::LiteralNode),
    Nullable(nullable::NullableNode),
    List(list::ListNode),
    Set(set::SetNode),
    FrozenSet(set::SetNode),
    Tuple(tuple::TupleNode),
    Dict(dict::DictNode),
    Model(model::ModelNode),
    Dataclass(dataclass::DataclassNode),
    TypedDict(typed_dict::TypedDictNode),
    Union(union::UnionNode),
    TaggedUnion(union::TaggedUnionNode),
    Definition(definitions::ReferenceNode),
}

impl Node {
    #[inline(always)]
    fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        match self {
            // By far the most, without a call for each.
            Node::Str => scalars::write::<PyString>(value, run),
            Node::Int => scalars::write::<PyInt>(value, run),
            Node::Float => scalars::write::<PyFloat>(value, run),
            _ => self.write_any_kind(value, run),
        }
    }

    /// A jump to the function of the kind, which is not inlined for that.
    fn write_any_kind(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        match self {
            Node::Any => any::write(value, run),
            Node::None => scalars::write_none(value, run),
            Node::Bool => scalars::write::<PyBool>(value, run),
            Node::Int => scalars::write::<PyInt>(value, run),
            Node::Float => scalars::write::<PyFloat>(value, run),
            Node::Str => scalars::write::<PyString>(value, run),
            Node::Decimal(node) => node.write(value, run),
            Node::Uuid(node) => node.write(value, run),
            Node::Date => temporal::write_date(value, run),
            Node::Time => temporal::write_time(value, run),
            Node::DateTime => temporal::write_datetime(value, run),
            Node::TimeDelta => temporal::write_timedelta(value, run),
            Node::Enum(node) => node.write(value, run),
            Node::Literal(node) => node.write(value, run),
            Node::Nullable(node) => node.write(value, run),
            Node::List(node) => node.write(value, run),
            Node::Set(node) => node.write_set(value, run),
            Node::FrozenSet(node) => node.write_frozen(value, run),
            Node::Tuple(node) => node.write(value, run),
            Node::Dict(node) => node.write(value, run),
            Node::Model(node) => node.write(value, run),
            Node::Dataclass(node) => node.write(value, run),
            Node::TypedDict(node) => node.write(value, run),
            Node::Union(node) => node.write(value, run),
            Node::TaggedUnion(node) => node.write(value, run),
            Node::Definition(node) => node.write(value, run),
        }
    }
}
