//! Python's scalars of exactly the built-in types, as JSON. `None` means "not certain".

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use super::append::append;
use super::{float, text};

#[inline]
pub(super) fn write_text(out: &mut Vec<u8>, value: &Bound<'_, PyString>) -> Option<()> {
    text::write_string(out, utf8(value)?);
    Some(())
}

/// The text, unless it has lone surrogates.
#[inline]
pub(super) fn utf8<'a>(value: &'a Bound<'_, PyString>) -> Option<&'a str> {
    // The layout of a `str` has no names for Python 3.14 in PyO3: there, a call of Python's own tells as much.
    // SAFETY: `object` is a live `str`. One that is compact and ASCII has its characters behind its head, as
    // bytes of which each is below 128; they never change and live as long as `value` holds it.
    #[cfg(not(Py_3_14))]
    unsafe {
        let object = value.as_ptr();
        if ffi::PyUnicode_IS_COMPACT_ASCII(object) != 0 {
            let length = ffi::PyUnicode_GET_LENGTH(object).cast_unsigned();
            let bytes = std::slice::from_raw_parts(ffi::PyUnicode_DATA(object).cast(), length);
            return Some(std::str::from_utf8_unchecked(bytes));
        }
    }
    value.to_str().ok()
}

#[inline]
pub(super) fn write_int(out: &mut Vec<u8>, value: &Bound<'_, PyInt>) -> Option<()> {
    let mut overflow = 0;
    // SAFETY: `value` is a live int, for which this neither fails nor runs code.
    let small = unsafe { ffi::PyLong_AsLongAndOverflow(value.as_ptr(), &mut overflow) };
    if overflow != 0 {
        return write_large_int(out, value);
    }
    append(out, itoa::Buffer::new().format(small).as_bytes());
    Some(())
}

/// Python's limit on the digits of an int applies in `str` as it does in the reference.
#[cold]
fn write_large_int(out: &mut Vec<u8>, value: &Bound<'_, PyInt>) -> Option<()> {
    out.extend_from_slice(value.str().ok()?.to_str().ok()?.as_bytes());
    Some(())
}

#[inline]
pub(super) fn write_float(out: &mut Vec<u8>, value: &Bound<'_, PyFloat>) -> Option<()> {
    let value = value.value();
    value.is_finite().then(|| float::write_float(out, value))
}

pub(super) fn literal(flag: &Bound<'_, PyBool>) -> &'static [u8] {
    if flag.is_true() { b"true" } else { b"false" }
}
