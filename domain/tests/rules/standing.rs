//! What is decided about certifications, their editions, and what becomes of their holders.

use chrono::NaiveDate;
use domain::{
    AttachmentId, CandidacyId, CertificationId, NameChangeId, PersonId, calendar,
    certificate::{
        CertificateNumber, Certification, Edition, MeasureOrder, MeasureReason, MeasureState,
        Reinstatement, Reversal, check_days,
    },
    certification::term::{self, CertificationStatus},
    decision::Refused,
    life::{Life, PersonState, Unfinished},
    name_change::{NameChange, NameChangeState, free_names_finding},
    person::{Names, Person},
    program::ProgramCode,
};
use proptest::prelude::*;

use crate::support::{day, policy};

fn certification() -> Certification {
    let policy = policy();
    let completed_on = day("2026-03-01");
    let expires_on = term::expires_on(completed_on, 0, &policy);
    let (renewal_opens_on, grace_ends_on) = term::renewal_window(expires_on, &policy);
    Certification {
        id: CertificationId::from_bits(1),
        program: ProgramCode::lssc(),
        person: PersonId::from_bits(1),
        candidacy: CandidacyId::from_bits(1),
        number: CertificateNumber::from_random(&ProgramCode::lssc(), 2026, 7),
        holder_name: "Ada Day".to_owned(),
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
        editions: vec![Edition {
            edition: 1,
            holder_name: "Ada Day".to_owned(),
            issued_on: completed_on,
        }],
        version: 1,
    }
}

fn order(effective_on: NaiveDate, ends_on: Option<NaiveDate>) -> MeasureOrder {
    MeasureOrder {
        reason_code: MeasureReason::Misconduct,
        public_text: "Told.".to_owned(),
        note: Some("Not told.".to_owned()),
        effective_on,
        ends_on,
        decided_by: "person_1".to_owned(),
    }
}

fn reversal(on: NaiveDate) -> Reversal {
    Reversal { reversed_on: on, reason: "Wrong.".to_owned(), reversed_by: "person_1".to_owned() }
}

fn unmet<T: std::fmt::Debug>(refused: Result<T, Refused>) -> Vec<String> {
    let refused = refused.unwrap_err();
    let unmet = refused.findings().iter().filter(|one| !one.satisfied);
    unmet.map(|one| one.rule.to_string()).collect()
}

fn ada() -> Person {
    Person {
        id: PersonId::from_bits(1),
        given_name: "Ada".to_owned(),
        family_name: "Day".to_owned(),
        created_at: chrono::DateTime::UNIX_EPOCH,
        life: Life::default(),
        version: 1,
    }
}

#[test]
fn a_reinstatement_ends_a_suspension_and_a_reversal_undoes_it() {
    let from = day("2026-05-01");
    let (suspended, _) = certification().suspend(order(from, None), from).unwrap();
    assert_eq!(suspended.status(day("2026-04-30")), Some(CertificationStatus::Active));
    assert_eq!(suspended.status(day("2030-04-01")), Some(CertificationStatus::Suspended));
    assert_eq!(suspended.status(day("2030-05-02")), Some(CertificationStatus::Lapsed));
    let back = Reinstatement {
        effective_on: day("2026-06-01"),
        reason: "Cleared.".to_owned(),
        decided_on: day("2026-05-20"),
        decided_by: "person_1".to_owned(),
    };
    let (ended, _) = suspended.clone().reinstate(back.clone()).unwrap();
    assert_eq!(ended.status(day("2026-05-31")), Some(CertificationStatus::Suspended));
    assert_eq!(ended.status(day("2026-06-01")), Some(CertificationStatus::Active));
    assert_eq!(unmet(ended.clone().reinstate(back.clone())), ["certification.suspended"]);
    // Reinstated on its first day it counts on no day, and stands in nobody's way.
    let (never, _) =
        suspended.clone().reinstate(Reinstatement { effective_on: from, ..back }).unwrap();
    assert_eq!(never.suspensions().count(), 0);
    assert_eq!(never.measures[0].state(from), MeasureState::Ended);
    assert!(never.suspend(order(from, None), from).is_ok());
    let (reversed, _) = suspended.reverse(1, reversal(from), true).unwrap().unwrap();
    assert_eq!(reversed.status(day("2026-05-02")), Some(CertificationStatus::Active));
    assert_eq!(reversed.measures[0].state(from), MeasureState::Reversed);
    assert_eq!(
        unmet(reversed.clone().reverse(1, reversal(from), true)),
        ["certification.measure_stands"]
    );
    assert_eq!(reversed.reverse(2, reversal(from), true), Ok(None));
}

#[test]
fn a_revocation_stands_above_all_and_is_reversed_while_its_grounds_stand() {
    let on = day("2027-01-01");
    let (revoked, _) = certification().revoke(order(on, Some(on)), on).unwrap();
    assert_eq!(revoked.revoked_on(), Some(on));
    assert_eq!(revoked.status(day("2026-12-31")), Some(CertificationStatus::Active));
    for later in ["2027-01-01", "2030-03-10", "2040-01-01"] {
        let standing = revoked.standing(day(later)).unwrap();
        assert_eq!(standing.status, CertificationStatus::Revoked);
        assert!(!standing.certified && !standing.renewal_open);
    }
    assert_eq!(unmet(revoked.clone().revoke(order(on, None), on)), ["certification.not_revoked"]);
    assert_eq!(
        unmet(revoked.clone().reverse(1, reversal(on), false)),
        ["certification.grounds_stand"]
    );
    let (back, _) = revoked.reverse(1, reversal(on), true).unwrap().unwrap();
    assert_eq!(back.revoked_on(), None);
}

