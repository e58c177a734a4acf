//! Strings as `json.dumps(..., ensure_ascii=False)` writes them.

use super::append::append_quoted;

/// How each byte is written: `RAW` as it is, `HEX` as `\u00XX`, any other entry after a backslash.
/// DEL and everything beyond ASCII stay raw.
const ESCAPES: [u8; 256] = {
    let mut table = [RAW; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = HEX;
        control += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0A] = b'n';
    table[0x0C] = b'f';
    table[0x0D] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};
const RAW: u8 = 0;
const HEX: u8 = b'u';
const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` as a JSON string, with its quotes.
#[inline]
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    match text.as_bytes() {
        bytes if has_escapes(bytes) => write_escaped(out, bytes),
        bytes => append_quoted(out, bytes),
    }
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for raw_and_one in bytes.split_inclusive(|byte| ESCAPES[usize::from(*byte)] != RAW) {
        match raw_and_one.split_last() {
            Some((last, raw)) if ESCAPES[usize::from(*last)] != RAW => {
                out.extend_from_slice(raw);
                write_escape(out, *last);
            }
            _ => out.extend_from_slice(raw_and_one),
        }
    }
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    match ESCAPES[byte as usize] {
        HEX => {
            let (high, low) = (
                HEX_DIGITS[(byte >> 4) as usize],
                HEX_DIGITS[(byte & 0xF) as usize],
            );
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
        letter => out.extend_from_slice(&[b'\\', letter]),
    }
}

/// Whether a byte has an entry in `ESCAPES` other than `RAW`. The last bytes are looked at together with some
/// before them, which have been seen.
#[inline]
fn has_escapes(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk() {
        let (words, _) = bytes.as_chunks();
        return words.iter().any(|word| has_escape(*word)) || has_escape(*last);
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some([a, b, c, d]), Some([e, f, g, h])) => has_escape([*a, *b, *c, *d, *e, *f, *g, *h]),
        _ => bytes.iter().any(|byte| ESCAPES[usize::from(*byte)] != RAW),
    }
}

#[inline]
fn has_escape(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let word = u64::from_ne_bytes(word);
    // A byte is below `n` <= 128 if subtracting `n` sets the high bit that it does not have. Borrowing misleads
    // about no byte but those above one that is found.
    let below = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word & HIGHS;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    below(word, 0x20) | is(b'"') | is(b'\\') != 0
}

#[cfg(test)]
mod tests {
    use super::{ESCAPES, RAW, has_escape, write_string};
    use proptest::prelude::*;

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        write_string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    /// The rule of `json.encoder.py_encode_basestring`, one character at a time.
    fn naive(text: &str) -> String {
        let mut out = String::from("\"");
        for character in text.chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                control if (control as u32) < 0x20 => {
                    out.push_str(&format!("\\u{:04x}", control as u32))
                }
                other => out.push(other),
            }
        }
        out + "\""
    }

    #[test]
    fn escapes_are_those_of_the_reference() {
        for (text, expected) in [
            ("", r#""""#),
            ("plain", r#""plain""#),
            ("\u{8}\u{c}\n\r\t\"\\", r#""\b\f\n\r\t\"\\""#),
            ("\u{0}\u{1f}", r#""\u0000\u001f""#),
            ("\u{7f}é\u{2028}😀/", "\"\u{7f}é\u{2028}😀/\""),
        ] {
            assert_eq!(json(text), expected);
        }
    }

    #[test]
    fn the_scan_and_the_table_agree_on_every_byte_beside_every_other() {
        let is_escaped = |byte: u8| ESCAPES[usize::from(byte)] != RAW;
        for one in 0..=255u8 {
            for other in 0..=255u8 {
                for place in 0..8 {
                    let mut word = [other; 8];
                    word[place] = one;
                    let expected = is_escaped(one) || is_escaped(other);
                    assert_eq!(has_escape(word), expected, "{word:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn same_as_the_naive_writer(text in "[\\x00-\\x7f\"\\\\\\na-zé漢😀]{0,80}") {
            prop_assert_eq!(json(&text), naive(&text));
        }

        #[test]
        fn same_as_the_naive_writer_for_any_text(text in any::<String>()) {
            prop_assert_eq!(json(&text), naive(&text));
        }
    }
}
