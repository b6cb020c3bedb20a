//! Accounts at partners by example and by property: whose account a request asks for, and when one is dormant.

use chrono::NaiveDate;
use domain::{
    AccountId, CandidacyId, ClientId, InvoiceId, PersonId, SubscriptionId,
    account::{
        Account, AccountEvent, AccountState, ExternalId,
        matching::{Asked, Evidence, Likely, Match},
        over_since,
    },
    all_satisfied,
    calendar::add_days,
    decision::Refused,
    identity::Known,
    life::{Life, PersonState},
    person::Person,
    program::ProgramCode,
    subscription::Subscription,
};
use proptest::prelude::*;

use crate::{courses::now, support::day};

const PARTNER: ClientId = ClientId::from_bits(9);

fn person(bits: u128) -> PersonId {
    PersonId::from_bits(bits)
}

fn likely(bits: u128, name: &str, shown: &[&str], claimed: &[&str]) -> Likely {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Likely {
        known: Known {
            person: person(bits),
            name: name.to_owned(),
            emails: texts(shown),
            candidacies: Vec::new(),
        },
        claimed: texts(claimed),
        state: PersonState::Active,
        external_ids: Vec::new(),
    }
}

/// Ada has an address that she verified, Ben one that he did not.
fn people() -> Vec<Likely> {
    vec![
        likely(1, "Ada Byron", &["ada@example.org"], &[]),
        likely(2, "Ben Núñez", &[], &["ben@example.org"]),
    ]
}

fn asked(name: (&str, &str), emails: &[&str]) -> Asked {
    Asked {
        external_id: "lt-1".to_owned(),
        given_name: name.0.to_owned(),
        family_name: name.1.to_owned(),
        emails: emails.iter().map(|email| (*email).to_owned()).collect(),
        candidate_number: None,
        person: None,
        program: ProgramCode::lssc(),
    }
}

/// What was decided, and the rules that were not satisfied.
fn decided(evidence: &Evidence, asked: &Asked) -> (&'static str, Option<PersonId>, Vec<String>) {
    let (word, who, findings) = match evidence.decide(asked) {
        Ok(Match::One(who, findings)) => ("one", Some(who), findings),
        Ok(Match::Nobody(findings)) => ("nobody", None, findings),
        Ok(Match::Unclear(findings)) => ("unclear", None, findings),
        Err(Refused::State(findings)) => ("refused", None, findings),
        Err(Refused::Rule(findings)) => ("by rule", None, findings),
    };
    let unmet = findings.into_iter().filter(|one| !one.satisfied);
    (word, who, unmet.map(|one| one.rule.into_owned()).collect())
}

#[test]
fn a_verified_address_and_the_name_are_somebody() {
    let evidence = Evidence { people: people(), ..Evidence::default() };
    for (given, email) in [("Ada", "ada@example.org"), ("ADA", "Ada@Example.org")] {
        let found = decided(&evidence, &asked((given, "Byron"), &["new@example.org", email]));
        assert_eq!(found, ("one", Some(person(1)), vec![]));
    }
}

#[test]
fn what_may_be_a_coincidence_waits_with_its_reason() {
    let evidence = Evidence { people: people(), ..Evidence::default() };
    for (name, emails, rule) in [
        (("Eve", "Byron"), &["ada@example.org"][..], "account.name_agrees"),
        (("Ben", "Nunez"), &["ben@example.org"], "account.address_verified"),
        (("Ada", "Byron"), &["ada@example.org", "ben@example.org"], "account.one_person"),
        (("Ada", "Byron"), &["other@example.org"], "account.nobody_alike"),
    ] {
        let found = decided(&evidence, &asked(name, emails));
        assert_eq!(found, ("unclear", None, vec![rule.to_owned()]), "{name:?} {emails:?}");
    }
    let found = decided(&evidence, &asked(("Cleo", "Ray"), &["cleo@example.org"]));
    assert_eq!(found, ("nobody", None, vec![]));
}

#[test]
fn a_number_needs_the_name_and_an_external_id_needs_nothing() {
    let numbered = Evidence { numbered: Some(person(2)), people: people(), linked: None };
    let mut ben = asked(("Ben", "Núñez"), &["b@example.org"]);
    ben.candidate_number = Some(CandidacyId::from_bits(7));
    assert_eq!(decided(&numbered, &ben), ("one", Some(person(2)), vec![]));
    ben.family_name = "Other".to_owned();
    let unmet = vec!["account.name_agrees".to_owned()];
    assert_eq!(decided(&numbered, &ben), ("unclear", None, unmet));
    let linked = Evidence { linked: Some(person(2)), people: people(), numbered: None };
    assert_eq!(decided(&linked, &ben), ("one", Some(person(2)), vec![]));
}

