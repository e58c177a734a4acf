//! Jobs that wait for a worker, and workers that wait for a job. Nothing here knows of Python.
//!
//! A worker *searches* from when it is called until it has taken a job, and again when it has done it. As long
//! as one of them searches, nobody else is called: it takes one job after the other, and the workers behind it
//! sleep on. Whoever takes a job and leaves others behind calls a successor first. The successor cannot
//! start before it has the interpreter's lock; so it is there as soon as the job blocks, which gives the lock
//! away, and finds nothing to do if all jobs were short.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// A queue of jobs and the workers that take them.
pub struct Queue<T>(Mutex<State<T>>);

struct State<T> {
    jobs: VecDeque<T>,
    /// Workers at rest; the one that worked last is called first, so that the others get the time to end
    resting: Vec<Arc<Rest>>,
    searching: usize,
    /// All workers, and those that are being started
    workers: usize,
    is_closed: bool,
}

struct Rest {
    thread: Thread,
    is_called: AtomicBool,
}

/// Who has to come for the jobs that are there.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub enum Call {
    /// Somebody is on the way.
    Nobody,
    /// A new worker: it has to be started, or [`Queue::not_started`] be called.
    Newcomer,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self(Mutex::new(State {
            jobs: VecDeque::new(),
            resting: Vec::new(),
            searching: 0,
            workers: 0,
            is_closed: false,
        }))
    }
}

impl<T> Queue<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job.
    pub fn push(&self, job: T) -> Call {
        let mut state = self.state();
        state.jobs.push_back(job);
        call_one(state)
    }

    /// A worker has done its job and searches again.
    ///
    /// To be called before anybody hears of the result, who might call for a newcomer otherwise.
    pub fn search(&self) {
        self.state().searching += 1;
    }

    /// Takes a job, for a worker that searches. `None` leaves it searching: it has to [`rest`](Self::rest).
    pub fn take(&self) -> Option<(T, Call)> {
        let mut state = self.state();
        let job = state.jobs.pop_front()?;
        state.searching -= 1;
        let call = match state.jobs.is_empty() {
            true => Call::Nobody,
            false => call_one(state),
        };
        Some((job, call))
    }

    /// Waits for a job. `false`: the worker is to end, as nothing came for so long, or nothing will.
    pub fn rest(&self, patience: Duration) -> bool {
        let rest = Arc::new(Rest {
            thread: thread::current(),
            is_called: AtomicBool::new(false),
        });
        loop {
            let mut state = self.state();
            if !state.jobs.is_empty() {
                return true;
            }
            state.searching -= 1;
            if state.is_closed {
                state.workers -= 1;
                return false;
            }
            rest.is_called.store(false, Ordering::Relaxed);
            state.resting.push(rest.clone());
            drop(state);
            let deadline = Instant::now() + patience;
            while !rest.is_called.load(Ordering::Acquire) {
                let left = deadline.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    thread::park_timeout(left);
                    continue;
                }
                let mut state = self.state();
                let place = state
                    .resting
                    .iter()
                    .position(|other| Arc::ptr_eq(other, &rest));
                // Without a place it has been called at the last moment.
                if let Some(place) = place {
                    state.resting.remove(place);
                    state.workers -= 1;
                    return false;
                }
            }
        }
    }

    /// Takes back the call for a newcomer. Returns the jobs, if there is now no worker left for them.
    pub fn not_started(&self) -> VecDeque<T> {
        let mut state = self.state();
        state.searching -= 1;
        state.workers -= 1;
        match state.workers {
            0 => std::mem::take(&mut state.jobs),
            _ => VecDeque::new(),
        }
    }

    /// Lets the workers end when no job is left.
    pub fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let resting = std::mem::take(&mut state.resting);
        state.searching += resting.len();
        drop(state);
        for rest in resting {
            rest.call();
        }
    }

    /// Whether there are neither workers nor jobs.
    pub fn is_deserted(&self) -> bool {
        let state = self.state();
        state.workers == 0 && state.jobs.is_empty()
    }
}

