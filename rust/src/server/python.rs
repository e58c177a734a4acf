//! The server as Python sees it: policy lives there, in `fastapi/server/`.

use std::rc::Rc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::core::Core;
use super::local::Local;
use super::log::Log;
use super::protocol::Protocol;
use super::settings::Settings;
use super::stream::Listener;
use super::tls;
use crate::dispatch::front::Front;

/// Certificates and what else encrypted connections share.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct TlsConfig(tls::Config);

#[pymethods]
impl TlsConfig {
    /// Certificates and keys are PEM; versions and cipher suites are their numbers on the wire.
    ///
    /// Raises `ValueError`: its arguments are the name of a setting and what is wrong with it.
    #[new]
    #[pyo3(signature = (
        chain, key, password = None, client_ca = None, client_required = false, versions = None, suites = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "each is a setting of its own")]
    fn new(
        chain: &[u8],
        key: &[u8],
        password: Option<&[u8]>,
        client_ca: Option<&[u8]>,
        client_required: bool,
        versions: Option<Vec<u16>>,
        suites: Option<Vec<u16>>,
    ) -> PyResult<Self> {
        let material = tls::Material {
            chain,
            key,
            password,
            clients: client_ca,
            required: client_required,
            versions: versions.as_deref(),
            suites: suites.as_deref(),
        };
        tls::config(&material)
            .map(Self)
            .map_err(|tls::Refusal(setting, text)| PyValueError::new_err((setting, text)))
    }
}

/// An HTTP/1.1 and WebSocket server on a running asyncio loop.
#[pyclass(frozen, module = "fastapi._fastapi_rust")]
pub struct HttpServer {
    core: Local<Rc<Core>>,
}

#[pymethods]
impl HttpServer {
    /// `front` is what calls past a `FastAPI` application; without it, requests go through ASGI.
    #[new]
    #[pyo3(signature = (app, event_loop, settings, state, error_log, access_log, front = None))]
    #[allow(clippy::too_many_arguments, reason = "they are Python's")]
    fn new(
        py: Python<'_>,
        app: Py<PyAny>,
        event_loop: Py<PyAny>,
        settings: Settings,
        state: Py<PyDict>,
        error_log: Py<PyAny>,
        access_log: Option<Py<PyAny>>,
        front: Option<&Bound<'_, Front>>,
    ) -> PyResult<Self> {
        let log = Log::new(error_log, access_log);
        let core = Core::new(py, app, front, event_loop, settings, state, log)?;
        Ok(Self {
            core: Local::new(Rc::new(core)),
        })
    }

    /// Takes over a listening, non-blocking socket: `socket.detach()`.
    fn listen(&self, fd: i32, unix: bool) -> PyResult<()> {
        // SAFETY: the caller detached the descriptor from its socket object, so it is ours alone.
        let listener = unsafe { Listener::from_fd(fd, unix) };
        Ok(self.core.get()?.add_listener(listener)?)
    }

    /// A new `asyncio.Protocol`, for `loop.create_server(server.protocol, …)` where the loop has no `add_reader`.
    fn protocol(&self) -> PyResult<Protocol> {
        Ok(Protocol::new(self.core.get()?.clone()))
    }

    /// Encrypts the connections that are accepted from now on.
    fn set_tls(&self, config: &TlsConfig) -> PyResult<()> {
        self.core.get()?.set_tls(config.0.clone());
        Ok(())
    }

    /// The descriptor to give to `loop.add_reader(server.fileno(), server.ready)`.
    fn fileno(&self) -> PyResult<i32> {
        Ok(self.core.get()?.poll_fd())
    }

    /// Says what to call when work is left over: `server.ready`.
    fn set_ready(&self, ready: Py<PyAny>) -> PyResult<()> {
        self.core.get()?.set_ready(ready);
        Ok(())
    }

    /// Does what there is to do, within a budget.
    fn ready(&self, py: Python<'_>) -> PyResult<()> {
        self.core.get()?.run(py)
    }

    /// Enforces the deadlines; to be called about once a second.
    fn tick(&self, py: Python<'_>) -> PyResult<()> {
        self.core.get()?.tick(py)
    }

    /// Stops to accept, finishes requests under way, closes WebSockets with 1012, and closes what is idle.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        self.core.get()?.stop(py)
    }

    /// Closes all connections at once.
    fn abort(&self, py: Python<'_>) -> PyResult<()> {
        self.core.get()?.abort(py);
        Ok(())
    }

    /// `(connections, applications at work, requests taken so far)`.
    fn counts(&self) -> PyResult<(usize, usize, u64)> {
        Ok(self.core.get()?.counts())
    }

    /// The tasks of the applications at work.
    fn tasks(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        Ok(self.core.get()?.tasks(py))
    }
}
