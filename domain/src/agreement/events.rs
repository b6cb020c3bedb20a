//! Colleges, and what happens to them and their agreements.

use chrono::NaiveDate;
use serde::Serialize;

use super::{AgreementReview, AgreementState, AgreementTerms, AgreementVersion, YearlyReview};
use crate::{
    AppealId, OrganisationId, facts, organisation::OrganisationStanding, program::ProgramCode,
};

/// A college, whose graduates may be recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct College {
    /// Identity.
    pub id: OrganisationId,
    /// The program.
    pub program: ProgramCode,
    /// Its name, unique in the program.
    pub name: String,
    /// City and state.
    pub place: Option<String>,
    /// Its website, an `https` address.
    pub website: Option<String>,
    /// Where to ask, an e-mail address.
    pub contact_email: Option<String>,
    /// Whether it acts, and who speaks first for it.
    pub standing: OrganisationStanding,
    /// Version of the record, 1 at first.
    pub version: i64,
}

facts! {
    /// What happens to colleges.
    pub enum CollegeEvent {
        /// A college was recorded.
        Recorded = "college.recorded" { after: Box<College> },
        /// A college changed.
        Updated = "college.updated" { before: Box<College>, after: Box<College> },
    }
}

facts! {
    /// What happens to agreements.
    pub enum AgreementEvent {
        /// A draft was begun.
        Drafted = "agreement.drafted" { college: OrganisationId, after: AgreementTerms },
        /// The draft changed.
        Updated = "agreement.updated" { before: Option<AgreementTerms>, after: AgreementTerms },
        /// It was handed to the reviewers.
        Submitted = "agreement.submitted" { on: NaiveDate },
        /// It, or a change of it, was reviewed.
        Reviewed = "agreement.reviewed" { review: AgreementReview },
        /// It was handed back to be changed.
        SentBack = "agreement.sent_back" { reason: String },
        /// It was given up.
        Withdrawn = "agreement.withdrawn" { reason: Option<String> },
        /// It was signed.
        Signed = "agreement.signed" { signed_on: NaiveDate, ends_on: NaiveDate, after: AgreementVersion },
        /// A change was asked for.
        ChangeRequested = "agreement.change_requested" { reason: String, after: AgreementTerms },
        /// The change came into force as a new version.
        Changed = "agreement.changed" { after: AgreementVersion },
        /// The change was dropped.
        ChangeDropped = "agreement.change_dropped" { reason: String },
        /// A yearly review was held.
        ReviewedYearly = "agreement.reviewed_yearly" { review: YearlyReview },
        /// It was ended.
        Ended = "agreement.ended" { ended_on: NaiveDate, reason: String },
        /// Its sending back, or its end, was set aside by an appeal.
        Reopened = "agreement.reopened" { appeal: AppealId, before: AgreementState },
    }
}
