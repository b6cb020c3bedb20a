//! Renewals: submitted in one act, judged by the rules of the day, decided once (FAQ 19).

mod progress;
mod views;

use std::collections::BTreeMap;

use actix_web::{get, post};
use domain::{
    CertificationId, RenewalId,
    access::{Action, Facts},
    certificate::Certification,
    program::ProgramCode,
    renewal::{Renewal, RenewalState},
};
use persistence::{RenewalFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use progress::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{
        program,
        renewal::{self, Held},
    },
    problem::Problem,
    v1::fields::{OptionalReason, Reason, no_cards},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(get_renewal_progress)
        .service(list_terms)
        .service(submit_renewal)
        .service(list_renewals)
        .service(get_renewal)
        .service(grant_renewal)
        .service(refuse_renewal)
        .service(withdraw_renewal);
}

fn facts(renewal: &Renewal) -> Facts {
    Facts::of_person(renewal.person)
}

/// A renewal that was decided, with what its certification has become.
fn answer(app: &App, tx: &mut Tx<'_>, call: &Call, renewal: Renewal) -> Result<Reply, Problem> {
    let today = program::today(app, tx, &renewal.program)?;
    let held = renewal::with(tx, renewal)?;
    let version = held.renewal.version;
    Ok(Reply::ok(&RenewalView::of(held, today, call.caller())).etag(version).private())
}

/// Submit the renewal of a certification
///
/// In one act, with the activities that its holder chooses: from twelve months before the expiry to the end of
/// the grace period, with 32 hours, 4 of them in technology, done since the renewal before was submitted (FAQ
/// 19). Judged by the rules of today: 422 with the findings of `POST /v1/evaluations/renewal` where they do not
/// hold, and nothing is stored. 409 where another renewal of the term waits, an activity is used, the
/// certification is suspended or revoked, or `expires_on` is not the last day of its present term. An activity
/// that counts is used from now on; one that does not stays free.
///
/// Where the policy decides by itself it is granted at once; where it has a fee, when its invoice is settled.
/// Otherwise the office decides. The new term follows the old one, however early or late the renewal came.
/// Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Renewals", request_body = SubmitRenewal,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = RenewalView)))]
#[post("/v1/certifications/{certification_id}/renewals")]
pub(crate) async fn submit_renewal(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    body: Body<SubmitRenewal>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let certification = tx.certifications().get(*id)?;
            call.allow(Action::SubmitRenewal, &Facts::of_person(certification.person))?;
            let asked = body.get()?.asked()?;
            let rules = program::in_force(&app, tx, &certification.program)?;
            let renewal = renewal::submit(tx, &rules, certification, &asked)?;
            let location = format!("/v1/renewals/{}", renewal.id);
            let version = renewal.version;
            let held = renewal::with(tx, renewal)?;
            let view = RenewalView::of(held, rules.today, call.caller());
            Ok(Reply::created(location, &view).etag(version).private())
        })
        .await
}

/// List renewals
///
/// Staff see everybody's, the first one submitted first: with `state=submitted` it is the office's queue.
/// Holders see their own.
#[utoipa::path(tag = "Renewals", params(ListRenewals),
    responses((status = 200, body = Listing<RenewalView>)))]
#[get("/v1/renewals")]
pub(crate) async fn list_renewals(
    app: App,
    call: Call,
    query: Query<ListRenewals>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListRenewals)?;
            let page = Page::<RenewalId>::of(query.limit, query.cursor.as_ref())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let mut filter = RenewalFilter {
                person: query.person_id,
                certification: query.certification_id,
                state: query.state,
                program: Some(code.clone()),
            };
            let Some(program) = program::asked(tx, &code)? else {
                return Ok(Listing::empty().reply(call));
            };
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let today = app.today(&program);
            let rows = tx.renewals().list(&filter, page.rows())?;
            let Listing { items, next_cursor } = page.listing(rows, |row| row.id, |row| row);
            let items: Vec<_> = all(tx, items)?
                .into_iter()
                .map(|held| RenewalView::of(held, today, call.caller()))
                .collect();
            Ok(Listing { items, next_cursor }.reply(call))
        })
        .await
}

