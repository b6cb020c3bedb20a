//! Assignments: who judges which attempt, until when, and what they find. Evaluators do not see each
//! other's ratings until both are final (FAQ 10).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Attempt, Eligibility, MAX_TEXT, Portfolio, PortfolioAct, Rating};
use crate::{
    AssignmentId, AttemptId, BadFact, Finding, PersonId, PortfolioId,
    calendar::{self, Faults},
    competency::{CompetencyCode, CompetencySet, SetCode},
    decision::{self, Refused},
    facts,
    policy::PortfolioPolicy,
    program::ProgramCode,
    text, words,
};

/// The seats of an attempt: two evaluators, and a third for what is split.
pub const SEATS: &[i64] = &[1, 2];
/// The seat of the third evaluator.
pub const THIRD_SEAT: i64 = 3;

words! {
    /// Where an assignment stands.
    pub enum AssignmentState {
        /// The evaluator works on it.
        Open = "open",
        /// The ratings are final.
        Final = "final",
        /// The evaluator gave it back.
        HandedBack = "handed_back",
        /// The office took it back, or its time ran out.
        Released = "released",
        /// The ratings were set aside: they are kept and count for nothing.
        Voided = "voided",
    }
}

/// What an evaluator finds of one competency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompetencyRating {
    /// The competency.
    pub competency: CompetencyCode,
    /// What is found; none in a draft that has not come to it.
    #[serde(default)]
    pub rating: Option<Rating>,
    /// Why: for the candidate. Needed where it is not met in full.
    #[serde(default)]
    pub comment: Option<String>,
}

/// One evaluator's work on one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Identity.
    pub id: AssignmentId,
    /// The program.
    pub program: ProgramCode,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The attempt's number.
    pub number: i64,
    /// The set.
    pub set: SetCode,
    /// 1 or 2, or 3 for the third evaluator.
    pub seat: i64,
    /// Who.
    pub evaluator: PersonId,
    /// Where it stands.
    pub state: AssignmentState,
    /// The competencies to rate.
    pub to_rate: Vec<CompetencyCode>,
    /// What was found so far.
    pub ratings: Vec<CompetencyRating>,
    /// The day of assignment.
    pub assigned_on: NaiveDate,
    /// The day by which it is due.
    pub due_on: NaiveDate,
    /// The day on which the evaluator was reminded.
    pub reminded_on: Option<NaiveDate>,
    /// When the ratings became final.
    pub finalised_at: Option<DateTime<Utc>>,
    /// Why it was given back, released or voided.
    pub reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// The ratings of a seat in the order of the set's competencies: those of earlier attempts, and over them
/// those of the present one, which must be final. The third seat rates what is split and nothing else.
pub(super) fn seat_ratings(
    seat: i64,
    attempt: Option<AttemptId>,
    assignments: &[Assignment],
    codes: &[CompetencyCode],
) -> Option<Vec<Option<Rating>>> {
    let finals = |one: &&Assignment| one.seat == seat && one.state == AssignmentState::Final;
    let mut of_seat: Vec<_> = assignments.iter().filter(finals).collect();
    of_seat.sort_by_key(|one| one.number);
    let present = of_seat.iter().find(|one| Some(one.attempt) == attempt)?;
    if seat == THIRD_SEAT {
        of_seat = vec![*present];
    }
    let rating = |code: &CompetencyCode| {
        of_seat.iter().rev().find_map(|one| one.rating(code).and_then(|found| found.rating))
    };
    Some(codes.iter().map(rating).collect())
}

/// The seats of a portfolio's present attempt that nobody holds, lowest first.
#[must_use]
pub fn free_seats(portfolio: &Portfolio, assignments: &[Assignment]) -> Vec<i64> {
    if !PortfolioAct::Assign.from().contains(&portfolio.state) {
        return Vec::new();
    }
    let held = |seat: i64| {
        assignments.iter().any(|one| {
            one.seat == seat
                && Some(one.attempt) == portfolio.attempt
                && matches!(one.state, AssignmentState::Open | AssignmentState::Final)
        })
    };
    let third = (!portfolio.disputed.is_empty()).then_some(THIRD_SEAT);
    SEATS.iter().copied().chain(third).filter(|seat| !held(*seat)).collect()
}

