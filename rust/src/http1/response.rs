//! The response: head and body as bytes, framed as the request allows (RFC 9112 §6).

use std::fmt;
use std::io::Write as _;

use super::head::{RequestHead, Version};

/// What the application says of its response.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a, F> {
    /// 200 to 999: an informational status is no response.
    pub status: u16,
    /// Names and values in their order; names are sent in lower case.
    pub fields: F,
    /// Fields of the server itself, as complete lines (`server: x\r\n`), put in front.
    pub server_fields: &'a [u8],
    /// Whether the server wants to close the connection after this response.
    pub close: bool,
}

/// A whole response of a status above 199, whose fields are known to be good.
#[derive(Clone, Copy, Debug)]
pub struct WholeResponse<'a> {
    /// 200 to 999.
    pub status: u16,
    /// Fields of the server itself, as complete lines.
    pub server_fields: &'a [u8],
    /// What follows the Content-Length, as complete lines; nothing of framing or of the connection.
    pub fields: &'a [u8],
    /// How many bytes the body has.
    pub length: usize,
    /// Whether the server wants to close the connection after this response.
    pub close: bool,
}

/// An application's mistake; the response cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseError {
    /// A field has a name that is no token.
    BadName,
    /// A field has a value with a control character.
    BadValue,
    /// The Content-Length is not a number, or is given twice with different values.
    BadLength,
    /// Data or the end of a response that was not started.
    NotStarted,
    /// The status is not between 200 and 999.
    BadStatus(u16),
    /// More data than the Content-Length says.
    TooLong,
    /// The response ended before its Content-Length was reached.
    TooShort,
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            // As h11 says it.
            Self::BadStatus(status) => {
                return write!(
                    f,
                    "Response status_code should be in range [200, 1000), not {status}"
                );
            }
            Self::BadName => "Invalid HTTP header name.",
            Self::BadValue => "Invalid HTTP header value.",
            Self::BadLength => "the response's Content-Length is malformed",
            Self::NotStarted => "the response was not started",
            Self::TooLong => "Response content longer than Content-Length",
            Self::TooShort => "Response content shorter than Content-Length",
        })
    }
}

impl std::error::Error for ResponseError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// HEAD: data is counted for nothing and not sent.
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

/// Writes one response.
#[derive(Debug)]
pub struct ResponseWriter {
    body: Body,
    /// Whether the connection may serve another request after this response.
    pub keep_alive: bool,
}

