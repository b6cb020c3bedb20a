//! `POST /v1/evaluations/certification-status` (FAQ 19).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    calendar,
    certification::term::{self, CertificationStatus, Marks},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evaluation, ProgramData, joined};
use crate::{
    answer::Reply, app::App, call::Call, extract::Body, openapi::words::one_of, problem::Problem,
};

/// What a certification's status is computed from.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificationStatusRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The day on which the certification was completed.
    pub completed_on: NaiveDate,
    /// How many renewals were granted; 0 where it is left out.
    #[schema(minimum = 0, maximum = 40)]
    pub renewals: Option<i64>,
    /// Of a provisional award whose condition is open: the last day on which it can be met (FAQ 12).
    pub provisional_until: Option<NaiveDate>,
    /// The day asked for; today where it is left out.
    pub as_of: Option<NaiveDate>,
}

/// A certification on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct CertificationStatusAnswer {
    /// Its status.
    #[schema(schema_with = one_of::<CertificationStatus>)]
    pub status: CertificationStatus,
    /// The last day of its term.
    pub expires_on: NaiveDate,
    /// The first day on which a renewal may be submitted.
    pub renewal_opens_on: NaiveDate,
    /// The last.
    pub grace_ends_on: NaiveDate,
    /// Whether a renewal may be submitted on the day.
    pub renewal_open: bool,
    /// Whether the public may rely on it.
    pub certified: bool,
}

impl Evaluation for CertificationStatusRequest {
    type Answer = CertificationStatusAnswer;
    fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }
    fn policy_day(&self) -> Option<NaiveDate> {
        self.as_of
    }
    fn evaluate(
        self,
        program: &ProgramData,
        today: NaiveDate,
    ) -> Result<CertificationStatusAnswer, Vec<BadFact>> {
        let renewals = self.renewals.unwrap_or_default();
        let as_of = self.as_of.unwrap_or(today);
        let mut bad = Vec::new();
        if let Some(last) = self.provisional_until {
            bad.extend(calendar::check_date("/provisional_until", last).err());
        }
        let marks = Marks { provisional_until: self.provisional_until, ..Marks::default() };
        let status = term::standing_on(self.completed_on, renewals, as_of, marks, &program.policy);
        let status = joined(status, bad)?;
        Ok(CertificationStatusAnswer {
            status: status.status,
            expires_on: status.expires_on,
            renewal_opens_on: status.renewal_opens_on,
            grace_ends_on: status.grace_ends_on,
            renewal_open: status.renewal_open,
            certified: status.certified,
        })
    }
}

/// Evaluate the status of a certification
///
/// The status of a certification on a day, by its dates alone (FAQ 19), and by the condition of a
/// provisional award where one is open (FAQ 12).
#[utoipa::path(
    tag = "Evaluations",
    request_body = CertificationStatusRequest,
    responses((status = 200, body = CertificationStatusAnswer, description = "The status on the day."))
)]
#[post("/v1/evaluations/certification-status")]
pub(crate) async fn evaluate_certification_status(
    app: App,
    call: Call,
    body: Body<CertificationStatusRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluateCertificationStatus, body).await
}
