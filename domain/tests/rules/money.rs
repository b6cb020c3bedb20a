//! Money: whatever happens in whatever order, the ledger balances and tells the same as the invoices.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AssistanceId, Id, MembershipId, OrganisationId, PersonId, PurchaseOrderId,
    award::{Assistance, AssistanceState, AwardRound, RoundState, ranks, ticket_text},
    calendar::add_days,
    fees::{Deductions, Item, deduct, member_finding, quote},
    invoice::{
        Invoice, InvoiceLine, InvoiceState, Payment, PaymentMethod, check_receipt,
        holds_card_number, is_card_number,
    },
    ledger::Payer,
    person::{Membership, MembershipState},
    policy::FeeCode,
    program::ProgramCode,
    purchase_order::{LineCheck, LineOutcome, OrderState, PlacedLine, PurchaseOrder},
    subscription::{Subscription, SubscriptionState},
};
use proptest::prelude::*;

use crate::support::{day, policy};

fn id<K: domain::id::Kind>(bits: u128) -> Id<K> {
    Id::from_bits(bits)
}

pub(crate) fn ada() -> Payer {
    Payer::Person(id(1))
}

fn library() -> Payer {
    Payer::Organisation(id(2))
}

pub(crate) fn invoice(number: u128, payer: Payer, cents: i64) -> Invoice {
    Invoice {
        id: id(number),
        program: ProgramCode::lssc(),
        number: format!("LSSC-2026-{number:06}"),
        payer,
        application: None,
        order: None,
        lines: vec![InvoiceLine {
            code: FeeCode::Application,
            quantity: 1,
            unit_cents: cents,
            amount_cents: cents,
            member_price: false,
            member_unit_cents: None,
        }],
        total_cents: cents,
        currency: "USD".to_owned(),
        issued_on: day("2026-03-01"),
        due_on: day("2026-03-31"),
        voided_on: None,
        void_reason: None,
        member_credit: None,
        payments: Vec::new(),
        version: 1,
    }
}

fn payment(number: u128, method: PaymentMethod, paid_by: Payer, cents: i64) -> Payment {
    Payment {
        id: id(1_000_000 + number),
        method,
        reference: format!("r{number}"),
        paid_by,
        amount_cents: cents,
        received_cents: cents,
        refunded_cents: 0,
        received_on: day("2026-03-02"),
        recorded_by: "staff".to_owned(),
        recorded_at: DateTime::<Utc>::UNIX_EPOCH,
        reversed: None,
        order: None,
    }
}

proptest! {
    #[test]
    fn a_payment_is_split_between_the_balance_and_credit(owed in 1_i64..100_000, came in 1_i64..200_000) {
        let (paid, payment, _) =
            invoice(10, ada(), owed).pay(payment(1, PaymentMethod::Check, ada(), came)).unwrap();
        prop_assert_eq!(payment.amount_cents, came.min(owed));
        prop_assert_eq!(payment.credited_cents(), (came - owed).max(0));
        prop_assert_eq!(paid.state(), if came >= owed { InvoiceState::Paid } else { InvoiceState::PartPaid });
        prop_assert_eq!(paid.balance_cents(), (owed - came).max(0));
    }

    #[test]
    fn deductions_never_exceed_what_is_owed(assistance in 0_i64..100_000, credit in 0_i64..100_000, member in any::<bool>()) {
        let items = [Item { code: FeeCode::Application, quantity: 1 }, Item { code: FeeCode::Portfolio, quantity: 6 }];
        let quoted = quote(member, &items, &policy().fees).unwrap();
        let offered = Deductions { assistance_cents: assistance, credit_cents: credit };
        let (taken, due) = deduct(&quoted, offered);
        prop_assert!(taken.assistance_cents <= quoted.lines[0].amount_cents.min(assistance));
        prop_assert!(taken.credit_cents <= credit && due >= 0);
        prop_assert_eq!(due + taken.assistance_cents + taken.credit_cents, quoted.total_cents);
    }

    #[test]
    fn a_draw_ranks_every_ticket_once_whatever_order_it_is_handed(seeds in proptest::collection::vec(any::<[u8; 32]>(), 1..40)) {
        let tickets: BTreeMap<AssistanceId, [u8; 32]> =
            (0..).zip(&seeds).map(|(n, hash)| (id(n), *hash)).collect();
        let drawn = ranks(&tickets);
        let mut back: Vec<_> = drawn.iter().map(|(_, ticket)| *ticket).collect();
        back.sort_unstable();
        prop_assert_eq!(back, tickets.keys().copied().collect::<Vec<_>>());
        prop_assert!(drawn.windows(2).all(|two| two[0].0 + 1 == two[1].0 && tickets[&two[0].1] <= tickets[&two[1].1]));
    }
}

