//! Orders, what is unique, and what the checker tells of money that does not add up.

use domain::{
    InvoiceId,
    discrepancy::Discrepancy,
    invoice::PaymentMethod,
    ledger::{self, Payer, PostingKind},
    payout::{Payout, PayoutKind, PayoutState},
    program::ProgramCode,
    purchase_order::{LineOutcome, OrderState, PlacedLine, PurchaseOrder},
};
use persistence::{Constraint, Error, OrderFilter, PayoutFilter, Tx};

use super::town::{
    Applicant, Town, activate, ann_pays_too_much, broken, first, institution, issue, money, pay,
    post, today, town, writes,
};
use crate::support::database::{each_database, stamp};

fn placed(place: i64, (person, application): Applicant, invoice: InvoiceId) -> PlacedLine {
    PlacedLine {
        place,
        name: "Somebody".to_owned(),
        email: "somebody@example.org".to_owned(),
        amount_cents: 32_500,
        person,
        application,
        invoice,
        outcome: None,
    }
}

/// An order of the library for Ann, as the flows place it.
fn place(tx: &mut Tx<'_>, town: &Town, number: &str) -> Result<PurchaseOrder, Error> {
    let fee = issue(tx, Payer::Person(town.ann.0), (Some(town.ann.1), None), 32_500)?;
    let id = tx.new_id();
    let bill = issue(tx, Payer::Organisation(town.library), (None, Some(id)), 32_500)?;
    let order = PurchaseOrder {
        id,
        program: ProgramCode::lssc(),
        institution: town.library,
        number: number.to_owned(),
        invoice: bill.id,
        total_cents: 32_500,
        currency: "USD".to_owned(),
        placed_on: today(),
        settled_on: None,
        cancelled_on: None,
        cancel_reason: None,
        lines: vec![placed(1, town.ann, fee.id)],
        version: 1,
    };
    tx.purchase_orders().insert(&order)?;
    let (mut fee, _fact) = fee.put_on(id).unwrap();
    tx.invoices().save(&mut fee)?;
    Ok(order)
}

/// Pays the order's invoice and settles it.
fn settle(tx: &mut Tx<'_>, order: PurchaseOrder) -> Result<PurchaseOrder, Error> {
    let library = Payer::Organisation(order.institution);
    let check = money(tx, PaymentMethod::Check, "18", library, order.total_cents);
    pay(tx, order.invoice, check)?;
    for line in &order.lines {
        let fee = tx.invoices().load(line.invoice)?;
        let by = money(tx, PaymentMethod::PurchaseOrder, &order.number, library, line.amount_cents);
        let (mut fee, payment, _fact) = fee.pay_by_order(order.id, by).unwrap();
        tx.invoices().insert_payment(&fee, &payment)?;
        tx.invoices().save(&mut fee)?;
        activate(tx, &fee)?;
        let about = (Some(fee.id), payment.id.to_string());
        post(tx, PostingKind::OrderApplied, about, ledger::pay(fee.payer, &payment))?;
    }
    let (mut order, _fact) = order.settle(&[(1, LineOutcome::Activated)], today()).unwrap();
    tx.purchase_orders().save(&mut order)?;
    Ok(order)
}

