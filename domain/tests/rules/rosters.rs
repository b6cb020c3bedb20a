//! Rosters by example: who is meant, what waits, what corrections do.

use domain::{
    AchievementId, CandidacyId, CompletionId, Finding, OrganisationId, PersonId, WaitingId,
    completion::{CompletionState, Follows},
    identity::{Directory, Known, Match, Named},
    roster::{RosterRow, WaitingCompletion},
};
use proptest::prelude::*;

use crate::{
    courses::{course, now},
    support::{day, found, places},
};

fn known(bits: u128, name: &str, email: &str) -> Known {
    Known {
        person: PersonId::from_bits(bits),
        name: name.to_owned(),
        emails: vec![email.to_owned()],
        candidacies: vec![(CandidacyId::from_bits(bits), true)],
    }
}

fn directory() -> Directory {
    Directory::of(vec![
        known(1, "Ada O'Brien", "ada@example.org"),
        known(2, "Ben Núñez", "ben@example.org"),
        Known { candidacies: Vec::new(), ..known(3, "Cleo Ray", "cleo@example.org") },
    ])
}

fn named(number: Option<u128>, email: &str, name: &str) -> Named {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let candidacy = number.map(CandidacyId::from_bits);
    Named { candidacy, email: text(email), name: text(name) }
}

/// `Ok` with the person and the candidacy, `Err` with the rule that stands in the way.
fn find(named: &Named) -> Result<Option<(u128, Option<u128>)>, String> {
    match directory().find(named) {
        Match::One(known, candidacy) => {
            Ok(Some((known.person.bits(), candidacy.map(CandidacyId::bits))))
        }
        Match::Nobody => Ok(None),
        Match::Unclear(findings) => {
            Err(findings.iter().find(|one| !one.satisfied).unwrap().rule.to_string())
        }
    }
}

#[test]
fn two_identifiers_that_agree_name_somebody() {
    assert_eq!(find(&named(None, " Ada@Example.org", "ada  o'brien")), Ok(Some((1, Some(1)))));
    assert_eq!(find(&named(None, "ben@example.org", "Ben Nunez")), Ok(Some((2, Some(2)))));
    assert_eq!(find(&named(Some(2), "", "")), Ok(Some((2, Some(2)))));
    assert_eq!(find(&named(None, "cleo@example.org", "Cleo Ray")), Ok(Some((3, None))));
    assert_eq!(find(&named(None, "new@example.org", "Ada O'Brien")), Ok(None));
}

#[test]
fn identifiers_that_disagree_are_never_resolved_silently() {
    let disagree = Err("roster.identifiers_agree".to_owned());
    assert_eq!(find(&named(None, "ada@example.org", "Ben Núñez")), disagree);
    assert_eq!(find(&named(Some(1), "ben@example.org", "")), disagree);
    assert_eq!(find(&named(Some(1), "ada@example.org", "Ben Núñez")), disagree);
    assert_eq!(find(&named(Some(9), "", "")), Err("roster.candidate_known".to_owned()));
    let too_little = Err("roster.identified".to_owned());
    assert_eq!(find(&named(None, "ada@example.org", "")), too_little);
    assert_eq!(find(&named(None, "", "Ada O'Brien")), too_little);
    assert_eq!(find(&named(None, "ada@example.org", " . ")), too_little);
}

#[test]
fn an_address_of_two_people_names_neither() {
    let twins = Directory::of(vec![
        known(1, "Ada O'Brien", "desk@example.org"),
        known(2, "Ada O'Brien", "desk@example.org"),
    ]);
    let row = named(None, "desk@example.org", "Ada O'Brien");
    assert!(matches!(twins.find(&row), Match::Unclear(_)));
}

#[test]
fn a_running_candidacy_comes_before_a_later_one_that_does_not_run() {
    let of = |numbers: &[(u128, bool)]| {
        let all = numbers.iter().map(|(bits, runs)| (CandidacyId::from_bits(*bits), *runs));
        Known { candidacies: all.collect(), ..known(1, "A", "a@example.org") }.candidacy()
    };
    assert_eq!(of(&[(1, true), (2, false)]), Some(CandidacyId::from_bits(1)));
    assert_eq!(of(&[(1, false), (2, false)]), Some(CandidacyId::from_bits(2)));
    assert_eq!(of(&[]), None);
}

#[test]
fn the_number_of_a_candidacy_that_ended_names_the_one_that_runs() {
    let of = |first: bool, second: bool| {
        let ids = [1, 2].map(CandidacyId::from_bits);
        let candidacies = vec![(ids[0], first), (ids[1], second)];
        let ada = Known { candidacies, ..known(1, "Ada", "ada@example.org") };
        let directory = Directory::of(vec![ada]);
        let named = Named { candidacy: Some(ids[0]), ..Named::default() };
        match directory.find(&named) {
            Match::One(_, found) => found.map(CandidacyId::bits),
            Match::Nobody | Match::Unclear(_) => None,
        }
    };
    assert_eq!(of(false, true), Some(2));
    assert_eq!(of(true, false), Some(1));
    assert_eq!(of(false, false), Some(1), "it is told why that one does not count");
}

fn row(email: &str, name: &str) -> RosterRow {
    RosterRow {
        line: 1,
        course: domain::CourseId::from_bits(1),
        named: named(None, email, name),
        completed_on: day("2025-05-01"),
    }
}

