use proptest::prelude::*;

use super::*;
use crate::http1::{Framing, Version};

fn limits() -> Limits {
    Limits {
        head_bytes: 1024,
        header_count: 8,
        body_bytes: 100,
    }
}

/// The events of `wire` given in pieces of `step` bytes, each request answered as soon as it ended.
fn events(wire: &[u8], step: usize) -> Result<Vec<String>, ProtocolError> {
    told(wire, step, false)
}

/// The same; `directly` takes of a body what need not pass through the engine.
fn told(wire: &[u8], step: usize, directly: bool) -> Result<Vec<String>, ProtocolError> {
    let mut connection = Connection::new(limits());
    let mut events = Vec::new();
    let mut head = None;
    let mut body: Vec<u8> = Vec::new();
    for piece in wire.chunks(step) {
        // It may come at any time, and changes nothing.
        connection.shrink();
        let taken = if directly {
            connection.take_body(piece)
        } else {
            0
        };
        body.extend_from_slice(&piece[..taken]);
        connection.receive(&piece[taken..]);
        loop {
            let ended = match connection.next_event()? {
                None => break,
                Some(Event::Request(request)) => {
                    events.push(format!(
                        "{} {} {}",
                        String::from_utf8_lossy(request.method()),
                        String::from_utf8_lossy(request.raw_path()),
                        request.fields().len()
                    ));
                    head = Some(request);
                    false
                }
                Some(Event::Data(data)) => {
                    body.extend_from_slice(data);
                    false
                }
                Some(Event::End) => true,
            };
            if ended {
                events.push(String::from_utf8_lossy(&std::mem::take(&mut body)).into_owned());
                let request = head.take().unwrap();
                let mut out = Vec::new();
                let response = ResponseHead {
                    status: 204,
                    fields: std::iter::empty(),
                    server_fields: b"",
                    close: false,
                };
                connection
                    .start_response(&request, &response, &mut out)
                    .unwrap();
                connection.end_response(true, &mut out).unwrap();
            }
        }
    }
    Ok(events)
}

fn status(wire: &[u8]) -> u16 {
    events(wire, wire.len()).map_or_else(ProtocolError::status, |_| 200)
}

#[test]
fn pipelined_requests_are_read_one_after_the_other() {
    let wire = b"\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n\
        POST /b HTTP/1.1\r\nhost: h\r\nContent-Length: 3\r\n\r\nabc\
        PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\nt: u\r\n\r\n\
        GET /d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /never HTTP/1.1\r\nHost: h\r\n\r\n";
    let expected = [
        "GET /a 1",
        "",
        "POST /b 2",
        "abc",
        "PUT /c 2",
        "def",
        "GET /d 2",
        "",
    ];
    for step in [1, 2, 3, 7, 64, wire.len()] {
        for directly in [false, true] {
            assert_eq!(
                told(wire, step, directly).unwrap(),
                expected,
                "in pieces of {step}"
            );
        }
    }
}

#[test]
fn what_smuggles_or_exceeds_is_refused_with_its_status() {
    let long_field = format!(
        "GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n",
        "a".repeat(1100)
    );
    let many_fields = format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "X: y\r\n".repeat(8));
    for (wire, expected) in [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 200),
        ("GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n", 200),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 200),
        ("GET / HTTP/1.0\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: h\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\n: y\r\n\r\n", 400),
        ("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\n", 505),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\n",
            400,
        ),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n",
            413,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            501,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
            501,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n",
            501,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\x0bchunked\r\n\r\n",
            400,
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
            200,
        ),
        (&long_field, 431),
        (&many_fields, 431),
    ] {
        assert_eq!(status(wire.as_bytes()), expected, "{wire:?}");
    }
}

#[test]
fn a_chunked_body_over_the_limit_is_refused() {
    let wire = [
        &b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"[..],
        &[b'a'; 101],
    ]
    .concat();
    assert_eq!(status(&wire), 413);
}

#[test]
fn an_endless_head_is_refused_before_it_ends() {
    assert_eq!(status(&[b'A'; 2000]), 431);
    assert_eq!(status("GET / HTTP/1.1\r\n".repeat(200).as_bytes()), 431);
}

