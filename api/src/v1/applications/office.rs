//! What the office does with applications.

use actix_web::post;
use domain::{
    ApplicationId, BadFact, CandidacyId,
    access::Action,
    application::{Acceptance, Application},
    candidacy::{Candidacy, CandidacyEvent},
    eligibility::{self, EligibilityFacts, EligibilityOutcome},
};
use persistence::Tx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApplicationView, facts, record};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::program::{self, InForce},
    problem::Problem,
    v1::{
        candidacies,
        fields::{Prose, Reason},
        invoices,
    },
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
    app.change(&call, move |tx, call| {
        call.signed()?;
        let application = tx.applications().get(*id)?;
        call.allow(Action::ReviewApplication, &facts(&application))?;
        record(tx, call, application.review()?)
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
    app.change(&call, move |tx, call| {
        call.signed()?;
        let application = tx.applications().get(*id)?;
        call.allow(Action::RequestInformation, &facts(&application))?;
        let message = body.get()?.message.to_string();
        record(tx, call, application.request_information(message)?)
    })
    .await
}

/// Accept an application
///
/// Needs the application fee settled and eligibility shown as of the day of submission (FAQ 6), or an
/// `override_reason`. It makes the candidacy, whose clock starts today (FAQ 18) under the policy and the
/// competency sets in force. Needs an `Idempotency-Key`.
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
            let acceptance = acceptance(tx, &rules, &application, override_reason)?;
            let candidacy: CandidacyId = tx.new_id();
            let accepted = application.accept(candidacy, &acceptance, call.actor(), rules.today)?;
            admit(tx, &rules, &accepted.0, candidacy)?;
            record(tx, call, accepted)
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
            let findings = acceptance(tx, &rules, &application, None)?.findings();
            let refused = application.refuse(findings, reason, call.actor(), rules.today)?;
            if let Some(invoice) = refused.0.invoice {
                let invoice = tx.invoices().load(invoice)?;
                invoices::settle(tx, invoice.refuse(rules.today))?;
            }
            record(tx, call, refused)
        })
        .await
}

/// What the acceptance of an application is judged on.
fn acceptance(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: &Application,
    override_reason: Option<String>,
) -> Result<Acceptance, Problem> {
    let outcome = eligibility_of(rules, application)?;
    let fee = match application.invoice {
        Some(invoice) => tx.invoices().load(invoice)?.settled("application.fee_settled"),
        None => domain::Finding::new(
            "application.fee_settled",
            "FAQ 21",
            false,
            "an invoice that is paid",
            "no invoice",
            "The application fee is settled.",
        ),
    };
    let (eligible, eligibility) = (outcome.satisfied, outcome.findings);
    Ok(Acceptance { eligible, eligibility, fee, override_reason })
}

/// Eligibility as of the day of submission, under the policy in force.
fn eligibility_of(
    rules: &InForce,
    application: &Application,
) -> Result<EligibilityOutcome, Vec<BadFact>> {
    let statements = &application.statements;
    let facts = EligibilityFacts {
        as_of: application.submitted_on.unwrap_or(rules.today),
        education: statements.education.unwrap_or(eligibility::Education::None),
        jobs: statements.jobs.clone(),
    };
    eligibility::evaluate(&facts, &rules.policy.eligibility)
}

/// Stores the candidacy of an accepted application.
fn admit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: &Application,
    id: CandidacyId,
) -> Result<(), Problem> {
    let candidacy = Candidacy {
        id,
        program: application.program.clone(),
        person: application.person,
        application: application.id,
        admitted_on: rules.today,
        policy_version: rules.policy_version,
        framework_version: rules.framework_version,
        years: rules.policy.candidacy.years,
        holds: Vec::new(),
        extensions: Vec::new(),
        completed_on: None,
        withdrawn_on: None,
        version: 1,
    };
    tx.candidacies().insert(&candidacy)?;
    let fact = CandidacyEvent::Admitted {
        admitted_on: candidacy.admitted_on,
        deadline: candidacy.deadline(rules.today),
        policy_version: candidacy.policy_version,
        framework_version: candidacy.framework_version,
    };
    tx.record(candidacies::event(&candidacy, fact))?;
    Ok(())
}
