//! The books: for any sequence of money operations the ledger balances, agrees with the invoices, the orders
//! and the payouts, and is what its events replay to.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Id, InvoiceId, MembershipId, PaymentId, PurchaseOrderId,
    invoice::{
        Invoice, InvoiceEvent, InvoiceLine, InvoiceState, OWED, Payment, PaymentMethod, Tender,
    },
    ledger::{self, Account, AccountKind, Balances, LedgerEvent, Payer, PostingKind, Transfer},
    person::{Membership, MembershipState},
    policy::FeeCode,
    program::ProgramCode,
    purchase_order::{LineCheck, LineOutcome, PlacedLine, PurchaseOrder},
};
use proptest::{prelude::*, sample::select};

use crate::support::{day, policy};

fn id<K: domain::id::Kind>(bits: u128) -> Id<K> {
    Id::from_bits(bits)
}

const ADA: u128 = 1;
const BEN: u128 = 2;
const LIBRARY: u128 = 3;

fn payer(who: u128) -> Payer {
    if who == LIBRARY { Payer::Organisation(id(LIBRARY)) } else { Payer::Person(id(who)) }
}

fn today() -> NaiveDate {
    day("2026-04-01")
}

/// What can happen. Numbers pick an invoice, a payment or an order of those that are there; amounts are drawn
/// freely, so most sequences hold refusals.
#[derive(Debug, Clone)]
enum Act {
    Issue(u128, i64),
    Pay(usize, PaymentMethod, i64),
    Return(usize, usize, i64),
    Reverse(usize, usize),
    Void(usize),
    End(usize),
    Place(u8),
    Swap(usize, usize),
    Cancel(usize),
    VerifyLate(usize),
    TakeReceipt(u128, i64),
    GrantSubsidy(i64),
    PayCreditOut(u128, i64),
    PayOut(Tender, i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    use PaymentMethod::{Award, Card, Check, Credit};
    let who = || select(&[ADA, BEN, LIBRARY][..]);
    let one = || 0_usize..8;
    let cents = || prop_oneof![1_i64..50_000, Just(35_000), Just(32_500), Just(70_000)];
    let act = prop_oneof![
        3 => (who(), prop_oneof![Just(35_000), 0_i64..60_000]).prop_map(|(who, cents)| Act::Issue(who, cents)),
        6 => (one(), select(&[Card, Check, Award, Credit][..]), cents()).prop_map(|(one, how, cents)| Act::Pay(one, how, cents)),
        2 => (one(), 0_usize..4, cents()).prop_map(|(one, which, cents)| Act::Return(one, which, cents)),
        2 => (one(), 0_usize..4).prop_map(|(one, which)| Act::Reverse(one, which)),
        1 => one().prop_map(Act::Void),
        2 => one().prop_map(Act::End),
        3 => (1_u8..=255).prop_map(Act::Place),
        1 => (0_usize..3, one()).prop_map(|(order, one)| Act::Swap(order, one)),
        1 => (0_usize..3).prop_map(Act::Cancel),
        3 => one().prop_map(Act::VerifyLate),
        1 => (who(), cents()).prop_map(|(who, cents)| Act::TakeReceipt(who, cents)),
        1 => cents().prop_map(Act::GrantSubsidy),
        1 => (who(), cents()).prop_map(|(who, cents)| Act::PayCreditOut(who, cents)),
        1 => (select(&[Tender::Card, Tender::Check][..]), cents()).prop_map(|(how, cents)| Act::PayOut(how, cents)),
    ];
    proptest::collection::vec(act, 1..80)
}

/// What the log holds of it.
enum Told {
    Invoice(InvoiceId, Box<InvoiceEvent>),
    Ledger(serde_json::Value),
}

#[derive(Default)]
struct Books {
    invoices: Vec<Invoice>,
    orders: Vec<PurchaseOrder>,
    balances: Balances,
    log: Vec<Told>,
    number: u128,
    /// Credit that comes from no invoice and is of no payment: receipts and lines that were not needed, less
    /// what is paid out.
    other_credit: BTreeMap<Payer, i64>,
    /// What is to be paid out besides returned payments, less what was paid out.
    other_payable: BTreeMap<Payer, i64>,
}

impl Books {
    fn next(&mut self) -> u128 {
        self.number += 1;
        100 + self.number
    }
    fn post(&mut self, kind: PostingKind, transfers: Vec<Transfer>) {
        assert!(transfers.iter().all(|one| one.amount_cents > 0 && one.debit != one.credit));
        if transfers.is_empty() {
            return;
        }
        self.balances = std::mem::take(&mut self.balances).with(&transfers).unwrap();
        let posted = LedgerEvent::Posted {
            kind,
            currency: "USD".to_owned(),
            posted_on: today(),
            invoice: None,
            source: String::new(),
            transfers,
        };
        self.log.push(Told::Ledger(serde_json::to_value(&posted).unwrap()));
    }
    fn credit(&self, of: Payer) -> i64 {
        -self.balances.of(Account::owned(AccountKind::CustomerCredit, of))
    }
    fn keep(&mut self, invoice: Invoice, fact: InvoiceEvent) {
        self.log.push(Told::Invoice(invoice.id, Box::new(fact)));
        match self.invoices.iter_mut().find(|one| one.id == invoice.id) {
            Some(before) => *before = invoice,
            None => self.invoices.push(invoice),
        }
    }
    fn one(&self, id: InvoiceId) -> Invoice {
        self.invoices.iter().find(|one| one.id == id).unwrap().clone()
    }

