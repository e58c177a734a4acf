//! The `Cookie` header, read as `starlette.requests.cookie_parser` reads it.

use memchr::memchr;

use super::text::strip;

/// The names and values (latin-1) in their order, without the white space around them.
///
/// A chunk without `=` is a value with an empty name; a chunk with neither does not count.
pub fn pairs(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    header
        .split(|byte| *byte == b';')
        .map(|chunk| match memchr(b'=', chunk) {
            Some(at) => (strip(&chunk[..at]), strip(&chunk[at + 1..])),
            None => (&b""[..], strip(chunk)),
        })
        .filter(|(name, value)| !name.is_empty() || !value.is_empty())
}

/// Whether a value stands for itself. One with quotes goes through `http.cookies._unquote`, whose
/// answer depends on the version of Python.
pub fn is_plain(value: &[u8]) -> bool {
    memchr(b'"', value).is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(header: &str) -> Vec<(&str, &str)> {
        pairs(header.as_bytes())
            .map(|(name, value)| {
                (
                    std::str::from_utf8(name).unwrap(),
                    std::str::from_utf8(value).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn reads_as_browsers_write() {
        assert_eq!(read("a=1; b=2"), [("a", "1"), ("b", "2")]);
        assert_eq!(read(" a = 1 ;b=x=y"), [("a", "1"), ("b", "x=y")]);
        assert_eq!(read("only;=v; ;=;a="), [("", "only"), ("", "v"), ("a", "")]);
    }

    #[test]
    fn quotes_are_not_certain() {
        assert!(is_plain(b"a\\073b"));
        assert!(!is_plain(b"\"a\""));
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_answer(header: Vec<u8>) {
            for (name, value) in pairs(&header) {
                prop_assert!(!name.contains(&b'='));
                prop_assert!(!name.contains(&b';') && !value.contains(&b';'));
            }
        }
    }
}
