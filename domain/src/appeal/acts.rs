//! The acts on an appeal: each takes the present appeal and returns the next one with its event, or the
//! findings that stand in the way.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Appeal, AppealAct, AppealEvent, AppealOutcome, AppealState, Appellant, Documents, Meeting,
    Notice, Response, SOURCE, decision::in_time,
};
use crate::{
    AppealId, AttachmentId, Finding,
    application::OfficeDecision,
    decision::{self as decide, Refused},
    policy::AppealPolicy,
    program::ProgramCode,
};

impl Appeal {
    /// Notice of intent to appeal: against a decision that stands and was not appealed, in time.
    pub fn notice(
        id: AppealId,
        program: ProgramCode,
        (notice, appellant): (&Notice, Appellant),
        grounds: String,
        policy: &AppealPolicy,
        (today, now): (NaiveDate, DateTime<Utc>),
    ) -> Result<(Self, AppealEvent), Refused> {
        decide::by_state(notice.standing_findings())?;
        let findings = decide::by_rule(notice.findings(policy, today))?;
        let Some(decision) = notice.decision.clone() else {
            return Err(Refused::State(notice.standing_findings()));
        };
        let event = AppealEvent::Noticed {
            decision: decision.id,
            kind: decision.kind,
            subject: decision.subject,
            appellant,
            grounds: grounds.clone(),
            deadlines: decision.deadlines(policy),
            findings,
        };
        let appeal = Self {
            id,
            program,
            decision,
            appellant,
            state: AppealState::Noticed,
            grounds,
            policy: policy.clone(),
            noticed_on: today,
            documents: Vec::new(),
            response: None,
            meeting: None,
            outcome: None,
            withdrawal: None,
            created_at: now,
            version: 1,
        };
        Ok((appeal, event))
    }

    fn legal(&self, act: AppealAct, today: NaiveDate) -> Result<(), Refused> {
        decide::by_state(vec![self.state_finding(act, today)]).map(drop)
    }

    /// The finding on whether documents are in time today; a missed day forfeits the appeal.
    #[must_use]
    pub fn documents_finding(&self, today: NaiveDate) -> Finding {
        in_time(
            "appeal.documents",
            "What the appeal rests on",
            self.deadlines().documents_by,
            today,
        )
    }

    /// The appellant hands documents in, again too until the response is there or the day has passed.
    pub fn hand_in(
        mut self,
        text: String,
        attachments: Vec<AttachmentId>,
        today: NaiveDate,
    ) -> Result<(Self, AppealEvent), Refused> {
        self.legal(AppealAct::HandIn, today)?;
        decide::by_rule(self.hand_in_findings(today))?;
        let documents = Documents { handed_in_on: today, text, attachments };
        self.state = AppealState::Documented;
        self.documents.push(documents.clone());
        Ok((self, AppealEvent::DocumentsSubmitted { documents }))
    }

    /// The findings on handing documents in today, but that on the state.
    #[must_use]
    pub fn hand_in_findings(&self, today: NaiveDate) -> Vec<Finding> {
        let room = self.documents.len() < super::MAX_DOCUMENTS;
        vec![
            self.documents_finding(today),
            Finding::new(
                "appeal.documents_count",
                SOURCE,
                room,
                format!("at most {} times", super::MAX_DOCUMENTS),
                format!("{} times", self.documents.len()),
                "Documents are handed in a limited number of times.",
            ),
        ]
    }

    /// Somebody who took no part in the decision answers for the committee. A late answer is told as late
    /// and counts: the appellant does not lose by it.
    pub fn respond(
        mut self,
        text: String,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, AppealEvent), Refused> {
        self.legal(AppealAct::Respond, today)?;
        let mut findings = decide::by_rule(vec![self.decision.independent_finding(&by)])?;
        findings.push(self.response_finding(today));
        let response = Response { responded_on: today, responded_by: by, text, findings };
        self.state = AppealState::Answered;
        self.response = Some(response.clone());
        Ok((self, AppealEvent::Answered { response }))
    }

    /// The finding on whether the committee answers in time on a day.
    #[must_use]
    pub fn response_finding(&self, day: NaiveDate) -> Finding {
        in_time("appeal.response", "The committee's response", self.deadlines().response_by, day)
    }

    /// The finding on whether a meeting on a day is in time.
    #[must_use]
    pub fn meeting_finding(&self, day: NaiveDate) -> Finding {
        in_time("appeal.meeting", "The meeting", self.deadlines().meeting_by, day)
    }

