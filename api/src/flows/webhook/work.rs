//! Who sends: every endpoint that has work is served by itself.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::WebhookEndpointId;
use futures_util::{StreamExt, stream::FuturesUnordered};
use persistence::Tx;
use tokio::task::{AbortHandle, JoinSet};

use super::{claim, claim_lasts, deliver, materialise};
use crate::{app::App, problem::Problem};

/// Deliveries of an endpoint under way at once.
const PARALLEL: usize = 8;
/// Endpoints that a server serves at once.
const ENDPOINTS: usize = 64;
/// For how long one is served before others come to it.
const TURN: Duration = Duration::from_secs(20);

/// Sends what is due to an endpoint, until nothing is or it has had its turn: others may wait for one of the
/// [`ENDPOINTS`] places.
async fn serve(app: &App, holder: &str, id: WebhookEndpointId) -> Result<(), Problem> {
    let (mut under_way, ends) = (FuturesUnordered::new(), Instant::now() + TURN);
    loop {
        let mut more = false;
        if Instant::now() < ends {
            let stamp = || app.stamp_of("system", "webhooks");
            more = app.store.write(stamp(), move |tx| materialise(tx, id)).await?;
            let (name, lasts) = (holder.to_owned(), claim_lasts(app));
            let room = PARALLEL.saturating_sub(under_way.len());
            let claim = move |tx: &mut Tx<'_>| claim(tx, id, &name, lasts, room);
            let claimed = app.store.write(stamp(), claim).await?;
            under_way.extend(claimed.into_iter().map(|delivery| deliver(app, delivery)));
        }
        match under_way.next().await {
            Some(Ok(_)) => {}
            Some(Err(problem)) => return Err(problem),
            None if more => {}
            None => return Ok(()),
        }
    }
}

/// Endpoints that have work, given in the order of their ids, in the order in which they are served: those after the
/// last one that was, then from the beginning.
fn in_turn(
    mut found: Vec<WebhookEndpointId>,
    last: Option<WebhookEndpointId>,
) -> Vec<WebhookEndpointId> {
    let after = found.partition_point(|id| Some(*id) <= last);
    found.rotate_left(after);
    found
}

/// The worker: serves every endpoint that has work, each by itself, so that none waits for another; where there are
/// more than [`ENDPOINTS`], in turn.
pub(crate) async fn work(app: App, holder: String) {
    let mut crew = JoinSet::new();
    let mut served: HashMap<WebhookEndpointId, AbortHandle> = HashMap::new();
    let mut last = None;
    loop {
        let news = app.news.notified();
        while crew.try_join_next().is_some() {}
        served.retain(|_, task| !task.is_finished());
        let now = app.machine();
        let found = app.store.read(move |tx| {
            let last = tx.events().last_position()?;
            tx.webhook_endpoints().with_work(last, now).map_err(Problem::from)
        });
        match found.await {
            Ok(found) => {
                for id in in_turn(found, last) {
                    if served.len() >= ENDPOINTS {
                        break;
                    }
                    if served.contains_key(&id) {
                        continue;
                    }
                    let (app, holder) = (app.clone(), holder.clone());
                    let task = async move {
                        if let Err(problem) = serve(&app, &holder, id).await {
                            tracing::warn!(cause = problem.cause(), %id, "webhooks wait");
                        }
                    };
                    served.insert(id, crew.spawn(task));
                    last = Some(id);
                }
            }
            Err(problem) => {
                tracing::warn!(cause = problem.cause(), "the endpoints of webhooks cannot be read");
            }
        }
        let _timeout = tokio::time::timeout(Duration::from_secs(1), news).await;
    }
}

#[cfg(test)]
mod tests {
    use domain::Id;

    use super::*;

    #[test]
    fn endpoints_are_served_in_turn_when_there_are_more_than_places() {
        let ids = |bits: &[u128]| bits.iter().map(|bits| Id::from_bits(*bits)).collect::<Vec<_>>();
        let of = |last: Option<u128>| in_turn(ids(&[2, 4, 6]), last.map(Id::from_bits));
        assert_eq!(of(None), ids(&[2, 4, 6]));
        assert_eq!(of(Some(2)), ids(&[4, 6, 2]));
        assert_eq!(of(Some(3)), ids(&[4, 6, 2]), "the last one may have no work by now");
        assert_eq!(of(Some(6)), ids(&[2, 4, 6]));
        assert!(in_turn(Vec::new(), Some(Id::from_bits(1))).is_empty());
    }
}
