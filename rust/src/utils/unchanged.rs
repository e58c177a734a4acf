//! Attributes that need not be read again.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use pyo3::{PyTraverseError, PyVisit, ffi, intern};

use super::states::{UNKNOWN, attributes_of, attributes_state, class_state};

/// An object as it was when its attributes were read.
pub struct Unchanged {
    object: Py<PyAny>,
    class: Py<PyType>,
    class_state: u64,
    attributes: Py<PyDict>,
    state: u64,
}

impl Unchanged {
    /// Looks at an object. `None`: that a reading of `names` holds good until `holds` fails is not certain.
    pub fn of(object: &Bound<'_, PyAny>, names: &[&Bound<'_, PyString>]) -> Option<Self> {
        let py = object.py();
        let class = object.get_type();
        if !reads_plainly(&class) {
            return None;
        }
        let attributes = attributes_of(object)?;
        for name in names {
            let own = attributes.get_item(name).ok()?;
            // This gives the class its number, too.
            match class.getattr(name) {
                // A property may have another value each time; `__getattr__` is asked if there is neither.
                Ok(general) if general.hasattr(intern!(py, "__get__")).ok()? => return None,
                Err(_) if own.is_none() => return None,
                _ => (),
            }
        }
        let unchanged = Self {
            class_state: class_state(&class),
            state: attributes_state(&attributes),
            object: object.clone().unbind(),
            class: class.unbind(),
            attributes: attributes.unbind(),
        };
        (unchanged.class_state != UNKNOWN && unchanged.state != UNKNOWN).then_some(unchanged)
    }

    /// Whether its class, its attributes and all that it inherits are what they were.
    pub fn holds(&self, py: Python<'_>) -> bool {
        let object = self.object.bind(py);
        object.get_type_ptr() == self.class.bind(py).as_type_ptr()
            && class_state(self.class.bind(py)) == self.class_state
            && attributes_state(self.attributes.bind(py)) == self.state
            // Somebody may have given it another dictionary.
            && attributes_of(object).is_some_and(|now| now.is(&self.attributes))
    }

    /// Shows the collector what is remembered.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.object)?;
        visit.call(&self.class)?;
        visit.call(&self.attributes)
    }
}

/// Whether reading an attribute runs neither `__getattribute__` nor `__getattr__` of somebody's.
fn reads_plainly(class: &Bound<'_, PyType>) -> bool {
    // SAFETY: the object is a live type.
    let read = unsafe { (*class.as_type_ptr()).tp_getattro };
    read.is_some_and(|read| {
        std::ptr::fn_addr_eq(read, ffi::PyObject_GenericGetAttr as ffi::getattrofunc)
    })
}
