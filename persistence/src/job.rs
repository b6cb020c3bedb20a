//! Jobs: closures that travel to a database thread, and the one way of running them there.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio::sync::oneshot;
use tracing::Span;

use crate::{
    conn::Conn,
    error::{Error, Mishap},
    tx::{Stamp, TransactionGone, Tx},
};

/// A closure with the way back to who asked.
pub(crate) trait Job: Send {
    /// The stamp of a write; none marks a read.
    fn stamp(&self) -> Option<Arc<Stamp>>;
    /// Runs the closure and keeps its result; whether it wants its changes committed.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Replaces the result by an error.
    fn refuse(&mut self, error: Error);
    /// Sends the result back. Only when the transaction has ended.
    fn answer(self: Box<Self>);
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

pub(crate) type BoxedJob = Box<dyn Job>;

pub(crate) struct Task<F, T, E> {
    act: F,
    stamp: Option<Arc<Stamp>>,
    span: Span,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Task<F, T, E> {
    pub(crate) fn new(stamp: Option<Stamp>, act: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self {
            act,
            stamp: stamp.map(|stamp| Arc::new(stamp.with_micros())),
            span: Span::current(),
            result: None,
            reply,
        }
    }
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn stamp(&self) -> Option<Arc<Stamp>> {
        self.stamp.clone()
    }
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let _entered = self.span.enter();
        let result = (self.act)(tx);
        let wants_commit = result.is_ok();
        self.result = Some(result);
        wants_commit
    }
    fn refuse(&mut self, error: Error) {
        self.result = Some(Err(E::from(error)));
    }
    fn answer(self: Box<Self>) {
        let result = self.result.unwrap_or_else(|| {
            let text = "the job was never run".to_owned();
            Err(E::from(Error::Broken(text)))
        });
        // Nobody may be waiting any more; what was committed stays committed.
        drop(self.reply.send(result));
    }
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// How a run of a job inside its transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// It wants its changes committed.
    Commit,
    /// It wants them undone; its error is its answer.
    Undo,
    /// It lost a race, and has no answer yet.
    Race,
    /// The connection or the disk failed; its answer says so.
    Lost,
}

/// Runs the job once in the open transaction. Neither commits nor rolls back.
pub(crate) fn run(conn: &mut Conn, job: &mut dyn Job) -> Run {
    let stamp = job.stamp();
    Mishap::set(Mishap::None);
    let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut Tx::new(conn, stamp.as_deref()))));
    match (ran, Mishap::now()) {
        (Ok(_), Mishap::Race) => Run::Race,
        (Ok(wants_commit), Mishap::Lost) => {
            if wants_commit {
                job.refuse(Error::Unavailable("a statement was lost".to_owned()));
            }
            Run::Lost
        }
        (Ok(true), Mishap::None) => Run::Commit,
        (Ok(true), Mishap::Statement) => {
            job.refuse(Error::Broken(
                "a statement failed outside of a savepoint and the job went on".to_owned(),
            ));
            Run::Undo
        }
        (Ok(false), Mishap::None | Mishap::Statement) => Run::Undo,
        (Err(panic), _) if panic.is::<TransactionGone>() => {
            job.refuse(Error::Unavailable("the transaction was lost".to_owned()));
            Run::Lost
        }
        (Err(panic), _) => {
            let text = format!("a job panicked: {}", panic_text(panic.as_ref()));
            tracing::error!(panic = %text, "a job panicked; its changes are undone");
            job.refuse(Error::Broken(text));
            Run::Undo
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}
