//! The stored life of renewals: decided by the golden rule, in terms without a gap.

use chrono::NaiveDate;
use domain::{
    ActivityId, AppealId, CandidacyId, CertificationId, PersonId, RenewalId, Word,
    calendar::{add_days, add_months, nth_term},
    certificate::{CertificateNumber, Certification},
    certification::term::{self, CertificationStatus, renewal_window},
    decision::Refused,
    event::Fact,
    policy::{Policy, RenewalDecision, RenewalPolicy},
    program::ProgramCode,
    renewal::{
        self, ActivityFacts, ActivityKind, Amount, Grant, LoggedActivity, Renewal, RenewalFacts,
        RenewalState, Submission, audit::Sample, judge,
    },
};
use proptest::{prelude::*, sample::select};

use crate::support::{day, found, framework, places, policy, set, shipped};

fn certified_on(completed_on: NaiveDate) -> Certification {
    let policy = policy();
    let expires_on = term::expires_on(completed_on, 0, &policy);
    let (renewal_opens_on, grace_ends_on) = renewal_window(expires_on, &policy);
    Certification {
        id: CertificationId::from_bits(1),
        program: ProgramCode::lssc(),
        person: PersonId::from_bits(2),
        candidacy: CandidacyId::from_bits(3),
        number: CertificateNumber::from_random(&ProgramCode::lssc(), 2026, 7),
        holder_name: "Ada Example".to_owned(),
        completed_on,
        awarded_on: completed_on,
        renewals: 0,
        renewed: Vec::new(),
        expires_on,
        renewal_opens_on,
        grace_ends_on,
        grace_is_certified: false,
        provisional_until: None,
        condition_met_on: None,
        achievements: Vec::new(),
        measures: Vec::new(),
        editions: Vec::new(),
        version: 1,
    }
}

fn told(kind: ActivityKind, on: NaiveDate, amount: i64, technology: bool) -> ActivityFacts {
    let by_minutes = matches!(kind, ActivityKind::Workshop | ActivityKind::SelfDirected);
    ActivityFacts {
        title: "Something".to_owned(),
        kind,
        started_on: None,
        dated_on: on,
        amount: if by_minutes { Amount::Minutes(amount) } else { Amount::Quantity(amount) },
        technology,
        sets: vec![set("TEC")],
        provider: None,
        document: None,
        document_url: Some("https://example.org/proof.pdf".to_owned()),
    }
}

fn logged(number: u128, certification: &Certification, facts: ActivityFacts) -> LoggedActivity {
    LoggedActivity::log(ActivityId::from_bits(number), certification, facts, day("2026-01-01")).0
}

fn enough(certification: &Certification, on: NaiveDate) -> Vec<LoggedActivity> {
    vec![
        logged(1, certification, told(ActivityKind::SemesterCredit, on, 2, false)),
        logged(2, certification, told(ActivityKind::Workshop, on, 240, true)),
    ]
}

fn submitted(
    certification: &Certification,
    activities: &[LoggedActivity],
    today: NaiveDate,
    waiting: bool,
) -> Result<Renewal, Refused> {
    let outcome = judge(certification, activities, today, (&framework(), &policy())).unwrap();
    let submission = Submission {
        id: RenewalId::from_bits(9),
        certification,
        expected: None,
        waiting,
        activities,
        outcome,
        policy_version: 1,
        today,
    };
    Renewal::submit(submission).map(|(renewal, _)| renewal)
}

fn granted(certification: Certification, on: NaiveDate) -> Certification {
    let activities = enough(&certification, on);
    let renewal = submitted(&certification, &activities, on, false).unwrap();
    let grant = Grant {
        certification: certification.renewable_finding(on),
        fee: None,
        present_term: certification.term_number(),
    };
    let (renewed, _) = certification.renew(renewal.id, on, &policy(), on);
    let (renewal, _) = renewal.grant(&grant, renewed.expires_on, on).unwrap();
    assert_eq!(renewal.renewed_until, Some(renewed.expires_on));
    renewed
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0_i64..60_000).prop_map(|offset| add_days(day("1970-01-01"), offset))
}