    fn issue(&mut self, owes: Payer, order: Option<PurchaseOrderId>, cents: i64) -> InvoiceId {
        let number = self.next();
        let invoice = invoice(number, owes, order, cents);
        let issued = InvoiceEvent::Issued {
            number: invoice.number.clone(),
            payer: owes,
            total_cents: cents,
            currency: "USD".to_owned(),
            lines: invoice.lines.clone(),
            due_on: invoice.due_on,
        };
        self.post(PostingKind::InvoiceIssued, ledger::issue(&invoice));
        let id = invoice.id;
        self.keep(invoice, issued);
        id
    }

    fn pay(&mut self, which: InvoiceId, method: PaymentMethod, cents: i64) {
        let before = self.one(which);
        // What the program pays itself is never more than what is owed, and credit no more than there is.
        let most = match method {
            PaymentMethod::Award => before.balance_cents(),
            PaymentMethod::Credit => before.balance_cents().min(self.credit(before.payer)),
            _ => i64::MAX,
        };
        if cents.min(most) <= 0 {
            return;
        }
        let payment = payment(self.next(), method, before.payer, cents.min(most));
        let Ok((paid, payment, fact)) = before.pay(payment) else { return };
        self.post(PostingKind::PaymentReceived, ledger::pay(paid.payer, &payment));
        let settles = paid.state() == InvoiceState::Paid && paid.person().is_none();
        let order = paid.order.filter(|_| settles);
        self.keep(paid, fact);
        if let Some(order) = order {
            self.settle(order);
        }
    }

    fn settle(&mut self, which: PurchaseOrderId) {
        let order = self.orders.iter().find(|one| one.id == which).unwrap().clone();
        if order.settled_on.is_some() {
            return;
        }
        let mut outcomes = Vec::new();
        for line in order.standing() {
            let invoice = self.one(line.invoice);
            let waits = invoice.order == Some(which) && OWED.contains(&invoice.state());
            let outcome = if waits {
                let by = payment(
                    self.next(),
                    PaymentMethod::PurchaseOrder,
                    payer(LIBRARY),
                    line.amount_cents,
                );
                let (paid, by, fact) = invoice.pay_by_order(which, by).unwrap();
                assert_eq!(paid.state(), InvoiceState::Paid, "the line pays what is owed");
                self.post(PostingKind::OrderApplied, ledger::pay(paid.payer, &by));
                self.keep(paid, fact);
                LineOutcome::Activated
            } else {
                let unused = ledger::unused_line(order.institution, line.amount_cents);
                self.post(PostingKind::OrderApplied, unused);
                *self.other_credit.entry(payer(LIBRARY)).or_default() += line.amount_cents;
                LineOutcome::Credited
            };
            outcomes.push((line.place, outcome));
        }
        let (settled, _) = order.settle(&outcomes, today()).unwrap();
        *self.orders.iter_mut().find(|one| one.id == which).unwrap() = settled;
    }

