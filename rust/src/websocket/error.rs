//! What a peer can do wrong, and the close code that tells it so.

use std::fmt;

/// A violation of the protocol or of a limit. The connection closes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A frame that RFC 6455 forbids, and why.
    Protocol(&'static str),
    /// Text, or a close reason, that is not UTF-8.
    NotUtf8,
    /// A message over the limit.
    TooBig,
}

impl Violation {
    /// The close code (RFC 6455 §7.4.1).
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol(_) => 1002,
            Self::NotUtf8 => 1007,
            Self::TooBig => 1009,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Protocol(what) => what,
            Self::NotUtf8 => "text is not UTF-8",
            Self::TooBig => "a message is over the limit",
        })
    }
}

impl std::error::Error for Violation {}
