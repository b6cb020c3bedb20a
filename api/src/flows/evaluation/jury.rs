//! Who may judge a portfolio: what is known of its author and of the evaluators of its set.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use domain::{
    CompletionId, Finding, OrganisationId, PersonId,
    access::Role,
    portfolio::{
        Assignment, AssignmentState, Attempt, Author, Eligibility, Evaluator, EvaluatorFacts,
        Portfolio, choose, eligibility,
    },
};
use persistence::{ApplicationFilter, CompletionFilter, OrderFilter, Page, Tx};

use crate::{flows::program::InForce, problem::Problem};

/// The evaluators who are asked for a portfolio, and what is known of it.
pub struct Jury {
    today: NaiveDate,
    /// The day by which ratings are due of who is assigned today.
    due_on: NaiveDate,
    portfolio: Portfolio,
    attempt: Attempt,
    /// Every assignment of the portfolio.
    pub assignments: Vec<Assignment>,
    author: Author,
    /// The active evaluators of the set, by person.
    evaluators: Vec<Evaluator>,
    acts_for: HashMap<PersonId, Vec<OrganisationId>>,
    /// Where they worked or work, and for whom they act, by name.
    employers: HashMap<PersonId, Vec<String>>,
    without_role: HashSet<PersonId>,
    loads: HashMap<PersonId, u32>,
}

impl Jury {
    /// What is known of a portfolio whose present attempt is judged, with the active evaluators of its set
    /// and `also` another one.
    pub fn of(
        tx: &mut Tx<'_>,
        rules: &InForce,
        (portfolio, attempt): (&Portfolio, &Attempt),
        also: Option<Evaluator>,
    ) -> Result<Self, Problem> {
        let mut evaluators = tx.evaluators().all_active(&portfolio.program, &portfolio.set)?;
        if let Some(also) = also.filter(|one| evaluators.iter().all(|it| it.person != one.person)) {
            evaluators.push(also);
        }
        let (mut acts_for, mut without_role) = (HashMap::new(), HashSet::new());
        for one in &evaluators {
            let mut grants = tx.grants().of(one.person)?;
            grants.retain(|grant| grant.ended_at.is_none());
            if !grants.iter().any(|grant| grant.role == Role::Evaluator) {
                without_role.insert(one.person);
            }
            let theirs = grants.into_iter().filter_map(|grant| grant.organisation).collect();
            acts_for.insert(one.person, theirs);
        }
        let declared = evaluators.iter().flat_map(|one| &one.profile.conflicts);
        let mut asked: Vec<_> = declared.filter_map(|one| one.organisation).collect();
        asked.extend(acts_for.values().flatten());
        let author = author(tx, portfolio, asked)?;
        let mut jury = Self {
            today: rules.today,
            due_on: rules.policy.portfolio.due_on(rules.today),
            portfolio: portfolio.clone(),
            attempt: attempt.clone(),
            assignments: tx.assignments().of(portfolio.id)?,
            author,
            employers: employers(tx, &evaluators, &acts_for)?,
            evaluators,
            acts_for,
            without_role,
            loads: HashMap::new(),
        };
        jury.weigh(tx)?;
        Ok(jury)
    }

    /// Reads how much each evaluator took on this year, other portfolios than this one.
    fn weigh(&mut self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let year = self.today.year();
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(self.today);
        let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(self.today);
        self.loads = tx.assignments().loads(&self.portfolio.program, first, last)?;
        let counted = |one: &&Assignment| {
            matches!(one.state, AssignmentState::Open | AssignmentState::Final)
                && (first..=last).contains(&one.assigned_on)
        };
        let here: HashSet<_> =
            self.assignments.iter().filter(counted).map(|one| one.evaluator).collect();
        for (person, load) in &mut self.loads {
            *load = load.saturating_sub(u32::from(here.contains(person)));
        }
        Ok(())
    }

    /// Whether somebody had the portfolio before in a way that keeps them from a seat now. Only who rated
    /// the same seat of the first attempt is asked again for the second, and nobody once an outcome was set
    /// aside.
    fn had_it(&self, person: PersonId, seat: i64) -> bool {
        let anew = self.attempt.outcomes.iter().any(|one| one.set_aside_on.is_some());
        let again = |one: &Assignment| {
            !anew
                && one.attempt != self.attempt.id
                && one.seat == seat
                && one.state == AssignmentState::Final
        };
        self.assignments.iter().any(|one| one.evaluator == person && !again(one))
    }

    /// Whether an evaluator who is there for the most part until a day may judge a seat of the attempt.
    fn eligibility(&self, evaluator: &Evaluator, seat: i64, until: NaiveDate) -> Eligibility {
        let person = evaluator.person;
        let facts = EvaluatorFacts {
            employers: self.employers.get(&person).cloned().unwrap_or_default(),
            acts_for: self.acts_for.get(&person).cloned().unwrap_or_default(),
            load: self.loads.get(&person).copied().unwrap_or_default(),
            had_it: self.had_it(person, seat),
        };
        let code = &self.portfolio.set;
        let days = (self.today, until);
        let mut judged = eligibility(evaluator, &facts, &self.author, code, days);
        let holds = !self.without_role.contains(&person);
        judged.findings.push(Finding::new(
            "evaluator.role",
            "FAQ 10",
            holds,
            "the role evaluator",
            if holds { "granted" } else { "not granted" },
            "An evaluator holds the role.",
        ));
        judged
    }

