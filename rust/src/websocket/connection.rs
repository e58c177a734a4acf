//! One WebSocket connection, the server's side.
//!
//! | state | may receive | may send |
//! |---|---|---|
//! | `Open` | anything | anything |
//! | `Closing` (we sent a close frame) | anything; data is dropped | nothing |
//! | `Closed` (both sent one, or a violation) | nothing | nothing |

use super::deflate::{Deflate, DeflateOptions};
use super::error::Violation;
use super::frame::{self, FrameHeader, Opcode};
use super::message::Message;

/// What the bytes received so far mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// The answer to a ping.
    Pong(Vec<u8>),
    /// The peer closed: its code (1005 if it gave none) and reason.
    Close(u16, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Closing,
    Closed,
}

/// A server's side of one connection. Pings are answered by itself.
#[derive(Debug)]
pub struct Connection {
    state: State,
    max_message: usize,
    deflate: Option<Deflate>,
    buffer: Vec<u8>,
    /// Where the unread part of the buffer starts.
    start: usize,
    /// The frame being read, and how much of its payload was taken.
    frame: Option<(FrameHeader, u64)>,
    control: Vec<u8>,
    message: Option<Message>,
}

impl Connection {
    /// A connection after its handshake; messages may have `max_message` bytes, also when inflated.
    pub fn new(max_message: usize, deflate: Option<DeflateOptions>) -> Self {
        Self {
            state: State::Open,
            max_message,
            deflate: deflate.map(Deflate::new),
            buffer: Vec::new(),
            start: 0,
            frame: None,
            control: Vec::new(),
            message: None,
        }
    }

