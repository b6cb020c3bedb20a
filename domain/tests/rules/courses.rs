//! Courses by example: from the proposal over its review to bundles and offerings.

mod approvals;
mod proposals;

use chrono::{DateTime, Utc};
use domain::{
    AttachmentId, BundleId, CourseId, Finding, InvoiceId, OrganisationId, PersonId, ProposalId,
    ReviewId, Word,
    course::{
        Course, CourseDetails, Ending, EndingKind, Mode, Provider, ProviderKind,
        bundle::{Bundle, BundleGrounds},
        map::{self, MapEntry},
        offering::{Offering, OfferingDetails},
        price_cents,
        proposal::{Change, CourseProposal, Grounds, Part, ProposalContent, ProposalState},
        review::{
            Criterion, CriterionScore, Recommendation, Review, Reviewer, Rubric,
            assignment_findings,
        },
    },
    course_credit::{self, CreditFacts},
    decision::Refused,
    organisation::OrganisationStanding,
    portfolio::{DeclaredConflict, EvaluatorProfile},
    program::ProgramCode,
};

use crate::support::{day, found, framework, places, policy, set};

const PROVIDER: OrganisationId = OrganisationId::from_bits(1);
const PROPOSER: PersonId = PersonId::from_bits(2);

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn provider() -> Provider {
    Provider {
        id: PROVIDER,
        program: ProgramCode::lssc(),
        kind: ProviderKind::StateLibrary,
        name: "Example State Library".to_owned(),
        place: Some("Springfield, IL".to_owned()),
        website: None,
        contact_email: None,
        standing: OrganisationStanding::default(),
        version: 1,
    }
}

/// A map that says all of every competency of a set.
fn full_map(code: &str) -> Vec<MapEntry> {
    let entry = |one: &domain::competency::Competency| MapEntry {
        competency: one.code.clone(),
        content: "Unit 1".to_owned(),
        reading: "Chapter 1".to_owned(),
        assignment: "Essay".to_owned(),
        assessment: "Quiz".to_owned(),
    };
    framework().set(&set(code)).unwrap().competencies.iter().map(entry).collect()
}

fn content(code: &str) -> ProposalContent {
    ProposalContent {
        set: set(code),
        bundle: None,
        details: CourseDetails {
            title: "Foundations".to_owned(),
            modes: vec![Mode::Online],
            place: None,
            price: Some("$120".to_owned()),
            website: Some("https://example.org".to_owned()),
        },
        syllabus: Some(AttachmentId::from_bits(1)),
        instructor_resume: Some(AttachmentId::from_bits(2)),
        map: full_map(code),
    }
}

fn draft(content: ProposalContent, renews: Option<&Course>, today: &str) -> CourseProposal {
    let id = ProposalId::from_bits(1);
    let when = (day(today), now());
    CourseProposal::draft(id, &provider(), PROPOSER, renews, content, when).unwrap().0
}

fn submit(proposal: CourseProposal, today: &str) -> Result<CourseProposal, Refused> {
    let framework = framework();
    let set = framework.set(&proposal.content.set).unwrap().clone();
    proposal
        .submit(InvoiceId::from_bits(1), (&provider(), None), &set, day(today))
        .map(|(proposal, _)| proposal)
}

fn reviewer(bits: u128) -> Reviewer {
    Reviewer {
        person: PersonId::from_bits(bits),
        acts_for: Vec::new(),
        employers: Vec::new(),
        declared: Vec::new(),
        declared_names: Vec::new(),
    }
}

fn rubric(recommendation: Recommendation) -> Rubric {
    let score =
        |criterion: &Criterion| CriterionScore { criterion: *criterion, score: 3, comment: None };
    Rubric {
        scores: Criterion::ALL.iter().map(score).collect(),
        recommendation,
        comment: None,
        changes: Vec::new(),
    }
}

fn reviewed(proposal: &CourseProposal, person: u128, advice: Recommendation) -> Review {
    let id = ReviewId::from_bits(person);
    let pair = (proposal, &provider());
    let (review, _) = Review::assign(id, &reviewer(person), pair, &[], day("2026-01-10")).unwrap();
    let open = proposal.state_finding(domain::course::proposal::ProposalAct::HandInReview);
    review.submit(rubric(advice), open, day("2026-01-20")).unwrap().0
}

fn settled(is: bool) -> Finding {
    Finding::new("proposal.fee_settled", "FAQ 21", is, "paid", "?", "The fee is settled.")
}

fn grounds(reviews: Vec<Review>, today: &str) -> Grounds {
    let active = provider().standing.active_finding(day(today));
    let (fee, by) = (settled(true), "office".into());
    Grounds { reviews, fee, active, reason: None, by, today: day(today) }
}

fn in_review() -> CourseProposal {
    submit(draft(content("FND"), None, "2026-01-02"), "2026-01-05")
        .unwrap()
        .start_review()
        .unwrap()
        .0
}

pub(crate) fn course(bits: u128, code: &str, approved_on: &str) -> Course {
    let approved_on = day(approved_on);
    Course {
        id: CourseId::from_bits(bits),
        program: ProgramCode::lssc(),
        provider: PROVIDER,
        set: set(code),
        details: content(code).details,
        approved_on,
        ends_on: course_credit::approval_ends_on(approved_on, &policy().courses),
        renewals: 0,
        ended: None,
        bundle: None,
        proposal: None,
        version: 1,
    }
}
