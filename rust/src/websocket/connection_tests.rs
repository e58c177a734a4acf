use proptest::prelude::*;

use super::*;
use crate::websocket::{HandshakeError, Upgrade};

/// A masked frame of a client.
fn client(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [7, 77, 177, 250];
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    bytes
}

/// Events, bytes sent, and the violation that ended it, of `wire` in pieces of `step` bytes.
fn run(
    wire: &[u8],
    step: usize,
    options: Option<DeflateOptions>,
) -> (Vec<Event>, Vec<u8>, Option<Violation>) {
    let mut connection = Connection::new(70_000, options);
    let (mut events, mut out) = (Vec::new(), Vec::new());
    for piece in wire.chunks(step) {
        // It may come at any time, and changes nothing.
        connection.shrink();
        connection.receive(piece);
        loop {
            match connection.next_event(&mut out) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(violation) => return (events, out, Some(violation)),
            }
        }
    }
    (events, out, None)
}

#[test]
fn a_connection_that_waits_holds_no_buffer() {
    let mut connection = Connection::new(70_000, None);
    let frame = client(0x82, &[1; 3000]);
    connection.receive(&frame);
    connection.receive(&frame[..2]);
    assert!(connection.next_event(&mut Vec::new()).unwrap().is_some());
    connection.shrink();
    connection.receive(&frame[2..]);
    assert!(connection.next_event(&mut Vec::new()).unwrap().is_some());
    connection.shrink();
    assert_eq!(connection.buffer.capacity(), 0);
}

#[test]
fn messages_are_assembled_and_pings_answered_between_fragments() {
    let wire = [
        client(0x81, b""),
        client(0x01, "h\u{e9}".as_bytes()),
        client(0x89, b"there?"),
        client(0x00, b"l"),
        client(0x80, b"lo"),
        client(0x82, &[0, 255]),
        client(0x8a, b"pong"),
        client(0x82, &[1; 300]),
        client(0x82, &[2; 66_000]),
        client(0x88, &[&1000u16.to_be_bytes()[..], b"bye"].concat()),
        client(0x81, b"too late"),
    ]
    .concat();
    let expected = vec![
        Event::Text(String::new()),
        Event::Text("h\u{e9}llo".into()),
        Event::Binary(vec![0, 255]),
        Event::Pong(b"pong".to_vec()),
        Event::Binary(vec![1; 300]),
        Event::Binary(vec![2; 66_000]),
        Event::Close(1000, "bye".into()),
    ];
    for step in [1, 2, 3, 5, 1000, wire.len()] {
        let (events, out, violation) = run(&wire, step, None);
        assert_eq!(
            (events, violation),
            (expected.clone(), None),
            "in pieces of {step}"
        );
        assert_eq!(out, b"\x8a\x06there?\x88\x02\x03\xe8");
    }
}

#[test]
fn violations_close_with_their_code() {
    let unmasked = b"\x81\x01a".to_vec();
    for (wire, code) in [
        (unmasked, 1002),
        (client(0x91, b"a"), 1002),
        (client(0xc1, b"a"), 1002),
        (client(0x83, b"a"), 1002),
        (client(0x8b, b"a"), 1002),
        (client(0x80, b"a"), 1002),
        (client(0x09, b"a"), 1002),
        (client(0x89, &[0; 126]), 1002),
        ([client(0x01, b"a"), client(0x81, b"b")].concat(), 1002),
        (b"\x82\xfe\x00\x01\0\0\0\0a".to_vec(), 1002),
        (b"\x82\xff\0\0\0\0\0\0\0\x01\0\0\0\0a".to_vec(), 1002),
        (b"\x82\xff\xff\0\0\0\0\0\0\x01\0\0\0\0a".to_vec(), 1002),
        (client(0x88, b"a"), 1002),
        (client(0x88, &999u16.to_be_bytes()), 1002),
        (client(0x88, &1005u16.to_be_bytes()), 1002),
        (client(0x88, &1015u16.to_be_bytes()), 1002),
        (client(0x88, &5000u16.to_be_bytes()), 1002),
        (client(0x88, b"\x03\xe8\xff"), 1007),
        (client(0x81, b"\xff"), 1007),
        (client(0x81, b"\xc3"), 1007),
        (
            [client(0x01, b"\xed\xa0"), client(0x80, b"\x80")].concat(),
            1007,
        ),
        (client(0x82, &[0; 70_001]), 1009),
        (
            [client(0x02, &[0; 60_000]), client(0x80, &[0; 10_001])].concat(),
            1009,
        ),
    ] {
        let (events, out, violation) = run(&wire, wire.len(), None);
        assert_eq!(
            violation.map(Violation::code),
            Some(code),
            "{:?}",
            &wire[..wire.len().min(12)]
        );
        assert_eq!(
            (events, out),
            (vec![], [&[0x88, 2][..], &code.to_be_bytes()].concat())
        );
    }
}

#[test]
fn text_that_cannot_become_utf8_is_refused_at_its_first_wrong_byte() {
    let frame = client(0x81, b"ok\xff and much more");
    assert_eq!(run(&frame[..9], 1, None).2, Some(Violation::NotUtf8));
}

