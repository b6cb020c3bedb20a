//! Notices of dates that come nearer: which is due on which day, by example and by property.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    ApplicationId, CandidacyId, CertificationId, PersonId, Word,
    agreement::AgreementEvent,
    appeal::AppealEvent,
    application::ApplicationEvent,
    calendar::{add_days, add_months},
    candidacy::Candidacy,
    certificate::{Award, CertificateNumber, Certification, CertificationEvent},
    completion::CompletionEvent,
    invoice::InvoiceEvent,
    notice::{
        BY_EVENT, Milestone, NoticeKind, NoticePreferences, Reach, TemplateText, Window,
        milestone::{
            candidacy_windows, certification_windows, latest_due, of_candidacy, of_certification,
        },
        template,
    },
    policy::NoticePolicy,
    portfolio::{AssignmentEvent, PortfolioEvent},
    program::ProgramCode,
    renewal::{RenewalEvent, audit::AuditCaseEvent},
    subscription::SubscriptionEvent,
    support::SupportFact,
};
use proptest::prelude::*;

use crate::support::{day, places, policy};

fn candidacy(admitted_on: NaiveDate) -> Candidacy {
    Candidacy {
        id: CandidacyId::from_bits(1),
        program: ProgramCode::lssc(),
        person: PersonId::from_bits(2),
        application: ApplicationId::from_bits(3),
        admitted_on,
        policy_version: 1,
        framework_version: 1,
        years: 4,
        holds: Vec::new(),
        extensions: Vec::new(),
        completed_on: None,
        withdrawn_on: None,
        provisional: None,
        version: 1,
    }
}

fn certification(completed_on: NaiveDate) -> Certification {
    let award = Award {
        id: CertificationId::from_bits(4),
        number: CertificateNumber::from_random(&ProgramCode::lssc(), 2026, 7),
        holder_name: "Ada Example".to_owned(),
        completed_on,
        achievements: Vec::new(),
    };
    Certification::award(candidacy(completed_on), award, &policy(), completed_on).1
}

fn due_on(held: &Certification, today: &str) -> Option<(NoticeKind, i32)> {
    let found = of_certification(held, &policy().notices, day(today));
    found.map(|found| (found.kind, found.months))
}

#[test]
fn a_term_is_told_of_rung_by_rung_and_of_each_rung_from_its_day_on() {
    use NoticeKind::{Expiry, ExpiryAhead, GraceEnd, RenewalOpens};
    let held = certification(day("2026-03-01"));
    for (today, due) in [
        ("2026-03-01", None),
        ("2029-02-28", None),
        ("2029-03-01", Some((RenewalOpens, 0))),
        ("2029-08-31", Some((RenewalOpens, 0))),
        ("2029-09-01", Some((ExpiryAhead, 6))),
        ("2029-11-30", Some((ExpiryAhead, 6))),
        ("2029-12-01", Some((ExpiryAhead, 3))),
        ("2030-02-01", Some((ExpiryAhead, 1))),
        ("2030-02-28", Some((ExpiryAhead, 1))),
        ("2030-03-01", Some((Expiry, 0))),
        ("2030-04-30", Some((Expiry, 0))),
        ("2030-05-01", Some((GraceEnd, 0))),
        ("2030-05-31", Some((GraceEnd, 0))),
        ("2030-06-01", None),
    ] {
        assert_eq!(due_on(&held, today), due, "{today}");
    }
}

#[test]
fn a_renewed_certification_is_told_of_its_new_term_only() {
    let mut held = certification(day("2026-03-01"));
    (held.expires_on, held.renewal_opens_on, held.grace_ends_on) =
        (day("2034-03-01"), day("2033-03-01"), day("2034-05-01"));
    assert_eq!(due_on(&held, "2030-02-01"), None);
    assert_eq!(due_on(&held, "2033-09-01"), Some((NoticeKind::ExpiryAhead, 6)));
}

#[test]
fn a_condition_that_was_not_met_in_time_ends_the_notices() {
    let mut held = certification(day("2026-03-01"));
    held.provisional_until = Some(day("2029-12-31"));
    assert_eq!(due_on(&held, "2029-12-31"), Some((NoticeKind::ExpiryAhead, 3)));
    assert_eq!(due_on(&held, "2030-01-01"), None);
    held.condition_met_on = Some(day("2029-06-01"));
    assert_eq!(due_on(&held, "2030-02-01"), Some((NoticeKind::ExpiryAhead, 1)));
}

