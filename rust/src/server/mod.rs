//! The native server: sockets on the user's own event loop, and the ASGI objects of each request.
//!
//! `core` runs it all on the loop's thread. `turn` gives a connection its turn, `output` takes what it sends,
//! `deadline` ends what is late and `end` what its peer has ended. `connection` is one socket with its engine and
//! the `send_queue` of what its peer has not taken; `exchange` is one request with its response and `session` one
//! WebSocket, as ASGI applications see them through a `channel`; `launch` starts their tasks; `native` takes a
//! request past ASGI, and `conversation` the messages of a WebSocket.

use pyo3::prelude::*;

mod accept;
mod channel;
mod connection;
mod conversation;
mod core;
mod deadline;
mod end;
mod exchange;
mod file;
mod heap;
mod launch;
mod local;
mod log;
mod message;
mod native;
mod output;
mod pipe;
mod protocol;
mod proxy;
mod python;
mod scope;
mod send_queue;
mod session;
mod settings;
mod stream;
mod streaming;
mod tls;
mod turn;
mod waiters;

/// Adds this room's functions and classes to the extension module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<conversation::StockWebSocket>()?;
    module.add_class::<python::HttpServer>()?;
    module.add_class::<python::TlsConfig>()
}
