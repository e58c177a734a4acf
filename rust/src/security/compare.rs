//! Comparison whose duration does not tell where two secrets differ.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use subtle::ConstantTimeEq;

/// Whether the bytes are equal, in a time that depends on the lengths alone.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Whether two secrets are equal; both ASCII strings, or both bytes.
///
/// `None` for other types and for text beyond ASCII. Its slow twin is `secrets.compare_digest`.
#[pyfunction]
pub fn constant_time_compare(a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> Option<bool> {
    if let (Ok(a), Ok(b)) = (a.cast_exact::<PyBytes>(), b.cast_exact::<PyBytes>()) {
        return Some(equal(a.as_bytes(), b.as_bytes()));
    }
    Some(equal(ascii(a)?, ascii(b)?))
}

fn ascii<'a>(value: &'a Bound<'_, PyAny>) -> Option<&'a [u8]> {
    let text = value.cast_exact::<PyString>().ok()?.to_str().ok()?;
    text.is_ascii().then_some(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::equal;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn same_answer_as_plain_equality(a in any::<Vec<u8>>(), b in any::<Vec<u8>>(), at in any::<usize>()) {
            prop_assert_eq!(equal(&a, &b), a == b);
            prop_assert!(equal(&a, &a.clone()));
            if !a.is_empty() {
                let mut other = a.clone();
                other[at % a.len()] ^= 1;
                prop_assert!(!equal(&a, &other));
            }
        }
    }
}
