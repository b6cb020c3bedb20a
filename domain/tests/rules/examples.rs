//! The rules by example: one sentence of the program a test.

use domain::{
    calendar::{add_months, add_years, days_in, nth_term},
    certification::{self, term},
    course_credit::{self, CreditFacts},
    eligibility::{self, Education, EligibilityFacts, Hours},
    fees,
    policy::{FeeCode, Strictness},
    portfolio::{Merged, Rating, median, merge, met_needed},
    recognition, text,
};

use crate::support::{a_job, day, found, framework, policy, set};

#[test]
fn adding_clamps_to_the_end_of_the_month() {
    assert_eq!(add_years(day("2024-02-29"), 1), day("2025-02-28"));
    assert_eq!(add_months(day("2025-12-31"), 2), day("2026-02-28"));
    assert_eq!(add_months(day("2024-03-31"), -1), day("2024-02-29"));
}

#[test]
fn terms_are_counted_from_their_anchor() {
    let anchor = day("2096-02-29");
    assert_eq!(nth_term(anchor, 4, 1), day("2100-02-28"));
    assert_eq!(nth_term(anchor, 4, 2), day("2104-02-29"));
}

#[test]
fn periods_hold_both_of_their_ends() {
    assert_eq!(days_in(day("2024-02-28"), day("2024-03-01")), 3);
    assert_eq!(days_in(day("2024-02-28"), day("2024-02-28")), 1);
    assert_eq!(days_in(day("2024-02-28"), day("2024-02-27")), 0);
}

#[test]
fn the_hours_that_entry_needs_are_exact_to_the_minute() {
    let policy = policy().eligibility;
    let decide = |hours: Hours| {
        let jobs = vec![eligibility::Job { hours, ..a_job("2024-01-01", Some("2024-01-10")) }];
        let facts =
            EligibilityFacts { as_of: day("2024-06-01"), education: Education::Associate, jobs };
        eligibility::evaluate(&facts, &policy).unwrap()
    };
    assert!(decide(Hours::total(1820.0).unwrap()).satisfied);
    let short = decide(Hours::total(1819.75).unwrap());
    assert!(!short.satisfied);
    let hours = short.findings.iter().find(|one| one.rule == "eligibility.work_hours").unwrap();
    assert_eq!((hours.required.as_str(), hours.source.as_ref()), ("1,820 hours", "FAQ 6"));
    assert_eq!(hours.actual, "1,819 hours 45 minutes");
}

#[test]
fn a_job_counts_for_its_days_inside_the_window_alone() {
    let policy = policy().eligibility;
    // 1,000 hours over 100 days; the window opens on the 51st.
    let job = eligibility::Job {
        hours: Hours::total(1000.0).unwrap(),
        ..a_job("2019-01-01", Some("2019-04-10"))
    };
    let facts = EligibilityFacts {
        as_of: day("2024-02-20"),
        education: Education::HighSchoolEquivalency,
        jobs: vec![job],
    };
    let outcome = eligibility::evaluate(&facts, &policy).unwrap();
    assert_eq!(outcome.window_opens_on, day("2019-02-20"));
    assert_eq!(outcome.counted_minutes, 500 * 60);
}

#[test]
fn a_position_that_needs_a_degree_is_no_support_staff_position() {
    let mut policy = policy().eligibility;
    let job = eligibility::Job { requires_mlis: true, ..a_job("2020-01-01", None) };
    let facts = EligibilityFacts {
        as_of: day("2024-06-01"),
        education: Education::Master,
        jobs: vec![job],
    };
    let refused = eligibility::evaluate(&facts, &policy).unwrap();
    assert!(!refused.satisfied);
    assert!(!found(&refused.findings, "eligibility.support_staff_position"));
    policy.support_staff_position = Strictness::Advisory;
    let advised = eligibility::evaluate(&facts, &policy).unwrap();
    assert!(advised.satisfied, "an advisory rule is told and stands in nobody's way");
    assert!(!found(&advised.findings, "eligibility.support_staff_position"));
}

#[test]
fn six_portfolios_cost_what_the_program_says() {
    let policy = policy().fees;
    let items = [(FeeCode::Application, 1), (FeeCode::Portfolio, 6)]
        .map(|(code, quantity)| fees::Item { code, quantity });
    assert_eq!(fees::quote(true, &items, &policy).unwrap().total_cents, 62_500);
    assert_eq!(fees::quote(false, &items, &policy).unwrap().total_cents, 71_000);
}

