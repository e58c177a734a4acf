//! HTTP/1.1 as a pure engine (RFC 9112): bytes in, events out; response in, bytes out.
//!
//! No sockets, no clocks, no Python: `server` owns those. What a connection may do next stands in
//! the state table of [`connection`].

mod body;
mod chunked;
mod connection;
mod date;
mod error;
mod head;
mod limits;
mod response;
mod target;

pub use connection::{Connection, Event};
pub use date::http_date;
pub use error::ProtocolError;
pub use head::{Framing, RequestHead, Version};
pub use limits::Limits;
pub use response::{ResponseError, ResponseHead, WholeResponse, check_fields, reason};
