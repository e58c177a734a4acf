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
#[inline(always)]
fn has_escapes(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk() {
        let (blocks, _) = bytes.as_chunks();
        return blocks.iter().any(|block| has_escape(*block)) || has_escape(*last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return has_escape(joined(*first, *last));
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some([a, b, c, d]), Some([e, f, g, h])) => {
            let word = [*a, *b, *c, *d, *e, *f, *g, *h];
            has_escape(joined(word, word))
        }
        _ => bytes.iter().any(|byte| ESCAPES[usize::from(*byte)] != RAW),
    }
}

/// In a form that compiles to a few instructions on all bytes at once, where the processor has them.
#[inline]
fn has_escape(block: [u8; 16]) -> bool {
    let mut found = 0;
    for byte in block {
        found |= u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    }
    found != 0
}

#[inline]
fn joined(first: [u8; 8], last: [u8; 8]) -> [u8; 16] {
    let ([a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]) = (first, last);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
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
                for place in 0..16 {
                    let mut block = [other; 16];
                    block[place] = one;
                    let expected = is_escaped(one) || is_escaped(other);
                    assert_eq!(has_escape(block), expected, "{block:?}");
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
