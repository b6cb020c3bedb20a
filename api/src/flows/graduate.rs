//! Graduates: how they are matched with people, verified, and credited with every covered set (FAQ 12).

mod batch;

pub use batch::{PostOutcome, PostedRow, Posting, post};

use chrono::NaiveDate;
use domain::{
    AppealId, Finding, GraduateId, PersonId,
    agreement::{
        Agreement,
        graduate::{Graduate, GraduateEvent, GraduateState},
    },
    candidacy::Candidacy,
    competency::SetCode,
    completion::Achievement,
    event::Event,
    identity::identity_key,
    policy::RecognitionPolicy,
    program::{Program, ProgramCode},
};
use persistence::{CandidacyFilter, Constraint, Error, Page, Tx};

use super::{
    award, completion,
    program::{self, InForce},
};
use crate::{ids::Chance, problem::Problem, v1::achievements};

/// A graduate with the agreement that recognises it.
pub type Recognised = (Graduate, Agreement);

/// An event of a graduate.
fn event(graduate: &Graduate, fact: GraduateEvent) -> Event<GraduateEvent> {
    Event {
        program: Some(graduate.program.clone()),
        subject: graduate.id.to_string(),
        person: graduate.person,
        fact,
    }
}

/// Saves a graduate with what happened to it.
fn save(
    tx: &mut Tx<'_>,
    (mut graduate, fact): (Graduate, GraduateEvent),
) -> Result<Graduate, Problem> {
    tx.graduates().save(&mut graduate)?;
    tx.record(event(&graduate, fact))?;
    Ok(graduate)
}

/// Whether it stands: neither refused nor withdrawn.
fn stands(graduate: &Graduate) -> bool {
    !matches!(graduate.state, GraduateState::Refused | GraduateState::Withdrawn)
}

/// The graduates that a person is in a program, credited ones too, each with its agreement.
pub fn of_person(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    person: PersonId,
) -> Result<Vec<Recognised>, Problem> {
    let mut found = Vec::new();
    for graduate in tx.graduates().of_person(program, person)?.into_iter().filter(stands) {
        let agreement = agreement_of(tx, &graduate)?;
        found.push((graduate, agreement));
    }
    Ok(found)
}

/// The graduates among those of a person that can be credited in a candidacy which begins or runs: one whose
/// credit went to a candidacy that expired, was withdrawn or is certified no more is as good as new.
pub fn creditable(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    person: PersonId,
    today: NaiveDate,
) -> Result<Vec<Recognised>, Problem> {
    let mut found = of_person(tx, program, person)?;
    for (graduate, _) in &mut found {
        *graduate = free(tx, graduate.clone(), today)?;
    }
    found.retain(|(graduate, _)| graduate.candidacy.is_none());
    Ok(found)
}

/// The graduate, free of a candidacy that is over.
fn free(tx: &mut Tx<'_>, graduate: Graduate, today: NaiveDate) -> Result<Graduate, Problem> {
    let credited: Vec<_> = graduate.candidacy.into_iter().collect();
    let credited = tx.candidacies().by_ids(&credited)?.pop();
    let Some(credited) = credited else { return Ok(graduate) };
    let certification = tx.certifications().of(credited.id)?;
    Ok(graduate.free_of(&credited, certification.as_ref(), today))
}

/// Its agreement, read and not held: what is decided of a graduate does not change it.
pub fn agreement_of(tx: &mut Tx<'_>, graduate: &Graduate) -> Result<Agreement, Problem> {
    tx.agreements().by_ids(&[graduate.agreement])?.pop().ok_or_else(Problem::not_found)
}

/// The finding on whether an applicant is a graduate whose covered sets will be achieved on admission, by
/// what is [`creditable`]. The college's word verifies one that it posted; none where the applicant is no
/// graduate at all.
#[must_use]
pub fn recognition(found: &[Recognised], rules: &InForce) -> Option<Finding> {
    let findings = || found.iter().map(|one| counts(one, &rules.policy.recognition, rules.today));
    findings().find(|finding| finding.satisfied).or_else(|| findings().next())
}

/// Whether some graduate of these will be credited on admission.
#[must_use]
pub fn is_recognised(found: &[Recognised], rules: &InForce) -> bool {
    recognition(found, rules).is_some_and(|finding| finding.satisfied)
}

