//! The days that somebody should not miss, as their calendar shows them (FAQ 10, 12, 18, 19, 21).

use chrono::NaiveDate;

use crate::{
    appeal::{Appeal, AppealState, AppealStatus},
    candidacy::{Candidacy, CandidacyStatus},
    certificate::Certification,
    certification::term::CertificationStatus,
    portfolio::{Portfolio, PortfolioState},
    subscription::Subscription,
    words,
};

words! {
    /// What a day is the last one of, or the first.
    pub enum DeadlineKind {
        /// The last day on which a set can be achieved (FAQ 18).
        CandidacyDeadline = "candidacy_deadline",
        /// The first day on which a renewal can be submitted (FAQ 19).
        RenewalOpens = "renewal_opens",
        /// The last day of a certification's term (FAQ 19).
        Expiry = "expiry",
        /// The last day of the grace period (FAQ 19).
        GraceEnds = "grace_ends",
        /// The last day on which the hours of a provisional certification can be shown (FAQ 12).
        ConditionEnds = "condition_ends",
        /// The last day of a portfolio's one chance (FAQ 10).
        ChanceEnds = "chance_ends",
        /// The last day for the documents of an appeal.
        AppealDocuments = "appeal_documents",
        /// The day on which the committee meets.
        AppealMeeting = "appeal_meeting",
        /// The last day of the account subscription (FAQ 21).
        AccountEnds = "account_ends",
    }
}

words! {
    /// Whether a day stands.
    pub enum Firmness {
        /// It stands.
        Firm = "firm",
        /// It will move: the candidacy is on hold.
        Tentative = "tentative",
        /// It counts no more: what it was for is done, or ended.
        Void = "void",
    }
}

/// A day that somebody should not miss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Of what.
    pub kind: DeadlineKind,
    /// The id of what it belongs to, prefix included.
    pub subject: String,
    /// What it is about, for people: a set's code, a certificate's number. May be empty.
    pub about: String,
    /// The day.
    pub on: NaiveDate,
    /// Whether it stands.
    pub firmness: Firmness,
    /// The version of what it belongs to: it grows whenever the day moves.
    pub version: i64,
}

fn firm(stands: bool) -> Firmness {
    if stands { Firmness::Firm } else { Firmness::Void }
}

impl Candidacy {
    /// Its last day. While it is on hold, the one that it has without the hold that runs.
    #[must_use]
    pub fn calendar_days(&self, today: NaiveDate) -> Vec<Deadline> {
        let firmness = match self.status(today) {
            CandidacyStatus::Active | CandidacyStatus::Expired => Firmness::Firm,
            CandidacyStatus::OnHold => Firmness::Tentative,
            CandidacyStatus::Completed | CandidacyStatus::Withdrawn => Firmness::Void,
        };
        vec![Deadline {
            kind: DeadlineKind::CandidacyDeadline,
            subject: self.id.to_string(),
            about: String::new(),
            on: self.settled_deadline(),
            firmness,
            version: self.version,
        }]
    }
}

impl Certification {
    /// The days of its present term, and of its condition, if it has one. A revocation, or a condition that was
    /// not met, voids them: there is nothing to renew.
    #[must_use]
    pub fn calendar_days(&self, today: NaiveDate) -> Vec<Deadline> {
        let status = self.status(today);
        let failed = self.open_condition(today).is_some_and(|last| last < today);
        let renewable = !failed && status != Some(CertificationStatus::Revoked);
        let day = |kind, on, stands| Deadline {
            kind,
            subject: self.id.to_string(),
            about: self.number.to_string(),
            on,
            firmness: firm(stands),
            version: self.version,
        };
        let condition = self.provisional_until.map(|last| {
            let stands = self.condition_met_on.is_none() && renewable;
            day(DeadlineKind::ConditionEnds, last, stands || failed)
        });
        [
            day(DeadlineKind::RenewalOpens, self.renewal_opens_on, renewable),
            day(DeadlineKind::Expiry, self.expires_on, renewable),
            day(DeadlineKind::GraceEnds, self.grace_ends_on, renewable),
        ]
        .into_iter()
        .chain(condition)
        .collect()
    }
}

