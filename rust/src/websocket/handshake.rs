//! The opening handshake (RFC 6455 §4.2): what the client's fields ask, and the answer's fields.

use std::fmt;

use base64::Engine as _;
use sha1::{Digest as _, Sha1};

use super::deflate::DeflateOptions;

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A client's request to open a WebSocket.
#[derive(Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The value of `Sec-WebSocket-Accept`.
    pub accept: String,
    /// The subprotocols on offer, the client's favourite first.
    pub subprotocols: Vec<String>,
    /// The terms of permessage-deflate, if the client offers any that we take.
    pub deflate: Option<DeflateOptions>,
}

/// A request that does not open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeError {
    /// The method is not GET, or a required field is missing or malformed: status 400.
    Bad(&'static str),
    /// Another version than 13: status 426 with `Sec-WebSocket-Version: 13`.
    Version,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bad(what) => what,
            Self::Version => "the WebSocket version is not 13",
        })
    }
}

impl std::error::Error for HandshakeError {}

impl Upgrade {
    /// Reads the fields (names in lower case) of a request that asks to upgrade.
    ///
    /// # Errors
    /// See [`HandshakeError`].
    pub fn parse<'a>(
        method: &[u8],
        fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Self, HandshakeError> {
        if method != b"GET" {
            return Err(HandshakeError::Bad("the method is not GET"));
        }
        let mut key = None;
        let mut version = false;
        let mut subprotocols = Vec::new();
        let mut deflate = None;
        for (name, value) in fields {
            match name {
                b"sec-websocket-key" if key.is_some() => {
                    return Err(HandshakeError::Bad("there are several keys"));
                }
                b"sec-websocket-key" => key = Some(value),
                b"sec-websocket-version" => version |= value == b"13",
                b"sec-websocket-protocol" => subprotocols.extend(
                    value
                        .split(|byte| *byte == b',')
                        .map(|item| String::from_utf8_lossy(item.trim_ascii()).into_owned())
                        .filter(|item| !item.is_empty()),
                ),
                b"sec-websocket-extensions" if deflate.is_none() => {
                    deflate = DeflateOptions::choose(value)
                }
                _ => {}
            }
        }
        let key = key.ok_or(HandshakeError::Bad("there is no Sec-WebSocket-Key"))?;
        let decoded = base64::engine::general_purpose::STANDARD.decode(key);
        if decoded.is_ok_and(|nonce| nonce.len() == 16) {
            if version {
                return Ok(Self {
                    accept: accept(key),
                    subprotocols,
                    deflate,
                });
            }
            return Err(HandshakeError::Version);
        }
        Err(HandshakeError::Bad(
            "the Sec-WebSocket-Key is not 16 bytes in base64",
        ))
    }
}

fn accept(key: &[u8]) -> String {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    base64::engine::general_purpose::STANDARD.encode(digest)
}