    /// The findings on setting a meeting for a day: today or later, and in time. Where its last day has
    /// passed the meeting is still held, and told as late.
    #[must_use]
    pub fn meeting_findings(&self, meets_on: NaiveDate, today: NaiveDate) -> Vec<Finding> {
        let ahead = Finding::new(
            "appeal.meeting_ahead",
            SOURCE,
            meets_on >= today,
            format!("on {today} or later"),
            format!("on {meets_on}"),
            "A meeting is set for today or a day to come.",
        );
        let missed = today > self.deadlines().meeting_by;
        let in_time = Some(self.meeting_finding(meets_on)).filter(|_| !missed);
        [ahead].into_iter().chain(in_time).collect()
    }

    /// Sets the day of the meeting, anew too.
    pub fn set_meeting(
        mut self,
        (meets_on, place): (NaiveDate, Option<String>),
        by: &str,
        today: NaiveDate,
    ) -> Result<(Self, AppealEvent), Refused> {
        self.legal(AppealAct::SetMeeting, today)?;
        let independent = self.decision.independent_finding(by);
        let findings = self.meeting_findings(meets_on, today).into_iter().chain([independent]);
        let mut findings = decide::by_rule(findings.collect())?;
        findings.retain(|one| one.rule != "appeal.meeting");
        findings.push(self.meeting_finding(meets_on));
        let meeting = Meeting { meets_on, place, findings };
        self.state = AppealState::MeetingSet;
        self.meeting = Some(meeting.clone());
        Ok((self, AppealEvent::MeetingSet { meeting }))
    }

    /// The findings on deciding it today, by `by`: who took no part in the decision, once the meeting was.
    #[must_use]
    pub fn outcome_findings(&self, by: &str, today: NaiveDate) -> Vec<Finding> {
        let meets_on = self.meeting.as_ref().map(|meeting| meeting.meets_on);
        let told = |day: NaiveDate| format!("the meeting is on {day}");
        vec![
            self.decision.independent_finding(by),
            Finding::new(
                "appeal.meeting_held",
                SOURCE,
                meets_on.is_some_and(|day| day <= today),
                "a meeting that was held",
                meets_on.map_or_else(|| "no meeting is set".to_owned(), told),
                "An appeal is decided on the day of its meeting or later.",
            ),
        ]
    }

    /// Decides it. The findings on the committee's own deadlines are told with it, kept or missed.
    pub fn decide(
        mut self,
        outcome: AppealOutcome,
        reason: String,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, AppealEvent), Refused> {
        self.legal(AppealAct::Decide, today)?;
        let mut findings = decide::by_rule(self.outcome_findings(&by, today))?;
        let response = self.response.iter().flat_map(|response| &response.findings);
        let meeting = self.meeting.iter().flat_map(|meeting| &meeting.findings);
        let in_time = |one: &&Finding| matches!(&*one.rule, "appeal.response" | "appeal.meeting");
        findings.extend(response.chain(meeting).filter(in_time).cloned());
        let told =
            OfficeDecision { decided_on: today, decided_by: by, reason: Some(reason), findings };
        self.outcome = Some(told.clone());
        let event = match outcome {
            AppealOutcome::Upheld => {
                self.state = AppealState::Upheld;
                AppealEvent::Upheld { outcome: told }
            }
            AppealOutcome::Remanded => {
                self.state = AppealState::Remanded;
                AppealEvent::Remanded { subject: self.decision.subject, outcome: told }
            }
        };
        Ok((self, event))
    }

    /// What each deadline came to, or comes to if it is met today; those that are reached.
    #[must_use]
    pub fn deadline_findings(&self, today: NaiveDate) -> Vec<Finding> {
        let last = self.deadlines();
        let notice = in_time("appeal.notice", "Notice of intent", last.notice_by, self.noticed_on);
        let handed_in = self.documents.last().map(|documents| documents.handed_in_on);
        let responded = self.response.as_ref().map(|response| response.responded_on);
        let meets = self.meeting.as_ref().map(|meeting| meeting.meets_on);
        let mut findings = vec![notice, self.documents_finding(handed_in.unwrap_or(today))];
        if handed_in.is_some() {
            findings.push(self.response_finding(responded.unwrap_or(today)));
        }
        if responded.is_some() {
            findings.push(self.meeting_finding(meets.unwrap_or(today)));
        }
        findings
    }

    /// The appellant withdraws it: the decision stands.
    pub fn withdraw(
        mut self,
        reason: Option<String>,
        today: NaiveDate,
    ) -> Result<(Self, AppealEvent), Refused> {
        self.legal(AppealAct::Withdraw, today)?;
        let before = std::mem::replace(&mut self.state, AppealState::Withdrawn);
        self.withdrawal.clone_from(&reason);
        Ok((self, AppealEvent::Withdrawn { before, reason }))
    }
}
