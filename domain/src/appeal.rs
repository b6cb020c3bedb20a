//! Appeals against decisions: notice of intent -> documents -> response -> meeting -> upheld or remanded;
//! withdrawn before. A missed deadline forfeits, which is computed and never stored. The test is
//! procedure and fairness: whoever decided cannot judge, and a remand reopens exactly the decision.

mod acts;
mod decision;

pub use decision::{Appellant, Deadlines, Decision, DecisionKind, NotAppealable, Notice, Subject};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AppealId, AttachmentId, EventId, Finding,
    application::OfficeDecision,
    decision::{self as decide},
    facts,
    policy::AppealPolicy,
    program::ProgramCode,
    words,
};

/// Where the rules of appeals are from.
pub(crate) const SOURCE: &str = "appeals policy";

/// How often documents may be handed in at most, and how many files each time.
pub const MAX_DOCUMENTS: usize = 20;

words! {
    /// How far an appeal got. Where it stands on a day is [`AppealStatus`].
    pub enum AppealState {
        /// The notice of intent is in; documents are to follow.
        Noticed = "noticed",
        /// Documents are in; the committee answers.
        Documented = "documented",
        /// The committee answered; the meeting is to be set.
        Answered = "answered",
        /// The day of the meeting is set.
        MeetingSet = "meeting_set",
        /// The decision stands.
        Upheld = "upheld",
        /// The decision is set aside, and what it was about decided anew.
        Remanded = "remanded",
        /// Withdrawn by the appellant.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Where an appeal stands on a day. Computed, never stored.
    pub enum AppealStatus {
        /// The notice of intent is in; documents are to follow.
        Noticed = "noticed",
        /// Documents are in; the committee answers.
        Documented = "documented",
        /// The committee answered; the meeting is to be set.
        Answered = "answered",
        /// The day of the meeting is set.
        MeetingSet = "meeting_set",
        /// The decision stands.
        Upheld = "upheld",
        /// The decision is set aside, and what it was about decided anew.
        Remanded = "remanded",
        /// Withdrawn by the appellant.
        Withdrawn = "withdrawn",
        /// No documents came until their last day: the decision stands.
        Forfeited = "forfeited",
    }
}

words! {
    /// What can be done to an appeal.
    pub enum AppealAct {
        /// Hand documents in.
        HandIn = "hand_in",
        /// Answer it.
        Respond = "respond",
        /// Set the day of the meeting.
        SetMeeting = "set_meeting",
        /// Decide it.
        Decide = "decide",
        /// Withdraw it.
        Withdraw = "withdraw",
    }
}

words! {
    /// How an appeal is decided.
    pub enum AppealOutcome {
        /// The decision stands.
        Upheld = "upheld",
        /// The decision is set aside, and what it was about decided anew.
        Remanded = "remanded",
    }
}

/// What the appellant handed in on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documents {
    /// The day.
    pub handed_in_on: NaiveDate,
    /// In words.
    pub text: String,
    /// The appellant's own files.
    pub attachments: Vec<AttachmentId>,
}

/// The committee's answer to the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The day.
    pub responded_on: NaiveDate,
    /// Who answered for the committee.
    pub responded_by: String,
    /// In words.
    pub text: String,
    /// Whether it came in time, and from somebody who did not decide.
    pub findings: Vec<Finding>,
}

/// The meeting of the appellant with the committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The day.
    pub meets_on: NaiveDate,
    /// Where, or by what means.
    pub place: Option<String>,
    /// Whether it is in time, and set by somebody who did not decide.
    pub findings: Vec<Finding>,
}

/// An appeal against one decision; a decision has one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Identity.
    pub id: AppealId,
    /// The program.
    pub program: ProgramCode,
    /// The decision.
    pub decision: Decision,
    /// Whose appeal it is.
    pub appellant: Appellant,
    /// How far it got.
    pub state: AppealState,
    /// Why the decision was unfair, or not by the rules.
    pub grounds: String,
    /// The policy in force on the day of the decision: its deadlines are this appeal's to the end.
    pub policy: AppealPolicy,
    /// The day of the notice of intent.
    pub noticed_on: NaiveDate,
    /// What was handed in, in order.
    pub documents: Vec<Documents>,
    /// The committee's answer.
    pub response: Option<Response>,
    /// The meeting, as it was set last.
    pub meeting: Option<Meeting>,
    /// Upheld or remanded, and why.
    pub outcome: Option<OfficeDecision>,
    /// Why it was withdrawn.
    pub withdrawal: Option<String>,
    /// When the notice came in.
    pub created_at: DateTime<Utc>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl From<AppealState> for AppealStatus {
    fn from(state: AppealState) -> Self {
        match state {
            AppealState::Noticed => Self::Noticed,
            AppealState::Documented => Self::Documented,
            AppealState::Answered => Self::Answered,
            AppealState::MeetingSet => Self::MeetingSet,
            AppealState::Upheld => Self::Upheld,
            AppealState::Remanded => Self::Remanded,
            AppealState::Withdrawn => Self::Withdrawn,
        }
    }
}

