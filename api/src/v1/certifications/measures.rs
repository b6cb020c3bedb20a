//! Suspension, reinstatement, revocation, and the reversal of what was wrong.

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    CertificationId,
    access::{Action, Facts},
    certificate::{
        Certification, Measure, MeasureKind, MeasureOrder, MeasureReason, MeasureState,
        PublicMeasure, Reinstatement, Reversal, check_days,
    },
};
use persistence::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CertificationView;
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{measure, program},
    openapi::words::one_of,
    problem::Problem,
    v1::fields::{Prose, Reason},
};

/// A suspension or revocation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeasureView {
    /// Its place in the certification's history, from 1.
    pub number: u32,
    /// What was decided.
    #[schema(schema_with = one_of::<MeasureKind>)]
    pub kind: MeasureKind,
    /// Where it stands on the day.
    #[schema(schema_with = one_of::<MeasureState>)]
    pub state: MeasureState,
    /// Why, in a word.
    #[schema(schema_with = one_of::<MeasureReason>)]
    pub reason_code: MeasureReason,
    /// What anyone may read.
    pub public_text: String,
    /// What the office notes; null for everybody else.
    pub note: Option<String>,
    /// The first day on which it counts.
    pub effective_on: NaiveDate,
    /// The last day of a suspension, as decided or by reinstatement; null while it is open.
    pub ends_on: Option<NaiveDate>,
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// Why the suspension ended before its time; null where it did not.
    pub reinstatement_reason: Option<String>,
    /// The day on which it was reversed; null where it was not.
    pub reversed_on: Option<NaiveDate>,
    /// Why.
    pub reversal_reason: Option<String>,
}

impl MeasureView {
    /// The measure on `as_of`, with the office's note where it is read.
    pub(super) fn of(measure: Measure, as_of: NaiveDate, reads_notes: bool) -> Self {
        Self {
            state: measure.state(as_of),
            ends_on: measure.last_day(),
            number: measure.number,
            kind: measure.kind,
            reason_code: measure.reason_code,
            public_text: measure.public_text,
            note: measure.note.filter(|_| reads_notes),
            effective_on: measure.effective_on,
            decided_on: measure.decided_on,
            reinstatement_reason: measure.reinstatement.map(|one| one.reason),
            reversed_on: measure.reversal.as_ref().map(|one| one.reversed_on),
            reversal_reason: measure.reversal.map(|one| one.reason),
        }
    }
}

/// What anyone may know of a suspension or revocation that is in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicMeasureView {
    /// What was decided.
    #[schema(schema_with = one_of::<MeasureKind>)]
    pub kind: MeasureKind,
    /// Why, in a word.
    #[schema(schema_with = one_of::<MeasureReason>)]
    pub reason_code: MeasureReason,
    /// Why, for people.
    pub public_text: String,
    /// The first day.
    pub effective_on: NaiveDate,
    /// The last day of a suspension, where one is known.
    pub ends_on: Option<NaiveDate>,
}

impl PublicMeasureView {
    /// What is in force on `as_of`: the revocation, else the suspension.
    pub(crate) fn of(certification: &Certification, as_of: NaiveDate) -> Option<Self> {
        let revocation = certification.revocation().filter(|one| one.effective_on <= as_of);
        let measure = PublicMeasure::from(revocation.or_else(|| certification.suspension(as_of))?);
        Some(Self {
            kind: measure.kind,
            reason_code: measure.reason_code,
            public_text: measure.public_text,
            effective_on: measure.effective_on,
            ends_on: measure.ends_on,
        })
    }
}

/// What suspends a certification.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendCertification {
    /// Why, in a word that anyone may read.
    #[schema(schema_with = one_of::<MeasureReason>)]
    pub reason_code: MeasureReason,
    /// Why, for anyone who verifies the certificate.
    pub public_text: Prose,
    /// What the office alone reads.
    #[serde(default)]
    pub note: Option<Prose>,
    /// The first day, today or later; today when left out.
    #[serde(default)]
    pub effective_on: Option<NaiveDate>,
    /// The last day; open when left out.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
}

/// What revokes a certification.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeCertification {
    /// Why, in a word that anyone may read.
    #[schema(schema_with = one_of::<MeasureReason>)]
    pub reason_code: MeasureReason,
    /// Why, for anyone who verifies the certificate.
    pub public_text: Prose,
    /// What the office alone reads.
    #[serde(default)]
    pub note: Option<Prose>,
    /// The first day, today or later; today when left out.
    #[serde(default)]
    pub effective_on: Option<NaiveDate>,
}

/// What ends a suspension.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReinstateCertification {
    /// Why, for the holder and for the record.
    pub reason: Prose,
    /// The first day without the suspension, today or later; today when left out.
    #[serde(default)]
    pub effective_on: Option<NaiveDate>,
}

