//! Providers of approved courses (FAQ 11).

mod views;

use actix_web::{get, patch, post};
use domain::{
    OrganisationId,
    access::{Action, Facts},
    course::{CourseEvent, Provider},
    event::Event,
    organisation::OrganisationStanding,
};
use persistence::{Constraint, Error, ProviderFilter, Tx};

pub use views::*;

use super::colleges::kept;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{organisation::Organisation, program},
    problem::Problem,
    v1::fields::{Reason, Term},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_providers)
        .service(get_provider)
        .service(create_provider)
        .service(update_provider)
        .service(deactivate_provider)
        .service(reactivate_provider);
}

fn event(provider: &Provider, fact: CourseEvent) -> Event<CourseEvent> {
    Event {
        program: Some(provider.program.clone()),
        subject: provider.id.to_string(),
        person: None,
        fact,
    }
}

fn named_already(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::ProvidersName) => {
            Problem::conflict("The program has a provider of this name.")
        }
        other => other.into(),
    }
}

fn answer(app: &App, tx: &mut Tx<'_>, call: &Call, provider: Provider) -> Result<Reply, Problem> {
    let today = program::today(app, tx, &provider.program)?;
    let version = provider.version;
    let view = ProviderView::of(provider, today, call.caller());
    Ok(Reply::ok(&view).etag(version).private())
}

/// List providers
///
/// Deactivated ones too: what they taught keeps counting.
#[utoipa::path(tag = "Public", params(ListProviders),
    responses((status = 200, body = Listing<ProviderView>)))]
#[get("/v1/providers")]
pub(crate) async fn list_providers(
    app: App,
    call: Call,
    query: Query<ListProviders>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListProviders, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let filter = ProviderFilter {
                program: query.program.clone(),
                kind: query.kind,
                text: query.q.clone().map(Term::into_inner),
                active_on: None,
            };
            let page = Page::<OrganisationId>::of(query.limit, query.cursor.as_ref())?;
            let mut views = Vec::new();
            for row in tx.providers().list(&filter, page.rows())? {
                let today = program::today(&app, tx, &row.program)?;
                views.push(ProviderView::of(row, today, call.caller()));
            }
            Ok(kept(page.listing(views, |view| view.id, |view| view).reply(call), call))
        })
        .await
}

/// Read a provider
#[utoipa::path(tag = "Public", responses((status = 200, body = ProviderView)))]
#[get("/v1/providers/{provider_id}")]
pub(crate) async fn get_provider(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetProvider, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let provider = tx.providers().get(*id)?;
            let today = program::today(&app, tx, &provider.program)?;
            let version = provider.version;
            let reply = Reply::ok(&ProviderView::of(provider, today, call.caller()));
            Ok(seen.answer(kept(reply.etag(version), call)))
        })
        .await
}

/// Record a provider
#[utoipa::path(tag = "Office", request_body = CreateProvider,
    responses((status = 201, body = ProviderView)))]
#[post("/v1/providers")]
pub(crate) async fn create_provider(
    app: App,
    call: Call,
    body: Body<CreateProvider>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::CreateProvider, &Facts::default())?;
            let body = body.get()?;
            let program = program::named(tx, &body.program)?;
            let today = app.today(&program);
            let provider = Provider {
                id: tx.new_id(),
                program: program.code,
                kind: body.kind,
                name: body.name.to_string(),
                place: body.place.clone().map(String::from),
                website: body.website.clone().map(String::from),
                contact_email: body.contact_email.clone().map(String::from),
                standing: OrganisationStanding::default(),
                version: 1,
            };
            tx.providers().insert(&provider).map_err(named_already)?;
            let fact = CourseEvent::ProviderRecorded { after: provider.clone() };
            tx.record(event(&provider, fact))?;
            let location = format!("/v1/providers/{}", provider.id);
            let view = ProviderView::of(provider, today, call.caller());
            Ok(Reply::created(location, &view).etag(1))
        })
        .await
}

/// Change a provider
///
/// What is left out stays. Needs `If-Match`.
#[utoipa::path(tag = "Office", request_body = UpdateProvider,
    responses((status = 200, body = ProviderView)))]
#[patch("/v1/providers/{provider_id}")]
pub(crate) async fn update_provider(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    body: Body<UpdateProvider>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::UpdateProvider, &Facts::of_organisation(*id))?;
            let before = tx.providers().get(*id)?;
            let body = body.get()?;
            seen.check(before.version)?;
            let mut after = before.clone();
            after.kind = body.kind.unwrap_or(before.kind);
            if let Some(name) = &body.name {
                after.name = name.to_string();
            }
            let text =
                |given: Option<String>, kept: &Option<String>| given.or_else(|| kept.clone());
            after.place = text(body.place.clone().map(String::from), &before.place);
            after.website = text(body.website.clone().map(String::from), &before.website);
            after.contact_email =
                text(body.contact_email.clone().map(String::from), &before.contact_email);
            tx.providers().save(&mut after).map_err(named_already)?;
            let fact = CourseEvent::ProviderUpdated { before, after: after.clone() };
            tx.record(event(&after, fact))?;
            answer(&app, tx, call, after)
        })
        .await
}

/// Deactivate a provider
///
/// From today on it proposes no course, offers none and posts no roster. What it taught keeps counting, and
/// the approvals of its courses run on. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = ProviderView)))]
#[post("/v1/providers/{provider_id}/deactivate")]
pub(crate) async fn deactivate_provider(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    stands(app, call, *id, Action::DeactivateProvider, body).await
}

/// Reactivate a provider
///
/// It acts again. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = ProviderView)))]
#[post("/v1/providers/{provider_id}/reactivate")]
pub(crate) async fn reactivate_provider(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    stands(app, call, *id, Action::ReactivateProvider, body).await
}

/// Turns a provider on or off.
async fn stands(
    app: App,
    call: Call,
    id: OrganisationId,
    action: Action,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(action, &Facts::of_organisation(id))?;
            let provider = tx.providers().get(id)?;
            let reason = body.get()?.reason.to_string();
            let today = program::today(&app, tx, &provider.program)?;
            let standing = provider.standing.clone();
            let changed = if action == Action::DeactivateProvider {
                standing.deactivate(reason, today)?
            } else {
                standing.reactivate(reason, today)?
            };
            Organisation::Provider(provider).stand(tx, changed)?;
            let provider = tx.providers().get(id)?;
            answer(&app, tx, call, provider)
        })
        .await
}