    /// Whether nothing more will be received.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Bytes that no event was made of yet.
    pub fn buffered(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Takes bytes from the peer.
    pub fn receive(&mut self, bytes: &[u8]) {
        if self.state == State::Closed {
            return;
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Gives back the memory of what was received, if all of it was taken.
    pub fn shrink(&mut self) {
        if self.start == self.buffer.len() {
            self.buffer = Vec::new();
            self.start = 0;
        }
    }

    /// Returns the next event, or `None` when more bytes are needed. Answers go to `out`.
    ///
    /// # Errors
    /// The peer broke the protocol or a limit: a close frame with the code was written to `out` and the
    /// connection is closed.
    pub fn next_event(&mut self, out: &mut Vec<u8>) -> Result<Option<Event>, Violation> {
        let next = self.advance(out);
        if let Err(violation) = next {
            self.write_close(violation.code(), "", out);
            self.state = State::Closed;
        }
        next
    }

    fn advance(&mut self, out: &mut Vec<u8>) -> Result<Option<Event>, Violation> {
        while self.state != State::Closed {
            if self.frame.is_none() {
                let Some((header, length)) = FrameHeader::parse(&self.buffer[self.start..])? else {
                    return Ok(None);
                };
                self.start += length;
                self.begin(&header)?;
                self.frame = Some((header, 0));
            }
            let Some((header, taken)) = self.frame else {
                return Ok(None);
            };
            let available = self.buffer.len() - self.start;
            let length = usize::try_from(header.length - taken)
                .unwrap_or(usize::MAX)
                .min(available);
            let piece = &mut self.buffer[self.start..self.start + length];
            header.unmask(piece, taken);
            match &mut self.message {
                _ if header.opcode.is_control() => self.control.extend_from_slice(piece),
                Some(message) if self.state == State::Open => {
                    message.extend(piece, self.max_message)?
                }
                _ => {}
            }
            self.start += length;
            let taken = taken + length as u64;
            if taken < header.length {
                self.frame = Some((header, taken));
                return Ok(None);
            }
            self.frame = None;
            if let Some(event) = self.end(&header, out)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Checks that a frame may come now.
    fn begin(&mut self, header: &FrameHeader) -> Result<(), Violation> {
        let first = matches!(header.opcode, Opcode::Text | Opcode::Binary);
        if header.compressed && !(first && self.deflate.is_some()) {
            return Err(Violation::Protocol("a reserved bit is set"));
        }
        if header.opcode.is_control() {
            self.control.clear();
        } else if first {
            if self.message.is_some() {
                return Err(Violation::Protocol("a message begins within another"));
            }
            self.message = Some(Message::new(
                header.opcode == Opcode::Text,
                header.compressed,
            ));
        } else if self.message.is_none() {
            return Err(Violation::Protocol("a continuation of nothing"));
        }
        // A frame that is announced too long is refused before its payload comes.
        if !header.opcode.is_control() && header.length > self.max_message as u64 {
            return Err(Violation::TooBig);
        }
        Ok(())
    }

    /// Makes an event of a frame that is complete, if it is one.
    fn end(&mut self, header: &FrameHeader, out: &mut Vec<u8>) -> Result<Option<Event>, Violation> {
        match header.opcode {
            Opcode::Ping => {
                if self.state == State::Open {
                    frame::write(Opcode::Pong, false, &self.control, out);
                }
                Ok(None)
            }
            Opcode::Pong => Ok(Some(Event::Pong(std::mem::take(&mut self.control)))),
            Opcode::Close => self.closed_by_peer(out).map(Some),
            _ if !header.fin => Ok(None),
            _ => match self.message.take() {
                Some(message) if self.state == State::Open => self.complete(message).map(Some),
                _ => Ok(None),
            },
        }
    }

    fn complete(&mut self, message: Message) -> Result<Event, Violation> {
        let text = message.text;
        let payload = match &mut self.deflate {
            Some(deflate) if message.compressed => {
                deflate.decompress(message.into_payload(), self.max_message)?
            }
            _ => message.into_payload(),
        };
        if text {
            String::from_utf8(payload)
                .map(Event::Text)
                .map_err(|_| Violation::NotUtf8)
        } else {
            Ok(Event::Binary(payload))
        }
    }

    fn closed_by_peer(&mut self, out: &mut Vec<u8>) -> Result<Event, Violation> {
        let payload = std::mem::take(&mut self.control);
        let (code, reason) = match payload.split_first_chunk::<2>() {
            Some((code, reason)) => {
                let code = u16::from_be_bytes(*code);
                if !may_be_sent(code) {
                    return Err(Violation::Protocol("a close code that may not be sent"));
                }
                (
                    code,
                    String::from_utf8(reason.to_vec()).map_err(|_| Violation::NotUtf8)?,
                )
            }
            None if payload.is_empty() => (1005, String::new()),
            None => return Err(Violation::Protocol("a close code of one byte")),
        };
        if self.state == State::Open {
            frame::write(
                Opcode::Close,
                false,
                payload.get(..2).unwrap_or_default(),
                out,
            );
        }
        self.state = State::Closed;
        Ok(Event::Close(code, reason))
    }

    /// Sends a text message. After a close it is dropped.
    ///
    /// # Errors
    /// It cannot be compressed.
    pub fn send_text(&mut self, text: &str, out: &mut Vec<u8>) -> Result<(), Violation> {
        self.send(Opcode::Text, text.as_bytes(), out)
    }

    /// Sends a binary message. After a close it is dropped.
    ///
    /// # Errors
    /// It cannot be compressed.
    pub fn send_binary(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Violation> {
        self.send(Opcode::Binary, bytes, out)
    }

    fn send(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) -> Result<(), Violation> {
        if self.state == State::Open {
            match &mut self.deflate {
                Some(deflate) => frame::write(opcode, true, &deflate.compress(payload)?, out),
                None => frame::write(opcode, false, payload, out),
            }
        }
        Ok(())
    }

    /// Asks whether the peer is there; `payload` is cut at 125 bytes.
    pub fn ping(&mut self, payload: &[u8], out: &mut Vec<u8>) {
        if self.state == State::Open {
            frame::write(Opcode::Ping, false, &payload[..payload.len().min(125)], out);
        }
    }

    /// Starts to close; the peer's close frame completes it. The reason is cut to fit its frame.
    pub fn close(&mut self, code: u16, reason: &str, out: &mut Vec<u8>) {
        self.write_close(code, reason, out);
        if self.state == State::Open {
            self.state = State::Closing;
        }
    }

    fn write_close(&self, code: u16, reason: &str, out: &mut Vec<u8>) {
        if self.state != State::Open {
            return;
        }
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend_from_slice(&reason.as_bytes()[..reason.floor_char_boundary(123)]);
        frame::write(Opcode::Close, false, &payload, out);
    }
}

/// What is wrong with the close that an application asks for, in the words of the `websockets` library.
pub fn close_error(code: u16, reason: &str) -> Option<&'static str> {
    match reason.len() {
        _ if !may_be_sent(code) => Some("invalid status code"),
        // RFC 6455 §5.5: a control frame has 125 bytes, of which the code takes two.
        124.. => Some("control frame too long"),
        _ => None,
    }
}

/// RFC 6455 §7.4: codes that an endpoint may put into a close frame.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
