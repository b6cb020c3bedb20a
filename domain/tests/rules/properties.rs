//! The rules by property: every threshold, clamp and period.

use chrono::{Datelike, NaiveDate};
use domain::{
    Word,
    calendar::{add_days, add_months, add_years, days_in, nth_term},
    certification::{
        self, Achieved, Requirement,
        term::{
            self,
            CertificationStatus::{Active, Grace, Lapsed},
        },
    },
    competency::SetMask,
    course_credit::{self, CreditFacts},
    eligibility::{self, Education, EligibilityFacts, Hours, Job},
    fees::{self, Item},
    policy::FeeCode,
    portfolio::{Merged, Rating, median, merge, met_needed},
    renewal::{self, Activity, ActivityKind, Amount, RenewalFacts},
};
use proptest::{prelude::*, sample::select};

use crate::support::{a_job, day, found, framework, policy, set};

fn days() -> impl Strategy<Value = NaiveDate> {
    (0_i64..84_000).prop_map(|offset| add_days(day("1970-01-01"), offset))
}
fn ratings() -> impl Strategy<Value = Rating> {
    select(Rating::ALL)
}

proptest! {
    #[test]
    fn adding_months_keeps_the_day_or_clamps_to_the_last(date in days(), months in -600_i32..600) {
        let moved = add_months(date, months);
        let distance = moved.year() * 12 + i32::try_from(moved.month()).unwrap()
            - date.year() * 12 - i32::try_from(date.month()).unwrap();
        prop_assert_eq!(distance, months);
        prop_assert!(moved.day() == date.day() || add_days(moved, 1).day() == 1);
        prop_assert!(moved.day() <= date.day());
    }

    #[test]
    fn a_term_depends_on_its_anchor_alone(date in days(), n in 0_u32..20) {
        let end = nth_term(date, 4, n);
        prop_assert_eq!(end, add_years(date, 4 * i32::try_from(n).unwrap()));
        prop_assert_eq!(end.month(), date.month());
    }

    #[test]
    fn a_period_has_one_day_more_than_its_distance(first in days(), length in 0_u32..4000) {
        prop_assert_eq!(days_in(first, add_days(first, length.into())), length + 1);
    }

    #[test]
    fn work_never_counts_for_more_than_it_was(
        as_of in days(), before in 0_i64..6000, length in 0_i64..4000, quarters in 1_u32..673,
    ) {
        let started_on = add_days(as_of, -before);
        let last = add_days(started_on, length);
        let minutes = quarters * 15;
        let facts = |hours| EligibilityFacts {
            as_of,
            education: Education::Associate,
            jobs: vec![Job { started_on, ended_on: Some(last), hours, ..a_job("2000-01-01", None) }],
        };
        let policy = policy().eligibility;
        if let Ok(weekly) = eligibility::evaluate(&facts(Hours::PerWeek(minutes)), &policy) {
            let most = u64::from(minutes) * u64::from(days_in(started_on, as_of)) / 7;
            prop_assert!(weekly.counted_minutes <= most);
            let enough = weekly.counted_minutes >= u64::from(policy.work_minutes);
            prop_assert_eq!(found(&weekly.findings, "eligibility.work_hours"), enough);
            let total = eligibility::evaluate(&facts(Hours::Total(minutes)), &policy).unwrap();
            prop_assert!(total.counted_minutes <= u64::from(minutes));
            let inside = started_on >= weekly.window_opens_on && last <= as_of;
            prop_assert!(!inside || total.counted_minutes == u64::from(minutes));
        }
    }

    #[test]
    fn two_jobs_count_for_what_each_counts(one in 1_u32..673, other in 1_u32..673) {
        let policy = policy().eligibility;
        let count = |hours: &[u32]| {
            let job = |quarters: &u32| Job {
                hours: Hours::PerWeek(quarters * 15), ..a_job("2018-03-05", Some("2021-07-04"))
            };
            let jobs = hours.iter().map(job).collect();
            let facts =
                EligibilityFacts { as_of: day("2024-05-05"), education: Education::None, jobs };
            eligibility::evaluate(&facts, &policy).unwrap().counted_minutes
        };
        prop_assert_eq!(count(&[one, other]), count(&[one]) + count(&[other]));
    }

    #[test]
    fn a_quote_is_the_sum_of_its_lines(
        member: bool, items in prop::collection::vec((select(FeeCode::ALL), 1_i64..10_000), 1..20),
    ) {
        let policy = policy().fees;
        let items: Vec<Item> =
            items.into_iter().map(|(code, quantity)| Item { code, quantity }).collect();
        let quote = fees::quote(member, &items, &policy).unwrap();
        prop_assert_eq!(quote.lines.len(), items.len());
        prop_assert_eq!(quote.lines.iter().map(|line| line.amount_cents).sum::<i64>(), quote.total_cents);
        prop_assert!(quote.lines.iter().all(|line| line.amount_cents == line.unit_cents * line.quantity));
        let full = fees::quote(false, &items, &policy).unwrap().total_cents;
        prop_assert!(quote.total_cents <= full);
    }

    #[test]
    fn merging_takes_no_sides(one in ratings(), other in ratings(), third in ratings()) {
        prop_assert_eq!(merge(one, other), merge(other, one));
        prop_assert_eq!(merge(one, one), Merged::from(one));
        let mut sorted = [one, other, third];
        sorted.sort_unstable();
        prop_assert_eq!(median(one, other, third), sorted[1]);
        prop_assert_eq!(median(third, one, other), sorted[1]);
    }

    #[test]
    fn the_share_is_the_least_number_that_reaches_it(all in 1_u32..65) {
        let policy = policy().portfolio;
        let needed = met_needed(all, &policy);
        prop_assert!(needed * 100 >= all * policy.met_share_percent);
        prop_assert!((needed - 1) * 100 < all * policy.met_share_percent);
    }

    #[test]
    fn a_course_counts_on_both_ends_of_its_window_and_not_beyond(approved_on in days()) {
        let (framework, policy) = (framework(), policy().courses);
        let on = |completed_on| {
            let facts = CreditFacts {
                approved_on, ends_on: None, completed_on, deadline: day("2200-12-31"),
                course_set: set("FND"), claimed_set: set("FND"), proof: true,
            };
            course_credit::evaluate(&facts, &framework, &policy).unwrap().satisfied
        };
        let (opens, closes) = (add_years(approved_on, -2), add_years(approved_on, 4));
        prop_assume!(closes < day("2200-12-01") && opens > day("1900-02-01"));
        prop_assert!(on(opens) && on(closes));
        prop_assert!(!on(add_days(opens, -1)) && !on(add_days(closes, 1)));
    }

    #[test]
    fn completion_is_the_first_day_on_which_a_naive_count_is_enough(
        admitted in days(), offsets in prop::collection::vec(prop::option::of(-100_i64..1600), 10),
        as_of in 0_i64..1700,
    ) {
        let policy = policy();
        let requirement = Requirement::of(&framework(), &policy.certification);
        let held: Vec<Achieved> = offsets.iter().zip(0..).filter_map(|(offset, index)| {
            offset.map(|offset| Achieved { index, on: add_days(admitted, offset) })
        }).collect();
        let deadline = certification::deadline(admitted, 0, 0, &policy.candidacy);
        let as_of = add_days(admitted, as_of);
        let reckoning = requirement.reckon(&held, deadline, as_of);
        // The second, naive way: walk the days. The first three sets are the required ones.
        let enough = |last: NaiveDate| {
            let by = |low, high| {
                held.iter().filter(|one| (low..high).contains(&one.index) && one.on <= last).count()
            };
            by(0, 3) == 3 && by(3, 10) >= 3
        };
        let mut walked = add_days(admitted, -101);
        let last = deadline.min(as_of);
        while walked <= last && !enough(walked) { walked = add_days(walked, 1); }
        prop_assert_eq!(reckoning.completed_on, (walked <= last).then_some(walked));
        prop_assert_eq!(reckoning.counted.and(reckoning.late), SetMask::default());
    }

    #[test]
    fn status_moves_forward_through_its_periods(completed in days(), renewals in 0_i64..5) {
        let policy = policy();
        let on = |date| term::status_on(completed, renewals, date, &policy).unwrap();
        let first = on(completed);
        prop_assume!(first.grace_ends_on < day("2200-12-01"));
        prop_assert_eq!(first.expires_on, add_years(completed, 4 * (1 + i32::try_from(renewals).unwrap())));
        let at = |date| (on(date).status, on(date).renewal_open, on(date).certified);
        prop_assert_eq!(at(add_days(first.renewal_opens_on, -1)), (Active, false, true));
        prop_assert_eq!(at(first.renewal_opens_on), (Active, true, true));
        prop_assert_eq!(at(first.expires_on), (Active, true, true));
        prop_assert_eq!(at(add_days(first.expires_on, 1)), (Grace, true, false));
        prop_assert_eq!(at(first.grace_ends_on), (Grace, true, false));
        prop_assert_eq!(at(add_days(first.grace_ends_on, 1)), (Lapsed, false, false));
    }

    #[test]
    fn a_renewal_counts_whole_activities_and_no_others(
        amounts in prop::collection::vec((1_i64..600, any::<bool>(), any::<bool>(), -50_i64..1500), 0..12),
    ) {
        let (framework, policy) = (framework(), policy());
        let start = day("2020-03-01");
        let activities: Vec<Activity> = amounts.iter().map(|(minutes, technology, documented, offset)| {
            Activity {
                kind: ActivityKind::Workshop, dated_on: add_days(start, *offset),
                amount: Amount::Minutes(*minutes), technology: *technology,
                sets: vec![set("TEC")], documented: *documented,
            }
        }).collect();
        let facts = RenewalFacts {
            term_started_on: start, expires_on: day("2024-03-01"), submitted_on: day("2023-12-01"),
            previous_submitted_on: None, activities,
        };
        let outcome = renewal::evaluate(&facts, &framework, &policy).unwrap();
        let counted = |one: &&(i64, bool, bool, i64)| {
            let date = add_days(start, one.3);
            one.0 >= 60 && one.2 && date >= start && date <= facts.submitted_on
        };
        let sum: i64 = amounts.iter().filter(counted).map(|one| one.0).sum();
        let technology: i64 = amounts.iter().filter(counted).filter(|one| one.1).map(|one| one.0).sum();
        prop_assert_eq!((outcome.counted_minutes, outcome.technology_minutes), (sum, technology));
        prop_assert_eq!(outcome.satisfied, sum >= 1920 && technology >= 240);
    }
}
