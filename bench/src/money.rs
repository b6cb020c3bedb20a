//! Money at the size that an office meets: an order for 500 people settled in one transaction, the
//! statement of a payer with 200 entries.

use api::{
    app::App,
    flows::{
        money::{self, NewInvoice, Receipt},
        order::{self, NewOrder},
        program,
    },
    problem::Problem,
};
use domain::{
    InvoiceId, OrganisationId, PersonId, fees::Item, institution::Institution,
    invoice::PaymentMethod, ledger::Payer, policy::FeeCode, program::ProgramCode,
    purchase_order::OrderLine,
};
use persistence::Tx;

use crate::{Outcome, raw::told};

/// People on one order.
pub(crate) const ON_ORDER: u64 = 500;
/// Entries of the statement: one for each invoice, one for its payment.
pub(crate) const ENTRIES: u64 = 200;

/// Places an order for the readers of these numbers, who have submitted; its invoice and total in cents.
pub(crate) async fn place(app: &App, readers: Vec<u64>) -> Outcome<(InvoiceId, i64)> {
    let owner = app.clone();
    let placed = app
        .store
        .write(app.stamp_of("bench", "bench"), move |tx| {
            let rules = program::in_force(&owner, tx, &ProgramCode::lssc())?;
            let cents = rules
                .policy
                .fees
                .schedule
                .get(&FeeCode::Application)
                .map_or(0, |fee| fee.price(false));
            let lines: Vec<OrderLine> = readers
                .iter()
                .map(|n| OrderLine {
                    name: format!("Pat Reader {n}"),
                    email: format!("reader{n}@bench.example"),
                    amount_cents: cents,
                })
                .collect();
            let institution = institution(tx, &rules)?;
            let new = NewOrder {
                number: institution.name.clone(),
                pointers: (0..lines.len()).map(|n| format!("/lines/{n}")).collect(),
                total_cents: lines.iter().map(|line| line.amount_cents).sum(),
                lines,
            };
            let order = order::place(tx, &rules, &institution, &new)?;
            Ok::<_, Problem>((order.invoice, order.total_cents))
        })
        .await;
    placed.map_err(|problem| told(&problem))
}

fn institution(tx: &mut Tx<'_>, rules: &program::InForce) -> Result<Institution, Problem> {
    let id: OrganisationId = tx.new_id();
    let institution = Institution {
        id,
        program: rules.program.code.clone(),
        name: format!("Library {id}"),
        address: Vec::new(),
        email: "library@bench.example".to_owned(),
        version: 1,
    };
    tx.institutions().insert(&institution)?;
    Ok(institution)
}

/// Gives a person as many entries as a statement shows here.
pub(crate) async fn entries(app: &App, person: PersonId) -> Outcome<()> {
    for number in 0..ENTRIES / 2 {
        let owner = app.clone();
        let done = app.store.write(app.stamp_of("bench", "bench"), move |tx| {
            let rules = program::in_force(&owner, tx, &ProgramCode::lssc())?;
            let items = [Item { code: FeeCode::Portfolio, quantity: 1 }];
            let new = NewInvoice {
                id: tx.new_id(),
                payer: Payer::Person(person),
                application: None,
                order: None,
                lines: money::priced(tx, &rules, person, &items)?,
                due_on: None,
            };
            let invoice = money::issue(tx, &rules, new)?;
            let receipt = Receipt {
                method: PaymentMethod::Check,
                reference: format!("check {number}"),
                paid_by: invoice.payer,
                cents: invoice.total_cents,
                received_on: rules.today,
            };
            let payment = receipt.payment(tx);
            money::receive(tx, &rules, invoice, payment).map(drop)
        });
        done.await.map_err(|problem| told(&problem))?;
    }
    Ok(())
}
