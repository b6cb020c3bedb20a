//! Every window of the program on every day from 1970 to 2199, against a second calendar: one that counts days
//! on a table of month lengths and knows nothing of the first, nor of the library beneath it.

use chrono::NaiveDate;
use domain::{
    AssignmentId, InvoiceId, PersonId, SubscriptionId,
    appeal::Deadlines,
    candidacy::{CandidacyStatus, Extension, Hold},
    certification::term::{
        self,
        CertificationStatus::{Active, Grace, Lapsed, Provisional},
        Marks,
    },
    course_credit::{self, CreditFacts},
    decision::Refused,
    eligibility::{self, Education, EligibilityFacts},
    portfolio::{Assignment, Eligibility},
    program::ProgramCode,
    recognition, renewal,
    renewal::RenewalFacts,
    subscription::{Subscription, SubscriptionState},
};

use crate::{
    appeals, courses, money, portfolios,
    support::{day, framework, policy, set},
};

/// A day of the second calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    year: i32,
    month: i32,
    of_month: u32,
}

fn length(year: i32, month: i32) -> u32 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Day {
    fn of(year: i32, month: i32, of_month: u32) -> Self {
        Self { year, month, of_month }
    }
    fn next(self) -> Self {
        if self.of_month < length(self.year, self.month) {
            Self { of_month: self.of_month + 1, ..self }
        } else if self.month < 12 {
            Self { month: self.month + 1, of_month: 1, ..self }
        } else {
            Self::of(self.year + 1, 1, 1)
        }
    }
    fn before(self) -> Self {
        if self.of_month > 1 {
            Self { of_month: self.of_month - 1, ..self }
        } else if self.month > 1 {
            Self::of(self.year, self.month - 1, length(self.year, self.month - 1))
        } else {
            Self::of(self.year - 1, 12, 31)
        }
    }
    /// So many days on, one after the other.
    fn days(self, count: u32) -> Self {
        (0..count).fold(self, |day, _| day.next())
    }
    fn back(self, count: u32) -> Self {
        (0..count).fold(self, |day, _| day.before())
    }
    /// So many months on, one after the other; the last day of a month that is too short.
    fn months(self, count: i32) -> Self {
        let (mut year, mut month) = (self.year, self.month);
        for _ in 0..count.abs() {
            month += count.signum();
            match month {
                0 => (year, month) = (year - 1, 12),
                13 => (year, month) = (year + 1, 1),
                _ => {}
            }
        }
        Self::of(year, month, self.of_month.min(length(year, month)))
    }
    fn years(self, count: i32) -> Self {
        self.months(12 * count)
    }
    fn date(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, u32::try_from(self.month).unwrap(), self.of_month)
            .unwrap()
    }
}

/// Whether a day may be stated: what is computed may lie beyond the last year of facts.
fn stated(day: Day) -> bool {
    day.year <= domain::calendar::LAST_YEAR
}

/// Every day of 230 years.
fn every_day(mut check: impl FnMut(Day)) {
    let (mut today, last) = (Day::of(1970, 1, 1), Day::of(2199, 12, 31));
    let mut count = 0;
    while today <= last {
        check(today);
        today = today.next();
        count += 1;
    }
    assert_eq!(count, 84_006, "230 years, 56 of them leap years");
}

#[test]
fn the_calendars_are_of_one_length_and_go_back_as_they_came() {
    let mut date = day("1970-01-01");
    every_day(|today| {
        assert_eq!(today.date(), date);
        assert_eq!(today.next().before(), today);
        date = date.succ_opt().unwrap();
    });
}

#[test]
fn the_window_of_eligibility_opens_five_years_before_its_day() {
    let policy = policy().eligibility;
    every_day(|today| {
        let facts = |on: Day| {
            let mut job = crate::support::a_job("2000-01-01", None);
            (job.started_on, job.ended_on) = (on.date(), Some(on.date()));
            EligibilityFacts {
                as_of: today.date(),
                education: Education::Associate,
                jobs: vec![job],
            }
        };
        let opens = today.years(-5);
        let inside = eligibility::evaluate(&facts(opens), &policy).unwrap();
        assert_eq!(inside.window_opens_on, opens.date(), "{today:?}");
        assert!(inside.counted_minutes > 0, "{today:?}: the first day counts");
        let outside = eligibility::evaluate(&facts(opens.before()), &policy).unwrap();
        assert_eq!(outside.counted_minutes, 0, "{today:?}: the day before does not");
    });
}

