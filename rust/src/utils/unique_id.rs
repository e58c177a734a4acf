//! Operation ids made from a route's name, path and method.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// `name` and `path_format` with every character outside `[A-Za-z0-9_]` replaced, and the method in lower
/// case; `None` beyond ASCII, where `\W` follows Unicode.
pub fn operation_id(name: &str, path_format: &str, method: &str) -> Option<String> {
    if !(name.is_ascii() && path_format.is_ascii() && method.is_ascii()) {
        return None;
    }
    let words = name.chars().chain(path_format.chars());
    let mut id: String = words
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    id.push('_');
    id.push_str(&method.to_ascii_lowercase());
    Some(id)
}

/// The unique id of a path operation.
///
/// `None` unless all three are ASCII strings. Its slow twin is in `fastapi.utils.generate_unique_id`.
#[pyfunction]
pub fn unique_id(
    name: &Bound<'_, PyAny>,
    path_format: &Bound<'_, PyAny>,
    method: &Bound<'_, PyAny>,
) -> Option<String> {
    operation_id(
        name.cast_exact::<PyString>().ok()?.to_str().ok()?,
        path_format.cast_exact::<PyString>().ok()?.to_str().ok()?,
        method.cast_exact::<PyString>().ok()?.to_str().ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::operation_id;
    use proptest::prelude::*;

    #[test]
    fn everything_but_words_becomes_an_underscore() {
        let cases = [
            (
                ("read_item", "/items/{item_id}", "GET"),
                Some("read_item_items__item_id__get"),
            ),
            (("", "", ""), Some("_")),
            (("a b", "/é", "GET"), None),
        ];
        for ((name, path, method), expected) in cases {
            assert_eq!(operation_id(name, path, method).as_deref(), expected);
        }
    }

    proptest! {
        #[test]
        fn ascii_always_gets_an_id_of_words(name in "[\\x00-\\x7f]{0,20}", path in "[\\x00-\\x7f]{0,20}") {
            let id = operation_id(&name, &path, "PATCH").unwrap();
            prop_assert_eq!(id.len(), name.len() + path.len() + "_patch".len());
            prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        }
    }
}
