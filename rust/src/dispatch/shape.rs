//! Whether an object is still what a plan was made from.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use pyo3::{PyTraverseError, PyVisit};

use crate::utils::states::{UNKNOWN, attributes_state};

/// An object's attributes, and the items of those that are lists, as they were.
pub struct Shape {
    attributes: Py<PyDict>,
    /// The number of their state, where there is one
    state: u64,
    values: Vec<Py<PyAny>>,
    lists: Vec<(Py<PyList>, Vec<Py<PyAny>>)>,
}

impl Shape {
    /// Remembers the attributes of an object.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let attributes = object.getattr("__dict__")?.cast_into::<PyDict>()?;
        let values: Vec<Bound<'_, PyAny>> = attributes.values().iter().collect();
        let lists = values
            .iter()
            .filter_map(|value| value.cast_exact::<PyList>().ok())
            .map(|list| {
                let items = list.iter().map(Bound::unbind).collect();
                (list.clone().unbind(), items)
            })
            .collect();
        Ok(Self {
            state: attributes_state(&attributes),
            attributes: attributes.unbind(),
            values: values.into_iter().map(Bound::unbind).collect(),
            lists,
        })
    }

    /// Shows the collector what is remembered.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.attributes)?;
        for value in &self.values {
            visit.call(value)?;
        }
        for (list, items) in &self.lists {
            visit.call(list)?;
            for item in items {
                visit.call(item)?;
            }
        }
        Ok(())
    }

    /// Whether the object still has the very same attributes and items.
    pub fn holds(&self, py: Python<'_>) -> bool {
        self.has_same_values(py)
            && self
                .lists
                .iter()
                .all(|(list, items)| has_same_items(list.bind(py), items))
    }

    fn has_same_values(&self, py: Python<'_>) -> bool {
        let attributes = self.attributes.bind(py);
        if self.state != UNKNOWN && attributes_state(attributes) == self.state {
            return true;
        }
        if attributes.len() != self.values.len() {
            return false;
        }
        let (mut position, mut value) = (0, std::ptr::null_mut());
        let mut then = self.values.iter();
        // SAFETY: the dictionary is live and, as nothing here runs Python code, does not change meanwhile;
        // the values are borrowed and only their addresses are used.
        while unsafe {
            ffi::PyDict_Next(
                attributes.as_ptr(),
                &mut position,
                std::ptr::null_mut(),
                &mut value,
            )
        } != 0
        {
            if then.next().is_none_or(|then| then.as_ptr() != value) {
                return false;
            }
        }
        true
    }
}

fn has_same_items(list: &Bound<'_, PyList>, items: &[Py<PyAny>]) -> bool {
    list.len() == items.len()
        && (0..).zip(items).all(|(at, then)| {
            // SAFETY: the list is live and that long; nothing here runs Python code. The item is borrowed and
            // only its address is used.
            unsafe { ffi::PyList_GET_ITEM(list.as_ptr(), at) == then.as_ptr() }
        })
}
