//! Recognition agreements with colleges (FAQ 12, 16): draft -> in review -> signed -> ended. A change
//! of a signed one is reviewed like the first text, and becomes its next version.

mod acts;
mod events;
pub mod graduate;
mod terms;
mod yearly;

pub use acts::Signing;
pub use events::{AgreementEvent, College, CollegeEvent};
pub use terms::{AgreementTerms, Condition, GraduationCourse, MAX_REQUIREMENTS, ProgramKind};
pub use yearly::{OPENS_MONTHS, YearlyOutcome, YearlyReview};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AgreementId, Finding, OrganisationId, PersonId, decision, program::ProgramCode,
    recognition::Coverage, words,
};

/// Reviews that an agreement, and a change of one, needs: two, by two people (set).
pub const REVIEWS_NEEDED: usize = 2;

words! {
    /// How far an agreement got.
    pub enum AgreementState {
        /// Being written.
        Draft = "draft",
        /// Two people review it.
        InReview = "in_review",
        /// Signed; where it stands on a day is [`AgreementStatus`].
        Signed = "signed",
        /// Ended before its last day.
        Ended = "ended",
        /// Given up before it was signed.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Where an agreement stands on a day. Computed, never stored.
    pub enum AgreementStatus {
        /// Being written.
        Draft = "draft",
        /// In review, or not signed yet on that day.
        InReview = "in_review",
        /// Signed: graduates are recognised.
        InForce = "in_force",
        /// Its years are over; earlier graduations still count.
        Expired = "expired",
        /// Ended before its last day; earlier graduations still count.
        Ended = "ended",
        /// Given up before it was signed.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What can be done to an agreement.
    pub enum AgreementAct {
        /// Change the draft.
        Update = "update",
        /// Hand it to the reviewers.
        Submit = "submit",
        /// Review it, or a change of it.
        Review = "review",
        /// Hand it back to be changed.
        SendBack = "send_back",
        /// Give it up.
        Withdraw = "withdraw",
        /// Sign it.
        Sign = "sign",
        /// Ask for a change.
        RequestChange = "request_change",
        /// Adopt or drop the change.
        DecideChange = "decide_change",
        /// Record a yearly review.
        ReviewYearly = "review_yearly",
        /// End it.
        End = "end",
        /// Set its sending back or its end aside, as an appeal asks for.
        Reopen = "reopen",
    }
}

words! {
    /// What a reviewer of an agreement says.
    pub enum AgreementAdvice {
        /// Sign it.
        Approve = "approve",
        /// Change it first.
        Change = "change",
    }
}

/// One person's review of an agreement's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementReview {
    /// Who.
    pub reviewer: PersonId,
    /// The day.
    pub reviewed_on: NaiveDate,
    /// What they say.
    pub advice: AgreementAdvice,
    /// Why.
    pub comment: Option<String>,
}

/// A text that is not in force yet: the first draft, or a change of a signed agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The text.
    pub terms: AgreementTerms,
    /// Why a change is asked for.
    pub reason: Option<String>,
    /// Who wrote it last.
    pub requested_by: String,
    /// Who wrote it before: a draft may have several authors.
    #[serde(default)]
    pub authors: Vec<String>,
    /// The day.
    pub requested_on: NaiveDate,
    /// Its reviews.
    pub reviews: Vec<AgreementReview>,
}

impl Pending {
    /// Whether somebody wrote some of it.
    #[must_use]
    pub fn is_by(&self, person: PersonId) -> bool {
        let person = person.to_string();
        self.requested_by == person || self.authors.contains(&person)
    }
}

/// A text that is, or was, in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementVersion {
    /// From 1 on.
    pub number: u32,
    /// The text.
    pub terms: AgreementTerms,
    /// The first day on which it is in force; the first version also covers graduations before it.
    pub in_force_from: NaiveDate,
    /// The version of the competency sets to which it was mapped.
    pub framework_version: i64,
    /// Full or partial.
    pub coverage: Coverage,
    /// Why.
    pub findings: Vec<Finding>,
    /// Who reviewed it.
    pub reviews: Vec<AgreementReview>,
    /// Why it was changed to this.
    pub reason: Option<String>,
}

