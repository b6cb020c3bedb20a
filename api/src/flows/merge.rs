//! Merging two people, and taking it back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    Finding, MergeId, PersonId,
    event::Event,
    merge::{self, MergeEvent, MovedKind, PersonMerge, Side},
    person::Person,
    program::ProgramCode,
    session::SessionEnd,
};
use persistence::{
    ApplicationFilter, AssistanceFilter, CandidacyFilter, CertificationFilter, Error, Optional,
    Page, SupportRegistrationFilter, Tx,
};

use crate::{app::App, problem::Problem, v1::sessions};

/// Most rows of a kind that are looked at for conflicts: nobody has as many.
const MOST: i64 = 1_000;

/// What a merge would come to.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Whose record is the duplicate.
    pub from: Person,
    /// Who goes on.
    pub into: Person,
    /// What would be moved.
    pub moves: Vec<MovedKind>,
    /// What was checked, and what stands in the way.
    pub findings: Vec<Finding>,
}

/// Both people, held; 409 where one of them was merged before, 422 where there is no such one.
fn held(tx: &mut Tx<'_>, from: PersonId, into: PersonId) -> Result<(Person, Person), Problem> {
    if from == into {
        let detail = "Nobody is merged into themselves.";
        return Err(Problem::input("/into_person_id", "same", detail));
    }
    let found = tx.merges().hold([from, into])?;
    let mut findings = Vec::new();
    for (pointer, person) in [("/from_person_id", from), ("/into_person_id", into)] {
        if found.contains(&person) {
            continue;
        }
        let merged = tx.merges().into_of(person)?;
        if merged.is_none() {
            return Err(Problem::input(pointer, "unknown", "There is no such person."));
        }
        findings.push(PersonMerge::standing_finding(person, merged));
    }
    domain::decision::by_state(findings)?;
    Ok((tx.people().get(from)?, tx.people().get(into)?))
}

fn side(tx: &mut Tx<'_>, person: PersonId) -> Result<Side, Error> {
    let of = Some(person);
    let (applications, candidacies, certifications, assistance, registrations) = (
        ApplicationFilter { person: of, ..ApplicationFilter::default() },
        CandidacyFilter { person: of, ..CandidacyFilter::default() },
        CertificationFilter { person: of, ..CertificationFilter::default() },
        AssistanceFilter { person: of, ..AssistanceFilter::default() },
        SupportRegistrationFilter { person: of, ..SupportRegistrationFilter::default() },
    );
    Ok(Side {
        applications: tx.applications().list(&applications, first())?,
        candidacies: tx.candidacies().list(&candidacies, first())?,
        certifications: tx.certifications().list(&certifications, first())?,
        evaluates: evaluates(tx, person)?,
        memberships: tx.memberships().of(person)?,
        assistance: tx.assistance().list(&assistance, first())?,
        registrations: tx.support_registrations().list(&registrations, first())?,
        grants: tx.grants().of(person)?,
    })
}

const fn first<I>() -> Page<I> {
    Page { after: None, limit: MOST }
}

fn evaluates(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<ProgramCode>, Error> {
    let mut found = Vec::new();
    for program in tx.programs().list()? {
        if tx.evaluators().get(&program.code, person).found()?.is_some() {
            found.push(program.code);
        }
    }
    Ok(found)
}

/// What a merge would come to; both are held in a write.
pub fn preview(
    app: &App,
    tx: &mut Tx<'_>,
    from: PersonId,
    into: PersonId,
) -> Result<Preview, Problem> {
    let (from, into) = held(tx, from, into)?;
    let mut days: BTreeMap<ProgramCode, NaiveDate> = BTreeMap::new();
    for program in tx.programs().list()? {
        let today = app.today(&program);
        days.insert(program.code, today);
    }
    let today = |code: &ProgramCode| days.get(code).copied().unwrap_or_default();
    let (duplicate, survivor) = (side(tx, from.id)?, side(tx, into.id)?);
    let between = tx.merges().between(from.id, into.id)?;
    let findings = merge::conflicts(&duplicate, &survivor, &between, &today);
    Ok(Preview { moves: tx.merges().belongings(from.id)?, from, into, findings })
}

fn event(merge: &PersonMerge, fact: MergeEvent) -> Event<MergeEvent> {
    Event { program: None, subject: merge.id.to_string(), person: Some(merge.into), fact }
}

/// Merges two people: everything follows in one transaction. 409 with what stands in the way.
pub fn merge(
    app: &App,
    tx: &mut Tx<'_>,
    (from, into): (PersonId, PersonId),
    reason: String,
) -> Result<PersonMerge, Problem> {
    let found = preview(app, tx, from, into)?;
    let (id, stamp): (MergeId, _) = (tx.new_id(), (tx.now(), tx.actor().to_owned()));
    let mut merge = PersonMerge::merge(id, (from, into), reason, stamp, found.findings)?;
    merge.moved = found.moves;
    // Whoever holds a token of the old record holds one of nobody's.
    tx.resets().use_all_of(from)?;
    sessions::end_others(tx, from, None, SessionEnd::Merged)?;
    tx.merges().insert(&merge)?;
    tx.merges().carry_over(&merge)?;
    tx.record(event(&merge, merge.merged()))?;
    Ok(merge)
}

/// Takes a merge back: every row is whose it was. 409 with what later depends on it.
pub fn reverse(
    tx: &mut Tx<'_>,
    merge: PersonMerge,
    reason: String,
) -> Result<PersonMerge, Problem> {
    // Before it is judged, so that nothing new comes to hang on it meanwhile.
    tx.merges().hold([merge.from, merge.into])?;
    let later = tx.merges().later(&merge)?;
    let stamp = (tx.now(), tx.actor().to_owned());
    let (mut merge, fact) = merge.reverse(reason, stamp, &later)?;
    tx.merges().put_back(&merge)?;
    tx.merges().save(&mut merge)?;
    tx.record(event(&merge, fact))?;
    Ok(merge)
}