#[test]
fn a_deadline_is_told_of_while_its_candidacy_is_active_and_a_moved_one_is_another_fact() {
    let notices = policy().notices;
    let due = |held: &Candidacy, today: &str| of_candidacy(held, &notices, day(today));
    let held = candidacy(day("2026-03-01"));
    assert_eq!(due(&held, "2029-02-28"), None);
    let first = due(&held, "2029-03-01").unwrap();
    assert_eq!(
        (first.months, first.fact_on, first.due_on),
        (12, day("2030-03-01"), day("2029-03-01"))
    );
    assert_eq!(due(&held, "2030-03-01").unwrap().months, 1);
    assert_eq!(due(&held, "2030-03-02"), None, "the deadline passed");
    let (on_hold, _) = held.hold("Leave.".to_owned(), day("2029-03-02")).unwrap();
    assert_eq!(due(&on_hold, "2029-09-01"), None);
    let (resumed, _) = on_hold.resume(day("2029-09-01")).unwrap();
    let again = due(&resumed, "2029-09-01").unwrap();
    assert_eq!((again.months, again.fact_on), (12, day("2030-08-31")));
    let (gone, _) = resumed.withdraw(None, day("2029-10-01")).unwrap();
    assert_eq!(due(&gone, "2029-10-01"), None);
}

#[test]
fn the_events_that_are_told_are_recorded_by_somebody() {
    let known: BTreeSet<&str> = [
        ApplicationEvent::TYPES,
        CompletionEvent::TYPES,
        PortfolioEvent::TYPES,
        CertificationEvent::TYPES,
        RenewalEvent::TYPES,
        AuditCaseEvent::TYPES,
        AppealEvent::TYPES,
        InvoiceEvent::TYPES,
        SubscriptionEvent::TYPES,
        AssignmentEvent::TYPES,
        SupportFact::TYPES,
        AgreementEvent::TYPES,
    ]
    .concat()
    .into_iter()
    .collect();
    for (told, kind) in BY_EVENT {
        assert!(known.contains(told), "{told}");
        assert_eq!(NoticeKind::of_event(told), Some(*kind));
    }
    let dated = [
        NoticeKind::CandidacyDeadline,
        NoticeKind::RenewalOpens,
        NoticeKind::ExpiryAhead,
        NoticeKind::Expiry,
        NoticeKind::GraceEnd,
    ];
    for kind in NoticeKind::ALL {
        let by_event = BY_EVENT.iter().any(|(_, told)| told == kind);
        assert_ne!(by_event, dated.contains(kind), "{kind}");
    }
}

#[test]
fn a_text_has_its_kinds_placeholders_and_no_others() {
    let text = |subject: &str, body: &str| TemplateText {
        subject: subject.to_owned(),
        body: body.to_owned(),
    };
    let good = text("{months} left", "Dear {name}, until {deadline}.");
    assert_eq!(good.check(NoticeKind::CandidacyDeadline), []);
    let filled = good.filled(&template::sample(NoticeKind::CandidacyDeadline)).unwrap();
    assert_eq!(filled.subject, "6 months left");
    let unknown = good.check(NoticeKind::HelpAnswered);
    let both = [("/subject", "unknown_placeholder"), ("/body", "unknown_placeholder")];
    assert_eq!(places(&unknown), both);
    let unbalanced = text("Hello", "Dear {name").check(NoticeKind::Expiry);
    assert_eq!(places(&unbalanced), [("/body", "unbalanced")]);
    // What is filled in is no template, and a subject has one line.
    let mut values = template::sample(NoticeKind::HelpAnswered);
    values.insert("answer", "{name}\r\nBcc: eve@example.org".to_owned());
    let filled = text("{answer}", "{answer}").filled(&values).unwrap();
    assert_eq!(filled.subject, "{name}  Bcc: eve@example.org");
    assert_eq!(filled.body, "{name}\r\nBcc: eve@example.org");
}

#[test]
fn what_is_mandatory_is_told_whatever_is_chosen() {
    let none = NoticePreferences::unchosen(PersonId::from_bits(1));
    let notice = domain::NoticeId::from_bits(2);
    assert!(NoticeKind::ALL.iter().all(|kind| none.wants(*kind)));
    assert!(none.clone().unsubscribe(NoticeKind::ApplicationRefused, notice).is_none());
    let (less, _) = none.unsubscribe(NoticeKind::Expiry, notice).unwrap();
    assert!(!less.wants(NoticeKind::Expiry) && less.wants(NoticeKind::GraceEnd));
    assert!(less.clone().unsubscribe(NoticeKind::Expiry, notice).is_none(), "it is stopped");
    let bad = NoticePreferences::check(&[
        NoticeKind::Expiry,
        NoticeKind::AppealDecided,
        NoticeKind::Expiry,
    ]);
    assert_eq!(places(&bad), [("/muted/1", "mandatory"), ("/muted/2", "duplicate")]);
}

#[test]
fn a_policy_tells_each_month_once_within_reason() {
    let mut policy = policy();
    policy.notices = NoticePolicy {
        candidacy_deadline_months: vec![6, 0, 6],
        expiry_months: vec![601],
        late_days: 367,
    };
    let bad = policy.check();
    let bad: BTreeSet<_> = places(&bad).into_iter().collect();
    let wanted = [
        ("/notices/candidacy_deadline_months/1", "out_of_range"),
        ("/notices/candidacy_deadline_months/2", "duplicate"),
        ("/notices/expiry_months/0", "out_of_range"),
        ("/notices/late_days", "out_of_range"),
    ];
    assert_eq!(bad, wanted.into());
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0_i64..84_000).prop_map(|offset| add_days(day("1970-01-01"), offset))
}

