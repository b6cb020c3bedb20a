//! Recognition agreements with colleges (FAQ 12, 16): draft, review by two, signature, changes, end.

mod bodies;
mod changes;
mod office;
mod shown;
mod views;

use actix_web::{get, patch, post};
use domain::{
    AgreementId,
    access::{Action, Facts, Role},
    agreement::{Agreement, AgreementEvent},
    program::ProgramCode,
};
use persistence::{AgreementFilter, Error, Tx};

pub use bodies::*;
pub use changes::*;
pub use office::*;
pub use views::*;

use super::colleges;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{
        agreement,
        program::{self, InForce},
    },
    problem::Problem,
    v1::{candidacies::AsOfQuery, events::EventView, fields::OptionalReason},
};
use shown::{answer, view, visible};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_agreements)
        .service(get_agreement)
        .service(create_agreement)
        .service(update_agreement)
        .service(submit_agreement)
        .service(withdraw_agreement)
        .service(list_agreement_events)
        .service(review_agreement)
        .service(send_back_agreement)
        .service(sign_agreement)
        .service(review_agreement_yearly)
        .service(end_agreement)
        .service(request_agreement_change)
        .service(adopt_agreement_change)
        .service(drop_agreement_change);
}

pub(super) fn facts(agreement: &Agreement) -> Facts {
    Facts::of_organisation(agreement.college)
}

/// Saves an agreement with what happened to it, and answers with it.
fn record(
    tx: &mut Tx<'_>,
    rules: &InForce,
    call: &Call,
    changed: (Agreement, AgreementEvent),
) -> Result<Reply, Problem> {
    let saved = agreement::save(tx, changed)?;
    answer(tx, rules, call, &saved, rules.today)
}

/// List recognition agreements
///
/// Everybody sees those that are signed, with the sets that graduates achieve and what they must add; by
/// `status=in_force` those under which graduations count today. The office sees drafts too, a college its
/// own where `college_id` names it.
#[utoipa::path(tag = "Public", params(ListAgreements),
    responses((status = 200, body = Listing<AgreementView>)))]
#[get("/v1/recognition-agreements")]
pub(crate) async fn list_agreements(
    app: App,
    call: Call,
    query: Query<ListAgreements>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListAgreements, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let page = Page::<AgreementId>::of(query.limit, query.cursor.as_ref())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            if program::asked(tx, &code)?.is_none() {
                return Ok(colleges::kept(Listing::empty().reply(call), call));
            }
            let rules = program::in_force(&app, tx, &code)?;
            let day = AsOf::or(query.as_of, rules.today);
            let of = Facts { owner: None, organisation: query.college_id };
            if query.review_due_by.is_some() {
                call.signed()?;
                call.allow(Action::ListAgreementEvents, &of)?;
            }
            let insider = call.caller().may(Action::ListAgreementEvents, &of).is_ok();
            let filter = AgreementFilter {
                program: Some(code),
                colleges: query.college_id.map(|id| vec![id]),
                program_kind: query.program_kind,
                text: query.q.as_deref().map(str::to_owned),
                state: query.state,
                status: query.status.map(|status| (status, day)),
                signed_by: (!insider).then_some(day.max(rules.today)),
                review_due_by: query.review_due_by.map(|day| day.0),
            };
            let rows = tx.agreements().list(&filter, page.rows())?;
            let ids: Vec<_> = rows.iter().map(|row| row.college).collect();
            let known = tx.colleges().by_ids(&ids)?;
            let mut views = Vec::with_capacity(rows.len());
            for row in rows {
                let college = known.iter().find(|one| one.id == row.college);
                let name = college.map(|one| one.name.clone()).unwrap_or_default();
                views.push(view(&rules, call, &row, name, day)?);
            }
            let reply = page.listing(views, |view| view.id, |view| view).reply(call);
            Ok(colleges::kept(reply, call))
        })
        .await
}

/// Read a recognition agreement
///
/// Its status, its text and what that covers are those of `as_of`, today when left out: earlier versions
/// stay readable. Everybody reads signed ones; drafts, changes that are asked for and reviews only the
/// office, auditors and the college's people. The coverage is told by the policy and the competency sets
/// in force; of each version stands also how it was judged when it was signed or adopted.
#[utoipa::path(tag = "Public", params(AsOfQuery),
    responses((status = 200, body = AgreementView, headers(("ETag" = String)))))]
