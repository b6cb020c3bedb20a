//! The sandbox: personas of every role and about 300 people in every state, by a fixed seed.
//!
//! Everything is told through the same acts that the handlers use, on days in the past, so that the
//! data obeys the rules and its history reads like a real one. Ids do not depend on the day on which
//! the demo is made: what the examples of the `OpenAPI` document name is there.

mod catalog;
mod crowd;
mod examples;
mod people;
mod story;

use crate::{app::App, problem::Problem};

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
    crowd::make(app, cast.staff(), &catalog).await
}

/// Signs every persona in: a token each that is ready to use.
pub async fn sign_in(app: &App) -> Result<Vec<Persona>, Problem> {
    people::sign_in(app).await
}
