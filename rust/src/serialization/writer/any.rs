//! Values of which the schema says nothing: JSON's own types.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::instances::each_entry;
use super::{ARRAY, Brackets, Node, OBJECT, Run, Stop, Written, certain};
use crate::serialization::leaf::{literal, write_float, write_int, write_text};

#[inline(never)]
pub(super) fn write(value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
    if let Ok(text) = value.cast_exact::<PyString>() {
        certain(write_text(&mut run.out, text))
    } else if let Ok(number) = value.cast_exact::<PyInt>() {
        certain(write_int(&mut run.out, number))
    } else if value.is_none() {
        run.out.extend_from_slice(b"null");
        Ok(())
    } else if let Ok(flag) = value.cast_exact::<PyBool>() {
        run.out.extend_from_slice(literal(flag));
        Ok(())
    } else if let Ok(number) = value.cast_exact::<PyFloat>() {
        certain(write_float(&mut run.out, number))
    } else if let Ok(list) = value.cast_exact::<PyList>() {
        container(value, run, ARRAY, |run| run.items(list.iter(), &Node::Any))
    } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        container(value, run, ARRAY, |run| run.items(tuple.iter(), &Node::Any))
    } else if let Ok(dict) = value.cast_exact::<PyDict>() {
        container(value, run, OBJECT, |run| {
            each_entry(dict, |key, value| {
                // Other keys become strings, which may meet the same string.
                run.key(key.cast_exact().map_err(|_| Stop::Unsure)?)?;
                write(value, run)
            })
        })
    } else {
        Err(Stop::Unsure)
    }
}

/// The number of this schema among those that may lead to themselves.
const NUMBER: usize = usize::MAX;

fn container(
    value: &Bound<'_, PyAny>,
    run: &mut Run<'_>,
    brackets: Brackets,
    write: impl FnOnce(&mut Run<'_>) -> Written,
) -> Written {
    run.guarded(value, NUMBER, |run| run.enclose(brackets, write))
}
