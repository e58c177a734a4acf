//! The rest of a request's body, by its framing.

use super::chunked::{ChunkedDecoder, Decoded};
use super::error::ProtocolError;
use super::head::Framing;

/// Reads one body; what was read of it so far counts against the limit.
#[derive(Debug)]
pub struct BodyReader {
    coding: Coding,
    allowed: u64,
}

#[derive(Debug)]
enum Coding {
    Length(u64),
    Chunked(ChunkedDecoder),
}

impl BodyReader {
    /// A reader at the start of a body; `None` if there is none.
    ///
    /// # Errors
    /// The announced length is over the limit.
    pub fn new(framing: Framing, limit: u64) -> Result<Option<Self>, ProtocolError> {
        let coding = match framing {
            Framing::Empty => return Ok(None),
            Framing::Length(length) if length > limit => return Err(ProtocolError::BodyTooLarge),
            Framing::Length(length) => Coding::Length(length),
            Framing::Chunked => Coding::Chunked(ChunkedDecoder::new()),
        };
        Ok(Some(Self {
            coding,
            allowed: limit,
        }))
    }

    /// How many bytes at the front of `input` are data and are taken as that; none where they may be framing.
    pub fn take(&mut self, input: &[u8]) -> usize {
        let Coding::Length(left) = &mut self.coding else {
            return 0;
        };
        let length = usize::try_from(*left)
            .unwrap_or(usize::MAX)
            .min(input.len());
        *left -= length as u64;
        length
    }

    /// Finds the next run of data in `input`.
    ///
    /// # Errors
    /// The chunked coding is malformed, or the data exceeds the limit.
    pub fn read(&mut self, input: &[u8]) -> Result<Decoded, ProtocolError> {
        match &mut self.coding {
            Coding::Length(0) => Ok(Decoded::End { consumed: 0 }),
            Coding::Length(_) => Ok(match self.take(input) {
                0 => Decoded::NeedMore { consumed: 0 },
                len => Decoded::Data { skip: 0, len },
            }),
            Coding::Chunked(decoder) => {
                let decoded = decoder.decode(input)?;
                if let Decoded::Data { len, .. } = decoded {
                    self.allowed = self
                        .allowed
                        .checked_sub(len as u64)
                        .ok_or(ProtocolError::BodyTooLarge)?;
                }
                Ok(decoded)
            }
        }
    }
}
