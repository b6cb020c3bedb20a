//! Who may judge what, who is chosen, and how far evaluators agree.

use chrono::NaiveDate;
use domain::{
    OrganisationId, PersonId, Word as _, all_satisfied,
    portfolio::{
        AgreementFigures, Author, Away, DeclaredConflict, Eligibility, Evaluator, EvaluatorFacts,
        EvaluatorProfile, Rating, agreement, choose, eligibility,
    },
    program::ProgramCode,
};
use proptest::prelude::*;

use super::{id, set, today, unmet};
use crate::support::{day, framework};

fn profile() -> EvaluatorProfile {
    EvaluatorProfile {
        sets: vec![set().code],
        employers: vec!["Lakeside Library".to_owned()],
        resume: None,
        trained_on: Some(day("2025-01-10")),
        capacity: 3,
        away: vec![Away { from: day("2026-07-01"), until: day("2026-07-31") }],
        conflicts: Vec::new(),
    }
}

fn eva(profile: EvaluatorProfile) -> Evaluator {
    let (person, program) = (id(50), ProgramCode::lssc());
    Evaluator { person, program, profile, ended_on: None, version: 1 }
}

fn author() -> Author {
    Author {
        person: id(2),
        name: "Ada Brook".to_owned(),
        employers: vec!["Riverside Public Library".to_owned()],
        organisations: vec![id(70)],
    }
}

fn open(evaluator: &Evaluator, facts: &EvaluatorFacts, on: NaiveDate) -> Vec<String> {
    open_until(evaluator, facts, on, on)
}

fn open_until(
    evaluator: &Evaluator,
    facts: &EvaluatorFacts,
    on: NaiveDate,
    until: NaiveDate,
) -> Vec<String> {
    let judged = eligibility(evaluator, facts, &author(), &set().code, (on, until));
    let unmet = judged.findings.iter().filter(|one| !one.satisfied);
    unmet.map(|one| one.rule.to_string()).collect()
}

#[test]
fn who_is_qualified_trained_there_and_free_of_conflicts_may_judge() {
    let free = EvaluatorFacts::default();
    let with = |change: &dyn Fn(&mut EvaluatorProfile)| {
        let mut changed = profile();
        change(&mut changed);
        open(&eva(changed), &free, today())
    };
    assert_eq!(with(&|_| {}), [""; 0]);
    assert_eq!(with(&|one| one.sets.clear()), ["evaluator.qualified"]);
    assert_eq!(with(&|one| one.trained_on = None), ["evaluator.trained"]);
    assert_eq!(with(&|one| one.trained_on = Some(day("2026-03-03"))), ["evaluator.trained"]);
    assert_eq!(with(&|one| one.capacity = 0), ["evaluator.capacity"]);
    assert_eq!(
        with(&|one| one.employers.push("RIVERSIDE  public library".to_owned())),
        ["evaluator.other_employer"]
    );
    for conflict in [
        DeclaredConflict {
            person: Some(id(2)),
            organisation: None,
            name: None,
            reason: "r".into(),
        },
        DeclaredConflict {
            person: None,
            organisation: Some(id(70)),
            name: None,
            reason: "r".into(),
        },
        DeclaredConflict {
            person: None,
            organisation: None,
            name: Some("ada brook".into()),
            reason: "r".into(),
        },
        DeclaredConflict {
            person: None,
            organisation: None,
            name: Some("Riverside Public Library".into()),
            reason: "r".into(),
        },
    ] {
        assert_eq!(
            with(&|one| one.conflicts.push(conflict.clone())),
            ["evaluator.no_declared_conflict"]
        );
    }
    let day_of = |text: &str| open(&eva(profile()), &free, day(text));
    assert_eq!(day_of("2026-06-30"), [""; 0]);
    assert_eq!(
        (day_of("2026-07-01"), day_of("2026-07-31")),
        (vec!["evaluator.present".to_owned()], vec!["evaluator.present".to_owned()])
    );
    assert_eq!(day_of("2026-08-01"), [""; 0]);
}

#[test]
fn who_is_away_for_most_of_the_time_is_not_chosen() {
    let away = |periods: &[(&str, &str)]| {
        let day_pairs = periods.iter().map(|(from, until)| (day(from), day(until)));
        let away = day_pairs.map(|(from, until)| Away { from, until }).collect();
        let evaluator = eva(EvaluatorProfile { away, ..profile() });
        // 22 days, of which 11 may be missed.
        open_until(&evaluator, &EvaluatorFacts::default(), today(), day("2026-03-23"))
    };
    let gone = ["evaluator.present".to_owned()];
    assert_eq!(away(&[("2026-03-02", "2026-03-02")]), gone, "today");
    assert_eq!(away(&[("2026-03-03", "2026-12-31")]), gone, "from tomorrow on");
    assert_eq!(away(&[("2026-03-13", "2026-03-23")]), [""; 0], "eleven days");
    assert_eq!(away(&[("2026-03-12", "2026-03-23")]), gone, "twelve");
    let twice = [("2026-03-05", "2026-03-10"), ("2026-03-08", "2026-03-15")];
    assert_eq!(away(&twice), [""; 0], "a day counts once");
    assert_eq!(away(&[twice[0], twice[1], ("2026-03-20", "2026-03-20")]), gone);
}