#[test]
fn decisions_count_from_today_on() {
    let today = day("2026-05-01");
    assert!(check_days(today, Some(today), today).is_ok());
    assert!(check_days(calendar::add_days(today, -1), None, today).is_err());
    assert!(check_days(today, Some(calendar::add_days(today, -1)), today).is_err());
}

proptest! {
    /// A day belongs to a suspension exactly while one of its days does, whatever was decided around it.
    #[test]
    fn suspensions_never_share_a_day(
        acts in prop::collection::vec((0_i64..400, prop::option::of(0_i64..60), 0_u8..4), 1..12),
    ) {
        let first = day("2026-03-01");
        let mut held = certification();
        for (after, length, act) in acts {
            let from = calendar::add_days(first, after);
            let through = length.map(|days| calendar::add_days(from, days));
            let decided = match act {
                0 | 1 => held.clone().suspend(order(from, through), from).ok(),
                2 => held.clone().reinstate(Reinstatement {
                    effective_on: from,
                    reason: "Cleared.".to_owned(),
                    decided_on: from,
                    decided_by: "person_1".to_owned(),
                }).ok(),
                _ => {
                    let number = u32::try_from(after % 3).unwrap_or(0) + 1;
                    held.clone().reverse(number, reversal(from), true).ok().flatten()
                }
            };
            if let Some((decided, _)) = decided {
                held = decided;
            }
        }
        for after in 0..480 {
            let on = calendar::add_days(first, after);
            let count = held.suspensions().filter(|one| {
                one.effective_on <= on && one.last_day().is_none_or(|last| on <= last)
            }).count();
            prop_assert!(count <= 1);
            let suspended = held.status(on) == Some(CertificationStatus::Suspended);
            prop_assert_eq!(suspended, count == 1, "{}", on);
        }
    }
}

#[test]
fn a_reissue_has_the_next_edition_and_nothing_that_lapsed_has_one() {
    let today = day("2026-05-01");
    assert!(certification().reissue("Ada Day".to_owned(), today).is_none());
    assert!(certification().reissue("Ada King".to_owned(), day("2030-05-02")).is_none());
    let (second, _) = certification().reissue("Ada King".to_owned(), today).unwrap();
    assert_eq!((second.edition(), second.holder_name.as_str()), (2, "Ada King"));
    let (third, _) = second.reissue("Ada Day".to_owned(), today).unwrap();
    let numbers: Vec<_> = third.editions.iter().map(|one| one.edition).collect();
    assert_eq!((numbers, third.number), (vec![1, 2, 3], certification().number));
}

#[test]
fn a_name_change_is_decided_once() {
    let today = day("2026-05-01");
    let names = Names { given_name: "Ada".to_owned(), family_name: "King".to_owned() };
    let ask = |names: Names| {
        let (id, proof) = (NameChangeId::from_bits(1), AttachmentId::from_bits(1));
        NameChange::request(id, &ada(), names, proof, today)
    };
    assert_eq!(unmet(ask(Names::from(&ada()))), ["name_change.differs"]);
    let (asked, _) = ask(names).unwrap();
    let (approved, person, _) = asked.clone().approve(ada(), today).unwrap();
    assert_eq!(
        (approved.state, person.full_name()),
        (NameChangeState::Approved, "Ada King".into())
    );
    assert!(approved.approve(person, today).is_err());
    let (declined, _) = asked.decline("Unreadable.".to_owned(), today).unwrap();
    assert!(declined.decline("Again.".to_owned(), today).is_err());
    assert!(!free_names_finding(&[certification()], today).satisfied);
    assert!(free_names_finding(&[certification()], day("2030-05-02")).satisfied);
}

#[test]
fn people_retire_die_come_back_and_are_erased_once_nothing_is_open() {
    let today = day("2026-05-01");
    let (retired, _) = ada().retire(today).unwrap();
    assert_eq!(retired.life.state(), PersonState::Retired);
    assert!(!retired.active_finding().satisfied);
    assert!(retired.clone().retire(today).is_err());
    let (dead, _) = retired.die(today).unwrap();
    assert_eq!(dead.life.state(), PersonState::Deceased);
    let (back, _) = dead.restore(None).unwrap();
    assert_eq!(back.life, Life::default());
    assert!(back.clone().restore(None).is_err());
    let open = Unfinished { money: vec!["LSSC-2026-000001".to_owned()], ..Unfinished::default() };
    assert_eq!(unmet(back.clone().erase(&open, today)), ["erasure.no_open_money"]);
    let (erased, _) = back.erase(&Unfinished::default(), today).unwrap();
    assert_eq!(
        (erased.life.state(), erased.full_name()),
        (PersonState::Erased, "Erased person".into())
    );
    assert_eq!(unmet(erased.erase(&Unfinished::default(), today)), ["person.state"]);
}