#[test]
fn a_candidacy_ends_four_years_after_its_admission_and_by_what_was_added() {
    let mut candidacy = portfolios::candidacy();
    every_day(|today| {
        (candidacy.admitted_on, candidacy.holds, candidacy.extensions) =
            (today.date(), Vec::new(), Vec::new());
        let last = today.years(4);
        assert_eq!(candidacy.deadline(today.date()), last.date(), "{today:?}");
        assert_eq!(candidacy.settled_deadline(), last.date(), "{today:?}");
        assert_eq!(candidacy.status(last.date()), CandidacyStatus::Active, "{today:?}");
        assert_eq!(candidacy.status(last.next().date()), CandidacyStatus::Expired, "{today:?}");
        // 30 days on hold from its hundredth day on, and 17 days more.
        let held = today.days(100);
        let (held_on, resumed_on) = (held.date(), Some(held.days(30).date()));
        candidacy.holds = vec![Hold { held_on, resumed_on, reason: String::new() }];
        let given_on = held.days(31).date();
        candidacy.extensions = vec![Extension { given_on, days: 17, reason: String::new() }];
        let last = last.days(47);
        assert_eq!(candidacy.settled_deadline(), last.date(), "{today:?}");
        assert_eq!(candidacy.status(last.date()), CandidacyStatus::Active, "{today:?}");
        assert_eq!(candidacy.status(last.next().date()), CandidacyStatus::Expired, "{today:?}");
    });
}

/// A term ends on the clamped day of its own year, whatever the term before was clamped to.
#[test]
fn terms_are_added_to_the_first_day_and_renewed_from_a_year_before_to_two_months_after() {
    let policy = policy();
    every_day(|today| {
        for renewals in 0..5_u32 {
            let years = 4 * (i32::try_from(renewals).unwrap() + 1);
            let expires = today.years(years);
            assert_eq!(term::expires_on(today.date(), renewals, &policy), expires.date());
            let (opens, closes) = (expires.months(-12), expires.months(2));
            let window = term::renewal_window(expires.date(), &policy);
            assert_eq!(window, (opens.date(), closes.date()), "{today:?}");
        }
        let (expires, grace_ends) = (today.years(4), today.years(4).months(2));
        let until = recognition::provisional_ends_on(today.date(), &policy.recognition);
        assert_eq!(until, expires.date(), "{today:?}");
        if !stated(grace_ends.next()) {
            return;
        }
        let on = |day: Day, marks: Marks| {
            term::standing_on(today.date(), 0, day.date(), marks, &policy).unwrap()
        };
        let plain = Marks::default();
        for (day, status) in [
            (today, Active),
            (expires, Active),
            (expires.next(), Grace),
            (grace_ends, Grace),
            (grace_ends.next(), Lapsed),
        ] {
            assert_eq!(on(day, plain).status, status, "{today:?} on {day:?}");
        }
        let opens = expires.months(-12);
        let open = [opens.before(), opens, grace_ends, grace_ends.next()];
        let open = open.map(|day| on(day, plain).renewal_open);
        assert_eq!(open, [false, true, true, false], "{today:?}");
        let marks = Marks { provisional_until: Some(until), ..plain };
        assert_eq!(on(expires, marks).status, Provisional, "{today:?}");
        assert_eq!(on(expires.next(), marks).status, Lapsed, "{today:?}");
    });
}

#[test]
fn a_renewal_counts_what_came_after_the_one_before_it() {
    let (policy, framework) = (policy(), framework());
    every_day(|today| {
        let expires = today.years(4);
        let submitted = expires.months(-12);
        if !stated(expires) {
            return;
        }
        let mut facts = RenewalFacts {
            term_started_on: today.date(),
            expires_on: expires.date(),
            submitted_on: submitted.date(),
            previous_submitted_on: None,
            activities: Vec::new(),
        };
        let first = renewal::evaluate(&facts, &framework, &policy).unwrap();
        assert_eq!(first.window.opens_on, submitted.date(), "{today:?}");
        assert_eq!(first.window.closes_on, expires.months(2).date(), "{today:?}");
        assert_eq!(first.activities_from, today.date(), "{today:?}");
        facts.previous_submitted_on = Some(today.date());
        let second = renewal::evaluate(&facts, &framework, &policy).unwrap();
        assert_eq!(second.activities_from, today.next().date(), "{today:?}");
        assert_eq!(second.activities_through, submitted.date(), "{today:?}");
    });
}

#[test]
fn a_course_is_approved_for_four_years_and_credited_from_two_years_before() {
    let (policy, framework) = (policy().courses, framework());
    let template = courses::course(1, "FND", "2026-01-01");
    every_day(|today| {
        let (opens, closes) = (today.years(-2), today.years(4));
        let approval_ends = course_credit::approval_ends_on(today.date(), &policy);
        assert_eq!(approval_ends, closes.date(), "{today:?}");
        let mut course = template.clone();
        (course.approved_on, course.ends_on) = (today.date(), closes.date());
        let renewed = course.renew(None, &policy).unwrap().0;
        assert_eq!(renewed.ends_on, today.years(8).date(), "{today:?}");
        if !stated(closes.next()) {
            return;
        }
        let mut facts = CreditFacts {
            approved_on: today.date(),
            ends_on: None,
            completed_on: today.date(),
            deadline: closes.next().date(),
            course_set: set("FND"),
            claimed_set: set("FND"),
            proof: true,
        };
        let outcome = course_credit::evaluate(&facts, &framework, &policy).unwrap();
        assert_eq!(outcome.window_opens_on, opens.date(), "{today:?}");
        assert_eq!(outcome.window_closes_on, closes.date(), "{today:?}");
        for (on, counts) in
            [(opens.before(), false), (opens, true), (closes, true), (closes.next(), false)]
        {
            facts.completed_on = on.date();
            let outcome = course_credit::evaluate(&facts, &framework, &policy).unwrap();
            assert_eq!(outcome.satisfied, counts, "{today:?} on {on:?}");
        }
    });
}

