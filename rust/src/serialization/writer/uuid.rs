//! UUIDs.

use pyo3::intern;
use pyo3::prelude::*;

use super::build::{Builder, Outcome};
use super::instances::{class_address, derives_from};
use super::{Node, Run, Stop, Written};

pub(super) struct UuidNode {
    class: usize,
}

impl UuidNode {
    pub(super) fn build(builder: &mut Builder<'_>) -> Outcome<Node> {
        let class = builder.import("uuid", "UUID")?;
        Ok(Node::Uuid(UuidNode { class }))
    }

    #[inline(never)]
    pub(super) fn write(&self, value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
        if class_address(value) != self.class {
            return Err(Stop::mismatch(derives_from(value, self.class)));
        }
        let number: u128 = value
            .getattr(intern!(value.py(), "int"))
            .and_then(|number| number.extract())
            .map_err(|_| Stop::Unsure)?;
        run.out.push(b'"');
        format(&mut run.out, number);
        run.out.push(b'"');
        Ok(())
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// RFC 9562 §4: 8-4-4-4-12 lower-case digits.
fn format(out: &mut Vec<u8>, number: u128) {
    for (index, byte) in number.to_be_bytes().into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xF)]]);
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn digits_are_grouped_and_padded() {
        for (number, expected) in [
            (0, "00000000-0000-0000-0000-000000000000"),
            (u128::MAX, "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            (
                0x0123_4567_89ab_cdef_0011_2233_4455_6677,
                "01234567-89ab-cdef-0011-223344556677",
            ),
        ] {
            let mut out = Vec::new();
            format(&mut out, number);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
