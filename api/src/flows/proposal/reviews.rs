//! Reviews of a proposal: assigned by the office, handed in by the reviewer.

use chrono::NaiveDate;
use domain::{
    Finding, PersonId, ReviewId,
    access::Role,
    course::{
        proposal::{self, CourseProposal, ProposalAct, ProposalState},
        review::{Review, ReviewEvent, Rubric},
    },
    decision,
    event::Event,
};
use persistence::{Constraint, Error, Tx};

use super::save;
use crate::{
    flows::{agreement, program::InForce},
    problem::Problem,
};

fn event(review: &Review, fact: ReviewEvent) -> Event<ReviewEvent> {
    Event {
        program: Some(review.program.clone()),
        subject: review.id.to_string(),
        person: Some(review.reviewer),
        fact,
    }
}

/// Saves a review with what happened to it.
pub fn save_review(
    tx: &mut Tx<'_>,
    (mut review, fact): (Review, ReviewEvent),
) -> Result<Review, Problem> {
    tx.reviews().save(&mut review)?;
    tx.record(event(&review, fact))?;
    Ok(review)
}

/// The finding on whether somebody is one who reviews: an evaluator, or of the office.
fn reviews_at_all(tx: &mut Tx<'_>, person: PersonId) -> Result<Finding, Problem> {
    let grants = tx.grants().of(person)?;
    let is_one = grants.iter().any(|grant| {
        grant.ended_at.is_none() && matches!(grant.role, Role::Evaluator | Role::Staff)
    });
    Ok(Finding::new(
        "review.reviewer",
        "FAQ 13",
        is_one,
        "an evaluator, or of the office",
        if is_one { "one of them" } else { "neither" },
        "A proposal is reviewed by an evaluator or by the office.",
    ))
}

/// Assigns a reviewer: 422 by a conflict of interest. The first one takes the proposal into review.
pub fn assign(
    tx: &mut Tx<'_>,
    proposal: CourseProposal,
    reviewer: PersonId,
    today: NaiveDate,
) -> Result<(CourseProposal, Review), Problem> {
    decision::by_state(vec![proposal.assignable()])?;
    decision::by_rule(vec![reviews_at_all(tx, reviewer)?])?;
    let provider = tx.providers().get(proposal.provider)?;
    let others = tx.reviews().of(proposal.id)?;
    let reviewer = agreement::reviewer(tx, &proposal.program, reviewer)?;
    let id: ReviewId = tx.new_id();
    let (review, fact) = Review::assign(id, &reviewer, (&proposal, &provider), &others, today)?;
    let proposal = if proposal.state == ProposalState::Submitted {
        save(tx, proposal.start_review()?)?
    } else {
        proposal
    };
    tx.reviews().insert(&review).map_err(|error| match error {
        Error::Conflict(Constraint::ReviewsOnce) => {
            Problem::conflict("They are assigned to the proposal already.")
        }
        other => other.into(),
    })?;
    tx.record(event(&review, fact))?;
    Ok((proposal, review))
}

/// Hands a review in: 422 by what its rubric says, 409 by the state of the review or the proposal.
pub fn hand_in(
    tx: &mut Tx<'_>,
    rules: &InForce,
    review: Review,
    rubric: Rubric,
) -> Result<Review, Problem> {
    let proposal = tx.proposals().get(review.proposal)?;
    let mut bad = rubric.check();
    if bad.is_empty() && !rubric.changes.is_empty() {
        let set = &proposal.content.set;
        bad = proposal::check_changes(&rubric.changes, set, &rules.framework);
    }
    if !bad.is_empty() {
        return Err(bad.into());
    }
    let reviewable = proposal.state_finding(ProposalAct::HandInReview);
    save_review(tx, review.submit(rubric, reviewable, rules.today)?)
}

/// Opens the reviews again that recommended the changes which are handed in now.
pub(super) fn reopen(tx: &mut Tx<'_>, proposal: &CourseProposal) -> Result<(), Problem> {
    for review in tx.reviews().of(proposal.id)? {
        if let Some(reopened) = review.reopen() {
            save_review(tx, reopened)?;
        }
    }
    Ok(())
}