#[test]
fn an_agreement_covers_who_graduated_from_two_years_before_its_signing() {
    let policy = policy().recognition;
    every_day(|today| {
        let ends = today.years(4);
        assert_eq!(recognition::agreement_ends_on(today.date(), &policy), ends.date(), "{today:?}");
        let opens = today.years(-2);
        for (on, covered) in
            [(opens.before(), false), (opens, true), (ends, true), (ends.next(), false)]
        {
            let finding =
                recognition::graduate_finding(on.date(), today.date(), ends.date(), &policy);
            assert_eq!(finding.satisfied, covered, "{today:?} on {on:?}");
        }
    });
}

#[test]
fn an_account_runs_four_years_and_says_so_sixty_days_before() {
    let accounts = policy().accounts;
    let ids = (SubscriptionId::from_bits(1), PersonId::from_bits(1), InvoiceId::from_bits(1));
    every_day(|today| {
        let when = (today.date(), accounts.subscription_years);
        let (active, _) = Subscription::activate(ids.0, ProgramCode::lssc(), ids.1, ids.2, when);
        let ends = today.years(4);
        assert_eq!(active.ends_on, ends.date(), "{today:?}");
        let near = ends.back(60);
        for (on, state) in [
            (near.before(), SubscriptionState::Active),
            (near, SubscriptionState::Ending),
            (ends, SubscriptionState::Ending),
            (ends.next(), SubscriptionState::Ended),
        ] {
            let found = active.state(on.date(), accounts.reminder_days);
            assert_eq!(found, Some(state), "{today:?} on {on:?}");
        }
    });
}

#[test]
fn the_days_of_an_appeal_follow_each_other() {
    let policy = policy().appeals;
    let mut decision = appeals::decision();
    every_day(|today| {
        (decision.decided_on, decision.received_on) = (today.date(), today.next().date());
        let deadlines = decision.deadlines(&policy);
        let documents = today.days(30);
        assert_eq!(
            deadlines,
            Deadlines {
                notice_by: today.next().days(10).date(),
                documents_by: documents.date(),
                response_by: documents.days(30).date(),
                meeting_by: documents.days(60).date(),
            },
            "{today:?}"
        );
    });
}

#[test]
fn the_member_price_is_credited_within_sixty_days() {
    let fees = policy().fees;
    let mut invoice = money::invoice(10, money::ada(), 35_000);
    let mut membership = money::verified();
    every_day(|today| {
        invoice.issued_on = today.date();
        (membership.valid_from, membership.valid_until) = (Some(today.date()), Some(today.date()));
        let last = today.days(60);
        let credit = |on: Day| invoice.member_difference(&membership, on.date(), &fees);
        assert_eq!(credit(last), Some(2_500), "{today:?}");
        assert_eq!(credit(last.next()), None, "{today:?}");
    });
}

#[test]
fn the_chance_of_a_portfolio_and_the_time_of_its_evaluators_are_counted_in_days() {
    let policy = policy().portfolio;
    let (waiting, outcome) = portfolios::asked_for_more();
    let (submitted, attempt, held) = portfolios::to_assign();
    every_day(|today| {
        let (asked, _) = waiting.clone().conclude(outcome.clone(), &policy, today.date()).unwrap();
        let last = today.days(30);
        assert_eq!(asked.chance_ends_on, Some(last.date()), "{today:?}");
        assert!(asked.clone().run_out(&attempt, last.date()).is_none(), "{today:?}");
        assert!(asked.run_out(&attempt, last.next().date()).is_some(), "{today:?}");
        let free = Eligibility { findings: Vec::new(), load: 0 };
        let seat = (1, PersonId::from_bits(7), free);
        let place = (AssignmentId::from_bits(1), (&submitted, &attempt));
        let known = (&held, &policy, today.date());
        let assigned: Result<_, Refused> = Assignment::assign(place.0, place.1, &[], seat, known);
        let (assigned, _) = assigned.unwrap();
        let due = today.days(policy.rating_days);
        assert_eq!(assigned.due_on, due.date(), "{today:?}");
        let near = due.back(policy.reminder_days);
        assert!(assigned.clone().remind(&policy, near.before().date()).is_none(), "{today:?}");
        assert!(assigned.clone().remind(&policy, near.date()).is_some(), "{today:?}");
        let last = due.days(policy.lease_grace_days);
        assert!(!assigned.has_lapsed(&policy, last.date()), "{today:?}");
        assert!(assigned.has_lapsed(&policy, last.next().date()), "{today:?}");
    });
}
