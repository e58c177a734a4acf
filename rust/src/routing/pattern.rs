//! A route's regular expression, read back into the few shapes that `compile_path` produces.
//!
//! Starlette compiles `/items/{id:int}` to `^/items/(?P<id>[0-9]+)$`. The expression, not the path it
//! came from, decides what matches, so it is the expression that is read here. Whatever is not one of
//! the known shapes becomes [`Token::Rest`]: "anything may follow; ask the expression itself".

use super::matcher::{Attempt, Outcome, Span};

/// More tokens than this are not worth matching here; it also bounds the matcher's recursion.
const MAX_TOKENS: usize = 128;

/// What one path parameter accepts: the expressions of Starlette's own convertors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// `[^/]+`
    Text,
    /// `.*`
    Path,
    /// `[0-9]+`
    Digits,
    /// `[0-9]+(\.[0-9]+)?`
    Decimal,
    /// Thirty-two hexadecimal digits in five groups, each dash optional.
    Uuid,
}

impl Param {
    const BODIES: [(&'static str, Param); 5] = [
        ("[^/]+", Param::Text),
        (".*", Param::Path),
        ("[0-9]+", Param::Digits),
        (r"[0-9]+(\.[0-9]+)?", Param::Decimal),
        (
            "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
            Param::Uuid,
        ),
    ];

    /// Splits `[^/]+)tail` into the parameter and `tail`.
    fn read(source: &str) -> Option<(Param, &str)> {
        Self::BODIES.into_iter().find_map(|(body, param)| {
            let tail = source.strip_prefix(body)?.strip_prefix(')')?;
            Some((param, tail))
        })
    }

    /// The expression this parameter stands for.
    pub fn body(self) -> &'static str {
        Self::BODIES
            .into_iter()
            .find(|(_, param)| *param == self)
            .map_or("", |(body, _)| body)
    }
}

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// This very text.
    Literal(Box<str>),
    /// A captured parameter.
    Param(Param),
    /// Anything, as far as this module can tell. Always the last token.
    Rest,
}

/// A compiled route expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    tokens: Vec<Token>,
    names: Vec<Box<str>>,
}

impl Pattern {
    /// The pattern that may match any path.
    pub fn anything() -> Self {
        Pattern {
            tokens: vec![Token::Rest],
            names: Vec::new(),
        }
    }

    /// Reads the source of a Python expression that was compiled without flags.
    pub fn parse(source: &str) -> Self {
        Reader::default()
            .read(source)
            .unwrap_or_else(Self::anything)
    }

    /// The pieces, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The parameters' names, in the order of their captures.
    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// Whether [`Pattern::captures`] can say yes.
    pub fn is_exact(&self) -> bool {
        self.tokens.last() != Some(&Token::Rest)
    }

    /// Matches a whole path that holds no line feed, leaving one span per name in `spans`.
    pub fn captures(&self, path: &str, spans: &mut Vec<Span>) -> Outcome {
        spans.clear();
        Attempt::new(path, spans).run(&self.tokens, 0)
    }
}

#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    names: Vec<Box<str>>,
    literal: String,
}

impl Reader {
    fn read(mut self, source: &str) -> Option<Pattern> {
        let mut rest = source.strip_prefix('^')?;
        while rest != "$" {
            let Some(tail) = self.step(rest) else {
                return self.give_up(rest);
            };
            rest = tail;
        }
        self.flush();
        Some(Pattern {
            tokens: self.tokens,
            names: self.names,
        })
    }

    /// Reads one character or group; `None` if it is not one that `compile_path` writes.
    fn step<'s>(&mut self, rest: &'s str) -> Option<&'s str> {
        if self.tokens.len() >= MAX_TOKENS {
            return None;
        }
        if let Some(group) = rest.strip_prefix("(?P<") {
            let (name, body) = group.split_once('>')?;
            let (param, tail) = Param::read(body)?;
            self.flush();
            self.tokens.push(Token::Param(param));
            self.names.push(name.into());
            return Some(tail);
        }
        let mut chars = rest.chars();
        match chars.next()? {
            // `re.escape` never puts a backslash before a letter or digit: that would be a class.
            '\\' => match chars.next()? {
                escaped if escaped.is_alphanumeric() => return None,
                escaped => self.literal.push(escaped),
            },
            '.' | '^' | '$' | '*' | '+' | '?' | '{' | '[' | ']' | '|' | '(' | ')' => return None,
            plain => self.literal.push(plain),
        }
        Some(chars.as_str())
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.tokens
                .push(Token::Literal(std::mem::take(&mut self.literal).into()));
        }
    }

    /// Keeps what every match must begin with.
    fn give_up(mut self, rest: &str) -> Option<Pattern> {
        // An alternative might do without the beginning.
        if rest.contains('|') {
            return None;
        }
        // A quantifier makes the piece before it optional.
        if rest.starts_with(['*', '+', '?', '{']) && self.literal.pop().is_none() {
            self.tokens.pop();
        }
        self.flush();
        self.tokens.push(Token::Rest);
        self.names.clear();
        Some(Pattern {
            tokens: self.tokens,
            names: self.names,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Token {
        Token::Literal(text.into())
    }

    #[test]
    fn every_convertor_of_starlette_is_read_back() {
        for (body, param) in Param::BODIES {
            let pattern = Pattern::parse(&format!("^/a/(?P<x>{body})/b$"));
            assert_eq!(
                pattern.tokens(),
                [literal("/a/"), Token::Param(param), literal("/b")]
            );
            assert_eq!(pattern.names(), ["x".into()]);
            assert!(pattern.is_exact());
            assert_eq!(param.body(), body);
        }
    }

    #[test]
    fn escaped_characters_are_literal() {
        let pattern = Pattern::parse(r"^/a\.b\-c\ é\{\\$");
        assert_eq!(pattern.tokens(), [literal(r"/a.b-c é{\")]);
    }

    #[test]
    fn the_empty_path_has_no_tokens() {
        assert_eq!(Pattern::parse("^$").tokens(), []);
    }

    #[test]
    fn an_unknown_group_leaves_its_prefix() {
        for source in [
            "^/a/(?P<x>[a-z]{3})$",
            "^/a/(?P<x>[0-9]+(-[0-9]+)?)$",
            r"^/a/\d+$",
            "^/a/$$",
        ] {
            let pattern = Pattern::parse(source);
            assert_eq!(pattern.tokens(), [literal("/a/"), Token::Rest], "{source}");
            assert!(!pattern.is_exact());
        }
    }

    #[test]
    fn a_quantifier_takes_the_piece_before_it_along() {
        assert_eq!(
            Pattern::parse("^/ab?$").tokens(),
            [literal("/a"), Token::Rest]
        );
        assert_eq!(
            Pattern::parse("^/(?P<x>[^/]+)?$").tokens(),
            [literal("/"), Token::Rest]
        );
    }

    #[test]
    fn nothing_is_certain_without_an_anchor_or_beside_an_alternative() {
        for source in ["", "/a$", "^/a|b$", "^/a/(?P<x>a)|(b)$"] {
            assert_eq!(Pattern::parse(source), Pattern::anything(), "{source}");
        }
    }

    #[test]
    fn very_long_patterns_are_left_to_python() {
        let source = format!("^{}$", "/(?P<x>[^/]+)".repeat(MAX_TOKENS));
        let pattern = Pattern::parse(&source);
        assert!(!pattern.is_exact());
        assert!(pattern.tokens().len() <= MAX_TOKENS + 1);
    }
}
