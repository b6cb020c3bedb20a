//! Recognition agreements: what reaches beyond them, to colleges, competency sets and reviewers.

use chrono::NaiveDate;
use domain::{
    BadFact, PersonId,
    access::Role,
    agreement::{Agreement, AgreementEvent, AgreementTerms, Signing},
    course::review::Reviewer,
    event::Event,
    program::ProgramCode,
    recognition::CoverageOutcome,
};
use persistence::{ApplicationFilter, Error, Optional, Page, Tx};

use super::program::InForce;
use crate::problem::Problem;

/// An event of an agreement.
fn event(agreement: &Agreement, fact: AgreementEvent) -> Event<AgreementEvent> {
    Event {
        program: Some(agreement.program.clone()),
        subject: agreement.id.to_string(),
        person: None,
        fact,
    }
}

/// Stores a new draft with what happened to it.
pub fn begin(
    tx: &mut Tx<'_>,
    (draft, fact): (Agreement, AgreementEvent),
) -> Result<Agreement, Problem> {
    tx.agreements().insert(&draft)?;
    tx.record(event(&draft, fact))?;
    Ok(draft)
}

/// Saves an agreement with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut agreement, fact): (Agreement, AgreementEvent),
) -> Result<Agreement, Problem> {
    tx.agreements().save(&mut agreement)?;
    tx.record(event(&agreement, fact))?;
    Ok(agreement)
}

/// Refuses (422) terms that cannot be: by the competency sets in force, and conditions whose course is
/// not one of the catalog for their set.
pub fn check(tx: &mut Tx<'_>, rules: &InForce, terms: &AgreementTerms) -> Result<(), Problem> {
    let mut bad = terms.check(&rules.framework);
    for (place, condition) in terms.conditions.iter().enumerate() {
        let Some(id) = condition.course else { continue };
        let known = match tx.courses().get(id) {
            Ok(course) => course.program == rules.program.code && course.set == condition.set,
            Err(Error::NotFound) => false,
            Err(error) => return Err(error.into()),
        };
        if !known {
            let detail = format!("There is no such course for {}.", condition.set);
            bad.push(BadFact::at(format!("/conditions/{place}/course_id"), "unknown", detail));
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(bad.into()) }
}

/// What a text covers of those who graduate on `day`, by the policy and the competency sets in force. A
/// set that is no longer one of them covers nothing.
pub fn coverage(
    rules: &InForce,
    terms: &AgreementTerms,
    day: NaiveDate,
) -> Result<CoverageOutcome, Problem> {
    let mut known = terms.clone();
    for course in &mut known.requirements {
        course.sets.retain(|set| rules.framework.set(set).is_some());
    }
    known.coverage(&rules.framework, &rules.policy.certification, day).map_err(Problem::from)
}

/// What signing the pending text on `on`, or adopting it, is judged on; none where nothing is pending.
pub fn signing(
    rules: &InForce,
    agreement: &Agreement,
    on: NaiveDate,
) -> Result<Option<Signing>, Problem> {
    let Some(pending) = &agreement.pending else { return Ok(None) };
    Ok(Some(Signing {
        on,
        today: rules.today,
        framework_version: rules.framework_version,
        coverage: coverage(rules, &pending.terms, on)?,
    }))
}

/// What is known of somebody who would review: for whom they act, where they stated that they work, and
/// with whom they declared a conflict of interest, in a review or in their profile as an evaluator.
pub fn reviewer(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    person: PersonId,
) -> Result<Reviewer, Problem> {
    let grants = tx.grants().of(person)?;
    let standing = grants.into_iter().filter(|grant| grant.ended_at.is_none());
    let acting = standing
        .filter(|grant| matches!(grant.role, Role::Provider | Role::College | Role::Institution));
    let acts_for = acting.filter_map(|grant| grant.organisation).collect();
    let filter = ApplicationFilter { person: Some(person), ..ApplicationFilter::default() };
    let applications = tx.applications().list(&filter, Page { after: None, limit: 100 })?;
    let jobs = applications.into_iter().flat_map(|one| one.statements.jobs);
    let employers = jobs.filter(|job| job.ended_on.is_none()).map(|job| job.library).collect();
    let declared = tx.reviews().declared_by(person)?;
    let reviewer = Reviewer { person, acts_for, employers, declared, declared_names: Vec::new() };
    let evaluator = tx.evaluators().get(program, person).found()?;
    Ok(match evaluator {
        Some(evaluator) => reviewer.with_profile(evaluator.profile),
        None => reviewer,
    })
}
