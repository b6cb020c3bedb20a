//! Certificates: their numbers, their holders, and what anyone may verify of them (FAQ 4, 19, 20).

mod condition;
mod measure;
mod number;
pub mod selection;
mod terms;
mod verification;

pub use measure::{
    Measure, MeasureKind, MeasureOrder, MeasureReason, MeasureState, PublicMeasure, Reinstatement,
    Reversal, check_days,
};
pub use number::{CertificateNumber, NotACertificateNumber};
pub use terms::{Renewed, Term, TermDates};
pub use verification::{Check, CheckName, Verdict, Verification};

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    AchievementId, CandidacyId, CertificationId, Finding, PersonId, RenewalId,
    candidacy::Candidacy, certification::term, competency::SetCode, facts, policy::Policy,
    program::ProgramCode, recognition,
};

/// A certification: six competency sets achieved, held in terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certification {
    /// Identity.
    pub id: CertificationId,
    /// The program.
    pub program: ProgramCode,
    /// The holder.
    pub person: PersonId,
    /// The candidacy that led to it.
    pub candidacy: CandidacyId,
    /// The number that people type.
    pub number: CertificateNumber,
    /// The name as printed.
    pub holder_name: String,
    /// The day on which the requirement was first met: the first day of the first term.
    pub completed_on: NaiveDate,
    /// The day of the award.
    pub awarded_on: NaiveDate,
    /// How many renewals were granted.
    pub renewals: u32,
    /// The renewals that were granted, each with the dates of the term that it followed.
    pub renewed: Vec<Renewed>,
    /// Last day of the present term.
    pub expires_on: NaiveDate,
    /// First day on which a renewal can be submitted.
    pub renewal_opens_on: NaiveDate,
    /// Last day of the grace period.
    pub grace_ends_on: NaiveDate,
    /// Whether the public reads `certified` in the grace period.
    pub grace_is_certified: bool,
    /// The last day on which it holds unless its holder shows the hours: its public condition
    /// (FAQ 12, `work_hours`). None where it was awarded without.
    pub provisional_until: Option<NaiveDate>,
    /// The day on which the hours were shown: the condition is met from it on.
    pub condition_met_on: Option<NaiveDate>,
    /// The achievements on which it rests, in the order of the framework.
    pub achievements: Vec<Ground>,
    /// Every suspension and revocation that was decided, in order; reversed ones stay.
    pub measures: Vec<Measure>,
    /// Every edition in print, the first one first.
    pub editions: Vec<Edition>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// One print of a certificate. A reissue has the same number and the next edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Edition {
    /// 1 at the award.
    pub edition: u32,
    /// The name as printed.
    pub holder_name: String,
    /// The day of the print.
    pub issued_on: NaiveDate,
}

/// An achievement on which a certification rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Ground {
    /// The achievement.
    pub achievement: AchievementId,
    /// Its set.
    pub set: SetCode,
    /// The day from which it counts.
    pub achieved_on: NaiveDate,
}

/// What an award is made of, besides the candidacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Identity of the certification.
    pub id: CertificationId,
    /// Its number.
    pub number: CertificateNumber,
    /// The name to print.
    pub holder_name: String,
    /// The day on which the requirement was first met.
    pub completed_on: NaiveDate,
    /// What it rests on.
    pub achievements: Vec<Ground>,
}

impl Certification {
    /// Awards the certification of a candidacy whose requirement was met on `award.completed_on`:
    /// the candidacy is complete, the first term begins (FAQ 19). Where the candidate still owes the
    /// hours of work, it is provisional (FAQ 12).
    #[must_use]
    pub fn award(
        mut candidacy: Candidacy,
        award: Award,
        policy: &Policy,
        today: NaiveDate,
    ) -> (Candidacy, Self, CertificationEvent) {
        let expires_on = term::expires_on(award.completed_on, 0, policy);
        let (renewal_opens_on, grace_ends_on) = term::renewal_window(expires_on, policy);
        candidacy.completed_on = Some(award.completed_on);
        let holder_name = award.holder_name.clone();
        let certification = Self {
            id: award.id,
            program: candidacy.program.clone(),
            person: candidacy.person,
            candidacy: candidacy.id,
            number: award.number,
            holder_name: award.holder_name,
            completed_on: award.completed_on,
            awarded_on: today,
            renewals: 0,
            renewed: Vec::new(),
            expires_on,
            renewal_opens_on,
            grace_ends_on,
            grace_is_certified: policy.renewal.grace_is_certified,
            provisional_until: candidacy
                .owes_hours()
                .then(|| recognition::provisional_ends_on(today, &policy.recognition)),
            condition_met_on: None,
            achievements: award.achievements,
            measures: Vec::new(),
            editions: vec![Edition { edition: 1, holder_name, issued_on: today }],
            version: 1,
        };
        let event = CertificationEvent::Awarded { after: Box::new(certification.clone()) };
        (candidacy, certification, event)
    }
}

/// The finding on whether a candidacy can still lead to an award.
#[must_use]
pub fn not_awarded(candidacy: &Candidacy) -> Finding {
    let open = candidacy.completed_on.is_none() && candidacy.withdrawn_on.is_none();
    Finding::new(
        "certification.not_awarded",
        "life cycle",
        open,
        "neither certified nor withdrawn",
        if open { "neither" } else { "certified or withdrawn" },
        "One certification is awarded for a candidacy that was not withdrawn.",
    )
}

facts! {
    /// What happens to certifications.
    pub enum CertificationEvent {
        /// It was awarded.
        Awarded = "certification.awarded" { after: Box<Certification> },
        /// A renewal was granted: another term follows.
        Renewed = "certification.renewed" { renewal: RenewalId, before: NaiveDate, after: NaiveDate },
        /// The hours of a provisional one were shown.
        ConditionMet = "certification.condition_met" { met_on: NaiveDate, findings: Vec<Finding> },
        /// It was suspended.
        Suspended = "certification.suspended" { measure: PublicMeasure },
        /// A suspension ends: from `effective_on` on it is in force again.
        Reinstated = "certification.reinstated" { measure: u32, effective_on: NaiveDate, reason: String },
        /// It was revoked.
        Revoked = "certification.revoked" { measure: PublicMeasure },
        /// A suspension or revocation was wrong: it never counted.
        MeasureReversed = "certification.measure_reversed" { measure: u32, kind: MeasureKind, reason: String },
        /// It was printed anew under its number: the holder has another name.
        Reissued = "certification.reissued" { edition: u32, before: String, after: String },
        /// It followed the correction of an achievement on which it rests.
        Corrected = "certification.corrected" { before: NaiveDate, after: NaiveDate, achievements: Vec<Ground>, reason: String },
    }
}