#[test]
fn a_provider_signs_completions_of_its_own_approved_courses() {
    let course = course(1, "FND", "2025-01-01");
    let active = Finding::new("organisation.active", "FAQ 11", true, "", "", "");
    let (row, stranger) = (row("a@example.org", "A"), OrganisationId::from_bits(99));
    assert!(domain::all_satisfied(&row.findings(course.provider, Some(&course), &active)));
    assert!(!found(&row.findings(stranger, Some(&course), &active), "roster.own_course"));
    let unapproved = row.findings(course.provider, None, &active);
    let refusal = unapproved.iter().find(|one| one.rule == "credit.course_approved").unwrap();
    assert!(!refusal.satisfied && refusal.message.contains("portfolio"));
    assert_eq!(places(&row.check(day("2025-04-30"))), [("/completed_on", "order")]);
}

#[test]
fn a_row_of_nobody_waits_and_is_claimed_once() {
    let course = course(1, "FND", "2025-01-01");
    let id = WaitingId::from_bits(1);
    assert!(WaitingCompletion::keep(id, &row("", "Ada"), &course, now()).is_none());
    let first = row("Dee@Example.org", "Dee  Dunn");
    let (waiting, _) = WaitingCompletion::keep(id, &first, &course, now()).unwrap();
    assert_eq!(Some(waiting.key()), named(None, "dee@example.org", "dee dunn").key());
    let candidate = (PersonId::from_bits(4), CandidacyId::from_bits(4));
    let done = CompletionId::from_bits(1);
    let (claimed, completion, _) = waiting.claim(done, &course, candidate).unwrap();
    assert_eq!((completion.completed_on, completion.set.as_str()), (day("2025-05-01"), "FND"));
    assert!(claimed.clone().claim(done, &course, candidate).is_err());
    assert!(claimed.withdraw("twice".into()).is_err());
}

fn credit(satisfied: bool) -> Vec<Finding> {
    vec![Finding::new("credit.completion_window", "FAQ 16", satisfied, "", "", "")]
}

#[test]
fn the_achievement_follows_a_correction_or_a_withdrawal() {
    let course = course(1, "FND", "2025-01-01");
    let candidate = (PersonId::from_bits(4), CandidacyId::from_bits(4));
    let row = row("a@example.org", "A");
    let recorded = row.completion(CompletionId::from_bits(1), &course, candidate);
    let (today, admitted) = (day("2025-06-01"), day("2025-05-10"));
    let id = AchievementId::from_bits(1);
    let (done, achieved, _) = recorded.clone().verify(id, credit(true), admitted, today).unwrap();
    assert_eq!(achieved.achieved_on, admitted, "never before the admission");

    let correct = |completion: domain::completion::Completion, counts: bool| {
        completion.correct(day("2025-05-20"), credit(counts), "typing error".into(), today)
    };
    let (kept, follows, _) = correct(done.clone(), true).unwrap();
    assert_eq!((kept.state, follows), (CompletionState::Verified, Follows::Redated));
    let moved = achieved.clone().redate(kept.completed_on, admitted, "typing error".into());
    assert_eq!(moved.unwrap().0.achieved_on, day("2025-05-20"));
    let same = achieved.redate(day("2025-05-01"), admitted, "nothing moves".into());
    assert!(same.is_none());

    let (lost, follows, _) = correct(done.clone(), false).unwrap();
    assert_eq!((lost.state, follows), (CompletionState::Refused, Follows::Voided));
    let (again, follows, _) = correct(lost, true).unwrap();
    assert_eq!((again.state, follows), (CompletionState::Recorded, Follows::Nothing));

    let (gone, follows, _) = done.withdraw("another person".into(), today).unwrap();
    assert_eq!((gone.state, follows), (CompletionState::Voided, Follows::Voided));
    assert!(gone.clone().withdraw("again".into(), today).is_err());
    assert!(correct(gone, true).is_err());
    assert_eq!(recorded.withdraw("twice".into(), today).unwrap().1, Follows::Nothing);
}

proptest! {
    #[test]
    fn a_match_always_agrees_with_everything_that_the_row_says(
        number in proptest::option::of(1_u128..4),
        email in prop::sample::select(vec!["", "ada@example.org", "BEN@example.org", "x@example.org"]),
        name in prop::sample::select(vec!["", "Ada OBrien", "ben nuñez", "Somebody Else"]),
    ) {
        let row = named(number, email, name);
        if let Match::One(one, candidacy) = directory().find(&row) {
            let fold = domain::text::fold;
            prop_assert!(number.is_none() || candidacy == row.candidacy);
            prop_assert!(email.is_empty() || one.emails.iter().any(|own| own.eq_ignore_ascii_case(email)));
            prop_assert!(name.is_empty() || fold(&one.name) == fold(name));
            prop_assert!(number.is_some() || !(email.is_empty() || name.is_empty()));
        }
    }

    #[test]
    fn folding_is_idempotent_and_plain(text in "\\PC{0,40}") {
        let folded = domain::text::fold(&text);
        prop_assert_eq!(&domain::text::fold(&folded), &folded);
        prop_assert!(!folded.contains("  ") && !folded.contains('%') && !folded.contains('_'));
    }
}
