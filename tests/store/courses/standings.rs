//! Lists of certifications by status: on every day what the domain says of each, page by page, and the dates
//! that lists read follow from the certification.

use chrono::NaiveDate;
use domain::{
    CandidacyId, CertificationId, PersonId, Word, calendar,
    certificate::{
        CertificateNumber, Certification, Edition, MeasureOrder, MeasureReason, Reinstatement,
        Reversal,
        selection::{Selection, Window},
    },
    certification::term::{self, CertificationStatus},
    policy::Policy,
    program::ProgramCode,
};
use persistence::{CertificationFilter, Error, Page, Place, Store, Tx};

use super::{admit, day, furnished, write};
use crate::support::database::each_database;

const HELD: u32 = 60;

/// Draws that are the same in every run.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, end: u64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % end).unwrap()
    }
    fn day(&mut self, first: NaiveDate, days: u64) -> NaiveDate {
        calendar::add_days(first, self.below(days))
    }
}

fn policy() -> Policy {
    serde_json::from_str(include_str!("../../../api/data/lssc/policy.json")).unwrap()
}

fn order(effective_on: NaiveDate, ends_on: Option<NaiveDate>) -> MeasureOrder {
    MeasureOrder {
        reason_code: MeasureReason::Other,
        public_text: "Told.".to_owned(),
        note: None,
        effective_on,
        ends_on,
        decided_by: "person_1".to_owned(),
    }
}

/// Whatever the domain lets happen to a certification that began on one of a few days, months' ends among them.
fn drawn(number: u32, policy: &Policy) -> Certification {
    let mut draw = Drawn(u64::from(number) * 7919 + 1);
    let bits = u128::from(number) + 1;
    let begun = ["2024-02-29", "2024-08-31", "2025-07-01", "2025-12-31"]
        [usize::try_from(draw.below(4)).unwrap()];
    let completed_on = day(begun);
    let renewals = u32::try_from(draw.below(2)).unwrap();
    let expires_on = term::expires_on(completed_on, renewals, policy);
    let (renewal_opens_on, grace_ends_on) = term::renewal_window(expires_on, policy);
    let provisional_until =
        (draw.below(3) == 0).then(|| draw.day(calendar::add_years(completed_on, 3), 800));
    let met = provisional_until.filter(|_| draw.below(2) == 0);
    let mut one = Certification {
        id: CertificationId::from_bits(bits),
        program: ProgramCode::lssc(),
        person: PersonId::from_bits(bits),
        candidacy: CandidacyId::from_bits(bits),
        number: CertificateNumber::from_random(&ProgramCode::lssc(), 2025, number),
        holder_name: "Ada Day".to_owned(),
        completed_on,
        awarded_on: completed_on,
        renewals,
        renewed: Vec::new(),
        expires_on,
        renewal_opens_on,
        grace_ends_on,
        grace_is_certified: false,
        provisional_until,
        condition_met_on: met.map(|last| calendar::add_days(last, -draw.below(500))),
        achievements: Vec::new(),
        measures: Vec::new(),
        editions: vec![Edition {
            edition: 1,
            holder_name: "Ada Day".to_owned(),
            issued_on: completed_on,
        }],
        version: 1,
    };
    for _ in 0..draw.below(4) {
        let from = draw.day(completed_on, 2_000);
        let ends_on = (draw.below(2) == 0).then(|| draw.day(from, 300));
        let back = Reinstatement {
            effective_on: draw.day(from, 400),
            reason: "Cleared.".to_owned(),
            decided_on: from,
            decided_by: "person_1".to_owned(),
        };
        let reversal = Reversal {
            reversed_on: from,
            reason: "Wrong.".to_owned(),
            reversed_by: "person_1".to_owned(),
        };
        let decided = match draw.below(5) {
            0 | 1 => one.clone().suspend(order(from, ends_on), from).ok(),
            2 => one.clone().reinstate(back).ok(),
            3 => one.clone().revoke(order(from, None), from).ok(),
            _ => one.clone().reverse(1, reversal, true).unwrap_or_default(),
        };
        if let Some((decided, _)) = decided {
            one = decided;
        }
    }
    one
}

