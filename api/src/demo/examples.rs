//! What only the examples of the `OpenAPI` document act on: a claimed membership (Gina), a candidacy on hold
//! (Hugo), a second address of Cleo's, a machine that may be disabled, a session to refresh.

use domain::{
    ClientId, PersonId,
    person::{Email, Membership, MembershipState, PersonEvent},
    program::ProgramCode,
};

use super::{people::find, story::Story};
use crate::{
    app::App,
    auth::secrets,
    problem::Problem,
    v1::{people, sessions},
};

/// Numbers of the stories; after the personas' and before the crowd's.
const GINA: u64 = 21;
const HUGO: u64 = 22;
const MACHINE: u64 = 23;
const SESSION: u64 = 24;
const ADDRESS: u64 = 25;

/// The refresh token of a session of Gina's: it works once, as every one.
const REFRESH_TOKEN: &str = "lssc_rt_sandbox-refresh-token";
/// The machine that nobody needs any more.
const OLD_MACHINE: ClientId = ClientId::from_bits(0x019b_76da_a800_7000_8000_0000_0000_0002);

/// Tells these stories.
pub(super) async fn make(app: &App, staff: PersonId) -> Result<(), Problem> {
    let gina = claims(&Story::new(app, GINA, Some(staff)).await?).await?;
    is_on_hold(&Story::new(app, HUGO, Some(staff)).await?).await?;
    old_machine(&Story::new(app, MACHINE, None).await?).await?;
    if let Some(cleo) = find(app, "cleo@demo.example").await? {
        second_address(&Story::new(app, ADDRESS, None).await?, cleo).await?;
    }
    let story = Story::new(app, SESSION, None).await?;
    let config = app.config.clone();
    story
        .on(story.today, Some(gina), move |tx| {
            sessions::begin(tx, gina, secrets::hash(REFRESH_TOKEN), &config).map(drop)
        })
        .await
}

/// Gina claims a membership, which the office has not looked at.
async fn claims(story: &Story<'_>) -> Result<PersonId, Problem> {
    let name = ("Gina", "Wright");
    let gina = story.registers(story.ago(20), name, "gina@people.example".to_owned(), None).await?;
    story
        .on(story.ago(15), Some(gina), move |tx| {
            let claim = Membership {
                id: tx.new_id(),
                person: gina,
                program: ProgramCode::lssc(),
                number: "2041877".to_owned(),
                state: MembershipState::Claimed,
                claimed_at: tx.now(),
                decided_at: None,
                valid_from: None,
                valid_until: None,
                version: 1,
            };
            tx.memberships().insert(&claim)?;
            let number = claim.number.clone();
            let claimed = PersonEvent::MembershipClaimed { membership: claim.id, number };
            tx.record(people::event(gina, claimed))?;
            Ok(gina)
        })
        .await
}

async fn second_address(story: &Story<'_>, person: PersonId) -> Result<(), Problem> {
    story
        .on(story.ago(15), Some(person), move |tx| {
            let address = "cleo.hart@people.example".to_owned();
            let email = Email {
                id: tx.new_id(),
                person,
                address: address.clone(),
                is_primary: false,
                verified_at: Some(tx.now()),
            };
            tx.people().insert_email(&email)?;
            let added = PersonEvent::EmailAdded { email: email.id, address: address.clone() };
            tx.record(people::event(person, added))?;
            let verified = PersonEvent::EmailVerified { email: email.id, address };
            tx.record(people::event(person, verified))?;
            Ok(())
        })
        .await
}

async fn is_on_hold(story: &Story<'_>) -> Result<(), Problem> {
    let name = ("Hugo", "Wright");
    let hugo =
        story.registers(story.ago(220), name, "hugo@people.example".to_owned(), None).await?;
    let candidacy = story.is_admitted(story.ago(200), hugo).await?;
    story.holds(story.ago(20), candidacy).await
}

async fn old_machine(story: &Story<'_>) -> Result<(), Problem> {
    story
        .on(story.ago(365), None, move |tx| {
            let (name, scopes) = ("Sync job of last year", vec!["people:read".to_owned()]);
            super::machines::make(tx, OLD_MACHINE, name, scopes, "sandbox-old-machine-secret")?;
            super::machines::gets_key(tx, OLD_MACHINE)?;
            super::machines::reads(tx, OLD_MACHINE)
        })
        .await
}
