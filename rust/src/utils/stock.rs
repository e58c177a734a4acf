//! Names in modules and classes, and whether they still stand for what they stood for.
//!
//! Python numbers the states of modules and classes, so that those which did not change since they were found to
//! be as shipped need not be looked at again.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString, PyType};

use super::states::{UNKNOWN, class_state, dict_state};

/// A module or class, a name in it, and what stands there as shipped.
pub type Part<'py> = (Bound<'py, PyAny>, Py<PyString>, Py<PyAny>);

/// Names in modules and classes, and what must stand there.
pub struct Stock(Vec<Place>);

impl Stock {
    /// Takes names, in any order.
    pub fn new<'py>(parts: impl IntoIterator<Item = Part<'py>>) -> Self {
        let mut places: Vec<(Bound<'_, PyAny>, Place)> = Vec::new();
        for (owner, name, shipped) in parts {
            let known = places.iter().position(|(known, _)| known.is(&owner));
            let at = known.unwrap_or_else(|| {
                places.push((owner.clone(), Place::new(&owner)));
                places.len() - 1
            });
            places[at].1.names.push((name, shipped));
        }
        Self(places.into_iter().map(|(_, place)| place).collect())
    }

    /// Whether all of it is as it was shipped.
    pub fn holds(&self, py: Python<'_>) -> bool {
        self.0.iter().all(|place| place.holds(py))
    }
}

/// One module or class.
struct Place {
    namespace: Namespace,
    names: Vec<(Py<PyString>, Py<PyAny>)>,
    /// The state in which it was last found to be as shipped
    seen: AtomicU64,
}

enum Namespace {
    Module(Py<PyDict>),
    Class(Py<PyType>),
    /// Something whose states have no numbers
    Other(Py<PyAny>),
}

impl Place {
    fn new(owner: &Bound<'_, PyAny>) -> Self {
        let namespace = match (owner.cast::<PyModule>(), owner.cast::<PyType>()) {
            (Ok(module), _) => Namespace::Module(module.dict().unbind()),
            (_, Ok(class)) => Namespace::Class(class.clone().unbind()),
            _ => Namespace::Other(owner.clone().unbind()),
        };
        Self {
            namespace,
            names: Vec::new(),
            seen: AtomicU64::new(UNKNOWN),
        }
    }

    fn holds(&self, py: Python<'_>) -> bool {
        let state = self.namespace.state(py);
        if state != UNKNOWN && state == self.seen.load(Ordering::Relaxed) {
            return true;
        }
        let holds = self
            .names
            .iter()
            .all(|(name, shipped)| self.namespace.has(name.bind(py), shipped));
        if holds {
            // Looking a name up gives a class its number.
            self.seen.store(self.namespace.state(py), Ordering::Relaxed);
        }
        holds
    }
}

impl Namespace {
    fn has(&self, name: &Bound<'_, PyString>, shipped: &Py<PyAny>) -> bool {
        let py = name.py();
        let now = match self {
            Self::Module(names) => names.bind(py).get_item(name).ok().flatten(),
            Self::Class(class) => class.bind(py).getattr(name).ok(),
            Self::Other(object) => object.bind(py).getattr(name).ok(),
        };
        now.is_some_and(|now| now.is(shipped))
    }

    /// The number of its state, or [`UNKNOWN`].
    fn state(&self, py: Python<'_>) -> u64 {
        match self {
            Self::Module(names) => dict_state(names.bind(py)),
            Self::Class(class) => class_state(class.bind(py)),
            Self::Other(_) => UNKNOWN,
        }
    }
}
