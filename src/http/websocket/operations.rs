//! The operations that run on one socket.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{StreamExt, stream::BoxStream};

use crate::http::answer::Answer;

/// What an operation tells its socket.
pub(super) enum Event {
    Answer(Answer),
    /// It has ended; nothing more of it comes.
    Complete,
}

/// The running operations, few by a limit that the socket keeps. What is ended is gone at once, with all that it held.
#[derive(Default)]
pub(super) struct Operations {
    running: Vec<(Arc<str>, BoxStream<'static, Answer>)>,
    /// Who is asked first the next time, so that all get their turn.
    first: usize,
}

impl Operations {
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.iter().any(|(known, _)| **known == *id)
    }

    pub(super) fn begin(&mut self, id: Arc<str>, answers: BoxStream<'static, Answer>) {
        self.running.push((id, answers));
    }

    /// Ends an operation, if it runs.
    pub(super) fn end(&mut self, id: &str) {
        self.running.retain(|(known, _)| **known != *id);
    }

    /// The next event of any operation; waits for ever while none runs.
    pub(super) async fn next(&mut self) -> (Arc<str>, Event) {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<(Arc<str>, Event)> {
        let count = self.running.len();
        for step in 0..count {
            let at = (self.first + step) % count;
            let (id, answers) = &mut self.running[at];
            if let Poll::Ready(answer) = answers.poll_next_unpin(context) {
                self.first = at + 1;
                return Poll::Ready(match answer {
                    Some(answer) => (id.clone(), Event::Answer(answer)),
                    None => (self.running.swap_remove(at).0, Event::Complete),
                });
            }
        }
        Poll::Pending
    }
}
