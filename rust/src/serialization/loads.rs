//! `json_loads`: the Python objects of a JSON request body.

use jiter::{PythonParse, StringCacheMode};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The least number of digits at which Python can be set to refuse an int.
const DIGITS: usize = 640;

/// A one-tuple of what `json.loads` returns for `body`.
///
/// `None` for anything but `bytes` of correct JSON in UTF-8 without lone surrogates, for more nesting than the
/// parser follows and for numbers of very many digits. Its slow twin is `json.loads`, which also words
/// the errors.
#[pyfunction]
pub fn json_loads<'py>(body: &Bound<'py, PyAny>) -> Option<(Bound<'py, PyAny>,)> {
    const PARSE: PythonParse = PythonParse {
        allow_inf_nan: true,
        // Keys come again with every request; values need not, and may be secrets.
        cache_mode: StringCacheMode::Keys,
        partial_mode: jiter::PartialMode::Off,
        catch_duplicate_keys: false,
        float_mode: jiter::FloatMode::Float,
    };
    let bytes = body.cast_exact::<PyBytes>().ok()?.as_bytes();
    if has_digits(bytes, DIGITS) {
        return None;
    }
    PARSE
        .python_parse(body.py(), bytes)
        .ok()
        .map(|value| (value,))
}

/// Whether there are so many digits in a row. They would lie across one of the places looked at.
pub fn has_digits(bytes: &[u8], count: usize) -> bool {
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    (count - 1..bytes.len()).step_by(count).any(|place| {
        let (before, after) = bytes.split_at(place);
        after.iter().take_while(is_digit).count() != 0
            && before.iter().rev().take_while(is_digit).take(count).count()
                + after.iter().take_while(is_digit).take(count).count()
                >= count
    })
}

#[cfg(test)]
mod tests {
    use super::{DIGITS, has_digits};
    use proptest::prelude::*;

    fn naive(bytes: &[u8]) -> bool {
        bytes
            .split(|byte| !byte.is_ascii_digit())
            .any(|digits| digits.len() >= DIGITS)
    }

    proptest! {
        #[test]
        fn rows_of_digits_are_found_wherever_they_are(
            rows in prop::collection::vec((0..2 * DIGITS, 0..DIGITS), 0..6)
        ) {
            let mut bytes = Vec::new();
            for (digits, others) in rows {
                bytes.extend(std::iter::repeat_n(b'7', digits));
                bytes.extend(std::iter::repeat_n(b' ', others));
            }
            prop_assert_eq!(has_digits(&bytes, DIGITS), naive(&bytes));
        }

        #[test]
        fn the_shortest_row_is_told_from_the_longest_that_is_let_through(
            before in 0..2 * DIGITS, digits in DIGITS - 2..DIGITS + 2
        ) {
            let bytes = [vec![b' '; before], vec![b'7'; digits], vec![b' '; DIGITS]].concat();
            prop_assert_eq!(has_digits(&bytes, DIGITS), digits >= DIGITS);
        }
    }
}
