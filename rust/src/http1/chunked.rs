//! The chunked transfer coding (RFC 9112 §7.1), decoded incrementally and strictly.

use super::error::ProtocolError;
use super::response::is_token;

/// A chunk's size line, its extensions and the trailer section are short in every honest message.
const LINE_LIMIT: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before or in the digits of a size; how many there were, and their value.
    Size {
        digits: u8,
        value: u64,
    },
    /// In an extension, which is skipped.
    Extension {
        value: u64,
    },
    /// After the CR that ends a size line.
    SizeLf {
        value: u64,
    },
    Data {
        left: u64,
    },
    DataCr,
    DataLf,
    /// At the start of a trailer line.
    TrailerStart,
    TrailerName,
    Trailer,
    TrailerLf,
    /// After the CR that ends the trailer section.
    EndLf,
    Done,
}

/// A decoder for one body. It copies nothing: [`decode`](Self::decode) says where the data is.
#[derive(Debug)]
pub struct ChunkedDecoder {
    state: State,
    /// Bytes of the current size line or trailer section.
    line: usize,
}

/// What one call found at the front of its input.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded {
    /// The first `skip` bytes are framing; the `len` bytes after them are data.
    Data {
        /// Bytes of framing before the data.
        skip: usize,
        /// Bytes of data.
        len: usize,
    },
    /// The body ended after `consumed` bytes.
    End {
        /// Bytes of framing.
        consumed: usize,
    },
    /// All `consumed` bytes are framing and more are needed.
    NeedMore {
        /// Bytes of framing.
        consumed: usize,
    },
}

impl ChunkedDecoder {
    /// A decoder at the start of a body.
    pub fn new() -> Self {
        Self {
            state: State::Size {
                digits: 0,
                value: 0,
            },
            line: 0,
        }
    }

    /// Decodes up to the next run of data or the end.
    ///
    /// # Errors
    /// A size that is not hexadecimal or does not fit 64 bits, a line end that is not CRLF, or a line
    /// over 4 KiB.
    pub fn decode(&mut self, input: &[u8]) -> Result<Decoded, ProtocolError> {
        let mut at = 0;
        while at < input.len() {
            if let State::Data { left } = self.state {
                let len = usize::try_from(left)
                    .unwrap_or(usize::MAX)
                    .min(input.len() - at);
                let left = left - len as u64;
                self.state = if left == 0 {
                    State::DataCr
                } else {
                    State::Data { left }
                };
                return Ok(Decoded::Data { skip: at, len });
            }
            self.step(input[at])?;
            at += 1;
            if self.state == State::Done {
                return Ok(Decoded::End { consumed: at });
            }
        }
        Ok(Decoded::NeedMore { consumed: at })
    }

    fn step(&mut self, byte: u8) -> Result<(), ProtocolError> {
        use ProtocolError::BadChunk;
        self.line += 1;
        if self.line > LINE_LIMIT {
            return Err(BadChunk("a chunk's size line or the trailers are too long"));
        }
        self.state = match self.state {
            State::Size { digits, value } => match (byte as char).to_digit(16) {
                Some(_) if digits == 16 => {
                    return Err(BadChunk("a chunk size does not fit 64 bits"));
                }
                Some(digit) => State::Size {
                    digits: digits + 1,
                    value: value << 4 | u64::from(digit),
                },
                None if digits == 0 => return Err(BadChunk("a chunk size has no digit")),
                None => match byte {
                    b'\r' => State::SizeLf { value },
                    b';' => State::Extension { value },
                    _ => return Err(BadChunk("a chunk size is not hexadecimal")),
                },
            },
            State::Extension { value } => match byte {
                b'\r' => State::SizeLf { value },
                b'\t' | b' '..=b'~' | 0x80.. => State::Extension { value },
                _ => return Err(BadChunk("a chunk extension has a control character")),
            },
            State::SizeLf { value } => {
                expect(byte, b'\n')?;
                self.line = 0;
                if value == 0 {
                    State::TrailerStart
                } else {
                    State::Data { left: value }
                }
            }
            State::DataCr => {
                expect(byte, b'\r')?;
                State::DataLf
            }
            State::DataLf => {
                expect(byte, b'\n')?;
                self.line = 0;
                State::Size {
                    digits: 0,
                    value: 0,
                }
            }
            State::TrailerStart if byte == b'\r' => State::EndLf,
            State::TrailerName if byte == b':' => State::Trailer,
            State::TrailerStart | State::TrailerName if is_token(byte) => State::TrailerName,
            State::TrailerStart | State::TrailerName => {
                return Err(BadChunk("a trailer has a malformed name"));
            }
            State::Trailer => match byte {
                b'\r' => State::TrailerLf,
                b'\t' | b' '..=b'~' | 0x80.. => State::Trailer,
                _ => return Err(BadChunk("a trailer has a control character")),
            },
            State::TrailerLf => {
                expect(byte, b'\n')?;
                State::TrailerStart
            }
            State::EndLf => {
                expect(byte, b'\n')?;
                State::Done
            }
            state @ (State::Data { .. } | State::Done) => state,
        };
        Ok(())
    }
}

