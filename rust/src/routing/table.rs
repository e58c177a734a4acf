//! The routes of one router, compiled: which of them match a path, in registration order.

use memchr::memchr;

use super::pattern::Pattern;
use super::tree::Tree;

/// What a route serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Requests.
    Http,
    /// WebSocket sessions.
    WebSocket,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Protocol; 2] = [Protocol::Http, Protocol::WebSocket];

    /// The protocol of an ASGI scope type.
    pub fn of(scope_type: &str) -> Option<Self> {
        match scope_type {
            "http" => Some(Protocol::Http),
            "websocket" => Some(Protocol::WebSocket),
            _ => None,
        }
    }
}

/// Compiled patterns. A route's id is its place in the order of registration.
#[derive(Default)]
pub struct Table {
    http: Tree,
    websocket: Tree,
    patterns: Vec<Pattern>,
}

impl Table {
    /// Appends a route that serves `protocols`.
    pub fn push(&mut self, pattern: Pattern, protocols: &[Protocol]) {
        // Ids are u32 to keep candidates small; four billion routes do not fit into memory.
        let id = self.patterns.len() as u32;
        for protocol in protocols {
            let tree = match protocol {
                Protocol::Http => &mut self.http,
                Protocol::WebSocket => &mut self.websocket,
            };
            tree.insert(&pattern, id);
        }
        self.patterns.push(pattern);
    }

    /// The pattern of a route.
    pub fn pattern(&self, id: u32) -> Option<&Pattern> {
        self.patterns.get(id as usize)
    }

