//! Invoices and payments as JSON, in and out.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    ApplicationId, InvoiceId, PaymentId, PersonId,
    access::{Action, Caller},
    id::{ApplicationKind, InvoiceKind, PaymentKind, PersonKind},
    invoice::{Invoice, InvoiceState, PaymentMethod},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{facts, state_findings};
use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::{actions, fields::Line},
};

/// One line of an invoice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceLineView {
    /// The fee's code in the schedule.
    #[schema(example = "application")]
    pub code: String,
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

/// A payment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentView {
    /// Its id.
    #[schema(schema_with = id_of::<PaymentKind>)]
    pub id: PaymentId,
    /// How it came in.
    #[schema(schema_with = one_of::<PaymentMethod>)]
    pub method: PaymentMethod,
    /// The outside reference.
    pub reference: String,
    /// Cents.
    pub amount_cents: i64,
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
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
    /// Who owes it.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The application whose fee it is.
    #[schema(schema_with = id_of_or_null::<ApplicationKind>)]
    pub application_id: Option<ApplicationId>,
    /// Where it stands.
    #[schema(schema_with = one_of::<InvoiceState>)]
    pub state: InvoiceState,
    /// What is owed.
    pub lines: Vec<InvoiceLineView>,
    /// The sum of the lines.
    pub total_cents: i64,
    /// What came in.
    pub paid_cents: i64,
    /// What is still owed.
    pub balance_cents: i64,
    /// What is to be returned: all that was paid, once the application was refused.
    pub refund_due_cents: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The day by which it is due.
    pub due_on: NaiveDate,
    /// The payments.
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
        let href = format!("/v1/invoices/{}/payments", invoice.id);
        let findings = state_findings(&invoice);
        let action = actions::view(Action::RecordPayment, "POST", href, findings);
        let may = caller.may(Action::RecordPayment, &facts(&invoice)).is_ok();
        Self {
            id: invoice.id,
            state: invoice.state(),
            paid_cents: invoice.paid_cents(),
            balance_cents: invoice.balance_cents(),
            refund_due_cents: invoice.refund_due_cents(),
            program: invoice.program,
            number: invoice.number,
            person_id: invoice.person,
            application_id: invoice.application,
            lines: invoice
                .lines
                .into_iter()
                .map(|line| InvoiceLineView {
                    code: line.code,
                    quantity: line.quantity,
                    unit_cents: line.unit_cents,
                    amount_cents: line.amount_cents,
                    member_price: line.member_price,
                })
                .collect(),
            total_cents: invoice.total_cents,
            currency: invoice.currency,
            issued_on: invoice.issued_on,
            due_on: invoice.due_on,
            payments: invoice
                .payments
                .into_iter()
                .map(|payment| PaymentView {
                    id: payment.id,
                    method: payment.method,
                    reference: payment.reference,
                    amount_cents: payment.amount_cents,
                    received_on: payment.received_on,
                    recorded_at: payment.recorded_at,
                })
                .collect(),
            version: invoice.version,
            actions: if may { vec![action] } else { Vec::new() },
        }
    }
}

/// Which invoices are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListInvoices {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// A payment that came in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPayment {
    /// How it came in.
    #[schema(schema_with = one_of::<PaymentMethod>)]
    pub method: PaymentMethod,
    /// The outside reference: the processor's, the check's number, the order's number. A card's
    /// is taken once in a program; one check or order may pay several invoices, each once (FAQ 22). A card number is refused: the system holds no card data.
    pub reference: Line,
    /// Cents, at most what is still owed.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub amount_cents: i64,
    /// The day on which it was received; today when left out, and never later.
    #[serde(default)]
    pub received_on: Option<NaiveDate>,
}
