//! Strings as `json.dumps(..., ensure_ascii=False)` writes them.

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

/// Bytes looked at together; the fold over them compiles to vector instructions.
const STRIDE: usize = 8;

/// Appends `text` as a JSON string, with its quotes.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    while let Some(at) = first_escape(rest) {
        out.extend_from_slice(&rest[..at]);
        write_escape(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
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

fn first_escape(bytes: &[u8]) -> Option<usize> {
    let clean = bytes
        .chunks_exact(STRIDE)
        .take_while(|chunk| {
            !chunk
                .iter()
                .fold(false, |found, byte| found | is_escaped(*byte))
        })
        .count()
        * STRIDE;
    let found = bytes[clean..].iter().position(|byte| is_escaped(*byte))?;
    Some(clean + found)
}

#[inline]
fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::{ESCAPES, RAW, is_escaped, write_string};
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
    fn the_scan_and_the_table_agree_on_every_byte() {
        for byte in 0..=255u8 {
            assert_eq!(is_escaped(byte), ESCAPES[byte as usize] != RAW);
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