#[test]
fn what_the_system_knows_of_an_evaluator_counts_too() {
    let known = |facts: EvaluatorFacts| open(&eva(profile()), &facts, today());
    let facts = EvaluatorFacts::default;
    assert_eq!(known(EvaluatorFacts { load: 2, ..facts() }), [""; 0]);
    assert_eq!(known(EvaluatorFacts { load: 3, ..facts() }), ["evaluator.capacity"]);
    assert_eq!(known(EvaluatorFacts { had_it: true, ..facts() }), ["evaluator.once"]);
    let employers = |name: &str| EvaluatorFacts { employers: vec![name.to_owned()], ..facts() };
    assert_eq!(known(employers("riverside PUBLIC library")), ["evaluator.other_employer"]);
    assert_eq!(known(employers("Hilltop Library")), [""; 0]);
    let acts_for: Vec<OrganisationId> = vec![id(70)];
    assert_eq!(known(EvaluatorFacts { acts_for, ..facts() }), ["evaluator.other_institution"]);
    let own = Evaluator { person: id(2), ..eva(profile()) };
    assert_eq!(open(&own, &facts(), today()), ["evaluator.other_person"]);
    let (ended, _) = eva(profile()).deactivate(today()).unwrap();
    assert_eq!(open(&ended, &facts(), today()), ["evaluator.active"]);
    assert_eq!(unmet(ended.clone().deactivate(today())), ["evaluator.active"]);
    assert!(ended.reactivate(today()).is_ok());
    assert_eq!(unmet(eva(profile()).reactivate(today())), ["evaluator.active"]);
}

#[test]
fn what_cannot_be_in_a_profile_is_named() {
    let mut bad = profile();
    bad.sets = vec![set().code, set().code, "XXX".parse().unwrap()];
    bad.employers = vec![" ".to_owned()];
    bad.trained_on = Some(day("2026-03-03"));
    bad.capacity = 1_001;
    bad.away = vec![Away { from: day("2026-07-02"), until: day("2026-07-01") }];
    let nobody =
        DeclaredConflict { person: None, organisation: None, name: None, reason: "r".into() };
    let both = DeclaredConflict { person: Some(id(2)), name: Some("Ada".into()), ..nobody.clone() };
    bad.conflicts = vec![nobody, both];
    let found = bad.check(&framework(), today());
    let found: Vec<_> = found.iter().map(|one| (one.pointer.as_str(), one.code)).collect();
    for wanted in [
        ("/sets/1", "duplicate"),
        ("/sets/2", "unknown"),
        ("/employers/0", "length"),
        ("/trained_on", "order"),
        ("/capacity", "out_of_range"),
        ("/away/0/until", "order"),
        ("/conflicts/0", "exclusive"),
        ("/conflicts/1", "exclusive"),
    ] {
        assert!(found.contains(&wanted), "{wanted:?} of {found:?}");
    }
    assert_eq!(found.len(), 8);
    assert!(profile().check(&framework(), today()).is_empty());
}

fn judged(load: u32, free: bool) -> Eligibility {
    let mut findings = eligibility(
        &eva(profile()),
        &EvaluatorFacts { load: 0, ..EvaluatorFacts::default() },
        &author(),
        &set().code,
        (today(), today()),
    )
    .findings;
    for one in &mut findings {
        one.satisfied = free;
    }
    Eligibility { findings, load }
}

proptest! {
    #[test]
    fn the_least_loaded_is_chosen_whatever_the_order(
        known in proptest::collection::vec((0_u32..4, any::<bool>()), 0..12), turn in 0_usize..12,
    ) {
        let mut people: Vec<(PersonId, Eligibility)> =
            (1..).zip(&known).map(|(number, (load, free))| (id(number), judged(*load, *free))).collect();
        let chosen = choose(&people);
        let least = people.iter().filter(|(_, one)| all_satisfied(&one.findings))
            .map(|(person, one)| (one.load, *person)).min();
        prop_assert_eq!(chosen, least.map(|(_, person)| person));
        if !people.is_empty() {
            let turn = turn % people.len();
            people.rotate_left(turn);
        }
        prop_assert_eq!(choose(&people), chosen);
    }

    #[test]
    fn kappa_is_at_most_1_and_the_same_from_both_sides(
        pairs in proptest::collection::vec((0_usize..3, 0_usize..3), 1..60),
    ) {
        let pairs: Vec<_> = pairs.into_iter().map(|(one, other)| (Rating::ALL[one], Rating::ALL[other])).collect();
        let back: Vec<_> = pairs.iter().map(|(one, other)| (*other, *one)).collect();
        let found = agreement(&pairs);
        prop_assert_eq!(found, agreement(&back));
        prop_assert!(found.kappa.is_none_or(|kappa| (-10_000..=10_000).contains(&kappa)));
        prop_assert_eq!(found.kappa == Some(10_000), found.kappa.is_some() && found.agreed == found.pairs);
    }
}

#[test]
fn agreement_by_hand() {
    // 50 pairs: 20 both met, 15 both not met, 5 and 10 otherwise: 0.7 raw, chance 0.5, kappa 0.4.
    let mut pairs = vec![(Rating::Met, Rating::Met); 20];
    pairs.extend([(Rating::Met, Rating::NotMet); 5]);
    pairs.extend([(Rating::NotMet, Rating::Met); 10]);
    pairs.extend([(Rating::NotMet, Rating::NotMet); 15]);
    let wanted =
        AgreementFigures { pairs: 50, agreed: 35, raw_agreement: Some(7_000), kappa: Some(4_000) };
    assert_eq!(agreement(&pairs), wanted);
    let opposite = [(Rating::Met, Rating::NotMet), (Rating::NotMet, Rating::Met)];
    assert_eq!(agreement(&opposite).kappa, Some(-10_000));
    let same = agreement(&[(Rating::Met, Rating::Met); 4]);
    assert_eq!((same.raw_agreement, same.kappa), (Some(10_000), None), "chance explains all of it");
    let none = AgreementFigures { pairs: 0, agreed: 0, raw_agreement: None, kappa: None };
    assert_eq!(agreement(&[]), none);
}
