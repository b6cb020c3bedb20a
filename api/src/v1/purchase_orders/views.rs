//! Purchase orders as JSON.

use chrono::NaiveDate;
use domain::{
    ApplicationId, InvoiceId, OrganisationId, PersonId, PurchaseOrderId,
    access::{Action, Caller},
    id::{ApplicationKind, InvoiceKind, OrganisationKind, PersonKind, PurchaseOrderKind},
    invoice::Invoice,
    program::ProgramCode,
    purchase_order::{LineOutcome, OrderCheck, OrderState, PlacedLine, PurchaseOrder},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts;
use crate::{
    answer::{ActionView, FindingView},
    flows::order::{NewOrder, results},
    openapi::words::{id_of, one_of, one_of_or_null},
    problem::LineResult,
    v1::actions,
};

/// One person on an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlacedLineView {
    /// Its place, from 1; a swap adds a place.
    pub place: i64,
    /// The person's name, as the order gives it.
    pub name: String,
    /// The person's e-mail address, as the order gives it.
    pub email: String,
    /// What the order pays. Cents.
    #[schema(example = 35000)]
    pub amount_cents: i64,
    /// Who it is.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The application whose fee it pays.
    #[schema(schema_with = id_of::<ApplicationKind>)]
    pub application_id: ApplicationId,
    /// The invoice of that fee.
    #[schema(schema_with = id_of::<InvoiceKind>)]
    pub invoice_id: InvoiceId,
    /// What became of it; null while it stands.
    #[schema(schema_with = one_of_or_null::<LineOutcome>)]
    pub outcome: Option<LineOutcome>,
}

impl From<PlacedLine> for PlacedLineView {
    fn from(line: PlacedLine) -> Self {
        Self {
            place: line.place,
            name: line.name,
            email: line.email,
            amount_cents: line.amount_cents,
            person_id: line.person,
            application_id: line.application,
            invoice_id: line.invoice,
            outcome: line.outcome,
        }
    }
}

/// A purchase order without its lines. Amounts are integer cents of `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PurchaseOrderSummary {
    /// Its id.
    #[schema(schema_with = id_of::<PurchaseOrderKind>)]
    pub id: PurchaseOrderId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Who orders.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub institution_id: OrganisationId,
    /// The institution's own number of it.
    #[schema(example = "PO-2026-17")]
    pub number: String,
    /// Where it stands.
    #[schema(schema_with = one_of::<OrderState>)]
    pub state: OrderState,
    /// Its invoice to the institution.
    #[schema(schema_with = id_of::<InvoiceKind>)]
    pub invoice_id: InvoiceId,
    /// The sum of the lines that pay for somebody.
    pub total_cents: i64,
    /// What of its invoice is paid.
    pub paid_cents: i64,
    /// What of its invoice is still to be paid; nobody is activated before all of it is.
    pub balance_cents: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The day on which it was accepted.
    pub placed_on: NaiveDate,
    /// The day on which it was paid in full.
    pub settled_on: Option<NaiveDate>,
    /// The day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// The version of the record.
    pub version: i64,
    /// What this caller may do next, and if not, why; `{place}` is that of a line.
    pub actions: Vec<ActionView>,
}

/// A purchase order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PurchaseOrderView {
    /// The order.
    #[serde(flatten)]
    pub order: PurchaseOrderSummary,
    /// Its lines, in order of their places.
    pub lines: Vec<PlacedLineView>,
}

/// The acts on an order, with their words and paths.
const OFFERED: &[(Action, &str, &str)] = &[
    (Action::SwapPurchaseOrderLine, "swap a person", "lines/{place}/swap"),
    (Action::CancelPurchaseOrder, "cancel the order", "cancel"),
];

impl PurchaseOrderSummary {
    /// The order as `caller` sees it, with its invoice.
    #[must_use]
    pub fn of(order: PurchaseOrder, bill: Option<&Invoice>, caller: &Caller) -> Self {
        Self {
            actions: OFFERED
                .iter()
                .filter(|(action, ..)| caller.may(*action, &facts(&order)).is_ok())
                .map(|(action, act, path)| {
                    let href = format!("/v1/purchase-orders/{}/{path}", order.id);
                    actions::view(*action, "POST", href, vec![order.open_finding(act)])
                })
                .collect(),
            id: order.id,
            state: order.state(),
            program: order.program,
            institution_id: order.institution,
            number: order.number,
            invoice_id: order.invoice,
            total_cents: order.total_cents,
            paid_cents: bill.map_or(0, Invoice::paid_cents),
            balance_cents: bill.map_or(0, Invoice::balance_cents),
            currency: order.currency,
            placed_on: order.placed_on,
            settled_on: order.settled_on,
            cancelled_on: order.cancelled_on,
            cancel_reason: order.cancel_reason,
            version: order.version,
        }
    }
}

impl PurchaseOrderView {
    /// The order as `caller` sees it, with its invoice.
    #[must_use]
    pub fn of(mut order: PurchaseOrder, bill: &Invoice, caller: &Caller) -> Self {
        let lines = std::mem::take(&mut order.lines);
        Self {
            order: PurchaseOrderSummary::of(order, Some(bill), caller),
            lines: lines.into_iter().map(PlacedLineView::from).collect(),
        }
    }
}

/// What handing in an order would come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderCheckView {
    /// Whether it would be accepted.
    pub accepted: bool,
    /// What each line came to, in order.
    pub lines: Vec<LineResult>,
    /// The sum of the lines. Cents.
    pub expected_total_cents: i64,
    /// The total that the order states. Cents.
    pub actual_total_cents: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// On the order as a whole.
    pub findings: Vec<FindingView>,
}

impl OrderCheckView {
    /// The check of an order.
    #[must_use]
    pub fn of(new: &NewOrder, check: &OrderCheck, currency: String) -> Self {
        Self {
            accepted: check.accepted,
            lines: results(new, check),
            expected_total_cents: check.expected_total_cents,
            actual_total_cents: check.actual_total_cents,
            currency,
            findings: check.findings.iter().cloned().map(FindingView::from).collect(),
        }
    }
}