fn expect(byte: u8, wanted: u8) -> Result<(), ProtocolError> {
    if byte == wanted {
        Ok(())
    } else {
        Err(ProtocolError::BadChunk(
            "a line of the chunked coding does not end in CRLF",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Decodes `input` in pieces of `step` bytes; the data and how much of the input was used.
    fn decode_all(input: &[u8], step: usize) -> Result<Option<(Vec<u8>, usize)>, ProtocolError> {
        let mut decoder = ChunkedDecoder::new();
        let mut data = Vec::new();
        let mut at = 0;
        let mut end = 0;
        while end < input.len() {
            end = (end + step).min(input.len());
            while at < end {
                match decoder.decode(&input[at..end])? {
                    Decoded::Data { skip, len } => {
                        data.extend_from_slice(&input[at + skip..at + skip + len]);
                        at += skip + len;
                    }
                    Decoded::NeedMore { consumed } => at += consumed,
                    Decoded::End { consumed } => return Ok(Some((data, at + consumed))),
                }
            }
        }
        Ok(None)
    }

    #[test]
    fn malformed_framing_is_refused() {
        for bad in [
            &b"\r\n"[..],
            b"g\r\n",
            b"0x1\r\na\r\n",
            b" 1\r\na\r\n",
            b"1 \r\na\r\n",
            b"-1\r\n",
            b"1\na\r\n",
            b"1\r\nab\r\n",
            b"1\r\na\n0\r\n",
            b"10000000000000000\r\n",
            b"1;\0\r\na\r\n",
            b"0\r\nx: \0\r\n\r\n",
            b"0\r\n\n",
        ] {
            assert!(
                decode_all(bad, 1).is_err(),
                "{:?}",
                String::from_utf8_lossy(bad)
            );
            assert!(
                decode_all(bad, 64).is_err(),
                "{:?}",
                String::from_utf8_lossy(bad)
            );
        }
    }

    #[test]
    fn endless_extensions_and_trailers_are_cut_off() {
        let extension = [b"1;".to_vec(), vec![b'a'; 5000]].concat();
        assert!(decode_all(&extension, 100).is_err());
        let trailers = [b"0\r\n".to_vec(), b"a: b\r\n".repeat(1000)].concat();
        assert!(decode_all(&trailers, 100).is_err());
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded_whatever_the_pieces(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..8),
            extension in "(;[a-z]{0,5}(=\"[ -~&&[^\"]]{0,5}\")?)?",
            trailer in "([a-z]{1,5}: [!-~]{0,5}\r\n){0,2}",
            step in 1usize..40,
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:X}{extension}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(format!("0\r\n{trailer}\r\n").as_bytes());
            let length = wire.len();
            wire.extend_from_slice(b"GET /");
            prop_assert_eq!(decode_all(&wire, step), Ok(Some((chunks.concat(), length))));
        }

        #[test]
        fn any_bytes_give_an_answer(input in prop::collection::vec(any::<u8>(), 0..200), step in 1usize..40) {
            let whole = decode_all(&input, 1000);
            prop_assert_eq!(decode_all(&input, step), whole);
        }
    }
}
