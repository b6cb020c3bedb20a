//! Facts that cannot be true are refused, all of them at once, each at its place.

use domain::{
    certification::{self, AchievementFact, ProgressFacts, term},
    course_credit::{self, CreditFacts},
    eligibility::{self, BadHours, Education, EligibilityFacts, Hours},
    fees::{self, Item},
    policy::FeeCode,
    portfolio::{self, PortfolioFacts, Rating},
    recognition,
    renewal::{self, Activity, ActivityKind, Amount, RenewalFacts},
};

use crate::support::{a_job, day, framework, places, policy, set};

#[test]
fn hours_are_quarters_above_nothing_and_within_a_week() {
    assert_eq!(Hours::per_week(168.0), Ok(Hours::PerWeek(10_080)));
    assert_eq!(Hours::per_week(0.25), Ok(Hours::PerWeek(15)));
    for out in [0.0, -1.0, 168.25, 169.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Hours::per_week(out), Err(BadHours::OutOfRange(168)), "{out}");
    }
    assert_eq!(Hours::total(0.1), Err(BadHours::NotAQuarter));
    assert_eq!(Hours::total(100_000.25), Err(BadHours::OutOfRange(100_000)));
    let place = |week, total| {
        let bad = Hours::from_forms("/jobs/0", week, total).unwrap_err();
        (bad.pointer, bad.code)
    };
    assert_eq!(place(Some(1.0), Some(1.0)), ("/jobs/0/total_hours".to_owned(), "exclusive"));
    assert_eq!(place(None, None), ("/jobs/0/hours_per_week".to_owned(), "required"));
    assert_eq!(place(Some(169.0), None), ("/jobs/0/hours_per_week".to_owned(), "out_of_range"));
}

#[test]
fn jobs_run_forward_and_have_begun() {
    let facts = EligibilityFacts {
        as_of: day("2024-06-01"),
        education: Education::Bachelor,
        jobs: vec![
            a_job("2024-01-02", Some("2024-01-01")),
            a_job("2024-06-02", None),
            a_job("1899-12-31", None),
        ],
    };
    let bad = eligibility::evaluate(&facts, &policy().eligibility).unwrap_err();
    let expected = [
        ("/jobs/0/ended_on", "order"),
        ("/jobs/1/started_on", "order"),
        ("/jobs/2/started_on", "out_of_range"),
    ];
    assert_eq!(places(&bad), expected);
}

#[test]
fn quotes_have_items_in_quantities_that_can_be() {
    let policy = policy().fees;
    let quote = |quantities: &[i64]| {
        let item = |quantity: &i64| Item { code: FeeCode::Portfolio, quantity: *quantity };
        fees::quote(false, &quantities.iter().map(item).collect::<Vec<_>>(), &policy)
    };
    assert_eq!(places(&quote(&[]).unwrap_err()), [("/items", "length")]);
    let bad = quote(&[1, 0, 10_001]).unwrap_err();
    let at = [("/items/1/quantity", "out_of_range"), ("/items/2/quantity", "out_of_range")];
    assert_eq!(places(&bad), at);
    assert!(quote(&[10_000]).is_ok());
}

#[test]
fn money_never_wraps() {
    let mut policy = policy().fees;
    let fee = policy.schedule.get_mut(&FeeCode::Application).unwrap();
    fee.price_cents = i64::MAX / 2;
    let items = [1, 1, 1].map(|quantity| Item { code: FeeCode::Application, quantity });
    let bad = fees::quote(false, &items, &policy).unwrap_err();
    assert_eq!(places(&bad), [("/items", "out_of_range")]);
    let many = [Item { code: FeeCode::Application, quantity: 3 }];
    let bad = fees::quote(false, &many, &policy).unwrap_err();
    assert_eq!(places(&bad), [("/items/0/quantity", "out_of_range")]);
}

#[test]
fn credit_names_sets_that_exist_and_an_approval_that_runs_forward() {
    let facts = CreditFacts {
        approved_on: day("2020-05-01"),
        ends_on: Some(day("2020-04-30")),
        completed_on: day("2020-05-01"),
        deadline: day("2201-01-01"),
        course_set: set("XXX"),
        claimed_set: set("YYY"),
        proof: true,
    };
    let bad = course_credit::evaluate(&facts, &framework(), &policy().courses).unwrap_err();
    let expected = [
        ("/deadline", "out_of_range"),
        ("/ends_on", "order"),
        ("/course_set", "unknown"),
        ("/claimed_set", "unknown"),
    ];
    assert_eq!(places(&bad), expected);
}

