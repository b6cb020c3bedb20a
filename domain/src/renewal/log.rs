//! Activities as they are logged: raw facts, corrected until a renewal uses them (FAQ 19).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Activity, ActivityKind, Amount, MAX_ACTIVITIES};
use crate::{
    ActivityId, AttachmentId, BadFact, CertificationId, Finding, PersonId, RenewalId, calendar,
    calendar::Faults,
    certificate::Certification,
    competency::{Framework, SetCode},
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Whether a renewal used an activity.
    pub enum ActivityState {
        /// None did: it can be corrected, removed and chosen.
        Free = "free",
        /// One did, and it is used up.
        Consumed = "consumed",
    }
}

/// What somebody tells of an activity. Its hours follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityFacts {
    /// Its title.
    pub title: String,
    /// What it was.
    pub kind: ActivityKind,
    /// Its first day, where it took several.
    pub started_on: Option<NaiveDate>,
    /// Its day, the last one of several: it counts by that.
    pub dated_on: NaiveDate,
    /// How much.
    pub amount: Amount,
    /// Whether it was in technology.
    pub technology: bool,
    /// The competency sets that it relates to.
    pub sets: Vec<SetCode>,
    /// Who held it.
    pub provider: Option<String>,
    /// Its documentation, as a file.
    pub document: Option<AttachmentId>,
    /// Where its documentation is, an `https` address.
    pub document_url: Option<String>,
}

impl ActivityFacts {
    /// What is wrong with the facts, as of today.
    #[must_use]
    pub fn check(&self, framework: &Framework, today: NaiveDate) -> Vec<BadFact> {
        let mut faults = Faults::default();
        faults.date("/dated_on", self.dated_on);
        faults.order("/dated_on", (self.dated_on, "The activity"), (today, "today"));
        if let Some(started_on) = self.started_on {
            faults.date("/started_on", started_on);
            faults.order("/started_on", (started_on, "Its first day"), (self.dated_on, "its last"));
            self.check_days(started_on, &mut faults);
        }
        framework.read_sets("/sets", &self.sets, &mut faults);
        faults.none().err().unwrap_or_default()
    }

    /// A conference has no more days than it took.
    fn check_days(&self, started_on: NaiveDate, faults: &mut Faults) {
        let days = i64::from(calendar::days_in(started_on, self.dated_on));
        if let (ActivityKind::ConferenceDay, Amount::Quantity(told)) = (self.kind, self.amount)
            && told > days.max(1)
        {
            faults.add(
                "/quantity",
                "out_of_range",
                format!("From {started_on} on it took {days}."),
            );
        }
    }

    /// The facts as the renewal reads them.
    #[must_use]
    pub fn activity(&self) -> Activity {
        Activity {
            kind: self.kind,
            dated_on: self.dated_on,
            amount: self.amount,
            technology: self.technology,
            sets: self.sets.clone(),
            documented: self.document.is_some() || self.document_url.is_some(),
        }
    }
}

/// An activity in somebody's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedActivity {
    /// Identity.
    pub id: ActivityId,
    /// The program.
    pub program: ProgramCode,
    /// Whose it is.
    pub person: PersonId,
    /// The certification that it is to renew.
    pub certification: CertificationId,
    /// What it was.
    pub facts: ActivityFacts,
    /// The day on which it was logged.
    pub logged_on: NaiveDate,
    /// The renewal that uses it: one that is submitted or granted.
    pub renewal: Option<RenewalId>,
    /// The minutes that counted in that renewal.
    pub counted_minutes: Option<i64>,
    /// The day on which it was taken out of the log.
    pub removed_on: Option<NaiveDate>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl LoggedActivity {
    /// The finding on logging one more, where so many wait to be used.
    #[must_use]
    pub fn room_finding(free: usize) -> Finding {
        Finding::new(
            "activity.room",
            "house rule",
            free < MAX_ACTIVITIES,
            format!("less than {MAX_ACTIVITIES} that no renewal used"),
            free.to_string(),
            "A log holds so many activities that wait for a renewal: remove what is not needed.",
        )
    }

    /// Logs an activity toward the renewal of a certification.
    #[must_use]
    pub fn log(
        id: ActivityId,
        certification: &Certification,
        facts: ActivityFacts,
        today: NaiveDate,
    ) -> (Self, ActivityEvent) {
        let logged = Self {
            id,
            program: certification.program.clone(),
            person: certification.person,
            certification: certification.id,
            facts: facts.clone(),
            logged_on: today,
            renewal: None,
            counted_minutes: None,
            removed_on: None,
            version: 1,
        };
        (logged, ActivityEvent::Logged { certification: certification.id, after: facts })
    }

    /// Whether a renewal uses it.
    #[must_use]
    pub fn state(&self) -> ActivityState {
        if self.renewal.is_some() { ActivityState::Consumed } else { ActivityState::Free }
    }

    /// The finding on changing or removing it.
    #[must_use]
    pub fn free_finding(&self, act: &str) -> Finding {
        let used = self.renewal.map(|renewal| renewal.to_string());
        let message = match &used {
            None => format!("{act}: possible until a renewal uses it."),
            Some(renewal) => format!("{act}: not possible, the renewal {renewal} uses it."),
        };
        Finding::new(
            "activity.free",
            "FAQ 19",
            used.is_none(),
            "used by no renewal",
            used.map_or_else(|| "used by none".to_owned(), |renewal| format!("used by {renewal}")),
            message,
        )
    }

    /// Corrects its facts.
    pub fn change(mut self, after: ActivityFacts) -> Result<(Self, ActivityEvent), Refused> {
        decision::by_state(vec![self.free_finding("change the activity")])?;
        let before = std::mem::replace(&mut self.facts, after.clone());
        Ok((self, ActivityEvent::Changed { before, after }))
    }

    /// Takes it out of the log.
    pub fn remove(mut self, today: NaiveDate) -> Result<(Self, ActivityEvent), Refused> {
        decision::by_state(vec![self.free_finding("remove the activity")])?;
        self.removed_on = Some(today);
        Ok((self, ActivityEvent::Removed { on: today }))
    }

    /// A renewal uses it.
    #[must_use]
    pub fn consume(mut self, renewal: RenewalId, counted_minutes: i64) -> Self {
        self.renewal = Some(renewal);
        self.counted_minutes = Some(counted_minutes);
        self
    }

    /// The renewal that used it was refused or withdrawn.
    #[must_use]
    pub fn release(mut self) -> Self {
        self.renewal = None;
        self.counted_minutes = None;
        self
    }

    /// Whether it tells the same as other facts: what is imported twice is there already.
    #[must_use]
    pub fn tells(&self, facts: &ActivityFacts) -> bool {
        let told = |facts: &ActivityFacts| {
            (crate::text::fold(&facts.title), facts.kind, facts.dated_on, facts.amount)
        };
        told(&self.facts) == told(facts)
    }
}

facts! {
    /// What happens to activities. That a renewal uses one, or no more, is told by the renewal's events.
    pub enum ActivityEvent {
        /// It was logged.
        Logged = "activity.logged" { certification: CertificationId, after: ActivityFacts },
        /// Its facts were corrected.
        Changed = "activity.changed" { before: ActivityFacts, after: ActivityFacts },
        /// It was taken out of the log.
        Removed = "activity.removed" { on: NaiveDate },
    }
}
