//! The media type in a `Content-Type` header (RFC 9110 §8.3.1).

use pyo3::prelude::*;
use pyo3::types::PyString;

/// The type and subtype of `type/subtype[; parameters]` in lower case, or `None` for any other shape.
pub fn media_type(value: &str) -> Option<(String, String)> {
    // The reference turns a header with a line break into several; such a value is its to judge.
    if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n')) || !value.is_ascii() {
        return None;
    }
    let essence = value.split(';').next()?.trim_matches([' ', '\t']);
    let (maintype, subtype) = essence.split_once('/')?;
    (is_token(maintype) && is_token(subtype))
        .then(|| (maintype.to_ascii_lowercase(), subtype.to_ascii_lowercase()))
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The main type and subtype of a `Content-Type` header, in lower case.
///
/// `None` when `value` is not plainly `type/subtype` with optional parameters. Its slow twin is
/// `email.message.Message.get_content_maintype` and `get_content_subtype`.
#[pyfunction]
pub fn parse_content_type(value: &Bound<'_, PyAny>) -> Option<(String, String)> {
    media_type(value.cast_exact::<PyString>().ok()?.to_str().ok()?)
}

#[cfg(test)]
mod tests {
    use super::media_type;
    use proptest::prelude::*;

    #[test]
    fn only_plain_media_types_are_accepted() {
        for (value, expected) in [
            ("application/json", Some(("application", "json"))),
            (
                "Application/JSON; charset=utf-8",
                Some(("application", "json")),
            ),
            (
                " application/geo+json ;a=\"b;c\"",
                Some(("application", "geo+json")),
            ),
            ("text/plain;", Some(("text", "plain"))),
            ("", None),
            ("json", None),
            ("application/", None),
            ("/json", None),
            ("application/json/x", None),
            ("application /json", None),
            ("application/json, text/plain", None),
            ("application/json\r\nx: y", None),
            ("application/jsón", None),
        ] {
            let expected = expected.map(|(main, sub)| (main.to_owned(), sub.to_owned()));
            assert_eq!(media_type(value), expected, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(value in any::<String>()) {
            if let Some((main, sub)) = media_type(&value) {
                prop_assert!(value.to_ascii_lowercase().contains(&[main, sub].join("/")));
            }
        }
    }
}
