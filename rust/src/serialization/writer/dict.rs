//! Dicts whose keys are all of one kind, so that no two of them are written alike.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt};

use super::build::{Builder, Outcome, Place};
use super::instances::each_entry;
use super::{Node, OBJECT, Run, Stop, Written, scalars};

pub(super) struct DictNode {
    keys: Keys,
    values: Box<Node>,
}

enum Keys {
    Text,
    Int,
    Uuid(super::uuid::UuidNode),
}

impl DictNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        place.filter.none_left("a dict")?;
        let keys = match builder.build_items(schema, "keys_schema", place)? {
            Node::Str | Node::Any => Keys::Text,
            Node::Int => Keys::Int,
            Node::Uuid(uuid) => Keys::Uuid(uuid),
            _ => return builder.refuse("a dict with keys other than str, int or UUID"),
        };
        let values = Box::new(builder.build_items(schema, "values_schema", place)?);
        Ok(Node::Dict(DictNode { keys, values }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Ok(dict) = value.cast_exact::<PyDict>() else {
            return Err(Stop::mismatch(value.is_instance_of::<PyDict>()));
        };
        run.container(OBJECT, |run| {
            each_entry(dict, |key, value| {
                self.keys.write(key, run)?;
                self.values.write(value, run)
            })
        })
    }
}

impl Keys {
    fn write(&self, key: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        // What pydantic does with keys of other types is its own story: they are never refused.
        match self {
            Keys::Text => run.key(key.cast_exact().map_err(|_| Stop::Unsure)?),
            Keys::Int => {
                run.out.extend_from_slice(b",\"");
                scalars::write::<PyInt>(key, run).map_err(|_| Stop::Unsure)?;
                run.out.extend_from_slice(b"\":");
                Ok(())
            }
            Keys::Uuid(uuid) => {
                run.out.push(b',');
                uuid.write(key, run).map_err(|_| Stop::Unsure)?;
                run.out.push(b':');
                Ok(())
            }
        }
    }
}
