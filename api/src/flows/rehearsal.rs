//! Dry runs: the same acts as in earnest, and nothing of them stays.

use persistence::{Error, Tx};

use crate::problem::Problem;

/// Why a savepoint is rolled back.
enum Undone<T> {
    /// It was a rehearsal.
    Rehearsed(T),
    /// It was refused.
    Refused(Problem),
}

impl<T> From<Error> for Undone<T> {
    fn from(error: Error) -> Self {
        Self::Refused(error.into())
    }
}

/// Does `act` and undoes it: what it would answer, or why it would be refused.
pub fn rehearse<T>(
    tx: &mut Tx<'_>,
    act: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let done: Result<(), Undone<T>> = tx.savepoint(|tx| match act(tx) {
        Ok(value) => Err(Undone::Rehearsed(value)),
        Err(problem) => Err(Undone::Refused(problem)),
    });
    match done {
        Err(Undone::Rehearsed(value)) => Ok(value),
        Err(Undone::Refused(problem)) => Err(problem),
        Ok(()) => Err(Problem::internal("a rehearsal was not undone")),
    }
}
