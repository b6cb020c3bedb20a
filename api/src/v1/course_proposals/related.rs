//! What acts on proposals are judged on besides them, read once for a page of them.

use std::collections::BTreeMap;

use domain::{
    BundleId, CourseId, InvoiceId, OrganisationId, ProposalId,
    access::Action,
    course::{
        Course, Provider,
        bundle::Bundle,
        proposal::{CourseProposal, ProposalState},
        review::Review,
    },
    invoice::Invoice,
    program::ProgramCode,
};
use persistence::Tx;

use super::{deciding, views::Judged};
use crate::{
    app::App,
    call::Call,
    flows::{
        program::{self, InForce},
        proposal::{self, Beside},
    },
    problem::Problem,
};

/// What is told of a proposal to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judges {
    Submission,
    Decision,
    Nothing,
}

fn judges(call: &Call, proposal: &CourseProposal) -> Judges {
    let may = |action| call.allow(action, &deciding(proposal)).is_ok();
    match proposal.state {
        ProposalState::Draft | ProposalState::ChangesRequested
            if may(Action::SubmitCourseProposal) =>
        {
            Judges::Submission
        }
        ProposalState::InReview if may(Action::ApproveCourseProposal) => Judges::Decision,
        _ => Judges::Nothing,
    }
}

/// What proposals rest on: a statement for each kind of it.
#[derive(Default)]
pub(super) struct Related {
    rules: BTreeMap<ProgramCode, InForce>,
    providers: BTreeMap<OrganisationId, Provider>,
    courses: BTreeMap<CourseId, Course>,
    bundles: BTreeMap<BundleId, Bundle>,
    invoices: BTreeMap<InvoiceId, Invoice>,
    reviews: BTreeMap<ProposalId, Vec<Review>>,
}

impl Related {
    /// What the caller is told of these proposals.
    pub(super) fn of(
        app: &App,
        tx: &mut Tx<'_>,
        call: &Call,
        proposals: &[CourseProposal],
    ) -> Result<Self, Problem> {
        let told: Vec<_> =
            proposals.iter().filter(|one| judges(call, one) != Judges::Nothing).collect();
        let mut related = Self::default();
        for one in &told {
            if !related.rules.contains_key(&one.program) {
                let rules = program::in_force(app, tx, &one.program)?;
                related.rules.insert(one.program.clone(), rules);
            }
        }
        let providers: Vec<_> = told.iter().map(|one| one.provider).collect();
        let courses: Vec<_> = told.iter().filter_map(|one| one.renews).collect();
        let bundles: Vec<_> = told.iter().filter_map(|one| proposal::bundle_of(one)).collect();
        let decided = || told.iter().filter(|one| judges(call, one) == Judges::Decision);
        let invoices: Vec<_> = decided().filter_map(|one| one.invoice).collect();
        let reviewed: Vec<_> = decided().map(|one| one.id).collect();
        let found = tx.providers().by_ids(&providers)?.into_iter();
        related.providers = found.map(|one| (one.id, one)).collect();
        let found = tx.courses().by_ids(&courses)?.into_iter();
        related.courses = found.map(|one| (one.id, one)).collect();
        let found = tx.bundles().by_ids(&bundles)?.into_iter();
        related.bundles = found.map(|one| (one.id, one)).collect();
        let found = tx.invoices().load_all(&invoices)?.into_iter();
        related.invoices = found.map(|one| (one.id, one)).collect();
        for review in tx.reviews().of_proposals(&reviewed)? {
            related.reviews.entry(review.proposal).or_default().push(review);
        }
        Ok(related)
    }

    /// What the acts that the caller may do to a proposal would be judged on.
    pub(super) fn judged(&self, call: &Call, proposal: &CourseProposal) -> Result<Judged, Problem> {
        let told = judges(call, proposal);
        let mut judged = Judged::default();
        if told == Judges::Nothing {
            return Ok(judged);
        }
        let rules = self.rules.get(&proposal.program).ok_or_else(Problem::not_found)?;
        let provider = self.providers.get(&proposal.provider).ok_or_else(Problem::not_found)?;
        let bundle = proposal::bundle_of(proposal).and_then(|id| self.bundles.get(&id));
        if told == Judges::Submission {
            let course = proposal.renews.and_then(|id| self.courses.get(&id));
            let beside = Beside { provider, course, bundle };
            judged.submission = proposal::submission(rules, proposal, &beside)?;
            return Ok(judged);
        }
        let invoice = proposal.invoice.and_then(|id| self.invoices.get(&id));
        let reviews = self.reviews.get(&proposal.id).cloned().unwrap_or_default();
        let fee = proposal::fee_finding(invoice);
        let grounds = proposal::grounds_of(rules, provider, fee, reviews, (None, call.actor()));
        judged.approval = proposal.approval_findings(&grounds, &rules.policy.courses);
        judged.approval.extend(bundle.map(proposal::takes_finding));
        judged.decline = vec![grounds.reviews_finding(&rules.policy.courses)];
        Ok(judged)
    }
}
