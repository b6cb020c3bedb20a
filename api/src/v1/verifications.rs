//! Verification: anyone may ask whether a certificate holds (FAQ 4, 20). Minimal data, a verdict per
//! check.

use std::num::NonZeroU32;

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
    certificate::{CertificateNumber, Certification, CheckName, NotACertificateNumber, Verdict},
    certification::term::CertificationStatus,
    program::ProgramCode,
};
use persistence::Error;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::certifications::{CertificationCondition, PublicMeasureView};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{AsOf, Body, PathOf, Query},
    flows::program,
    openapi::words::{one_of, one_of_or_null},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(verify_certificate).service(verify_certificates);
}

/// The most numbers of one batch.
const MOST: usize = 100;

/// One check of a verification.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckView {
    /// Which.
    #[schema(schema_with = one_of::<CheckName>)]
    pub check: CheckName,
    /// Whether it holds.
    #[schema(schema_with = one_of::<Verdict>)]
    pub verdict: Verdict,
    /// One sentence for people.
    pub detail: String,
}

/// What anyone may know of a certificate on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerificationView {
    /// The number in its canonical form.
    #[schema(value_type = String, example = "LSSC-2026-7K3M9QX")]
    pub number: CertificateNumber,
    /// The day.
    pub as_of: NaiveDate,
    /// Whether its holder is certified on the day.
    pub certified: bool,
    /// Where it stands; null before its first term.
    #[schema(schema_with = one_of_or_null::<CertificationStatus>)]
    pub status: Option<CertificationStatus>,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The name as printed on the edition in force.
    pub holder_name: String,
    /// The edition in force.
    pub edition: u32,
    /// First day of the first term.
    pub completed_on: NaiveDate,
    /// Last day of the term that holds on the day.
    pub expires_on: NaiveDate,
    /// The public condition under which it was awarded; left out where there was none (FAQ 12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<CertificationCondition>,
    /// The suspension or revocation in force; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<PublicMeasureView>,
    /// The checks, each with its verdict.
    pub checks: Vec<CheckView>,
}

impl VerificationView {
    fn of(certification: Certification, as_of: NaiveDate, edition: Option<u32>) -> Self {
        let verification = certification.verify(as_of, edition);
        let expires_on = certification.dates_on(as_of).expires_on;
        let condition = CertificationCondition::of(&certification, as_of);
        Self {
            condition,
            edition: certification.edition(),
            measure: PublicMeasureView::of(&certification, as_of),
            number: certification.number,
            as_of,
            certified: verification.certified,
            status: verification.status,
            program: certification.program,
            holder_name: certification.holder_name,
            completed_on: certification.completed_on,
            expires_on,
            checks: verification
                .checks
                .into_iter()
                .map(|check| CheckView {
                    check: check.check,
                    verdict: check.verdict,
                    detail: check.detail,
                })
                .collect(),
        }
    }
}

/// The outcome of one number of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchedVerification {
    /// The number as it was sent.
    pub asked: String,
    /// Whether a certificate of this number was awarded.
    pub found: bool,
    /// Its verification.
    pub verification: Option<VerificationView>,
    /// Why there is none.
    pub detail: Option<String>,
}

/// Numbers to verify.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyCertificates {
    /// The numbers, 1 to 100.
    #[schema(min_items = 1, max_items = 100)]
    pub numbers: Vec<String>,
    /// The day; today when left out.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
}

/// The outcomes of a batch, in the order of its numbers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchVerification {
    /// One for each number.
    pub items: Vec<BatchedVerification>,
}

const UNKNOWN: &str = "No certificate of this number was awarded.";

/// What is verified.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerifyQuery {
    /// The day; today when left out.
    pub as_of: Option<AsOf>,
    /// The edition that a print tells: whether it is the one in force.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 4_294_967_295_i64)]
    pub edition: Option<NonZeroU32>,
}

