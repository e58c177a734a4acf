//! `Guarded`: the first middleware of the user's, without `ServerErrorMiddleware` in front.
//!
//! Slow twin: `ServerErrorMiddleware.__call__`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::coroutine::wait_for;
use super::door::Sender;

/// See the module.
pub struct Guarded {
    /// What is in front of the middleware
    pub inner: Py<PyAny>,
    /// The `ServerErrorMiddleware`
    pub errors: Py<PyAny>,
    pub recover: Py<PyAny>,
}

impl Guarded {
    /// Serves a request, whose scope knows its application. `channel`: the native server's end of `send`.
    pub async fn serve(
        self,
        scope: Py<PyDict>,
        receive: Py<PyAny>,
        send: Py<PyAny>,
        channel: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let started: Arc<AtomicBool> = Arc::default();
        let outcome = wait_for(|py| {
            let sender = Sender::with_channel(send.bind(py), &started, channel)?;
            self.inner.bind(py).call1((&scope, &receive, sender))
        })
        .await;
        let Err(error) = outcome else {
            return Ok(());
        };
        wait_for(|py| {
            if !error.is_instance_of::<PyException>(py) {
                return Err(error);
            }
            let started = started.load(Ordering::Relaxed);
            let error = error.into_value(py);
            self.recover
                .bind(py)
                .call1((error, started, &self.errors, &scope, &receive, &send))
        })
        .await
        .map(drop)
    }
}
