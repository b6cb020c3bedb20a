//! Files of activities: each is logged toward the renewal of a certification.

use std::collections::BTreeMap;

use domain::{
    ActivityId, BadFact, CertificationId,
    certificate::{CertificateNumber, Certification},
    import::{ImportRow, RowState},
};
use persistence::{Optional, Tx};
use serde::Deserialize;

use super::{
    Desk, Subject, accepted, already, passes, records::plain, refused, refused_in, row, undo,
    unreadable,
};
use crate::{
    flows::{
        activity::{self, ActivityRowOutcome, ImportedActivity},
        program,
    },
    problem::Problem,
    v1::{activities::ActivityLine, fields::Line},
};

/// Files of activities.
pub(super) struct Activities;

/// One row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    certificate: Line,
    #[serde(default, deserialize_with = "plain")]
    title: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    started_on: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    dated_on: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    minutes: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    quantity: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    technology: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    sets: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    provider: Option<String>,
    #[serde(default, deserialize_with = "plain")]
    documentation_url: Option<String>,
}

impl Row {
    fn line(&self) -> ActivityLine {
        ActivityLine {
            title: self.title.clone(),
            kind: self.kind.clone(),
            started_on: self.started_on.clone(),
            dated_on: self.dated_on.clone(),
            minutes: self.minutes.clone(),
            quantity: self.quantity.clone(),
            technology: self.technology.clone(),
            sets: self.sets.clone(),
            provider: self.provider.clone(),
            documentation_url: self.documentation_url.clone(),
        }
    }
}

impl Subject for Activities {
    type Row = Row;

    fn keys(row: &Row) -> Vec<String> {
        vec![row.certificate.to_lowercase()]
    }

    fn take(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        rows: &[(i64, &Row)],
    ) -> Result<Vec<ImportRow>, Problem> {
        let mut by_certificate: BTreeMap<&str, Vec<(i64, &Row)>> = BTreeMap::new();
        for (line, given) in rows {
            by_certificate.entry(&*given.certificate).or_default().push((*line, *given));
        }
        let mut held = BTreeMap::new();
        for (named, rows) in by_certificate {
            match certification(tx, named)? {
                Some(found) => held.entry(found).or_insert_with(Vec::new).extend(rows),
                None => held.entry(CertificationId::from_bits(0)).or_default().extend(rows),
            }
        }
        let mut taken = Vec::with_capacity(rows.len());
        for (id, mut rows) in held {
            rows.sort_by_key(|(line, _)| *line);
            let Some(certification) = tx.certifications().get(id).found()? else {
                let unknown =
                    Problem::input("/certificate", "unknown", "There is no such certificate.");
                taken.extend(rows.iter().map(|(line, _)| refused(*line, &unknown)));
                continue;
            };
            taken.extend(log(desk, tx, &certification, &rows)?);
        }
        Ok(taken)
    }

    fn undo(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        made: &str,
        row: &ImportRow,
    ) -> Result<Vec<String>, Problem> {
        let id: ActivityId = undo::id(made)?;
        let logged = undo::there(tx.activities().get(id).found()?)?;
        if logged.removed_on.is_some() {
            return Err(undo::gone());
        }
        // Of one that a renewal uses the act itself tells by which.
        if logged.renewal.is_none() {
            undo::unchanged(row, logged.version)?;
        }
        undo::alone(desk, tx, &[id.to_string()], None)?;
        let today = program::today(desk.app, tx, &logged.program)?;
        activity::save(tx, logged.remove(today)?)?;
        Ok(Vec::new())
    }
}

/// The certification that a row names, by its id or the number that the certificate shows.
fn certification(tx: &mut Tx<'_>, named: &str) -> Result<Option<CertificationId>, Problem> {
    if let Ok(id) = named.parse::<CertificationId>() {
        return Ok(Some(id));
    }
    let Ok(number) = named.parse::<CertificateNumber>() else { return Ok(None) };
    Ok(tx.certifications().by_numbers(&[number])?.first().map(|found| found.id))
}

/// Logs the rows of one certification, which is held.
fn log(
    desk: &mut Desk<'_>,
    tx: &mut Tx<'_>,
    certification: &Certification,
    rows: &[(i64, &Row)],
) -> Result<Vec<ImportRow>, Problem> {
    let rules = match desk.rules(tx, &certification.program) {
        Ok(rules) => rules,
        Err(problem) => {
            return refused_in(rows.iter().map(|(line, _)| *line), "certificate", problem);
        }
    };
    let read = rows.iter().map(|(line, row)| (line.unsigned_abs(), row.line().read())).collect();
    match tx.savepoint(|tx| activity::import(tx, &rules, certification, read)) {
        Ok(logged) => {
            Ok(rows.iter().zip(logged).map(|((line, _), one)| told_of(*line, one)).collect())
        }
        Err(problem) if passes(&problem) => Err(problem),
        Err(problem) => Ok(rows.iter().map(|(line, _)| refused(*line, &problem)).collect()),
    }
}

fn told_of(line: i64, logged: ImportedActivity) -> ImportRow {
    let id = logged.activity.as_ref().map(|one| one.id.to_string()).unwrap_or_default();
    match logged.outcome {
        ActivityRowOutcome::Logged => {
            let version = logged.activity.as_ref().map(|one| one.version);
            accepted(line, "logged", "The activity is in the log.", (id, version))
        }
        ActivityRowOutcome::Known => already(line, id),
        ActivityRowOutcome::Rejected => {
            let fault: Option<BadFact> = logged.errors.into_iter().next();
            if let Some(fault) = fault {
                return unreadable(line, fault);
            }
            let unmet = logged.findings.into_iter().find(|finding| !finding.satisfied);
            match unmet {
                Some(unmet) => row(line, (RowState::Refused, &unmet.rule), unmet.message, None),
                None => row(line, (RowState::Refused, "rejected"), "It was not taken.", None),
            }
        }
    }
}