fn membership(state: MembershipState, from: &str, until: &str) -> Membership {
    Membership {
        id: MembershipId::from_bits(5),
        person: PersonId::from_bits(1),
        program: ProgramCode::lssc(),
        number: "2041877".to_owned(),
        state,
        claimed_at: DateTime::<Utc>::UNIX_EPOCH,
        decided_at: None,
        valid_from: Some(day(from)),
        valid_until: Some(day(until)),
        version: 1,
    }
}

/// A membership that was verified, for the days of the caller.
pub(crate) fn verified() -> Membership {
    membership(MembershipState::Verified, "2026-01-01", "2026-12-31")
}

#[test]
fn a_membership_verified_late_is_credited_once_within_the_window() {
    let fees = policy().fees;
    let verified = membership(MembershipState::Verified, "2026-01-01", "2026-12-31");
    let fresh = invoice(10, ada(), 35_000);
    let last = add_days(fresh.issued_on, 60);
    assert_eq!(fresh.member_difference(&verified, last, &fees), Some(2_500));
    assert_eq!(fresh.member_difference(&verified, add_days(last, 1), &fees), None);
    let later = membership(MembershipState::Verified, "2026-03-02", "2026-12-31");
    assert_eq!(
        fresh.member_difference(&later, last, &fees),
        None,
        "the day of issue is not covered"
    );
    let claimed = membership(MembershipState::Claimed, "2026-01-01", "2026-12-31");
    assert_eq!(fresh.member_difference(&claimed, last, &fees), None);
    let (credited, _) = fresh.credit_member(2_500, ada(), last);
    assert_eq!(credited.member_difference(&verified, last, &fees), None, "once");
    let theirs = invoice(11, library(), 35_000);
    assert_eq!(theirs.member_difference(&verified, last, &fees), None, "people are members");
}

#[test]
fn the_member_price_explains_itself() {
    let on = day("2026-03-01");
    let said = |memberships: &[Membership]| {
        let finding = member_finding(memberships, on);
        (finding.satisfied, finding.actual)
    };
    assert_eq!(said(&[]), (false, "no membership".to_owned()));
    let claimed = membership(MembershipState::Claimed, "2026-01-01", "2026-12-31");
    assert_eq!(said(&[claimed]), (false, "a membership that is claimed, not verified".to_owned()));
    let over = membership(MembershipState::Verified, "2025-01-01", "2026-02-28");
    assert_eq!(
        said(std::slice::from_ref(&over)),
        (false, "no membership that is valid on 2026-03-01".to_owned())
    );
    let covers = membership(MembershipState::Verified, "2026-03-01", "2026-03-01");
    assert_eq!(
        said(&[over, covers]),
        (true, "membership 2041877 is valid on 2026-03-01".to_owned())
    );
}

