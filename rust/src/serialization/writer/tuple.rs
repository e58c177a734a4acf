//! Tuples with a schema for each place, one of which may repeat.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::build::{Builder, Outcome, Place};
use super::{ARRAY, Node, Run, Stop, Written};

pub(super) struct TupleNode {
    items: Vec<Node>,
    repeated: Option<usize>,
}

impl TupleNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        place.filter.none_left("a tuple")?;
        let mut items = Vec::new();
        for item in builder.required(schema, "items_schema")?.try_iter()? {
            items.push(builder.build(&item?.cast_into()?, place)?);
        }
        let repeated = match schema.get_item("variadic_item_index")? {
            Some(index) if !index.is_none() => Some(index.extract::<usize>()?),
            _ => None,
        };
        if repeated.is_some_and(|index| index >= items.len()) {
            return builder.refuse("a tuple that repeats an item it does not have");
        }
        Ok(Node::Tuple(TupleNode { items, repeated }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Ok(tuple) = value.cast_exact::<PyTuple>() else {
            return Err(Stop::mismatch(value.is_instance_of::<PyTuple>()));
        };
        let (length, fixed) = (tuple.len(), self.items.len());
        let (before, times) = match self.repeated {
            Some(index) if length + 1 >= fixed => (index, length + 1 - fixed),
            None if length == fixed => (length, 0),
            _ => return Err(Stop::Unsure),
        };
        run.container(ARRAY, |run| {
            tuple.iter().enumerate().try_for_each(|(index, item)| {
                let node = if index < before {
                    index
                } else if index < before + times {
                    before
                } else {
                    index + 1 - times
                };
                run.out.push(b',');
                self.items[node].write(&item, run)
            })
        })
    }
}