    fn give_back(&mut self, which: InvoiceId, payment: PaymentId, cents: i64) -> bool {
        let before = self.one(which);
        let given = before.give_back(payment, cents, "r".to_owned());
        let Ok((after, Some(payment), fact)) = given else { return false };
        let transfer = ledger::give_back(&after, &payment, cents);
        if after.voided_on.is_some() && transfer.is_some() && self.credit(payment.paid_by) < cents {
            return false;
        }
        self.post(PostingKind::RefundDue, transfer.into_iter().collect());
        self.keep(after, fact);
        true
    }

    fn take_back(&mut self, which: InvoiceId, most: i64) {
        let invoice = self.one(which);
        let Some((to, left)) = invoice.member_credit_left() else { return };
        let cents = left.min(self.credit(to)).min(most);
        if cents > 0 {
            let (after, fact) = invoice.take_member_credit_back(cents);
            self.post(
                PostingKind::MemberDifferenceTakenBack,
                ledger::take_back_difference(to, cents),
            );
            self.keep(after, fact);
        }
    }

    /// It ends: everything that was paid goes back, as far as it is there.
    fn end(&mut self, which: InvoiceId) {
        let Some((after, fact)) = self.one(which).end("r", today()) else { return };
        self.post(PostingKind::InvoiceVoided, ledger::void(&after));
        let mut payments = after.payments.clone();
        self.keep(after, fact);
        payments.sort_by_key(|one| one.method.is_returned_in_money());
        for payment in payments {
            if payment.method.is_returned_in_money() {
                self.take_back(which, i64::MAX);
                let cents = payment.refundable_cents().min(self.credit(payment.paid_by));
                self.give_back(which, payment.id, cents);
            } else {
                self.give_back(which, payment.id, payment.refundable_cents());
            }
        }
        self.take_back(which, i64::MAX);
    }

    fn place(&mut self, mask: u8) {
        let order: PurchaseOrderId = id(self.next());
        let takes: Vec<Invoice> = (0..8)
            .filter(|bit| mask & (1 << bit) != 0)
            .filter_map(|bit| self.invoices.get(bit).cloned())
            .filter(|one| one.person().is_some() && one.clone().put_on(order).is_ok())
            .collect();
        let total = takes.iter().map(Invoice::balance_cents).sum();
        if takes.is_empty() || total == 0 {
            return;
        }
        let bill = self.issue(payer(LIBRARY), Some(order), total);
        let lines = (1..).zip(&takes).map(|(place, one)| line(place, one)).collect();
        self.orders.push(purchase_order(order, bill, total, lines));
        for invoice in takes {
            let (ordered, fact) = invoice.put_on(order).unwrap();
            self.keep(ordered, fact);
        }
    }

    fn release(&mut self, order: PurchaseOrderId, invoice: InvoiceId) {
        if let Some((free, fact)) = self.one(invoice).release(order) {
            self.keep(free, fact);
        }
    }

    fn swap(&mut self, which: usize, new: usize) {
        let (Some(order), Some(new)) =
            (self.orders.get(which).cloned(), self.invoices.get(new).cloned())
        else {
            return;
        };
        let Some(old) = order.standing().next().cloned() else { return };
        let check = LineCheck {
            application: None,
            expected_cents: Some(new.balance_cents()),
            actual_cents: new.balance_cents(),
            findings: Vec::new(),
        };
        // Another amount would make another bill: not drawn here.
        let findings = order.swap_findings(old.place, &check, 1);
        if new.person().is_none() || new.clone().put_on(order.id).is_err() {
            return;
        }
        let Ok((swapped, _)) = order.swap(old.place, line(0, &new), findings) else { return };
        self.release(swapped.id, old.invoice);
        let (ordered, fact) = new.put_on(swapped.id).unwrap();
        self.keep(ordered, fact);
        self.orders[which] = swapped;
    }

