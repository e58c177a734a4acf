//! The head of a part: RFC 7578 §4.

/// Headers of one part.
const MAX_HEADERS: usize = 8;

/// Bytes of one line of a head.
const MAX_LINE: usize = 4096;

/// Bytes of a head, without the empty line that ends it.
pub const MAX_HEAD: usize = MAX_HEADERS * (MAX_LINE + 2);

/// What a part says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The name of the field
    pub name: String,
    /// The name of the file, if it is one
    pub filename: Option<String>,
    /// Names in lower case, and values
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Head {
    /// Reads the lines of a head, without the empty line that ends it.
    pub fn read(head: &[u8]) -> Option<Self> {
        let (mut headers, mut disposition) = (Vec::new(), None);
        for line in lines(head) {
            if headers.len() == MAX_HEADERS || line.len() > MAX_LINE {
                return None;
            }
            let (name, value) = header(line)?;
            if name == b"content-disposition" && disposition.replace(value).is_some() {
                return None;
            }
            headers.push((name, value.to_vec()));
        }
        let (name, filename) = names(disposition?)?;
        Some(Self {
            name,
            filename,
            headers,
        })
    }
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    // A CR or LF by itself stays in its line, where no header may have one.
    let mut rest = Some(head);
    std::iter::from_fn(move || {
        let now = rest?;
        match memchr::memmem::find(now, b"\r\n") {
            Some(at) => {
                rest = Some(&now[at + 2..]);
                Some(&now[..at])
            }
            None => rest.take(),
        }
    })
}

/// The name of a header in lower case, and its value.
fn header(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let at = memchr::memchr(b':', line)?;
    let (name, value) = (&line[..at], line[at + 1..].trim_ascii_start());
    let spaces = &line[at + 1..line.len() - value.len()];
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_clear = !name.is_empty()
        && name.iter().all(is_token)
        && spaces.iter().all(|byte| *byte == b' ')
        && value.last().is_some_and(|last| *last != b' ')
        && !value.iter().any(u8::is_ascii_control);
    is_clear.then(|| (name.to_ascii_lowercase(), value))
}

/// `form-data; name="…"; filename="…"`, where nothing is escaped.
fn names(disposition: &[u8]) -> Option<(String, Option<String>)> {
    let mut rest = disposition.strip_prefix(b"form-data")?;
    let (mut name, mut filename) = (None, None);
    while let Some(parameter) = rest.strip_prefix(b";") {
        let parameter = parameter.strip_prefix(b" ").unwrap_or(parameter);
        let (place, quoted) = match parameter.strip_prefix(b"name=\"") {
            Some(quoted) => (&mut name, quoted),
            None => (&mut filename, parameter.strip_prefix(b"filename=\"")?),
        };
        let end = memchr::memchr2(b'"', b'\\', quoted)?;
        if quoted[end] == b'\\' {
            return None;
        }
        let text = std::str::from_utf8(&quoted[..end]).ok()?;
        if place.replace(text.to_owned()).is_some() {
            return None;
        }
        rest = &quoted[end + 1..];
    }
    rest.is_empty().then_some((name?, filename))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(head: &str) -> Option<(String, Option<String>)> {
        Head::read(head.as_bytes()).map(|head| (head.name, head.filename))
    }

    #[test]
    fn a_part_has_a_name_and_perhaps_a_filename() {
        for (head, name, filename) in [
            ("Content-Disposition: form-data; name=\"a\"", "a", None),
            ("content-disposition:form-data;name=\"\"", "", None),
            (
                "CONTENT-DISPOSITION: form-data; filename=\"é;=.txt\"; name=\"a b\"\r\nContent-Type: text/plain",
                "a b",
                Some("é;=.txt"),
            ),
        ] {
            assert_eq!(
                read(head),
                Some((name.to_owned(), filename.map(str::to_owned))),
                "{head}"
            );
        }
    }

    #[test]
    fn headers_keep_their_order_and_lose_their_case() {
        let head =
            Head::read(b"X-A:  1\r\nContent-Disposition: form-data; name=\"a\"\r\nx-a: \xff")
                .unwrap();
        let headers: Vec<_> = head
            .headers
            .iter()
            .map(|(name, value)| (&name[..], &value[..]))
            .collect();
        assert_eq!(headers[0], (&b"x-a"[..], &b"1"[..]));
        assert_eq!(headers[2], (&b"x-a"[..], &b"\xff"[..]));
    }

    #[test]
    fn what_readers_disagree_on_is_unclear() {
        const NAMED: &str = "Content-Disposition: form-data; name=\"a\"";
        for head in [
            "",
            "X-A: 1",
            "Content-Disposition: form-data",
            "Content-Disposition: form-data; name=a",
            "Content-Disposition: form-data; name=\"a",
            "Content-Disposition: form-data; name=\"a\" ",
            "Content-Disposition: form-data; name=\"a\\\"b\"",
            "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
            "Content-Disposition: form-data; name=\"a\"; filename*=utf-8''b",
            "Content-Disposition: form-data; name=\"a\"; filename=\"C:\\b\"",
            "Content-Disposition: form-data; Name=\"a\"",
            "Content-Disposition: attachment; name=\"a\"",
            &format!("{NAMED}\r\n{NAMED}"),
            &format!("{NAMED}\r\nX-A"),
            &format!("{NAMED}\r\nX-A:"),
            &format!("{NAMED}\r\nX A: 1"),
            &format!("{NAMED}\r\n: 1"),
            &format!("{NAMED}\r\nX-A:\t1"),
            &format!("{NAMED}\r\nX-A: 1\n2"),
            &format!("{NAMED}\r\nX-A: {}", "1".repeat(MAX_LINE)),
            &format!("{NAMED}{}", "\r\nX-A: 1".repeat(MAX_HEADERS)),
        ] {
            assert_eq!(read(head), None, "{head}");
        }
        assert_eq!(
            Head::read(b"Content-Disposition: form-data; name=\"\xff\""),
            None
        );
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_answer(head: Vec<u8>) {
            Head::read(&head);
        }

        #[test]
        fn names_are_read_as_written(name in "[^\"\\\\\\p{Cc}]*", filename in "[^\"\\\\\\p{Cc}]*") {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"");
            if head.len() <= MAX_LINE {
                prop_assert_eq!(read(&head), Some((name, Some(filename))));
            }
        }
    }
}
