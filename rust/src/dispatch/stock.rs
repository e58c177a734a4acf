//! Whether everything is still what a plan was made from.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyModule, PyString};

/// A name in a module or class, and what must stand there.
pub struct Part {
    place: Place,
    name: Py<PyString>,
    shipped: Py<PyAny>,
}

enum Place {
    /// The namespace of a module
    Module(Py<PyDict>),
    Class(Py<PyAny>),
}

impl Part {
    /// Takes a part as `fastapi.plan.stock` lists it.
    pub fn new(owner: Bound<'_, PyAny>, name: Py<PyString>, shipped: Py<PyAny>) -> PyResult<Self> {
        let place = match owner.cast::<PyModule>() {
            Ok(module) => Place::Module(module.dict().unbind()),
            Err(_) => Place::Class(owner.unbind()),
        };
        Ok(Self {
            place,
            name,
            shipped,
        })
    }

    /// Whether it is as it was shipped.
    pub fn is_stock(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(match &self.place {
            Place::Module(namespace) => namespace
                .bind(py)
                .get_item(&self.name)?
                .is_some_and(|now| now.is(&self.shipped)),
            Place::Class(class) => class
                .bind(py)
                .getattr(&self.name)
                .is_ok_and(|now| now.is(&self.shipped)),
        })
    }
}

/// An object's attributes, and the items of those that are lists, as they were.
pub struct Shape {
    attributes: Py<PyDict>,
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
            attributes: attributes.unbind(),
            values: values.into_iter().map(Bound::unbind).collect(),
            lists,
        })
    }

    /// Whether the object still has the very same attributes and items.
    pub fn holds(&self, py: Python<'_>) -> bool {
        self.has_same_values(py)
            && self.lists.iter().all(|(list, items)| {
                let list = list.bind(py);
                list.len() == items.len() && list.iter().zip(items).all(|(now, then)| now.is(then))
            })
    }

    fn has_same_values(&self, py: Python<'_>) -> bool {
        let attributes = self.attributes.bind(py);
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