#[test]
fn an_approval_may_be_stated_longer_than_the_policy_gives() {
    let facts = CreditFacts {
        approved_on: day("2020-05-01"),
        ends_on: Some(day("2028-05-01")),
        completed_on: day("2028-05-01"),
        deadline: day("2028-05-01"),
        course_set: set("FND"),
        claimed_set: set("FND"),
        proof: true,
    };
    let (framework, policy) = (framework(), policy().courses);
    assert!(course_credit::evaluate(&facts, &framework, &policy).unwrap().satisfied);
    let ended = CreditFacts { ends_on: None, ..facts };
    let refused = course_credit::evaluate(&ended, &framework, &policy).unwrap();
    let window =
        refused.findings.iter().find(|one| one.rule == "credit.completion_window").unwrap();
    assert!(!window.satisfied);
    assert!(window.message.contains("portfolio"), "{}", window.message);
}

#[test]
fn two_ratings_merge_as_the_table_says() {
    use Rating::{Met, NotMet, PartiallyMet};
    for (one, other, merged) in [
        (Met, Met, Merged::Met),
        (Met, PartiallyMet, Merged::Met),
        (PartiallyMet, PartiallyMet, Merged::PartiallyMet),
        (NotMet, NotMet, Merged::NotMet),
        (NotMet, PartiallyMet, Merged::Split),
        (NotMet, Met, Merged::Split),
    ] {
        assert_eq!(merge(one, other), merged, "{one} and {other}");
    }
    assert_eq!(median(NotMet, Met, PartiallyMet), PartiallyMet);
}

#[test]
fn the_share_that_must_be_met_is_rounded_up() {
    let policy = policy().portfolio;
    let needed = [8, 9, 10, 12, 13, 16].map(|all| met_needed(all, &policy));
    assert_eq!(needed, [6, 7, 7, 9, 10, 12]);
}

#[test]
fn a_graduate_of_two_years_before_the_signing_is_covered() {
    let policy = policy().recognition;
    let covered = |graduated: &str| {
        let ends = recognition::agreement_ends_on(day("2022-03-01"), &policy);
        recognition::graduate_finding(day(graduated), day("2022-03-01"), ends, &policy).satisfied
    };
    assert!(covered("2020-03-01") && covered("2026-03-01"));
    assert!(!covered("2020-02-29") && !covered("2026-03-02"));
}

#[test]
fn holds_and_extensions_move_the_deadline() {
    let policy = policy().candidacy;
    let deadline = |hold, more| certification::deadline(day("2024-02-29"), hold, more, &policy);
    assert_eq!(deadline(0, 0), day("2028-02-29"));
    assert_eq!(deadline(1, 0), day("2028-03-01"));
    assert_eq!(deadline(1, 30), day("2028-03-31"));
}

#[test]
fn what_was_decided_stands_above_the_dates() {
    use term::{CertificationStatus, Marks};
    let policy = policy();
    let on = |as_of: &str, marks: Marks| {
        term::standing_on(day("2020-01-01"), 0, day(as_of), marks, &policy).unwrap()
    };
    let suspended = Marks { suspended_on: Some(day("2021-01-01")), ..Marks::default() };
    assert_eq!(on("2020-12-31", suspended).status, CertificationStatus::Active);
    assert_eq!(on("2021-01-01", suspended).status, CertificationStatus::Suspended);
    assert!(!on("2021-01-01", suspended).certified);
    let revoked = Marks { revoked_on: Some(day("2023-06-01")), ..suspended };
    assert_eq!(on("2023-06-01", revoked).status, CertificationStatus::Revoked);
    assert!(!on("2023-06-01", revoked).renewal_open);
    let last = recognition::provisional_ends_on(day("2020-01-01"), &policy.recognition);
    let provisional = Marks { provisional_until: Some(last), ..Marks::default() };
    assert_eq!(on("2024-01-01", provisional).status, CertificationStatus::Provisional);
    assert_eq!(on("2024-01-02", provisional).status, CertificationStatus::Lapsed);
}

#[test]
fn a_program_may_keep_its_people_certified_in_the_grace_period() {
    let mut policy = policy();
    let on = |policy: &_| term::status_on(day("2020-01-01"), 0, day("2024-01-02"), policy).unwrap();
    assert!(!on(&policy).certified);
    policy.renewal.grace_is_certified = true;
    assert!(on(&policy).certified);
}

#[test]
fn figures_read_as_people_write_them() {
    assert_eq!(text::hours(109_200), "1,820 hours");
    assert_eq!(text::hours(60), "1 hour");
    assert_eq!(text::hours(0), "0 hours");
    assert_eq!(text::money(35_000, "USD"), "$350");
    assert_eq!(text::money(-123_456_705, "USD"), "-$1,234,567.05");
    assert_eq!(text::money(1_200, "EUR"), "12.00 EUR");
    assert_eq!(text::list(&["A", "B", "C"]), "A, B and C");
}