fn put(tx: &mut Tx<'_>, one: &Certification) -> Result<(), Error> {
    admit(tx, one.id.bits(), "Day", &format!("ada{}@example.org", one.id.bits()))?;
    tx.certifications().insert(one)?;
    tx.certifications().put_suspensions(one)
}

/// A list from its first page to its last, three rows a page.
async fn listed(store: &Store, selection: Selection) -> Vec<Certification> {
    let read = store.read(move |tx| {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let filter = CertificationFilter::default();
            let rows = tx.certifications().select(&filter, &selection, Page { after, limit: 3 })?;
            let Some(last) = rows.last() else { return Ok::<_, Error>(found) };
            after = Some(Place { day: selection.key(last), id: last.id });
            found.extend(rows);
        }
    });
    read.await.unwrap()
}

each_database! {
    async fn lists_hold_on_every_day_what_the_domain_says(db) {
        let (store, policy) = (db.store(), policy());
        furnished(&store).await;
        let mut all: Vec<_> = (0..HELD).map(|number| drawn(number, &policy)).collect();
        let stored = all.clone();
        write(&store, move |tx| stored.iter().try_for_each(|one| put(tx, one))).await.unwrap();
        let window = Window::widest([&policy]);
        let mut draw = Drawn(1);
        // Days at which something turns, their neighbours, and any others.
        let turns = all.iter().take(12).flat_map(|one| [one.completed_on, one.renewal_opens_on, one.expires_on, one.grace_ends_on, one.stands_through()]);
        let mut days: Vec<_> = turns.flat_map(|turn| [turn, calendar::add_days(turn, 1)]).collect();
        days.extend((0..40).map(|_| draw.day(day("2024-02-01"), 4_500)));
        days.sort();
        days.dedup();
        let statuses: Vec<_> = CertificationStatus::ALL.iter().map(|one| Some(*one)).chain([None]).collect();
        let mut met = 0;
        for on in days {
            for status in &statuses {
                for open in [None, Some(true), Some(false)] {
                    let selection = Selection::on(on, *status, open, window);
                    all.sort_by_key(|one| (selection.key(one), one.id));
                    let holds = |one: &&Certification| {
                        let standing = one.standing(on);
                        let is_open = standing.is_some_and(|one| one.renewal_open);
                        status.is_none_or(|status| one.status(on) == Some(status))
                            && open.is_none_or(|open| open == is_open)
                    };
                    let expected: Vec<_> = all.iter().filter(holds).cloned().collect();
                    met += expected.len();
                    assert_eq!(listed(&store, selection).await, expected, "{status:?} {open:?} on {on}");
                }
            }
        }
        assert!(met > 10_000, "{met}");
    }

    async fn dates_that_went_stale_and_editions_that_jump_are_found(db) {
        let (store, policy) = (db.store(), policy());
        furnished(&store).await;
        let suspended = drawn(0, &policy);
        let from = suspended.completed_on;
        let suspended = Certification { renewals: 0, measures: Vec::new(), provisional_until: None, condition_met_on: None, ..suspended };
        let (suspended, _) = suspended.suspend(order(from, None), from).unwrap();
        // What it rests on is not stored here, and is not asked of what is revoked.
        let (suspended, _) = suspended.revoke(order(from, None), from).unwrap();
        write(&store, move |tx| put(tx, &suspended)).await.unwrap();
        let told = async || {
            let broken = store.verify().await.unwrap();
            broken.iter().filter(|one| one.sentence.contains("certification") && one.id != "I7").map(|one| one.rows.len()).collect::<Vec<_>>()
        };
        assert_eq!(told().await, Vec::<usize>::new());
        db.execute("DELETE FROM certification_suspensions");
        assert_eq!(told().await, [1]);
        db.execute("UPDATE certifications SET holder_name = 'Somebody Else', stands_through = '2020-01-01'");
        assert_eq!(told().await, [1, 1]);
    }
}