#[test]
fn identifiers_that_disagree_are_refused_and_so_is_a_second_external_id() {
    let one = asked(("Ada", "Byron"), &["new@example.org"]);
    let disagree = vec!["account.identifiers_agree".to_owned()];
    let evidence =
        Evidence { linked: Some(person(1)), numbered: Some(person(2)), people: people() };
    let found = decided(&evidence, &one);
    assert_eq!((found.0, &found.2), ("refused", &disagree));
    // A verified address of somebody else is an identifier, too.
    let evidence = Evidence { numbered: Some(person(2)), people: people(), linked: None };
    let found = decided(&evidence, &asked(("Ben", "Núñez"), &["ada@example.org"]));
    assert_eq!((found.0, found.2), ("refused", disagree));
    for (change, rule) in [
        ((&["lt-0"][..], PersonState::Active), "account.one_external_id"),
        ((&[], PersonState::Retired), "account.person_state"),
        ((&[], PersonState::Deceased), "account.person_state"),
    ] {
        let mut there = people();
        there[0].external_ids = change.0.iter().map(|id| (*id).to_owned()).collect();
        there[0].state = change.1;
        let evidence = Evidence { people: there, ..Evidence::default() };
        let found = decided(&evidence, &asked(("Ada", "Byron"), &["ada@example.org"]));
        assert_eq!(found, ("refused", None, vec![rule.to_owned()]));
    }
}

#[test]
fn somebody_new_has_the_addresses_that_nobody_has() {
    let evidence = Evidence { people: people(), ..Evidence::default() };
    let wanted = ["Ben@example.org", "b@example.org", "B@example.org", "c@example.org"];
    let asked = asked(("Ben", "Núñez"), &wanted);
    assert_eq!(evidence.free_addresses(&asked), ["b@example.org", "c@example.org"]);
    assert!(all_satisfied(&evidence.creatable_findings(&asked)));
    let none = Asked { emails: vec!["ben@example.org".to_owned()], ..asked };
    assert!(!all_satisfied(&evidence.creatable_findings(&none)));
}

fn subscription(bits: u128, from: NaiveDate, days: i64, ended: Option<NaiveDate>) -> Subscription {
    Subscription {
        id: SubscriptionId::from_bits(bits),
        program: ProgramCode::lssc(),
        person: person(1),
        invoice: InvoiceId::from_bits(bits),
        activated_on: from,
        ends_on: add_days(from, days),
        ended_on: ended,
        reminded_on: None,
        version: 1,
    }
}

#[test]
fn dormant_and_active_again_are_told_once_each_however_late() {
    let first = subscription(1, day("2026-01-01"), 9, None);
    let linked = |told: Option<NaiveDate>| {
        let (mut known, _) =
            ExternalId::link(AccountId::from_bits(1), (PARTNER, "lt-1".into()), person(1), now());
        known.dormancy_told_on = told;
        known
    };
    let only = [first.clone()];
    assert_eq!(linked(None).tell(&only, day("2026-01-10")), None);
    assert_eq!(linked(None).tell(&[], day("2026-01-10")), None, "never active is not dormant");
    let (told, fact) = linked(None).tell(&only, day("2026-01-20")).unwrap();
    let since = day("2026-01-11");
    let external_id = "lt-1".to_owned();
    assert_eq!(
        fact,
        AccountEvent::Dormant { client: PARTNER, external_id: external_id.clone(), since }
    );
    assert_eq!(told.clone().tell(&only, day("2026-02-01")), None, "once");
    let again = [first, subscription(2, day("2026-02-02"), 9, None)];
    let on = day("2026-02-03");
    let (active, fact) = told.tell(&again, on).unwrap();
    assert_eq!(fact, AccountEvent::Reactivated { client: PARTNER, external_id, on });
    assert_eq!(active.dormancy_told_on, None);
    assert_eq!(active.tell(&again, day("2026-02-04")), None, "once");
    // One that was returned ends on its day.
    let returned = [subscription(3, day("2026-01-01"), 90, Some(day("2026-01-05")))];
    assert_eq!(over_since(&returned, day("2026-01-04")), None);
    assert_eq!(over_since(&returned, day("2026-01-05")), Some(day("2026-01-05")));
}

