//! What only the examples about money act on: somebody with credit and something to pay with it (Iris), a
//! provider's callback that does not agree with Ben's payment.

use domain::{
    InvoiceId, PersonId,
    discrepancy::{Discrepancy, DiscrepancyEvent},
    fees::Item,
    invoice::PaymentMethod,
    ledger::Payer,
    policy::FeeCode,
};

use super::{orders::rules, people::find, story::Story};
use crate::{
    app::App,
    flows::money::{self, NewInvoice, Receipt},
    problem::Problem,
    v1::payment_callbacks,
};

/// Numbers of the stories, after those of the other examples.
const IRIS: u64 = 26;
const CALLBACK: u64 = 27;

/// Tells these stories.
pub(super) async fn make(app: &App, staff: PersonId) -> Result<(), Problem> {
    has_credit(&Story::new(app, IRIS, Some(staff)).await?, staff).await?;
    match find(app, "ben@demo.example").await? {
        Some(ben) => disagrees(&Story::new(app, CALLBACK, None).await?, ben).await,
        None => Ok(()),
    }
}

/// Iris paid more for a portfolio than it costs, and owes the fee of the next one.
async fn has_credit(story: &Story<'_>, staff: PersonId) -> Result<(), Problem> {
    let name = ("Iris", "Wright");
    let iris = story.registers(story.ago(40), name, "iris@people.example".to_owned(), None).await?;
    let first = owes(story, 30, staff, iris).await?;
    let day = story.ago(28);
    story
        .on(day, Some(staff), move |tx| {
            let rules = rules(tx, day)?;
            let invoice = tx.invoices().load(first)?;
            let cents = invoice.balance_cents().saturating_add(1_500);
            let receipt = Receipt {
                method: PaymentMethod::Check,
                reference: "118".to_owned(),
                paid_by: invoice.payer,
                cents,
                received_on: day,
            };
            let payment = receipt.payment(tx);
            money::receive(tx, &rules, invoice, payment).map(drop)
        })
        .await?;
    owes(story, 10, staff, iris).await.map(drop)
}

/// The office issues an invoice of one portfolio.
async fn owes(
    story: &Story<'_>,
    ago: u64,
    staff: PersonId,
    person: PersonId,
) -> Result<InvoiceId, Problem> {
    let day = story.ago(ago);
    story
        .on(day, Some(staff), move |tx| {
            let rules = rules(tx, day)?;
            let items = [Item { code: FeeCode::Portfolio, quantity: 1 }];
            let lines = money::priced(tx, &rules, person, &items)?;
            let (id, payer) = (tx.new_id(), Payer::Person(person));
            let new = NewInvoice { id, payer, application: None, order: None, lines, due_on: None };
            money::issue(tx, &rules, new).map(|invoice| invoice.id)
        })
        .await
}

/// A provider calls back about a payment that is recorded with another amount.
async fn disagrees(story: &Story<'_>, ben: PersonId) -> Result<(), Problem> {
    story
        .on(story.ago(3), None, move |tx| {
            let invoices = tx.invoices().of_person(ben)?;
            let paid = invoices.iter().find_map(|one| Some((one, one.payments.first()?)));
            let Some((invoice, payment)) = paid else { return Ok(()) };
            let known = (invoice.id, payment.clone());
            let actual_cents = payment.received_cents.saturating_add(18_000);
            let findings =
                payment_callbacks::findings(invoice, Some(&known), actual_cents, &invoice.currency);
            let found = Discrepancy {
                id: tx.new_id(),
                program: invoice.program.clone(),
                invoice: invoice.id,
                payment: Some(payment.id),
                reference: payment.reference.clone(),
                expected_cents: payment.received_cents,
                actual_cents,
                currency: invoice.currency.clone(),
                findings,
                received_at: tx.now(),
                resolved_on: None,
                resolution: None,
                taken_as_credit: false,
                version: 1,
            };
            tx.discrepancies().insert(&found)?;
            let fact = DiscrepancyEvent::Found {
                invoice: invoice.id,
                reference: found.reference.clone(),
                expected_cents: found.expected_cents,
                actual_cents: found.actual_cents,
                currency: found.currency.clone(),
            };
            tx.record(payment_callbacks::event(&found.program, found.id, invoice, fact))?;
            Ok(())
        })
        .await
}