impl PortfolioPolicy {
    /// The day by which the ratings are due of who is assigned on a day.
    #[must_use]
    pub fn due_on(&self, assigned_on: NaiveDate) -> NaiveDate {
        calendar::add_days(assigned_on, self.rating_days.into())
    }
}

impl Assignment {
    /// Assigns an evaluator to a free seat of an attempt: 409 where it is not free, 422 with the findings
    /// on the evaluator.
    pub fn assign(
        id: AssignmentId,
        (portfolio, attempt): (&Portfolio, &Attempt),
        assignments: &[Assignment],
        (seat, evaluator, eligibility): (i64, PersonId, Eligibility),
        (held, policy, today): (&CompetencySet, &PortfolioPolicy, NaiveDate),
    ) -> Result<(Self, AssignmentEvent), Refused> {
        let free = free_seats(portfolio, assignments);
        decision::by_state(vec![
            portfolio.state_finding(PortfolioAct::Assign),
            free_finding(portfolio, &free, seat),
        ])?;
        decision::by_rule(eligibility.findings)?;
        let to_rate = match (seat, portfolio.round, attempt.number) {
            (THIRD_SEAT, ..) => portfolio.disputed.clone(),
            // The chance was used: the rest stands as it was rated in the first round.
            (_, 2, 2..) => portfolio.requested.clone(),
            _ => held.competencies.iter().map(|one| one.code.clone()).collect(),
        };
        let due_on = policy.due_on(today);
        let assigned = Self {
            id,
            program: portfolio.program.clone(),
            portfolio: portfolio.id,
            attempt: attempt.id,
            number: attempt.number,
            set: portfolio.set.clone(),
            seat,
            evaluator,
            state: AssignmentState::Open,
            to_rate,
            ratings: Vec::new(),
            assigned_on: today,
            due_on,
            reminded_on: None,
            finalised_at: None,
            reason: None,
            version: 1,
        };
        let (portfolio, attempt) = (portfolio.id, attempt.id);
        Ok((assigned, AssignmentEvent::Assigned { portfolio, attempt, seat, evaluator, due_on }))
    }

    /// What was found of a competency.
    #[must_use]
    pub fn rating(&self, code: &CompetencyCode) -> Option<&CompetencyRating> {
        self.ratings.iter().find(|one| one.competency == *code)
    }

    /// The finding on whether `act` is legal while it is open.
    #[must_use]
    pub fn open_finding(&self, act: &str) -> Finding {
        decision::state_finding("assignment.state", act, self.state, &[AssignmentState::Open])
    }