impl Rest {
    fn call(&self) {
        self.is_called.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Calls a worker, if none searches.
fn call_one<T>(mut state: MutexGuard<'_, State<T>>) -> Call {
    if state.searching > 0 {
        return Call::Nobody;
    }
    state.searching += 1;
    let Some(rest) = state.resting.pop() else {
        state.workers += 1;
        return Call::Newcomer;
    };
    drop(state);
    rest.call();
    Call::Nobody
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    type Job = Box<dyn FnOnce() + Send>;

    /// Lets workers come as they are called for.
    fn answer(queue: &Arc<Queue<Job>>, call: Call, patience: Duration) {
        if call == Call::Nobody {
            return;
        }
        let queue = queue.clone();
        thread::spawn(move || {
            loop {
                match queue.take() {
                    Some((job, call)) => {
                        answer(&queue, call, patience);
                        job();
                        queue.search();
                    }
                    None if queue.rest(patience) => (),
                    None => return,
                }
            }
        });
    }

    fn push(queue: &Arc<Queue<Job>>, job: impl FnOnce() + Send + 'static) {
        answer(queue, queue.push(Box::new(job)), PATIENCE);
    }

    #[test]
    fn jobs_that_wait_for_each_other_run_at_the_same_time() {
        let queue = Arc::new(Queue::default());
        let (sender, receiver) = mpsc::channel();
        let barrier = Arc::new(Barrier::new(8));
        for _ in 0..8 {
            let (barrier, sender) = (barrier.clone(), sender.clone());
            push(&queue, move || {
                barrier.wait();
                sender.send(()).unwrap();
            });
        }
        for _ in 0..8 {
            receiver.recv_timeout(PATIENCE).unwrap();
        }
        queue.close();
    }

    #[test]
    fn every_job_runs_once_whoever_pushes() {
        let queue: Arc<Queue<Job>> = Arc::default();
        let (sender, receiver) = mpsc::channel();
        let pushers: Vec<_> = (0..4)
            .map(|pusher| {
                let (queue, sender) = (queue.clone(), sender.clone());
                thread::spawn(move || {
                    for number in 0..2000 {
                        let sender = sender.clone();
                        push(&queue, move || sender.send(pusher * 2000 + number).unwrap());
                    }
                })
            })
            .collect();
        let mut seen: Vec<usize> = (0..8000)
            .map(|_| receiver.recv_timeout(PATIENCE).unwrap())
            .collect();
        for pusher in pushers {
            pusher.join().unwrap();
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..8000).collect::<Vec<_>>());
        queue.close();
    }

    #[test]
    fn workers_end_when_nothing_comes_or_the_queue_is_closed() {
        for patience in [Duration::from_millis(1), PATIENCE] {
            let queue: Arc<Queue<Job>> = Arc::default();
            let (sender, receiver) = mpsc::channel();
            let call = queue.push(Box::new(move || sender.send(()).unwrap()));
            answer(&queue, call, patience);
            receiver.recv_timeout(PATIENCE).unwrap();
            if patience == PATIENCE {
                queue.close();
            }
            let deadline = Instant::now() + PATIENCE;
            while !queue.is_deserted() {
                assert!(Instant::now() < deadline);
                thread::yield_now();
            }
        }
    }

    #[test]
    fn one_worker_does_short_jobs_alone() {
        let queue: Queue<usize> = Queue::default();
        assert_eq!(queue.push(0), Call::Newcomer);
        for number in 1..10 {
            assert_eq!(queue.push(number), Call::Nobody);
        }
        // The successor is called once, and then searches for as long as the first works.
        assert_eq!(queue.take(), Some((0, Call::Newcomer)));
        for number in 1..10 {
            queue.search();
            assert_eq!(queue.take(), Some((number, Call::Nobody)));
        }
        queue.search();
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn jobs_come_back_if_no_worker_can_be_started() {
        let queue: Queue<usize> = Queue::default();
        assert_eq!(queue.push(1), Call::Newcomer);
        assert_eq!(queue.not_started(), [1]);
        assert!(queue.is_deserted());
        let started = AtomicUsize::new(0);
        for number in 2..4 {
            if queue.push(number) == Call::Newcomer {
                started.fetch_add(1, Ordering::Relaxed);
            }
        }
        assert_eq!(started.into_inner(), 1);
    }
}
