//! Floats as `float.__repr__` writes them.

/// Digits before the exponent marker when a value is `0.0000ddd`, the one magnitude that Ryu writes
/// positionally and Python (which switches at `1e-04`) does not.
const POSITIONAL_IN_RYU: &str = "0.0000";

/// Appends the shortest digits that read back as `value`, in Python's layout: positional from `1e-04`
/// up to below `1e+16`, otherwise with a signed exponent of at least two digits.
///
/// `value` must be finite; JSON has no other numbers.
pub fn write_float(out: &mut Vec<u8>, value: f64) {
    debug_assert!(value.is_finite());
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let mut buffer = ryu::Buffer::new();
    let printed = buffer.format_finite(value.abs());
    if let Some((digits, exponent)) = printed.split_once('e') {
        let (sign, magnitude) = match exponent.strip_prefix('-') {
            Some(magnitude) => (b'-', magnitude),
            None => (b'+', exponent),
        };
        out.extend_from_slice(digits.as_bytes());
        out.extend_from_slice(&[b'e', sign]);
        if magnitude.len() == 1 {
            out.push(b'0');
        }
        out.extend_from_slice(magnitude.as_bytes());
    } else if let Some(digits) = printed.strip_prefix(POSITIONAL_IN_RYU) {
        let (first, rest) = digits.split_at(1);
        out.extend_from_slice(first.as_bytes());
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest.as_bytes());
        }
        out.extend_from_slice(b"e-05");
    } else {
        out.extend_from_slice(printed.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::write_float;
    use proptest::prelude::*;

    fn repr(value: f64) -> String {
        let mut out = Vec::new();
        write_float(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_layout_is_that_of_python() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e-4, "0.0001"),
            (0.00012345, "0.00012345"),
            (1e-5, "1e-05"),
            (-1.2345e-5, "-1.2345e-05"),
            (9.9999e-5, "9.9999e-05"),
            (1e-6, "1e-06"),
            (1e-10, "1e-10"),
            (1e15, "1000000000000000.0"),
            (9007199254740993.0, "9007199254740992.0"),
            (9999999999999998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.2345e22, "1.2345e+22"),
            (1e100, "1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
        ] {
            assert_eq!(repr(value), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(repr(value).parse::<f64>().unwrap().to_bits(), bits);
        }

        #[test]
        fn positional_exactly_between_the_thresholds(value in prop::num::f64::NORMAL) {
            let positional = (1e-4..1e16).contains(&value.abs());
            prop_assert_eq!(!repr(value).contains('e'), positional);
        }
    }
}
