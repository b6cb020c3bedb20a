//! What is kept from somebody of the office who is part of a portfolio, as its candidate or as its evaluator:
//! roles add up, but nobody learns by another role what theirs keeps from them.

use std::collections::HashSet;

use domain::{
    AssignmentId, PersonId, PortfolioId,
    access::Caller,
    portfolio::{Assignment, Part, Portfolio},
};
use persistence::{Recorded, Tx};

use crate::problem::Problem;

/// How the caller is part of a portfolio; none for who only looks at it.
pub fn part_of(
    tx: &mut Tx<'_>,
    caller: &Caller,
    portfolio: &Portfolio,
) -> Result<Option<Part>, Problem> {
    let Some(person) = caller.person() else { return Ok(None) };
    Ok(portfolio.part_of(person, &tx.assignments().of(portfolio.id)?))
}

/// Whether an assignment is kept from the caller: it is another's, of a portfolio that the caller is part of.
pub fn is_kept(
    tx: &mut Tx<'_>,
    caller: &Caller,
    (portfolio, assignment): (&Portfolio, &Assignment),
) -> Result<bool, Problem> {
    let own = caller.person() == Some(assignment.evaluator);
    Ok(!own && part_of(tx, caller, portfolio)?.is_some())
}

/// Whether an event of a portfolio tells what evaluators found.
#[must_use]
pub fn tells_ratings(event: &Recorded) -> bool {
    event.data.get("outcome").is_some() || event.event_type.ends_with("outcome_set_aside")
}

/// Whether the data of an event name one of `assignments`, as those of the notice of one do.
fn names_any(event: &Recorded, assignments: &HashSet<AssignmentId>) -> bool {
    if assignments.is_empty() {
        return false;
    }
    let data = event.data.to_string();
    assignments.iter().any(|id| data.contains(&id.to_string()))
}

/// The portfolios that a caller is part of.
pub struct Parts {
    person: PersonId,
    /// Their own.
    own: HashSet<PortfolioId>,
    /// Those that they judge.
    judged: HashSet<PortfolioId>,
}

impl Parts {
    /// Those of a caller; none for a machine.
    pub fn of(tx: &mut Tx<'_>, caller: &Caller) -> Result<Option<Self>, Problem> {
        let Some(person) = caller.person() else { return Ok(None) };
        let own = tx.portfolios().ids_of(person)?.into_iter().collect();
        let mut judged = HashSet::new();
        for id in tx.assignments().judged_by(person)? {
            let portfolio = tx.portfolios().get(id)?;
            if part_of(tx, caller, &portfolio)? == Some(Part::Evaluator) {
                judged.insert(id);
            }
        }
        Ok(Some(Self { person, own, judged }))
    }

    /// What a list of assignments leaves out: those of others on these portfolios.
    #[must_use]
    pub fn kept(&self) -> (Vec<PortfolioId>, PersonId) {
        (self.own.union(&self.judged).copied().collect(), self.person)
    }

    /// Whether something about the judging of a portfolio by `evaluator`, or by nobody yet, is kept.
    #[must_use]
    pub fn keep(&self, portfolio: PortfolioId, evaluator: Option<PersonId>) -> bool {
        let part = self.own.contains(&portfolio) || self.judged.contains(&portfolio);
        part && evaluator != Some(self.person)
    }

    /// The log without what is kept. Of one's own things it is not told who of the program did them: it may
    /// be an evaluator.
    pub fn clear(&self, tx: &mut Tx<'_>, events: &mut Vec<Recorded>) -> Result<(), Problem> {
        let others = self.assignments_of_others(tx)?;
        events.retain(|event| {
            let judged =
                || event.subject.parse::<PortfolioId>().is_ok_and(|id| self.judged.contains(&id));
            let kept = event.subject.parse::<AssignmentId>().is_ok_and(|id| others.contains(&id));
            !(kept || names_any(event, &others) || (tells_ratings(event) && judged()))
        });
        let mine = self.person.to_string();
        let decided = ["portfolio.", "achievement.", "candidacy.", "certification."];
        for event in events {
            let theirs = event.person == Some(self.person) && event.actor != mine;
            if theirs && decided.iter().any(|kind| event.event_type.starts_with(kind)) {
                "the program".clone_into(&mut event.actor);
            }
        }
        Ok(())
    }

    fn assignments_of_others(&self, tx: &mut Tx<'_>) -> Result<HashSet<AssignmentId>, Problem> {
        let mut others = HashSet::new();
        for portfolio in self.own.union(&self.judged) {
            let all = tx.assignments().of(*portfolio)?;
            let theirs = all.into_iter().filter(|one| one.evaluator != self.person);
            others.extend(theirs.map(|one| one.id));
        }
        Ok(others)
    }
}
