//! Rosters: the completions of a course that its provider signs (FAQ 10), hundreds of rows at once, and
//! completions that wait for somebody who enrolls later.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    BadFact, CandidacyId, CompletionId, CourseId, Finding, OrganisationId, PersonId, WaitingId,
    calendar::Faults,
    completion::{Completion, CompletionState, Proof},
    course::Course,
    decision::{self, Refused},
    facts,
    identity::Named,
    program::ProgramCode,
    words,
};

/// The most rows of one roster.
pub const MAX_ROWS: usize = 5_000;

/// One row of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// Its line in the file, or its place in the list, from 1 on.
    pub line: u32,
    /// The course.
    pub course: CourseId,
    /// Who completed it.
    pub named: Named,
    /// The day of completion.
    pub completed_on: NaiveDate,
}

words! {
    /// What became of a row.
    pub enum RowOutcome {
        /// It counts: a set was achieved, or a part of a bundle.
        Verified = "verified",
        /// It is recorded, and the rules say that it does not count.
        Refused = "refused",
        /// It waits for somebody who is no candidate yet.
        Waiting = "waiting",
        /// It was there already.
        Known = "known",
        /// It was not taken: its findings say why.
        Rejected = "rejected",
    }
}

impl RosterRow {
    /// What is wrong with its day: out of range, or after today. At `/completed_on`.
    #[must_use]
    pub fn check(&self, today: NaiveDate) -> Vec<BadFact> {
        let mut faults = Faults::default();
        faults.date("/completed_on", self.completed_on);
        faults.order("/completed_on", (self.completed_on, "The completion"), (today, "today"));
        faults.none().err().unwrap_or_default()
    }

    /// The findings on the row that its candidate has no part in: the provider acts, the course is its
    /// own. `course` is none where the catalog has no such course.
    #[must_use]
    pub fn findings(
        &self,
        provider: OrganisationId,
        course: Option<&Course>,
        active: &Finding,
    ) -> Vec<Finding> {
        let mut findings = vec![active.clone()];
        match course {
            None => findings.push(crate::course_credit::unapproved_finding()),
            Some(course) => {
                let own = course.provider == provider;
                findings.push(Finding::new(
                    "roster.own_course",
                    "FAQ 10",
                    own,
                    "a course of the provider",
                    if own { "its own" } else { "another provider's" },
                    "A provider signs completions of its own courses.",
                ));
            }
        }
        findings
    }

    /// The completion of a row whose candidate is known, recorded and to be judged.
    #[must_use]
    pub fn completion(
        &self,
        id: CompletionId,
        course: &Course,
        (person, candidacy): (PersonId, CandidacyId),
    ) -> Completion {
        signed(id, course, (person, candidacy), self.completed_on)
    }
}

fn signed(
    id: CompletionId,
    course: &Course,
    (person, candidacy): (PersonId, CandidacyId),
    completed_on: NaiveDate,
) -> Completion {
    Completion {
        id,
        program: course.program.clone(),
        person,
        candidacy,
        course: course.id,
        set: course.set.clone(),
        completed_on,
        proof: Proof::Roster,
        proof_url: None,
        form: None,
        state: CompletionState::Recorded,
        decided_on: None,
        reason: None,
        findings: Vec::new(),
        version: 1,
    }
}

words! {
    /// Where a waiting completion stands.
    pub enum WaitingState {
        /// Nobody came for it yet.
        Waiting = "waiting",
        /// Its candidate was admitted: it became a completion.
        Claimed = "claimed",
        /// The provider withdrew it.
        Withdrawn = "withdrawn",
    }
}

/// A completion that a provider signed for somebody who was no candidate then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCompletion {
    /// Identity.
    pub id: WaitingId,
    /// The program.
    pub program: ProgramCode,
    /// Who signed it.
    pub provider: OrganisationId,
    /// The course.
    pub course: CourseId,
    /// The e-mail address, as the roster gives it.
    pub email: String,
    /// The name, as the roster gives it.
    pub name: String,
    /// The day of completion.
    pub completed_on: NaiveDate,
    /// Where it stands.
    pub state: WaitingState,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
    /// What it became.
    pub completion: Option<CompletionId>,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl WaitingCompletion {
    /// Keeps a row that matches nobody; none where it gives no address and name to wait under.
    #[must_use]
    pub fn keep(
        id: WaitingId,
        row: &RosterRow,
        course: &Course,
        now: DateTime<Utc>,
    ) -> Option<(Self, RosterEvent)> {
        row.named.key()?;
        let waiting = Self {
            id,
            program: course.program.clone(),
            provider: course.provider,
            course: course.id,
            email: row.named.email.clone()?,
            name: row.named.name.clone()?,
            completed_on: row.completed_on,
            state: WaitingState::Waiting,
            posted_at: now,
            completion: None,
            reason: None,
            version: 1,
        };
        let event = RosterEvent::Kept { course: course.id, completed_on: row.completed_on };
        Some((waiting, event))
    }

    /// What it waits under: see [`Named::key`].
    #[must_use]
    pub fn key(&self) -> String {
        crate::identity::identity_key(&self.email, &self.name)
    }

    fn open(&self, act: &str) -> Result<(), Refused> {
        let open = [WaitingState::Waiting];
        let finding = decision::state_finding("waiting.state", act, self.state, &open);
        decision::by_state(vec![finding]).map(drop)
    }

    /// Its person was admitted: it becomes a completion, recorded and to be judged.
    pub fn claim(
        self,
        id: CompletionId,
        course: &Course,
        candidate: (PersonId, CandidacyId),
    ) -> Result<(Self, Completion, RosterEvent), Refused> {
        let completion = signed(id, course, candidate, self.completed_on);
        let (claimed, event) = self.close(id)?;
        Ok((claimed, completion, event))
    }

    /// It is that completion now.
    pub fn close(mut self, completion: CompletionId) -> Result<(Self, RosterEvent), Refused> {
        self.open("claim the completion")?;
        self.state = WaitingState::Claimed;
        self.completion = Some(completion);
        Ok((self, RosterEvent::Claimed { completion }))
    }

    /// Corrects its day.
    pub fn correct(
        mut self,
        completed_on: NaiveDate,
        reason: String,
    ) -> Result<(Self, RosterEvent), Refused> {
        self.open("correct the completion")?;
        let before = std::mem::replace(&mut self.completed_on, completed_on);
        Ok((self, RosterEvent::Corrected { before, after: completed_on, reason }))
    }

    /// The provider withdraws it.
    pub fn withdraw(mut self, reason: String) -> Result<(Self, RosterEvent), Refused> {
        self.open("withdraw the completion")?;
        self.state = WaitingState::Withdrawn;
        self.reason = Some(reason.clone());
        Ok((self, RosterEvent::Withdrawn { reason }))
    }
}

facts! {
    /// What happens to completions that wait for their person. Names and addresses stand in none.
    pub enum RosterEvent {
        /// A provider posted a roster; the subject is the provider.
        Posted = "roster.posted" { rows: u32, verified: u32, refused: u32, waiting: u32, known: u32, rejected: u32 },
        /// A row that matches nobody was kept.
        Kept = "waiting_completion.kept" { course: CourseId, completed_on: NaiveDate },
        /// Its person was admitted.
        Claimed = "waiting_completion.claimed" { completion: CompletionId },
        /// Its day was corrected.
        Corrected = "waiting_completion.corrected" { before: NaiveDate, after: NaiveDate, reason: String },
        /// It was withdrawn.
        Withdrawn = "waiting_completion.withdrawn" { reason: String },
    }
}
