//! All patterns of a router in one tree over path segments.
//!
//! A static segment is one hash lookup, whatever the number of its siblings; parameter segments of
//! the same shape share a child. A lookup returns the routes that match, in registration order:
//! unlike in most radix routers, a static path has no preference here.

use ahash::AHashMap;
use memchr::memchr;

use super::matcher::{Attempt, Outcome};
use super::pattern::{Param, Pattern, Token};

/// Deeper segments are matched as one tail; it bounds the recursion of lookups and drops.
const MAX_DEPTH: usize = 64;

/// What follows a node in a pattern: whole segments first, then perhaps a tail that may span several.
struct Steps {
    segments: Vec<Vec<Token>>,
    tail: Option<Vec<Token>>,
}

impl Steps {
    fn of(pattern: &Pattern) -> Self {
        let mut segments = Vec::new();
        let mut segment = Vec::new();
        let mut tokens = pattern.tokens().iter();
        while let Some(token) = tokens.next() {
            let Token::Literal(text) = token else {
                segment.push(token.clone());
                if matches!(token, Token::Rest | Token::Param(Param::Path)) {
                    segment.extend(tokens.cloned());
                    return Steps {
                        segments,
                        tail: Some(segment),
                    };
                }
                continue;
            };
            let mut text: &str = text;
            while let Some((end, next)) = text.split_once('/') {
                if segments.len() == MAX_DEPTH {
                    segment.push(Token::Literal(text.into()));
                    segment.extend(tokens.cloned());
                    return Steps {
                        segments,
                        tail: Some(segment),
                    };
                }
                if !end.is_empty() {
                    segment.push(Token::Literal(end.into()));
                }
                segments.push(std::mem::take(&mut segment));
                text = next;
            }
            if !text.is_empty() {
                segment.push(Token::Literal(text.into()));
            }
        }
        segments.push(segment);
        Steps {
            segments,
            tail: None,
        }
    }
}

/// The text of a segment without parameters.
fn static_text(segment: &[Token]) -> Option<&str> {
    match segment {
        [] => Some(""),
        [Token::Literal(text)] => Some(text),
        _ => None,
    }
}

/// Whether `tokens` may match `text`; what is not certain counts as a match and is decided later.
fn may_match(tokens: &[Token], text: &str) -> bool {
    match tokens {
        [Token::Param(Param::Text)] => !text.is_empty(),
        _ => Attempt::new(text, &mut Vec::new()).run(tokens, 0) != Outcome::No,
    }
}

/// One position between two segments.
#[derive(Default)]
struct Node {
    /// Children behind a static segment.
    statics: AHashMap<Box<str>, Node>,
    /// Children behind a segment with parameters, one for each shape.
    dynamics: Vec<(Vec<Token>, Node)>,
    /// Patterns that go on across segments.
    tails: Vec<(Vec<Token>, u32)>,
    /// Patterns that end here.
    ends: Vec<u32>,
}

impl Node {
    fn child(&mut self, segment: Vec<Token>) -> &mut Node {
        if let Some(text) = static_text(&segment) {
            return self.statics.entry(text.into()).or_default();
        }
        let found = self
            .dynamics
            .iter()
            .position(|(shape, _)| *shape == segment);
        let index = found.unwrap_or_else(|| {
            self.dynamics.push((segment, Node::default()));
            self.dynamics.len() - 1
        });
        &mut self.dynamics[index].1
    }

    fn collect(&self, rest: Option<&str>, found: &mut Vec<u32>) {
        let Some(rest) = rest else {
            found.extend_from_slice(&self.ends);
            return;
        };
        for (tokens, id) in &self.tails {
            if may_match(tokens, rest) {
                found.push(*id);
            }
        }
        let (segment, rest) = match memchr(b'/', rest.as_bytes()) {
            Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        if let Some(child) = self.statics.get(segment) {
            child.collect(rest, found);
        }
        for (tokens, child) in &self.dynamics {
            if may_match(tokens, segment) {
                child.collect(rest, found);
            }
        }
    }
}

/// Patterns by path.
#[derive(Default)]
pub struct Tree {
    root: Node,
}

impl Tree {
    /// Adds a pattern under the id that lookups return; ids order the answers.
    pub fn insert(&mut self, pattern: &Pattern, id: u32) {
        let steps = Steps::of(pattern);
        let node = steps.segments.into_iter().fold(&mut self.root, Node::child);
        match steps.tail {
            Some(tokens) => node.tails.push((tokens, id)),
            None => node.ends.push(id),
        }
    }

    /// Ids of the patterns that match `path`, or are not certain not to, ascending.
    pub fn lookup(&self, path: &str) -> Vec<u32> {
        let mut found = Vec::new();
        self.root.collect(Some(path), &mut found);
        found.sort_unstable();
        found
    }
}