    fn cancel(&mut self, which: usize) {
        let Some(order) = self.orders.get(which).cloned() else { return };
        let people: Vec<InvoiceId> = order.standing().map(|line| line.invoice).collect();
        let Ok((cancelled, _)) = order.cancel("r".to_owned(), today()) else { return };
        let (bill, fact) = self.one(cancelled.invoice).void("r".to_owned(), today()).unwrap();
        self.post(PostingKind::InvoiceVoided, ledger::void(&bill));
        self.keep(bill, fact);
        for invoice in people {
            self.release(cancelled.id, invoice);
        }
        self.orders[which] = cancelled;
    }

    fn verify_late(&mut self, invoice: Invoice) {
        let Some(person) = invoice.person() else { return };
        let membership = Membership { person, ..membership() };
        let Some(cents) = invoice.member_difference(&membership, today(), &policy().fees) else {
            return;
        };
        let ordered = invoice.order.is_some() && invoice.balance_cents() == 0;
        let to = if ordered { payer(LIBRARY) } else { invoice.payer };
        let (credited, fact) = invoice.credit_member(cents, to, today());
        assert!(credited.refunded_cents() + cents <= credited.total_cents, "no more than came in");
        self.post(PostingKind::MemberDifference, ledger::member_difference(to, cents));
        self.keep(credited, fact);
    }

    fn return_payment(&mut self, invoice: &Invoice, place: usize, cents: i64) {
        let Some(payment) = invoice.payments.get(place) else { return };
        if domain::all_satisfied(&invoice.refund_findings(cents, false)) {
            self.give_back(invoice.id, payment.id, cents);
            let due = self.one(invoice.id).member_credit_due_cents();
            self.take_back(invoice.id, due);
        }
    }

    fn reverse(&mut self, invoice: Invoice, place: usize) {
        let Some(payment) = invoice.payments.get(place).map(|one| one.id) else { return };
        let reversed = invoice.reverse_payment(payment, "r".to_owned(), today());
        let Ok((after, Some(payment), fact)) = reversed else { return };
        // Credit that was used cannot be taken back.
        if payment.credited_cents() <= self.credit(payment.paid_by) {
            let back = ledger::reverse_payment(after.payer, &payment);
            self.post(PostingKind::PaymentReversed, back);
            self.keep(after, fact);
        }
    }

    fn void(&mut self, invoice: Invoice) {
        // The bill of an order ends with it; assistance pays fees, which end with their application.
        let award = invoice.payments.iter().any(|one| one.method == PaymentMethod::Award);
        let bill = invoice.person().is_none() && invoice.order.is_some();
        let Ok((after, fact)) = invoice.void("r".to_owned(), today()) else { return };
        if !bill && !award {
            self.post(PostingKind::InvoiceVoided, ledger::void(&after));
            let id = after.id;
            self.keep(after, fact);
            self.take_back(id, i64::MAX);
        }
    }

    fn pay_out(&mut self, tender: Tender, cents: i64) {
        for who in [ADA, BEN, LIBRARY] {
            let due = -self.balances.of(Account::owned(AccountKind::Payable, payer(who)));
            let cents = due.min(cents);
            self.post(PostingKind::PayoutMade, ledger::pay_out(payer(who), tender, cents));
            *self.other_payable.entry(payer(who)).or_default() -= cents;
        }
    }

    fn does(&mut self, act: &Act) {
        let found = |which: &usize, books: &Self| books.invoices.get(*which).cloned();
        match act {
            Act::Issue(who, cents) => {
                self.issue(payer(*who), None, *cents);
            }
            Act::Pay(which, method, cents) => {
                let Some(invoice) = found(which, self) else { return };
                self.pay(invoice.id, *method, *cents);
            }
            Act::Return(which, place, cents) => {
                let Some(invoice) = found(which, self) else { return };
                self.return_payment(&invoice, *place, *cents);
            }
            Act::Reverse(which, place) => {
                let Some(invoice) = found(which, self) else { return };
                self.reverse(invoice, *place);
            }
            Act::Void(which) => {
                let Some(invoice) = found(which, self) else { return };
                self.void(invoice);
            }
            Act::End(which) => {
                let Some(invoice) = found(which, self).filter(|one| one.person().is_some()) else {
                    return;
                };
                self.end(invoice.id);
            }
            Act::Place(mask) => self.place(*mask),
            Act::Swap(order, new) => self.swap(*order, *new),
            Act::Cancel(order) => self.cancel(*order),
            Act::VerifyLate(which) => {
                let Some(invoice) = found(which, self) else { return };
                self.verify_late(invoice);
            }
            Act::TakeReceipt(who, cents) => {
                let receipt = ledger::take_as_credit(payer(*who), Tender::Card, *cents);
                self.post(PostingKind::ReceiptCredited, receipt);
                *self.other_credit.entry(payer(*who)).or_default() += cents;
            }
            Act::GrantSubsidy(cents) => {
                self.post(PostingKind::SubsidyGranted, ledger::subsidy(payer(ADA), *cents));
                *self.other_payable.entry(payer(ADA)).or_default() += cents;
            }
            Act::PayCreditOut(who, cents) => {
                let cents = self.credit(payer(*who)).min(*cents);
                self.post(PostingKind::CreditRefundDue, ledger::refund_credit(payer(*who), cents));
                *self.other_credit.entry(payer(*who)).or_default() -= cents;
                *self.other_payable.entry(payer(*who)).or_default() += cents;
            }
            Act::PayOut(tender, cents) => self.pay_out(*tender, *cents),
        }
    }

