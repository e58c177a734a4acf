//! permessage-deflate (RFC 7692).

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::error::Violation;

/// What every compressed message ends with, and what is left off on the wire (RFC 7692 §7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The agreed terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateOptions {
    /// The server forgets its window after each message.
    pub server_no_context_takeover: bool,
    /// The client forgets its window after each message.
    pub client_no_context_takeover: bool,
    /// The server's window, in bits; 9 to 15.
    pub server_max_window_bits: u8,
    /// The client's window, in bits, if it asked to have it limited.
    pub client_max_window_bits: Option<u8>,
}

impl DeflateOptions {
    /// Takes the first offer in a `Sec-WebSocket-Extensions` value that can be kept.
    pub fn choose(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        text.split(',').find_map(Self::offer)
    }

    fn offer(offer: &str) -> Option<Self> {
        let mut parts = offer.split(';').map(str::trim);
        if parts.next() != Some("permessage-deflate") {
            return None;
        }
        let mut options = Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: 15,
            client_max_window_bits: None,
        };
        let mut seen = Vec::new();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
                None => (part, None),
            };
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
            match (name, value) {
                ("server_no_context_takeover", None) => options.server_no_context_takeover = true,
                ("client_no_context_takeover", None) => options.client_no_context_takeover = true,
                ("server_max_window_bits", Some(bits)) => {
                    options.server_max_window_bits = window_bits(bits)?
                }
                ("client_max_window_bits", None) => {}
                ("client_max_window_bits", Some(bits)) => {
                    options.client_max_window_bits = Some(window_bits(bits)?)
                }
                _ => return None,
            }
        }
        Some(options)
    }

    /// The terms as the answer's `Sec-WebSocket-Extensions`.
    pub fn answer(&self) -> String {
        let mut answer = String::from("permessage-deflate");
        if self.server_no_context_takeover {
            answer.push_str("; server_no_context_takeover");
        }
        if self.client_no_context_takeover {
            answer.push_str("; client_no_context_takeover");
        }
        if self.server_max_window_bits < 15 {
            answer.push_str(&format!(
                "; server_max_window_bits={}",
                self.server_max_window_bits
            ));
        }
        if let Some(bits) = self.client_max_window_bits {
            answer.push_str(&format!("; client_max_window_bits={bits}"));
        }
        answer
    }
}

/// zlib has no raw window of 8 bits, so an offer that insists on it is passed over.
fn window_bits(text: &str) -> Option<u8> {
    let digits = !text.is_empty()
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|bits| digits && (9..=15).contains(bits))
}

/// Both directions of one connection. A window of zlib's takes up to 260 KiB, so it is made for the first message.
#[derive(Debug)]
pub struct Deflate {
    options: DeflateOptions,
    compress: Option<Compress>,
    decompress: Option<Decompress>,
}

impl Deflate {
    /// A connection without a message.
    pub fn new(options: DeflateOptions) -> Self {
        Self {
            options,
            compress: None,
            decompress: None,
        }
    }

    /// Compresses a whole message.
    pub fn compress(&mut self, message: &[u8]) -> Result<Vec<u8>, Violation> {
        if message.is_empty() {
            // zlib writes nothing for a second flush in a row; this is the empty block of RFC 7692 §7.2.3.6.
            return Ok(vec![0]);
        }
        let bits = self.options.server_max_window_bits;
        let compress = self.compress.get_or_insert_with(|| {
            Compress::new_with_window_bits(Compression::fast(), false, bits)
        });
        let mut out = Vec::with_capacity(message.len() / 2 + 64);
        let before = compress.total_in();
        loop {
            let taken = (compress.total_in() - before) as usize;
            out.reserve(256);
            compress
                .compress_vec(&message[taken..], &mut out, FlushCompress::Sync)
                .map_err(|_| Violation::Protocol("a message cannot be compressed"))?;
            let taken = (compress.total_in() - before) as usize;
            // Room left over means that the flush is complete.
            if taken == message.len() && out.len() < out.capacity() {
                break;
            }
        }
        if self.options.server_no_context_takeover {
            compress.reset();
        }
        if out.ends_with(&TAIL) {
            out.truncate(out.len() - TAIL.len());
        }
        Ok(out)
    }

    /// Inflates a whole message of at most `limit` bytes.
    ///
    /// # Errors
    /// The data is not deflated, or the message is over the limit, however small it was on the wire.
    pub fn decompress(&mut self, mut message: Vec<u8>, limit: usize) -> Result<Vec<u8>, Violation> {
        message.extend_from_slice(&TAIL);
        let mut out = Vec::with_capacity((message.len() * 3).min(limit).max(64));
        let decompress = self
            .decompress
            .get_or_insert_with(|| Decompress::new_with_window_bits(false, 15));
        let before = decompress.total_in();
        loop {
            let taken = (decompress.total_in() - before) as usize;
            out.reserve(256);
            let status = decompress
                .decompress_vec(&message[taken..], &mut out, FlushDecompress::Sync)
                .map_err(|_| Violation::Protocol("a compressed message is malformed"))?;
            if out.len() > limit {
                return Err(Violation::TooBig);
            }
            let taken = (decompress.total_in() - before) as usize;
            if status == Status::StreamEnd {
                // The peer set BFINAL, so its next message starts a new stream.
                decompress.reset(false);
                break;
            }
            if taken == message.len() && out.len() < out.capacity() {
                break;
            }
        }
        if self.options.client_no_context_takeover {
            decompress.reset(false);
        }
        Ok(out)
    }
}