fn request(wire: &[u8]) -> RequestHead {
    let mut connection = Connection::new(limits());
    connection.receive(wire);
    match connection.next_event() {
        Ok(Some(Event::Request(head))) => head,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_head_tells_what_the_connection_needs_to_know() {
    let head = request(b"GET /p%20q?a=b HTTP/1.1\r\nHOST: h\r\nX-Y:  v \r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    assert_eq!(
        (head.raw_path(), head.query(), head.target()),
        (&b"/p%20q"[..], &b"a=b"[..], &b"/p%20q?a=b"[..])
    );
    assert_eq!(head.fields().nth(1).unwrap(), (&b"x-y"[..], &b"v"[..]));
    assert!(head.expects_continue && head.keep_alive && !head.upgrades_to_websocket);
    assert_eq!(
        (head.version, head.framing),
        (Version::Http11, Framing::Length(1))
    );
    let socket = request(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n");
    assert!(socket.upgrades_to_websocket);
    assert!(!request(b"GET / HTTP/1.0\r\n\r\n").keep_alive);
    assert!(request(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

/// The bytes of a response to `wire`, and whether the connection goes on.
fn respond(wire: &[u8], status: u16, fields: &[(&[u8], &[u8])], data: &[&[u8]]) -> (String, bool) {
    let mut connection = Connection::new(limits());
    connection.receive(wire);
    let Ok(Some(Event::Request(head))) = connection.next_event() else {
        panic!()
    };
    let mut out = Vec::new();
    let response = ResponseHead {
        status,
        fields: fields.iter().copied(),
        server_fields: b"server: s\r\n",
        close: false,
    };
    let result = connection.start_response(&head, &response, &mut out);
    let ended = result.and_then(|()| {
        for piece in data {
            connection.send_data(piece, &mut out)?;
        }
        connection.end_response(true, &mut out)
    });
    let text = String::from_utf8(out).unwrap();
    match ended {
        Ok(()) => (text, !connection.is_closed()),
        Err(error) => (error.to_string(), false),
    }
}

#[test]
fn responses_are_framed_as_the_request_allows() {
    let get = &b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"[..];
    let old = &b"GET / HTTP/1.0\r\n\r\n"[..];
    let old_kept = &b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"[..];
    let head = &b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"[..];
    let two = &[(&b"content-length"[..], &b"2"[..])][..];
    let ok = "HTTP/1.1 200 OK\r\nserver: s\r\n";
    for (wire, code, fields, data, text, kept) in [
        (
            get,
            200,
            two,
            &[&b"ab"[..]][..],
            format!("{ok}content-length: 2\r\n\r\nab"),
            true,
        ),
        (
            get,
            200,
            &[],
            &[b"ab", b"", b"c"],
            format!("{ok}transfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
            true,
        ),
        (
            get,
            200,
            &[(b"Transfer-Encoding", b"chunked")],
            &[],
            format!("{ok}transfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            true,
        ),
        (
            get,
            204,
            &[],
            &[b""],
            "HTTP/1.1 204 No Content\r\nserver: s\r\n\r\n".into(),
            true,
        ),
        (
            get,
            299,
            two,
            &[b"ab"],
            "HTTP/1.1 299 \r\nserver: s\r\ncontent-length: 2\r\n\r\nab".into(),
            true,
        ),
        (
            get,
            200,
            &[(b"connection", b"close"), (b"content-length", b"0")],
            &[],
            format!("{ok}connection: close\r\ncontent-length: 0\r\n\r\n"),
            false,
        ),
        (
            head,
            200,
            two,
            &[b"ab"],
            format!("{ok}content-length: 2\r\n\r\n"),
            true,
        ),
        (old, 200, &[], &[b"ab"], format!("{ok}\r\nab"), false),
        (
            old_kept,
            200,
            two,
            &[b"ab"],
            format!("{ok}content-length: 2\r\nconnection: keep-alive\r\n\r\nab"),
            true,
        ),
        (
            get,
            200,
            two,
            &[b"abc"],
            "Response content longer than Content-Length".into(),
            false,
        ),
        (
            get,
            200,
            two,
            &[b"a"],
            "Response content shorter than Content-Length".into(),
            false,
        ),
        (
            get,
            99,
            &[],
            &[],
            "Response status_code should be in range [200, 1000), not 99".into(),
            false,
        ),
        (
            get,
            200,
            &[(b"X", b"a\r\nb: c")],
            &[],
            "Invalid HTTP header value.".into(),
            false,
        ),
        (
            get,
            200,
            &[(b"x y", b"a")],
            &[],
            "Invalid HTTP header name.".into(),
            false,
        ),
        (
            get,
            200,
            &[(b"content-length", b"two")],
            &[],
            "the response's Content-Length is malformed".into(),
            false,
        ),
        (
            get,
            200,
            &[(b"content-length", b"+2")],
            &[b"ab"],
            "the response's Content-Length is malformed".into(),
            false,
        ),
    ] {
        let (answer, goes_on) = respond(wire, code, fields, data);
        assert_eq!(answer, text);
        if wire != get || kept {
            assert_eq!(goes_on, kept, "{text}");
        }
    }
}

#[test]
fn a_few_empty_lines_may_come_before_each_request() {
    let request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    let few = [&b"\r\n".repeat(8)[..], request].concat().repeat(2);
    for step in [1, 2, 7, 1000] {
        assert_eq!(events(&few, step).unwrap().len(), 4);
        let many = [&b"\r\n".repeat(9)[..], request].concat();
        assert_eq!(events(&many, step).unwrap_err().status(), 400);
    }
}

#[test]
fn a_connection_that_waits_holds_no_buffer() {
    let mut connection = Connection::new(limits());
    connection.receive(b"GET / HTTP/1.1\r\nHost: h\r\n\r\nGET");
    while connection.next_event().unwrap().is_some() {}
    connection.shrink();
    assert_eq!(connection.buffered(), 3);
    connection.take_rest();
    connection.shrink();
    assert_eq!(connection.buffer.capacity(), 0);
}

#[test]
fn the_rest_of_a_body_that_is_answered_early_is_dropped_before_the_next_request() {
    let wire = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";
    for (body_is_due, kept) in [(true, true), (false, false)] {
        let mut connection = Connection::new(limits());
        connection.receive(wire);
        let Ok(Some(Event::Request(head))) = connection.next_event() else {
            panic!()
        };
        let response = ResponseHead {
            status: 204,
            fields: std::iter::empty(),
            server_fields: b"",
            close: false,
        };
        let mut out = Vec::new();
        connection
            .start_response(&head, &response, &mut out)
            .unwrap();
        connection.end_response(body_is_due, &mut out).unwrap();
        assert_eq!(!connection.is_closed(), kept);
        assert_eq!(connection.drops_body(), kept);
        connection.receive(b"1\r\nc\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
        let next = connection.next_event().unwrap();
        assert_eq!(matches!(next, Some(Event::Request(_))), kept);
    }
}

#[test]
fn a_server_that_wants_to_close_says_so() {
    let mut connection = Connection::new(limits());
    connection.receive(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let Ok(Some(Event::Request(head))) = connection.next_event() else {
        panic!()
    };
    let mut out = Vec::new();
    let response = ResponseHead {
        status: 204,
        fields: [(&b"X-Upper"[..], &b"V"[..])].into_iter(),
        server_fields: b"",
        close: true,
    };
    connection
        .start_response(&head, &response, &mut out)
        .unwrap();
    connection.end_response(true, &mut out).unwrap();
    assert_eq!(
        out,
        b"HTTP/1.1 204 No Content\r\nx-upper: V\r\nconnection: close\r\n\r\n"
    );
    assert!(connection.is_closed());
}

#[test]
fn the_rest_is_handed_to_an_upgraded_protocol() {
    let mut connection = Connection::new(limits());
    connection.receive(b"GET / HTTP/1.1\r\nHost: h\r\n\r\nframes");
    assert!(matches!(
        connection.next_event(),
        Ok(Some(Event::Request(_)))
    ));
    assert_eq!(connection.take_rest(), b"frames");
    assert!(connection.is_closed());
}

#[test]
fn data_without_a_response_is_an_error() {
    let mut connection = Connection::new(limits());
    assert_eq!(
        connection.send_data(b"a", &mut Vec::new()),
        Err(ResponseError::NotStarted)
    );
    assert_eq!(
        connection.end_response(true, &mut Vec::new()),
        Err(ResponseError::NotStarted)
    );
}

proptest! {
    /// Whatever the bytes and their pieces, the engine gives the same answer and does not panic.
    #[test]
    fn pieces_do_not_change_the_answer(
        wire in "((GET|POST) /[a-z]{0,3} HTTP/1\\.[012]\r\n(Host: h\r\n)?(Content-Length: [0-9]{1,2}\r\n|Transfer-Encoding: chunked\r\n)?\r?\n([0-9a]{1,2}\r\n|[a-z]{0,12}|0\r\n\r\n){0,3}){0,3}",
        step in 1usize..30,
    ) {
        let whole = events(wire.as_bytes(), 10_000);
        prop_assert_eq!(&events(wire.as_bytes(), step), &whole);
        prop_assert_eq!(told(wire.as_bytes(), step, true), whole);
    }
}

proptest! {
    #[test]
    fn a_whole_response_is_what_its_parts_are(
        method in "GET|HEAD|POST",
        version in "1\\.[01]",
        option in "close|keep-alive|x",
        status in 200u16..1001,
        body: Vec<u8>,
        close: bool,
    ) {
        let wire = format!("{method} / HTTP/{version}\r\nhost: a\r\nconnection: {option}\r\n\r\n");
        let request = head::parse(wire.as_bytes(), &limits()).unwrap();
        let length = body.len().to_string();
        let fields: [(&[u8], &[u8]); 2] =
            [(b"content-length", length.as_bytes()), (b"content-type", b"a/b")];
        let server_fields = b"server: x\r\n";
        let mut connections = [Connection::new(limits()), Connection::new(limits())];
        let mut outs = [Vec::new(), Vec::new()];
        let [parts, whole] = &mut connections;
        let in_parts = ResponseHead { status, fields: fields.into_iter(), server_fields, close };
        let sent = parts
            .start_response(&request, &in_parts, &mut outs[0])
            .and_then(|()| parts.send_data(&body, &mut outs[0]));
        let at_once = WholeResponse {
            status,
            server_fields,
            fields: b"content-type: a/b\r\n",
            length: body.len(),
            close,
        };
        let sent_at_once = whole
            .start_whole(&request, &at_once, &mut outs[1])
            .and_then(|()| whole.send_data(&body, &mut outs[1]));
        prop_assert_eq!(sent_at_once, sent);
        for (connection, out) in connections.iter_mut().zip(&mut outs) {
            connection.receive(wire.as_bytes());
            while connection.next_event().unwrap().is_some() {}
            let _ = connection.end_response(false, out);
        }
        prop_assert_eq!(&outs[0], &outs[1]);
        prop_assert_eq!(connections[0].is_closed(), connections[1].is_closed());
    }
}
