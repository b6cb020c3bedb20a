//! ALA memberships: what their verification brings, one by one or by a list (FAQ 21).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::{
    MembershipId, PersonId, calendar,
    person::{Membership, MembershipState, PersonEvent},
    program::ProgramCode,
    text::fold,
};
use persistence::Tx;
use serde::Serialize;
use utoipa::ToSchema;

use super::{money, program::InForce};
use crate::{problem::Problem, v1::people};

/// Saves a membership with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut membership, fact): (Membership, PersonEvent),
) -> Result<Membership, Problem> {
    tx.memberships().save(&mut membership)?;
    tx.record(people::event(membership.person, fact))?;
    Ok(membership)
}

/// Claims a membership for somebody.
pub fn claim(
    tx: &mut Tx<'_>,
    person: PersonId,
    program: ProgramCode,
    number: String,
) -> Result<Membership, Problem> {
    let membership = Membership {
        id: tx.new_id(),
        person,
        program,
        number,
        state: MembershipState::Claimed,
        claimed_at: tx.now(),
        decided_at: None,
        valid_from: None,
        valid_until: None,
        version: 1,
    };
    tx.memberships().insert(&membership)?;
    let number = membership.number.clone();
    let fact = PersonEvent::MembershipClaimed { membership: membership.id, number };
    tx.record(people::event(person, fact))?;
    Ok(membership)
}

/// Verifies a membership that is held, for the closed period, and credits the member price where it still
/// brings it: the cents credited. 409 where its number is verified for somebody else.
pub fn verify(
    tx: &mut Tx<'_>,
    rules: &InForce,
    membership: Membership,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<(Membership, i64), Problem> {
    if tx.memberships().is_verified_of_another(&membership)? {
        return Err(Problem::conflict("This number is verified for somebody else."));
    }
    // Held: a fee that is issued at the same moment comes before, or at the member price.
    tx.people().get(membership.person)?;
    let membership = save(tx, membership.verify(from, until, tx.now())?)?;
    let credited = money::credit_member(tx, rules, &membership)?;
    Ok((membership, credited))
}

/// One membership of a list.
#[derive(Debug, Clone)]
pub struct ListedMembership {
    /// Its number.
    pub number: String,
    /// First day of its validity.
    pub valid_from: NaiveDate,
    /// Last day of its validity.
    pub valid_until: NaiveDate,
    /// The member's family name, where the list tells it.
    pub family_name: Option<String>,
}

/// What a row of a list came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// The claim of this number was verified.
    Verified,
    /// The claim of this number was verified before.
    AlreadyVerified,
    /// Nobody who waits for it claims this number.
    NoClaim,
    /// Who claims the number has another family name.
    NameDiffers,
    /// Several people claim the number: the office decides.
    NumberOfSeveral,
    /// The number stands in an earlier row of the list.
    Repeated,
    /// The period ends before it begins, or lies beyond the years that are reckoned with.
    BadDates,
    /// It is the importer's own: somebody else decides.
    Own,
}

impl ImportOutcome {
    /// The same as a stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::AlreadyVerified => "already_there",
            Self::NoClaim => "no_claim",
            Self::NameDiffers => "name_differs",
            Self::NumberOfSeveral => "number_of_several",
            Self::Repeated => "repeated",
            Self::BadDates => "bad_dates",
            Self::Own => "own",
        }
    }
    /// The outcome in words.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Verified => "The claim is verified for the period.",
            Self::AlreadyVerified => "The claim was verified before; nothing changed.",
            Self::NoClaim => "Nobody claims this number.",
            Self::NameDiffers => "Who claims this number has another family name.",
            Self::NumberOfSeveral => "Several people claim this number: decide on each claim.",
            Self::Repeated => "The number stands in an earlier row.",
            Self::BadDates => "The last day lies before the first, or a day is out of range.",
            Self::Own => "This claim is your own: somebody else decides on it.",
        }
    }
}

/// What one row came to.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    /// What.
    pub outcome: ImportOutcome,
    /// The claim that it met.
    pub membership: Option<(MembershipId, PersonId)>,
    /// The member price that was credited, in cents.
    pub credited_cents: i64,
}

impl Judged {
    fn of(outcome: ImportOutcome, membership: Option<&Membership>) -> Self {
        let membership = membership.map(|one| (one.id, one.person));
        Self { outcome, membership, credited_cents: 0 }
    }
}

/// Verifies the claims that a list of memberships shows, each row for itself; `importer` is who does it.
pub fn import(
    tx: &mut Tx<'_>,
    rules: &InForce,
    rows: &[ListedMembership],
    importer: Option<PersonId>,
) -> Result<Vec<Judged>, Problem> {
    let numbers: Vec<String> = rows.iter().map(|row| row.number.clone()).collect();
    let mut claims: BTreeMap<String, Vec<Membership>> = BTreeMap::new();
    for claim in tx.memberships().numbered(&rules.program.code, &numbers)? {
        claims.entry(claim.number.to_lowercase()).or_default().push(claim);
    }
    let mut seen = BTreeSet::new();
    let mut judged = Vec::with_capacity(rows.len());
    for row in rows {
        let number = row.number.to_lowercase();
        let found = claims.get(&number).map(Vec::as_slice).unwrap_or_default();
        judged.push(if seen.insert(number) {
            one(tx, rules, row, found, importer)?
        } else {
            Judged::of(ImportOutcome::Repeated, None)
        });
    }
    Ok(judged)
}

fn one(
    tx: &mut Tx<'_>,
    rules: &InForce,
    row: &ListedMembership,
    found: &[Membership],
    importer: Option<PersonId>,
) -> Result<Judged, Problem> {
    let fits = |day| calendar::check_date("", day).is_ok();
    if row.valid_until < row.valid_from || !fits(row.valid_from) || !fits(row.valid_until) {
        return Ok(Judged::of(ImportOutcome::BadDates, None));
    }
    let in_state = |state| found.iter().filter(move |one| one.state == state);
    let verified = in_state(MembershipState::Verified).next();
    let claimed = in_state(MembershipState::Claimed).next();
    let Some(first) = claimed.or(verified) else {
        return Ok(Judged::of(ImportOutcome::NoClaim, None));
    };
    let counts = |one: &&Membership| one.state != MembershipState::Rejected;
    if found.iter().filter(counts).any(|one| one.person != first.person) {
        return Ok(Judged::of(ImportOutcome::NumberOfSeveral, None));
    }
    // One who renewed a membership claims it anew: that claim waits beside the verified one.
    let Some(claimed) = claimed else {
        return Ok(Judged::of(ImportOutcome::AlreadyVerified, verified));
    };
    if importer == Some(claimed.person) {
        return Ok(Judged::of(ImportOutcome::Own, Some(claimed)));
    }
    if let Some(name) = &row.family_name
        && fold(&tx.people().get(claimed.person)?.family_name) != fold(name)
    {
        return Ok(Judged::of(ImportOutcome::NameDiffers, Some(claimed)));
    }
    // Held from here on: somebody may decide on it at this moment.
    let held = tx.memberships().get(claimed.id)?;
    if held.state != MembershipState::Claimed {
        let outcome = match held.state {
            MembershipState::Verified => ImportOutcome::AlreadyVerified,
            MembershipState::Claimed | MembershipState::Rejected => ImportOutcome::NoClaim,
        };
        return Ok(Judged::of(outcome, Some(&held)));
    }
    let (held, credited_cents) = verify(tx, rules, held, (row.valid_from, row.valid_until))?;
    Ok(Judged { credited_cents, ..Judged::of(ImportOutcome::Verified, Some(&held)) })
}
