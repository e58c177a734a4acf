//! The server as Python sees it: policy lives there, in `fastapi/server/`.

use std::rc::Rc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::core::Core;
use super::scope::ScopeParts;
use super::settings::Settings;
use super::stream::Listener;

/// An HTTP/1.1 server on a running asyncio loop.
#[pyclass(module = "fastapi._fastapi_rust", unsendable)]
pub struct HttpServer {
    core: Rc<Core>,
}

#[pymethods]
impl HttpServer {
    #[new]
    fn new(
        app: Py<PyAny>,
        event_loop: Py<PyAny>,
        settings: Settings,
        state: Py<PyDict>,
        error_log: Py<PyAny>,
        access_log: Option<Py<PyAny>>,
        py: Python<'_>,
    ) -> PyResult<Self> {
        let asgi = PyDict::new(py);
        asgi.set_item("version", "3.0")?;
        asgi.set_item("spec_version", "2.3")?;
        let parts = ScopeParts {
            asgi: asgi.unbind(),
            state,
            root_path: settings.root_path.clone(),
            tls: false,
        };
        let core = Rc::new(Core::new(
            app, event_loop, settings, parts, error_log, access_log,
        )?);
        Ok(Self { core })
    }

    /// Takes over a listening, non-blocking socket: `socket.detach()`.
    fn listen(&self, fd: i32, unix: bool) -> PyResult<()> {
        // SAFETY: the caller detached the descriptor from its socket object, so it is ours alone.
        let listener = unsafe { Listener::from_fd(fd, unix) };
        Ok(self.core.add_listener(listener)?)
    }

    /// The descriptor to give to `loop.add_reader(server.fileno(), server.ready)`.
    fn fileno(&self) -> i32 {
        self.core.poll_fd()
    }

    /// Says what to call when work is left over: `server.ready`.
    fn set_ready(&self, ready: Py<PyAny>) {
        self.core.set_ready(ready);
    }

    /// Does what there is to do, within a budget.
    fn ready(&self, py: Python<'_>) -> PyResult<()> {
        self.core.run(py)
    }

    /// Enforces the deadlines; to be called about once a second.
    fn tick(&self, py: Python<'_>) {
        self.core.tick(py);
    }

    /// Stops to accept, closes what is idle; the rest closes after its response.
    fn stop(&self, py: Python<'_>) {
        self.core.stop(py);
    }

    /// Closes all connections at once.
    fn abort(&self, py: Python<'_>) {
        self.core.abort(py);
    }

    /// `(connections, requests under way, requests served)`.
    fn counts(&self) -> (usize, usize, u64) {
        self.core.counts()
    }
}
