//! Messages put together from fragments, with text checked as it arrives.

use super::error::Violation;

/// The message that is arriving.
#[derive(Debug)]
pub struct Message {
    /// Text must be UTF-8.
    pub text: bool,
    /// The payload is still to be inflated.
    pub compressed: bool,
    payload: Vec<u8>,
    /// How much of the payload is known to be UTF-8.
    checked: usize,
}

impl Message {
    /// An empty message.
    pub fn new(text: bool, compressed: bool) -> Self {
        Self {
            text,
            compressed,
            payload: Vec::new(),
            checked: 0,
        }
    }

    /// Adds a piece of a frame's payload, unmasked.
    ///
    /// # Errors
    /// The message exceeds `limit` bytes, or is text and can no longer become UTF-8.
    pub fn extend(&mut self, piece: &[u8], limit: usize) -> Result<(), Violation> {
        if piece.len() > limit.saturating_sub(self.payload.len()) {
            return Err(Violation::TooBig);
        }
        self.payload.extend_from_slice(piece);
        if self.text && !self.compressed {
            self.check()
        } else {
            Ok(())
        }
    }

    fn check(&mut self) -> Result<(), Violation> {
        match std::str::from_utf8(&self.payload[self.checked..]) {
            Ok(_) => self.checked = self.payload.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(Violation::NotUtf8),
        }
        Ok(())
    }

    /// The payload as it arrived.
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }
}