#[test]
fn card_numbers_are_known_wherever_they_stand() {
    for text in [
        "4242424242424242",
        "card 4242-4242-4242-4242 of Ada",
        "no. 378282246310005.",
        "4111 1111 1111 1111 12/27",
        "27 4111.1111.1111.1111 123",
        "4242_4242_4242_4242",
        "4242,4242,4242,4242",
        "4242: 4242: 4242: 4242",
        "4242\t4242\t4242\t4242",
        "4242\u{2013}4242\u{2013}4242\u{2013}4242",
        "4242\u{2009}4242\u{2009}4242\u{2009}4242",
        "4242\u{200b}424242424242",
        "\u{ff14}\u{ff12}\u{ff14}\u{ff12}424242424242",
        "5018000000000009",
        "6759649826438453",
        "6304000000000000",
        "2223000048400011",
        "30569309025904",
    ] {
        assert!(holds_card_number(text), "{text}");
    }
    for text in [
        "4242424242424241",
        "ch_3PqLN2eZvKYlo2C1",
        "check 118",
        "2026-03-01 2026-03-02",
        "4242 4242\n4242 4242",
        "",
    ] {
        assert!(!holds_card_number(text), "{text}");
        assert!(!is_card_number(text), "{text}");
    }
    // Prose is searched through, an identifier is taken by its groups of digits.
    for text in [
        "4242424242424242",
        "ch_4242424242424242",
        "4111 1111 1111 1111 12/27",
        "no. 4242-4242-4242-4242",
    ] {
        assert!(is_card_number(text), "{text}");
    }
    for text in ["40424242424242424242", "20260301424242424242424242"] {
        assert!(holds_card_number(text) && !is_card_number(text), "{text}");
    }
    let bad =
        check_receipt("4242424242424242", 0, ("/paid_on", day("2026-03-03")), day("2026-03-02"));
    let found: Vec<_> = bad.iter().map(|one| (one.pointer.as_ref(), one.code)).collect();
    assert_eq!(
        found,
        [("/reference", "card_data"), ("/amount_cents", "out_of_range"), ("/paid_on", "order")]
    );
}

#[test]
fn an_invoice_on_an_order_is_paid_by_that_order_alone() {
    let order: PurchaseOrderId = id(77);
    let (ordered, _) = invoice(10, ada(), 35_000).put_on(order).unwrap();
    assert!(ordered.clone().pay(payment(1, PaymentMethod::Card, ada(), 35_000)).is_err());
    assert!(ordered.clone().put_on(id(78)).is_err());
    assert!(ordered.clone().void("r".to_owned(), day("2026-04-01")).is_err());
    let by = payment(2, PaymentMethod::PurchaseOrder, library(), 35_000);
    assert!(ordered.clone().pay_by_order(id(78), by.clone()).is_err());
    let (paid, _, _) = ordered.clone().pay_by_order(order, by).unwrap();
    assert_eq!(
        (paid.state(), paid.order, paid.is_ordered()),
        (InvoiceState::Paid, Some(order), false)
    );
    assert!(paid.release(order).is_none());
    let (released, _) = ordered.release(order).unwrap();
    assert!(released.pay(payment(3, PaymentMethod::Card, ada(), 35_000)).is_ok());
}

fn line(place: i64, cents: i64) -> PlacedLine {
    PlacedLine {
        place,
        name: format!("Person {place}"),
        email: format!("p{place}@example.org"),
        amount_cents: cents,
        person: id(place.unsigned_abs().into()),
        application: id(place.unsigned_abs().into()),
        invoice: id(place.unsigned_abs().into()),
        outcome: None,
    }
}

fn order() -> PurchaseOrder {
    PurchaseOrder {
        id: id(77),
        program: ProgramCode::lssc(),
        institution: OrganisationId::from_bits(2),
        number: "PO-1".to_owned(),
        invoice: id(9),
        total_cents: 67_500,
        currency: "USD".to_owned(),
        placed_on: day("2026-03-01"),
        settled_on: None,
        cancelled_on: None,
        cancel_reason: None,
        lines: vec![line(1, 35_000), line(2, 32_500)],
        version: 1,
    }
}

#[test]
fn a_person_on_an_unpaid_order_is_swapped() {
    let check = |cents| LineCheck {
        application: Some(id(3)),
        expected_cents: Some(cents),
        actual_cents: cents,
        findings: Vec::new(),
    };
    let refused = order().swap_findings(1, &check(32_500), 1);
    assert!(!domain::all_satisfied(&refused), "another amount after a part payment");
    assert!(domain::all_satisfied(&order().swap_findings(1, &check(35_000), 1)));
    assert!(!domain::all_satisfied(&order().swap_findings(3, &check(35_000), 0)), "no such line");
    let findings = order().swap_findings(1, &check(32_500), 0);
    let (swapped, _) = order().swap(1, line(99, 32_500), findings.clone()).unwrap();
    let standing: Vec<_> = swapped.standing().map(|line| line.place).collect();
    assert_eq!((standing, swapped.total_cents), (vec![2, 3], 65_000));
    assert!(
        !domain::all_satisfied(&swapped.swap_findings(1, &check(32_500), 0)),
        "it stands no more"
    );
    let (settled, _) = order().settle(&[(1, LineOutcome::Activated)], day("2026-04-01")).unwrap();
    assert_eq!(settled.state(), OrderState::Settled);
    assert_eq!(settled.lines[1].outcome, Some(LineOutcome::Credited));
    assert!(settled.clone().swap(1, line(99, 35_000), findings).is_err());
    assert!(settled.cancel("r".to_owned(), day("2026-04-02")).is_err());
}

