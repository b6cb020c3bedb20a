//! Course proposals: the acts that reach beyond them, to files, the review fee, reviews and the catalog.

mod office;
mod reviews;

use domain::{
    AppealId, AttachmentId, BadFact, BundleId, Finding, InvoiceId,
    access::{Action, Caller, Facts},
    attachment::{Attachment, AttachmentOwner, AttachmentPurpose},
    competency::CompetencySet,
    course::{
        Course, Provider,
        bundle::Bundle,
        proposal::{CourseProposal, ProposalContent, ProposalEvent},
        review::ReviewState,
    },
    decision,
    event::Event,
    fees,
    ledger::Payer,
};
use persistence::{Constraint, Error, Optional, Page, ReviewFilter, Tx};

pub use office::*;
pub use reviews::*;

use super::{
    money::{self, NewInvoice},
    program::InForce,
};
use crate::problem::Problem;

/// An event of a proposal.
fn event(proposal: &CourseProposal, fact: ProposalEvent) -> Event<ProposalEvent> {
    Event {
        program: Some(proposal.program.clone()),
        subject: proposal.id.to_string(),
        person: None,
        fact,
    }
}

/// Stores a new draft with what happened to it: 409 where another renewal of the course is open.
pub fn begin(
    tx: &mut Tx<'_>,
    (draft, fact): (CourseProposal, ProposalEvent),
) -> Result<CourseProposal, Problem> {
    tx.proposals().insert(&draft).map_err(renewal_is_open)?;
    tx.record(event(&draft, fact))?;
    Ok(draft)
}

/// 409 where another renewal of the course is open.
fn renewal_is_open(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::ProposalsOneRenewal) => {
            Problem::conflict("A renewal of this course is proposed already.")
        }
        other => other.into(),
    }
}

/// Reopens a proposal whose decline an appeal set aside: it is in review again, with its reviews. 409 where
/// another renewal of the course was proposed meanwhile.
pub fn reopen_declined(
    tx: &mut Tx<'_>,
    proposal: CourseProposal,
    appeal: AppealId,
) -> Result<CourseProposal, Problem> {
    let (mut proposal, fact) = proposal.reopen(appeal)?;
    tx.proposals().save(&mut proposal).map_err(renewal_is_open)?;
    tx.record(event(&proposal, fact))?;
    Ok(proposal)
}

/// Saves a proposal with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut proposal, fact): (CourseProposal, ProposalEvent),
) -> Result<CourseProposal, Problem> {
    tx.proposals().save(&mut proposal)?;
    tx.record(event(&proposal, fact))?;
    Ok(proposal)
}

/// The course of a provider whose approval a proposal would renew: 422 when there is no such one.
pub fn renewed(
    tx: &mut Tx<'_>,
    provider: &Provider,
    course: Option<domain::CourseId>,
) -> Result<Option<Course>, Problem> {
    let Some(id) = course else { return Ok(None) };
    let found = tx.courses().get(id).found()?.filter(|course| course.provider == provider.id);
    let unknown =
        || BadFact::at("/renews_course_id", "unknown", "The provider has no such course.").into();
    found.map(Some).ok_or_else(unknown)
}

/// Refuses (422) what cannot be proposed: by the competency sets in force, files that are not the
/// provider's, a bundle that is not; and (409) a new course for a bundle that is no draft any more.
pub fn check(
    tx: &mut Tx<'_>,
    rules: &InForce,
    provider: &Provider,
    renews: bool,
    content: &ProposalContent,
) -> Result<(), Problem> {
    let mut bad = content.check(&rules.framework);
    let owner = AttachmentOwner::Organisation(provider.id);
    let files = [
        ("/syllabus_id", content.syllabus, AttachmentPurpose::Syllabus),
        ("/instructor_resume_id", content.instructor_resume, AttachmentPurpose::InstructorResume),
    ];
    for (pointer, file, purpose) in files {
        bad.extend(file_fault(tx, pointer, file, owner, purpose)?);
    }
    let bundle = match content.bundle {
        Some(id) => tx.bundles().get(id).found()?,
        None => None,
    };
    let fits = bundle.filter(|one| one.provider == provider.id && one.set == content.set);
    if content.bundle.is_some() && fits.is_none() {
        let detail = format!("The provider has no such bundle for {}.", content.set);
        bad.push(BadFact::at("/bundle_id", "unknown", detail));
    }
    if !bad.is_empty() {
        return Err(bad.into());
    }
    if let Some(bundle) = fits.filter(|_| !renews) {
        decision::by_state(vec![bundle.state_finding("propose a course for the bundle")])?;
    }
    Ok(())
}

