//! Contenders: the same moment, the same resource.

use tokio::task::JoinSet;

use super::actor::Answer;

/// How many contend.
pub(crate) const CONTENDERS: usize = 16;

/// Sixteen requests at once; their answers.
pub(crate) async fn contend<F>(request: impl Fn(usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut contenders = JoinSet::new();
    for number in 0..CONTENDERS {
        contenders.spawn(request(number));
    }
    contenders.join_all().await
}

/// The one that won; every other one was told so by a 409.
#[track_caller]
pub(crate) fn one_winner(answers: Vec<Answer>, status: u16) -> Answer {
    let (mut won, lost): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == status);
    for answer in &lost {
        assert_eq!(answer.status, 409, "{}", answer.body());
    }
    assert_eq!((won.len(), lost.len()), (1, CONTENDERS - 1));
    won.remove(0)
}