/// A recognition agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Identity.
    pub id: AgreementId,
    /// The program.
    pub program: ProgramCode,
    /// The college.
    pub college: OrganisationId,
    /// How far it got.
    pub state: AgreementState,
    /// The text that is not in force: of a draft always, of a signed one while a change is open.
    pub pending: Option<Pending>,
    /// The texts in force, oldest first; none before it is signed.
    pub versions: Vec<AgreementVersion>,
    /// The day of signing.
    pub signed_on: Option<NaiveDate>,
    /// Its last day, unless it ended before.
    pub ends_on: Option<NaiveDate>,
    /// The last day that counts, where it ended before.
    pub ended_on: Option<NaiveDate>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// The yearly reviews that were held, oldest first.
    pub yearly_reviews: Vec<YearlyReview>,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl AgreementAct {
    /// The states from which the act is legal.
    #[must_use]
    pub fn from(self) -> &'static [AgreementState] {
        use AgreementState::{Draft, Ended, InReview, Signed};
        match self {
            Self::Update | Self::Submit => &[Draft],
            Self::Review => &[InReview, Signed],
            Self::SendBack | Self::Sign => &[InReview],
            Self::Withdraw => &[Draft, InReview],
            Self::RequestChange | Self::DecideChange | Self::ReviewYearly | Self::End => &[Signed],
            Self::Reopen => &[Draft, Ended],
        }
    }

    fn into_words(self) -> &'static str {
        match self {
            Self::Update => "change the draft",
            Self::Submit => "hand the agreement to its reviewers",
            Self::Review => "review the agreement",
            Self::SendBack => "hand the agreement back",
            Self::Withdraw => "give the agreement up",
            Self::Sign => "sign the agreement",
            Self::RequestChange => "request a change",
            Self::DecideChange => "decide on a change",
            Self::ReviewYearly => "record a yearly review",
            Self::End => "end the agreement",
            Self::Reopen => "reopen the agreement",
        }
    }
}

impl AgreementState {
    /// The state to which the events of an agreement lead, by their types in order; none when one of
    /// them was not legal where it happened.
    pub fn replay<'e>(types: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        types.into_iter().try_fold(None, |state, event| Self::after(state, event).map(Some))?
    }

    fn after(state: Option<Self>, event: &str) -> Option<Self> {
        let Some(before) = state else {
            return (event == "agreement.drafted").then_some(Self::Draft);
        };
        let (act, after) = match event {
            "agreement.updated" => (AgreementAct::Update, before),
            "agreement.submitted" => (AgreementAct::Submit, Self::InReview),
            "agreement.reviewed" => (AgreementAct::Review, before),
            "agreement.sent_back" => (AgreementAct::SendBack, Self::Draft),
            "agreement.withdrawn" => (AgreementAct::Withdraw, Self::Withdrawn),
            "agreement.signed" => (AgreementAct::Sign, Self::Signed),
            "agreement.change_requested" => (AgreementAct::RequestChange, before),
            "agreement.changed" | "agreement.change_dropped" => {
                (AgreementAct::DecideChange, before)
            }
            "agreement.reviewed_yearly" => (AgreementAct::ReviewYearly, before),
            "agreement.ended" => (AgreementAct::End, Self::Ended),
            "agreement.reopened" => (AgreementAct::Reopen, before.reopened()),
            _ => return None,
        };
        act.from().contains(&before).then_some(after)
    }

    /// Where it stands once the decision that led here is set aside: a draft that was sent back is in
    /// review again, an ended one is signed.
    fn reopened(self) -> Self {
        match self {
            Self::Draft => Self::InReview,
            Self::Ended => Self::Signed,
            Self::InReview | Self::Signed | Self::Withdrawn => self,
        }
    }
}

impl Agreement {
    /// The last day, an early end included; none before it is signed.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        let ends_on = self.ends_on?;
        Some(self.ended_on.map_or(ends_on, |ended| ended.min(ends_on)))
    }

    /// Where it stands on `as_of`.
    #[must_use]
    pub fn status(&self, as_of: NaiveDate) -> AgreementStatus {
        match self.state {
            AgreementState::Draft => return AgreementStatus::Draft,
            AgreementState::InReview => return AgreementStatus::InReview,
            AgreementState::Withdrawn => return AgreementStatus::Withdrawn,
            AgreementState::Signed | AgreementState::Ended => {}
        }
        if self.signed_on.is_none_or(|signed| as_of < signed) {
            AgreementStatus::InReview
        } else if self.ended_on.is_some_and(|last| as_of > last) {
            AgreementStatus::Ended
        } else if self.ends_on.is_some_and(|last| as_of > last) {
            AgreementStatus::Expired
        } else {
            AgreementStatus::InForce
        }
    }

    /// The version that is in force on `day`; the first one also for graduations before the signing.
    #[must_use]
    pub fn version_on(&self, day: NaiveDate) -> Option<&AgreementVersion> {
        let in_force = self.versions.iter().rev().find(|one| one.in_force_from <= day);
        in_force.or_else(|| self.versions.first())
    }

    /// The text that people read: the one in force last, or the draft.
    #[must_use]
    pub fn terms(&self) -> Option<&AgreementTerms> {
        let last = self.versions.last().map(|version| &version.terms);
        last.or_else(|| self.pending.as_ref().map(|pending| &pending.terms))
    }

    /// The finding on whether `act` is legal in the present state.
    #[must_use]
    pub fn state_finding(&self, act: AgreementAct) -> Finding {
        decision::state_finding("agreement.state", act.into_words(), self.state, act.from())
    }
}
