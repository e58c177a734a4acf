//! What a peer has not taken yet: bytes that were copied here, and bodies that are sent from where they lie.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

/// The least bytes for which a body is not copied.
pub const LARGE: usize = 16 * 1024;
/// The most memory that is kept for bytes to come.
const KEPT: usize = 128 * 1024;
/// The most pieces that are written at once.
const PIECES: usize = 16;

/// Bytes in the order in which they are sent. `B` holds a body.
#[derive(Debug)]
pub struct SendQueue<B> {
    /// Bodies, each with the bytes before it.
    bodies: VecDeque<(Vec<u8>, B)>,
    /// How many bytes these are.
    ahead: usize,
    /// What follows all bodies.
    tail: Vec<u8>,
    /// How many bytes of the first body and those before it, or else of the tail, were taken.
    taken: usize,
}

impl<B: AsRef<[u8]>> SendQueue<B> {
    /// Nothing to send.
    pub fn new() -> Self {
        Self {
            bodies: VecDeque::new(),
            ahead: 0,
            tail: Vec::new(),
            taken: 0,
        }
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.ahead + self.tail.len() - self.taken
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty() && self.tail.is_empty()
    }

    /// Where bytes are written that follow all others.
    pub fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.tail
    }

    /// Adds a body without copying it.
    pub fn push(&mut self, body: B) {
        self.ahead += self.tail.len() + body.as_ref().len();
        self.bodies
            .push_back((std::mem::take(&mut self.tail), body));
    }

    /// Gives back the memory of what is empty.
    pub fn shrink(&mut self) {
        if self.is_empty() {
            *self = Self::new();
        }
    }

    /// Writes once; returns how many bytes were taken.
    ///
    /// # Errors
    /// Those of `writer`; nothing was taken then.
    pub fn write_to(&mut self, writer: &mut impl Write) -> io::Result<usize> {
        let length = if self.bodies.is_empty() {
            writer.write(&self.tail[self.taken..])?
        } else {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            let all = self
                .bodies
                .iter()
                .flat_map(|(before, body)| [before, body.as_ref()]);
            let mut count = 0;
            for (place, piece) in pieces.iter_mut().zip(all.chain([&self.tail[..]])) {
                *place = IoSlice::new(piece);
                count += 1;
            }
            let mut pieces = &mut pieces[..count];
            IoSlice::advance_slices(&mut pieces, self.taken);
            writer.write_vectored(pieces)?
        };
        self.take(length);
        Ok(length)
    }

    fn take(&mut self, length: usize) {
        self.taken += length;
        while let Some((before, body)) = self.bodies.front() {
            let whole = before.len() + body.as_ref().len();
            if self.taken < whole {
                return;
            }
            self.taken -= whole;
            self.ahead -= whole;
            self.bodies.pop_front();
        }
        if self.taken == self.tail.len() {
            self.tail.clear();
            self.tail.shrink_to(KEPT);
            self.taken = 0;
        } else if self.taken > self.tail.len() / 2 {
            // What is moved to the front is less than what was taken.
            self.tail.drain(..self.taken);
            self.taken = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes as many bytes at a time as it is told.
    struct Peer {
        turns: VecDeque<usize>,
        got: Vec<u8>,
    }

    impl Write for Peer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.write_vectored(&[IoSlice::new(bytes)])
        }

        fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
            let Some(most) = self.turns.pop_front() else {
                return Err(io::ErrorKind::WouldBlock.into());
            };
            let before = self.got.len();
            let all = pieces.iter().flat_map(|piece| piece.iter().copied());
            self.got.extend(all.take(most));
            Ok(self.got.len() - before)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Bytes(Vec<u8>),
        Body(Vec<u8>),
        Write(usize),
        Shrink,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..20).prop_map(Step::Bytes),
            prop::collection::vec(any::<u8>(), 0..20).prop_map(Step::Body),
            (1usize..60).prop_map(Step::Write),
            Just(Step::Shrink),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        #[test]
        fn bytes_and_bodies_arrive_in_their_order_however_few_are_taken_at_once(steps in steps()) {
            let mut queue = SendQueue::new();
            let mut peer = Peer { turns: VecDeque::new(), got: Vec::new() };
            let mut sent = Vec::new();
            for step in steps {
                match step {
                    Step::Bytes(bytes) => {
                        sent.extend_from_slice(&bytes);
                        queue.tail().extend_from_slice(&bytes);
                    }
                    Step::Body(body) => {
                        sent.extend_from_slice(&body);
                        queue.push(body);
                    }
                    Step::Write(most) if !queue.is_empty() => {
                        peer.turns.push_back(most);
                        let before = peer.got.len();
                        let length = queue.write_to(&mut peer).unwrap();
                        prop_assert_eq!(length, peer.got.len() - before);
                    }
                    Step::Write(_) => {}
                    Step::Shrink => queue.shrink(),
                }
                prop_assert_eq!(queue.len(), sent.len() - peer.got.len());
                prop_assert_eq!(&sent[..peer.got.len()], &peer.got);
            }
            while !queue.is_empty() {
                peer.turns.push_back(7);
                queue.write_to(&mut peer).unwrap();
            }
            prop_assert_eq!(sent, peer.got);
            prop_assert_eq!(queue.len(), 0);
        }
    }

    #[test]
    fn a_peer_that_takes_nothing_changes_nothing() {
        let mut queue = SendQueue::new();
        queue.tail().extend_from_slice(b"head");
        queue.push(&b"body"[..]);
        let mut peer = Peer {
            turns: VecDeque::new(),
            got: Vec::new(),
        };
        let error = queue.write_to(&mut peer).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(queue.len(), 8);
    }

    #[test]
    fn more_bodies_than_are_written_at_once_all_arrive() {
        let mut queue = SendQueue::new();
        for _ in 0..PIECES {
            queue.tail().extend_from_slice(b"a");
            queue.push(&b"bc"[..]);
        }
        let mut peer = Peer {
            turns: VecDeque::from([usize::MAX; 3]),
            got: Vec::new(),
        };
        while !queue.is_empty() {
            queue.write_to(&mut peer).unwrap();
        }
        assert_eq!(peer.got, b"abc".repeat(PIECES));
    }

    #[test]
    fn a_queue_at_rest_holds_no_memory() {
        let mut queue = SendQueue::new();
        queue.tail().extend_from_slice(b"head");
        queue.push(vec![b'x'; LARGE]);
        let mut peer = Peer {
            turns: VecDeque::from([usize::MAX]),
            got: Vec::new(),
        };
        queue.write_to(&mut peer).unwrap();
        queue.shrink();
        assert_eq!((queue.bodies.capacity(), queue.tail.capacity()), (0, 0));
    }

    #[test]
    fn much_that_was_copied_leaves_little_memory_behind() {
        let mut queue = SendQueue::<Vec<u8>>::new();
        queue.tail().resize(8 * KEPT, b'x');
        let mut peer = Peer {
            turns: VecDeque::from([usize::MAX]),
            got: Vec::new(),
        };
        queue.write_to(&mut peer).unwrap();
        assert!(queue.tail.capacity() <= KEPT);
    }
}