/// The certification of `id`, held, with today, for an act of the office.
fn held(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    (action, id): (Action, CertificationId),
) -> Result<(Certification, NaiveDate), Problem> {
    call.signed()?;
    let certification = tx.certifications().get(id)?;
    call.allow(action, &Facts::of_person(certification.person))?;
    let today = program::today(app, tx, &certification.program)?;
    Ok((certification, today))
}

fn answer(call: &Call, certification: Certification, today: NaiveDate) -> Reply {
    let version = certification.version;
    let view = CertificationView::of(certification, today, today, call.caller());
    Reply::ok(&view).etag(version).private()
}

/// Suspend a certification
///
/// From `effective_on` through `ends_on`, or until it is reinstated, its holder is not certified; who verifies
/// the certificate reads the reason code and the public text, never the note. The term runs on, and a renewal
/// may be submitted. 409 where it is revoked, lapsed by then, or suspended on one of these days already.
/// Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = SuspendCertification,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CertificationView)))]
#[post("/v1/certifications/{certification_id}/suspend")]
pub(crate) async fn suspend_certification(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    body: Body<SuspendCertification>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let action = Action::SuspendCertification;
            let (certification, today) = held(&app, tx, call, (action, *id))?;
            let body = body.get()?;
            let order = MeasureOrder {
                reason_code: body.reason_code,
                public_text: body.public_text.to_string(),
                note: body.note.clone().map(String::from),
                effective_on: body.effective_on.unwrap_or(today),
                ends_on: body.ends_on,
                decided_by: call.actor(),
            };
            order.check(today)?;
            let suspended = measure::save(tx, certification.suspend(order, today)?)?;
            Ok(answer(call, suspended, today))
        })
        .await
}

/// End a suspension
///
/// The suspension that holds on `effective_on` ends the day before. 409 where none does. A suspension that was
/// wrong is reversed instead: then it never counted. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = ReinstateCertification,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CertificationView)))]
#[post("/v1/certifications/{certification_id}/reinstate")]
pub(crate) async fn reinstate_certification(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    body: Body<ReinstateCertification>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let action = Action::ReinstateCertification;
            let (certification, today) = held(&app, tx, call, (action, *id))?;
            let body = body.get()?;
            let effective_on = body.effective_on.unwrap_or(today);
            check_days(effective_on, None, today)?;
            let reinstatement = Reinstatement {
                effective_on,
                reason: body.reason.to_string(),
                decided_on: today,
                decided_by: call.actor(),
            };
            let reinstated = measure::save(tx, certification.reinstate(reinstatement)?)?;
            Ok(answer(call, reinstated, today))
        })
        .await
}

/// Revoke a certification
///
/// From `effective_on` on its holder is not certified any more, whatever its dates say, and it cannot be
/// renewed; who verifies the certificate reads the reason code and the public text, never the note. The number
/// stays. What it rests on can be voided from that day on. 409 where it is revoked already. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = RevokeCertification,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CertificationView)))]
#[post("/v1/certifications/{certification_id}/revoke")]
pub(crate) async fn revoke_certification(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    body: Body<RevokeCertification>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let action = Action::RevokeCertification;
            let (certification, today) = held(&app, tx, call, (action, *id))?;
            let body = body.get()?;
            let order = MeasureOrder {
                reason_code: body.reason_code,
                public_text: body.public_text.to_string(),
                note: body.note.clone().map(String::from),
                effective_on: body.effective_on.unwrap_or(today),
                ends_on: None,
                decided_by: call.actor(),
            };
            order.check(today)?;
            let revoked = measure::save(tx, certification.revoke(order, today)?)?;
            Ok(answer(call, revoked, today))
        })
        .await
}

/// Reverse a suspension or revocation
///
/// It was wrong: it never counted, on no day, and the history keeps it with the reason. 404 where there is no
/// measure of this number; 409 where it was reversed before, and for a revocation where an achievement on which
/// the certification rests was voided since. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CertificationView)))]
#[post("/v1/certifications/{certification_id}/measures/{measure}/reverse")]
pub(crate) async fn reverse_measure(
    app: App,
    call: Call,
    path: PathOf<(CertificationId, u32)>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let (id, number) = *path;
            let (certification, today) = held(&app, tx, call, (Action::ReverseMeasure, id))?;
            let reversal = Reversal {
                reversed_on: today,
                reason: body.get()?.reason.to_string(),
                reversed_by: call.actor(),
            };
            let reversed = measure::reverse(tx, certification, number, reversal)?;
            Ok(answer(call, reversed, today))
        })
        .await
}
