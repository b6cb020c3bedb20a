//! What invoices are asked for and issued with.

use chrono::NaiveDate;
use domain::{
    ApplicationId, OrganisationId, PersonId,
    id::{ApplicationKind, OrganisationKind, PersonKind},
    invoice::InvoiceState,
    program::ProgramCode,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::{evaluations::fees::FeeItem, fields::Term},
};

/// Which invoices are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListInvoices {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those that a person owes.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those that an institution owes.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub institution_id: Option<OrganisationId>,
    /// Only that of the fee of an application.
    #[param(schema_with = id_of::<ApplicationKind>, required = false)]
    pub application_id: Option<ApplicationId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<InvoiceState>, required = false)]
    pub state: Option<InvoiceState>,
    /// Only the one of this number.
    pub number: Option<Term>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// An invoice that staff issue by hand: to a person or to an institution.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueInvoice {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Who owes it, if a person does.
    #[serde(default)]
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Who owes it, if an institution does.
    #[serde(default)]
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub institution_id: Option<OrganisationId>,
    /// What is owed, at the prices in force today. Not the application fee of a person: that follows
    /// from submission.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<FeeItem>,
    /// The day by which it is due, today at the earliest; as many days from today as the policy gives
    /// when left out.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
}

/// How much credit pays an invoice.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyCredit {
    /// Cents; as much as there is and is owed when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, example = 2500)]
    pub amount_cents: Option<i64>,
}