/// Verify a certificate
///
/// Whether its holder is certified on `as_of`, today when left out, with a verdict per check. The number
/// is read as people type it: any case, O for 0, I and L for 1. A number that was never awarded, and
/// one with a mistyped character, is 404. A provisional certification says so, with its public condition
/// and the last day on which that can be met. One that is suspended or revoked says so, with the reason
/// code and the public text of the decision. With `edition`, which every print tells, the check
/// `edition_current` says whether that print was superseded by a reissue; the certificate itself verifies all
/// the same.
#[utoipa::path(tag = "Public", params(VerifyQuery),
    responses((status = 200, body = VerificationView)))]
#[get("/v1/verifications/{number}")]
pub(crate) async fn verify_certificate(
    app: App,
    call: Call,
    number: PathOf<String>,
    query: Query<VerifyQuery>,
) -> Result<Reply, Problem> {
    call.allow(Action::VerifyCertificate, &Facts::default())?;
    let number: CertificateNumber = number
        .parse()
        .map_err(|error: NotACertificateNumber| Problem::unknown_certificate(error.to_string()))?;
    app.clone()
        .read(&call, move |tx, _call| {
            let certification =
                tx.certifications().by_number(&number).map_err(|error| match error {
                    Error::NotFound => Problem::unknown_certificate(UNKNOWN),
                    other => other.into(),
                })?;
            let day = match query.as_of {
                Some(day) => day.0,
                None => program::today(&app, tx, &certification.program)?,
            };
            let edition = query.edition.map(NonZeroU32::get);
            Ok(Reply::ok(&VerificationView::of(certification, day, edition))
                .header("Cache-Control", "no-cache"))
        })
        .await
}

/// Verify up to a hundred certificates
///
/// Each number gets its own outcome, in the order in which they were sent.
#[utoipa::path(tag = "Public", request_body = VerifyCertificates,
    responses((status = 200, body = BatchVerification)))]
#[post("/v1/verifications")]
pub(crate) async fn verify_certificates(
    app: App,
    call: Call,
    body: Body<VerifyCertificates>,
) -> Result<Reply, Problem> {
    call.allow(Action::VerifyCertificates, &Facts::default())?;
    let body = body.take()?;
    if !(1..=MOST).contains(&body.numbers.len()) {
        let detail = format!("A batch has 1 to {MOST} numbers.");
        return Err(Problem::input("/numbers", "length", detail));
    }
    app.clone()
        .read(&call, move |tx, _call| {
            let numbers: Vec<_> = body.numbers.iter().filter_map(|one| one.parse().ok()).collect();
            let found = tx.certifications().by_numbers(&numbers)?;
            // Today is another day in another program's zone.
            let programs = tx.programs().list()?;
            let today = |code: &ProgramCode| {
                programs.iter().find(|one| one.code == *code).map(|one| app.today(one))
            };
            let day = |code: &ProgramCode| body.as_of.or_else(|| today(code)).unwrap_or_default();
            let items = body.numbers.iter().map(|asked| batched(asked, &found, day)).collect();
            Ok(Reply::ok(&BatchVerification { items }).header("Cache-Control", "no-cache"))
        })
        .await
}

fn batched(
    asked: &str,
    found: &[Certification],
    day: impl Fn(&ProgramCode) -> NaiveDate,
) -> BatchedVerification {
    let outcome = match asked.parse::<CertificateNumber>() {
        Err(error) => Err(error.to_string()),
        Ok(number) => {
            found.iter().find(|one| one.number == number).cloned().ok_or_else(|| UNKNOWN.to_owned())
        }
    };
    let (verification, detail) = match outcome {
        Ok(certification) => {
            let day = day(&certification.program);
            (Some(VerificationView::of(certification, day, None)), None)
        }
        Err(detail) => (None, Some(detail)),
    };
    BatchedVerification {
        asked: asked.to_owned(),
        found: verification.is_some(),
        verification,
        detail,
    }
}
