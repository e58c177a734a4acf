//! Backtracking over a pattern's tokens: the captures that Python's `re` would give.
//!
//! Parameters are greedy and give characters back one at a time, as `re` does; the first way to
//! reach the end of the text wins. Texts hold no line feed: there `.` and `$` have exceptions.

use memchr::memchr;

use super::pattern::{Param, Token};

/// Tries before a match is left to `re`; only patterns with several parameters in one segment
/// can need more.
const BUDGET: u32 = 10_000;

/// Byte range of a captured parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What is known about a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It certainly does not match.
    No,
    /// It matches, with the captures given.
    Yes,
    /// Not decided here.
    Unsure,
}

/// One text being matched.
pub struct Attempt<'a> {
    text: &'a str,
    spans: &'a mut Vec<Span>,
    budget: u32,
}

impl<'a> Attempt<'a> {
    /// Matches `text`, pushing captures to `spans`.
    pub fn new(text: &'a str, spans: &'a mut Vec<Span>) -> Self {
        Attempt {
            text,
            spans,
            budget: BUDGET,
        }
    }

    /// Matches `tokens` from byte `at` to the end of the text. Recursion is as deep as the tokens are many.
    pub fn run(&mut self, tokens: &[Token], at: usize) -> Outcome {
        match tokens.split_first() {
            None if at == self.text.len() => Outcome::Yes,
            None => Outcome::No,
            Some((Token::Rest, _)) => Outcome::Unsure,
            Some((Token::Literal(literal), rest)) => {
                match self.bytes(at).starts_with(literal.as_bytes()) {
                    true => self.run(rest, at + literal.len()),
                    false => Outcome::No,
                }
            }
            Some((Token::Param(param), rest)) => self.param(*param, rest, at),
        }
    }

    fn bytes(&self, at: usize) -> &'a [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    fn digits(&self, at: usize) -> usize {
        self.bytes(at)
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    }

    fn param(&mut self, param: Param, rest: &[Token], start: usize) -> Outcome {
        match param {
            Param::Text => {
                let longest = memchr(b'/', self.bytes(start)).unwrap_or(self.bytes(start).len());
                self.shrink(rest, start, 1, longest)
            }
            Param::Path => self.shrink(rest, start, 0, self.bytes(start).len()),
            Param::Digits => self.shrink(rest, start, 1, self.digits(start)),
            Param::Decimal => self.decimal(rest, start),
            Param::Uuid => match uuid_length(self.bytes(start)) {
                Some(length) => self.shrink(rest, start, length, length),
                None => Outcome::No,
            },
        }
    }

    /// The fraction is given back digit by digit, then as a whole, then the digits before it.
    fn decimal(&mut self, rest: &[Token], start: usize) -> Outcome {
        let whole = self.digits(start);
        if whole > 0 && self.bytes(start + whole).first() == Some(&b'.') {
            let longest = whole + 1 + self.digits(start + whole + 1);
            let outcome = self.shrink(rest, start, whole + 2, longest);
            if outcome != Outcome::No {
                return outcome;
            }
        }
        self.shrink(rest, start, 1, whole)
    }

    /// Tries the lengths from `longest` down to `shortest`.
    fn shrink(&mut self, rest: &[Token], start: usize, shortest: usize, longest: usize) -> Outcome {
        for end in (start + shortest..=start + longest).rev() {
            if !self.text.is_char_boundary(end) {
                continue;
            }
            let Some(budget) = self.budget.checked_sub(1) else {
                return Outcome::Unsure;
            };
            self.budget = budget;
            let captured = self.spans.len();
            self.spans.push(Span { start, end });
            match self.run(rest, end) {
                Outcome::No => self.spans.truncate(captured),
                outcome => return outcome,
            }
        }
        Outcome::No
    }
}

/// Length of the UUID that `bytes` begins with. A dash that is there must be taken: no group has one.
fn uuid_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (group, digits) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if group > 0 && bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        if !bytes
            .get(at..at + digits)?
            .iter()
            .all(u8::is_ascii_hexdigit)
        {
            return None;
        }
        at += digits;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::super::pattern::Pattern;
    use super::*;

    /// The captured texts, or `None` without a match.
    fn captures<'t>(tokens: &str, text: &'t str) -> Option<Vec<&'t str>> {
        let mut source = String::from("^");
        for (index, piece) in tokens.split_inclusive(['<', '>']).enumerate() {
            let piece = piece.trim_end_matches(['<', '>']);
            let body = match piece {
                _ if index % 2 == 0 => {
                    source += &piece.replace('.', "\\.");
                    continue;
                }
                "path" => Param::Path,
                "int" => Param::Digits,
                "float" => Param::Decimal,
                "uuid" => Param::Uuid,
                _ => Param::Text,
            };
            source += &format!("(?P<p{index}>{})", body.body());
        }
        let pattern = Pattern::parse(&(source + "$"));
        assert!(pattern.is_exact());
        let mut spans = Vec::new();
        match pattern.captures(text, &mut spans) {
            Outcome::Yes => Some(
                spans
                    .iter()
                    .map(|span| &text[span.start..span.end])
                    .collect(),
            ),
            _ => None,
        }
    }

    #[test]
    fn parameters_are_greedy_and_give_back() {
        for (tokens, text, expected) in [
            ("/<a>", "/x", Some(vec!["x"])),
            ("/<a>", "/", None),
            ("/<a>", "/x/", None),
            ("/<a>-<b>", "/1-2-3", Some(vec!["1-2", "3"])),
            ("/<a><b>", "/éè", Some(vec!["é", "è"])),
            ("/<a><b>", "/é", None),
            ("/<p><path>", "/é", Some(vec!["é", ""])),
            ("/<path>/meta", "/a/meta/meta", Some(vec!["a/meta"])),
            ("/<path>/meta", "/meta", None),
            ("/<path>", "/", Some(vec![""])),
            ("/<int>", "/007", Some(vec!["007"])),
            ("/<int><int>", "/007", Some(vec!["00", "7"])),
            ("/<int>", "/\u{0661}", None),
            ("/<int>", "/-1", None),
            ("/<float>", "/1.50", Some(vec!["1.50"])),
            ("/<float>", "/1.", None),
            ("/<float>.", "/1.", Some(vec!["1"])),
            ("/<float>.5", "/1.5", Some(vec!["1"])),
            ("/<float><int>", "/1.25", Some(vec!["1.2", "5"])),
            ("/<float><int>", "/12.5", None),
            ("/<float><int>", "/12", Some(vec!["1", "2"])),
        ] {
            assert_eq!(captures(tokens, text), expected, "{tokens} {text}");
        }
    }

    #[test]
    fn uuids_have_any_of_their_dashes() {
        for text in [
            "/0a1B2c3d4e5f60718293a4b5c6d7e8f9",
            "/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            "/0a1b2c3d4e5f-60718293-a4b5c6d7e8f9",
        ] {
            assert_eq!(captures("/<uuid>", text), Some(vec![&text[1..]]));
        }
        for text in [
            "/0a1b2c3d--4e5f60718293a4b5c6d7e8f9",
            "/0a1b",
            "/0a1B2c3d4e5f60718293a4b5c6d7e8f90",
            "/é",
        ] {
            assert_eq!(captures("/<uuid>", text), None);
        }
    }

    #[test]
    fn a_costly_match_is_left_to_python() {
        let source = format!("^/{}x$", "(?P<a>[^/]+)".repeat(6));
        let path = format!("/{}", "a".repeat(200));
        assert_eq!(
            Pattern::parse(&source).captures(&path, &mut Vec::new()),
            Outcome::Unsure
        );
    }
}
