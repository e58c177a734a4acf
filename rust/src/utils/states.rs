//! The numbers that Python gives to the states of dictionaries and classes.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

/// No state has this number.
pub const UNKNOWN: u64 = 0;

/// PEP 509: every change to a dictionary gives it a number that no dictionary had before.
///
/// For the attributes of instances see [`attributes_state`].
#[cfg(not(Py_3_14))]
#[allow(
    deprecated,
    reason = "it works in the versions of Python that this is compiled for"
)]
pub fn dict_state(dict: &Bound<'_, PyDict>) -> u64 {
    // SAFETY: the object is a live dictionary, so it has this layout.
    unsafe { (*dict.as_ptr().cast::<ffi::PyDictObject>()).ma_version_tag }
}

/// There are no such numbers since Python 3.14.
#[cfg(Py_3_14)]
pub fn dict_state(_: &Bound<'_, PyDict>) -> u64 {
    UNKNOWN
}

/// The number of an instance's `__dict__`, which Python 3.13 does not change with each attribute.
pub fn attributes_state(attributes: &Bound<'_, PyDict>) -> u64 {
    if cfg!(Py_3_13) {
        UNKNOWN
    } else {
        dict_state(attributes)
    }
}

/// A change to a class, or to one that it inherits from, takes its number away; a lookup gives it a new one.
pub fn class_state(class: &Bound<'_, PyType>) -> u64 {
    let class = class.as_type_ptr();
    // SAFETY: the object is a live type, so it has this layout.
    let (flags, number) = unsafe { ((*class).tp_flags, (*class).tp_version_tag) };
    // Since Python 3.13 the flag is not used; the number itself is 0 where it does not count.
    let counts = cfg!(Py_3_13) || flags & ffi::Py_TPFLAGS_VALID_VERSION_TAG != 0;
    if counts { number.into() } else { UNKNOWN }
}

/// The `__dict__` of an object whose class does not say otherwise.
pub fn attributes_of<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    // SAFETY: the object is live, and the context is not used. It returns a new reference, or NULL with an
    // exception, which is fetched and dropped.
    let attributes = unsafe {
        let attributes = ffi::PyObject_GenericGetDict(object.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_err(object.py(), attributes)
    };
    attributes.ok()?.cast_into_exact().ok()
}
