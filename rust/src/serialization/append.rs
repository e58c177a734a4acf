//! Appending the short pieces that JSON is made of, without a call of `memcpy` for each.

/// Appends `bytes`.
#[inline(always)]
pub fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    let (start, end) = (out.len(), out.len() + bytes.len());
    make_room(out, bytes.len());
    // SAFETY: there is room for `bytes` behind the `start` bytes, and they are written before they are counted.
    unsafe {
        copy(bytes, out.as_mut_ptr().add(start));
        out.set_len(end);
    }
}

/// Appends `bytes` between two quotes.
#[inline(always)]
pub fn append_quoted(out: &mut Vec<u8>, bytes: &[u8]) {
    let (start, end) = (out.len(), out.len() + bytes.len() + 2);
    make_room(out, bytes.len() + 2);
    // SAFETY: there is room for `bytes` and two more behind the `start` bytes, and all are written before they are
    // counted.
    unsafe {
        let room = out.as_mut_ptr().add(start);
        room.write(b'"');
        copy(bytes, room.add(1));
        room.add(1 + bytes.len()).write(b'"');
        out.set_len(end);
    }
}

/// Puts brackets around what was appended from `start` on: each item after a comma, the first of which gives way.
#[inline(always)]
pub fn enclose(out: &mut Vec<u8>, start: usize, [open, close]: [u8; 2]) {
    match out.get_mut(start) {
        Some(comma) => *comma = open,
        None => out.push(open),
    }
    out.push(close);
}

#[inline(always)]
fn make_room(out: &mut Vec<u8>, length: usize) {
    if out.capacity() - out.len() < length {
        out.reserve(length);
    }
}

/// Copies as two words of which the second may overlap the first, as far as that will do.
///
/// # Safety
/// `room` must be valid for as many bytes, which are not those of `bytes`.
#[inline(always)]
unsafe fn copy(bytes: &[u8], room: *mut u8) {
    // SAFETY: the words are within `bytes` and the room for them, which are as long, and may lie anywhere.
    unsafe {
        match (bytes.len(), bytes.as_ptr()) {
            (length @ 8..=16, from) => copy_ends::<u64>(from, room, length),
            (length @ 4..8, from) => copy_ends::<u32>(from, room, length),
            (length @ 17..=32, from) => copy_ends::<u128>(from, room, length),
            (length @ 2..4, from) => copy_ends::<u16>(from, room, length),
            (1, from) => room.write(*from),
            (length, from) => room.copy_from_nonoverlapping(from, length),
        }
    }
}

/// # Safety
/// `from` and `to` must be valid for `length` bytes, at least one `Word` and at most two, and not overlap.
#[inline(always)]
unsafe fn copy_ends<Word: Copy>(from: *const u8, to: *mut u8, length: usize) {
    let last = length - size_of::<Word>();
    // SAFETY: both words are within the `length` bytes.
    unsafe {
        let (head, tail) = (
            from.cast::<Word>().read_unaligned(),
            from.add(last).cast::<Word>().read_unaligned(),
        );
        to.cast::<Word>().write_unaligned(head);
        to.add(last).cast::<Word>().write_unaligned(tail);
    }
}

#[cfg(test)]
mod tests {
    use super::{append, append_quoted};

    #[test]
    fn bytes_of_every_length_follow_what_is_there() {
        let bytes: Vec<u8> = (1..=40).collect();
        for capacity in [0, 3, 100] {
            for length in 0..=bytes.len() {
                let mut out = Vec::with_capacity(capacity);
                out.extend_from_slice(b"ab");
                append(&mut out, &bytes[..length]);
                append_quoted(&mut out, &bytes[..length]);
                let expected = [b"ab", &bytes[..length], b"\"", &bytes[..length], b"\""].concat();
                assert_eq!(out, expected);
            }
        }
    }
}
