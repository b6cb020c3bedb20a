//! A college posts its graduates: every row is judged for itself and answered.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{
    BadFact, Finding, GraduateId, PersonId,
    agreement::{
        Agreement,
        graduate::{Graduate, GraduateEvent, GraduateState, Graduation},
    },
    all_satisfied,
    identity::{Directory, Match, Named},
};
use persistence::Tx;

use super::{credit_running, event, save, stands};
use crate::{flows::program::InForce, ids::Chance, problem::Problem};

domain::words! {
    /// What became of a row of graduates.
    pub enum PostOutcome {
        /// The graduate is posted.
        Posted = "posted",
        /// The graduate had claimed it: the college's word is the proof now.
        Confirmed = "confirmed",
        /// The graduate is there already.
        AlreadyPosted = "already_posted",
        /// The rules do not allow it; the findings say why.
        Refused = "refused",
        /// The row cannot be; its errors say why.
        Bad = "bad",
    }
}

/// A row to post.
#[derive(Debug, Clone)]
pub struct Posting {
    /// Its line of the file, or its place in the list, from 1 on.
    pub line: u64,
    /// What it says, or what is wrong with it.
    pub graduation: Result<Graduation, Vec<BadFact>>,
}

/// What a row came to.
#[derive(Debug, Clone)]
pub struct PostedRow {
    /// Its line.
    pub line: u64,
    /// What became of it.
    pub outcome: PostOutcome,
    /// The graduate: posted now, or there already.
    pub graduate: Option<GraduateId>,
    /// Whether its person is known.
    pub matched: bool,
    /// The findings of the rules.
    pub findings: Vec<Finding>,
    /// What is wrong with the row.
    pub errors: Vec<BadFact>,
}

impl PostedRow {
    fn of(line: u64, outcome: PostOutcome) -> Self {
        let (findings, errors) = (Vec::new(), Vec::new());
        Self { line, outcome, graduate: None, matched: false, findings, errors }
    }
}

fn named(graduation: &Graduation) -> Named {
    let (email, name) = (Some(graduation.email.clone()), Some(graduation.name.clone()));
    Named { candidacy: None, email, name }
}

/// What is known before the rows are judged, and what they come to.
struct Batch<'a> {
    rules: &'a InForce,
    agreement: &'a Agreement,
    directory: Directory,
    /// The graduates of the agreement that stand, by what they are kept under.
    standing: HashMap<String, (GraduateId, bool)>,
    /// The findings on those that the office refused, and who they are.
    refused: HashMap<String, (GraduateId, Finding)>,
    /// Those that stand, were claimed by their person, and nobody checked yet.
    claimed: HashMap<String, Graduate>,
    confirmed: Vec<(Graduate, GraduateEvent)>,
    new: Vec<(Graduate, Vec<GraduateEvent>)>,
}

/// Posts the graduates of an agreement, each row for itself, and credits those whose candidacy runs.
pub fn post(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    agreement: &Agreement,
    rows: Vec<Posting>,
) -> Result<Vec<PostedRow>, Problem> {
    let named: Vec<Named> =
        rows.iter().filter_map(|row| row.graduation.as_ref().ok()).map(named).collect();
    let keys: Vec<String> = named.iter().filter_map(Named::key).collect();
    let program = &rules.program.code;
    let known = tx.graduates().under(program, &keys)?;
    let (ours, gone): (Vec<Graduate>, Vec<Graduate>) =
        known.into_iter().filter(|one| one.agreement == agreement.id).partition(stands);
    let refusal = |one: &Graduate| Some((one.key(), (one.id, one.refusal_finding()?)));
    let mut claimed = HashMap::new();
    for one in ours.iter().filter(|one| one.state == GraduateState::Claimed) {
        // Held now: another request may have decided on it.
        let held = tx.graduates().get(one.id)?;
        claimed.insert(held.key(), held);
    }
    let mut batch = Batch {
        rules,
        agreement,
        directory: tx.directory(program, &named, rules.today)?,
        standing: ours.iter().map(|one| (one.key(), (one.id, one.person.is_some()))).collect(),
        refused: gone.iter().filter_map(refusal).collect(),
        claimed,
        confirmed: Vec::new(),
        new: Vec::new(),
    };
    let mut posted = Vec::with_capacity(rows.len());
    for row in rows {
        posted.push(batch.judge(tx, row));
    }
    let graduates: Vec<Graduate> = batch.new.iter().map(|(one, _)| one.clone()).collect();
    tx.graduates().insert_all(&graduates)?;
    let told = |(graduate, facts): (Graduate, Vec<GraduateEvent>)| {
        facts.into_iter().map(move |fact| event(&graduate, fact)).collect::<Vec<_>>()
    };
    tx.record_all(batch.new.into_iter().flat_map(told).collect())?;
    let mut people: BTreeSet<PersonId> = graduates.iter().filter_map(|one| one.person).collect();
    for confirmed in batch.confirmed {
        people.extend(save(tx, confirmed)?.person);
    }
    credit(tx, chance, rules, people)?;
    Ok(posted)
}

