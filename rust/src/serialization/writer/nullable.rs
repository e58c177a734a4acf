//! `None` or a value of another schema.

use pyo3::prelude::*;

use super::build::{Builder, Outcome, Place};
use super::{Node, Run, Written};

pub(super) struct NullableNode {
    inner: Box<Node>,
}

impl NullableNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, pyo3::types::PyDict>,
        place: &Place<'py>,
    ) -> Outcome<Node> {
        let inner = Box::new(builder.build_inner(schema, "schema", place)?);
        Ok(Node::Nullable(NullableNode { inner }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        if value.is_none() {
            run.out.extend_from_slice(b"null");
            return Ok(());
        }
        self.inner.write(value, run)
    }
}
