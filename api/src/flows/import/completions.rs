//! Files of completions: rosters of many courses, each row judged as a roster's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::{
    CandidacyId, CompletionId, CourseId, OrganisationId, WaitingId,
    identity::Named,
    import::{ImportRow, RowState},
    person::fold_email,
    roster::{RosterRow, RowOutcome},
};
use persistence::{Optional, Tx};
use serde::Deserialize;

use super::{Desk, Subject, accepted, already, passes, refused, refused_in, row, undo};
use crate::{
    flows::{
        completion, program,
        roster::{self, PostedRow},
    },
    problem::Problem,
    v1::fields::{EmailAddress, Name},
};

/// Files of completions.
pub(super) struct Completions;

/// One row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    course_id: CourseId,
    completed_on: NaiveDate,
    candidate_number: Option<CandidacyId>,
    email: Option<EmailAddress>,
    name: Option<Name>,
}

impl Subject for Completions {
    type Row = Row;

    fn keys(row: &Row) -> Vec<String> {
        let email = row.email.as_ref().map(|email| fold_email(email));
        email.into_iter().chain(row.candidate_number.map(|one| one.to_string())).collect()
    }

    fn take(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        rows: &[(i64, &Row)],
    ) -> Result<Vec<ImportRow>, Problem> {
        let courses: BTreeSet<_> = rows.iter().map(|(_, row)| row.course_id).collect();
        let courses = tx.courses().by_ids(&courses.into_iter().collect::<Vec<_>>())?;
        let providers: BTreeMap<CourseId, OrganisationId> =
            courses.iter().map(|course| (course.id, course.provider)).collect();
        let numbers: Vec<_> = rows.iter().filter_map(|(_, row)| row.candidate_number).collect();
        let numbers: BTreeSet<_> = tx.candidacies().known(&numbers)?.into_iter().collect();
        let own = Own::of(desk, tx)?;
        let mut taken = Vec::with_capacity(rows.len());
        let mut posted: BTreeMap<OrganisationId, Vec<(i64, RosterRow)>> = BTreeMap::new();
        for (line, given) in rows {
            if let Some(column) = own.named_by(given) {
                let detail = "It is your own: somebody else of the office signs it.";
                taken.push(refused(*line, &Problem::input(column, "own", detail)));
                continue;
            }
            let Some(provider) = providers.get(&given.course_id) else {
                let detail = "There is no such course.";
                taken.push(refused(*line, &Problem::input("/course_id", "unknown", detail)));
                continue;
            };
            posted.entry(*provider).or_default().push((*line, roster_row(given, &numbers)));
        }
        for (provider, rows) in posted {
            taken.extend(post(desk, tx, provider, rows)?);
        }
        Ok(taken)
    }

    fn undo(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        made: &str,
        row: &ImportRow,
    ) -> Result<Vec<String>, Problem> {
        if let Ok(id) = made.parse::<WaitingId>() {
            let waiting = undo::there(tx.waiting_completions().get(id).found()?)?;
            undo::unchanged(row, waiting.version)?;
            undo::alone(desk, tx, &[id.to_string()], None)?;
            completion::save_waiting(tx, waiting.withdraw(undo::REASON.to_owned())?)?;
            return Ok(Vec::new());
        }
        let id: CompletionId = undo::id(made)?;
        let signed = undo::there(tx.completions().get(id).found()?)?;
        undo::unchanged(row, signed.version)?;
        undo::alone(desk, tx, &[id.to_string()], None)?;
        let today = program::today(desk.app, tx, &signed.program)?;
        completion::withdraw(tx, desk.app.chance.as_ref(), signed, undo::REASON, today)?;
        Ok(Vec::new())
    }
}

/// By what a row names who imports: nobody signs what they completed themselves.
struct Own {
    candidacies: BTreeSet<CandidacyId>,
    emails: BTreeSet<String>,
}

