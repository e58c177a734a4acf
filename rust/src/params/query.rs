//! The query string, read as Starlette's `QueryParams` reads it:
//! `urllib.parse.parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)`.

use std::borrow::Cow;

use memchr::memchr;
use percent_encoding::percent_decode;

use super::text::latin1;

/// The raw names and values in their order; `;` does not separate, empty pairs do not count.
pub fn pairs(query: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    query
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match memchr(b'=', pair) {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &b""[..]),
        })
}

/// Decodes a raw name or value: `+` is a space, percent-encoded UTF-8, U+FFFD for what is not UTF-8.
///
/// `urllib.parse.unquote` decodes each run of ASCII characters by itself, so that a raw byte above
/// 0x7f (one latin-1 character) ends an encoded character that is not complete.
pub fn decode(raw: &[u8]) -> Cow<'_, str> {
    if !raw
        .iter()
        .any(|byte| matches!(byte, b'+' | b'%' | 0x80..=0xff))
    {
        return latin1(raw);
    }
    let mut text = String::with_capacity(raw.len());
    for run in raw.chunk_by(|left, right| left.is_ascii() == right.is_ascii()) {
        if run.first().is_some_and(u8::is_ascii) {
            let spaced: Vec<u8> = run
                .iter()
                .map(|byte| if *byte == b'+' { b' ' } else { *byte })
                .collect();
            text.push_str(&percent_decode(&spaced).decode_utf8_lossy());
        } else {
            text.push_str(&latin1(run));
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(query: &str) -> Vec<(String, String)> {
        pairs(query.as_bytes())
            .map(|(name, value)| (decode(name).into_owned(), decode(value).into_owned()))
            .collect()
    }

    fn expect(query: &str, pairs: &[(&str, &str)]) {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(read(query), pairs, "{query}");
    }

    #[test]
    fn splits_as_parse_qsl_does() {
        expect("a=1&b=2", &[("a", "1"), ("b", "2")]);
        expect("a=1;b=2", &[("a", "1;b=2")]);
        expect("&&a&=&b==c&", &[("a", ""), ("", ""), ("b", "=c")]);
        expect("", &[]);
    }

    #[test]
    fn decodes_as_unquote_does() {
        expect("a+b=%2B+%20", &[("a b", "+  ")]);
        expect("a=%C3%A9%e2%82%ac", &[("a", "é€")]);
        expect(
            "a=%&b=%4&c=%zz&d=%%41",
            &[("a", "%"), ("b", "%4"), ("c", "%zz"), ("d", "%A")],
        );
        expect("a=%FF%C3&b=%00", &[("a", "\u{fffd}\u{fffd}"), ("b", "\0")]);
    }

    #[test]
    fn a_raw_byte_ends_an_encoded_character() {
        assert_eq!(decode(b"%C3\xa9"), "\u{fffd}\u{a9}");
        assert_eq!(decode(b"\xe9+%41"), "\u{e9} A");
        assert_eq!(decode(b"%4\xe9"), "%4\u{e9}");
    }

    proptest! {
        #[test]
        fn any_bytes_decode(raw: Vec<u8>) {
            for (name, value) in pairs(&raw) {
                prop_assert!(!name.contains(&b'='));
                decode(name);
                decode(value);
            }
        }

        #[test]
        fn text_survives_encoding(text: String) {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(decode(encoded.as_bytes()), text);
        }
    }
}
