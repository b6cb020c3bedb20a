//! Payments as JSON, in and out.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    OrganisationId, PaymentId, PersonId,
    access::{Action, Caller},
    id::{OrganisationKind, PaymentKind, PersonKind},
    invoice::{Invoice, Payment, PaymentMethod, Reversal, Tender},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::ActionView,
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::{
        actions,
        fields::{Line, Prose},
        invoices::InvoiceView,
        payouts::PayoutView,
    },
};

/// A payment. What came in is never changed; that it was reversed stands beside it. Amounts are integer cents of the invoice's currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentView {
    /// Its id.
    #[schema(schema_with = id_of::<PaymentKind>)]
    pub id: PaymentId,
    /// How it came in.
    #[schema(schema_with = one_of::<PaymentMethod>)]
    pub method: PaymentMethod,
    /// The outside reference: the processor's, the check's number, the purchase order's number; of an
    /// award the id of its request.
    #[schema(example = "ch_2041")]
    pub reference: String,
    /// Who paid, if a person did.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub paid_by_person_id: Option<PersonId>,
    /// Who paid, if an institution did.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub paid_by_institution_id: Option<OrganisationId>,
    /// What came in.
    #[schema(example = 35000)]
    pub received_cents: i64,
    /// What of it paid the invoice.
    #[schema(example = 35000)]
    pub amount_cents: i64,
    /// What of it was more than was owed, and became credit of who paid.
    pub credited_cents: i64,
    /// What of `amount_cents` was or is to be returned.
    pub refunded_cents: i64,
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// That it was taken back as never received; left out where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reversed: Option<ReversalView>,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// That a payment was taken back as never received.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReversalView {
    /// The day.
    pub reversed_on: NaiveDate,
    /// Why.
    pub reason: String,
}

impl PaymentView {
    /// The payments of an invoice as `caller` sees them.
    #[must_use]
    pub fn of_all(invoice: &Invoice, caller: &Caller) -> Vec<Self> {
        let may = |action| caller.may(action, &invoice.payer.facts()).is_ok();
        let view = |payment: &Payment| {
            let refund = may(Action::RefundPayment).then(|| {
                let href = format!("/v1/payments/{}/refund", payment.id);
                let cents = payment.refundable_cents();
                // Whether its application is open is found out when it is done.
                let mut findings = invoice.refund_findings(cents, false);
                findings.extend(Invoice::return_findings(payment, cents));
                actions::view(Action::RefundPayment, "POST", href, findings)
            });
            let reverse = may(Action::ReversePayment).then(|| {
                let href = format!("/v1/payments/{}/reverse", payment.id);
                let findings = invoice.reversal_findings(payment);
                actions::view(Action::ReversePayment, "POST", href, findings)
            });
            Self {
                id: payment.id,
                method: payment.method,
                reference: payment.reference.clone(),
                paid_by_person_id: payment.paid_by.person(),
                paid_by_institution_id: payment.paid_by.organisation(),
                received_cents: payment.received_cents,
                amount_cents: payment.amount_cents,
                credited_cents: payment.credited_cents(),
                refunded_cents: payment.refunded_cents,
                received_on: payment.received_on,
                recorded_at: payment.recorded_at,
                reversed: payment.reversed.clone().map(|Reversal { on: reversed_on, reason }| {
                    ReversalView { reversed_on, reason }
                }),
                actions: refund.into_iter().chain(reverse).collect(),
            }
        };
        invoice.payments.iter().map(view).collect()
    }
}

/// A payment that came in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPayment {
    /// How it came in.
    #[schema(schema_with = one_of::<Tender>)]
    pub tender: Tender,
    /// The outside reference: the processor's, or the check's number. A card's is taken once in a
    /// program; one check may pay several invoices, each once. A card number is refused: the system
    /// holds no card data.
    pub reference: Line,
    /// What came in, in cents. More than what is owed becomes credit.
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, example = 35000)]
    pub amount_cents: i64,
    /// The day on which it was received; today when left out, and never later.
    #[serde(default)]
    pub received_on: Option<NaiveDate>,
    /// The institution or provider that paid, when it is not the invoice's own payer.
    #[serde(default)]
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub paid_by_institution_id: Option<OrganisationId>,
}

/// What of a payment is returned.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPayment {
    /// Cents; all that can still be returned when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, example = 35000)]
    pub amount_cents: Option<i64>,
    /// Why, for who is paid and for the record.
    pub reason: Prose,
}

/// A payment that is taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReversePayment {
    /// Why, for the record: the check bounced, the card was charged back, the invoice was another one.
    pub reason: Prose,
}

/// A payment of which something was returned.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefundView {
    /// The payment.
    #[schema(schema_with = id_of::<PaymentKind>)]
    pub payment_id: PaymentId,
    /// What is returned of it now, in cents.
    #[schema(example = 35000)]
    pub amount_cents: i64,
    /// The payout that is due; none where credit became credit again, or assistance went back.
    pub payout: Option<PayoutView>,
    /// The invoice as it stands now.
    pub invoice: InvoiceView,
}

/// Credit that is paid out to its payer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundCredit {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Whose credit, if a person's.
    #[serde(default)]
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Whose credit, if an institution's or a provider's.
    #[serde(default)]
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub institution_id: Option<OrganisationId>,
    /// Cents.
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, example = 5000)]
    pub amount_cents: i64,
    /// Why, for who is paid and for the record.
    pub reason: Prose,
}
