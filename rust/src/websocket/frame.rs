//! Frames (RFC 6455 §5.2): headers parsed and written, payloads unmasked.

use super::error::Violation;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of a fragmented message.
    Continuation,
    /// Text, in UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// The end of the connection.
    Close,
    /// A question whether the peer is there.
    Ping,
    /// Its answer.
    Pong,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xA,
        }
    }

    /// Close, ping and pong: never fragmented, at most 125 bytes.
    pub fn is_control(self) -> bool {
        self.bits() & 0x8 != 0
    }
}

/// The header of a frame from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// RSV1: the message is compressed.
    pub compressed: bool,
    /// What the frame is for.
    pub opcode: Opcode,
    /// Bytes of payload.
    pub length: u64,
    mask: [u8; 4],
}

impl FrameHeader {
    /// Parses the header at the front of `input`; returns it and its own length, or `None` if it is incomplete.
    ///
    /// # Errors
    /// A reserved bit or opcode, no mask, a length that is not in its shortest form, or a control frame
    /// that is fragmented or longer than 125 bytes.
    pub fn parse(input: &[u8]) -> Result<Option<(Self, usize)>, Violation> {
        use Violation::Protocol;
        let &[first, second, ref rest @ ..] = input else {
            return Ok(None);
        };
        if first & 0x30 != 0 {
            return Err(Protocol("a reserved bit is set"));
        }
        let opcode = Opcode::from_bits(first & 0x0f).ok_or(Protocol("a reserved opcode"))?;
        if second & 0x80 == 0 {
            return Err(Protocol("a frame of a client is not masked"));
        }
        let fin = first & 0x80 != 0;
        let (length, extended) = match second & 0x7f {
            126 => match rest.first_chunk::<2>() {
                Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 2),
                None => return Ok(None),
            },
            127 => match rest.first_chunk::<8>() {
                Some(bytes) => (u64::from_be_bytes(*bytes), 8),
                None => return Ok(None),
            },
            short => (u64::from(short), 0),
        };
        if (extended == 2 && length < 126)
            || (extended == 8 && !(0x1_0000..=i64::MAX as u64).contains(&length))
        {
            return Err(Protocol("a length is not in its shortest form"));
        }
        if opcode.is_control() && (!fin || length > 125) {
            return Err(Protocol("a control frame is fragmented or too long"));
        }
        let Some(mask) = rest
            .get(extended..)
            .and_then(|rest| rest.first_chunk::<4>())
        else {
            return Ok(None);
        };
        let header = Self {
            fin,
            compressed: first & 0x40 != 0,
            opcode,
            length,
            mask: *mask,
        };
        Ok(Some((header, 2 + extended + 4)))
    }

    /// Takes the mask off a part of the payload that starts `offset` bytes into it.
    pub fn unmask(&self, payload: &mut [u8], offset: u64) {
        let mut mask = self.mask;
        mask.rotate_left((offset % 4) as usize);
        let word = u128::from_ne_bytes(std::array::from_fn(|index| mask[index % 4]));
        let (words, rest) = payload.as_chunks_mut();
        for bytes in words {
            *bytes = (u128::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= key;
        }
    }
}

/// Writes an unfragmented frame of a server.
pub fn write(opcode: Opcode, compressed: bool, payload: &[u8], out: &mut Vec<u8>) {
    out.push(0x80 | if compressed { 0x40 } else { 0 } | opcode.bits());
    match payload.len() {
        length @ 0..=125 => out.push(length as u8),
        length @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}
