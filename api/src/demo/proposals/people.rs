//! Who acts for Paul's provider, who reviews beside Eva, and a provider that acts no more.

use domain::{
    OrganisationId, PersonId,
    access::Role,
    course::{CourseEvent, Provider, ProviderKind},
    event::Event,
    organisation::OrganisationStanding,
    program::ProgramCode,
};

use super::Story;
use crate::{
    app::App,
    demo::people::grant,
    flows::organisation::{self, Organisation},
    problem::Problem,
};

/// Paul is the primary contact; Pia acts for the provider too, Quentin is invited. Rita, who reviews.
pub(super) async fn make(
    story: &Story<'_>,
    app: &App,
    paul: PersonId,
    provider: OrganisationId,
) -> Result<PersonId, Problem> {
    let since = story.ago(364);
    let pia = person(story, ("Pia", "Stone"), "pia@provider.example").await?;
    grant(story, since, pia, Role::Provider, Some(provider)).await?;
    let rita = person(story, ("Rita", "Rowe"), "rita@people.example").await?;
    grant(story, since, rita, Role::Evaluator, None).await?;
    let key = app.auth.mac_key()?.to_vec();
    story
        .on(since, Some(paul), move |tx| {
            let organisation = Organisation::get(tx, provider)?;
            organisation::welcome(tx, organisation, paul).map(drop)
        })
        .await?;
    story
        .on(story.ago(2), Some(paul), move |tx| {
            let organisation = Organisation::get(tx, provider)?;
            let address = "quentin@provider.example".to_owned();
            organisation::invite(tx, &key, &organisation, address).map(drop)
        })
        .await?;
    deactivated(story).await?;
    Ok(rita)
}

async fn person(story: &Story<'_>, name: (&str, &str), address: &str) -> Result<PersonId, Problem> {
    story.registers(story.ago(370), name, address.to_owned(), None).await
}

async fn deactivated(story: &Story<'_>) -> Result<(), Problem> {
    let day = story.ago(90);
    story
        .on(day, None, move |tx| {
            let provider = Provider {
                id: tx.new_id(),
                program: ProgramCode::lssc(),
                kind: ProviderKind::IndividualConsultant,
                name: "Closed Chapter Training".to_owned(),
                place: Some("Reno, NV".to_owned()),
                website: None,
                contact_email: None,
                standing: OrganisationStanding::default(),
                version: 1,
            };
            tx.providers().insert(&provider)?;
            tx.record(Event {
                program: Some(provider.program.clone()),
                subject: provider.id.to_string(),
                person: None,
                fact: CourseEvent::ProviderRecorded { after: provider.clone() },
            })?;
            let reason = "The consultant retired.".to_owned();
            let changed = provider.standing.clone().deactivate(reason, day)?;
            Organisation::Provider(provider).stand(tx, changed).map(drop)
        })
        .await
}
