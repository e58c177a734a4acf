//! One connection: the engine that `server` drives.
//!
//! | state | waits for | then |
//! |---|---|---|
//! | `Head` | a whole head | `Request`, to `Body` or `Read` |
//! | `Body` | a run of the body, or its end | `Data`, or `End` to `Read` |
//! | `Read` | the end of the response | `Head` if both sides keep alive, else `Closed` |
//! | `Rest` | the end of a body whose request is answered already | `Head` |
//! | `Closed` | nothing | |
//!
//! The response may start in `Body` or `Read`. If it ends in `Body`, the rest of the body is read and dropped
//! before the next request; a client that still waits for `100 Continue` may or may not send it, so that
//! connection closes. Pipelined requests wait in the buffer until `Head`.

use super::body::BodyReader;
use super::chunked::Decoded;
use super::error::ProtocolError;
use super::head::{self, RequestHead};
use super::limits::Limits;
use super::response::{ResponseError, ResponseHead, ResponseWriter, WholeResponse};

/// The most memory that a connection keeps from one request to the next for a buffer that is empty.
const KEPT: usize = 16 * 1024;

/// The most empty lines before a request.
const EMPTY_LINES: u8 = 8;

/// What the bytes received so far mean.
#[derive(Debug)]
pub enum Event<'a> {
    /// A request begins; `End` follows at once if it has no body.
    Request(RequestHead),
    /// A run of the body.
    Data(&'a [u8]),
    /// The request is complete.
    End,
}

#[derive(Debug)]
enum Reading {
    Head,
    Body(BodyReader),
    /// The body is complete; `End` was not told yet.
    BodyEnded,
    Read,
    Rest(BodyReader),
    Closed,
}

/// A server's side of one connection.
#[derive(Debug)]
pub struct Connection {
    limits: Limits,
    buffer: Vec<u8>,
    /// Where the unread part of the buffer starts.
    start: usize,
    /// How far the unread part was searched for the end of a head.
    searched: usize,
    /// Empty lines since the last head.
    empty_lines: u8,
    reading: Reading,
    writer: Option<ResponseWriter>,
}