fn file_fault(
    tx: &mut Tx<'_>,
    pointer: &str,
    file: Option<AttachmentId>,
    owner: AttachmentOwner,
    purpose: AttachmentPurpose,
) -> Result<Option<BadFact>, Problem> {
    let Some(id) = file else { return Ok(None) };
    Ok(match tx.attachments().get(id).found()? {
        Some(file) => file.check_use(pointer, owner, purpose),
        None => Some(BadFact::at(pointer, "unknown", "There is no such attachment.")),
    })
}

/// The competency set of a proposal, as it is in force: 422 when it is in force no more.
fn set_of<'r>(rules: &'r InForce, proposal: &CourseProposal) -> Result<&'r CompetencySet, Problem> {
    rules.framework.set(&proposal.content.set).ok_or_else(|| {
        let detail = format!("There is no competency set {}.", proposal.content.set);
        Problem::input("/set", "unknown", detail)
    })
}

/// The course whose approval a proposal renews.
fn course_of(tx: &mut Tx<'_>, proposal: &CourseProposal) -> Result<Option<Course>, Problem> {
    Ok(proposal.renews.map(|course| tx.courses().get(course)).transpose()?)
}

/// The bundle that a new course is to be a part of.
#[must_use]
pub fn bundle_of(proposal: &CourseProposal) -> Option<BundleId> {
    proposal.content.bundle.filter(|_| proposal.renews.is_none())
}

/// The finding on whether a bundle takes courses: it does while it is a draft.
#[must_use]
pub fn takes_finding(bundle: &Bundle) -> Finding {
    bundle.state_finding("take the course into the bundle")
}

/// The finding on the bundle, held, that a new course is to be a part of.
fn bundle_finding(tx: &mut Tx<'_>, proposal: &CourseProposal) -> Result<Option<Finding>, Problem> {
    let Some(id) = bundle_of(proposal) else { return Ok(None) };
    Ok(Some(takes_finding(&tx.bundles().get(id)?)))
}

/// What a submission is judged on beside the proposal.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// Its provider.
    pub provider: &'a Provider,
    /// The course whose approval it renews.
    pub course: Option<&'a Course>,
    /// The bundle of which a new course is to be a part.
    pub bundle: Option<&'a Bundle>,
}

/// Every finding on submitting a proposal today, but those on its state.
pub fn submission(
    rules: &InForce,
    proposal: &CourseProposal,
    beside: &Beside<'_>,
) -> Result<Vec<Finding>, Problem> {
    let mut findings = vec![beside.provider.standing.active_finding(rules.today)];
    findings.extend(proposal.renewal_findings(beside.course, rules.today));
    findings.extend(beside.bundle.map(takes_finding));
    findings.extend(proposal.completeness(set_of(rules, proposal)?));
    Ok(findings)
}