/// How far within a window, from its first day to its last, in thousandths.
fn within((opens, closes): (NaiveDate, NaiveDate), share: i64) -> NaiveDate {
    add_days(opens, closes.signed_duration_since(opens).num_days() * share / 1_000)
}

proptest! {
    #[test]
    fn terms_are_contiguous_and_counted_from_the_anchor(
        anchor in days(), shares in prop::collection::vec(0_i64..=1_000, 0..8),
    ) {
        let mut held = certified_on(anchor);
        for share in &shares {
            let on = within((held.renewal_opens_on, held.grace_ends_on), *share);
            held = granted(held, on);
        }
        let terms = held.terms();
        prop_assert_eq!(terms.len(), shares.len() + 1);
        prop_assert_eq!((terms[0].from, terms.last().unwrap().to), (anchor, held.expires_on));
        for (number, term) in (1..).zip(&terms) {
            prop_assert_eq!((term.number, term.to), (number, nth_term(anchor, 4, number)));
        }
        for pair in terms.windows(2) {
            prop_assert_eq!(pair[1].from, add_days(pair[0].to, 1));
        }
        prop_assert_eq!(held.term_started_on(), terms.last().unwrap().from);
    }

    #[test]
    fn a_status_is_that_of_the_golden_rule_on_every_day(
        anchor in days(), shares in prop::collection::vec(0_i64..=1_000, 0..5), after in 0_i64..9_000,
    ) {
        let mut held = certified_on(anchor);
        for share in &shares {
            let on = within((held.renewal_opens_on, held.grace_ends_on), *share);
            held = granted(held, on);
        }
        let on = add_days(anchor, after);
        let golden = term::status_on(anchor, held.renewals.into(), on, &policy()).unwrap();
        prop_assert_eq!(held.status(on), Some(golden.status));
        prop_assert_eq!(held.is_certified(on), golden.certified);
        // The dates that are told are those of a term that the day lies in, or of its grace period.
        let dates = held.dates_on(on);
        prop_assert!(held.terms().iter().any(|term| term.to == dates.expires_on));
        prop_assert!(on <= dates.expires_on || dates == held.dates());
        let number = held.renewals_on(on) + 1;
        prop_assert_eq!(held.terms().iter().find(|one| one.number == number).unwrap().to, dates.expires_on);
    }

    #[test]
    fn a_stored_renewal_is_decided_as_the_golden_rule_decides(
        share in -200_i64..1_200, minutes in 0_i64..2_200, technology in 0_i64..300, early in -5_i64..5,
    ) {
        let held = certified_on(day("2024-02-29"));
        let today = within((held.renewal_opens_on, held.grace_ends_on), share);
        let on = add_days(held.completed_on, early);
        let mut activities = Vec::new();
        for (number, (minutes, technology)) in (1..).zip([(minutes, false), (technology, true)]) {
            if minutes > 0 {
                let facts = told(ActivityKind::Workshop, on, minutes, technology);
                activities.push(logged(number, &held, facts));
            }
        }
        let golden = renewal::evaluate(&RenewalFacts {
            term_started_on: held.completed_on,
            expires_on: held.expires_on,
            submitted_on: today,
            previous_submitted_on: None,
            activities: activities.iter().map(|one| one.facts.activity()).collect(),
        }, &framework(), &policy()).unwrap();
        match submitted(&held, &activities, today, false) {
            Ok(renewal) => {
                prop_assert!(golden.satisfied);
                prop_assert_eq!(renewal.counted_minutes, golden.counted_minutes);
                prop_assert_eq!(renewal.findings, golden.findings);
            }
            Err(Refused::Rule(findings)) => {
                prop_assert!(!golden.satisfied);
                prop_assert_eq!(findings, golden.findings);
            }
            Err(Refused::State(_)) => prop_assert!(false),
        }
    }

    #[test]
    fn no_order_of_events_reaches_a_state_by_an_illegal_edge(
        types in prop::collection::vec(select(renewal::RenewalEvent::TYPES), 0..5),
    ) {
        let state = RenewalState::replay(types.iter().copied());
        if let Some(state) = state {
            prop_assert_eq!(types.first().copied(), Some("renewal.submitted"));
            let last = types.last().copied().unwrap();
            let leads = match last {
                "renewal.submitted" | "renewal.reopened" => RenewalState::Submitted,
                other => RenewalState::ALL.iter().copied().find(|one| other.ends_with(one.as_str())).unwrap(),
            };
            prop_assert_eq!(state, leads);
        }
    }
}

