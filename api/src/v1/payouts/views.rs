//! Payouts as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    InvoiceId, OrganisationId, PaymentId, PayoutId, PersonId, SubsidyId,
    access::{Action, Caller},
    id::{
        InvoiceKind, OrganisationKind, PaymentKind, PayoutKind as PayoutIdKind, PersonKind,
        SubsidyKind,
    },
    invoice::Tender,
    payout::{Payout, PayoutKind, PayoutState},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::{actions, fields::Line},
};

/// Money that the program pays out. Amounts are integer cents of `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PayoutView {
    /// Its id.
    #[schema(schema_with = id_of::<PayoutIdKind>)]
    pub id: PayoutId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// To whom, if to a person.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// To whom, if to an institution.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub institution_id: Option<OrganisationId>,
    /// What it is for.
    #[schema(schema_with = one_of::<PayoutKind>)]
    pub kind: PayoutKind,
    /// Where it stands.
    #[schema(schema_with = one_of::<PayoutState>)]
    pub state: PayoutState,
    /// How much.
    #[schema(example = 35000)]
    pub amount_cents: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The invoice of the payment that is returned.
    #[schema(schema_with = id_of_or_null::<InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// The payment that is returned.
    #[schema(schema_with = id_of_or_null::<PaymentKind>)]
    pub payment_id: Option<PaymentId>,
    /// The course subsidy that is reimbursed.
    #[schema(schema_with = id_of_or_null::<SubsidyKind>)]
    pub subsidy_id: Option<SubsidyId>,
    /// Why.
    pub reason: String,
    /// From when on it is due.
    pub due_on: NaiveDate,
    /// How it was made.
    #[schema(schema_with = one_of_or_null::<Tender>)]
    pub tender: Option<Tender>,
    /// The outside reference under which it was made.
    pub reference: Option<String>,
    /// The day on which it was made.
    pub paid_on: Option<NaiveDate>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl PayoutView {
    /// The payout as `caller` sees it.
    #[must_use]
    pub fn of(payout: Payout, caller: &Caller) -> Self {
        let may = caller.may(Action::RecordPayout, &payout.payee.facts()).is_ok();
        let href = format!("/v1/payouts/{}/record", payout.id);
        let finding = payout.make_finding();
        let record = actions::view(Action::RecordPayout, "POST", href, vec![finding]);
        Self {
            id: payout.id,
            state: payout.state(),
            program: payout.program,
            person_id: payout.payee.person(),
            institution_id: payout.payee.organisation(),
            kind: payout.kind,
            amount_cents: payout.amount_cents,
            currency: payout.currency,
            invoice_id: payout.invoice,
            payment_id: payout.payment,
            subsidy_id: payout.subsidy,
            reason: payout.reason,
            due_on: payout.due_on,
            tender: payout.made.as_ref().map(|made| made.tender),
            paid_on: payout.made.as_ref().map(|made| made.paid_on),
            reference: payout.made.map(|made| made.reference),
            version: payout.version,
            actions: if may { vec![record] } else { Vec::new() },
        }
    }
}

/// Which payouts are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPayouts {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those in a state.
    #[param(schema_with = one_of::<PayoutState>, required = false)]
    pub state: Option<PayoutState>,
    /// Only those to a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those to an institution.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub institution_id: Option<OrganisationId>,
    /// Only those of payments of an invoice.
    #[param(schema_with = id_of::<InvoiceKind>, required = false)]
    pub invoice_id: Option<InvoiceId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// How a payout was made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPayout {
    /// How.
    #[schema(schema_with = one_of::<Tender>)]
    pub tender: Tender,
    /// The outside reference: the processor's, or the check's number. A card number is refused: the
    /// system holds no card data.
    pub reference: Line,
    /// The day; today when left out, and never later.
    #[serde(default)]
    pub paid_on: Option<NaiveDate>,
}
