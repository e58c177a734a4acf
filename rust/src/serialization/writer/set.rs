//! Sets and frozen sets, written in the order in which they iterate.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PySet};

use super::build::{Builder, Outcome, Place};
use super::{ARRAY, Node, Run, Stop, Written};

pub(super) struct SetNode {
    items: Box<Node>,
}

impl SetNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<SetNode> {
        place.filter.none_left("a set")?;
        Ok(SetNode {
            items: Box::new(builder.build_items(schema, "items_schema", place)?),
        })
    }

    #[inline(never)]
    pub(super) fn write_set(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Ok(set) = value.cast_exact::<PySet>() else {
            return Err(Stop::mismatch(value.is_instance_of::<PySet>()));
        };
        run.enclose(ARRAY, |run| run.items(set.iter(), &self.items))
    }

    #[inline(never)]
    pub(super) fn write_frozen(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Ok(set) = value.cast_exact::<PyFrozenSet>() else {
            return Err(Stop::mismatch(value.is_instance_of::<PyFrozenSet>()));
        };
        run.enclose(ARRAY, |run| run.items(set.iter(), &self.items))
    }
}
