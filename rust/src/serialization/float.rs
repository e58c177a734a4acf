//! Floats as `float.__repr__` writes them.

use std::ops::Range;

use super::append::append;

/// Magnitudes that Python writes positionally, besides zero.
const POSITIONAL: Range<f64> = 1e-4..1e16;

/// Appends the shortest digits that read back as `value`, in Python's layout: positional from `1e-04`
/// up to below `1e+16`, otherwise with a signed exponent of at least two digits.
///
/// `value` must be finite; JSON has no other numbers.
pub fn write_float(out: &mut Vec<u8>, value: f64) {
    debug_assert!(value.is_finite());
    let mut buffer = zmij::Buffer::new();
    let magnitude = value.abs();
    if POSITIONAL.contains(&magnitude) || magnitude == 0.0 {
        append(out, buffer.format_finite(value).as_bytes());
        return;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let printed = buffer.format_finite(magnitude);
    if let Some((digits, exponent)) = printed.split_once('e') {
        let (sign, exponent) = exponent.split_at(1);
        append(out, digits.as_bytes());
        out.push(b'e');
        out.extend_from_slice(sign.as_bytes());
        if exponent.len() == 1 {
            out.push(b'0');
        }
        append(out, exponent.as_bytes());
    } else {
        // Żmij writes these as 0.0000ddd.
        let (first, rest) = printed.trim_start_matches(['0', '.']).split_at(1);
        out.extend_from_slice(first.as_bytes());
        if !rest.is_empty() {
            out.push(b'.');
            append(out, rest.as_bytes());
        }
        out.extend_from_slice(b"e-05");
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
