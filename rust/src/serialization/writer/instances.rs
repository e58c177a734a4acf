//! What is found out about objects without running their code.

use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::PyDict;
use pyo3::{Bound, ffi};

use super::Written;

#[inline]
pub(super) fn class_address(value: &Bound<'_, PyAny>) -> usize {
    value.get_type_ptr() as usize
}

/// Whether the class is among the bases of the value's class. `isinstance` may ask the value.
pub(super) fn derives_from(value: &Bound<'_, PyAny>, class: usize) -> bool {
    value
        .get_type()
        .mro()
        .iter_borrowed()
        .any(|base| base.as_ptr() as usize == class)
}

/// The attributes of an instance whose class leaves `__dict__` as `object` has it.
#[inline]
pub(super) fn attributes<'py>(value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    // SAFETY: `value` is a live object and the thread is attached; the context is not used by this
    // function, which returns a new reference, or null with an error set.
    let dict = unsafe {
        Bound::from_owned_ptr_or_err(
            value.py(),
            ffi::PyObject_GenericGetDict(value.as_ptr(), std::ptr::null_mut()),
        )
    };
    dict.ok()?.cast_into_exact().ok()
}

/// Visits the keys and values of a dict in their order, until one is not written.
///
/// `PyDict::iter` panics if the dict is changed meanwhile, as the finalizer of any object may do.
#[inline]
pub(super) fn each_entry<'py>(
    dict: &Bound<'py, PyDict>,
    mut visit: impl FnMut(&Bound<'py, PyAny>, &Bound<'py, PyAny>) -> Written,
) -> Written {
    let py = dict.py();
    let (mut place, mut key, mut value) = (0, std::ptr::null_mut(), std::ptr::null_mut());
    with_critical_section(dict, || {
        // To look for one more would cost as much as to find one.
        for _ in 0..dict.len() {
            // SAFETY: `dict` is a live dict, the thread is attached, and there is room for what is found.
            let found =
                unsafe { ffi::PyDict_Next(dict.as_ptr(), &mut place, &mut key, &mut value) };
            if found == 0 {
                break;
            }
            // SAFETY: both are borrowed from the dict, until they have an owner here.
            let (key, value) = unsafe {
                (
                    Bound::from_borrowed_ptr(py, key),
                    Bound::from_borrowed_ptr(py, value),
                )
            };
            visit(&key, &value)?;
        }
        Ok(())
    })
}

/// The class that defines what instances have under `name`, and that definition.
pub(super) fn defined<'py>(
    class: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
    for base in class.getattr("__mro__")?.try_iter()? {
        let base = base?;
        let namespace = base.getattr("__dict__")?;
        if namespace.contains(name)? {
            return Ok(Some((namespace.get_item(name)?, base)));
        }
    }
    Ok(None)
}