#[test]
fn a_subscription_runs_its_years_and_says_when_it_ends_once() {
    let start = day("2024-02-29");
    let (sub, _) = Subscription::activate(id(1), ProgramCode::lssc(), id(1), id(9), (start, 4));
    assert_eq!(sub.ends_on, day("2028-02-29"));
    let state = |on: &str| sub.state(day(on), 60);
    assert_eq!(state("2024-02-28"), None);
    assert_eq!(state("2027-12-30"), Some(SubscriptionState::Active));
    assert_eq!(state("2027-12-31"), Some(SubscriptionState::Ending));
    assert_eq!(state("2028-02-29"), Some(SubscriptionState::Ending));
    assert_eq!(state("2028-03-01"), Some(SubscriptionState::Ended));
    assert!(sub.clone().remind(day("2027-12-30"), 60).is_none());
    let (reminded, _) = sub.clone().remind(day("2027-12-31"), 60).unwrap();
    assert!(reminded.remind(day("2028-01-01"), 60).is_none(), "once");
    let (ended, _) = sub.end("returned", day("2025-01-01")).unwrap();
    assert_eq!(ended.state(day("2025-01-01"), 60), Some(SubscriptionState::Ended));
    assert!(ended.remind(day("2028-01-01"), 60).is_none());
}

fn round(drawn_on: Option<NaiveDate>) -> AwardRound {
    AwardRound {
        id: id(4),
        program: ProgramCode::lssc(),
        name: "Spring".to_owned(),
        opens_on: day("2026-03-01"),
        closes_on: day("2026-03-31"),
        places: 1,
        amount_cents: 17_500,
        seed_source: "the state lottery of 2026-04-02".to_owned(),
        seed: None,
        drawn_on,
        version: 1,
    }
}

#[test]
fn a_round_opens_closes_and_is_drawn_once() {
    let on = |text: &str| round(None).state(day(text));
    assert_eq!(on("2026-02-28"), RoundState::Upcoming);
    assert_eq!((on("2026-03-01"), on("2026-03-31")), (RoundState::Open, RoundState::Open));
    assert_eq!(on("2026-04-01"), RoundState::Closed);
    assert!(!domain::all_satisfied(&round(None).request_findings(day("2026-03-05"), true)));
    assert!(round(None).draw("s".to_owned(), Vec::new(), day("2026-03-31")).is_err());
    let (drawn, _) = round(None).draw("s".to_owned(), Vec::new(), day("2026-04-02")).unwrap();
    assert!(drawn.draw("t".to_owned(), Vec::new(), day("2026-04-03")).is_err());
    assert_eq!(
        ticket_text("s", AssistanceId::from_bits(1)),
        "s:assist_00000000000000000000000000000001"
    );
}

#[test]
fn assistance_pays_one_fee_and_is_free_again_when_that_comes_back() {
    let asked = Assistance {
        id: id(1),
        program: ProgramCode::lssc(),
        round: id(4),
        person: id(1),
        amount_cents: 17_500,
        requested_on: day("2026-03-05"),
        withdrawn_on: None,
        rank: None,
        granted_on: None,
        invoice: None,
        version: 1,
    };
    assert!(asked.clone().apply(id(9), 1).is_err());
    let (left_out, _) = asked.clone().drawn(2, 1, day("2026-04-02"));
    assert_eq!(left_out.state(), AssistanceState::NotDrawn);
    let (granted, _) = asked.drawn(1, 1, day("2026-04-02"));
    assert!(granted.clone().withdraw(day("2026-04-03")).is_err());
    let (used, _) = granted.apply(id(9), 17_500).unwrap();
    assert!(used.clone().apply(id(10), 1).is_err());
    assert!(used.clone().give_back(id(10)).is_none());
    assert_eq!(used.give_back(id(9)).unwrap().0.state(), AssistanceState::Granted);
}