impl Connection {
    /// A connection on which nothing happened yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            empty_lines: 0,
            reading: Reading::Head,
            writer: None,
        }
    }

    /// Takes bytes from the peer.
    pub fn receive(&mut self, bytes: &[u8]) {
        if self.start == self.buffer.len() {
            self.buffer.clear();
        } else if self.start > 0 {
            self.buffer.drain(..self.start);
        }
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// How many bytes at the front of what has just come from the peer are data of the body, which is told of by
    /// this and by no event; `receive` takes those that follow.
    pub fn take_body(&mut self, bytes: &[u8]) -> usize {
        match &mut self.reading {
            Reading::Body(reader) if self.start == self.buffer.len() => reader.take(bytes),
            _ => 0,
        }
    }

    /// Whether the next request may begin or has begun to arrive.
    pub fn is_idle(&self) -> bool {
        matches!(self.reading, Reading::Head) && self.start == self.buffer.len()
    }

    /// Whether no further request will be read.
    pub fn is_closed(&self) -> bool {
        matches!(self.reading, Reading::Closed)
    }

    /// How many bytes no event has taken.
    pub fn buffered(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Whether a part of a request's body is still to come.
    pub fn expects_body(&self) -> bool {
        matches!(self.reading, Reading::Body(_) | Reading::Rest(_))
    }

    /// Whether the rest of a body is read whose request is answered already.
    pub fn drops_body(&self) -> bool {
        matches!(self.reading, Reading::Rest(_))
    }

    /// Gives back the memory of what was received, if all of it was taken.
    pub fn shrink(&mut self) {
        if self.start == self.buffer.len() {
            self.buffer = Vec::new();
            self.start = 0;
        }
    }

    /// The bytes that no event has taken, for the protocol that this connection is upgraded to.
    pub fn take_rest(&mut self) -> Vec<u8> {
        self.reading = Reading::Closed;
        let rest = self.buffer.split_off(self.start);
        self.buffer.clear();
        self.start = 0;
        rest
    }

    /// Returns the next event, or `None` when more bytes or the end of the response are needed.
    ///
    /// # Errors
    /// The peer broke the protocol or a limit; the connection is closed for reading after it.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, ProtocolError> {
        match self.advance() {
            Ok(Some(Step::Request(head))) => Ok(Some(Event::Request(head))),
            Ok(Some(Step::Data(from, to))) => Ok(Some(Event::Data(&self.buffer[from..to]))),
            Ok(Some(Step::End)) => Ok(Some(Event::End)),
            Ok(None) => Ok(None),
            Err(error) => {
                self.reading = Reading::Closed;
                Err(error)
            }
        }
    }

    fn advance(&mut self) -> Result<Option<Step>, ProtocolError> {
        loop {
            match &mut self.reading {
                Reading::Head => {
                    let Some(length) = self.head_length()? else {
                        return Ok(None);
                    };
                    let head =
                        head::parse(&self.buffer[self.start..self.start + length], &self.limits)?;
                    self.start += length;
                    self.searched = 0;
                    self.empty_lines = 0;
                    self.reading = match BodyReader::new(head.framing, self.limits.body_bytes)? {
                        Some(reader) => Reading::Body(reader),
                        None => Reading::BodyEnded,
                    };
                    return Ok(Some(Step::Request(head)));
                }
                Reading::Body(reader) => {
                    return match reader.read(&self.buffer[self.start..])? {
                        Decoded::Data { skip, len } => {
                            let from = self.start + skip;
                            self.start = from + len;
                            Ok(Some(Step::Data(from, self.start)))
                        }
                        Decoded::NeedMore { consumed } => {
                            self.start += consumed;
                            Ok(None)
                        }
                        Decoded::End { consumed } => {
                            self.start += consumed;
                            self.reading = Reading::Read;
                            Ok(Some(Step::End))
                        }
                    };
                }
                Reading::BodyEnded => {
                    self.reading = Reading::Read;
                    return Ok(Some(Step::End));
                }
                Reading::Rest(reader) => match reader.read(&self.buffer[self.start..])? {
                    Decoded::Data { skip, len } => self.start += skip + len,
                    Decoded::NeedMore { consumed } => {
                        self.start += consumed;
                        return Ok(None);
                    }
                    Decoded::End { consumed } => {
                        self.start += consumed;
                        self.reading = Reading::Head;
                    }
                },
                Reading::Read | Reading::Closed => return Ok(None),
            }
        }
    }

    /// Where the head at the front of the buffer ends, once its empty line is there.
    fn head_length(&mut self) -> Result<Option<usize>, ProtocolError> {
        // RFC 9112 §2.2: an empty line before the request line is ignored. Who sends no end of them only wants to stay.
        while self.searched == 0 && self.buffer[self.start..].starts_with(b"\r\n") {
            self.start += 2;
            self.empty_lines += 1;
            if self.empty_lines > EMPTY_LINES {
                return Err(ProtocolError::BadHead("there is no request line"));
            }
        }
        let unread = &self.buffer[self.start..];
        let mut line_start = self.searched;
        while let Some(at) =
            memchr::memchr(b'\n', &unread[self.searched..]).map(|at| self.searched + at)
        {
            if at == 0 || unread[at - 1] != b'\r' {
                return Err(ProtocolError::BareLf);
            }
            if at >= self.limits.head_bytes {
                return Err(ProtocolError::HeadTooLarge);
            }
            self.searched = at + 1;
            if at - 1 == line_start && at > 1 {
                return Ok(Some(at + 1));
            }
            line_start = at + 1;
        }
        // The unfinished line is searched again from its start, so that an empty line is always seen whole.
        if unread.len() > self.limits.head_bytes {
            return Err(ProtocolError::HeadTooLarge);
        }
        Ok(None)
    }

    /// Starts the response to the request whose head is `request`.
    ///
    /// # Errors
    /// See [`ResponseWriter::start`].
    pub fn start_response<'f>(
        &mut self,
        request: &RequestHead,
        head: &ResponseHead<'_, impl Iterator<Item = (&'f [u8], &'f [u8])> + Clone>,
        out: &mut Vec<u8>,
    ) -> Result<(), ResponseError> {
        self.writer = Some(ResponseWriter::start(request, head, out)?);
        Ok(())
    }

    /// Starts a whole response.
    ///
    /// # Errors
    /// See [`ResponseWriter::whole`].
    pub fn start_whole(
        &mut self,
        request: &RequestHead,
        response: &WholeResponse<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ResponseError> {
        self.writer = Some(ResponseWriter::whole(request, response, out)?);
        Ok(())
    }

    /// Sends a piece of the response's body.
    ///
    /// # Errors
    /// See [`ResponseWriter::data`]; also when no response was started.
    pub fn send_data(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), ResponseError> {
        match &mut self.writer {
            Some(writer) => writer.data(data, out),
            None => Err(ResponseError::NotStarted),
        }
    }

    /// Frames a piece of the response's body that is sent from where it lies.
    ///
    /// # Errors
    /// See [`ResponseWriter::frame`]; also when no response was started.
    pub fn frame_data(
        &mut self,
        length: usize,
        out: &mut Vec<u8>,
    ) -> Result<Option<&'static [u8]>, ResponseError> {
        match &mut self.writer {
            Some(writer) => writer.frame(length, out),
            None => Err(ResponseError::NotStarted),
        }
    }

    /// See [`ResponseWriter::room`].
    pub fn room(&self) -> Option<u64> {
        self.writer.as_ref().and_then(ResponseWriter::room)
    }

    /// See [`ResponseWriter::sent`].
    pub fn sent(&mut self, length: u64) {
        if let Some(writer) = &mut self.writer {
            writer.sent(length);
        }
    }

    /// Ends the response. The next request may then be read, if the connection is kept; `body_is_due` says
    /// whether the client will certainly send the rest of its body.
    ///
    /// # Errors
    /// The response is too short or was not started; the connection is closed then.
    pub fn end_response(
        &mut self,
        body_is_due: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), ResponseError> {
        let Some(writer) = self.writer.take() else {
            self.reading = Reading::Closed;
            return Err(ResponseError::NotStarted);
        };
        let ended = writer.finish(out);
        if self.buffer.capacity() > KEPT {
            self.shrink();
        }
        let reading = std::mem::replace(&mut self.reading, Reading::Closed);
        if writer.keep_alive && ended.is_ok() {
            self.reading = match reading {
                Reading::Read | Reading::BodyEnded => Reading::Head,
                Reading::Body(reader) if body_is_due => Reading::Rest(reader),
                _ => Reading::Closed,
            };
        }
        ended
    }
}

enum Step {
    Request(RequestHead),
    Data(usize, usize),
    End,
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
