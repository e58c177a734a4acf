//! How a form is encoded: what its `Content-Type` says.

/// The encoding of a form.
#[derive(Clone, Debug, PartialEq)]
pub enum Enctype {
    /// `application/x-www-form-urlencoded`
    UrlEncoded,
    /// `multipart/form-data` with this boundary
    Multipart(Vec<u8>),
}

/// RFC 2046 §5.1.1.
const MAX_BOUNDARY: usize = 70;

impl Enctype {
    /// Reads a `Content-Type` header in the spelling of browsers and HTTP libraries.
    pub fn read(header: &[u8]) -> Option<Self> {
        let mut parts = header.split(|byte| *byte == b';');
        let is_multipart = match parts.next()? {
            b"application/x-www-form-urlencoded" => false,
            b"multipart/form-data" => true,
            _ => return None,
        };
        let (mut boundary, mut has_charset) = (None, false);
        for part in parts {
            let part = part.strip_prefix(b" ").unwrap_or(part);
            if let Some(value) = part.strip_prefix(b"boundary=") {
                if boundary.replace(token(value)?).is_some() {
                    return None;
                }
            } else if part.eq_ignore_ascii_case(b"charset=utf-8") {
                if std::mem::replace(&mut has_charset, true) {
                    return None;
                }
            } else {
                return None;
            }
        }
        match (is_multipart, boundary) {
            (true, Some(boundary)) => Some(Self::Multipart(boundary.to_vec())),
            (false, None) => Some(Self::UrlEncoded),
            _ => None,
        }
    }
}

/// A boundary, in quotes or not.
fn token(value: &[u8]) -> Option<&[u8]> {
    let value = match value {
        [b'"', inner @ .., b'"'] => inner,
        value => value,
    };
    let is_plain = (1..=MAX_BOUNDARY).contains(&value.len())
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(byte));
    is_plain.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn multipart(boundary: &str) -> Option<Enctype> {
        Some(Enctype::Multipart(boundary.into()))
    }

    #[test]
    fn the_spellings_of_browsers_are_read() {
        for (header, expected) in [
            (
                "application/x-www-form-urlencoded",
                Some(Enctype::UrlEncoded),
            ),
            (
                "application/x-www-form-urlencoded; charset=UTF-8",
                Some(Enctype::UrlEncoded),
            ),
            (
                "multipart/form-data; boundary=----WebKitFormBoundaryA1",
                multipart("----WebKitFormBoundaryA1"),
            ),
            ("multipart/form-data;boundary=\"a'b=\"", multipart("a'b=")),
            (
                "multipart/form-data; charset=utf-8; boundary=x",
                multipart("x"),
            ),
        ] {
            assert_eq!(Enctype::read(header.as_bytes()), expected, "{header}");
        }
    }

    #[test]
    fn anything_else_is_unclear() {
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        for header in [
            "",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=a b",
            "multipart/form-data; boundary=<a>",
            "multipart/form-data; boundary*=utf-8''a",
            "multipart/form-data; boundary=a; charset=latin-1",
            "Multipart/Form-Data; boundary=a",
            "multipart/mixed; boundary=a",
            "application/x-www-form-urlencoded; boundary=a",
            "application/x-www-form-urlencoded ",
            "text/plain",
            &long,
        ] {
            assert_eq!(Enctype::read(header.as_bytes()), None, "{header}");
        }
    }
}