#[test]
fn the_state_is_computed_by_day() {
    let mut account = Account {
        person: Person {
            id: person(1),
            given_name: "Ada".to_owned(),
            family_name: "Byron".to_owned(),
            created_at: now(),
            life: Life::default(),
            version: 1,
        },
        external_ids: Vec::new(),
        emails: Vec::new(),
        subscriptions: vec![
            subscription(1, day("2026-01-01"), 30, None),
            subscription(2, day("2026-03-01"), 30, None),
        ],
        candidacies: Vec::new(),
        certifications: Vec::new(),
    };
    let states = [
        ("2025-12-31", AccountState::None),
        ("2026-01-01", AccountState::Active),
        ("2026-01-21", AccountState::Ending),
        ("2026-01-31", AccountState::Ending),
        ("2026-02-01", AccountState::Dormant),
        ("2026-03-01", AccountState::Active),
    ];
    for (on, state) in states {
        assert_eq!(account.state(day(on), 10), state, "{on}");
    }
    account.person.life.retired_on = Some(day("2026-03-02"));
    assert_eq!(account.state(day("2026-03-01"), 10), AccountState::Active);
    assert_eq!(account.state(day("2026-03-02"), 10), AccountState::Deactivated);
    account.person.life = Life { erased_on: Some(day("2026-04-01")), ..Life::default() };
    assert_eq!(account.state(day("2026-03-01"), 10), AccountState::Deactivated);
}

/// Anything that may be known and asked, of four people, four addresses and three names.
fn anything() -> impl Strategy<Value = (Evidence, Asked)> {
    let address = || prop::sample::select(vec!["a@x.org", "b@x.org", "c@x.org", "d@x.org"]);
    let name = || prop::sample::select(vec!["Ada Byron", "Ben Cole", "Cy Dow"]);
    let somebody = || prop::option::of((1..=4_u128).prop_map(person));
    let known = (name(), prop::collection::vec(any::<bool>(), 4), prop::option::of(0..3_u8));
    let people = prop::collection::vec(known, 4).prop_map(|all| {
        let addresses = ["a@x.org", "b@x.org", "c@x.org", "d@x.org"];
        let each = all.into_iter().zip(addresses).zip(1..);
        each.map(|(((name, shown, id), address), bits)| {
            // An address is one person's, shown or not.
            let (shown, claimed): (&[&str], &[&str]) =
                if shown[0] { (&[address][..], &[][..]) } else { (&[][..], &[address][..]) };
            let mut one = likely(bits, name, shown, claimed);
            one.external_ids = id.into_iter().map(|id| format!("lt-{id}")).collect();
            one
        })
        .collect::<Vec<_>>()
    });
    let emails = prop::collection::btree_set(address(), 1..4);
    (people, somebody(), somebody(), somebody(), name(), emails).prop_map(
        |(people, linked, numbered, named, name, emails)| {
            let emails: Vec<&str> = emails.into_iter().collect();
            let mut asked = asked(name.split_once(' ').unwrap(), &emails);
            asked.person = named;
            (Evidence { linked, numbered, people }, asked)
        },
    )
}

proptest! {
    /// Whoever is linked, no identifier that was given or shown names anybody else.
    #[test]
    fn nobody_is_linked_whom_an_identifier_contradicts((evidence, asked) in anything()) {
        if let Ok(Match::One(who, findings)) = evidence.decide(&asked) {
            let certain = [evidence.linked, evidence.numbered, asked.person];
            prop_assert!(certain.into_iter().flatten().all(|one| one == who));
            for other in evidence.people.iter().filter(|one| one.known.person != who) {
                prop_assert!(!asked.emails.iter().any(|email| other.known.emails.contains(email)));
            }
            prop_assert!(all_satisfied(&findings));
        }
    }

    /// Nobody new is made while anything names somebody.
    #[test]
    fn nobody_is_made_whom_anything_names((evidence, asked) in anything()) {
        if let Ok(Match::Nobody(_)) = evidence.decide(&asked) {
            let certain = [evidence.linked, evidence.numbered, asked.person];
            prop_assert!(certain.into_iter().flatten().next().is_none());
            prop_assert_eq!(evidence.free_addresses(&asked), asked.emails);
        }
    }

    /// In which order addresses and people come is all the same.
    #[test]
    fn the_order_decides_nothing((evidence, asked) in anything()) {
        let mut turned = asked.clone();
        turned.emails.reverse();
        let mut people = evidence.clone();
        people.people.reverse();
        prop_assert_eq!(evidence.decide(&turned), evidence.decide(&asked));
        prop_assert_eq!(people.decide(&asked), evidence.decide(&asked));
    }
}
