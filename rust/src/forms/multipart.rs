//! `multipart/form-data` (RFC 7578, RFC 2046 §5.1), in pieces as they arrive.

use std::ops::Range;

use memchr::memmem::{Finder, find};

use super::part::{Head, MAX_HEAD};
use super::{MAX_FIELD_SIZE, MAX_FIELDS, MAX_FILES};

/// A part of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its head
    pub head: Head,
    /// Where in the body its content stands, as far as it has arrived
    pub content: Range<u64>,
}

/// Where in the body the parser is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Before the first boundary
    Opening,
    /// In the head of a part
    Head,
    /// In the content of the last part
    Content,
    /// After the last boundary
    Epilogue,
}

/// Reads a form. Contents are not kept: a part says where its own is.
#[derive(Debug)]
pub struct Parser {
    /// A line break and the boundary
    delimiter: Finder<'static>,
    state: State,
    /// How many bytes of the body have been read
    position: u64,
    /// Bytes that only mean something together with those that follow
    waiting: Vec<u8>,
    parts: Vec<Part>,
    files: usize,
}

impl Parser {
    /// Begins a form whose parts are separated by a boundary.
    pub fn new(boundary: &[u8]) -> Self {
        Self {
            delimiter: Finder::new(&[b"\r\n--", boundary].concat()).into_owned(),
            state: State::Opening,
            position: 0,
            waiting: Vec::new(),
            parts: Vec::new(),
            files: 0,
        }
    }

    /// The parts so far. The content of the last one may still grow.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Reads on.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<()> {
        if self.waiting.is_empty() {
            let read = self.read(bytes)?;
            self.waiting.extend_from_slice(&bytes[read..]);
            return Some(());
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend_from_slice(bytes);
        let read = self.read(&waiting)?;
        waiting.drain(..read);
        self.waiting = waiting;
        Some(())
    }

    /// The parts of a form that is complete.
    pub fn finish(self) -> Option<Vec<Part>> {
        let is_complete =
            self.state == State::Epilogue && matches!(&self.waiting[..], b"" | b"\r\n");
        is_complete.then_some(self.parts)
    }