each_database! {
    async fn an_order_keeps_its_lines_and_settles(db) {
        let store = db.store();
        let town = town(&store).await;
        let order = writes(&store, move |tx| place(tx, &town, "PO-1")).await.unwrap();
        assert_eq!(broken(&store).await, Vec::<&str>::new());
        let (id, bill) = (order.id, order.invoice);
        let (stored, of_bill) = store
            .write(stamp(), move |tx| {
                Ok::<_, Error>((tx.purchase_orders().load(id)?, tx.purchase_orders().of_invoice(bill)?))
            })
            .await
            .unwrap();
        assert_eq!((&stored, &of_bill), (&order, &order));
        let settled = writes(&store, move |tx| settle(tx, order.clone())).await.unwrap();
        assert_eq!(settled.version, 2);
        let found = store
            .read(move |tx| {
                let filter =
                    OrderFilter { state: Some(OrderState::Settled), ..OrderFilter::default() };
                tx.purchase_orders().list(&filter, first())
            })
            .await;
        assert_eq!(found, Ok(vec![settled.clone()]));
        assert_eq!(broken(&store).await, Vec::<&str>::new());
        let stale = writes(&store, move |tx| tx.purchase_orders().save(&mut stored.clone())).await;
        assert_eq!(stale, Err(Error::Stale));
    }

    async fn a_swap_keeps_the_old_line_and_takes_a_new_one(db) {
        let store = db.store();
        let town = town(&store).await;
        let ben = town.ben;
        let order = writes(&store, move |tx| place(tx, &town, "PO-1")).await.unwrap();
        let id = order.id;
        let swapped = writes(&store, move |tx| {
            let mut order = tx.purchase_orders().load(id)?;
            order.lines[0].outcome = Some(LineOutcome::Swapped);
            let fee = issue(tx, Payer::Person(ben.0), (Some(ben.1), Some(id)), 32_500)?;
            order.lines.push(placed(2, ben, fee.id));
            let ann = tx.invoices().load(order.lines[0].invoice)?;
            let (mut ann, _fact) = ann.release(id).unwrap();
            tx.invoices().save(&mut ann)?;
            tx.purchase_orders().save(&mut order)?;
            Ok(order)
        })
        .await
        .unwrap();
        let stored = writes(&store, move |tx| tx.purchase_orders().load(id)).await;
        assert_eq!(stored, Ok(swapped));
        assert_eq!(broken(&store).await, Vec::<&str>::new());
    }

    async fn what_is_unique_conflicts_by_its_name(db) {
        let store = db.store();
        let town = town(&store).await;
        let (ann, library) = (town.ann, town.library);
        ann_pays_too_much(&store, &town).await;
        let order = writes(&store, move |tx| place(tx, &town, "PO-1")).await.unwrap();
        let again = order.clone();
        let number = writes(&store, move |tx| {
            let bill = issue(tx, Payer::Organisation(library), (None, None), 100)?.id;
            let (id, lines) = (tx.new_id(), Vec::new());
            tx.purchase_orders().insert(&PurchaseOrder { id, invoice: bill, lines, ..again.clone() })
        });
        assert_eq!(number.await, Err(Error::Conflict(Constraint::PurchaseOrdersNumber)));
        let again = order.clone();
        let standing = writes(&store, move |tx| {
            let bill = issue(tx, Payer::Organisation(library), (None, None), 100)?.id;
            let (id, number) = (tx.new_id(), "PO-2".to_owned());
            tx.purchase_orders().insert(&PurchaseOrder { id, invoice: bill, number, ..again.clone() })
        });
        assert_eq!(standing.await, Err(Error::Conflict(Constraint::PurchaseOrderLinesStanding)));
        let name = writes(&store, |tx| {
            let same = institution(tx, "RIVERSIDE public library ");
            tx.institutions().insert(&same)
        });
        assert_eq!(name.await, Err(Error::Conflict(Constraint::InstitutionsName)));
        let card = writes(&store, move |tx| {
            let other = issue(tx, Payer::Person(ann.0), (None, None), 500)?.id;
            let same = money(tx, PaymentMethod::Card, "card-1", Payer::Person(ann.0), 500);
            pay(tx, other, same).map(drop)
        });
        assert_eq!(card.await, Err(Error::Conflict(Constraint::PaymentsReference)));
        let told_twice = writes(&store, move |tx| {
            for _ in 0..2 {
                let told = Discrepancy {
                    id: tx.new_id(),
                    program: ProgramCode::lssc(),
                    invoice: order.invoice,
                    payment: None,
                    reference: "card-1".to_owned(),
                    expected_cents: 100,
                    actual_cents: 200,
                    currency: "USD".to_owned(),
                    findings: Vec::new(),
                    received_at: tx.now(),
                    resolved_on: None,
                    resolution: None,
                    taken_as_credit: false,
                    version: 1,
                };
                tx.discrepancies().insert(&told)?;
            }
            Ok(())
        });
        assert_eq!(told_twice.await, Err(Error::Conflict(Constraint::DiscrepanciesOnce)));
    }

    async fn the_checker_tells_what_does_not_add_up(db) {
        let store = db.store();
        let town = town(&store).await;
        let (ann, paid) = (town.ann.0, ann_pays_too_much(&store, &town).await);
        let order = writes(&store, move |tx| place(tx, &town, "PO-1")).await.unwrap();
        assert_eq!(broken(&store).await, Vec::<&str>::new());

        db.execute("UPDATE payments SET received_cents = received_cents + 1 WHERE method = 'check'");
        let every_payment =
            "every payment was posted once, what it paid and what of it became credit, posted back \
             once if it was reversed, and what is returned of it in full";
        let credit =
            "everybody's credit is what payments, late member prices, receipts, orders and payouts \
             leave of it";
        assert_eq!(broken(&store).await, [every_payment, credit]);
        db.execute("UPDATE payments SET received_cents = received_cents - 1 WHERE method = 'check'");

        db.execute("UPDATE payments SET reversed_on = '2026-03-02', reversal_reason = 'r' WHERE method = 'check'");
        assert!(broken(&store).await.contains(&every_payment), "it was not posted back");
        db.execute("UPDATE payments SET reversed_on = NULL, reversal_reason = NULL");

        db.execute("UPDATE payments SET refunded_cents = 1 WHERE method = 'check'");
        assert_eq!(broken(&store).await, [every_payment], "its return was not posted");
        db.execute("UPDATE payments SET refunded_cents = 0");

        db.execute("DELETE FROM card_references");
        let references = "the reference of a processor stands for one payment or one credit";
        assert_eq!(broken(&store).await, [references]);
        db.execute("INSERT INTO card_references (program, reference, payment_id) \
            SELECT program, reference, id FROM payments WHERE method = 'card'");

        db.execute("UPDATE invoices SET number = 'LSSC-2026-000009' WHERE number = 'LSSC-2026-000001'");
        assert_eq!(broken(&store).await, ["the numbers of invoices have no gap in a program's year"]);
        db.execute("UPDATE invoices SET number = 'LSSC-2026-000001' WHERE number = 'LSSC-2026-000009'");

        db.execute("UPDATE invoices SET purchase_order_id = NULL WHERE application_id IS NOT NULL");
        let waiting = "the invoices of the people on an open order wait for it, and no others do";
        assert_eq!(broken(&store).await, [waiting]);
        let fee = order.lines[0].invoice;
        writes(&store, move |tx| {
            let (mut fee, _fact) = tx.invoices().load(fee)?.put_on(order.id).unwrap();
            tx.invoices().save(&mut fee)
        })
        .await
        .unwrap();

        db.execute("UPDATE subscriptions SET ended_on = '2026-03-02'");
        assert_eq!(broken(&store).await.len(), 1, "the fee is settled and not returned");
        db.execute("UPDATE subscriptions SET ended_on = NULL");

        let payout = writes(&store, move |tx| {
            let payout = Payout {
                id: tx.new_id(),
                program: ProgramCode::lssc(),
                payee: Payer::Person(ann),
                kind: PayoutKind::CreditRefund,
                amount_cents: 7_600,
                currency: "USD".to_owned(),
                invoice: Some(paid),
                payment: None,
                subsidy: None,
                reason: "She asked for it.".to_owned(),
                due_on: today(),
                made: None,
                version: 1,
            };
            tx.payouts().insert(&payout)?;
            Ok(payout)
        })
        .await
        .unwrap();
        let payables = "what is payable to everybody is the sum of the payouts that are due";
        let posted = "credit that is paid out, subsidies and receipts that are taken are posted in full";
        assert_eq!(broken(&store).await, [payables, credit, posted]);
        let due = PayoutFilter {
            payers: Some(vec![Payer::Person(ann)]),
            state: Some(PayoutState::Due),
            invoice: Some(paid),
            ..PayoutFilter::default()
        };
        let listed = store.read(move |tx| tx.payouts().list(&due, first())).await;
        assert_eq!(listed, Ok(vec![payout.clone()]));
        writes(&store, move |tx| {
            let transfers = ledger::refund_credit(payout.payee, payout.amount_cents);
            post(tx, PostingKind::CreditRefundDue, (None, payout.id.to_string()), transfers)
        })
        .await
        .unwrap();
        let overdrawn = "nobody's credit, orders or payouts are overdrawn";
        assert_eq!(broken(&store).await, [overdrawn]);

        db.execute("DELETE FROM events WHERE type = 'ledger.posted' AND CAST(data AS text) LIKE '%credit_refund_due%'");
        let told = "the events say what was posted, and no entry ever changed";
        assert_eq!(broken(&store).await, [told, overdrawn]);
    }
}
