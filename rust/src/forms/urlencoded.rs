//! `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use memchr::memchr;

use super::{MAX_FIELD_SIZE, MAX_FIELDS};
use crate::params::query::decode;

/// The names and values of a form in their order.
///
/// Readers disagree on `;`, which separates fields in some, and on fields without `=`.
pub fn fields(body: &[u8]) -> Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> {
    if memchr(b';', body).is_some() {
        return None;
    }
    let mut fields = Vec::new();
    for pair in body.split(|byte| *byte == b'&') {
        if pair.is_empty() {
            continue;
        }
        let at = memchr(b'=', pair)?;
        if fields.len() == MAX_FIELDS || pair.len() > MAX_FIELD_SIZE {
            return None;
        }
        fields.push((decode(&pair[..at]), decode(&pair[at + 1..])));
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_have_names_and_values() {
        for (body, expected) in [
            ("", vec![]),
            ("a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("&a=1&&a=&", vec![("a", "1"), ("a", "")]),
            ("=x&y==", vec![("", "x"), ("y", "=")]),
            ("a+b=%C3%A9+%2B", vec![("a b", "é +")]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)))
                .collect();
            assert_eq!(fields(body.as_bytes()), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_readers_disagree_on_is_unclear() {
        for body in ["a", "a=1&b", "a&b=1", "a=1;b=2", "a=;"] {
            assert_eq!(fields(body.as_bytes()), None, "{body}");
        }
        assert_eq!(
            fields("a=1&".repeat(1000).as_bytes()).map(|all| all.len()),
            Some(1000)
        );
        assert_eq!(fields("a=1&".repeat(1001).as_bytes()), None);
        assert_eq!(fields(&[b"a=", &[b'x'; MAX_FIELD_SIZE][..]].concat()), None);
    }

    proptest! {
        #[test]
        fn a_naive_reader_reads_the_same(body in "[a=&%+C3;é]{0,24}") {
            let Some(fields) = fields(body.as_bytes()) else {
                return Ok(());
            };
            let naive: Vec<_> = body
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| pair.split_once('=').unwrap())
                .map(|(name, value)| (decode(name.as_bytes()), decode(value.as_bytes())))
                .collect();
            prop_assert_eq!(fields, naive);
        }

        #[test]
        fn any_bytes_have_an_answer(body: Vec<u8>) {
            fields(&body);
        }
    }
}
