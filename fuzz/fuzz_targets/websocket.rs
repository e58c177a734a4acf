//! WebSockets: however the bytes are cut, the engine says the same; a naive model reads the same messages.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../rust/src/websocket/mod.rs"]
#[allow(dead_code, unused_imports)]
mod websocket;

use websocket::{Connection, DeflateOptions, Event, Upgrade};

const LIMIT: usize = 4096;

type Read = (Vec<Event>, Option<u16>, Vec<u8>);

fn read(wire: &[u8], deflate: Option<DeflateOptions>, mut step: impl FnMut() -> usize) -> Read {
    let mut connection = Connection::new(LIMIT, deflate);
    let (mut events, mut out, mut rest) = (Vec::new(), Vec::new(), wire);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(step().clamp(1, rest.len()));
        rest = after;
        connection.receive(piece);
        loop {
            match connection.next_event(&mut out) {
                Ok(Some(event)) => {
                    if let Event::Binary(bytes) = &event {
                        assert!(
                            bytes.len() <= LIMIT,
                            "a message over the limit was accepted"
                        );
                    }
                    events.push(event);
                }
                Ok(None) => break,
                Err(violation) => {
                    assert!(connection.is_closed());
                    return (events, Some(violation.code()), out);
                }
            }
        }
    }
    (events, None, out)
}

/// Reads frames by the book (RFC 6455 §5), without compression; stops at whatever is not plainly allowed.
fn model(mut wire: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut message: Option<(bool, Vec<u8>)> = None;
    while let [first, second, rest @ ..] = wire {
        let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
        if first & 0x70 != 0 || second & 0x80 == 0 {
            break;
        }
        let (length, rest) = match second & 0x7f {
            126 if rest.len() >= 2 => (
                u64::from(u16::from_be_bytes([rest[0], rest[1]])),
                &rest[2..],
            ),
            127 if rest.len() >= 8 => (
                u64::from_be_bytes(rest[..8].try_into().expect("eight bytes")),
                &rest[8..],
            ),
            126 | 127 => break,
            short => (u64::from(short), rest),
        };
        if length > LIMIT as u64 || rest.len() < 4 + length as usize {
            break;
        }
        let (mask, rest) = rest.split_at(4);
        let (masked, after) = rest.split_at(length as usize);
        let payload: Vec<u8> = masked
            .iter()
            .enumerate()
            .map(|(at, byte)| byte ^ mask[at % 4])
            .collect();
        wire = after;
        match opcode {
            0 | 1 | 2 => {
                match (&mut message, opcode) {
                    (None, 1 | 2) => message = Some((opcode == 1, payload)),
                    (Some((_, before)), 0) => before.extend(payload),
                    _ => break,
                }
                if fin && let Some((text, payload)) = message.take() {
                    events.push(if text {
                        match String::from_utf8(payload) {
                            Ok(text) => Event::Text(text),
                            Err(_) => break,
                        }
                    } else {
                        Event::Binary(payload)
                    });
                }
            }
            9 | 10 if !fin || length > 125 => break,
            9 => {}
            10 => events.push(Event::Pong(payload)),
            _ => break,
        }
    }
    events
}

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (seed, compressed, wire) = input;
    let deflate = compressed
        .then(|| DeflateOptions::choose(b"permessage-deflate; client_max_window_bits"))
        .flatten();
    let whole = read(wire, deflate, || wire.len());
    let mut state = u32::from(seed) + 1;
    let cut = read(wire, deflate, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as usize % 17 + 1
    });
    assert_eq!(cut, whole, "the cut changed the answer");
    if !compressed {
        let accepted = model(wire);
        let heard: Vec<&Event> = whole
            .0
            .iter()
            .filter(|event| !matches!(event, Event::Close(..)))
            .collect();
        // Whatever the engine heard the model reads too, and in the same order.
        for (heard, expected) in heard.iter().zip(&accepted) {
            assert_eq!(*heard, expected);
        }
        assert!(heard.len() <= accepted.len(), "a message out of nothing");
    }
    // A handshake is never a reason to panic.
    let _ = Upgrade::parse(
        b"GET",
        wire.chunks(16).map(|field| field.split_at(field.len() / 2)),
    );
});
