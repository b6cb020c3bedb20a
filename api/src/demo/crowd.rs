//! About 300 people in every state, by a fixed seed.

use domain::{PersonId, application::ApplicationAct};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{catalog::Catalog, story::Story};
use crate::{app::App, problem::Problem};

/// Number of the first story of the crowd; the ones before are the personas'.
const FIRST_STORY: u64 = 100;
/// How many stories are told at once: the group commit takes them together.
const AT_ONCE: usize = 32;

const GIVEN: &[&str] = &[
    "Alma", "Bruno", "Carmen", "Dmitri", "Esther", "Farid", "Grace", "Hiro", "Imani", "Jonas",
    "Keiko", "Luis", "Maya", "Noor", "Olga", "Priya", "Quinn", "Rosa", "Samir", "Thuy",
];
const FAMILY: &[&str] = &[
    "Abbott", "Baker", "Chen", "Diaz", "Eze", "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen",
    "Kim", "Lopez", "Mbeki", "Nguyen", "Okafor", "Petrov", "Quispe", "Rossi", "Singh", "Tanaka",
];
const SETS: &[&str] = &["FND", "COM", "TEC", "ACC", "REF", "SUP"];

/// How a life of the crowd goes.
#[derive(Debug, Clone, Copy)]
enum Life {
    Registered,
    Draft,
    Submitted,
    SubmittedPaid,
    PartPaid,
    InReview,
    NeedsInformation,
    Refused,
    Withdrawn,
    Candidate(u64),
    OnHold,
    Expired,
    Certified,
    RenewalOpen,
    Grace,
    Lapsed,
}

/// How many people lead which life: 300 in all.
const LIVES: &[(Life, u64)] = &[
    (Life::Registered, 20),
    (Life::Draft, 30),
    (Life::Submitted, 16),
    (Life::SubmittedPaid, 10),
    (Life::PartPaid, 4),
    (Life::InReview, 20),
    (Life::NeedsInformation, 15),
    (Life::Refused, 15),
    (Life::Withdrawn, 15),
    (Life::Candidate(0), 15),
    (Life::Candidate(1), 15),
    (Life::Candidate(3), 20),
    (Life::Candidate(5), 20),
    (Life::OnHold, 10),
    (Life::Expired, 15),
    (Life::Certified, 30),
    (Life::RenewalOpen, 10),
    (Life::Grace, 5),
    (Life::Lapsed, 15),
];

/// Makes the crowd.
pub(super) async fn make(app: &App, staff: PersonId, catalog: &Catalog) -> Result<(), Problem> {
    let lives = LIVES
        .iter()
        .flat_map(|(life, count)| (0..*count).map(move |_| *life))
        .zip(0_u64..)
        .map(|(life, number)| tell(app, staff, catalog, life, number));
    stream::iter(lives).buffer_unordered(AT_ONCE).try_collect::<()>().await
}

async fn tell(
    app: &App,
    staff: PersonId,
    catalog: &Catalog,
    life: Life,
    number: u64,
) -> Result<(), Problem> {
    let story = Story::new(app, FIRST_STORY + number, Some(staff)).await?;
    let name = |names: &'static [&'static str], step: u64| {
        let place = usize::try_from(number / step).unwrap_or(0) % names.len();
        names.get(place).copied().unwrap_or("Robin")
    };
    let (given, family) = (name(GIVEN, 1), name(FAMILY, 7));
    let email =
        format!("{}.{}.{number}@people.example", given.to_lowercase(), family.to_lowercase());
    // A spread of days that the number decides: no two neighbours on the same one.
    let spread = number * 37 % 180;
    let began = match life {
        Life::Candidate(_) | Life::OnHold => 400 + spread,
        Life::Expired => 4 * 366 + 60 + spread,
        Life::Certified => 900 + spread,
        Life::RenewalOpen => 365 * 4 + spread,
        Life::Grace => 365 * 4 + 330 + number % 7,
        Life::Lapsed => 365 * 6 + spread,
        _ => 30 + spread,
    };
    let person = story.registers(story.ago(began + 5), (given, family), email, None).await?;
    match life {
        Life::Registered => Ok(()),
        Life::Draft
        | Life::Submitted
        | Life::SubmittedPaid
        | Life::PartPaid
        | Life::InReview
        | Life::NeedsInformation
        | Life::Refused
        | Life::Withdrawn => applies(&story, person, life, began).await,
        _ => studies(&story, person, catalog, life, began).await,
    }
}

/// Those who have not become candidates.
async fn applies(
    story: &Story<'_>,
    person: PersonId,
    life: Life,
    began: u64,
) -> Result<(), Problem> {
    // One in three of those who wait has too few hours: the office sees both kinds.
    let hours = if began.is_multiple_of(3) || matches!(life, Life::Refused) { 5.0 } else { 30.0 };
    let application = story.drafts(story.ago(began), person, hours).await?;
    if matches!(life, Life::Draft) {
        return Ok(());
    }
    let day = story.ago(began - 2);
    let submitted = story.acts(day, application, ApplicationAct::Submit).await?;
    match life {
        Life::SubmittedPaid => story.pays(day, submitted.invoice, 1).await?,
        Life::PartPaid => story.pays(day, submitted.invoice, 2).await?,
        Life::Withdrawn => {
            story.acts(story.ago(began - 4), application, ApplicationAct::Withdraw).await?;
        }
        Life::InReview | Life::NeedsInformation | Life::Refused => {
            story.pays(day, submitted.invoice, 1).await?;
            story.acts(story.ago(began - 4), application, ApplicationAct::Review).await?;
        }
        _ => {}
    }
    let next = match life {
        Life::NeedsInformation => Some(ApplicationAct::RequestInformation),
        Life::Refused => Some(ApplicationAct::Refuse),
        _ => None,
    };
    if let Some(act) = next {
        story.acts(story.ago(began - 9), application, act).await?;
    }
    Ok(())
}

/// Those who have.
async fn studies(
    story: &Story<'_>,
    person: PersonId,
    catalog: &Catalog,
    life: Life,
    began: u64,
) -> Result<(), Problem> {
    let candidacy = story.is_admitted(story.ago(began), person).await?;
    let sets = match life {
        Life::Candidate(sets) => sets,
        Life::OnHold | Life::Expired => 2,
        _ => 6,
    };
    for (set, place) in SETS.iter().zip(0..sets) {
        let day = story.ago(began - 30 - 25 * place);
        story.achieves(day, candidacy, set, catalog).await?;
    }
    if matches!(life, Life::OnHold) {
        story.holds(story.ago(60), candidacy).await?;
    }
    Ok(())
}
