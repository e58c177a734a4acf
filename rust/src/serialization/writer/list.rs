//! Lists.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::build::{Builder, Outcome, Place};
use super::{ARRAY, Node, Run, Stop, Written};

pub(super) struct ListNode {
    /// `None` if the options leave out every item.
    items: Option<Box<Node>>,
}

impl ListNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        let items = match place.filter.items()? {
            Some(filter) => {
                let place = Place {
                    filter,
                    ..place.clone()
                };
                Some(Box::new(builder.build_items(
                    schema,
                    "items_schema",
                    &place,
                )?))
            }
            None => None,
        };
        Ok(Node::List(ListNode { items }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        let Ok(list) = value.cast_exact::<PyList>() else {
            return Err(Stop::mismatch(value.is_instance_of::<PyList>()));
        };
        match &self.items {
            Some(items) => run.container(ARRAY, |run| run.items(list.iter(), items)),
            None => {
                run.out.extend_from_slice(&ARRAY);
                Ok(())
            }
        }
    }
}
