//! What the office decides on a proposal, and what follows in the catalog.

use domain::{
    CourseId, Finding,
    course::{
        Course, CourseDetails, CourseEvent, Provider,
        proposal::{self, Change, CourseProposal, Grounds},
        review::Review,
    },
    decision,
    event::Event,
    invoice::Invoice,
};
use persistence::Tx;

use super::{bundle_finding, course_of, save};
use crate::{flows::program::InForce, problem::Problem};

fn event(course: &Course, fact: CourseEvent) -> Event<CourseEvent> {
    Event {
        program: Some(course.program.clone()),
        subject: course.id.to_string(),
        person: None,
        fact,
    }
}

/// The finding on whether the review fee is settled, by its invoice.
#[must_use]
pub fn fee_finding(invoice: Option<&Invoice>) -> Finding {
    match invoice {
        Some(invoice) => invoice.settled("proposal.fee_settled"),
        None => Finding::new(
            "proposal.fee_settled",
            "FAQ 13",
            false,
            "an invoice that is paid",
            "no invoice",
            "The review fee is settled.",
        ),
    }
}

/// What a decision on a proposal of a provider rests on: its reviews, whether the review fee is settled, the
/// reason and who decides.
#[must_use]
pub fn grounds_of(
    rules: &InForce,
    provider: &Provider,
    fee: Finding,
    reviews: Vec<Review>,
    (reason, by): (Option<String>, String),
) -> Grounds {
    let active = provider.standing.active_finding(rules.today);
    Grounds { reviews, fee, active, reason, by, today: rules.today }
}

/// The same, read for a decision.
pub fn grounds(
    tx: &mut Tx<'_>,
    rules: &InForce,
    proposal: &CourseProposal,
    reason: Option<String>,
    by: String,
) -> Result<Grounds, Problem> {
    let invoice = proposal.invoice.map(|id| tx.invoices().load(id)).transpose()?;
    let provider = tx.providers().get(proposal.provider)?;
    let reviews = tx.reviews().of(proposal.id)?;
    let fee = fee_finding(invoice.as_ref());
    Ok(grounds_of(rules, &provider, fee, reviews, (reason, by)))
}

/// Asks the provider for changes: 422 where they name what the set does not have.
pub fn request_changes(
    tx: &mut Tx<'_>,
    rules: &InForce,
    proposal: CourseProposal,
    changes: Vec<Change>,
) -> Result<CourseProposal, Problem> {
    let bad = proposal::check_changes(&changes, &proposal.content.set, &rules.framework);
    if !bad.is_empty() {
        return Err(bad.into());
    }
    save(tx, proposal.request_changes(changes)?)
}

/// Approves a proposal: its course is in the catalog from today on, or its approval goes on without a gap.
pub fn approve(
    tx: &mut Tx<'_>,
    rules: &InForce,
    proposal: CourseProposal,
    grounds: &Grounds,
) -> Result<CourseProposal, Problem> {
    let policy = &rules.policy.courses;
    if let Some(course) = course_of(tx, &proposal)? {
        let before = course.details.clone();
        let submitted_with = submitted_with(tx, &proposal, &course)?;
        let (proposal, mut course, fact, renewed) =
            proposal.approve_renewal(course, &submitted_with, grounds, policy)?;
        tx.courses().save(&mut course)?;
        tx.record(event(&course, renewed))?;
        if before != course.details {
            let after = course.details.clone();
            tx.record(event(&course, CourseEvent::Updated { before, after }))?;
        }
        return save(tx, (proposal, fact));
    }
    let id: CourseId = tx.new_id();
    let (proposal, course, fact, approved) = proposal.approve(id, grounds, policy)?;
    decision::by_state(bundle_finding(tx, &proposal)?.into_iter().collect())?;
    tx.courses().insert(&course)?;
    tx.record(event(&course, approved))?;
    save(tx, (proposal, fact))
}

/// What the catalog told of a course when the proposal to renew it was first submitted: what the first change
/// after that found, else what it tells now.
fn submitted_with(
    tx: &mut Tx<'_>,
    proposal: &CourseProposal,
    course: &Course,
) -> Result<CourseDetails, Problem> {
    let told = tx.events().history(&proposal.id.to_string())?;
    let submitted = told.iter().find(|one| one.event_type == "proposal.submitted");
    let Some(submitted) = submitted else { return Ok(course.details.clone()) };
    let changes = tx.events().history(&course.id.to_string())?;
    let first = changes
        .into_iter()
        .find(|one| one.event_type == "course.updated" && one.at >= submitted.at);
    let Some(mut first) = first else { return Ok(course.details.clone()) };
    let before = first.data.get_mut("before").map(serde_json::Value::take).unwrap_or_default();
    serde_json::from_value(before).map_err(|error| Problem::internal(error.to_string()))
}

/// Declines a proposal with the reason of `grounds`.
pub fn decline(
    tx: &mut Tx<'_>,
    rules: &InForce,
    proposal: CourseProposal,
    grounds: &Grounds,
) -> Result<CourseProposal, Problem> {
    save(tx, proposal.decline(grounds, &rules.policy.courses)?)
}
