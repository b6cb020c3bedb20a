//! Files of ALA memberships: claims of people, and lists that verify claims.

use chrono::NaiveDate;
use domain::{
    BadFact, MembershipId, PersonId, calendar,
    import::{ImportRow, RowState},
    person::{Membership, MembershipState},
    program::ProgramCode,
};
use persistence::{Optional, Tx};
use serde::Deserialize;

use super::{Desk, Subject, accepted, already, each, row, undo};
use crate::{
    flows::{
        membership::{self, ImportOutcome, ListedMembership},
        program::InForce,
    },
    problem::Problem,
    v1::fields::{Line, Name, no_card_numbers},
};

/// Files of memberships.
pub(super) struct Memberships;

/// One row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    number: Line,
    person: Option<Line>,
    program: Option<ProgramCode>,
    valid_from: Option<NaiveDate>,
    valid_until: Option<NaiveDate>,
    family_name: Option<Name>,
}

impl Subject for Memberships {
    type Row = Row;

    fn keys(row: &Row) -> Vec<String> {
        let number = format!("number {}", row.number.to_lowercase());
        let person = row.person.as_ref().map(|person| format!("person {}", person.to_lowercase()));
        person.into_iter().chain([number]).collect()
    }

    fn take(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        rows: &[(i64, &Row)],
    ) -> Result<Vec<ImportRow>, Problem> {
        each(tx, rows, |tx, line, row| {
            no_card_numbers([("/number", &*row.number)])?;
            let period = row.period()?;
            let code = row.program.clone().unwrap_or_else(ProgramCode::lssc);
            let rules = desk.rules(tx, &code)?;
            match &row.person {
                Some(person) => {
                    let person = desk.person(tx, person)?;
                    claimed(desk, tx, (line, row), &rules, (person, period))
                }
                None => listed(desk, tx, (line, row), &rules, period),
            }
        })
    }

    fn undo(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        made: &str,
        row: &ImportRow,
    ) -> Result<Vec<String>, Problem> {
        let id: MembershipId = undo::id(made)?;
        let membership = undo::there(tx.memberships().get(id).found()?)?;
        undo::unchanged(row, membership.version)?;
        if row.code == CREDITED {
            let detail =
                "The member price was credited by it: the office decides what becomes of that.";
            return Err(Problem::state(detail));
        }
        undo::no_invoice(desk, tx, membership.person)?;
        // Who claimed it themselves goes on to claim it.
        let undone = if claimed_by(desk, tx, &membership)? {
            membership.retract(undo::REASON.to_owned(), tx.now())?
        } else {
            membership.reopen(undo::REASON.to_owned())?
        };
        membership::save(tx, undone)?;
        Ok(Vec::new())
    }
}

/// Whether a membership was claimed by the import, which may only have verified it.
fn claimed_by(desk: &Desk<'_>, tx: &mut Tx<'_>, membership: &Membership) -> Result<bool, Problem> {
    let (import, id) = (desk.import.id.to_string(), membership.id.to_string());
    let claims = tx.events().of_people(&[membership.person], &["membership.claimed"])?;
    Ok(claims.iter().any(|event| {
        let named = event.data.get("membership").and_then(|named| named.as_str());
        event.request_id == import && named == Some(id.as_str())
    }))
}

/// The code of a row that verified a membership and brought money.
const CREDITED: &str = "verified_and_credited";

type Period = Option<(NaiveDate, NaiveDate)>;

impl Row {
    /// From when until when the membership is valid, where the row says so.
    fn period(&self) -> Result<Period, Problem> {
        let needed = |column: &str| {
            let detail = "Give both days of validity, or none.";
            Err(BadFact::at(format!("/{column}"), "required", detail).into())
        };
        match (self.valid_from, self.valid_until) {
            (None, None) => Ok(None),
            (None, Some(_)) => needed("valid_from"),
            (Some(_), None) => needed("valid_until"),
            (Some(from), Some(until)) => {
                calendar::check_date("/valid_from", from)?;
                calendar::check_date("/valid_until", until)?;
                if until < from {
                    let detail = "The last day lies before the first.";
                    return Err(BadFact::at("/valid_until", "order", detail).into());
                }
                Ok(Some((from, until)))
            }
        }
    }
}