#[get("/v1/recognition-agreements/{agreement_id}")]
pub(crate) async fn get_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    query: Query<AsOfQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetAgreement, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let agreement = tx.agreements().get(*id)?;
            visible(call, &agreement)?;
            let rules = program::in_force(&app, tx, &agreement.program)?;
            let day = AsOf::or(query.as_of, rules.today);
            Ok(seen.answer(answer(tx, &rules, call, &agreement, day)?))
        })
        .await
}

/// Draft a recognition agreement
///
/// By the college or the office: the program, the courses that its graduation requires, the competency
/// sets that each covers, and the conditions for what is not covered. The answer tells what that comes to:
/// all three required sets and three electives make a full agreement (FAQ 12), else a partial one.
#[utoipa::path(tag = "Colleges", request_body = CreateAgreement,
    responses((status = 201, body = AgreementView)))]
#[post("/v1/recognition-agreements")]
pub(crate) async fn create_agreement(
    app: App,
    call: Call,
    body: Body<CreateAgreement>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            // A body that cannot be read names no college: it is judged as one's own.
            let given = body.get();
            let own = call.signed()?.organisations(&[Role::College]).first().copied();
            let organisation = given.as_ref().ok().map(|body| body.college_id).or(own);
            call.allow(Action::CreateAgreement, &Facts { owner: None, organisation })?;
            let body = given?;
            let college = tx.colleges().get(body.college_id).map_err(|error| match error {
                Error::NotFound => {
                    Problem::input("/college_id", "unknown", "There is no such college.")
                }
                other => other.into(),
            })?;
            let rules = program::in_force(&app, tx, &college.program)?;
            let terms = body.terms();
            agreement::check(tx, &rules, &terms)?;
            let (now, by) = (tx.now(), call.actor());
            let draft = Agreement::draft(tx.new_id(), &college, terms, by, (rules.today, now))?;
            let draft = agreement::begin(tx, draft)?;
            let view = view(&rules, call, &draft, college.name, rules.today)?;
            let location = format!("/v1/recognition-agreements/{}", draft.id);
            Ok(Reply::created(location, &view).etag(1).private())
        })
        .await
}

/// Change a draft of an agreement
///
/// What is left out stays; `requirements` and `conditions` replace the lists as a whole. Needs `If-Match`.
#[utoipa::path(tag = "Colleges", request_body = UpdateAgreement,
    responses((status = 200, body = AgreementView)))]
#[patch("/v1/recognition-agreements/{agreement_id}")]
pub(crate) async fn update_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<UpdateAgreement>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::UpdateAgreement, &facts(&before))?;
            let rules = program::in_force(&app, tx, &before.program)?;
            let body = body.get()?;
            let terms = before.terms().map(|terms| body.terms(terms));
            let terms = terms.ok_or_else(Problem::not_found)?;
            agreement::check(tx, &rules, &terms)?;
            seen.check(before.version)?;
            record(tx, &rules, call, before.update(terms, call.actor(), rules.today)?)
        })
        .await
}

/// Hand a draft of an agreement in for review
#[utoipa::path(tag = "Colleges", responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/submit")]
pub(crate) async fn submit_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::SubmitAgreement, &facts(&before))?;
            let rules = program::in_force(&app, tx, &before.program)?;
            record(tx, &rules, call, before.submit(rules.today)?)
        })
        .await
}

/// Withdraw an agreement before it is signed
#[utoipa::path(tag = "Colleges", request_body = OptionalReason,
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/withdraw")]
pub(crate) async fn withdraw_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::WithdrawAgreement, &facts(&before))?;
            let reason = body.get()?.reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &before.program)?;
            record(tx, &rules, call, before.withdraw(reason)?)
        })
        .await
}

/// Read an agreement's history
///
/// Everything that happened to it, in order, from the event log.
#[utoipa::path(tag = "Colleges", responses((status = 200, body = Listing<EventView>)))]
#[get("/v1/recognition-agreements/{agreement_id}/events")]
pub(crate) async fn list_agreement_events(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let agreement = tx.agreements().get(*id)?;
        call.allow(Action::ListAgreementEvents, &facts(&agreement))?;
        let events = tx.events().history(&id.to_string())?;
        Ok(Listing::whole(events.into_iter().map(EventView::from).collect()).reply(call))
    })
    .await
}