    /// What a payer's invoices, payments and late member prices leave as credit.
    fn recorded_credit(&self, of: Payer) -> i64 {
        let mut cents = self.other_credit.get(&of).copied().unwrap_or_default();
        for invoice in &self.invoices {
            let void = invoice.voided_on.is_some();
            for payment in
                invoice.payments.iter().filter(|one| one.paid_by == of && one.reversed.is_none())
            {
                cents += payment.credited_cents();
                match (payment.method, void) {
                    (PaymentMethod::Credit, false) => cents -= payment.refundable_cents(),
                    (PaymentMethod::Credit, true) | (_, false) => {}
                    (_, true) => cents += payment.refundable_cents(),
                }
            }
            cents += invoice
                .member_credit_left()
                .filter(|(to, _)| *to == of)
                .map_or(0, |(_, left)| left);
        }
        cents
    }

    fn agrees(&self) {
        assert_eq!(self.balances.total_cents(), 0, "the ledger balances");
        let of = |kind, who| self.balances.of(Account::owned(kind, payer(who)));
        for who in [ADA, BEN, LIBRARY] {
            let theirs = || self.invoices.iter().filter(|one| one.payer == payer(who));
            let owed: i64 = theirs().map(Invoice::balance_cents).sum();
            assert_eq!(of(AccountKind::Receivable, who), owed, "what invoices ask for");
            let credit = -of(AccountKind::CustomerCredit, who);
            assert_eq!((credit, credit >= 0), (self.recorded_credit(payer(who)), true), "credit");
            let returned = self.invoices.iter().flat_map(|one| &one.payments);
            let returned = returned
                .filter(|one| one.paid_by == payer(who) && one.method.is_returned_in_money());
            let due = self.other_payable.get(&payer(who)).copied().unwrap_or_default()
                + returned.map(|one| one.refunded_cents).sum::<i64>();
            let payable = -of(AccountKind::Payable, who);
            assert_eq!((payable, payable >= 0), (due, true), "payouts");
        }
        let open = self
            .orders
            .iter()
            .flat_map(PurchaseOrder::standing)
            .map(|line| line.amount_cents)
            .sum::<i64>();
        assert_eq!(-of(AccountKind::OrdersPending, LIBRARY), open, "what open orders will pay");
        for one in &self.invoices {
            assert!(
                one.paid_cents() <= one.total_cents && one.refunded_cents() <= one.paid_cents()
            );
            if one.is_ordered() {
                let line = self
                    .orders
                    .iter()
                    .flat_map(PurchaseOrder::standing)
                    .find(|line| line.invoice == one.id);
                assert_eq!(
                    line.map(|line| line.amount_cents),
                    Some(one.balance_cents()),
                    "it waits for its line"
                );
            }
        }
    }

