//! Python's scalars of exactly the built-in types, as JSON. `None` means "not certain".

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use super::{float, text};

pub(super) fn write_text(out: &mut Vec<u8>, value: &Bound<'_, PyString>) -> Option<()> {
    text::write_string(out, value.to_str().ok()?);
    Some(())
}

pub(super) fn write_int(out: &mut Vec<u8>, value: &Bound<'_, PyInt>) -> Option<()> {
    if let Ok(small) = value.extract::<i64>() {
        out.extend_from_slice(itoa::Buffer::new().format(small).as_bytes());
    } else {
        // Python's limit on the digits of an int applies in `str` as it does in the reference.
        out.extend_from_slice(value.str().ok()?.to_str().ok()?.as_bytes());
    }
    Some(())
}

pub(super) fn write_float(out: &mut Vec<u8>, value: &Bound<'_, PyFloat>) -> Option<()> {
    let value = value.value();
    value.is_finite().then(|| float::write_float(out, value))
}

pub(super) fn literal(flag: &Bound<'_, PyBool>) -> &'static [u8] {
    if flag.is_true() { b"true" } else { b"false" }
}
