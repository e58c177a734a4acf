//! Forms: however the bytes are cut, the parser says the same; whatever it accepts a naive model reads, too.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../rust/src/forms/mod.rs"]
#[allow(dead_code)]
mod forms;

/// What `forms` uses of the room next to it.
#[path = "../../rust/src/params"]
#[allow(dead_code)]
mod params {
    pub mod query;
    pub mod text;
}

use forms::enctype::Enctype;
use forms::multipart::Parser;
use forms::urlencoded;

/// Name, filename and content of each part.
type Fields = Vec<(String, Option<String>, Vec<u8>)>;

fn read(boundary: &[u8], body: &[u8], mut step: impl FnMut() -> usize) -> Option<Fields> {
    let mut parser = Parser::new(boundary);
    let mut rest = body;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(step().clamp(1, rest.len()));
        parser.feed(piece)?;
        rest = after;
        let known = parser.parts().last().map_or(0, |part| part.content.end);
        assert!(
            known <= (body.len() - rest.len()) as u64,
            "content that has not arrived"
        );
    }
    let parts = parser.finish()?;
    let content = |part: &forms::multipart::Part| {
        body[part.content.start as usize..part.content.end as usize].to_vec()
    };
    Some(
        parts
            .into_iter()
            .map(|part| {
                let content = content(&part);
                (part.head.name, part.head.filename, content)
            })
            .collect(),
    )
}

/// Goes through the body once, with no regard to speed (RFC 2046 §5.1.1).
fn model(boundary: &[u8], body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|part| part == what);
    let delimiter = [b"\r\n--", boundary].concat();
    let mut rest = body.strip_prefix(&delimiter[2..])?;
    let mut contents = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let content = &part[find(part, b"\r\n\r\n")? + 4..];
        let end = find(content, &delimiter)?;
        contents.push(content[..end].to_vec());
        rest = &content[end + delimiter.len()..];
    }
    matches!(rest, b"--" | b"--\r\n").then_some(contents)
}

/// What `urllib.parse.unquote_plus` makes of Latin-1: `+` is a space, `%` and two digits a byte of UTF-8.
fn unquoted(text: &[u8]) -> String {
    let (mut out, mut bytes, mut at) = (String::new(), Vec::new(), 0);
    while at < text.len() {
        let digits = text
            .get(at + 1..at + 3)
            .filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let code =
            digits.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (text[at], code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                at += 2;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) if byte.is_ascii() => bytes.push(byte),
            (byte, _) => {
                out.push_str(&String::from_utf8_lossy(&std::mem::take(&mut bytes)));
                out.push(byte.into());
            }
        }
        at += 1;
    }
    out + &String::from_utf8_lossy(&bytes)
}

fuzz_target!(|input: (u8, &[u8])| {
    let (seed, body) = input;
    let boundary = [&b"B"[..], b"BB", b"-", b"--x"][usize::from(seed % 4)];
    let whole = read(boundary, body, || body.len());
    let mut state = u32::from(seed) + 1;
    let cut = read(boundary, body, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as usize % 13 + 1
    });
    assert_eq!(cut, whole, "the cut changed the answer");
    if let Some(fields) = whole {
        let contents: Vec<Vec<u8>> = fields.into_iter().map(|(_, _, content)| content).collect();
        assert_eq!(Some(contents), model(boundary, body));
    }
    if let Some(fields) = urlencoded::fields(body) {
        let pairs = body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty());
        let naive: Vec<_> = pairs
            .filter_map(|pair| {
                let at = pair.iter().position(|byte| *byte == b'=')?;
                Some((unquoted(&pair[..at]), unquoted(&pair[at + 1..])))
            })
            .collect();
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(a, b)| (a.into_owned(), b.into_owned()))
            .collect();
        assert_eq!(fields, naive);
    }
    // A header is never a reason to panic.
    if let Some(Enctype::Multipart(boundary)) = Enctype::read(body) {
        assert!((1..=70).contains(&boundary.len()));
    }
});
