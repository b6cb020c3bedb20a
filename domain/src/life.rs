//! What becomes of people: who retired gets no notices and begins nothing new, who died has no sessions, and who
//! was erased is known by their certificate alone.

use chrono::NaiveDate;

use crate::{
    Finding,
    decision::{self, Refused},
    person::{Names, Person, PersonEvent},
    words,
};

words! {
    /// What became of a person.
    pub enum PersonState {
        /// Nothing: they act, and notices go to them.
        Active = "active",
        /// They left the work: no notices, no new application.
        Retired = "retired",
        /// They died: no notices, no sessions.
        Deceased = "deceased",
        /// Their personal data was removed; what was published stays.
        Erased = "erased",
    }
}

/// What became of a person, by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Life {
    /// The day on which they retired.
    pub retired_on: Option<NaiveDate>,
    /// The day of their death.
    pub deceased_on: Option<NaiveDate>,
    /// The day on which their personal data was removed.
    pub erased_on: Option<NaiveDate>,
}

impl Life {
    /// What became of them.
    #[must_use]
    pub fn state(self) -> PersonState {
        match (self.erased_on, self.deceased_on, self.retired_on) {
            (Some(_), ..) => PersonState::Erased,
            (None, Some(_), _) => PersonState::Deceased,
            (None, None, Some(_)) => PersonState::Retired,
            (None, None, None) => PersonState::Active,
        }
    }
}

/// What stands in the way of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unfinished {
    /// Invoices with a balance, credit and payouts that are due, by what people call them.
    pub money: Vec<String>,
    /// Open applications, renewals and audits, and portfolios that are being judged.
    pub applications: Vec<String>,
    /// Open appeals.
    pub appeals: Vec<String>,
    /// Roles in force.
    pub roles: Vec<String>,
}

/// The names that an erased person has.
#[must_use]
pub fn erased_names() -> Names {
    Names { given_name: "Erased".to_owned(), family_name: "person".to_owned() }
}

impl Person {
    fn act_finding(&self, act: &str, allowed: &[PersonState]) -> Finding {
        decision::state_finding("person.state", act, self.life.state(), allowed)
    }

    /// The finding on whether they can begin something new.
    #[must_use]
    pub fn active_finding(&self) -> Finding {
        self.act_finding("begin an application", &[PersonState::Active])
    }
    /// The finding on whether they can retire.
    #[must_use]
    pub fn retire_finding(&self) -> Finding {
        self.act_finding("retire", &[PersonState::Active])
    }
    /// The finding on whether their death can be recorded.
    #[must_use]
    pub fn death_finding(&self) -> Finding {
        self.act_finding("record the death", &[PersonState::Active, PersonState::Retired])
    }
    /// The finding on whether they can become active again.
    #[must_use]
    pub fn restore_finding(&self) -> Finding {
        self.act_finding("make active again", &[PersonState::Retired, PersonState::Deceased])
    }

    /// They retire: no notices go to them, and they begin no application.
    pub fn retire(mut self, today: NaiveDate) -> Result<(Self, PersonEvent), Refused> {
        decision::by_state(vec![self.retire_finding()])?;
        self.life.retired_on = Some(today);
        Ok((self, PersonEvent::Retired { retired_on: today }))
    }

    /// They died on a day.
    pub fn die(mut self, on: NaiveDate) -> Result<(Self, PersonEvent), Refused> {
        decision::by_state(vec![self.death_finding()])?;
        self.life.deceased_on = Some(on);
        Ok((self, PersonEvent::Deceased { deceased_on: on }))
    }

    /// They came back, or it was a mistake.
    pub fn restore(mut self, reason: Option<String>) -> Result<(Self, PersonEvent), Refused> {
        decision::by_state(vec![self.restore_finding()])?;
        let before = self.life.state();
        self.life = Life::default();
        Ok((self, PersonEvent::Restored { before, reason }))
    }

    /// The findings on an erasure.
    #[must_use]
    pub fn erasure_findings(&self, unfinished: &Unfinished) -> Vec<Finding> {
        let left = [PersonState::Active, PersonState::Retired, PersonState::Deceased];
        let none = |rule: &'static str, found: &[String], required: &str, message: &str| {
            let actual = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            Finding::new(rule, "house rule", found.is_empty(), required.to_owned(), actual, message)
        };
        vec![
            self.act_finding("erase the person", &left),
            none(
                "erasure.no_open_money",
                &unfinished.money,
                "no balance, no credit, no payout that is due",
                "What is owed, either way, is settled first.",
            ),
            none(
                "erasure.no_open_application",
                &unfinished.applications,
                "no open application, renewal or audit, no portfolio that is being judged",
                "What waits for a decision is withdrawn or decided first.",
            ),
            none(
                "erasure.no_open_appeal",
                &unfinished.appeals,
                "no open appeal",
                "An appeal is withdrawn or decided first.",
            ),
            none(
                "erasure.no_roles",
                &unfinished.roles,
                "no role in force",
                "Roles are ended first.",
            ),
        ]
    }

    /// Their personal data is removed. What the program published, and what law needs, stays.
    pub fn erase(
        mut self,
        unfinished: &Unfinished,
        today: NaiveDate,
    ) -> Result<(Self, PersonEvent), Refused> {
        decision::by_state(self.erasure_findings(unfinished))?;
        let names = erased_names();
        self.given_name = names.given_name;
        self.family_name = names.family_name;
        self.life.erased_on = Some(today);
        Ok((self, PersonEvent::Erased { erased_on: today }))
    }
}
