//! Text as Python reads it from the bytes of a request.

use std::borrow::Cow;

/// Decodes bytes as `bytes.decode("latin-1")` does: every byte is the character of that number.
pub fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

/// Strips what `str.strip()` strips from text that was decoded as latin-1.
pub fn strip(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

/// `str.isspace()` of one latin-1 character: more than ASCII white space.
fn is_space(byte: u8) -> bool {
    matches!(byte, 0x09..=0x0d | 0x1c..=0x20 | 0x85 | 0xa0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_one_character() {
        assert_eq!(latin1(b"plain"), "plain");
        assert_eq!(latin1(b"caf\xe9"), "caf\u{e9}");
        assert_eq!(latin1("é".as_bytes()), "\u{c3}\u{a9}");
    }

    #[test]
    fn strips_as_python_does() {
        assert_eq!(strip(b" \t\x1c\x85a b\xa0\x0b"), b"a b");
        assert_eq!(strip(b" \x1f "), b"");
        assert_eq!(strip(b"\x1bx\x00"), b"\x1bx\x00");
    }
}
