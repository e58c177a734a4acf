//! The request target (RFC 9112 §3.2), cut into the parts that routing needs.

use std::ops::Range;

use super::error::ProtocolError;

/// Where path and query stand in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The path, still percent-encoded; empty in an absolute form without one.
    pub path: Range<usize>,
    /// The query, without its question mark; empty if there is none.
    pub query: Range<usize>,
}

/// Cuts a target in origin form (`/a?b`), absolute form (`http://host/a?b`) or asterisk form (`*`).
///
/// A fragment is never sent by an honest client; it is cut off as other servers do.
///
/// # Errors
/// Another form, or a byte that no URI has.
pub fn cut(method: &[u8], target: &[u8]) -> Result<Target, ProtocolError> {
    if !target.iter().all(|byte| (0x21..=0x7e).contains(byte)) {
        return Err(ProtocolError::BadHead(
            "the request target has a byte that no URI has",
        ));
    }
    let start = match target {
        [b'/', ..] => 0,
        b"*" if method == b"OPTIONS" => 0,
        _ => after_authority(target).ok_or(ProtocolError::BadHead(
            "the request target is not a path or a URL",
        ))?,
    };
    let end = position(target, start, b'#').unwrap_or(target.len());
    let question = position(&target[..end], start, b'?');
    Ok(Target {
        path: start..question.unwrap_or(end),
        query: question.map_or(end..end, |at| at + 1..end),
    })
}

fn position(bytes: &[u8], start: usize, wanted: u8) -> Option<usize> {
    memchr::memchr(wanted, &bytes[start..]).map(|at| start + at)
}

/// Where the path of an `http` or `https` URL starts.
fn after_authority(url: &[u8]) -> Option<usize> {
    let scheme = memchr::memmem::find(url, b"://")?;
    if !matches!(
        url[..scheme].to_ascii_lowercase().as_slice(),
        b"http" | b"https"
    ) {
        return None;
    }
    let authority = scheme + 3;
    let end = url[authority..]
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .map_or(url.len(), |at| authority + at);
    (end > authority).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_cut_into_path_and_query() {
        for (method, target, path, query) in [
            ("GET", "/", "/", ""),
            ("GET", "/a/b?x=1&y=2", "/a/b", "x=1&y=2"),
            ("GET", "/a?", "/a", ""),
            ("GET", "/a?b?c", "/a", "b?c"),
            ("GET", "/a#f?x", "/a", ""),
            ("GET", "//a", "//a", ""),
            ("GET", "http://h:1/a?b", "/a", "b"),
            ("GET", "HTTPS://h?b", "", "b"),
            ("OPTIONS", "*", "*", ""),
        ] {
            let cut = cut(method.as_bytes(), target.as_bytes()).unwrap();
            assert_eq!(
                (&target[cut.path], &target[cut.query]),
                (path, query),
                "{target}"
            );
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for (method, target) in [
            ("GET", "*"),
            ("CONNECT", "host:443"),
            ("GET", "a/b"),
            ("GET", "?a"),
            ("GET", ""),
            ("GET", "http:///a"),
            ("GET", "ftp://h/a"),
            ("GET", "/\u{e9}"),
            ("GET", "/a\tb"),
        ] {
            assert!(
                cut(method.as_bytes(), target.as_bytes()).is_err(),
                "{target}"
            );
        }
    }
}
