//! The `Authorization` header: credentials after the name of their scheme.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// Splits at the first space; without one all of it is the scheme.
pub fn scheme_and_param(value: &str) -> (&str, &str) {
    value.split_once(' ').unwrap_or((value, ""))
}

/// The scheme and the parameter of an `Authorization` header's value.
///
/// `None` unless `value` is a str that UTF-8 can encode. Its slow twin is in
/// `fastapi.security.utils.get_authorization_scheme_param`.
#[pyfunction]
pub fn authorization_scheme_param<'a>(value: &'a Bound<'_, PyAny>) -> Option<(&'a str, &'a str)> {
    Some(scheme_and_param(
        value.cast_exact::<PyString>().ok()?.to_str().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::scheme_and_param;
    use proptest::prelude::*;

    #[test]
    fn only_the_first_space_separates() {
        for (value, expected) in [
            ("", ("", "")),
            ("Bearer", ("Bearer", "")),
            ("Bearer ", ("Bearer", "")),
            ("Bearer token", ("Bearer", "token")),
            ("Bearer  token", ("Bearer", " token")),
            ("Digest a=1, b=2", ("Digest", "a=1, b=2")),
            (" token", ("", "token")),
            ("Bearer\ttoken", ("Bearer\ttoken", "")),
        ] {
            assert_eq!(scheme_and_param(value), expected);
        }
    }

    proptest! {
        #[test]
        fn nothing_but_the_space_is_lost(value in any::<String>()) {
            let (scheme, param) = scheme_and_param(&value);
            prop_assert!(!scheme.contains(' '));
            let separator = if value.contains(' ') { " " } else { "" };
            prop_assert_eq!([scheme, separator, param].concat(), value);
        }
    }
}
