//! Callbacks that do not agree with what is recorded: the office says what became of them.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    DiscrepancyId, InvoiceId, PaymentId,
    access::{Action, Caller, Facts},
    decision,
    discrepancy::{Discrepancy, DiscrepancyState},
    id::{DiscrepancyKind, InvoiceKind, PaymentKind},
    invoice::check_no_card,
    program::ProgramCode,
};
use persistence::DiscrepancyFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{ActionView, FindingView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::{money, program},
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
    v1::{actions, fields::Prose, payment_callbacks},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_payment_discrepancies)
        .service(get_payment_discrepancy)
        .service(resolve_payment_discrepancy);
}

/// A callback of a payment provider that does not agree with what is recorded. Nothing was recorded for
/// it. Amounts are integer cents.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DiscrepancyView {
    /// Its id.
    #[schema(schema_with = id_of::<DiscrepancyKind>)]
    pub id: DiscrepancyId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The invoice that the callback names.
    #[schema(schema_with = id_of::<InvoiceKind>)]
    pub invoice_id: InvoiceId,
    /// The payment that was recorded under the same reference.
    #[schema(schema_with = id_of_or_null::<PaymentKind>)]
    pub payment_id: Option<PaymentId>,
    /// The provider's reference.
    #[schema(example = "ch_2041")]
    pub reference: String,
    /// What is recorded under the reference, or what was owed.
    #[schema(example = 35000)]
    pub expected_cents: i64,
    /// What the callback says, in cents of `currency`.
    #[schema(example = 53000)]
    pub actual_cents: i64,
    /// The currency of the callback, ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// Why it was not taken.
    pub findings: Vec<FindingView>,
    /// Where it stands.
    #[schema(schema_with = one_of::<DiscrepancyState>)]
    pub state: DiscrepancyState,
    /// When it came first.
    pub received_at: DateTime<Utc>,
    /// The day on which the office resolved it.
    pub resolved_on: Option<NaiveDate>,
    /// What became of it.
    pub resolution: Option<String>,
    /// Whether its money was taken as credit of the invoice's payer.
    pub taken_as_credit: bool,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl DiscrepancyView {
    fn of(found: Discrepancy, caller: &Caller) -> Self {
        let may = caller.may(Action::ResolvePaymentDiscrepancy, &Facts::default()).is_ok();
        let href = format!("/v1/payment-discrepancies/{}/resolution", found.id);
        let finding = found.resolve_finding();
        let action = Action::ResolvePaymentDiscrepancy;
        let resolve = actions::view(action, "POST", href, vec![finding]);
        Self {
            id: found.id,
            state: found.state(),
            program: found.program,
            invoice_id: found.invoice,
            payment_id: found.payment,
            reference: found.reference,
            expected_cents: found.expected_cents,
            actual_cents: found.actual_cents,
            currency: found.currency,
            findings: found.findings.into_iter().map(FindingView::from).collect(),
            received_at: found.received_at,
            resolved_on: found.resolved_on,
            resolution: found.resolution,
            taken_as_credit: found.taken_as_credit,
            version: found.version,
            actions: if may { vec![resolve] } else { Vec::new() },
        }
    }
}

/// Which discrepancies are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPaymentDiscrepancies {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those in a state.
    #[param(schema_with = one_of::<DiscrepancyState>, required = false)]
    pub state: Option<DiscrepancyState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// What became of a discrepancy.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveDiscrepancy {
    /// What was found out and done about it.
    pub resolution: Prose,
    /// Take the money that came in, which is recorded nowhere, as credit of the invoice's payer. Not of a
    /// reference that is recorded already.
    #[serde(default)]
    pub take_as_credit: bool,
}

fn answer(call: &Call, found: Discrepancy) -> Reply {
    let version = found.version;
    Reply::ok(&DiscrepancyView::of(found, call.caller())).etag(version).private()
}

/// List payment discrepancies
///
/// Callbacks of payment providers that do not agree with what is recorded, oldest first: with
/// `state=open` it is the office's queue (FAQ 22).
#[utoipa::path(tag = "Money", params(ListPaymentDiscrepancies),
    responses((status = 200, body = Listing<DiscrepancyView>)))]
#[get("/v1/payment-discrepancies")]
pub(crate) async fn list_payment_discrepancies(
    app: App,
    call: Call,
    query: Query<ListPaymentDiscrepancies>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListPaymentDiscrepancies, &Facts::default())?;
        let page = Page::<DiscrepancyId>::of(query.limit, query.cursor.as_ref())?;
        let filter = DiscrepancyFilter { program: query.program.clone(), state: query.state };
        let rows = tx.discrepancies().list(&filter, page.rows())?;
        let view = |row| DiscrepancyView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a payment discrepancy
///
/// What was expected, what came, and the findings. Amounts are integer cents.
#[utoipa::path(tag = "Money", responses((status = 200, body = DiscrepancyView)))]
#[get("/v1/payment-discrepancies/{discrepancy_id}")]
pub(crate) async fn get_payment_discrepancy(
    app: App,
    call: Call,
    id: PathOf<DiscrepancyId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetPaymentDiscrepancy, &Facts::default())?;
        let found = tx.discrepancies().get(*id)?;
        Ok(seen.answer(answer(call, found)))
    })
    .await
}

/// Resolve a payment discrepancy
///
/// Staff say what became of it; once. Money that came in for an invoice that takes none is taken as credit
/// of its payer with `take_as_credit`, to pay another invoice or to be paid out; otherwise no money moves.
/// Not taken is money that a payment stands or stood for (422 `discrepancy.unrecorded`), money of another
/// currency than the invoice's (422 `discrepancy.currency`), and that of a reference which was credited
/// before (409 `discrepancy.credited_once`). Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = ResolveDiscrepancy,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = DiscrepancyView)))]
#[post("/v1/payment-discrepancies/{discrepancy_id}/resolution")]
pub(crate) async fn resolve_payment_discrepancy(
    app: App,
    call: Call,
    id: PathOf<DiscrepancyId>,
    body: Body<ResolveDiscrepancy>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            call.allow(Action::ResolvePaymentDiscrepancy, &Facts::default())?;
            let found = tx.discrepancies().get(*id)?;
            let resolution = body.get()?.resolution.to_string();
            if let Some(bad) = check_no_card("/resolution", &resolution) {
                return Err(bad.into());
            }
            let take = body.get()?.take_as_credit;
            let rules = program::in_force(&app, tx, &found.program)?;
            let invoice = tx.invoices().load(found.invoice)?;
            call.allow(Action::ResolvePaymentDiscrepancy, &invoice.payer.facts())?;
            if take {
                decision::by_state(vec![found.resolve_finding()])?;
                let recorded = tx.invoices().card_payment(&found.program, &found.reference)?;
                let recorded = recorded.map(|(_, payment)| payment.id);
                decision::by_rule(found.credit_findings(&invoice, recorded))?;
                let credited = tx.discrepancies().credited(&found.program, &found.reference)?;
                let credited = credited.map(|one| one.id);
                decision::by_state(vec![Discrepancy::credited_once_finding(credited)])?;
            }
            let (mut resolved, fact) = found.resolve(resolution, take, rules.today)?;
            tx.discrepancies().save(&mut resolved)?;
            if take {
                money::take_as_credit(tx, &rules, &invoice, &resolved)?;
            }
            tx.record(payment_callbacks::event(&resolved.program, resolved.id, &invoice, fact))?;
            Ok(answer(call, resolved))
        })
        .await
}
