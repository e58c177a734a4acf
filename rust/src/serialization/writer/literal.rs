//! Literals. Outside a union any value passes; inside, only the expected strings and ints are certain.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};
use std::collections::HashSet;

use super::build::{Builder, Outcome};
use super::{Node, Run, Stop, Written, any};

pub(super) struct LiteralNode {
    texts: HashSet<String>,
    ints: HashSet<i64>,
    /// Whether other values are expected, which compare as they like.
    others: bool,
}

impl LiteralNode {
    pub(super) fn build<'py>(
        builder: &mut Builder<'py>,
        schema: &Bound<'py, PyDict>,
    ) -> Outcome<Node> {
        let mut node = LiteralNode {
            texts: HashSet::new(),
            ints: HashSet::new(),
            others: false,
        };
        for expected in builder.required(schema, "expected")?.try_iter()? {
            let expected = expected?;
            if let Ok(text) = expected.cast_exact::<PyString>() {
                node.texts.insert(text.to_str()?.to_owned());
            } else if let (Ok(number), true) = (
                expected.extract::<i64>(),
                expected.is_exact_instance_of::<PyInt>(),
            ) {
                node.ints.insert(number);
            } else {
                node.others = true;
            }
        }
        Ok(Node::Literal(node))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        if run.strict {
            let expected = if let Ok(text) = value.cast_exact::<PyString>() {
                self.texts
                    .contains(text.to_str().map_err(|_| Stop::Unsure)?)
            } else if value.is_exact_instance_of::<PyInt>() {
                value
                    .extract::<i64>()
                    .is_ok_and(|number| self.ints.contains(&number))
            } else if value.is_instance_of::<PyString>()
                || (value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>())
            {
                return Err(Stop::Unsure);
            } else {
                false
            };
            if !expected {
                return Err(Stop::mismatch(self.others));
            }
        }
        any::write(value, run)
    }
}