fn counts(
    (graduate, agreement): &Recognised,
    policy: &RecognitionPolicy,
    today: NaiveDate,
) -> Finding {
    if graduate.state == GraduateState::Posted {
        let by = String::new();
        if let Ok((verified, _)) = graduate.clone().verify(agreement, policy, by, today) {
            return verified.recognised_finding();
        }
    }
    graduate.recognised_finding()
}

/// Matches every standing graduate that nobody is yet, and that the college posted under a verified
/// address and the name of a person, with that person.
pub fn match_person(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    person: PersonId,
    today: NaiveDate,
) -> Result<Vec<GraduateId>, Problem> {
    let known = tx.known_person(program, person, today)?;
    let keys: Vec<_> = known.emails.iter().map(|email| identity_key(email, &known.name)).collect();
    let mut matched = Vec::new();
    for found in tx.graduates().under(program, &keys)? {
        if !stands(&found) || found.person.is_some() {
            continue;
        }
        // Held now: another request may have matched or refused it.
        let graduate = tx.graduates().get(found.id)?;
        let standing = stands(&graduate);
        if let Some(changed) = graduate.matched(person).filter(|_| standing) {
            matched.push(save(tx, changed)?.id);
        }
    }
    Ok(matched)
}

/// Somebody has another verified address or name now: what a college posted or a provider signed under it is
/// theirs, in every program.
pub fn arrive_everywhere(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    today: impl Fn(&Program) -> NaiveDate,
    person: PersonId,
) -> Result<(), Problem> {
    for program in tx.programs().list()? {
        let today = today(&program);
        completion::arrive(tx, chance, &program.code, person, today)?;
        arrive(tx, chance, program, person, today)?;
    }
    Ok(())
}

/// Matches what was posted under the addresses and the name of a person, and credits it where a candidacy of
/// theirs runs.
fn arrive(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    program: Program,
    person: PersonId,
    today: NaiveDate,
) -> Result<(), Problem> {
    let matched = match_person(tx, &program.code, person, today)?;
    if matched.is_empty() {
        return Ok(());
    }
    let rules = program::in_force_on(tx, program, today)?;
    credit_running(tx, chance, &rules, person)
}

/// Verifies what a college posted of a person, on the college's word; what counts then, oldest first.
pub fn attest(
    tx: &mut Tx<'_>,
    rules: &InForce,
    person: PersonId,
) -> Result<Vec<Recognised>, Problem> {
    let policy = &rules.policy.recognition;
    let mut counting = Vec::new();
    for (found, agreement) in creditable(tx, &rules.program.code, person, rules.today)? {
        // Held now: another request may have decided on it.
        let graduate = tx.graduates().get(found.id)?;
        let graduate = free(tx, graduate, rules.today)?;
        let open = graduate.candidacy.is_none() && stands(&graduate);
        if graduate.state == GraduateState::Verified && open {
            counting.push((graduate, agreement));
        } else if graduate.state == GraduateState::Posted && open {
            let by = tx.actor().to_owned();
            if let Ok(verified) = graduate.verify(&agreement, policy, by, rules.today) {
                counting.push((save(tx, verified)?, agreement));
            }
        }
    }
    Ok(counting)
}

/// Credits what counts of a person in the candidacy that runs, if one does.
pub fn credit_running(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    person: PersonId,
) -> Result<(), Problem> {
    // The person is the root: an admission that goes on at the same time is waited for.
    tx.people().get(person)?;
    let Some(candidacy) = running(tx, rules, person)? else { return Ok(()) };
    let counting = attest(tx, rules, person)?;
    credit(tx, chance, counting, candidacy, rules.today)
}

fn running(
    tx: &mut Tx<'_>,
    rules: &InForce,
    person: PersonId,
) -> Result<Option<Candidacy>, Problem> {
    let program = Some(rules.program.code.clone());
    let filter = CandidacyFilter { program, person: Some(person), status: None };
    let found = tx.candidacies().list(&filter, Page { after: None, limit: 1_000 })?;
    let Some(found) = found.into_iter().find(|one| one.runs(rules.today)) else { return Ok(None) };
    let candidacy = tx.candidacies().get(found.id)?;
    Ok(Some(candidacy).filter(|one| one.runs(rules.today)))
}

