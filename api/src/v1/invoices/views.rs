//! Invoices as JSON.

use chrono::NaiveDate;
use domain::{
    ApplicationId, InvoiceId, OrganisationId, PersonId, PurchaseOrderId,
    access::{Action, Caller},
    id::{ApplicationKind, InvoiceKind, OrganisationKind, PersonKind, PurchaseOrderKind},
    invoice::{Invoice, InvoiceLine, InvoiceState},
    policy::FeeCode,
    program::ProgramCode,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::void_findings;
use crate::{
    answer::ActionView,
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::{actions, payments::PaymentView},
};

/// One line of an invoice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceLineView {
    /// The fee's code in the schedule.
    #[schema(schema_with = one_of::<FeeCode>)]
    pub code: FeeCode,
    /// How many.
    pub quantity: i64,
    /// The price of one, in cents.
    #[schema(example = 35000)]
    pub unit_cents: i64,
    /// The price of all, in cents.
    #[schema(example = 35000)]
    pub amount_cents: i64,
    /// Whether the ALA member price was taken.
    pub member_price: bool,
}

impl From<InvoiceLine> for InvoiceLineView {
    fn from(line: InvoiceLine) -> Self {
        Self {
            code: line.code,
            quantity: line.quantity,
            unit_cents: line.unit_cents,
            amount_cents: line.amount_cents,
            member_price: line.member_price,
        }
    }
}

/// The member price that was credited after the fact (FAQ 21).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct MemberCreditView {
    /// The day of the credit.
    pub credited_on: NaiveDate,
    /// Cents.
    #[schema(example = 2500)]
    pub amount_cents: i64,
    /// What of it was taken back with the fee.
    pub taken_back_cents: i64,
}

/// An invoice. Amounts are integer cents of `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceView {
    /// Its id.
    #[schema(schema_with = id_of::<InvoiceKind>)]
    pub id: InvoiceId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its number, without gaps per program and year.
    #[schema(example = "LSSC-2026-000001")]
    pub number: String,
    /// Who owes it, if a person does.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Who owes it, if an institution or a provider does.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub institution_id: Option<OrganisationId>,
    /// The application whose fee it is.
    #[schema(schema_with = id_of_or_null::<ApplicationKind>)]
    pub application_id: Option<ApplicationId>,
    /// The purchase order: of an institution's invoice, whose it is; of a person's, which one pays it.
    #[schema(schema_with = id_of_or_null::<PurchaseOrderKind>)]
    pub purchase_order_id: Option<PurchaseOrderId>,
    /// Where it stands.
    #[schema(schema_with = one_of::<InvoiceState>)]
    pub state: InvoiceState,
    /// What is owed.
    pub lines: Vec<InvoiceLineView>,
    /// The sum of the lines.
    #[schema(example = 35000)]
    pub total_cents: i64,
    /// What was paid of it, never more than the total.
    pub paid_cents: i64,
    /// What is still owed; 0 when it is void.
    pub balance_cents: i64,
    /// What came in beyond that, and became credit of who paid.
    pub credited_cents: i64,
    /// What of `paid_cents` was or is to be returned.
    pub refunded_cents: i64,
    /// The member price that was credited after the fact.
    pub member_credit: Option<MemberCreditView>,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The day by which it is due.
    pub due_on: NaiveDate,
    /// The day on which it was voided.
    pub voided_on: Option<NaiveDate>,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// The payments, oldest first.
    pub payments: Vec<PaymentView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl InvoiceView {
    /// The invoice as `caller` sees it.
    #[must_use]
    pub fn of(invoice: Invoice, caller: &Caller) -> Self {
        let standing = invoice.payments.iter().filter(|payment| payment.reversed.is_none());
        let credited = standing.map(domain::invoice::Payment::credited_cents);
        Self {
            id: invoice.id,
            state: invoice.state(),
            paid_cents: invoice.paid_cents(),
            balance_cents: invoice.balance_cents(),
            credited_cents: credited.fold(0, i64::saturating_add),
            refunded_cents: invoice.refunded_cents(),
            actions: actions_of(&invoice, caller),
            payments: PaymentView::of_all(&invoice, caller),
            program: invoice.program,
            number: invoice.number,
            person_id: invoice.payer.person(),
            institution_id: invoice.payer.organisation(),
            application_id: invoice.application,
            purchase_order_id: invoice.order,
            lines: invoice.lines.into_iter().map(InvoiceLineView::from).collect(),
            total_cents: invoice.total_cents,
            member_credit: invoice.member_credit.map(|credit| MemberCreditView {
                credited_on: credit.on,
                amount_cents: credit.amount_cents,
                taken_back_cents: credit.taken_back_cents,
            }),
            currency: invoice.currency,
            issued_on: invoice.issued_on,
            due_on: invoice.due_on,
            voided_on: invoice.voided_on,
            void_reason: invoice.void_reason,
            version: invoice.version,
        }
    }
}

fn actions_of(invoice: &Invoice, caller: &Caller) -> Vec<ActionView> {
    let facts = invoice.payer.facts();
    [
        (Action::RecordPayment, "payments", invoice.payment_findings()),
        (Action::ApplyCredit, "credit", invoice.payment_findings()),
        (Action::VoidInvoice, "void", void_findings(invoice)),
    ]
    .into_iter()
    .filter(|(action, _, _)| caller.may(*action, &facts).is_ok())
    .map(|(action, segment, findings)| {
        let href = format!("/v1/invoices/{}/{segment}", invoice.id);
        actions::view(action, "POST", href, findings)
    })
    .collect()
}
