//! Activities toward renewals: one logged by its holder, or a file of them. The certification is held first.

use chrono::NaiveDate;
use domain::{
    ActivityId, BadFact, Finding, PersonId,
    attachment::{AttachmentOwner, AttachmentPurpose},
    certificate::Certification,
    competency::Framework,
    decision,
    event::Event,
    renewal::{ActivityEvent, ActivityFacts, LoggedActivity},
    words,
};
use persistence::{Error, Optional, Tx};

use super::program::{self, InForce};
use crate::problem::Problem;

/// An event of an activity.
fn event(activity: &LoggedActivity, fact: ActivityEvent) -> Event<ActivityEvent> {
    Event {
        program: Some(activity.program.clone()),
        subject: activity.id.to_string(),
        person: Some(activity.person),
        fact,
    }
}

/// Saves an activity with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut activity, fact): (LoggedActivity, ActivityEvent),
) -> Result<LoggedActivity, Problem> {
    tx.activities().save(&mut activity)?;
    tx.record(event(&activity, fact))?;
    Ok(activity)
}

/// An activity that is in the log: 404 once it was removed.
pub fn logged(tx: &mut Tx<'_>, id: ActivityId) -> Result<LoggedActivity, Problem> {
    let activity = tx.activities().get(id)?;
    if activity.removed_on.is_some() { Err(Error::NotFound.into()) } else { Ok(activity) }
}

/// The competency sets of a certification: those that its candidacy pinned.
pub fn framework_of(tx: &mut Tx<'_>, certification: &Certification) -> Result<Framework, Problem> {
    let candidacy = tx.candidacies().get(certification.candidacy)?;
    Ok(program::pinned(tx, &candidacy)?.1)
}

/// What is wrong with facts: in themselves, and a file that is not the holder's documentation.
pub fn faults(
    tx: &mut Tx<'_>,
    facts: &ActivityFacts,
    person: PersonId,
    (framework, today): (&Framework, NaiveDate),
) -> Result<Vec<BadFact>, Problem> {
    let mut bad = facts.check(framework, today);
    if let Some(id) = facts.document {
        let (pointer, owner) = ("/documentation_id", AttachmentOwner::Person(person));
        bad.extend(match tx.attachments().get(id).found()? {
            Some(file) => file.check_use(pointer, owner, AttachmentPurpose::Activity),
            None => Some(BadFact::at(pointer, "unknown", "There is no such attachment.")),
        });
    }
    Ok(bad)
}

/// Logs an activity: 409 where the log has no room for one more.
pub fn log(
    tx: &mut Tx<'_>,
    rules: &InForce,
    certification: &Certification,
    facts: ActivityFacts,
) -> Result<LoggedActivity, Problem> {
    let free = tx.activities().free_of(certification.id)?.len();
    decision::by_state(vec![LoggedActivity::room_finding(free)])?;
    let (activity, fact) = LoggedActivity::log(tx.new_id(), certification, facts, rules.today);
    tx.activities().insert(&activity)?;
    tx.record(event(&activity, fact))?;
    Ok(activity)
}

words! {
    /// What became of a row of a file of activities.
    pub enum ActivityRowOutcome {
        /// It is in the log now.
        Logged = "logged",
        /// One of the same title, kind, day and amount was there already.
        Known = "known",
        /// It was not taken.
        Rejected = "rejected",
    }
}

/// A row of a file: its line, and its facts or what cannot be read of it.
pub type ActivityRow = (u64, Result<ActivityFacts, Vec<BadFact>>);

/// What became of one row.
#[derive(Debug, Clone)]
pub struct ImportedActivity {
    /// Its line in the file; the header is line 1.
    pub line: u64,
    /// What became of it.
    pub outcome: ActivityRowOutcome,
    /// The activity: logged now, or there already.
    pub activity: Option<LoggedActivity>,
    /// Why it was rejected, where its cells are right.
    pub findings: Vec<Finding>,
    /// What is wrong with its cells.
    pub errors: Vec<BadFact>,
}

/// Logs the rows of a file, each judged for itself; a file that is sent again adds nothing.
pub fn import(
    tx: &mut Tx<'_>,
    rules: &InForce,
    certification: &Certification,
    rows: Vec<ActivityRow>,
) -> Result<Vec<ImportedActivity>, Problem> {
    let framework = framework_of(tx, certification)?;
    let mut known = tx.activities().of_certification(certification.id)?;
    let mut free = known.iter().filter(|one| one.renewal.is_none()).count();
    let mut fresh = Vec::new();
    let mut imported = Vec::with_capacity(rows.len());
    for (line, facts) in rows {
        let told = |outcome, activity| ImportedActivity {
            line,
            outcome,
            activity,
            findings: Vec::new(),
            errors: Vec::new(),
        };
        let rejected = told(ActivityRowOutcome::Rejected, None);
        let facts = match facts {
            Ok(facts) => facts,
            Err(errors) => {
                imported.push(ImportedActivity { errors, ..rejected });
                continue;
            }
        };
        let errors = facts.check(&framework, rules.today);
        let room = LoggedActivity::room_finding(free);
        imported.push(if !errors.is_empty() {
            ImportedActivity { errors, ..rejected }
        } else if let Some(there) = known.iter().find(|one| one.tells(&facts)) {
            told(ActivityRowOutcome::Known, Some(there.clone()))
        } else if !room.satisfied {
            ImportedActivity { findings: vec![room], ..rejected }
        } else {
            let (new, fact) = LoggedActivity::log(tx.new_id(), certification, facts, rules.today);
            free = free.saturating_add(1);
            fresh.push((new.clone(), event(&new, fact)));
            known.push(new.clone());
            told(ActivityRowOutcome::Logged, Some(new))
        });
    }
    let (logged, events): (Vec<_>, Vec<_>) = fresh.into_iter().unzip();
    tx.activities().insert_all(&logged)?;
    for event in events {
        tx.record(event)?;
    }
    Ok(imported)
}
