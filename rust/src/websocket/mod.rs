//! The WebSocket protocol as a pure engine (RFC 6455, RFC 7692): bytes in, events out; messages in, bytes out.
//!
//! No sockets, no clocks, no Python: `server` owns those.

mod connection;
mod deflate;
mod error;
mod frame;
mod handshake;
mod message;

pub use connection::{Connection, Event, close_error};
pub use deflate::DeflateOptions;
pub use error::Violation;
pub use handshake::{HandshakeError, Upgrade};