impl Portfolio {
    /// The last day of its one chance, once it was given one; void when it was used or went by.
    #[must_use]
    pub fn calendar_days(&self) -> Vec<Deadline> {
        let chance = self.chance_ends_on.map(|on| Deadline {
            kind: DeadlineKind::ChanceEnds,
            subject: self.id.to_string(),
            about: self.set.to_string(),
            on,
            firmness: firm(self.state == PortfolioState::MoreInformation),
            version: self.version,
        });
        chance.into_iter().collect()
    }
}

impl Appeal {
    /// The last day for its documents, and the day of its meeting, once it is set.
    #[must_use]
    pub fn calendar_days(&self, today: NaiveDate) -> Vec<Deadline> {
        let day = |kind, on, stands| Deadline {
            kind,
            subject: self.id.to_string(),
            about: String::new(),
            on,
            firmness: firm(stands),
            version: self.version,
        };
        let waits = matches!(self.status(today), AppealStatus::Noticed | AppealStatus::Forfeited);
        let documents = day(DeadlineKind::AppealDocuments, self.deadlines().documents_by, waits);
        let meeting = self.meeting.as_ref().map(|meeting| {
            let stands = self.state != AppealState::Withdrawn;
            day(DeadlineKind::AppealMeeting, meeting.meets_on, stands)
        });
        [documents].into_iter().chain(meeting).collect()
    }
}

impl Subscription {
    /// Its last day; void where it ended before with the fee that was returned.
    #[must_use]
    pub fn calendar_days(&self) -> Vec<Deadline> {
        vec![Deadline {
            kind: DeadlineKind::AccountEnds,
            subject: self.id.to_string(),
            about: String::new(),
            on: self.ends_on,
            firmness: firm(self.ended_on.is_none()),
            version: self.version,
        }]
    }
}

impl DeadlineKind {
    /// The day's title in a calendar.
    #[must_use]
    pub fn title(self, about: &str) -> String {
        match self {
            Self::CandidacyDeadline => "Last day of your candidacy".to_owned(),
            Self::RenewalOpens => format!("Renewal opens: certification {about}"),
            Self::Expiry => format!("Certification {about} expires"),
            Self::GraceEnds => format!("Last day to renew certification {about}"),
            Self::ConditionEnds => format!("Last day to show your hours: certification {about}"),
            Self::ChanceEnds => format!("Last day to complete your portfolio for {about}"),
            Self::AppealDocuments => "Last day for the documents of your appeal".to_owned(),
            Self::AppealMeeting => "Meeting on your appeal".to_owned(),
            Self::AccountEnds => "Last day of your account".to_owned(),
        }
    }

    /// What it means, in a sentence or two, and where that is said.
    #[must_use]
    pub fn explained(self) -> &'static str {
        match self {
            Self::CandidacyDeadline => {
                "What is achieved on or before this day counts toward the certification (FAQ 18)."
            }
            Self::RenewalOpens => "From this day on the renewal can be submitted (FAQ 19).",
            Self::Expiry => {
                "The term ends with this day. The renewal can be submitted until the grace period ends (FAQ 19)."
            }
            Self::GraceEnds => {
                "After this day the certification lapses and a new application is needed (FAQ 19)."
            }
            Self::ConditionEnds => {
                "The certification lapses unless the hours of work are shown by this day (FAQ 12)."
            }
            Self::ChanceEnds => {
                "Without a second submission the portfolio is decided on what was rated (FAQ 10)."
            }
            Self::AppealDocuments => "Without documents by this day the appeal is forfeited.",
            Self::AppealMeeting => "The committee meets with you on this day.",
            Self::AccountEnds => "The account for portfolios runs through this day (FAQ 21).",
        }
    }
}
