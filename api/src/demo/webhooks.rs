//! The demo's webhook: an endpoint of the partner's that is paused, with one delivery that was taken. Story 7410.

use chrono::TimeDelta;
use domain::webhook::{
    Answer, Attempt, Cause, Endpoint, EndpointChange, Format, NewEndpoint, Outcome,
};
use persistence::Tx;

use super::{people::PARTNER, story::Story};
use crate::{app::App, flows::webhook, problem::Problem};

/// The story of it.
const HOOKS: u64 = 7_410;

/// Tells it. After every event has its position: what is sent is what is positioned.
pub(super) async fn make(app: &App) -> Result<(), Problem> {
    let story = Story::new(app, HOOKS, None).await?;
    let day = story.ago(1);
    story.on(day, None, told).await
}

fn told(tx: &mut Tx<'_>) -> Result<(), Problem> {
    let last = tx.events().last_position()?;
    let client = tx.clients().get(PARTNER)?;
    let new = NewEndpoint {
        client: client.id,
        scopes: client.scopes,
        url: "http://127.0.0.1:8808/hooks/lssc".to_owned(),
        types: vec!["certification.awarded".to_owned()],
        format: Format::Standard,
        description: Some("Badges of the portfolio platform".to_owned()),
    };
    let (endpoint, made) = Endpoint::make(tx.new_id(), new, last, tx.machine())?;
    tx.webhook_endpoints().insert(&endpoint)?;
    tx.record(webhook::event(endpoint.id, made))?;
    let stop = EndpointChange { paused: Some(true), ..EndpointChange::default() };
    let (mut endpoint, paused) = endpoint.change(stop, tx.machine())?;
    tx.webhook_endpoints().save(&mut endpoint)?;
    tx.record(webhook::event(endpoint.id, paused))?;
    let events = tx.events().between((0, last), &["certification.awarded"], 1)?;
    for delivery in webhook::enqueue(tx, &mut endpoint, &events, Cause::Event)? {
        let answer = Answer { status: 204, headers: Vec::new(), body: String::new() };
        let attempt = Attempt {
            delivery: delivery.id,
            number: 1,
            at: tx.machine(),
            took_ms: 42,
            url: endpoint.url.clone(),
            headers: vec![("webhook-id".to_owned(), delivery.event.to_string())],
            body: format!("{{\"type\":\"{}\"}}", delivery.event_type),
            outcome: Outcome::Answered(answer),
        };
        tx.webhook_deliveries().log(&attempt)?;
        let after = tx.machine().checked_add_signed(TimeDelta::milliseconds(42));
        let settled =
            delivery.attempted(&attempt.outcome, 0, after.unwrap_or_else(|| tx.machine()));
        tx.webhook_deliveries().save(&settled)?;
    }
    Ok(())
}
