//! The sandbox: personas of every role and about 300 people in every state, by a fixed seed.
//!
//! Everything is told through the same acts that the handlers use, on days in the past, so that the
//! data obeys the rules and its history reads like a real one. Ids do not depend on the day on which
//! the demo is made: what the examples of the `OpenAPI` document name is there.

mod accounts;
mod appeals;
mod awards;
mod catalog;
mod catalog_late;
mod catalog_more;
mod colleges;
mod crowd;
mod examples;
mod machines;
mod merges;
mod money;
mod notices;
mod office;
mod orders;
mod people;
mod portfolios;
mod proposals;
mod renewals;
mod standing;
mod story;
mod support;

use chrono::TimeDelta;
use persistence::EventFilter;

use crate::{app::App, problem::Problem};

pub use office::CALENDAR_TOKEN;
pub use people::{PARTNER_SECRET, PASSWORD, Persona};

/// Makes the demo's data, unless it is there already.
///
/// A database that holds people but no personas is left alone: it is not a sandbox.
pub async fn seed(app: &App) -> Result<(), Problem> {
    if people::find(app, people::STAFF).await?.is_some() {
        return Ok(());
    }
    if !people::nobody(app).await? {
        return Err(Problem::internal(
            "this database holds people who are not the demo's: start the demo on another one",
        ));
    }
    let cast = people::cast(app).await?;
    let catalog = catalog::make(app, cast.staff()).await?;
    people::histories(app, &cast, &catalog).await?;
    examples::make(app, cast.staff()).await?;
    money::make(app, cast.staff()).await?;
    orders::make(app, &cast).await?;
    awards::make(app, &cast).await?;
    crowd::make(app, cast.staff(), &catalog).await?;
    catalog_more::make(app, cast.staff(), &catalog).await?;
    proposals::make(app, &cast, &catalog).await?;
    catalog_late::make(app, cast.staff()).await?;
    colleges::make(app, &cast, &catalog).await?;
    appeals::make(app, &cast, &catalog).await?;
    support::make(app, &cast).await?;
    portfolios::make(app, &cast).await?;
    standing::make(app, &cast, &catalog).await?;
    renewals::make(app, &cast, &catalog).await?;
    merges::make(app, &cast).await?;
    office::make(app, cast.cleo()).await?;
    accounts::make(app, &cast).await?;
    awards::announce_ends(app).await?;
    notices::make(app, &cast).await?;
    nobody_is_written_to(app).await
}

/// What the demo tells is past: its events count as mailed.
async fn nobody_is_written_to(app: &App) -> Result<(), Problem> {
    let stamp = || app.stamp_of("system", "demo");
    // A lease that ends at once: the server that is about to start has it then.
    while app.store.sequence(stamp(), "demo", TimeDelta::zero(), 1_000).await?.positioned > 0 {}
    app.store
        .write(stamp(), |tx| {
            let mut last = tx.cursors().get("mail")?;
            while let Some(event) = tx.events().page(last, &EventFilter::default(), 1_000)?.last() {
                last = event.position.unwrap_or(last);
            }
            tx.cursors().set("mail", last).map_err(Problem::from)
        })
        .await
}

/// Signs every persona in: a token each that is ready to use.
pub async fn sign_in(app: &App) -> Result<Vec<Persona>, Problem> {
    people::sign_in(app).await
}