#[test]
fn the_first_and_the_last_day_of_the_window_are_in_it() {
    let held = certified_on(day("2026-03-01"));
    let activities = enough(&held, day("2027-01-01"));
    for (on, open) in [
        ("2029-02-28", false),
        ("2029-03-01", true),
        ("2030-03-01", true),
        ("2030-05-01", true),
        ("2030-05-02", false),
    ] {
        let submitted = submitted(&held, &activities, day(on), false);
        assert_eq!(submitted.is_ok(), open, "{on}");
        if let Err(refused) = submitted {
            assert!(matches!(refused, Refused::Rule(_)), "{on}");
            assert!(!found(refused.findings(), "renewal.window"), "{on}");
        }
    }
    assert!(!submitted(&held, &activities, day("2030-03-01"), false).unwrap().is_late());
    assert!(submitted(&held, &activities, day("2030-03-02"), false).unwrap().is_late());
}

#[test]
fn what_is_used_or_waits_is_a_conflict_before_the_rules_are_asked() {
    let held = certified_on(day("2026-03-01"));
    let mut activities = enough(&held, day("2027-01-01"));
    let early = day("2029-02-28");
    assert!(matches!(submitted(&held, &activities, early, true), Err(Refused::State(_))));
    activities[0] = activities[0].clone().consume(RenewalId::from_bits(4), 1_800);
    let refused = submitted(&held, &activities, early, false).unwrap_err();
    assert!(matches!(refused, Refused::State(_)));
    assert!(!found(refused.findings(), "renewal.activities_free"));
    activities[0] = activities[0].clone().release();
    assert!(submitted(&held, &activities, day("2029-03-01"), false).is_ok());
}

#[test]
fn a_renewal_is_decided_once_and_reopened_by_an_appeal_alone() {
    let held = certified_on(day("2026-03-01"));
    let today = day("2029-03-01");
    let waits = submitted(&held, &enough(&held, day("2027-01-01")), today, false).unwrap();
    let grant = |fee| Grant { certification: held.renewable_finding(today), fee, present_term: 1 };
    let mut unpaid = held.renewable_finding(today);
    unpaid.satisfied = false;
    let owed = waits.clone().grant(&grant(Some(unpaid)), held.expires_on, today);
    assert!(matches!(owed, Err(Refused::Rule(_))));
    let (refused, fact) = waits.clone().refuse("No.".to_owned(), today).unwrap();
    assert_eq!(fact.event_type(), "renewal.refused");
    for again in [
        refused.clone().refuse("No.".to_owned(), today).err(),
        refused.clone().withdraw(None, today).err(),
        refused.clone().grant(&grant(None), held.expires_on, today).err(),
    ] {
        assert!(matches!(again, Some(Refused::State(_))));
    }
    assert!(waits.reopen(AppealId::from_bits(1), 1, None).is_err());
    // The term was renewed by another one since.
    assert!(refused.clone().reopen(AppealId::from_bits(1), 2, None).is_err());
    let (again, _) = refused.reopen(AppealId::from_bits(1), 1, None).unwrap();
    assert_eq!((again.state, again.decided_on), (RenewalState::Submitted, None));
    assert!(again.grant(&grant(None), held.expires_on, today).is_ok());
}

