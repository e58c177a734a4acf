//! `Native`, the second door: a request that goes from its connection to a plan without ASGI.
//!
//! Scope, `receive` and `send` are made when somebody asks for them. Slow twin: `dispatch::door::Asgi` on what
//! `scope` and `exchange` make, which must look the same to every application and every client.

use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::exchange::{Exchange, Taken, Took};
use super::local::Local;
use super::streaming;
use crate::dispatch::coroutine::{Run, wait_for};
use crate::dispatch::door::{Bytes, Chunk, Door, Header, Sender, header_in};
use crate::dispatch::gate::Way;
use crate::dispatch::head::{Head, send_messages};
use crate::http1::RequestHead;
use crate::params::boundary::source::{Headers, Query, Raw, Source};
use crate::params::boundary::{Left, ParamFields};

/// See the module.
pub struct Native {
    exchange: Local<Rc<Exchange>>,
    way: Way,
    scope: OnceLock<Py<PyDict>>,
    /// `receive` and `send`
    ends: OnceLock<(Py<PyAny>, Py<PyAny>)>,
    started: Arc<AtomicBool>,
}

impl Native {
    /// A request and its way.
    pub fn new(exchange: Rc<Exchange>, way: Way) -> Self {
        Self {
            exchange: Local::new(exchange),
            way,
            scope: OnceLock::new(),
            ends: OnceLock::new(),
            started: Arc::default(),
        }
    }

    fn ends(&self, py: Python<'_>) -> PyResult<&(Py<PyAny>, Py<PyAny>)> {
        if let Some(ends) = self.ends.get() {
            return Ok(ends);
        }
        let ends = self.exchange.get()?.ends(py)?;
        Ok(self.ends.get_or_init(|| ends))
    }
}

impl Door for Native {
    fn scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        if let Some(scope) = self.scope.get() {
            return Ok(scope.bind(py).clone());
        }
        let scope = self.exchange.get()?.kept_scope(py)?;
        self.way.fill(&scope)?;
        Ok(self.scope.get_or_init(|| scope.unbind()).bind(py).clone())
    }

    fn receive<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.ends(py)?.0.bind(py).clone())
    }

    fn send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Sender::around(self.ends(py)?.1.bind(py), &self.started)
    }

    fn bare_send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.ends(py)?.1.bind(py).clone())
    }

    fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    fn extract<'py>(
        &self,
        fields: &ParamFields,
        kept: Option<&Bound<'py, PyDict>>,
        values: &Bound<'py, PyDict>,
    ) -> PyResult<Vec<Left>> {
        let py = values.py();
        if let Some(scope) = self.scope.get() {
            // Whoever has seen it may have changed it.
            return fields.extract_from_scope(scope.bind(py), kept, values);
        }
        let request = Request {
            head: self.exchange.get()?.head(),
            path_params: self.way.entry.matched.path_params.bind(py),
        };
        fields.extract(&request, values)
    }

    fn header(&self, py: Python<'_>, name: &[u8]) -> Header {
        if let Some(scope) = self.scope.get() {
            return header_in(scope.bind(py), name).unwrap_or(Header::Unclear);
        }
        let Ok(exchange) = self.exchange.get() else {
            return Header::Unclear;
        };
        let mut fields = exchange.head().fields();
        match fields.find(|(known, _)| *known == name) {
            Some((_, value)) => Header::Is(value.to_vec()),
            None => Header::Missing,
        }
    }

    async fn next_chunk(&mut self) -> PyResult<Chunk> {
        loop {
            match Python::attach(|py| self.exchange.get()?.take_body(py))? {
                Taken::Part(part, more) => {
                    return Ok(Chunk::Part(Bytes::Owned(part), more));
                }
                Taken::Wait(future) => drop(wait_for(|py| Ok(future.into_bound(py))).await?),
                Taken::Gone => return Ok(Chunk::Unclear(None, None)),
            }
        }
    }

    fn stream(&self, response: &Bound<'_, PyAny>) -> PyResult<Option<Run>> {
        let exchange = self.exchange.get()?.clone();
        let started = self.started.clone();
        Ok(Some(streaming::run(
            exchange,
            started,
            response.clone().unbind(),
        )))
    }

    async fn respond(&mut self, head: Head, body: Py<PyBytes>, is_last: bool) -> PyResult<()> {
        self.started.store(true, Ordering::Relaxed);
        let took = Python::attach(|py| {
            let exchange = self.exchange.get()?;
            let took = exchange.take_head(&head, body.bind(py))?;
            if !is_last {
                // What is left to be done may take its time.
                exchange.flush(py);
            }
            PyResult::Ok(took)
        })?;
        if let Took::It = took {
            return Ok(());
        }
        let send = Python::attach(|py| self.bare_send(py).map(Bound::unbind))?;
        Box::pin(send_messages(&send, head, body)).await
    }
}

/// The parameters of a request whose scope nobody has seen.
struct Request<'a, 'py> {
    head: &'a RequestHead,
    path_params: &'a Bound<'py, PyDict>,
}

impl<'py> Source<'py> for Request<'_, 'py> {
    fn path(&self) -> Option<Bound<'py, PyDict>> {
        Some(self.path_params.clone())
    }

    fn query(&self) -> Option<Query<'_, 'py>> {
        Some(Query::Raw(Raw::Slice(self.head.query())))
    }

    fn headers(&self) -> Option<Headers<'_, 'py>> {
        let fields = self.head.fields();
        Some(
            fields
                .map(|(name, value)| (Raw::Slice(name), Raw::Slice(value)))
                .collect(),
        )
    }
}
