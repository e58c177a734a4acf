//! str, int, float, bool and Decimal.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use super::build::{Builder, Outcome};
use super::instances::{class_address, derives_from};
use super::{Node, Run, Stop, Written, certain};
use crate::serialization::append::append;
use crate::serialization::leaf::{literal, write_float, write_int, write_text};
use crate::serialization::text::write_string;

/// A built-in scalar.
pub(super) trait Scalar: Sized {
    fn append(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Written;
}

impl Scalar for PyString {
    #[inline]
    fn append(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Written {
        match value.cast_exact::<PyString>() {
            Ok(text) => certain(write_text(out, text)),
            Err(_) => Err(Stop::mismatch(value.is_instance_of::<PyString>())),
        }
    }
}

impl Scalar for PyInt {
    #[inline]
    fn append(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Written {
        match value.cast_exact::<PyInt>() {
            Ok(number) => certain(write_int(out, number)),
            Err(_) => Err(Stop::mismatch(value.is_instance_of::<PyInt>())),
        }
    }
}

impl Scalar for PyFloat {
    #[inline]
    fn append(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Written {
        match value.cast_exact::<PyFloat>() {
            Ok(number) => certain(write_float(out, number)),
            // Whether an int is a float varies between the parts of pydantic.
            Err(_) => Err(Stop::mismatch(
                value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>(),
            )),
        }
    }
}

impl Scalar for PyBool {
    #[inline]
    fn append(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Written {
        match value.cast_exact::<PyBool>() {
            Ok(flag) => {
                append(out, literal(flag));
                Ok(())
            }
            Err(_) => Err(Stop::Refused),
        }
    }
}

#[inline]
pub(super) fn write<T: Scalar>(value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
    T::append(value, &mut run.out)
}

pub(super) fn write_none(value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
    if !value.is_none() {
        return Err(Stop::Refused);
    }
    append(&mut run.out, b"null");
    Ok(())
}

pub(super) struct DecimalNode {
    class: usize,
}

impl DecimalNode {
    pub(super) fn build(builder: &mut Builder<'_>) -> Outcome<Node> {
        let class = builder.import("decimal", "Decimal")?;
        Ok(Node::Decimal(DecimalNode { class }))
    }

    /// In the context's way of writing decimals, as in the reference.
    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        if class_address(value) != self.class {
            return Err(Stop::mismatch(derives_from(value, self.class)));
        }
        let text = value.str().map_err(|_| Stop::Unsure)?;
        write_string(&mut run.out, text.to_str().map_err(|_| Stop::Unsure)?);
        Ok(())
    }
}
