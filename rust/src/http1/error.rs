//! What a client can do wrong, and the status that tells it so.

use std::fmt;

/// A violation of RFC 9112 or of a [`Limits`](super::Limits) setting. The connection closes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The request line or a header field is malformed.
    BadHead(&'static str),
    /// A line ends in LF without CR (RFC 9112 §2.2 allows it; request smuggling relies on it).
    BareLf,
    /// The framing of the body is ambiguous or malformed (RFC 9112 §6.3).
    BadFraming(&'static str),
    /// A transfer coding other than `chunked`.
    UnknownTransferCoding,
    /// A version other than HTTP/1.0 and HTTP/1.1.
    UnknownVersion,
    /// The head is longer than the limit, or has more fields.
    HeadTooLarge,
    /// The body is longer than the limit.
    BodyTooLarge,
    /// A chunk's size or delimiter is malformed.
    BadChunk(&'static str),
}

impl ProtocolError {
    /// The status code of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::BadHead(_) | Self::BareLf | Self::BadFraming(_) | Self::BadChunk(_) => 400,
            Self::BodyTooLarge => 413,
            Self::HeadTooLarge => 431,
            Self::UnknownTransferCoding => 501,
            Self::UnknownVersion => 505,
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadHead(what) | Self::BadFraming(what) | Self::BadChunk(what) => {
                f.write_str(what)
            }
            Self::BareLf => f.write_str("a line ends in LF without CR"),
            Self::UnknownTransferCoding => f.write_str("a transfer coding other than chunked"),
            Self::UnknownVersion => f.write_str("neither HTTP/1.0 nor HTTP/1.1"),
            Self::HeadTooLarge => f.write_str("the head is over the limit"),
            Self::BodyTooLarge => f.write_str("the body is over the limit"),
        }
    }
}

impl std::error::Error for ProtocolError {}
