//! Recognition agreements by example.

mod graduates;
mod texts;

use domain::{
    AchievementId, AgreementId, ApplicationId, AttachmentId, CandidacyId, CertificationId, Finding,
    GraduateId, OrganisationId, PersonId,
    agreement::{
        Agreement, AgreementAdvice, AgreementReview, AgreementState, AgreementStatus,
        AgreementTerms, College, Condition, GraduationCourse, ProgramKind, Signing, YearlyOutcome,
        graduate::{Graduate, GraduateState, Graduation},
    },
    application::Acceptance,
    candidacy::{Candidacy, Provisional},
    certificate::{Award, Certification, CheckName, Ground, Verdict},
    certification::{Method, term::CertificationStatus},
    competency::SetCode,
    completion::Achievement,
    course::review::Reviewer,
    decision::Refused,
    organisation::OrganisationStanding,
    program::ProgramCode,
    recognition::Coverage,
};

use crate::{
    courses::now,
    support::{day, found, framework, places, policy, set},
};

const COLLEGE: OrganisationId = OrganisationId::from_bits(7);

fn college() -> College {
    College {
        id: COLLEGE,
        program: ProgramCode::lssc(),
        name: "Example Community College".to_owned(),
        place: None,
        website: None,
        contact_email: None,
        standing: OrganisationStanding::default(),
        version: 1,
    }
}

/// A program of one course a set.
fn terms(sets: &[&str]) -> AgreementTerms {
    let course = |code: &&str| GraduationCourse {
        code: format!("LTA {code}"),
        title: format!("Course of {code}"),
        sets: vec![set(code)],
    };
    AgreementTerms {
        program_kind: ProgramKind::Certificate,
        program_title: "Library technology".to_owned(),
        requirements: sets.iter().map(course).collect(),
        conditions: Vec::new(),
    }
}

const FULL: [&str; 6] = ["FND", "COM", "TEC", "ACC", "CAT", "REF"];

fn adds(code: &str, graduated_from: Option<&str>) -> Condition {
    Condition {
        set: set(code),
        text: format!("Add {code} by its approved course"),
        course: None,
        graduated_from: graduated_from.map(day),
    }
}

fn reviewer(bits: u128) -> Reviewer {
    let person = PersonId::from_bits(bits);
    Reviewer {
        person,
        acts_for: Vec::new(),
        employers: Vec::new(),
        declared: Vec::new(),
        declared_names: Vec::new(),
    }
}

fn review(bits: u128, advice: AgreementAdvice) -> AgreementReview {
    let (reviewer, reviewed_on) = (PersonId::from_bits(bits), day("2024-01-10"));
    AgreementReview { reviewer, reviewed_on, advice, comment: None }
}

fn drafted(terms: AgreementTerms) -> Agreement {
    let when = (day("2024-01-02"), now());
    Agreement::draft(AgreementId::from_bits(1), &college(), terms, "office".into(), when).unwrap().0
}

fn reviewed(mut agreement: Agreement) -> Agreement {
    if agreement.state == AgreementState::Draft {
        agreement = agreement.submit(day("2024-01-05")).unwrap().0;
    }
    for bits in [11, 12] {
        let by = review(bits, AgreementAdvice::Approve);
        agreement = agreement.review(&reviewer(bits), &college(), by).unwrap().0;
    }
    agreement
}

fn signing(agreement: &Agreement, on: &str) -> Signing {
    let pending = &agreement.pending.as_ref().unwrap().terms;
    let coverage = pending.coverage(&framework(), &policy().certification, day(on)).unwrap();
    Signing { on: day(on), today: day("2026-01-01"), framework_version: 1, coverage }
}

fn sign(agreement: Agreement, on: &str) -> Result<Agreement, Refused> {
    let signing = signing(&agreement, on);
    agreement.sign(&signing, &policy().recognition).map(|(agreement, _)| agreement)
}

fn signed(terms: AgreementTerms) -> Agreement {
    sign(reviewed(drafted(terms)), "2024-03-01").unwrap()
}

fn graduation(on: &str) -> Graduation {
    let (name, email) = ("Ada Day".to_owned(), "ada@example.org".to_owned());
    Graduation { name, email, graduated_on: day(on) }
}

fn post(agreement: &Agreement, on: &str) -> Result<Graduate, Refused> {
    let policy = policy().recognition;
    Graduate::post(GraduateId::from_bits(1), agreement, graduation(on), &policy, now())
        .map(|(graduate, _)| graduate)
}

fn candidacy(admitted_on: &str) -> Candidacy {
    Candidacy {
        id: CandidacyId::from_bits(1),
        program: ProgramCode::lssc(),
        person: PersonId::from_bits(1),
        application: ApplicationId::from_bits(1),
        admitted_on: day(admitted_on),
        policy_version: 1,
        framework_version: 1,
        years: 4,
        holds: Vec::new(),
        extensions: Vec::new(),
        completed_on: None,
        withdrawn_on: None,
        provisional: None,
        version: 1,
    }
}