    /// What is wrong with ratings: competencies that are not to be rated or that come twice, comments
    /// that are too long.
    #[must_use]
    pub fn check(&self, ratings: &[CompetencyRating]) -> Vec<BadFact> {
        let mut faults = Faults::default();
        for (place, one) in ratings.iter().enumerate() {
            let code = &one.competency;
            let at = format!("/ratings/{place}");
            if !self.to_rate.contains(code) {
                let detail = format!("{code} is not to be rated here.");
                faults.add(format!("{at}/competency"), "unknown", detail);
            } else if ratings.iter().take(place).any(|other| other.competency == *code) {
                faults.add(format!("{at}/competency"), "duplicate", format!("{code} comes twice."));
            }
            if one.comment.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT) {
                let detail = format!("A comment has at most {MAX_TEXT} characters.");
                faults.add(format!("{at}/comment"), "length", detail);
            }
        }
        faults.none().err().unwrap_or_default()
    }

    /// Keeps ratings as a draft, in place of those before.
    pub fn save(
        mut self,
        ratings: Vec<CompetencyRating>,
    ) -> Result<(Self, AssignmentEvent), Refused> {
        decision::by_state(vec![self.open_finding("save ratings")])?;
        self.ratings.clone_from(&ratings);
        Ok((self, AssignmentEvent::Saved { ratings }))
    }

    /// What final ratings ask for: a rating of every competency that is to be rated, and a comment where
    /// it is not met in full.
    #[must_use]
    pub fn completeness(&self) -> Vec<Finding> {
        let finding = |code: &CompetencyCode| {
            let found = self.rating(code);
            let rated = found.and_then(|one| one.rating);
            let said = found.and_then(|one| one.comment.as_deref()).unwrap_or_default();
            let silent = rated.is_some_and(|one| one != Rating::Met) && said.trim().is_empty();
            let actual = match rated {
                None => "not rated".to_owned(),
                Some(rating) if silent => format!("{rating}, without a comment"),
                Some(rating) => rating.to_string(),
            };
            Finding::new(
                "rating.given",
                "FAQ 10",
                rated.is_some() && !silent,
                format!("{code}: a rating, with a comment where it is not met"),
                format!("{code}: {actual}"),
                "Every competency is rated, and the candidate is told why one is not met in full.",
            )
        };
        self.to_rate.iter().map(finding).collect()
    }

    /// Makes the ratings final. `rateable` is the finding on the portfolio.
    pub fn finalise(
        mut self,
        rateable: Finding,
        now: DateTime<Utc>,
    ) -> Result<(Self, AssignmentEvent), Refused> {
        decision::by_state(vec![self.open_finding("make the ratings final"), rateable])?;
        decision::by_rule(self.completeness())?;
        self.state = AssignmentState::Final;
        self.finalised_at = Some(now);
        let (portfolio, ratings) = (self.portfolio, self.ratings.clone());
        Ok((self, AssignmentEvent::Finalised { portfolio, ratings }))
    }

    /// What a third evaluator is to settle changed while they worked on it: what was found of the rest is
    /// kept. None where nothing changes.
    #[must_use]
    pub fn scope_to(mut self, split: &[CompetencyCode]) -> Option<(Self, AssignmentEvent)> {
        if self.state != AssignmentState::Open || self.to_rate == split {
            return None;
        }
        self.to_rate = split.to_vec();
        self.ratings.retain(|one| split.contains(&one.competency));
        Some((self, AssignmentEvent::Rescoped { to_rate: split.to_vec() }))
    }

    /// The evaluator gives it back; what was found so far is kept.
    pub fn hand_back(mut self, reason: String) -> Result<(Self, AssignmentEvent), Refused> {
        decision::by_state(vec![self.open_finding("hand the assignment back")])?;
        self.state = AssignmentState::HandedBack;
        self.reason = Some(reason.clone());
        let portfolio = self.portfolio;
        Ok((self, AssignmentEvent::HandedBack { portfolio, reason }))
    }

    /// The office takes it back, or its time ran out, or the portfolio ended.
    pub fn release(mut self, reason: String) -> Result<(Self, AssignmentEvent), Refused> {
        decision::by_state(vec![self.open_finding("release the evaluator")])?;
        self.state = AssignmentState::Released;
        self.reason = Some(reason.clone());
        let portfolio = self.portfolio;
        Ok((self, AssignmentEvent::Released { portfolio, reason }))
    }

    /// The findings on setting final ratings aside: they are final, and of the attempt that is judged or
    /// was judged last.
    #[must_use]
    pub fn void_findings(&self, portfolio: &Portfolio) -> Vec<Finding> {
        let present = portfolio.attempt == Some(self.attempt);
        vec![
            decision::state_finding(
                "assignment.state",
                "void the ratings",
                self.state,
                &[AssignmentState::Final],
            ),
            Finding::new(
                "rating.of_present_attempt",
                "FAQ 10",
                present,
                "of the latest attempt",
                if present { "of the latest attempt" } else { "of an earlier attempt" },
                "What was judged again since is not judged anew.",
            ),
        ]
    }

    /// The office sets final ratings aside: they are kept, and count for nothing.
    pub fn void(
        mut self,
        portfolio: &Portfolio,
        reason: String,
    ) -> Result<(Self, AssignmentEvent), Refused> {
        decision::by_state(self.void_findings(portfolio))?;
        self.state = AssignmentState::Voided;
        self.reason = Some(reason.clone());
        let portfolio = self.portfolio;
        Ok((self, AssignmentEvent::Voided { portfolio, reason }))
    }

    /// Reminds the evaluator, once; none while it is not near its day or not open.
    #[must_use]
    pub fn remind(
        mut self,
        policy: &PortfolioPolicy,
        today: NaiveDate,
    ) -> Option<(Self, AssignmentEvent)> {
        let from = calendar::add_days(self.due_on, -i64::from(policy.reminder_days));
        if self.state != AssignmentState::Open || self.reminded_on.is_some() || today < from {
            return None;
        }
        self.reminded_on = Some(today);
        let due_on = self.due_on;
        Some((self, AssignmentEvent::DueSoon { due_on }))
    }

    /// Whether its time ran out: past its day and the days of grace.
    #[must_use]
    pub fn has_lapsed(&self, policy: &PortfolioPolicy, today: NaiveDate) -> bool {
        let last = calendar::add_days(self.due_on, policy.lease_grace_days.into());
        self.state == AssignmentState::Open && today > last
    }
}

