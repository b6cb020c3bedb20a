//! What stands in the way of a merge. The office settles it first: two facts that disagree are never
//! resolved silently.

use chrono::NaiveDate;

use super::PersonMerge;
use crate::{
    AwardRoundId, Finding, PersonId, SupportEventId,
    access::Role,
    application::{Application, ApplicationState},
    award::{Assistance, AssistanceState},
    candidacy::Candidacy,
    certificate::Certification,
    certification::term::CertificationStatus,
    credential::GrantRecord,
    person::{Membership, MembershipState},
    program::ProgramCode,
    support::SupportRegistration,
    text::fold,
};

/// Where the rules of merging come from.
pub(super) const SOURCE: &str = "house rule";

/// What is known of one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Side {
    /// Their applications.
    pub applications: Vec<Application>,
    /// Their candidacies.
    pub candidacies: Vec<Candidacy>,
    /// Their certifications.
    pub certifications: Vec<Certification>,
    /// The programs of which they are evaluators.
    pub evaluates: Vec<ProgramCode>,
    /// Their ALA memberships.
    pub memberships: Vec<Membership>,
    /// Their requests for enrollment assistance.
    pub assistance: Vec<Assistance>,
    /// Their registrations for support events.
    pub registrations: Vec<SupportRegistration>,
    /// Roles that were granted to them.
    pub grants: Vec<GrantRecord>,
}

/// Something that one of them did and that concerns the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The type of the event.
    pub event_type: String,
    /// What it was about.
    pub subject: String,
}

/// What is known between the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Between {
    /// Portfolios and course proposals of one of them that the other judges or judged, by their ids.
    pub judged: Vec<String>,
    /// Course proposals that both review, by their ids.
    pub reviews: Vec<String>,
    /// What one of them did that concerns the other.
    pub acts: Vec<Act>,
    /// Open purchase orders that pay for both, by their ids.
    pub orders: Vec<String>,
    /// Changes of their names that wait for the office, where both have one.
    pub name_changes: Vec<String>,
    /// Who of them was erased.
    pub erased: Vec<String>,
}

/// Whether nothing stands in the way of merging `from` into `into`, one finding a rule. `today` tells the
/// day in a program's zone.
#[must_use]
pub fn conflicts(
    from: &Side,
    into: &Side,
    between: &Between,
    today: &dyn Fn(&ProgramCode) -> NaiveDate,
) -> Vec<Finding> {
    let candidacies = |side: &Side| running(side, today);
    let certifications = |side: &Side| in_force(side, today);
    let ways = |side: &Side| {
        let mut all = open_applications(side);
        all.extend(candidacies(side));
        all.extend(certifications(side));
        all
    };
    vec![
        none("merge.erased", "a record that was erased", &between.erased),
        office(from, into),
        clash(
            "merge.applications",
            "an open application",
            &open_applications(from),
            &open_applications(into),
        ),
        clash("merge.candidacies", "a running candidacy", &candidacies(from), &candidacies(into)),
        clash(
            "merge.certifications",
            "a certification that is not over",
            &certifications(from),
            &certifications(into),
        ),
        clash("merge.ways", "a way to the certification", &ways(from), &ways(into)),
        numbers(from, into),
        clash("merge.evaluators", "a profile as evaluator", &profiles(from), &profiles(into)),
        clash("merge.assistance", "enrollment assistance", &helped(from), &helped(into)),
        clash("merge.tickets", "a ticket of the round", &tickets(from), &tickets(into)),
        clash("merge.registrations", "a seat at the event", &seats(from), &seats(into)),
        none(
            "merge.name_changes",
            "a change of the name that waits on both sides",
            &between.name_changes,
        ),
        none("merge.orders", "an open purchase order that pays for both", &between.orders),
        none("merge.reviews", "a course proposal that both review", &between.reviews),
        none("merge.judged", "work of one of them that the other judges", &between.judged),
        acts(&between.acts),
    ]
}

/// What only one of them may have of a kind: what it is bound to, and its id.
type Held = Vec<(String, String)>;

fn open_applications(side: &Side) -> Held {
    let open = |one: &&Application| ApplicationState::OPEN.contains(&one.state);
    let open = side.applications.iter().filter(open);
    open.map(|one| (one.program.to_string(), one.id.to_string())).collect()
}

fn running(side: &Side, today: &dyn Fn(&ProgramCode) -> NaiveDate) -> Held {
    let running = side.candidacies.iter().filter(|one| one.runs(today(&one.program)));
    running.map(|one| (one.program.to_string(), one.id.to_string())).collect()
}