fn months() -> impl Strategy<Value = Vec<i32>> {
    proptest::collection::btree_set(1_i32..40, 0..6).prop_map(|set| set.into_iter().collect())
}

/// Whether a window holds a certification, as the store asks.
fn holds(window: &Window, held: &Certification) -> bool {
    (window.from..=window.through).contains(&held.expires_on)
        && window.opened_by.is_none_or(|day| held.renewal_opens_on <= day)
        && window.grace_from.is_none_or(|day| held.grace_ends_on >= day)
        && window.grace_through.is_none_or(|day| held.grace_ends_on <= day)
}

proptest! {
    #[test]
    fn everything_up_to_the_latest_date_is_due_and_nothing_after_it(today in days(), ahead in 0_i32..60) {
        let latest = latest_due(ahead, today);
        prop_assert!(add_months(latest, -ahead) <= today);
        prop_assert!(add_months(add_days(latest, 1), -ahead) > today);
    }

    /// The store looks in windows only: what is due is in the window of its kind, whatever policies hold, also
    /// for a certification of an earlier policy.
    #[test]
    fn what_is_due_lies_in_its_window(
        completed in days(), after in 0_i64..2200, expiry in months(), deadline in months(),
        opens in 0_i32..30, grace in 0_i32..6, others in (0_i32..30, 0_i32..6), late_days in 0_u32..90,
    ) {
        let today = add_days(completed, after);
        let notices = NoticePolicy { candidacy_deadline_months: deadline, expiry_months: expiry, late_days };
        let mut held = certification(completed);
        held.renewal_opens_on = add_months(held.expires_on, -opens);
        held.grace_ends_on = add_months(held.expires_on, grace);
        let reach = Reach {
            opens_least: opens.min(others.0),
            opens_most: opens.max(others.0),
            grace_most: grace.max(others.1),
        };
        if let Some(due) = of_certification(&held, &notices, today) {
            let windows = certification_windows(&notices, &reach, today);
            let here = windows.iter().find(|one| (one.kind, one.months) == (due.kind, due.months));
            prop_assert!(here.is_some_and(|window| holds(window, &held)), "{due:?} {here:?} {held:?}");
        }
        let held = candidacy(completed);
        if let Some(due) = of_candidacy(&held, &notices, today) {
            let windows = candidacy_windows(&notices, today);
            let here = windows.iter().find(|one| one.months == due.months).unwrap();
            prop_assert!((here.from..=here.through).contains(&due.fact_on), "{due:?} {here:?}");
        }
    }

    /// Whenever it is looked, and however often: a fact is told once, from its day on, until the next one is.
    #[test]
    fn each_fact_is_told_once_and_never_when_it_is_untrue(
        completed in days(), looks in proptest::collection::vec(1_i64..200, 1..60),
        renewed in proptest::option::of(0_usize..60), held_at in proptest::option::of(0_usize..60),
    ) {
        let (policy, mut told) = (policy().notices, Vec::<Milestone>::new());
        let (mut holder, mut runs) = (certification(completed), candidacy(completed));
        let mut today = completed;
        for (place, step) in looks.into_iter().enumerate() {
            today = add_days(today, step);
            if renewed == Some(place) && today <= holder.grace_ends_on {
                holder.expires_on = add_months(holder.expires_on, 48);
                holder.renewal_opens_on = add_months(holder.expires_on, -12);
                holder.grace_ends_on = add_months(holder.expires_on, 2);
            }
            if held_at == Some(place) && let Ok((on_hold, _)) = runs.clone().hold("x".to_owned(), today) {
                runs = on_hold;
            }
            let due = of_certification(&holder, &policy, today);
            for one in due.into_iter().chain(of_candidacy(&runs, &policy, today)) {
                prop_assert!(one.due_on <= today);
                if told.contains(&one) {
                    continue;
                }
                let untrue = match one.kind {
                    NoticeKind::CandidacyDeadline => today > one.fact_on || runs.held_on().is_some(),
                    NoticeKind::RenewalOpens | NoticeKind::ExpiryAhead => today >= holder.expires_on,
                    NoticeKind::Expiry => !(holder.expires_on..=holder.grace_ends_on).contains(&today),
                    _ => today < holder.grace_ends_on,
                };
                prop_assert!(!untrue, "{one:?} on {today}");
                told.push(one);
            }
        }
        let facts: BTreeSet<_> = told.iter().map(|one| (one.kind.as_str(), one.months, one.fact_on)).collect();
        prop_assert_eq!(facts.len(), told.len());
    }
}