#[test]
fn ratings_are_whole_lists_in_a_round_that_exists() {
    let (framework, policy) = (framework(), policy().portfolio);
    let evaluate = |code: &str, round, ratings: Vec<Vec<Option<Rating>>>| {
        let facts = PortfolioFacts { competency_set: set(code), round, ratings };
        portfolio::evaluate(&facts, &framework, &policy).map(|outcome| outcome.outcome)
    };
    let met = || vec![Some(Rating::Met); 8];
    let at = |result: Result<_, Vec<_>>| {
        let bad: Vec<domain::BadFact> = result.unwrap_err();
        bad.into_iter().map(|one| format!("{} {}", one.pointer, one.code)).collect::<Vec<_>>()
    };
    assert!(evaluate("CAT", 1, vec![met(), met()]).is_ok());
    assert_eq!(at(evaluate("CAT", 3, vec![met(), met()])), ["/round out_of_range"]);
    assert_eq!(at(evaluate("CAT", 1, vec![met()])), ["/ratings length"]);
    assert_eq!(at(evaluate("CAT", 1, vec![met(), met(), met()])), ["/ratings length"]);
    assert_eq!(at(evaluate("CAT", 2, vec![met(), met(), met()])).len(), 8);
    let short = || vec![Some(Rating::Met); 7];
    assert_eq!(at(evaluate("CAT", 1, vec![met(), short()])), ["/ratings/1 length"]);
    assert_eq!(at(evaluate("ZZZ", 1, vec![met(), met()])), ["/competency_set unknown"]);
    let mut gap = met();
    gap[3] = None;
    assert_eq!(at(evaluate("CAT", 2, vec![gap, met()])), ["/ratings/0/3 required"]);
    let mut split = met();
    split[5] = Some(Rating::NotMet);
    let nothing = vec![None; 8];
    assert_eq!(at(evaluate("CAT", 2, vec![split, met(), nothing])), ["/ratings/2/5 required"]);
}

#[test]
fn sets_are_known_and_listed_once() {
    let covered = ["FND", "ZZZ", "FND"].map(set);
    let bad = recognition::coverage(&covered, &framework(), &policy().certification).unwrap_err();
    assert_eq!(places(&bad), [("/covered_sets/1", "unknown"), ("/covered_sets/2", "duplicate")]);
}

#[test]
fn progress_counts_a_set_once_and_days_that_can_be() {
    let achieved = |code: &str| AchievementFact {
        set: set(code),
        achieved_on: day("2021-01-01"),
        method: None,
    };
    let facts = ProgressFacts {
        admitted_on: day("2020-01-01"),
        hold_days: -1,
        extension_days: 3_651,
        as_of: day("2022-01-01"),
        achievements: vec![achieved("FND"), achieved("FND")],
    };
    let bad = certification::progress(&facts, &framework(), &policy()).unwrap_err();
    let expected = [
        ("/hold_days", "out_of_range"),
        ("/extension_days", "out_of_range"),
        ("/achievements/1/set", "duplicate"),
    ];
    assert_eq!(places(&bad), expected);
}

#[test]
fn renewals_run_forward_and_activities_are_told_in_their_own_unit() {
    let activity = Activity {
        kind: ActivityKind::Workshop,
        dated_on: day("2021-01-01"),
        amount: Amount::Minutes(60),
        technology: false,
        sets: vec![set("ZZZ"), set("FND"), set("FND")],
        documented: true,
    };
    let facts = RenewalFacts {
        term_started_on: day("2024-01-02"),
        expires_on: day("2024-01-01"),
        submitted_on: day("2023-06-01"),
        previous_submitted_on: Some(day("2023-06-02")),
        activities: vec![activity],
    };
    let bad = renewal::evaluate(&facts, &framework(), &policy()).unwrap_err();
    let expected = [
        ("/expires_on", "order"),
        ("/previous_submitted_on", "order"),
        ("/activities/0/sets/0", "unknown"),
        ("/activities/0/sets/2", "duplicate"),
    ];
    assert_eq!(places(&bad), expected);
    let form = |kind, minutes, quantity| {
        let bad = Amount::from_forms("/a", kind, minutes, quantity).unwrap_err();
        (bad.pointer, bad.code)
    };
    let workshop = ActivityKind::Workshop;
    assert_eq!(form(workshop, None, None), ("/a/minutes".to_owned(), "required"));
    assert_eq!(form(workshop, Some(1), Some(1)), ("/a/quantity".to_owned(), "exclusive"));
    assert_eq!(form(workshop, Some(0), None), ("/a/minutes".to_owned(), "out_of_range"));
    let credit = ActivityKind::SemesterCredit;
    assert_eq!(form(credit, Some(1), None), ("/a/minutes".to_owned(), "exclusive"));
    assert_eq!(form(credit, None, Some(-1)), ("/a/quantity".to_owned(), "out_of_range"));
}

#[test]
fn status_needs_a_day_after_the_certification_and_renewals_that_can_be() {
    let bad = term::status_on(day("2024-01-02"), -1, day("2024-01-01"), &policy()).unwrap_err();
    assert_eq!(places(&bad), [("/as_of", "order"), ("/renewals", "out_of_range")]);
    let many = term::status_on(day("2024-01-01"), 41, day("2024-01-01"), &policy()).unwrap_err();
    assert_eq!(places(&many), [("/renewals", "out_of_range")]);
}
