//! Corrections and withdrawals of a completion: the achievement follows, and the log tells why.

use chrono::NaiveDate;

use super::{Achievement, Completion, CompletionEvent, CompletionState, Proof};
use crate::{
    AppealId, Finding, all_satisfied,
    decision::{self, Refused},
};

/// What becomes of the achievement that rests on a completion which was corrected or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// Nothing: none rests on it.
    Nothing,
    /// It is dated anew ([`Achievement::redate`]), and with it the award.
    Redated,
    /// It is voided ([`Achievement::void`]), which a certification that rests on it blocks.
    Voided,
}

impl Completion {
    /// The finding on whether it can be corrected.
    #[must_use]
    pub fn correction_finding(&self) -> Finding {
        let open = [CompletionState::Recorded, CompletionState::Verified, CompletionState::Refused];
        decision::state_finding("completion.state", "correct the completion", self.state, &open)
    }

    /// The finding on who corrects it: what the office verified by a form stands on the office's word.
    #[must_use]
    pub fn corrector_finding(&self, by_office: bool) -> Finding {
        let form = self.state == CompletionState::Verified && self.proof == Proof::CompletionForm;
        let (office, provider) = ("the office", "the provider or the office");
        Finding::new(
            "completion.corrected_by_office",
            "house rule",
            by_office || !form,
            if form { office } else { provider },
            if by_office { office } else { "the provider" },
            "The office corrects what it verified by a completion form.",
        )
    }

    /// Corrects the day of completion; `credit` holds the findings of the credit rules on the new day. A
    /// verified one that counts no more is refused, a refused one waits for a decision again.
    pub fn correct(
        mut self,
        completed_on: NaiveDate,
        credit: Vec<Finding>,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, Follows, CompletionEvent), Refused> {
        decision::by_state(vec![self.correction_finding()])?;
        let counts = all_satisfied(&credit);
        let before = std::mem::replace(&mut self.completed_on, completed_on);
        let (state, follows) = match (self.state, counts) {
            (CompletionState::Verified, true) => (CompletionState::Verified, Follows::Redated),
            (CompletionState::Verified, false) => (CompletionState::Refused, Follows::Voided),
            _ => (CompletionState::Recorded, Follows::Nothing),
        };
        self.state = state;
        self.decided_on = (state != CompletionState::Recorded).then_some(today);
        self.reason = (state == CompletionState::Refused).then(|| reason.clone());
        self.findings.clone_from(&credit);
        let event = CompletionEvent::Corrected {
            before,
            after: completed_on,
            reason,
            state,
            findings: credit,
        };
        Ok((self, follows, event))
    }

    /// An appeal set the refusal aside: it waits for a decision again.
    pub fn reopen(mut self, appeal: AppealId) -> Result<(Self, CompletionEvent), Refused> {
        let refused = [CompletionState::Refused];
        let act = "reopen the completion";
        let finding = decision::state_finding("completion.state", act, self.state, &refused);
        decision::by_state(vec![finding])?;
        self.state = CompletionState::Recorded;
        self.decided_on = None;
        self.reason = None;
        self.findings.clear();
        Ok((self, CompletionEvent::Reopened { appeal }))
    }

    /// The finding on whether it can be withdrawn.
    #[must_use]
    pub fn withdrawal_finding(&self) -> Finding {
        let open = [CompletionState::Recorded, CompletionState::Verified];
        decision::state_finding("completion.state", "withdraw the completion", self.state, &open)
    }

    /// The provider or staff withdraw it.
    pub fn withdraw(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, Follows, CompletionEvent), Refused> {
        decision::by_state(vec![self.withdrawal_finding()])?;
        let before = std::mem::replace(&mut self.state, CompletionState::Voided);
        self.reason = Some(reason.clone());
        self.decided_on = Some(today);
        let stood = before == CompletionState::Verified;
        let follows = if stood { Follows::Voided } else { Follows::Nothing };
        let event = CompletionEvent::Withdrawn { before, withdrawn_on: today, reason };
        Ok((self, follows, event))
    }
}

impl Achievement {
    /// Dates it anew, after the completion on which it rests was corrected to `completed_on`; none where
    /// its day stays, and for one that was voided.
    #[must_use]
    pub fn redate(
        mut self,
        completed_on: NaiveDate,
        admitted_on: NaiveDate,
        reason: String,
    ) -> Option<(Self, CompletionEvent)> {
        let after = completed_on.max(admitted_on);
        if self.voided_on.is_some() || self.achieved_on == after {
            return None;
        }
        let before = std::mem::replace(&mut self.achieved_on, after);
        Some((self, CompletionEvent::Redated { before, after, reason }))
    }
}