/// Several renewals with what they stand on, in few statements. The invoice is looked at only while a grant
/// waits for it.
fn all(tx: &mut Tx<'_>, renewals: Vec<Renewal>) -> Result<Vec<Held>, Problem> {
    let ids: Vec<_> = renewals.iter().map(|one| one.certification).collect();
    let certifications = tx.certifications().by_ids(&ids)?;
    let certifications: BTreeMap<CertificationId, Certification> =
        certifications.into_iter().map(|one| (one.id, one)).collect();
    let waiting = renewals.iter().filter(|one| one.state == RenewalState::Submitted);
    let ids: Vec<_> = waiting.filter_map(|one| one.invoice).collect();
    let invoices = if ids.is_empty() { Vec::new() } else { tx.invoices().load_all(&ids)? };
    let held = renewals.into_iter().filter_map(|renewal| {
        let certification = certifications.get(&renewal.certification)?.clone();
        let invoice = invoices.iter().find(|one| Some(one.id) == renewal.invoice).cloned();
        Some(Held { renewal, certification, invoice })
    });
    Ok(held.collect())
}

/// Read a renewal
///
/// With its activities as they were on the day of its submission, what each came to, and the findings.
#[utoipa::path(tag = "Renewals",
    responses((status = 200, body = RenewalView, headers(("ETag" = String)))))]
#[get("/v1/renewals/{renewal_id}")]
pub(crate) async fn get_renewal(
    app: App,
    call: Call,
    id: PathOf<RenewalId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let renewal = tx.renewals().get(*id)?;
            call.allow(Action::GetRenewal, &facts(&renewal))?;
            let today = program::today(&app, tx, &renewal.program)?;
            let held = renewal::with(tx, renewal)?;
            // What can be done next follows the day and the certification, too.
            let tag =
                format!("\"v{}-{}-{today}\"", held.renewal.version, held.certification.version);
            let view = RenewalView::of(held, today, call.caller());
            Ok(seen.answer(Reply::ok(&view).header("ETag", tag).private()))
        })
        .await
}

/// Grant a renewal
///
/// What it was judged on on the day of its submission stands. 422 with the finding `renewal.fee_settled` while
/// a fee is owed, 409 where the certification is suspended or revoked. Nobody decides on their own. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Renewals", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = RenewalView)))]
#[post("/v1/renewals/{renewal_id}/grant")]
pub(crate) async fn grant_renewal(
    app: App,
    call: Call,
    id: PathOf<RenewalId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let held = renewal::held(tx, *id)?;
            call.allow(Action::GrantRenewal, &facts(&held.renewal))?;
            let rules = program::in_force(&app, tx, &held.renewal.program)?;
            let granted = renewal::grant(tx, &rules, held)?;
            answer(&app, tx, call, granted)
        })
        .await
}

/// Refuse a renewal
///
/// With a reason for its holder. Its activities are free again, and what was paid of a fee is to be returned.
/// While the window is open another one can be submitted; the refusal can be appealed. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Renewals", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = RenewalView)))]
#[post("/v1/renewals/{renewal_id}/refuse")]
pub(crate) async fn refuse_renewal(
    app: App,
    call: Call,
    id: PathOf<RenewalId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let held = renewal::held(tx, *id)?;
            call.allow(Action::RefuseRenewal, &facts(&held.renewal))?;
            let reason = body.get()?.reason.to_string();
            no_cards([("/reason", reason.as_str())])?;
            let rules = program::in_force(&app, tx, &held.renewal.program)?;
            let refused = renewal::refuse(tx, &rules, held, reason)?;
            answer(&app, tx, call, refused)
        })
        .await
}

/// Withdraw a renewal
///
/// By its holder, or by staff for them, until it is decided. Its activities are free again, and what is owed of
/// a fee is owed no more. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Renewals", request_body = OptionalReason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = RenewalView)))]
#[post("/v1/renewals/{renewal_id}/withdraw")]
pub(crate) async fn withdraw_renewal(
    app: App,
    call: Call,
    id: PathOf<RenewalId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let held = renewal::held(tx, *id)?;
            call.allow(Action::WithdrawRenewal, &facts(&held.renewal))?;
            let reason = body.get()?.reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &held.renewal.program)?;
            let withdrawn = renewal::withdraw(tx, &rules, held, reason)?;
            answer(&app, tx, call, withdrawn)
        })
        .await
}