    /// Ids of the routes that match `path` or may match it, in order of registration. `None` for a
    /// path with a line feed, where `$` and `.` have exceptions that only `re` shall know.
    pub fn candidates(&self, protocol: Protocol, path: &str) -> Option<Vec<u32>> {
        if memchr(b'\n', path.as_bytes()).is_some() {
            return None;
        }
        Some(match protocol {
            Protocol::Http => self.http.lookup(path),
            Protocol::WebSocket => self.websocket.lookup(path),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::matcher::Outcome;
    use super::super::pattern::{Param, Token};
    use super::*;

    fn table(sources: &[&str]) -> Table {
        let mut table = Table::default();
        for source in sources {
            table.push(Pattern::parse(source), &[Protocol::Http]);
        }
        table
    }

    #[test]
    fn registration_order_decides_and_static_paths_have_no_preference() {
        let table = table(&[
            "^/items/(?P<id>[^/]+)$",
            "^/items/me$",
            "^/(?P<p>.*)$",
            "^/items/me$",
        ]);
        assert_eq!(
            table.candidates(Protocol::Http, "/items/me"),
            Some(vec![0, 1, 2, 3])
        );
        assert_eq!(
            table.candidates(Protocol::Http, "/items/me/"),
            Some(vec![2])
        );
        assert_eq!(table.candidates(Protocol::Http, ""), Some(vec![]));
    }

    #[test]
    fn protocols_are_apart() {
        let mut table = Table::default();
        table.push(Pattern::parse("^/a$"), &[Protocol::Http]);
        table.push(Pattern::parse("^/a$"), &[Protocol::WebSocket]);
        table.push(Pattern::anything(), &Protocol::ALL);
        assert_eq!(table.candidates(Protocol::Http, "/a"), Some(vec![0, 2]));
        assert_eq!(
            table.candidates(Protocol::WebSocket, "/a"),
            Some(vec![1, 2])
        );
        assert_eq!(Protocol::of("websocket"), Some(Protocol::WebSocket));
        assert_eq!(Protocol::of("lifespan"), None);
    }

    #[test]
    fn a_line_feed_is_left_to_python() {
        assert_eq!(table(&["^/a$"]).candidates(Protocol::Http, "/a\n"), None);
    }

    #[test]
    fn an_unknown_expression_is_a_candidate_behind_its_prefix_only() {
        let table = table(&["^/a/(?P<x>[a-z]+)$", "^/a/b(?P<x>\\d)$"]);
        assert_eq!(table.candidates(Protocol::Http, "/a/1"), Some(vec![0]));
        assert_eq!(table.candidates(Protocol::Http, "/a/b/c"), Some(vec![0, 1]));
        assert_eq!(table.candidates(Protocol::Http, "/b/1"), Some(vec![]));
    }

    #[test]
    fn endless_paths_and_patterns_do_not_overflow_the_stack() {
        let deep = "/a".repeat(100_000);
        let table = table(&[&format!("^{deep}$"), "^/a/(?P<p>.*)$"]);
        assert_eq!(table.candidates(Protocol::Http, &deep), Some(vec![0, 1]));
        assert_eq!(table.candidates(Protocol::Http, &deep[2..]), Some(vec![1]));
    }

    /// The model: every way to split the text, longest first, by plain recursion over characters.
    fn naive(tokens: &[Token], text: &str, captured: &mut Vec<String>) -> bool {
        let Some((token, rest)) = tokens.split_first() else {
            return text.is_empty();
        };
        let param = match token {
            Token::Rest => return true,
            Token::Literal(literal) => {
                return text
                    .strip_prefix(&**literal)
                    .is_some_and(|text| naive(rest, text, captured));
            }
            Token::Param(param) => param,
        };
        let ends: Vec<usize> = (0..=text.len())
            .rev()
            .filter(|end| text.is_char_boundary(*end))
            .collect();
        for end in ends {
            if accepts(*param, &text[..end]) {
                captured.push(text[..end].to_owned());
                if naive(rest, &text[end..], captured) {
                    return true;
                }
                captured.pop();
            }
        }
        false
    }

    fn accepts(param: Param, text: &str) -> bool {
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match param {
            Param::Text => !text.is_empty() && !text.contains('/'),
            Param::Path => true,
            Param::Digits => digits(text),
            Param::Decimal => {
                digits(text)
                    || text
                        .split_once('.')
                        .is_some_and(|(a, b)| digits(a) && digits(b))
            }
            Param::Uuid => {
                let plain = text.replace('-', "");
                plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit()) && {
                    let dashes: Vec<usize> = text.match_indices('-').map(|(at, _)| at).collect();
                    let before = |at: usize| text[..at].replace('-', "").len();
                    dashes
                        .iter()
                        .all(|at| [8, 12, 16, 20].contains(&before(*at)))
                        && !text.contains("--")
                }
            }
        }
    }

    fn source(tokens: &[Token]) -> String {
        let mut source = String::from("^");
        for (index, token) in tokens.iter().enumerate() {
            match token {
                Token::Literal(text) => source += &text.replace('.', "\\.").replace('-', "\\-"),
                Token::Param(param) => source += &format!("(?P<p{index}>{})", param.body()),
                Token::Rest => source += "(?P<rest>[a-z]*)",
            }
        }
        source + "$"
    }

    fn token() -> impl Strategy<Value = Token> {
        prop_oneof![
            6 => prop::sample::select(vec!["/", "/a", "/b", "a", "/a/b", "é", ".", "-", "1", "/a1", "//"])
                .prop_map(|text| Token::Literal(text.into())),
            4 => prop::sample::select(vec![
                Param::Text, Param::Path, Param::Digits, Param::Decimal, Param::Uuid
            ]).prop_map(Token::Param),
        ]
    }

    fn route() -> impl Strategy<Value = Vec<Token>> {
        prop::collection::vec(token(), 0..6)
    }

    fn path() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "/",
            "/a",
            "/b",
            "a",
            "1",
            "12",
            "1.5",
            ".",
            "-",
            "é",
            "",
            "/a1",
            "//",
            "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        ]);
        prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_table_agrees_with_a_linear_scan(
            routes in prop::collection::vec(route(), 0..12), paths in prop::collection::vec(path(), 1..8)
        ) {
            let sources: Vec<String> = routes.iter().map(|tokens| source(tokens)).collect();
            let table = table(&sources.iter().map(String::as_str).collect::<Vec<_>>());
            let mut spans = Vec::new();
            for path in &paths {
                let candidates = table.candidates(Protocol::Http, path).unwrap();
                for (id, tokens) in (0u32..).zip(&routes) {
                    let mut captured = Vec::new();
                    let matches = naive(tokens, path, &mut captured);
                    let outcome = table.pattern(id).unwrap().captures(path, &mut spans);
                    if outcome == Outcome::Unsure {
                        continue;
                    }
                    prop_assert_eq!(outcome == Outcome::Yes, matches);
                    prop_assert_eq!(candidates.contains(&id), matches);
                    if matches {
                        let texts: Vec<&str> = spans.iter().map(|span| &path[span.start..span.end]).collect();
                        prop_assert_eq!(texts, captured);
                    }
                }
                prop_assert!(candidates.is_sorted());
            }
        }

        #[test]
        fn any_text_is_read_as_an_expression_or_left_alone(source in ".*", path in ".*") {
            let mut table = Table::default();
            table.push(Pattern::parse(&source), &Protocol::ALL);
            table.push(Pattern::parse(&format!("^{source}$")), &Protocol::ALL);
            let _ = table.candidates(Protocol::Http, &path);
        }
    }
}