#[test]
fn after_our_close_data_is_dropped_until_the_peer_closes() {
    let mut connection = Connection::new(100, None);
    let mut out = Vec::new();
    connection.close(1012, &"\u{e9}".repeat(100), &mut out);
    assert_eq!(out[1], 124, "the reason is cut between characters");
    out.clear();
    connection.send_text("late", &mut out).unwrap();
    connection.ping(b"", &mut out);
    connection.close(1000, "", &mut out);
    connection.receive(
        &[
            client(0x81, b"dropped"),
            client(0x89, b""),
            client(0x88, b""),
        ]
        .concat(),
    );
    assert_eq!(
        connection.next_event(&mut out),
        Ok(Some(Event::Close(1005, String::new())))
    );
    assert_eq!((connection.is_closed(), out), (true, vec![]));
}

fn deflate(offer: &str) -> DeflateOptions {
    DeflateOptions::choose(offer.as_bytes()).unwrap()
}

#[test]
fn extension_offers_are_taken_or_passed_over() {
    for (offer, answer) in [
        ("permessage-deflate", Some("permessage-deflate")),
        (
            "permessage-deflate; client_max_window_bits",
            Some("permessage-deflate"),
        ),
        (
            "x-other, permessage-deflate; server_max_window_bits=10",
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=\"9\"",
            Some(
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=9",
            ),
        ),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate",
            Some("permessage-deflate"),
        ),
        ("permessage-deflate; server_max_window_bits=16", None),
        ("permessage-deflate; server_max_window_bits=010", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; server_no_context_takeover=1", None),
        (
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            None,
        ),
        ("permessage-deflate; unknown", None),
        ("permessage-bzip2", None),
    ] {
        assert_eq!(
            DeflateOptions::choose(offer.as_bytes())
                .map(|options| options.answer())
                .as_deref(),
            answer,
            "{offer}"
        );
    }
    assert_eq!(DeflateOptions::choose(b"\xff"), None);
}

#[test]
fn a_small_message_that_inflates_over_the_limit_is_refused() {
    let mut peer = Deflate::new(deflate("permessage-deflate"));
    let bomb = client(0xc2, &peer.compress(&vec![0; 1_000_000]).unwrap());
    assert!(bomb.len() < 20_000);
    assert_eq!(
        run(&bomb, bomb.len(), Some(deflate("permessage-deflate"))).2,
        Some(Violation::TooBig)
    );
}

#[test]
fn malformed_compressed_data_is_refused() {
    let (_, _, violation) = run(
        &client(0xc2, &[0xff; 20]),
        100,
        Some(deflate("permessage-deflate")),
    );
    assert_eq!(violation.map(Violation::code), Some(1002));
}

#[test]
fn the_handshake_asks_for_a_key_and_version_13() {
    let key = &b"dGhlIHNhbXBsZSBub25jZQ=="[..];
    let fields = [
        (&b"sec-websocket-key"[..], key),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-protocol", b"chat, superchat"),
        (b"sec-websocket-extensions", b"permessage-deflate"),
    ];
    let upgrade = Upgrade::parse(b"GET", fields.into_iter()).unwrap();
    assert_eq!(upgrade.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(upgrade.subprotocols, ["chat", "superchat"]);
    assert_eq!(upgrade.deflate, Some(deflate("permessage-deflate")));
    for (method, fields, error) in [
        (
            &b"POST"[..],
            &fields[..],
            HandshakeError::Bad("the method is not GET"),
        ),
        (
            b"GET",
            &fields[1..],
            HandshakeError::Bad("there is no Sec-WebSocket-Key"),
        ),
        (b"GET", &fields[..1], HandshakeError::Version),
        (
            b"GET",
            &[fields[0], fields[0]],
            HandshakeError::Bad("there are several keys"),
        ),
        (
            b"GET",
            &[(&b"sec-websocket-key"[..], &b"short"[..]), fields[1]],
            HandshakeError::Bad("the Sec-WebSocket-Key is not 16 bytes in base64"),
        ),
    ] {
        assert_eq!(Upgrade::parse(method, fields.iter().copied()), Err(error));
    }
}

proptest! {
    #[test]
    fn compressed_messages_come_out_as_they_went_in(
        messages in prop::collection::vec("[a-c]{0,300}|\\PC{0,60}", 1..5),
        offer in "permessage-deflate(; server_no_context_takeover)?(; client_no_context_takeover)?(; server_max_window_bits=(9|12))?",
        step in 1usize..100,
    ) {
        let options = deflate(&offer);
        let mut server = Connection::new(70_000, Some(options));
        // The peer's side of the same terms.
        let mirrored = DeflateOptions {
            server_no_context_takeover: options.client_no_context_takeover,
            client_no_context_takeover: options.server_no_context_takeover,
            ..options
        };
        let (mut peer, mut reader) = (Deflate::new(mirrored), Deflate::new(mirrored));
        let mut wire = Vec::new();
        for text in &messages {
            wire.extend(client(0xc1, &peer.compress(text.as_bytes()).unwrap()));
            let mut sent = Vec::new();
            server.send_text(text, &mut sent).unwrap();
            let header = if sent[1] < 126 { 2 } else { 4 };
            prop_assert_eq!(sent[0], 0xc1);
            prop_assert_eq!(reader.decompress(sent[header..].to_vec(), 70_000).unwrap(), text.as_bytes());
        }
        let (events, _, violation) = run(&wire, step, Some(options));
        prop_assert_eq!(violation, None);
        prop_assert_eq!(events, messages.into_iter().map(Event::Text).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_in_any_pieces_give_one_answer(
        wire in prop::collection::vec(any::<u8>(), 0..300),
        step in 1usize..40,
        compressed in any::<bool>(),
    ) {
        let options = compressed.then(|| deflate("permessage-deflate"));
        prop_assert_eq!(run(&wire, step, options), run(&wire, 1000, options));
    }
}
