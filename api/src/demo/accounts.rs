//! What the partner's machine calls people, and what it asked for: Ben and Cleo are linked, Greta was made by a
//! request, two requests wait for the office, one was rejected. Stories 7310 to 7319.

use chrono::NaiveDate;
use domain::{AccountRequestId, PersonId, account::matching::Asked, program::ProgramCode};

use super::{
    people::{Cast, PARTNER},
    story::Story,
};
use crate::{app::App, flows::account, problem::Problem};

/// Requests that wait: their ids follow from the numbers, and the examples name them.
const ADA: u64 = 7_310;
const DANA: u64 = 7_311;
const EMIL: u64 = 7_312;
/// Requests that were completed.
const KNOWN: u64 = 7_313;

pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let known = Story::new(app, KNOWN, Some(cast.staff())).await?;
    let day = known.ago(90);
    for (key, name, email, person) in [
        ("2001", "Ben Ortiz", "ben@demo.example", Some(cast.ben())),
        ("2002", "Cleo Hart", "cleo@demo.example", Some(cast.cleo())),
        ("2003", "Greta Holm", "greta@people.example", None),
    ] {
        asks(app, &known, day, (key, name, email, person)).await?;
    }
    // Somebody of this name is known with another address.
    let ada = Story::new(app, ADA, None).await?;
    asks(app, &ada, ada.ago(6), ("2004", "Ada Brook", "ada.brook@library.example", None)).await?;
    // The address is known under another name.
    let dana = Story::new(app, DANA, None).await?;
    asks(app, &dana, dana.ago(4), ("2005", "Dana King", "dana@people.example", None)).await?;
    let emil = Story::new(app, EMIL, Some(cast.staff())).await?;
    let day = emil.ago(20);
    let asked = asks(app, &emil, day, ("2006", "Emil Wright", "emil@work.example", None)).await?;
    let (app, staff) = (app.clone(), cast.staff());
    emil.on(emil.ago(19), Some(staff), move |tx| {
        let request = tx.account_requests().get(asked)?;
        let reason = "Mr. Wright says that he has no account with you.".to_owned();
        account::reject_requested(&app, tx, request, reason).map(drop)
    })
    .await
}

/// The partner's machine asks for an account.
async fn asks(
    app: &App,
    story: &Story<'_>,
    day: NaiveDate,
    (key, name, email, person): (&str, &str, &str, Option<PersonId>),
) -> Result<AccountRequestId, Problem> {
    let (given_name, family_name) = name.split_once(' ').unwrap_or((name, name));
    let asked = Asked {
        external_id: format!("user-{key}"),
        given_name: given_name.to_owned(),
        family_name: family_name.to_owned(),
        emails: vec![email.to_owned()],
        candidate_number: None,
        person,
        program: ProgramCode::lssc(),
    };
    let (app, request_id) = (app.clone(), format!("request-{key}"));
    story
        .on(day, None, move |tx| {
            let own = (PARTNER, request_id.clone());
            Ok(account::request(&app, tx, own, asked.clone())?.id)
        })
        .await
}