    /// The events alone give the same balances and the same invoices.
    fn replays(&self) {
        let mut balances = Balances::default();
        let mut invoices: BTreeMap<InvoiceId, Replayed> = BTreeMap::new();
        for told in &self.log {
            match told {
                Told::Ledger(data) => {
                    let transfers: Vec<Transfer> =
                        serde_json::from_value(data["transfers"].clone()).unwrap();
                    balances = balances.with(&transfers).unwrap();
                }
                Told::Invoice(id, fact) => invoices.entry(*id).or_default().happens(fact),
            }
        }
        assert_eq!(balances, self.balances, "the events replayed give the same balances");
        for one in &self.invoices {
            let paid: i64 = one.paid_cents();
            let is = Replayed {
                total: one.total_cents,
                paid,
                void: one.voided_on.is_some(),
                refunded: one.refunded_cents(),
                credited: one.member_credit.map_or(0, |credit| credit.left_cents()),
                order: one.order,
                payments: one.payments.iter().map(|one| (one.id, one.amount_cents)).collect(),
            };
            let replayed = Replayed { order: one.order, ..invoices.remove(&one.id).unwrap() };
            assert_eq!(replayed, is, "the events replayed give the same invoice");
        }
    }
}

/// An invoice as its events tell it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Replayed {
    total: i64,
    paid: i64,
    void: bool,
    refunded: i64,
    credited: i64,
    order: Option<PurchaseOrderId>,
    payments: BTreeMap<PaymentId, i64>,
}

impl Replayed {
    fn happens(&mut self, fact: &InvoiceEvent) {
        match fact {
            InvoiceEvent::Issued { total_cents, .. } => self.total = *total_cents,
            InvoiceEvent::PaymentRecorded { payment, .. } => {
                self.paid += payment.amount_cents;
                self.payments.insert(payment.id, payment.amount_cents);
            }
            InvoiceEvent::PaymentReversed { payment, .. } => self.paid -= self.payments[payment],
            InvoiceEvent::Returned { amount_cents, .. } => self.refunded += amount_cents,
            InvoiceEvent::Voided { .. } => self.void = true,
            InvoiceEvent::MemberCredited { amount_cents, .. } => self.credited += amount_cents,
            InvoiceEvent::MemberCreditTakenBack { amount_cents } => self.credited -= amount_cents,
            InvoiceEvent::Ordered { .. } | InvoiceEvent::Released { .. } => {}
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_books_balance_agree_and_replay(acts in acts()) {
        let mut books = Books::default();
        for act in &acts {
            books.does(act);
            books.agrees();
        }
        books.replays();
    }
}

fn invoice(number: u128, owes: Payer, order: Option<PurchaseOrderId>, cents: i64) -> Invoice {
    Invoice {
        id: id(number),
        program: ProgramCode::lssc(),
        number: format!("LSSC-2026-{number:06}"),
        payer: owes,
        application: None,
        order,
        lines: vec![InvoiceLine {
            code: FeeCode::Application,
            quantity: 1,
            unit_cents: cents,
            amount_cents: cents,
            member_price: false,
            member_unit_cents: Some(32_500),
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
        id: id(number),
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

fn line(place: i64, invoice: &Invoice) -> PlacedLine {
    PlacedLine {
        place,
        name: "Somebody".to_owned(),
        email: "somebody@example.org".to_owned(),
        amount_cents: invoice.balance_cents(),
        person: invoice.person().unwrap(),
        application: id(1),
        invoice: invoice.id,
        outcome: None,
    }
}

fn purchase_order(
    order: PurchaseOrderId,
    bill: InvoiceId,
    total_cents: i64,
    lines: Vec<PlacedLine>,
) -> PurchaseOrder {
    PurchaseOrder {
        id: order,
        program: ProgramCode::lssc(),
        institution: id(LIBRARY),
        number: format!("{order}"),
        invoice: bill,
        total_cents,
        currency: "USD".to_owned(),
        placed_on: day("2026-03-01"),
        settled_on: None,
        cancelled_on: None,
        cancel_reason: None,
        lines,
        version: 1,
    }
}

fn membership() -> Membership {
    Membership {
        id: MembershipId::from_bits(5),
        person: id(ADA),
        program: ProgramCode::lssc(),
        number: "2041877".to_owned(),
        state: MembershipState::Verified,
        claimed_at: DateTime::<Utc>::UNIX_EPOCH,
        decided_at: None,
        valid_from: Some(day("2026-01-01")),
        valid_until: Some(day("2026-12-31")),
        version: 1,
    }
}