/// The finding on whether `seat` is one of the `free` ones.
#[must_use]
pub fn free_finding(portfolio: &Portfolio, free: &[i64], seat: i64) -> Finding {
    let needed = if portfolio.disputed.is_empty() { 2 } else { 3 };
    let count = u64::try_from(free.len()).unwrap_or(u64::MAX);
    Finding::new(
        "assignment.free_seat",
        "FAQ 10",
        free.contains(&seat),
        format!("a free seat of {needed}"),
        format!("{} free", text::counted(count, "seat")),
        "Two evaluators judge an attempt, and a third what they are split on.",
    )
}

facts! {
    /// What happens to assignments.
    pub enum AssignmentEvent {
        /// An evaluator was assigned.
        Assigned = "assignment.assigned" { portfolio: PortfolioId, attempt: AttemptId, seat: i64, evaluator: PersonId, due_on: NaiveDate },
        /// Ratings were kept as a draft.
        Saved = "assignment.saved" { ratings: Vec<CompetencyRating> },
        /// What is to be rated changed with what is split.
        Rescoped = "assignment.rescoped" { to_rate: Vec<CompetencyCode> },
        /// The ratings became final.
        Finalised = "assignment.finalised" { portfolio: PortfolioId, ratings: Vec<CompetencyRating> },
        /// The evaluator gave it back.
        HandedBack = "assignment.handed_back" { portfolio: PortfolioId, reason: String },
        /// The office took it back, or its time ran out.
        Released = "assignment.released" { portfolio: PortfolioId, reason: String },
        /// The ratings were set aside.
        Voided = "assignment.voided" { portfolio: PortfolioId, reason: String },
        /// It is due soon.
        DueSoon = "assignment.due_soon" { due_on: NaiveDate },
    }
}

impl AssignmentState {
    /// The state to which the events of an assignment lead, by their types in order; none when one of
    /// them was not legal where it happened.
    pub fn replay<'e>(types: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        types.into_iter().try_fold(None, |state, event| {
            let after = match (state, event) {
                (None, "assignment.assigned")
                | (
                    Some(Self::Open),
                    "assignment.saved" | "assignment.rescoped" | "assignment.due_soon",
                ) => Self::Open,
                (Some(Self::Open), "assignment.finalised") => Self::Final,
                (Some(Self::Open), "assignment.handed_back") => Self::HandedBack,
                (Some(Self::Open), "assignment.released") => Self::Released,
                (Some(Self::Final), "assignment.voided") => Self::Voided,
                _ => return None,
            };
            Some(Some(after))
        })?
    }
}
