//! Response objects that send what they hold and do nothing else, sent without being called.
//!
//! Slow twin: `Response.__call__` of Starlette.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyList, PyTuple, PyType};

use super::head::Head;
use crate::utils::states::{UNKNOWN, attributes_of, class_state};

/// Classes whose objects send as those of `Response` do.
pub struct Senders {
    /// `Response.__call__` as shipped; `None` if it is not known
    call: Py<PyAny>,
    /// The numbers of the states of some of them, which no two classes have had
    seen: [AtomicU64; 16],
}

impl Senders {
    /// Takes `Response.__call__`.
    pub fn new(call: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            call: call.clone().unbind(),
            seen: Default::default(),
        })
    }

    /// Head and body of a response object. `None`: it has to be called.
    pub fn held(&self, response: &Bound<'_, PyAny>) -> Option<(Head, Py<PyBytes>)> {
        if !self.contains(&response.get_type()) {
            return None;
        }
        let attributes = attributes_of(response)?;
        let py = response.py();
        let attribute = |name| attributes.get_item(name).ok().flatten();
        let status = attribute(intern!(py, "status_code"))?;
        let status = status.cast_into::<PyInt>().ok()?;
        let headers = attribute(intern!(py, "raw_headers"))?;
        let headers = headers.cast_into_exact::<PyList>().ok()?;
        let body = attribute(intern!(py, "body"))?;
        let body = body.cast_into_exact::<PyBytes>().ok()?;
        let is_plain = headers.iter().all(|pair| is_pair(&pair));
        is_plain.then(|| (Head::Held(status.unbind(), headers.unbind()), body.unbind()))
    }

    fn contains(&self, class: &Bound<'_, PyType>) -> bool {
        let state = class_state(class);
        if state != UNKNOWN && self.place(state).load(Ordering::Relaxed) == state {
            return true;
        }
        let is_sender = inherits(class, &self.call).unwrap_or(false);
        if is_sender {
            // Looking a name up gives a class its number.
            let state = class_state(class);
            self.place(state).store(state, Ordering::Relaxed);
        }
        is_sender
    }

    fn place(&self, state: u64) -> &AtomicU64 {
        &self.seen[(state % 16) as usize]
    }
}

/// Whether a class has `__call__` from `Response`, and its objects their attributes from nowhere but `__dict__`.
fn inherits(class: &Bound<'_, PyType>, call: &Py<PyAny>) -> PyResult<bool> {
    let py = class.py();
    if !class.get_type().is(py.get_type::<PyType>()) {
        return Ok(false);
    }
    let get = intern!(py, "__getattribute__");
    if !class.getattr(intern!(py, "__call__"))?.is(call)
        || !class
            .getattr(get)?
            .is(&py.get_type::<PyAny>().getattr(get)?)
    {
        return Ok(false);
    }
    for name in ["status_code", "raw_headers", "body", "background"] {
        if class.hasattr(name)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_pair(pair: &Bound<'_, PyAny>) -> bool {
    let Ok(pair) = pair.cast_exact::<PyTuple>() else {
        return false;
    };
    pair.len() == 2
        && pair
            .iter()
            .all(|part| part.is_exact_instance_of::<PyBytes>())
}
