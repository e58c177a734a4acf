//! HTTP/1.1: however the bytes are cut, the engine says the same, and whatever it accepts a naive model accepts.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../rust/src/http1/mod.rs"]
#[allow(dead_code, unused_imports)]
mod http1;

use http1::{Connection, Event, Framing, Limits, ResponseHead};

const LIMITS: Limits = Limits {
    head_bytes: 4096,
    header_count: 32,
    body_bytes: 65536,
};

#[derive(Debug, PartialEq)]
struct Request {
    head: Vec<u8>,
    framing: Framing,
    body: Vec<u8>,
    complete: bool,
}

/// The requests of `wire`, each answered when it is complete, and the status of the error that ended it.
fn read(wire: &[u8], mut step: impl FnMut() -> usize) -> (Vec<Request>, Option<u16>) {
    let mut connection = Connection::new(LIMITS);
    let mut requests: Vec<Request> = Vec::new();
    let mut rest = wire;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(step().clamp(1, rest.len()));
        rest = after;
        // As the server does: most of a body need not pass through the engine.
        let (data, piece) = piece.split_at(connection.take_body(piece));
        if let Some(request) = requests.last_mut() {
            request.body.extend_from_slice(data);
        }
        connection.receive(piece);
        let mut head = None;
        loop {
            let ended = match connection.next_event() {
                Err(error) => return (requests, Some(error.status())),
                Ok(None) => break,
                Ok(Some(Event::Request(request))) => {
                    let mut text = [request.method(), b" ", request.target()].concat();
                    for (name, value) in request.fields() {
                        text.extend_from_slice(&[b"\n", name, b": ", value].concat());
                    }
                    requests.push(Request {
                        head: text,
                        framing: request.framing,
                        body: Vec::new(),
                        complete: false,
                    });
                    head = Some(request);
                    false
                }
                Ok(Some(Event::Data(data))) => {
                    let request = requests.last_mut().expect("a body belongs to a request");
                    request.body.extend_from_slice(data);
                    false
                }
                Ok(Some(Event::End)) => true,
            };
            if ended {
                let request = requests.last_mut().expect("an end belongs to a request");
                request.complete = true;
                let Some(head) = head.take() else {
                    // The head came with an earlier piece; to end here keeps the model simple.
                    return (requests, None);
                };
                let response = ResponseHead {
                    status: 204,
                    fields: std::iter::empty(),
                    server_fields: b"",
                    close: false,
                };
                connection
                    .start_response(&head, &response, &mut out)
                    .expect("an honest response");
                connection
                    .end_response(true, &mut out)
                    .expect("an honest response");
            }
        }
    }
    (requests, None)
}

/// Line by line, with no regard to speed: what must hold of the first request, if the engine accepted it.
fn check(wire: &[u8], request: &Request) {
    let mut wire = wire;
    while let Some(rest) = wire.strip_prefix(b"\r\n") {
        wire = rest;
    }
    let end = wire
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("a head ends with an empty line");
    let head = &wire[..end];
    assert!(!head.contains(&0), "a NUL was accepted");
    for (at, byte) in head.iter().enumerate() {
        match byte {
            b'\n' => assert_eq!(head[at - 1], b'\r', "a bare LF was accepted"),
            b'\r' => assert_eq!(head.get(at + 1), Some(&b'\n'), "a bare CR was accepted"),
            _ => {}
        }
    }
    let mut lengths = 0;
    let mut codings = 0;
    for line in String::from_utf8_lossy(head).split("\r\n").skip(1) {
        assert!(!line.starts_with([' ', '\t']), "a folded line was accepted");
        let (name, _) = line.split_once(':').expect("a field has a colon");
        assert!(
            !name.ends_with([' ', '\t']),
            "space before a colon was accepted"
        );
        lengths += usize::from(name.eq_ignore_ascii_case("content-length"));
        codings += usize::from(name.eq_ignore_ascii_case("transfer-encoding"));
    }
    assert!(lengths + codings <= 1, "an ambiguous framing was accepted");
    let body = &wire[end + 4..];
    match request.framing {
        Framing::Empty => assert!(request.body.is_empty() && codings == 0),
        Framing::Length(length) => {
            let length = usize::try_from(length).expect("it is under the limit");
            assert_eq!(request.body, &body[..length.min(body.len())]);
            assert_eq!(request.complete, body.len() >= length);
        }
        Framing::Chunked => assert_eq!(codings, 1),
    }
}

fuzz_target!(|input: (u8, &[u8])| {
    let (seed, wire) = input;
    let whole = read(wire, || wire.len());
    if let Some(first) = whole.0.first() {
        check(wire, first);
    }
    // Cut into pieces, the same requests begin in the same order; a piece's end may only hide later ones.
    let mut state = u32::from(seed) + 1;
    let cut = read(wire, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as usize % 23 + 1
    });
    for (cut, whole) in cut.0.iter().zip(&whole.0) {
        assert_eq!((&cut.head, cut.framing), (&whole.head, whole.framing));
        if cut.complete && whole.complete {
            assert_eq!(cut.body, whole.body);
        }
    }
});
