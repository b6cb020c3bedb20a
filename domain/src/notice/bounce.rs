//! Mails that came back. A hard bounce says that an address cannot be written to: nothing goes there until
//! control of it is shown anew, or the office finds that it was a mistake.

use chrono::{DateTime, Utc};

use crate::{
    BounceId, NoticeId, PersonId,
    decision::{self, Refused},
    facts, words,
};

words! {
    /// How a mail came back.
    pub enum BounceSort {
        /// For good: there is no such mailbox.
        Hard = "hard",
        /// For now: the mailbox is full, the server is away.
        Soft = "soft",
    }
}

words! {
    /// Whether a bounce stands in the way of further mails.
    pub enum BounceState {
        /// It does.
        Standing = "standing",
        /// It was recorded, and no more: a soft one.
        Noted = "noted",
        /// It does not any more.
        Lifted = "lifted",
    }
}

/// A mail that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Identity.
    pub id: BounceId,
    /// The address to which it went.
    pub address: String,
    /// Who has the address, when it came back.
    pub person: Option<PersonId>,
    /// The notice that came back, where it is known.
    pub notice: Option<NoticeId>,
    /// How.
    pub sort: BounceSort,
    /// What the other server said.
    pub detail: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it ceased to stand in the way.
    pub lifted_at: Option<DateTime<Utc>>,
    /// Why.
    pub lift_reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Bounce {
    /// Whether it stands in the way.
    #[must_use]
    pub fn state(&self) -> BounceState {
        match (self.sort, self.lifted_at) {
            (BounceSort::Soft, _) => BounceState::Noted,
            (BounceSort::Hard, None) => BounceState::Standing,
            (BounceSort::Hard, Some(_)) => BounceState::Lifted,
        }
    }
    /// The finding on whether it can be lifted.
    #[must_use]
    pub fn state_finding(&self) -> crate::Finding {
        let open = [BounceState::Standing];
        decision::state_finding("bounce.state", "lift the bounce", self.state(), &open)
    }
    /// Mails go there again.
    pub fn lift(
        mut self,
        reason: String,
        now: DateTime<Utc>,
    ) -> Result<(Self, BounceEvent), Refused> {
        decision::by_state(vec![self.state_finding()])?;
        self.lifted_at = Some(now);
        self.lift_reason = Some(reason.clone());
        Ok((self, BounceEvent::Lifted { reason }))
    }
}

facts! {
    /// What happens to bounces.
    pub enum BounceEvent {
        /// A mail came back.
        Recorded = "bounce.recorded" { sort: BounceSort, notice: Option<NoticeId>, detail: Option<String> },
        /// The address is written to again.
        Lifted = "bounce.lifted" { reason: String },
    }
}