#[test]
fn a_correction_of_the_award_moves_every_term_with_it() {
    let held = granted(certified_on(day("2024-02-29")), day("2027-06-01"));
    assert_eq!(
        (held.renewed[0].before.expires_on, held.expires_on),
        (day("2028-02-29"), day("2032-02-29"))
    );
    let (moved, _) =
        held.follow(day("2024-03-31"), Vec::new(), &policy(), "A slip.".to_owned()).unwrap();
    assert_eq!(
        (moved.renewed[0].before.expires_on, moved.expires_on),
        (day("2028-03-31"), day("2032-03-31"))
    );
    assert_eq!(moved.renewed[0].before.grace_ends_on, add_months(day("2028-03-31"), 2));
    assert_eq!(moved.status(day("2028-04-15")), Some(CertificationStatus::Active));
}

#[test]
fn a_policy_that_was_published_before_these_settings_decides_by_itself() {
    let mut stored: serde_json::Value = serde_json::from_str(&shipped("policy.json")).unwrap();
    for setting in ["decision", "audit_days"] {
        stored["renewal"].as_object_mut().unwrap().remove(setting);
    }
    let read: Policy = serde_json::from_value(stored).unwrap();
    assert_eq!(read.renewal, policy().renewal);
    assert_eq!((read.renewal.decision, read.renewal.audit_days), (RenewalDecision::Automatic, 30));
}

#[test]
fn a_sample_is_what_was_asked_for_and_never_more_than_there_is() {
    let renewal = policy().renewal;
    let of = |count, share| Sample::from_forms(count, share, &renewal);
    assert_eq!(of(Some(3), None).unwrap().of(2), 2);
    assert_eq!(of(Some(3), None).unwrap().of(9), 3);
    for (share, tickets, drawn) in [(1, 1, 1), (1, 100, 1), (1, 101, 2), (50, 3, 2), (100, 7, 7)] {
        assert_eq!(of(None, Some(share)).unwrap().of(tickets), drawn, "{share} % of {tickets}");
    }
    assert_eq!(of(None, Some(10)).unwrap().of(0), 0);
    for (count, share, pointer, code) in [
        (Some(1), Some(1), "/share_percent", "exclusive"),
        (Some(0), None, "/count", "out_of_range"),
        (None, Some(101), "/share_percent", "out_of_range"),
        (None, None, "/share_percent", "required"),
    ] {
        let fault = of(count, share).unwrap_err();
        assert_eq!((fault.pointer.as_str(), fault.code), (pointer, code));
    }
    let tenth = RenewalPolicy { audit_percent: 10, ..renewal.clone() };
    assert_eq!(Sample::from_forms(None, None, &tenth).unwrap().of(11), 2);
}

#[test]
fn facts_of_an_activity_that_cannot_be_are_told_at_their_place() {
    let today = day("2026-03-01");
    let check = |change: fn(&mut ActivityFacts)| {
        let mut facts = told(ActivityKind::ConferenceDay, day("2026-03-01"), 2, false);
        change(&mut facts);
        facts.check(&framework(), today)
    };
    assert_eq!(check(|_| ()), Vec::new());
    assert_eq!(places(&check(|one| one.dated_on = day("2026-03-02"))), [("/dated_on", "order")]);
    assert_eq!(
        places(&check(|one| one.started_on = Some(day("2026-03-01")))),
        [("/quantity", "out_of_range")]
    );
    assert_eq!(check(|one| one.started_on = Some(day("2026-02-28"))), Vec::new());
    assert_eq!(places(&check(|one| one.sets = vec![set("XYZ")])), [("/sets/0", "unknown")]);
    assert_eq!(
        places(&check(|one| one.dated_on = day("1899-12-31"))),
        [("/dated_on", "out_of_range")]
    );
}