/// Hands a proposal in. The first submission issues the invoice of the review fee to the provider; handing
/// changes in issues none, and opens the reviews again that recommended them.
pub fn submit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    proposal: CourseProposal,
) -> Result<CourseProposal, Problem> {
    let owes = proposal.owes_fee_on_submission();
    let invoice = proposal.invoice.unwrap_or_else(|| tx.new_id());
    let provider = tx.providers().get(proposal.provider)?;
    let course = course_of(tx, &proposal)?;
    let set = set_of(rules, &proposal)?;
    let submitted = proposal.submit(invoice, (&provider, course.as_ref()), set, rules.today)?;
    decision::by_state(bundle_finding(tx, &submitted.0)?.into_iter().collect())?;
    if owes {
        issue_fee(tx, rules, &submitted.0, invoice)?;
    } else {
        reopen(tx, &submitted.0)?;
    }
    save(tx, submitted)
}

fn issue_fee(
    tx: &mut Tx<'_>,
    rules: &InForce,
    proposal: &CourseProposal,
    id: InvoiceId,
) -> Result<(), Problem> {
    let item = fees::Item { code: proposal.fee_code(), quantity: 1 };
    let quote = fees::quote(false, &[item], &rules.policy.fees)?;
    let invoice = NewInvoice {
        id,
        payer: Payer::Organisation(proposal.provider),
        application: None,
        order: None,
        lines: money::lines(&quote, false),
        due_on: None,
    };
    money::issue(tx, rules, invoice)?;
    Ok(())
}

/// Withdraws a proposal: what is owed of its fee is owed no more, and a part that was paid goes back.
pub fn withdraw(
    tx: &mut Tx<'_>,
    rules: &InForce,
    proposal: CourseProposal,
    reason: Option<String>,
) -> Result<CourseProposal, Problem> {
    let withdrawn = proposal.withdraw(reason)?;
    if let Some(invoice) = withdrawn.0.invoice {
        money::end(tx, rules, invoice, "The proposal was withdrawn.")?;
    }
    save(tx, withdrawn)
}

/// The finding on voiding an invoice by hand: no proposal waits for it.
pub fn void_finding(tx: &mut Tx<'_>, invoice: InvoiceId) -> Result<Finding, Problem> {
    let free = !tx.proposals().awaits(invoice)?;
    Ok(Finding::new(
        "invoice.no_proposal_waits",
        "FAQ 13",
        free,
        "an invoice that no proposal waits for",
        if free { "no proposal waits for it" } else { "the review fee of a proposal" },
        "The review fee of a proposal ends with it: the proposal is withdrawn or decided on.",
    ))
}

/// What access needs to know of a proposal for `caller`: whose it is, and whether the caller reviews it.
pub fn facts(
    tx: &mut Tx<'_>,
    caller: &Caller,
    proposal: &CourseProposal,
) -> Result<Facts, Problem> {
    let reviews = match caller.person() {
        Some(_) => tx.reviews().of(proposal.id)?,
        None => Vec::new(),
    };
    let reviewer = reviews.iter().find(|one| {
        Some(one.reviewer) == caller.person()
            && matches!(one.state, ReviewState::Assigned | ReviewState::Submitted)
    });
    let owner = reviewer.map(|one| one.reviewer);
    Ok(Facts { owner, organisation: Some(proposal.provider) })
}

/// Whether a proposal that `caller` reviews names a file.
pub fn shows(tx: &mut Tx<'_>, caller: &Caller, file: &Attachment) -> Result<bool, Problem> {
    let (Some(person), AttachmentOwner::Organisation(provider)) = (caller.person(), file.owner)
    else {
        return Ok(false);
    };
    let filter = ReviewFilter {
        reviewer: Some(person),
        provider: Some(provider),
        ..ReviewFilter::default()
    };
    let mut after = None;
    loop {
        let page = tx.reviews().list(&filter, Page { after, limit: 200 })?;
        let Some(last) = page.last() else { return Ok(false) };
        after = Some(last.id);
        for review in page {
            let proposal = tx.proposals().get(review.proposal)?;
            let files = [proposal.content.syllabus, proposal.content.instructor_resume];
            let facts = facts(tx, caller, &proposal)?;
            let reads = caller.may(Action::GetCourseProposal, &facts).is_ok();
            if reads && files.contains(&Some(file.id)) {
                return Ok(true);
            }
        }
    }
}