/// A row that says whose the membership is: claimed, and verified where it gives days.
fn claimed(
    desk: &Desk<'_>,
    tx: &mut Tx<'_>,
    (line, given): (i64, &Row),
    rules: &InForce,
    (person, period): (PersonId, Period),
) -> Result<ImportRow, Problem> {
    if desk.importer() == Some(person) && period.is_some() {
        return Err(Problem::input("/person", "own", ImportOutcome::Own.message()));
    }
    let mut theirs = tx.memberships().of(person)?;
    theirs.retain(|one| {
        one.program == rules.program.code
            && one.number.to_lowercase() == given.number.to_lowercase()
            && one.state != MembershipState::Rejected
    });
    let covered = |one: &&Membership| one.valid_from.zip(one.valid_until) == period;
    let verified = |one: &&Membership| one.state == MembershipState::Verified;
    let there = theirs.iter().filter(verified).find(covered);
    let open = theirs.iter().find(|one| !verified(one));
    let done = match (there, open, period) {
        (Some(there), ..) => Some(there),
        (None, open, None) => open.or(theirs.first()),
        (None, _, Some(_)) => None,
    };
    if let Some(done) = done {
        return Ok(already(line, done.id.to_string()));
    }
    let claim = match open {
        Some(claim) => tx.memberships().get(claim.id)?,
        None => {
            membership::claim(tx, person, rules.program.code.clone(), given.number.to_string())?
        }
    };
    let Some(period) = period else {
        let made = (claim.id.to_string(), Some(claim.version));
        return Ok(accepted(line, "claimed", "The membership is claimed.", made));
    };
    let (verified, credited_cents) = membership::verify(tx, rules, claim, period)?;
    Ok(told_of(line, &verified, credited_cents))
}

/// A row of a list of the ALA's: the claim of its number is verified.
fn listed(
    desk: &Desk<'_>,
    tx: &mut Tx<'_>,
    (line, given): (i64, &Row),
    rules: &InForce,
    period: Period,
) -> Result<ImportRow, Problem> {
    let Some((valid_from, valid_until)) = period else {
        let detail = "Say whose it is, or from when until when it is valid.";
        return Err(Problem::input("/person", "required", detail));
    };
    let listed = ListedMembership {
        number: given.number.to_string(),
        valid_from,
        valid_until,
        family_name: given.family_name.clone().map(String::from),
    };
    let judged = membership::import(tx, rules, &[listed], desk.importer())?;
    let Some(judged) = judged.first() else {
        return Err(Problem::internal("a list of one membership was judged as none"));
    };
    let claim = judged.membership.map(|(id, _)| id);
    match (judged.outcome, claim) {
        (ImportOutcome::Verified, Some(claim)) => {
            let verified = tx.memberships().get(claim)?;
            Ok(told_of(line, &verified, judged.credited_cents))
        }
        (ImportOutcome::AlreadyVerified, Some(claim)) => Ok(already(line, claim.to_string())),
        (outcome, _) => {
            let code = outcome.code();
            let refused = row(line, (RowState::Refused, code), outcome.message(), None);
            Ok(ImportRow { pointer: Some("/number".to_owned()), ..refused })
        }
    }
}

fn told_of(line: i64, verified: &Membership, credited_cents: i64) -> ImportRow {
    let made = (verified.id.to_string(), Some(verified.version));
    if credited_cents > 0 {
        let message = "The membership is verified, and the member price was credited.";
        accepted(line, CREDITED, message, made)
    } else {
        accepted(line, "verified", "The membership is verified for the period.", made)
    }
}
