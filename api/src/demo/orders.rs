//! The demo's institutions and their purchase orders: an open, a part-paid, a settled and a cancelled one
//! (FAQ 22). Ines acts for the first institution.

use chrono::NaiveDate;
use domain::{
    InvoiceId, OrganisationId,
    access::Role,
    application::ApplicationAct,
    institution::{Institution, InstitutionEvent},
    invoice::PaymentMethod,
    program::ProgramCode,
    purchase_order::{OrderLine, PurchaseOrder},
};

use persistence::Tx;

use super::{
    people::{Cast, grant},
    story::Story,
};
use crate::{
    app::App,
    flows::{
        money::{self, Receipt},
        order::{self, NewOrder},
        program::{self, InForce},
    },
    problem::Problem,
};

/// Numbers of the stories; after the examples' and before the crowd's.
const INSTITUTIONS: u64 = 30;
const OPEN: u64 = 31;
const PART_PAID: u64 = 32;
const SETTLED: u64 = 33;
const CANCELLED: u64 = 34;

/// Names and cities of the institutions.
const NAMES: &[(&str, &str)] = &[
    ("Riverside Public Library", "Springfield, IL 62701"),
    ("Harbor County Library System", "Duluth, MN 55802"),
];

/// The rules of a day.
pub(super) fn rules(tx: &mut Tx<'_>, day: NaiveDate) -> Result<InForce, Problem> {
    let program = tx.programs().get(&ProgramCode::lssc())?;
    program::in_force_on(tx, program, day)
}

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let staff = Some(cast.staff());
    let story = Story::new(app, INSTITUTIONS, staff).await?;
    let mut institutions = Vec::new();
    for (name, city) in NAMES {
        institutions.push(recorded(&story, name, city).await?);
    }
    let [river, harbor] = institutions.as_slice() else {
        return Err(Problem::internal("the demo has two institutions"));
    };
    let since = story.ago(390);
    grant(&story, since, cast.institution(), Role::Institution, Some(river.id)).await?;

    let story = Story::new(app, OPEN, staff).await?;
    let three = [("Greta", "Lund"), ("Hal", "Osei"), ("Ida", "Moreau")];
    placed(&story, river, "RPL-2026-07", 6, &three).await?;

    let story = Story::new(app, PART_PAID, staff).await?;
    let two = [("Jon", "Baptiste"), ("Kira", "Stone")];
    let order = placed(&story, harbor, "HC-881", 20, &two).await?;
    pays(&story, story.ago(9), order.invoice, order.total_cents / 2, "2207").await?;

    let story = Story::new(app, SETTLED, staff).await?;
    let three = [("Lena", "Park"), ("Milo", "Grant"), ("Nora", "Silva")];
    let order = placed(&story, river, "RPL-2025-31", 70, &three).await?;
    pays(&story, story.ago(45), order.invoice, order.total_cents, "10417").await?;

    let story = Story::new(app, CANCELLED, staff).await?;
    let order = placed(&story, harbor, "HC-874", 30, &[("Oscar", "Nolan")]).await?;
    let day = story.ago(10);
    story
        .on(day, staff, move |tx| {
            let rules = rules(tx, day)?;
            let order = tx.purchase_orders().load(order.id)?;
            order::cancel(tx, &rules, order, "The position was not filled.").map(drop)
        })
        .await
}

async fn recorded(
    story: &Story<'_>,
    name: &'static str,
    city: &'static str,
) -> Result<Institution, Problem> {
    let event = story.event(String::new(), ());
    story
        .on(story.ago(400), None, move |tx| {
            let institution = Institution {
                id: tx.new_id(),
                program: ProgramCode::lssc(),
                name: name.to_owned(),
                address: vec!["Accounts payable".to_owned(), city.to_owned()],
                email: "accounts@library.example.org".to_owned(),
                version: 1,
            };
            tx.institutions().insert(&institution)?;
            tx.record(domain::event::Event {
                program: event.program.clone(),
                subject: institution.id.to_string(),
                person: None,
                fact: InstitutionEvent::Recorded { after: institution.clone() },
            })?;
            Ok(institution)
        })
        .await
}

/// People apply, and two days later their institution orders for them.
async fn placed(
    story: &Story<'_>,
    institution: &Institution,
    number: &str,
    days_ago: u64,
    people: &[(&str, &str)],
) -> Result<PurchaseOrder, Problem> {
    let mut lines = Vec::new();
    for name in people {
        lines.push(applies(story, story.ago(days_ago + 2), *name).await?);
    }
    let new = NewOrder {
        number: number.to_owned(),
        total_cents: lines.iter().map(|line| line.amount_cents).sum(),
        pointers: (0..lines.len()).map(|place| format!("/lines/{place}")).collect(),
        lines,
    };
    let (day, id) = (story.ago(days_ago), institution.id);
    story.on(day, None, move |tx| place(tx, day, id, &new)).await
}

fn place(
    tx: &mut Tx<'_>,
    day: NaiveDate,
    institution: OrganisationId,
    new: &NewOrder,
) -> Result<PurchaseOrder, Problem> {
    let rules = rules(tx, day)?;
    let institution = tx.institutions().get(institution)?;
    order::place(tx, &rules, &institution, new)
}

/// Somebody registers and applies; the line that an order has for them.
async fn applies(
    story: &Story<'_>,
    day: NaiveDate,
    (given, family): (&str, &str),
) -> Result<OrderLine, Problem> {
    let email = format!("{}.{}@people.example", given.to_lowercase(), family.to_lowercase());
    let person = story.registers(day, (given, family), email.clone(), None).await?;
    let application = story.drafts(day, person, 30.0).await?;
    let submitted = story.acts(day, application, ApplicationAct::Submit).await?;
    let invoice = submitted.invoice.ok_or_else(|| Problem::internal("no invoice was issued"))?;
    let amount_cents =
        story.on(day, None, move |tx| Ok(tx.invoices().load(invoice)?.total_cents)).await?;
    Ok(OrderLine { name: format!("{given} {family}"), email, amount_cents })
}

/// An organisation pays its invoice by check.
pub(super) async fn pays(
    story: &Story<'_>,
    day: NaiveDate,
    invoice: InvoiceId,
    cents: i64,
    check: &'static str,
) -> Result<(), Problem> {
    story
        .on(day, None, move |tx| {
            let rules = rules(tx, day)?;
            let invoice = tx.invoices().load(invoice)?;
            let receipt = Receipt {
                method: PaymentMethod::Check,
                reference: check.to_owned(),
                paid_by: invoice.payer,
                cents,
                received_on: day,
            };
            let payment = receipt.payment(tx);
            money::receive(tx, &rules, invoice, payment).map(drop)
        })
        .await
}
