//! Merging: what stands in the way, and what later depends on it.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    ApplicationId, Finding, GrantId, MembershipId, MergeId, PersonId,
    access::Role,
    application::{Application, ApplicationState, Statements},
    credential::GrantRecord,
    decision::Refused,
    merge::{Act, Between, Later, MergeState, PersonMerge, Side, conflicts, reversal_findings},
    person::{Membership, MembershipState},
    program::ProgramCode,
};
use proptest::prelude::*;

fn person(number: u128) -> PersonId {
    PersonId::from_bits(number)
}

fn application(number: u128, state: ApplicationState) -> Application {
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let code = ProgramCode::lssc();
    let id = ApplicationId::from_bits(number);
    let (draft, _) = Application::draft(id, code, person(1), Statements::default(), now);
    Application { state, ..draft }
}

fn membership(number: &str, state: MembershipState) -> Membership {
    Membership {
        id: MembershipId::from_bits(1),
        person: person(1),
        program: ProgramCode::lssc(),
        number: number.to_owned(),
        state,
        claimed_at: DateTime::UNIX_EPOCH,
        decided_at: None,
        valid_from: None,
        valid_until: None,
        version: 1,
    }
}

fn role(role: Role, ended: bool) -> GrantRecord {
    GrantRecord {
        id: GrantId::from_bits(1),
        person: person(1),
        role,
        organisation: None,
        program: None,
        granted_at: DateTime::UNIX_EPOCH,
        granted_by: "system".to_owned(),
        ended_at: ended.then_some(DateTime::UNIX_EPOCH),
    }
}

fn unmet(findings: &[Finding]) -> Vec<&str> {
    findings.iter().filter(|one| !one.satisfied).map(|one| one.rule.as_ref()).collect()
}

fn judged(from: &Side, into: &Side, between: &Between) -> Vec<String> {
    let today = |_: &ProgramCode| NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let findings = conflicts(from, into, between, &today);
    assert!(findings.iter().all(|one| !one.message.is_empty() && one.source == "house rule"));
    unmet(&findings).into_iter().map(str::to_owned).collect()
}

#[test]
fn one_open_application_is_nobodys_conflict_and_two_are() {
    let open =
        Side { applications: vec![application(1, ApplicationState::Submitted)], ..Side::default() };
    let ended =
        Side { applications: vec![application(2, ApplicationState::Withdrawn)], ..Side::default() };
    let nothing = Between::default();
    assert_eq!(judged(&open, &ended, &nothing), Vec::<String>::new());
    assert_eq!(judged(&open, &open, &nothing), ["merge.applications", "merge.ways"]);
}

#[test]
fn verified_numbers_must_agree_and_claimed_ones_may_not() {
    let with =
        |number, state| Side { memberships: vec![membership(number, state)], ..Side::default() };
    let (verified, claimed) = (MembershipState::Verified, MembershipState::Claimed);
    let nothing = Between::default();
    let clear = Vec::<String>::new();
    assert_eq!(judged(&with("A-1", verified), &with("a-1", verified), &nothing), clear);
    assert_eq!(judged(&with("A-1", verified), &with("A-2", claimed), &nothing), clear);
    let two = judged(&with("A-1", verified), &with("A-2", verified), &nothing);
    assert_eq!(two, ["merge.memberships"]);
}

#[test]
fn a_role_of_the_office_stands_in_the_way_on_either_side_until_it_ends() {
    let nothing = Between::default();
    for office in [Role::Staff, Role::Admin, Role::Auditor] {
        let held = Side { grants: vec![role(office, false)], ..Side::default() };
        let ended = Side { grants: vec![role(office, true)], ..Side::default() };
        assert_eq!(judged(&held, &Side::default(), &nothing), ["merge.office_roles"]);
        assert_eq!(judged(&Side::default(), &held, &nothing), ["merge.office_roles"]);
        assert_eq!(judged(&ended, &ended, &nothing), Vec::<String>::new());
    }
    let provider = Side { grants: vec![role(Role::Provider, false)], ..Side::default() };
    assert_eq!(judged(&provider, &provider, &nothing), Vec::<String>::new());
}

#[test]
fn who_acted_on_the_others_affairs_is_somebody_else() {
    let act = Act { event_type: "application.refused".to_owned(), subject: "app_1".to_owned() };
    let between = Between {
        judged: vec!["asgn_1".to_owned()],
        acts: vec![act],
        reviews: vec!["prop_1".to_owned()],
        orders: vec!["po_1".to_owned()],
        name_changes: vec!["name_1".to_owned()],
        erased: vec!["person_1".to_owned()],
    };
    let found = judged(&Side::default(), &Side::default(), &between);
    let all = [
        "merge.erased",
        "merge.name_changes",
        "merge.orders",
        "merge.reviews",
        "merge.judged",
        "merge.independent",
    ];
    assert_eq!(found, all);
}

fn merged() -> PersonMerge {
    let stamp = (DateTime::UNIX_EPOCH, "person_1".to_owned());
    let both = (person(1), person(2));
    PersonMerge::merge(MergeId::from_bits(1), both, "One.".to_owned(), stamp, Vec::new()).unwrap()
}

#[test]
fn a_merge_is_reversed_once() {
    let stamp = || (DateTime::UNIX_EPOCH, "person_1".to_owned());
    let (reversed, _) = merged().reverse("Two.".to_owned(), stamp(), &Later::default()).unwrap();
    assert_eq!(reversed.state(), MergeState::Reversed);
    let again = reversed.reverse("Two.".to_owned(), stamp(), &Later::default());
    let Err(Refused::State(findings)) = again else { panic!("{again:?}") };
    assert_eq!(unmet(&findings), ["merge.state"]);
}

proptest! {
    /// A merge is reversed if and only if nothing came later, and every refusal names what did.
    #[test]
    fn a_merge_is_reversed_while_nothing_later_depends_on_it(
        merged_on in any::<bool>(),
        changed in proptest::collection::vec("[a-z]{3}_[0-9]{2}", 0..3),
        events in proptest::collection::vec("[a-z]{3}_[0-9]{2}", 0..3),
        overdrawn in proptest::collection::vec("[a-z]{3}_[0-9]{2}", 0..3),
        hanging in proptest::collection::vec("[a-z]{3}_[0-9]{2}", 0..3),
    ) {
        let named = [&changed, &events, &overdrawn, &hanging].map(Clone::clone).concat();
        let later =
            Later { merged_on: merged_on.then(|| person(3)), changed, events, overdrawn, hanging };
        let findings = reversal_findings(&merged(), &later);
        let told: String = findings.iter().map(|one| one.actual.as_str()).collect();
        prop_assert!(named.iter().all(|one| told.contains(one.as_str())));
        let stamp = (DateTime::UNIX_EPOCH, String::new());
        let reversed = merged().reverse("Two.".to_owned(), stamp, &later);
        prop_assert_eq!(reversed.is_ok(), later == Later::default());
    }
}