/// Credits verified graduates in a candidacy: every covered set is achieved at once, and the award
/// follows. A set that the candidacy's own competency sets do not have is passed over.
pub fn credit(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    counting: Vec<Recognised>,
    candidacy: Candidacy,
    today: NaiveDate,
) -> Result<(), Problem> {
    if counting.is_empty() {
        return Ok(());
    }
    let (_, framework) = program::pinned(tx, &candidacy)?;
    for (graduate, agreement) in counting {
        let held = tx.achievements().of(candidacy.id)?;
        let standing = held.into_iter().filter(|one| one.voided_on.is_none()).map(|one| one.set);
        let version = agreement.version_on(graduate.graduated_on);
        let covered = version.map(|one| one.terms.covered_on(graduate.graduated_on));
        let foreign = |set: &SetCode| framework.set(set).is_none();
        let passed = covered.unwrap_or_default().into_iter().filter(foreign);
        let kept: Vec<SetCode> = standing.chain(passed).collect();
        let (graduate, achieved, events, fact) =
            graduate.credit(&agreement, &candidacy, &kept, || tx.new_id())?;
        save(tx, (graduate, fact))?;
        tx.achievements().insert_all(&achieved)?;
        for (achievement, fact) in achieved.iter().zip(events) {
            tx.record(achievements::event(achievement, fact))?;
        }
    }
    award::after_achievement(chance, tx, candidacy, today)?;
    Ok(())
}

/// Stores a claim: 409 where the graduate is there already.
pub fn claim(
    tx: &mut Tx<'_>,
    (claimed, fact): (Graduate, GraduateEvent),
) -> Result<Graduate, Problem> {
    tx.graduates().insert(&claimed).map_err(there_already)?;
    tx.record(event(&claimed, fact))?;
    Ok(claimed)
}

fn there_already(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::GraduatesOnce) => Problem::conflict(
            "This graduate is there already: claimed before, or posted by the college. \
             Confirm your e-mail address, and it is yours.",
        ),
        other => other.into(),
    }
}

/// The refusal of a graduate is set aside: the office decides anew. 409 where the graduate was claimed or
/// posted again since.
pub fn reopen(tx: &mut Tx<'_>, id: GraduateId, appeal: AppealId) -> Result<Graduate, Problem> {
    let refused = tx.graduates().get(id)?;
    let history = tx.events().history(&id.to_string())?;
    let confirmed = history.iter().any(|event| event.event_type == "graduate.confirmed");
    let (mut reopened, fact) = refused.reopen(confirmed, appeal)?;
    tx.graduates().save(&mut reopened).map_err(there_already)?;
    tx.record(event(&reopened, fact))?;
    Ok(reopened)
}

/// The graduate of an id, with its agreement; its person is held first, as in an admission.
pub fn held(tx: &mut Tx<'_>, id: GraduateId) -> Result<Recognised, Problem> {
    let person = tx.graduates().by_ids(&[id])?.pop().and_then(|one| one.person);
    if let Some(person) = person {
        tx.people().get(person)?;
    }
    let graduate = tx.graduates().get(id)?;
    let agreement = agreement_of(tx, &graduate)?;
    Ok((graduate, agreement))
}

/// Staff verify a graduate; where a candidacy of theirs runs, it is credited at once.
pub fn verify(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    (graduate, agreement): Recognised,
) -> Result<Graduate, Problem> {
    let by = tx.actor().to_owned();
    let verified = graduate.verify(&agreement, &rules.policy.recognition, by, rules.today)?;
    let verified = save(tx, verified)?;
    if let Some(person) = verified.person {
        credit_running(tx, chance, rules, person)?;
    }
    Ok(tx.graduates().get(verified.id)?)
}

/// Staff refuse a graduate, with the findings.
pub fn refuse(
    tx: &mut Tx<'_>,
    rules: &InForce,
    (graduate, agreement): Recognised,
    reason: String,
) -> Result<Graduate, Problem> {
    let findings = graduate.verification_findings(&agreement, &rules.policy.recognition);
    let by = tx.actor().to_owned();
    save(tx, graduate.refuse(findings, reason, by, rules.today)?)
}

/// An achievement that rested on a graduate was voided: the office decides on the graduate again.
pub fn void_credit(
    tx: &mut Tx<'_>,
    id: GraduateId,
    voided: &Achievement,
    reason: &str,
) -> Result<(), Problem> {
    match tx.graduates().get(id)?.void_credit(voided, reason.to_owned()) {
        Some(voided) => save(tx, voided).map(drop),
        None => Ok(()),
    }
}

/// The college or the person takes it back.
pub fn withdraw(tx: &mut Tx<'_>, graduate: Graduate, reason: String) -> Result<Graduate, Problem> {
    save(tx, graduate.withdraw(reason)?)
}