    /// Every evaluator of the set with whether they may judge a seat without being named by the office, by
    /// person.
    #[must_use]
    pub fn judged(&self, seat: i64) -> Vec<(PersonId, Eligibility)> {
        let one = |evaluator: &Evaluator| {
            (evaluator.person, self.eligibility(evaluator, seat, self.due_on))
        };
        self.evaluators.iter().map(one).collect()
    }

    /// Who is assigned to a seat: who rated it in the first attempt where they may, else the least loaded
    /// of those who may. Their record is held, so that two portfolios at once do not exceed what one takes
    /// on.
    pub fn choose(
        &mut self,
        tx: &mut Tx<'_>,
        seat: i64,
    ) -> Result<Option<(PersonId, Eligibility)>, Problem> {
        let mut held = HashSet::new();
        loop {
            let known = self.judged(seat);
            let before = |one: &&Assignment| {
                one.seat == seat
                    && one.attempt != self.attempt.id
                    && one.state == AssignmentState::Final
            };
            let again = self.assignments.iter().rev().find(before).map(|one| one.evaluator);
            let may = |person: &PersonId| {
                known.iter().any(|(one, judged)| one == person && judged.is_eligible())
            };
            let Some(chosen) = again.filter(may).or_else(|| choose(&known)) else {
                return Ok(None);
            };
            if !held.insert(chosen) {
                return Ok(known.into_iter().find(|(one, _)| *one == chosen));
            }
            self.hold(tx, chosen)?;
        }
    }

    /// Holds an evaluator's record and reads again what it says, and how much everybody took on.
    pub fn hold(&mut self, tx: &mut Tx<'_>, person: PersonId) -> Result<(), Problem> {
        let fresh = tx.evaluators().get(&self.portfolio.program, person)?;
        if let Some(one) = self.evaluators.iter_mut().find(|one| one.person == person) {
            *one = fresh;
        }
        self.weigh(tx)
    }

    /// Whether one evaluator whom the office names may judge a seat, if they are known.
    #[must_use]
    pub fn of_one(&self, person: PersonId, seat: i64) -> Option<Eligibility> {
        let found = self.evaluators.iter().find(|one| one.person == person)?;
        Some(self.eligibility(found, seat, self.today))
    }
}

/// Where evaluators worked or work, besides what their profiles say: the libraries of their own applications,
/// and the organisations for which they act.
fn employers(
    tx: &mut Tx<'_>,
    evaluators: &[Evaluator],
    acts_for: &HashMap<PersonId, Vec<OrganisationId>>,
) -> Result<HashMap<PersonId, Vec<String>>, Problem> {
    let organisations: Vec<_> = acts_for.values().flatten().copied().collect();
    let names = tx.organisation_names(&organisations)?;
    let mut employers: HashMap<PersonId, Vec<String>> = HashMap::new();
    for (person, theirs) in acts_for {
        let libraries = theirs.iter().filter_map(|id| names.get(id).cloned());
        employers.entry(*person).or_default().extend(libraries);
    }
    let people: Vec<_> = evaluators.iter().map(|one| one.person).collect();
    for application in tx.applications().of_people(&people)? {
        let libraries = application.statements.jobs.into_iter().map(|job| job.library);
        employers.entry(application.person).or_default().extend(libraries);
    }
    Ok(employers)
}

/// What is known of whoever made a portfolio. Of the institutions that may have paid for them, those of
/// `asked` are looked up.
fn author(
    tx: &mut Tx<'_>,
    portfolio: &Portfolio,
    asked: Vec<OrganisationId>,
) -> Result<Author, Problem> {
    let person = portfolio.person;
    let name = tx.people().get(person)?.full_name();
    let filter = ApplicationFilter { person: Some(person), ..ApplicationFilter::default() };
    let applications = tx.applications().list(&filter, Page { after: None, limit: 100 })?;
    let jobs = applications.into_iter().flat_map(|one| one.statements.jobs);
    let employers = jobs.map(|job| job.library).collect();
    let grants = tx.grants().of(person)?.into_iter().filter(|grant| grant.ended_at.is_none());
    let mut organisations: Vec<_> = grants.filter_map(|grant| grant.organisation).collect();
    let graduates = tx.graduates().of_person(&portfolio.program, person)?;
    organisations.extend(graduates.iter().map(|one| one.college));
    let filter = CompletionFilter { person: Some(person), ..CompletionFilter::default() };
    let mut after: Option<CompletionId> = None;
    loop {
        let page = tx.completions().list(&filter, Page { after, limit: 200 })?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let courses: Vec<_> = page.iter().map(|one| one.course).collect();
        organisations.extend(tx.courses().by_ids(&courses)?.iter().map(|one| one.provider));
    }
    organisations.extend(payers(tx, person, asked)?);
    organisations.sort_unstable();
    organisations.dedup();
    Ok(Author { person, name, employers, organisations })
}

/// Which of `asked` ordered and paid for somebody.
fn payers(
    tx: &mut Tx<'_>,
    person: PersonId,
    asked: Vec<OrganisationId>,
) -> Result<Vec<OrganisationId>, Problem> {
    let mut found = Vec::new();
    if asked.is_empty() {
        return Ok(found);
    }
    let filter = OrderFilter { institutions: Some(asked), ..OrderFilter::default() };
    let mut after = None;
    loop {
        let page = tx.purchase_orders().list(&filter, Page { after, limit: 200 })?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        let named = page.iter().filter(|one| one.lines.iter().any(|line| line.person == person));
        found.extend(named.map(|one| one.institution));
    }
}