/// Credits those of `people` whose candidacy runs. All are held first, in one line with other batches and with
/// their admission, which credits who is admitted at this moment.
fn credit(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    people: BTreeSet<PersonId>,
) -> Result<(), Problem> {
    let people: Vec<_> = people.into_iter().collect();
    tx.people().hold(&people)?;
    let candidacies = tx.candidacies().of_people(&rules.program.code, &people)?;
    let running = candidacies.into_iter().filter(|one| one.runs(rules.today));
    for person in running.map(|one| one.person).collect::<BTreeSet<_>>() {
        credit_running(tx, chance, rules, person)?;
    }
    Ok(())
}

impl Batch<'_> {
    /// The college posts who claimed it; none where nobody did, or somebody else.
    fn confirm(
        &mut self,
        key: &str,
        graduated_on: NaiveDate,
        person: Option<PersonId>,
        line: u64,
    ) -> Option<PostedRow> {
        let claimed =
            self.claimed.get(key).filter(|one| person.is_none() || one.person == person)?;
        let id = claimed.id;
        let policy = &self.rules.policy.recognition;
        let confirmed = claimed.clone().confirm(self.agreement, graduated_on, policy);
        let (graduate, fact) = confirmed.ok().flatten()?;
        let findings = graduate.graduation_findings(self.agreement, policy);
        self.claimed.remove(key);
        self.confirmed.push((graduate, fact));
        let row = PostedRow::of(line, PostOutcome::Confirmed);
        Some(PostedRow { graduate: Some(id), matched: true, findings, ..row })
    }

    fn judge(&mut self, tx: &Tx<'_>, row: Posting) -> PostedRow {
        let graduation = match row.graduation {
            Ok(graduation) => graduation,
            Err(errors) => {
                return PostedRow { errors, ..PostedRow::of(row.line, PostOutcome::Bad) };
            }
        };
        let found = match self.directory.find(&named(&graduation)) {
            Match::One(known, _) => Ok(Some(known.person)),
            Match::Nobody => Ok(None),
            Match::Unclear(findings) => Err(findings),
        };
        let person = match found {
            Ok(person) => person,
            Err(findings) => {
                return PostedRow { findings, ..PostedRow::of(row.line, PostOutcome::Refused) };
            }
        };
        let policy = &self.rules.policy.recognition;
        let (graduate, fact) =
            match Graduate::post(tx.new_id(), self.agreement, graduation, policy, tx.now()) {
                Ok(posted) => posted,
                Err(refused) => {
                    let findings = refused.findings().to_vec();
                    return PostedRow { findings, ..PostedRow::of(row.line, PostOutcome::Refused) };
                }
            };
        let key = graduate.key();
        if let Some(confirmed) = self.confirm(&key, graduate.graduated_on, person, row.line) {
            return confirmed;
        }
        if let Some((id, matched)) = self.standing.get(&key).copied() {
            let known = PostedRow::of(row.line, PostOutcome::AlreadyPosted);
            return PostedRow { graduate: Some(id), matched, ..known };
        }
        if let Some((id, refusal)) = self.refused.get(&key).cloned() {
            let refused = PostedRow::of(row.line, PostOutcome::Refused);
            return PostedRow { graduate: Some(id), findings: vec![refusal], ..refused };
        }
        let findings = graduate.graduation_findings(self.agreement, policy);
        debug_assert!(all_satisfied(&findings), "a posted graduate falls under its agreement");
        let id = graduate.id;
        self.standing.insert(key, (id, person.is_some()));
        let mut facts = vec![fact];
        let mut graduate = graduate;
        if let Some((matched, fact)) = person.and_then(|one| graduate.clone().matched(one)) {
            graduate = matched;
            facts.push(fact);
        }
        self.new.push((graduate, facts));
        let posted = PostedRow::of(row.line, PostOutcome::Posted);
        PostedRow { graduate: Some(id), matched: person.is_some(), findings, ..posted }
    }
}
