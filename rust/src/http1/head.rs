//! The head of a request: its line, its fields, and how its body is framed.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::error::ProtocolError;
use super::limits::Limits;
use super::target::{self, Target};

/// The two versions that this engine speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0: closes by default, has no chunked coding.
    Http10,
    /// HTTP/1.1.
    Http11,
}

/// How the length of a body is told (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// No body.
    Empty,
    /// So many bytes.
    Length(u64),
    /// The chunked coding.
    Chunked,
}

/// A parsed head. It owns its bytes; every part is a range of them.
#[derive(Clone, Debug)]
pub struct RequestHead {
    bytes: Box<[u8]>,
    method: Range<usize>,
    target: Range<usize>,
    cut: Target,
    fields: Vec<(Range<usize>, Range<usize>)>,
    /// The version of the request line.
    pub version: Version,
    /// How the body is framed.
    pub framing: Framing,
    /// Whether the client allows another request on this connection.
    pub keep_alive: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    /// Whether the client asks to switch to the WebSocket protocol.
    pub upgrades_to_websocket: bool,
}

impl RequestHead {
    /// The method, as it was sent.
    pub fn method(&self) -> &[u8] {
        &self.bytes[self.method.clone()]
    }

    /// The path, still percent-encoded.
    pub fn raw_path(&self) -> &[u8] {
        &self.target()[self.cut.path.clone()]
    }

    /// The query, still percent-encoded, without its question mark.
    pub fn query(&self) -> &[u8] {
        &self.target()[self.cut.query.clone()]
    }

    /// The target, as it was sent.
    pub fn target(&self) -> &[u8] {
        &self.bytes[self.target.clone()]
    }

    /// The fields in their order, names in lower case.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.fields
            .iter()
            .map(|(name, value)| (&self.bytes[name.clone()], &self.bytes[value.clone()]))
    }
}

/// Parses a complete head, its closing empty line included.
///
/// # Errors
/// See [`ProtocolError`]: everything that RFC 9112 lets a server refuse is refused.
pub fn parse(head: &[u8], limits: &Limits) -> Result<RequestHead, ProtocolError> {
    let mut storage = [const { MaybeUninit::uninit() }; 256];
    let room = limits.header_count.min(storage.len());
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(head, &mut storage[..room]) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Ok(_) => return Err(ProtocolError::BadHead("the head ends in its middle")),
        Err(error) => return Err(refused(error, head)),
    }
    let (Some(method), Some(target), Some(version)) =
        (request.method, request.path, request.version)
    else {
        return Err(ProtocolError::BadHead("the request line is malformed"));
    };
    let mut bytes: Box<[u8]> = head.into();
    let place = |part: &[u8]| {
        let start = part.as_ptr() as usize - head.as_ptr() as usize;
        start..start + part.len()
    };
    let mut fields = Vec::with_capacity(request.headers.len());
    let mut told = Told::default();
    for field in request.headers.iter() {
        let name = place(field.name.as_bytes());
        bytes[name.clone()].make_ascii_lowercase();
        told.take(&bytes[name.clone()], field.value)?;
        fields.push((name, place(field.value)));
    }
    let version = if version == 0 {
        Version::Http10
    } else {
        Version::Http11
    };
    if told.hosts > 1 || (told.hosts == 0 && version == Version::Http11) {
        return Err(ProtocolError::BadHead(
            "there is not exactly one Host field",
        ));
    }
    let upgrades_to_websocket =
        told.websocket && told.connection_upgrade && version == Version::Http11;
    Ok(RequestHead {
        cut: target::cut(method.as_bytes(), target.as_bytes())?,
        method: place(method.as_bytes()),
        target: place(target.as_bytes()),
        framing: told.framing(version)?,
        keep_alive: !told.close && (version == Version::Http11 || told.keep_alive),
        expects_continue: told.expects_continue && version == Version::Http11,
        upgrades_to_websocket,
        version,
        fields,
        bytes,
    })
}

fn refused(error: httparse::Error, head: &[u8]) -> ProtocolError {
    match error {
        // `GET /a b HTTP/1.1` has a version, but not where it is looked for.
        httparse::Error::Version
            if head
                .split(|byte| *byte == b'\r')
                .next()
                .is_some_and(|line| line.iter().filter(|byte| **byte == b' ').count() != 2) =>
        {
            ProtocolError::BadHead("the request line is malformed")
        }
        httparse::Error::TooManyHeaders => ProtocolError::HeadTooLarge,
        httparse::Error::Version => ProtocolError::UnknownVersion,
        httparse::Error::HeaderName => ProtocolError::BadHead("a field name is malformed"),
        httparse::Error::HeaderValue => ProtocolError::BadHead("a field value is malformed"),
        _ => ProtocolError::BadHead("the request line is malformed"),
    }
}

/// What the fields tell about the connection and the body.
#[derive(Default)]
struct Told {
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    connection_upgrade: bool,
    websocket: bool,
    expects_continue: bool,
}

impl Told {
    fn take(&mut self, name: &[u8], value: &[u8]) -> Result<(), ProtocolError> {
        match name {
            b"host" => self.hosts += 1,
            b"content-length" => {
                if self.length.is_some() {
                    return Err(ProtocolError::BadFraming(
                        "there are several Content-Length fields",
                    ));
                }
                self.length = Some(length(value)?);
            }
            b"transfer-encoding" => {
                if self.chunked {
                    return Err(ProtocolError::BadFraming(
                        "there are several Transfer-Encoding fields",
                    ));
                }
                if !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(ProtocolError::UnknownTransferCoding);
                }
                self.chunked = true;
            }
            b"connection" => {
                for option in value.split(|byte| *byte == b',') {
                    match option.trim_ascii().to_ascii_lowercase().as_slice() {
                        b"close" => self.close = true,
                        b"keep-alive" => self.keep_alive = true,
                        b"upgrade" => self.connection_upgrade = true,
                        _ => {}
                    }
                }
            }
            b"upgrade" => self.websocket |= value.eq_ignore_ascii_case(b"websocket"),
            b"expect" => self.expects_continue |= value.eq_ignore_ascii_case(b"100-continue"),
            _ => {}
        }
        Ok(())
    }

    fn framing(&self, version: Version) -> Result<Framing, ProtocolError> {
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(ProtocolError::BadFraming(
                "both Content-Length and Transfer-Encoding are given",
            )),
            (true, None) if version == Version::Http10 => Err(ProtocolError::BadFraming(
                "HTTP/1.0 has no Transfer-Encoding",
            )),
            (true, None) => Ok(Framing::Chunked),
            (false, None | Some(0)) => Ok(Framing::Empty),
            (false, Some(length)) => Ok(Framing::Length(length)),
        }
    }
}

/// Digits only: no sign, no list, no space (RFC 9110 §8.6).
fn length(value: &[u8]) -> Result<u64, ProtocolError> {
    let digits = std::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|text| text.parse().ok())
        .ok_or(ProtocolError::BadFraming(
            "the Content-Length is not a number",
        ))
}
