//! What the office does with applications.

use actix_web::post;
use domain::{ApplicationId, access::Action};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApplicationView, answer, facts, record};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{admission, program},
    problem::Problem,
    v1::fields::{Prose, Reason},
};

/// What the office asks for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestInformation {
    /// What is needed, for the applicant.
    pub message: Prose,
}

/// An acceptance.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptApplication {
    /// Accept although eligibility is not shown, for this reason. The fee must be settled all the same.
    #[serde(default)]
    pub override_reason: Option<Prose>,
}

/// Take an application into review
#[utoipa::path(tag = "Office", responses((status = 200, body = ApplicationView)))]
#[post("/v1/applications/{application_id}/review")]
pub(crate) async fn review_application(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::ReviewApplication, &facts(&application))?;
            record(&app, tx, call, application.review()?)
        })
        .await
}

/// Ask the applicant for information
///
/// The application can be changed again until the applicant submits the answer.
#[utoipa::path(tag = "Office", request_body = RequestInformation,
    responses((status = 200, body = ApplicationView)))]
#[post("/v1/applications/{application_id}/request-information")]
pub(crate) async fn request_information(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
    body: Body<RequestInformation>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::RequestInformation, &facts(&application))?;
            let message = body.get()?.message.to_string();
            record(&app, tx, call, application.request_information(message)?)
        })
        .await
}

/// Accept an application
///
/// Needs the application fee settled and eligibility shown as of the day of submission (FAQ 6), or an
/// `override_reason`. It makes the candidacy, whose clock starts today (FAQ 18) under the policy and the
/// competency sets in force. A graduate of a recognised program achieves every covered set at once, and the
/// award follows in the same transaction; one who shows all but the hours of work is accepted provisionally
/// (FAQ 12). Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = AcceptApplication,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = ApplicationView)))]
#[post("/v1/applications/{application_id}/accept")]
pub(crate) async fn accept_application(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
    body: Body<AcceptApplication>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::AcceptApplication, &facts(&application))?;
            let override_reason = body.get()?.override_reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &application.program)?;
            let (chance, by) = (app.chance.as_ref(), call.actor());
            let accepted = admission::accept(tx, chance, &rules, application, override_reason, by)?;
            answer(&app, tx, call, accepted)
        })
        .await
}

/// Refuse an application
///
/// With a reason for the applicant and every finding. A paid fee is to be returned in full; an unpaid
/// invoice is voided. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = ApplicationView)))]
#[post("/v1/applications/{application_id}/refuse")]
pub(crate) async fn refuse_application(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::RefuseApplication, &facts(&application))?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &application.program)?;
            let refused = admission::refuse(tx, &rules, application, reason, call.actor())?;
            answer(&app, tx, call, refused)
        })
        .await
}