impl AppealState {
    /// The state to which the events of an appeal lead, by their types in order; none when one of them
    /// was not legal where it happened.
    pub fn replay<'e>(types: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        types.into_iter().try_fold(None, |state, event| Self::after(state, event).map(Some))?
    }

    fn after(state: Option<Self>, event: &str) -> Option<Self> {
        let Some(before) = state else {
            return (event == "appeal.noticed").then_some(Self::Noticed);
        };
        let (act, after) = match event {
            "appeal.documents_submitted" => (AppealAct::HandIn, Self::Documented),
            "appeal.answered" => (AppealAct::Respond, Self::Answered),
            "appeal.meeting_set" => (AppealAct::SetMeeting, Self::MeetingSet),
            "appeal.upheld" => (AppealAct::Decide, Self::Upheld),
            "appeal.remanded" => (AppealAct::Decide, Self::Remanded),
            "appeal.withdrawn" => (AppealAct::Withdraw, Self::Withdrawn),
            _ => return None,
        };
        act.from().contains(&before.into()).then_some(after)
    }
}

impl AppealAct {
    /// Where an appeal must stand for the act. That a deadline passed is said by its own finding.
    #[must_use]
    pub fn from(self) -> &'static [AppealStatus] {
        use AppealStatus::{Answered, Documented, MeetingSet, Noticed};
        match self {
            Self::HandIn => &[Noticed, Documented],
            Self::Respond => &[Documented],
            Self::SetMeeting => &[Answered, MeetingSet],
            Self::Decide => &[MeetingSet],
            Self::Withdraw => &[Noticed, Documented, Answered, MeetingSet],
        }
    }

    fn into_words(self) -> &'static str {
        match self {
            Self::HandIn => "hand documents in",
            Self::Respond => "answer the appeal",
            Self::SetMeeting => "set the meeting",
            Self::Decide => "decide the appeal",
            Self::Withdraw => "withdraw the appeal",
        }
    }
}

impl Appeal {
    /// Where it stands on `as_of`: without documents after their last day it is forfeited.
    #[must_use]
    pub fn status(&self, as_of: NaiveDate) -> AppealStatus {
        let late = as_of > self.deadlines().documents_by;
        if late && self.state == AppealState::Noticed {
            AppealStatus::Forfeited
        } else {
            self.state.into()
        }
    }

    /// Its deadlines, each counted from what happened, or from the last day on which it could.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        let documents = self.documents.last().map(|documents| documents.handed_in_on);
        let response = self.response.as_ref().map(|response| response.responded_on);
        self.decision.deadlines_after(&self.policy, documents, response)
    }

    /// What ratings of a portfolio are set aside for after its remand: the log knows the appeal by it.
    #[must_use]
    pub fn remand_reason(&self) -> String {
        format!("The appeal {} was remanded.", self.id)
    }

    /// The finding on whether `act` is possible where the appeal stands today.
    #[must_use]
    pub fn state_finding(&self, act: AppealAct, today: NaiveDate) -> Finding {
        let status = self.status(today);
        // Documents that come late are told so by the finding on their deadline.
        let status = match (act, status) {
            (AppealAct::HandIn, AppealStatus::Forfeited) => AppealStatus::Noticed,
            (_, status) => status,
        };
        decide::state_finding("appeal.state", act.into_words(), status, act.from())
    }
}

facts! {
    /// What happens to appeals.
    pub enum AppealEvent {
        /// Notice of intent was given. Who decided is not told: the appellant reads this, and evaluators
        /// stay unknown to candidates.
        Noticed = "appeal.noticed" { decision: EventId, kind: DecisionKind, subject: Subject, appellant: Appellant, grounds: String, deadlines: Deadlines, findings: Vec<Finding> },
        /// Documents were handed in.
        DocumentsSubmitted = "appeal.documents_submitted" { documents: Documents },
        /// The committee answered.
        Answered = "appeal.answered" { response: Response },
        /// The day of the meeting was set.
        MeetingSet = "appeal.meeting_set" { meeting: Meeting },
        /// The decision stands.
        Upheld = "appeal.upheld" { outcome: OfficeDecision },
        /// The decision is set aside.
        Remanded = "appeal.remanded" { subject: Subject, outcome: OfficeDecision },
        /// It was withdrawn.
        Withdrawn = "appeal.withdrawn" { before: AppealState, reason: Option<String> },
    }
}