    /// Reads as far as what is there means something, and says how far.
    fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let start = self.position;
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let step = match self.state {
                State::Opening => self.opening(rest),
                State::Head => self.head(rest),
                State::Content => self.content(rest),
                State::Epilogue => b"\r\n".starts_with(rest).then_some(None),
            };
            let Some(taken) = step? else {
                break;
            };
            at += taken;
            self.position = start + at as u64;
        }
        // What is certainly content has been read, too.
        Some((self.position - start) as usize)
    }

    /// The first boundary, which stands at the very beginning. `Some(None)`: more is needed.
    fn opening(&mut self, rest: &[u8]) -> Option<Option<usize>> {
        let boundary = &self.delimiter.needle()[2..];
        let length = boundary.len() + 2;
        if rest.len() < length {
            let (known, line_break) = rest.split_at(rest.len().min(boundary.len()));
            return (boundary.starts_with(known) && b"\r\n".starts_with(line_break))
                .then_some(None);
        }
        if !(rest.starts_with(boundary) && rest[..length].ends_with(b"\r\n")) {
            return None;
        }
        self.state = State::Head;
        Some(Some(length))
    }

    fn head(&mut self, rest: &[u8]) -> Option<Option<usize>> {
        let Some(end) = find(rest, b"\r\n\r\n") else {
            return (rest.len() < MAX_HEAD + 4).then_some(None);
        };
        let head = Head::read(rest.get(..end)?)?;
        let (count, limit) = match head.filename {
            Some(_) => {
                self.files += 1;
                (self.files, MAX_FILES)
            }
            None => (self.parts.len() + 1 - self.files, MAX_FIELDS),
        };
        if count > limit {
            return None;
        }
        let length = end + 4;
        let begin = self.position + length as u64;
        self.parts.push(Part {
            head,
            content: begin..begin,
        });
        self.state = State::Content;
        Some(Some(length))
    }

    fn content(&mut self, rest: &[u8]) -> Option<Option<usize>> {
        let found = self.delimiter.find(rest);
        let end = found.unwrap_or_else(|| rest.len() - self.begun(rest));
        let position = self.position;
        let part = self.parts.last_mut()?;
        part.content.end = position + end as u64;
        let is_long = part.content.end - part.content.start > MAX_FIELD_SIZE as u64;
        if is_long && part.head.filename.is_none() {
            return None;
        }
        let after = end + self.delimiter.needle().len();
        let following = rest.get(after..after + 2);
        let Some(following) = following.filter(|_| found.is_some()) else {
            self.position = part.content.end;
            return Some(None);
        };
        self.state = match following {
            b"\r\n" => State::Head,
            b"--" => State::Epilogue,
            _ => return None,
        };
        Some(Some(after + 2))
    }

    /// How many bytes at the end could be the beginning of a delimiter.
    fn begun(&self, rest: &[u8]) -> usize {
        let delimiter = self.delimiter.needle();
        let from = rest.len().saturating_sub(delimiter.len() - 1);
        // The only CR of a delimiter is its first byte.
        memchr::memrchr(b'\r', &rest[from..])
            .map(|at| &rest[from + at..])
            .filter(|tail| delimiter.starts_with(tail))
            .map_or(0, <[u8]>::len)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Name, filename and content of each part.
    type Fields = Vec<(String, Option<String>, Vec<u8>)>;

    fn read(boundary: &str, body: &[u8], cuts: &[usize]) -> Option<Fields> {
        let mut parser = Parser::new(boundary.as_bytes());
        let mut rest = body;
        for cut in cuts {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            parser.feed(piece)?;
            rest = after;
        }
        parser.feed(rest)?;
        let parts = parser.finish()?;
        let field = |part: Part| {
            let content = part.content.start as usize..part.content.end as usize;
            (part.head.name, part.head.filename, body[content].to_vec())
        };
        Some(parts.into_iter().map(field).collect())
    }

    fn write(boundary: &str, fields: &Fields) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, filename, content) in fields {
            body.extend(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").bytes(),
            );
            if let Some(filename) = filename {
                body.extend(format!("; filename=\"{filename}\"").bytes());
            }
            body.extend(b"\r\n\r\n");
            body.extend(content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{boundary}--\r\n").bytes());
        body
    }

    fn one(content: &[u8]) -> Fields {
        vec![("a".to_owned(), None, content.to_vec())]
    }

    #[test]
    fn contents_are_what_stands_between_delimiters() {
        for content in [
            &b""[..],
            b"x",
            b"\r\n",
            b"\r\n--",
            b"\r\r\n-\r\n--",
            b"\r\n--B",
            b"--BB\r\n",
        ] {
            let fields = one(content);
            let body = write("BB", &fields);
            assert_eq!(read("BB", &body, &[]), Some(fields.clone()), "{content:?}");
            let bytes = vec![1; body.len()];
            assert_eq!(read("BB", &body, &bytes), Some(fields), "{content:?}");
            let bare = body.strip_suffix(b"\r\n").unwrap();
            assert_eq!(read("BB", bare, &[]), Some(one(content)), "{content:?}");
        }
    }

    #[test]
    fn what_readers_disagree_on_is_unclear() {
        let whole = String::from_utf8(write("B", &one(b"x"))).unwrap();
        for body in [
            String::new(),
            "--B--\r\n".to_owned(),
            format!("\r\n{whole}"),
            format!("preamble\r\n{whole}"),
            format!("{whole}epilogue"),
            format!("{whole}\r\n"),
            whole.replace("--B--", "--B-"),
            whole.replace("--B--", "--B --"),
            whole.replace("--B\r\n", "--B \r\n"),
            whole.replace("--B\r\n", "--B\n"),
            whole.replace("\r\n\r\nx", "\n\nx"),
            whole.replace("--B--", "--Bx"),
            format!("--B\r\n{}", "a".repeat(MAX_HEAD + 4)),
        ] {
            assert_eq!(read("B", body.as_bytes(), &[]), None, "{body}");
            assert_eq!(
                read("B", body.as_bytes(), &vec![1; body.len()]),
                None,
                "{body}"
            );
        }
    }

    #[test]
    fn forms_have_limits() {
        let limited = |file: Option<String>, count: usize| {
            let fields = vec![("a".to_owned(), file, Vec::new()); count];
            read("B", &write("B", &fields), &[]).is_some()
        };
        assert!(limited(None, MAX_FIELDS) && !limited(None, MAX_FIELDS + 1));
        let file = || Some("f".to_owned());
        assert!(limited(file(), MAX_FILES) && !limited(file(), MAX_FILES + 1));
        let long = |size: usize| read("B", &write("B", &one(&vec![b'x'; size])), &[]).is_some();
        assert!(long(MAX_FIELD_SIZE) && !long(MAX_FIELD_SIZE + 1));
    }

    #[test]
    fn content_is_known_before_it_ends() {
        let mut parser = Parser::new(b"B");
        parser
            .feed(b"--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nxyz\r\n-")
            .unwrap();
        let content = parser.parts()[0].content.clone();
        assert_eq!(content.end - content.start, 3);
        parser.feed(b"xyz").unwrap();
        let content = parser.parts()[0].content.clone();
        assert_eq!(content.end - content.start, 9);
    }

    fn fields() -> impl Strategy<Value = Fields> {
        let content = prop_oneof![
            "(\r|\n|-|B|x){0,12}".prop_map(String::into_bytes),
            any::<Vec<u8>>(),
        ];
        prop::collection::vec(
            ("[a-c é]{0,3}", prop::option::of("[a-c.é]{0,3}"), content),
            1..5,
        )
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_however_it_is_cut(
            fields in fields(),
            cuts in prop::collection::vec(0usize..40, 0..12),
        ) {
            let has_delimiter = |(_, _, content): &(_, _, Vec<u8>)| {
                find(&[b"\r\n", &content[..], b"\r\n"].concat(), b"\r\n--BB").is_some()
            };
            prop_assume!(!fields.iter().any(has_delimiter));
            let body = write("BB", &fields);
            prop_assert_eq!(read("BB", &body, &cuts), Some(fields));
        }

        #[test]
        fn cuts_do_not_change_the_answer(
            body in "(\r\n|--B|--|B|Content-Disposition: form-data; name=\"a\"|\r|x){0,12}",
            cuts in prop::collection::vec(0usize..9, 0..12),
        ) {
            let body = body.as_bytes();
            prop_assert_eq!(read("B", body, &cuts), read("B", body, &[]));
        }
    }
}