impl Own {
    fn of(desk: &Desk<'_>, tx: &mut Tx<'_>) -> Result<Self, Problem> {
        let Some(importer) = desk.importer() else {
            return Ok(Self { candidacies: BTreeSet::new(), emails: BTreeSet::new() });
        };
        let candidacies = tx.candidacies().of_people_anywhere(&[importer])?;
        let emails = tx.people().emails(importer)?;
        Ok(Self {
            candidacies: candidacies.into_iter().map(|one| one.id).collect(),
            emails: emails.iter().map(|email| fold_email(&email.address)).collect(),
        })
    }
    /// The column that does, if any.
    fn named_by(&self, row: &Row) -> Option<&'static str> {
        if row.candidate_number.is_some_and(|number| self.candidacies.contains(&number)) {
            return Some("/candidate_number");
        }
        let email = row.email.as_ref().map(|email| fold_email(email));
        email.filter(|email| self.emails.contains(email)).map(|_| "/email")
    }
}

/// The same as a row of a roster. A candidate number of another system is passed over where an address and a name
/// say who is meant.
fn roster_row(given: &Row, numbers: &BTreeSet<CandidacyId>) -> RosterRow {
    let named = Named {
        candidacy: None,
        email: given.email.clone().map(String::from),
        name: given.name.clone().map(String::from),
    };
    let number = given.candidate_number;
    let number = number.filter(|one| named.key().is_none() || numbers.contains(one));
    RosterRow {
        line: 0,
        course: given.course_id,
        named: Named { candidacy: number, ..named },
        completed_on: given.completed_on,
    }
}

/// Posts the rows of one provider.
fn post(
    desk: &mut Desk<'_>,
    tx: &mut Tx<'_>,
    provider: OrganisationId,
    rows: Vec<(i64, RosterRow)>,
) -> Result<Vec<ImportRow>, Problem> {
    let provider = tx.providers().get(provider)?;
    let rules = match desk.rules(tx, &provider.program) {
        Ok(rules) => rules,
        Err(problem) => {
            return refused_in(rows.into_iter().map(|(line, _)| line), "course_id", problem);
        }
    };
    let chance = desk.app.chance.as_ref();
    let (lines, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let rows: Vec<_> = (0..).zip(rows).map(|(line, row)| Ok(RosterRow { line, ..row })).collect();
    match tx.savepoint(|tx| roster::post(tx, chance, &rules, &provider, &rows)) {
        Ok(posted) => {
            let made = posted.iter().filter(|row| row.made).filter_map(|row| row.completion);
            let made = tx.completions().by_ids(&made.collect::<Vec<_>>())?;
            let versions = made.iter().map(|one| (one.id, one.version)).collect();
            let told = lines.into_iter().zip(&posted);
            Ok(told.map(|(line, posted)| told_of(line, posted, &versions)).collect())
        }
        Err(problem) if passes(&problem) => Err(problem),
        Err(problem) => Ok(lines.into_iter().map(|line| refused(line, &problem)).collect()),
    }
}

fn told_of(line: i64, posted: &PostedRow, versions: &BTreeMap<CompletionId, i64>) -> ImportRow {
    let id = posted.completion.map(|id| id.to_string());
    let id = id.or_else(|| posted.waiting.map(|id| id.to_string())).unwrap_or_default();
    let version = match (posted.made, posted.completion, posted.waiting) {
        (true, Some(id), _) => versions.get(&id).copied(),
        (true, None, Some(_)) => Some(1),
        _ => None,
    };
    match posted.outcome {
        RowOutcome::Verified => {
            let message = if posted.achieved {
                "It counts: the competency set is achieved."
            } else {
                "It counts as a part of what it belongs to."
            };
            accepted(line, "verified", message, (id, version))
        }
        RowOutcome::Refused => {
            accepted(line, "recorded", "It is recorded and does not count.", (id, version))
        }
        RowOutcome::Waiting => {
            let message = "It is kept for whoever enrolls with this address and name.";
            accepted(line, "waiting", message, (id, version))
        }
        RowOutcome::Known => already(line, id),
        RowOutcome::Rejected => {
            let unmet = posted.findings.iter().find(|finding| !finding.satisfied);
            let (code, message) = unmet.map_or(("rejected", "It was not taken."), |unmet| {
                (unmet.rule.as_ref(), unmet.message.as_str())
            });
            let pointer = (code == "roster.completed_on").then(|| "/completed_on".to_owned());
            ImportRow { pointer, ..row(line, (RowState::Refused, code), message, None) }
        }
    }
}
