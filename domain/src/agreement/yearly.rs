//! Yearly reviews of a signed agreement, and its end.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Agreement, AgreementAct, AgreementEvent, AgreementState};
use crate::{
    AppealId, Finding, calendar,
    decision::{self, Refused},
    words,
};

/// Months before an anniversary from which its review may be held (set).
pub const OPENS_MONTHS: i32 = 3;

words! {
    /// What a yearly review finds.
    pub enum YearlyOutcome {
        /// The agreement goes on as it is.
        Unchanged = "unchanged",
        /// A change is to be asked for.
        ChangeNeeded = "change_needed",
    }
}

/// A yearly review that was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearlyReview {
    /// The anniversary for which it was held.
    pub due_on: NaiveDate,
    /// The day on which it was held.
    pub reviewed_on: NaiveDate,
    /// Who held it.
    pub reviewed_by: String,
    /// What it found.
    pub outcome: YearlyOutcome,
    /// In words.
    pub notes: Option<String>,
}

impl Agreement {
    /// The anniversary whose review is the next to be held, due or still to come; none when its last day
    /// comes first.
    #[must_use]
    pub fn next_review_on(&self) -> Option<NaiveDate> {
        let (signed_on, last) = (self.signed_on?, self.last_day()?);
        let held = u32::try_from(self.yearly_reviews.len()).unwrap_or(u32::MAX);
        let due = calendar::nth_term(signed_on, 1, held.saturating_add(1));
        (due < last).then_some(due)
    }

    /// Whether a yearly review is overdue on `today`.
    #[must_use]
    pub fn review_overdue(&self, today: NaiveDate) -> bool {
        self.state == AgreementState::Signed && self.next_review_on().is_some_and(|due| due < today)
    }

    /// The finding on whether a yearly review can be held today.
    #[must_use]
    pub fn yearly_finding(&self, today: NaiveDate) -> Finding {
        let due = self.next_review_on();
        let opens = due.map(|due| calendar::add_months(due, -OPENS_MONTHS));
        Finding::new(
            "agreement.review_due",
            "FAQ 12",
            opens.is_some_and(|opens| opens <= today),
            opens.map_or_else(|| "a review to come".to_owned(), |day| format!("from {day} on")),
            format!("on {today}"),
            "An agreement is reviewed for each anniversary of its signing.",
        )
    }

    /// Records the review of the next anniversary.
    pub fn review_yearly(
        mut self,
        outcome: YearlyOutcome,
        notes: Option<String>,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, AgreementEvent), Refused> {
        let state = self.state_finding(AgreementAct::ReviewYearly);
        decision::by_state(vec![state, self.yearly_finding(today)])?;
        let due_on = self.next_review_on().unwrap_or(today);
        let review = YearlyReview { due_on, reviewed_on: today, reviewed_by: by, outcome, notes };
        self.yearly_reviews.push(review.clone());
        Ok((self, AgreementEvent::ReviewedYearly { review }))
    }

    /// The findings on ending it on `on`, the last day that counts: today or later.
    #[must_use]
    pub fn end_findings(&self, on: NaiveDate, today: NaiveDate) -> Vec<Finding> {
        let last = self.last_day().unwrap_or(today);
        vec![
            self.state_finding(AgreementAct::End),
            Finding::new(
                "agreement.end_day",
                "life cycle",
                (today..=last).contains(&on),
                format!("from {today} to {last}"),
                format!("on {on}"),
                "An agreement ends today or later: graduations until then keep counting.",
            ),
        ]
    }

    /// Ends it: graduations after `on` count no more. An open change is dropped with it.
    pub fn end(
        mut self,
        on: NaiveDate,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, AgreementEvent), Refused> {
        decision::by_state(self.end_findings(on, today))?;
        self.state = AgreementState::Ended;
        self.pending = None;
        self.ended_on = Some(on);
        self.end_reason = Some(reason.clone());
        Ok((self, AgreementEvent::Ended { ended_on: on, reason }))
    }
    /// An appeal set its end, or its sending back, aside: it is signed again as if it had not ended, or in
    /// review with the text of the draft. A change that was dropped with the end stays dropped.
    pub fn reopen(mut self, appeal: AppealId) -> Result<(Self, AgreementEvent), Refused> {
        decision::by_state(vec![self.state_finding(AgreementAct::Reopen)])?;
        let before = self.state;
        self.state = before.reopened();
        self.ended_on = None;
        self.end_reason = None;
        Ok((self, AgreementEvent::Reopened { appeal, before }))
    }
}