fn in_force(side: &Side, today: &dyn Fn(&ProgramCode) -> NaiveDate) -> Held {
    let over = [CertificationStatus::Lapsed, CertificationStatus::Revoked];
    let stands = |one: &&Certification| {
        one.status(today(&one.program)).is_some_and(|status| !over.contains(&status))
    };
    let standing = side.certifications.iter().filter(stands);
    standing.map(|one| (one.program.to_string(), one.number.to_string())).collect()
}

fn profiles(side: &Side) -> Held {
    side.evaluates.iter().map(|code| (code.to_string(), format!("the profile in {code}"))).collect()
}

/// Assistance is granted once per person (section 8).
fn helped(side: &Side) -> Held {
    let granted = side.assistance.iter().filter(|one| one.granted_on.is_some());
    granted.map(|one| (one.program.to_string(), one.id.to_string())).collect()
}

fn tickets(side: &Side) -> Held {
    let tickets = side.assistance.iter().filter(|one| one.state() != AssistanceState::Withdrawn);
    let of = |round: AwardRoundId| round.to_string();
    tickets.map(|one| (of(one.round), one.id.to_string())).collect()
}

fn seats(side: &Side) -> Held {
    let comes = side.registrations.iter().filter(|one| one.withdrawn_at.is_none());
    let of = |event: SupportEventId| event.to_string();
    comes.map(|one| (of(one.event), one.id.to_string())).collect()
}

/// The finding on whether both hold something that one person holds once.
fn clash(rule: &'static str, what: &str, from: &Held, into: &Held) -> Finding {
    let both: Vec<String> = from
        .iter()
        .flat_map(|(place, one)| {
            let same = into.iter().filter(move |(other, _)| other == place);
            same.map(move |(_, other)| format!("{one} and {other}"))
        })
        .collect();
    let required = format!("at most one of them has {what}");
    finding(rule, &both, &required, &format!("Both have {what}. End one of them first."))
}

fn none(rule: &'static str, what: &str, found: &[String]) -> Finding {
    finding(rule, found, &format!("not {what}"), &format!("There is {what}. Settle it first."))
}

fn finding(rule: &'static str, found: &[String], required: &str, message: &str) -> Finding {
    let clear = found.is_empty();
    let actual = if clear { "nothing".to_owned() } else { found.join(", ") };
    let message =
        if clear { format!("Nothing is in the way: {required}.") } else { message.to_owned() };
    Finding::new(rule, SOURCE, clear, required, actual, message)
}

/// Who signs in with the addresses of one of them would be of the office: an admin ends the role first.
fn office(from: &Side, into: &Side) -> Finding {
    let of_the_office = [Role::Staff, Role::Admin, Role::Auditor];
    let grants = from.grants.iter().chain(&into.grants);
    let held = grants
        .filter(|grant| grant.ended_at.is_none() && of_the_office.contains(&grant.role))
        .map(|grant| format!("{} is {}", grant.person, grant.role));
    let held: Vec<String> = held.collect();
    let message = "A role of the office is not merged. An admin ends it first.";
    finding("merge.office_roles", &held, "neither of them is of the office", message)
}

/// Two verified numbers of one program are two members (section 9: identifiers that disagree are an error).
fn numbers(from: &Side, into: &Side) -> Finding {
    let verified = |side: &Side| -> Vec<(ProgramCode, String)> {
        let all = side.memberships.iter();
        let verified = all.filter(|one| one.state == MembershipState::Verified);
        verified.map(|one| (one.program.clone(), one.number.clone())).collect()
    };
    let theirs = verified(into);
    let disagree: Vec<String> = verified(from)
        .iter()
        .flat_map(|(program, number)| {
            let others = theirs.iter().filter(move |(other, _)| other == program);
            let others = others.filter(move |(_, other)| fold(other) != fold(number));
            others.map(move |(_, other)| format!("{number} and {other}"))
        })
        .collect();
    let message = "Two verified membership numbers are two people, or one of them is wrong.";
    finding("merge.memberships", &disagree, "verified membership numbers that agree", message)
}

/// Who acted on the other's affairs in an office is somebody else.
fn acts(found: &[Act]) -> Finding {
    let told: Vec<String> =
        found.iter().map(|act| format!("{} of {}", act.event_type, act.subject)).collect();
    let message =
        "One of them acted on what is the other's: they are two people, or it is to be undone.";
    finding("merge.independent", &told, "neither acted on what is the other's", message)
}

impl PersonMerge {
    /// The finding on whether a record is there to be merged; `merged` is whose part it became.
    #[must_use]
    pub fn standing_finding(person: PersonId, merged: Option<PersonId>) -> Finding {
        let (actual, message) = match merged {
            None => ("a record of its own".to_owned(), format!("{person} is not merged.")),
            Some(into) => {
                (format!("merged into {into}"), format!("{person} is merged into {into} already."))
            }
        };
        let own = "a record of its own";
        Finding::new("merge.standing", SOURCE, merged.is_none(), own, actual, message)
    }
}