impl ResponseWriter {
    /// Writes the head of the response to `request` into `out`.
    ///
    /// Without a Content-Length the body is chunked; for HTTP/1.0 it ends with the connection.
    ///
    /// # Errors
    /// The application's head cannot be sent; nothing was written then.
    pub fn start<'f>(
        request: &RequestHead,
        head: &ResponseHead<'_, impl Iterator<Item = (&'f [u8], &'f [u8])> + Clone>,
        out: &mut Vec<u8>,
    ) -> Result<Self, ResponseError> {
        if !(200..=999).contains(&head.status) {
            return Err(ResponseError::BadStatus(head.status));
        }
        let told = told(head.fields.clone())?;
        let body = match told.length {
            _ if request.method() == b"HEAD" => Body::None,
            _ if matches!(head.status, 204 | 304) => Body::Length(0),
            Some(length) => Body::Length(length),
            None if request.version == Version::Http11 => Body::Chunked,
            None => Body::UntilClose,
        };
        let keep_alive =
            request.keep_alive && !head.close && !told.close && body != Body::UntilClose;

        status_line(head.status, out);
        out.extend_from_slice(head.server_fields);
        for (name, value) in head.fields.clone() {
            if name.eq_ignore_ascii_case(b"transfer-encoding") {
                // The framing is the engine's; a second one would be ambiguous.
                continue;
            }
            let at = out.len();
            out.extend_from_slice(name);
            out[at..].make_ascii_lowercase();
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        }
        if !told.close {
            connection_field(request, keep_alive, out);
        }
        if body == Body::Chunked {
            out.extend_from_slice(b"transfer-encoding: chunked\r\n");
        }
        out.extend_from_slice(b"\r\n");
        Ok(Self { body, keep_alive })
    }

    /// Writes the head of a whole response to `request` into `out`, as `start` would.
    ///
    /// # Errors
    /// The status is none; nothing was written then.
    pub fn whole(
        request: &RequestHead,
        response: &WholeResponse<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Self, ResponseError> {
        if !(200..=999).contains(&response.status) {
            return Err(ResponseError::BadStatus(response.status));
        }
        let length = response.length;
        let body = match response.status {
            _ if request.method() == b"HEAD" => Body::None,
            204 | 304 => Body::Length(0),
            _ => Body::Length(length as u64),
        };
        let keep_alive = request.keep_alive && !response.close;
        status_line(response.status, out);
        out.extend_from_slice(response.server_fields);
        out.extend_from_slice(b"content-length: ");
        out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(response.fields);
        connection_field(request, keep_alive, out);
        out.extend_from_slice(b"\r\n");
        Ok(Self { body, keep_alive })
    }

    /// Writes a piece of the body.
    ///
    /// # Errors
    /// See `frame`.
    pub fn data(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), ResponseError> {
        if let Some(end) = self.frame(data.len(), out)? {
            out.extend_from_slice(data);
            out.extend_from_slice(end);
        }
        Ok(())
    }

    /// Writes what comes before a piece of the body that is sent from where it lies; returns what comes after it,
    /// or `None` if the piece itself is not sent.
    ///
    /// # Errors
    /// It goes beyond the Content-Length; nothing was written then.
    pub fn frame(
        &mut self,
        length: usize,
        out: &mut Vec<u8>,
    ) -> Result<Option<&'static [u8]>, ResponseError> {
        match &mut self.body {
            Body::None => Ok(None),
            Body::Length(left) => {
                *left = left
                    .checked_sub(length as u64)
                    .ok_or(ResponseError::TooLong)?;
                Ok(Some(b""))
            }
            // An empty chunk would end the body.
            Body::Chunked if length == 0 => Ok(None),
            Body::Chunked => {
                // Writing to a Vec cannot fail.
                let _ = write!(out, "{length:x}\r\n");
                Ok(Some(b"\r\n"))
            }
            Body::UntilClose => Ok(Some(b"")),
        }
    }

    /// How much of the body is left, where its length is told and its bytes are sent as they are.
    pub fn room(&self) -> Option<u64> {
        match self.body {
            Body::Length(left) => Some(left),
            _ => None,
        }
    }

    /// Counts bytes of the body that another way than `out` took to the peer; at most `room`.
    pub fn sent(&mut self, length: u64) {
        if let Body::Length(left) = &mut self.body {
            *left = left.saturating_sub(length);
        }
    }

    /// Ends the body.
    ///
    /// # Errors
    /// The Content-Length was not reached; the connection must be closed.
    pub fn finish(&self, out: &mut Vec<u8>) -> Result<(), ResponseError> {
        match self.body {
            Body::Length(1..) => Err(ResponseError::TooShort),
            Body::Chunked => {
                out.extend_from_slice(b"0\r\n\r\n");
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Checks the fields of a head that is not written here.
///
/// # Errors
/// One of them would not reach the peer as what it is.
pub fn check_fields<'f>(
    fields: impl Iterator<Item = (&'f [u8], &'f [u8])>,
) -> Result<(), ResponseError> {
    told(fields).map(drop)
}

#[derive(Default)]
struct Told {
    length: Option<u64>,
    close: bool,
}

fn told<'f>(fields: impl Iterator<Item = (&'f [u8], &'f [u8])>) -> Result<Told, ResponseError> {
    let mut told = Told::default();
    for (name, value) in fields {
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(ResponseError::BadName);
        }
        if !value.iter().all(|byte| is_field_value(*byte)) {
            return Err(ResponseError::BadValue);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            // A sign, which `parse` takes, is not for others to read.
            let length = std::str::from_utf8(value)
                .ok()
                .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|text| text.parse().ok());
            if length.is_none() || (told.length.is_some() && told.length != length) {
                return Err(ResponseError::BadLength);
            }
            told.length = length;
        } else if name.eq_ignore_ascii_case(b"connection") {
            told.close |= value
                .split(|byte| *byte == b',')
                .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
        }
    }
    Ok(told)
}

/// RFC 9110 §5.6.2.
pub(super) fn is_token(byte: u8) -> bool {
    const TOKEN: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0u8;
        while byte < 0x80 {
            table[byte as usize] = byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'!' | b'#'
                        | b'$'
                        | b'%'
                        | b'&'
                        | b'\''
                        | b'*'
                        | b'+'
                        | b'-'
                        | b'.'
                        | b'^'
                        | b'_'
                        | b'`'
                        | b'|'
                        | b'~'
                );
            byte += 1;
        }
        table
    };
    TOKEN[byte as usize]
}

/// RFC 9110 §5.5: no control characters but the tab; CR and LF would start a field of their own.
fn is_field_value(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Says what the version of the request does not say by itself.
fn connection_field(request: &RequestHead, keep_alive: bool, out: &mut Vec<u8>) {
    if !keep_alive && request.version == Version::Http11 {
        out.extend_from_slice(b"connection: close\r\n");
    } else if keep_alive && request.version == Version::Http10 {
        out.extend_from_slice(b"connection: keep-alive\r\n");
    }
}

fn status_line(status: u16, out: &mut Vec<u8>) {
    if status == 200 {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        return;
    }
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(itoa::Buffer::new().format(status).as_bytes());
    out.push(b' ');
    out.extend_from_slice(reason(status).as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// The reason phrase that Python's `http.HTTPStatus`, and so uvicorn, has for a status; empty for others.
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a Teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Entity",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        510 => "Not Extended",
        511 => "Network Authentication Required",
        _ => "",
    }
}
