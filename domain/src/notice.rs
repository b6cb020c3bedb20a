//! Notices: what people are told in time, and what became of what they asked for (FAQ 18, 19).
//!
//! A notice is due once for each fact: a date that comes nearer ([`milestone`]), or an event. It is made in the
//! transaction that finds it due, and told to one person by mail, unless it is true no more by then, or they do
//! not want it, or cannot be written to. The log tells all three.

pub mod bounce;
mod kind;
pub mod milestone;
pub mod preference;
pub mod template;

pub use bounce::{Bounce, BounceEvent, BounceSort, BounceState};
pub use kind::{BY_EVENT, NoticeKind};
pub use milestone::{Milestone, Reach, Window};
pub use preference::{NoticePreferences, PreferenceEvent};
pub use template::{NoticeTemplate, TemplateEvent, TemplateText, Values};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    EmailId, FactId, Finding, NoticeId, PersonId,
    decision::{self, Refused},
    facts,
    id::{Id, Kind},
    program::ProgramCode,
    words,
};

words! {
    /// Where a notice stands.
    pub enum NoticeState {
        /// It is due, and waits for the mail.
        Due = "due",
        /// It was sent.
        Sent = "sent",
        /// It was not sent, and never will be.
        Dropped = "dropped",
    }
}

words! {
    /// Why a notice was not sent.
    pub enum DropReason {
        /// What it would tell is not true any more.
        NoLongerTrue = "no_longer_true",
        /// The person does not want notices of this kind.
        Muted = "muted",
        /// The person retired, died or was erased.
        PersonGone = "person_gone",
        /// The person has no address.
        NoAddress = "no_address",
        /// Mails to the person's address come back.
        Undeliverable = "undeliverable",
    }
}

/// The fact that is a thing with a date, or an event.
#[must_use]
pub fn fact_of<K: Kind>(id: Id<K>) -> FactId {
    FactId::from_bits(id.bits())
}

/// A notice to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Identity.
    pub id: NoticeId,
    /// The program.
    pub program: ProgramCode,
    /// What it tells.
    pub kind: NoticeKind,
    /// To whom.
    pub person: PersonId,
    /// The id of what it is about, prefix included.
    pub subject: String,
    /// The fact: the bits of the subject's id, or of the event's.
    pub fact: FactId,
    /// The date of the fact: a deadline, the last day of a term, the day of the event.
    pub fact_on: NaiveDate,
    /// Months before that date, where the kind is told several times; 0 otherwise.
    pub months: i32,
    /// The day on which it is due.
    pub due_on: NaiveDate,
    /// When it was found due.
    pub made_at: DateTime<Utc>,
    /// Where it stands.
    pub state: NoticeState,
    /// When it was sent or dropped.
    pub settled_at: Option<DateTime<Utc>>,
    /// The version of the template by which it was written.
    pub template_version: Option<i64>,
    /// The address to which it was sent.
    pub email: Option<EmailId>,
    /// Why it was dropped.
    pub reason: Option<DropReason>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Notice {
    /// A notice that is due, with its event.
    #[must_use]
    pub fn due(
        id: NoticeId,
        (program, person, subject): (ProgramCode, PersonId, String),
        fact: FactId,
        milestone: Milestone,
        now: DateTime<Utc>,
    ) -> (Self, NoticeEvent) {
        let Milestone { kind, months, fact_on, due_on } = milestone;
        let event = NoticeEvent::Due { kind, subject: subject.clone(), fact_on, months, due_on };
        let notice = Self {
            id,
            program,
            kind,
            person,
            subject,
            fact,
            fact_on,
            months,
            due_on,
            made_at: now,
            state: NoticeState::Due,
            settled_at: None,
            template_version: None,
            email: None,
            reason: None,
            version: 1,
        };
        (notice, event)
    }

    /// The finding on whether its mail can have come back.
    #[must_use]
    pub fn bounce_finding(&self) -> Finding {
        let sent = [NoticeState::Sent];
        decision::state_finding("notice.state", "record its bounce", self.state, &sent)
    }

    fn settle(&mut self, act: &str, now: DateTime<Utc>) -> Result<(), Refused> {
        let open = [NoticeState::Due];
        let finding = decision::state_finding("notice.state", act, self.state, &open);
        decision::by_state(vec![finding])?;
        self.settled_at = Some(now);
        Ok(())
    }

    /// It was sent to an address.
    pub fn sent(
        mut self,
        template_version: i64,
        email: EmailId,
        now: DateTime<Utc>,
    ) -> Result<(Self, NoticeEvent), Refused> {
        self.settle("send the notice", now)?;
        self.state = NoticeState::Sent;
        self.template_version = Some(template_version);
        self.email = Some(email);
        let event = NoticeEvent::Sent { kind: self.kind, template_version, email };
        Ok((self, event))
    }

    /// It is not sent.
    pub fn drop_for(
        mut self,
        reason: DropReason,
        now: DateTime<Utc>,
    ) -> Result<(Self, NoticeEvent), Refused> {
        self.settle("drop the notice", now)?;
        self.state = NoticeState::Dropped;
        self.reason = Some(reason);
        let event = NoticeEvent::Dropped { kind: self.kind, reason };
        Ok((self, event))
    }
}

facts! {
    /// What happens to notices.
    pub enum NoticeEvent {
        /// It is due.
        Due = "notice.due" { kind: NoticeKind, subject: String, fact_on: NaiveDate, months: i32, due_on: NaiveDate },
        /// It was sent.
        Sent = "notice.sent" { kind: NoticeKind, template_version: i64, email: EmailId },
        /// It was not sent.
        Dropped = "notice.dropped" { kind: NoticeKind, reason: DropReason },
    }
}
