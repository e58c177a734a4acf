//! The body of a request, on its way to the application.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::Exchange;
use super::outgoing::Progress;

/// What `take_body` comes to.
pub enum Taken {
    /// A part, and whether there is more.
    Part(Vec<u8>, bool),
    /// A future that is done when there is something.
    Wait(Py<PyAny>),
    /// The peer, or the response is complete.
    Gone,
}

impl Exchange {
    /// Adds a piece of the body.
    pub fn push_body(&self, data: &[u8]) {
        self.body.borrow_mut().extend_from_slice(data);
    }

    /// How much body waits for the application.
    pub fn body_waiting(&self) -> usize {
        self.body.borrow().len()
    }

    /// Whether the client does not wait for `100 Continue`.
    pub fn continued(&self) -> bool {
        self.continued.get()
    }

    /// The request is complete.
    pub fn end_body(&self) {
        self.body_ended.set(true);
    }

    /// Has those who wait in `receive` go on.
    pub fn resume_receivers(&self, py: Python<'_>) -> PyResult<()> {
        let core = &self.core;
        self.waiting_for_body
            .resume(py, &core.launcher, core.may_step())
    }

    /// What has arrived of the body.
    pub fn take_body(&self, py: Python<'_>) -> PyResult<Taken> {
        if self.disconnected.get() || self.progress.get() == Progress::Complete {
            return Ok(Taken::Gone);
        }
        if !self.continued.get() && self.progress.get() == Progress::Nothing {
            self.continued.set(true);
            self.core.write(self.key, |out| {
                out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n")
            });
            self.core.flush(py, self.key);
        }
        let ended = self.body_ended.get();
        let body = self.body.take();
        if body.is_empty() && (!ended || self.end_told.get()) {
            let future = self.waiting_for_body.wait(py, &self.core.event_loop)?;
            return Ok(Taken::Wait(future));
        }
        if ended {
            self.end_told.set(true);
        } else {
            self.core.enqueue(py, self.key);
        }
        Ok(Taken::Part(body, !ended))
    }

    /// The next message for the application, or a future to wait for.
    pub fn pull(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let message = PyDict::new(py);
        match self.take_body(py)? {
            Taken::Gone => {
                message.set_item(intern!(py, "type"), intern!(py, "http.disconnect"))?;
            }
            Taken::Part(body, more) => {
                message.set_item(intern!(py, "type"), intern!(py, "http.request"))?;
                message.set_item(intern!(py, "body"), PyBytes::new(py, &body))?;
                message.set_item(intern!(py, "more_body"), more)?;
            }
            Taken::Wait(future) => return Ok(future),
        }
        Ok(message.into_any().unbind())
    }
}
