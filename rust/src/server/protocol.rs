//! What asyncio tells of a connection, on event loops that cannot watch a descriptor.

use std::cell::RefCell;
use std::rc::Rc;

use pyo3::intern;
use pyo3::prelude::*;

use super::connection::{Connection, Ends};
use super::core::Core;
use super::local::Local;
use super::message;
use super::pipe::Pipe;
use super::stream::Socket;

/// A connection that `connection_made` has made.
struct Made {
    key: usize,
    pipe: Rc<Pipe>,
}

struct State {
    core: Rc<Core>,
    made: RefCell<Option<Made>>,
}

impl State {
    /// Tells the connection what is new, if it is still there.
    fn tell(&self, news: impl FnOnce(&Pipe, &mut Connection)) {
        if let Some(made) = &*self.made.borrow() {
            self.core.hear(made.key, &made.pipe, news);
        }
    }
}

/// See `asyncio.Protocol`.
#[pyclass(frozen, module = "fastapi._fastapi_rust", name = "_Protocol")]
pub struct Protocol(Local<State>);

impl Protocol {
    /// A protocol for one connection of a server.
    pub fn new(core: Rc<Core>) -> Self {
        Self(Local::new(State {
            core,
            made: RefCell::new(None),
        }))
    }
}

#[pymethods]
impl Protocol {
    fn connection_made(&self, transport: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = transport.py();
        let state = self.0.get()?;
        let end = |name: &str| -> PyResult<Option<(String, u16)>> {
            let address = transport.call_method1(intern!(py, "get_extra_info"), (name,))?;
            // That of IPv6 has four parts, that of a path none.
            let host = address.get_item(0).and_then(|host| host.extract());
            let port = address.get_item(1).and_then(|port| port.extract());
            Ok(host.ok().zip(port.ok()))
        };
        let ends = Ends::new(
            py,
            end("peername")?,
            end("sockname")?,
            state.core.settings.proxies.as_ref(),
        )?;
        let pipe = Rc::new(Pipe::new(transport)?);
        let key = state.core.connect(Socket::Pipe(pipe.clone()), ends)?;
        *state.made.borrow_mut() = Some(Made { key, pipe });
        state.core.run(py)
    }

    fn data_received(&self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = message::bytes(data)?;
        let state = self.0.get()?;
        state.tell(|pipe, connection| {
            pipe.feed(bytes.as_bytes());
            connection.readable = true;
        });
        state.core.run(data.py())
    }

    /// The transport stays open, for there may be an answer under way.
    fn eof_received(&self, py: Python<'_>) -> PyResult<bool> {
        let state = self.0.get()?;
        state.tell(|pipe, connection| {
            pipe.end();
            connection.readable = true;
            connection.read_closed = true;
        });
        state.core.run(py)?;
        Ok(true)
    }

    #[pyo3(signature = (error = None))]
    fn connection_lost(&self, py: Python<'_>, error: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let _ = error;
        let state = self.0.get()?;
        state.tell(|pipe, connection| {
            pipe.lose();
            connection.readable = true;
            connection.read_closed = true;
            // What it still has to write fails.
            connection.writable = true;
        });
        state.made.take();
        state.core.run(py)
    }

    fn pause_writing(&self) -> PyResult<()> {
        if let Some(made) = &*self.0.get()?.made.borrow() {
            made.pipe.set_full(true);
        }
        Ok(())
    }

    fn resume_writing(&self, py: Python<'_>) -> PyResult<()> {
        let state = self.0.get()?;
        state.tell(|pipe, connection| {
            pipe.set_full(false);
            connection.writable = true;
        });
        // A transport of asyncio that is closed in the middle of this call reports its end twice.
        state.core.schedule(py)
    }
}
