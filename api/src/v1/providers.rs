//! Providers of approved courses (FAQ 11).

use actix_web::{get, patch, post};
use domain::{
    OrganisationId,
    access::{Action, Facts},
    course::{CourseEvent, Provider, ProviderKind},
    event::Event,
    id::OrganisationKind,
    organisation::OrganisationStanding,
    program::ProgramCode,
};
use persistence::{Constraint, Error, ProviderFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfMatch, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::program,
    openapi::words::{id_of, one_of, one_of_or_null},
    problem::Problem,
    v1::fields::{EmailAddress, Line, Name, WebAddress},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_providers)
        .service(get_provider)
        .service(create_provider)
        .service(update_provider);
}

/// A provider of courses.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProviderView {
    /// Its id.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub id: OrganisationId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its kind.
    #[schema(schema_with = one_of::<ProviderKind>)]
    pub kind: ProviderKind,
    /// Its name.
    pub name: String,
    /// City and state.
    pub place: Option<String>,
    /// Its website.
    pub website: Option<String>,
    /// Where to ask.
    pub contact_email: Option<String>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
}

impl From<Provider> for ProviderView {
    fn from(provider: Provider) -> Self {
        Self {
            id: provider.id,
            program: provider.program,
            kind: provider.kind,
            name: provider.name,
            place: provider.place,
            website: provider.website,
            contact_email: provider.contact_email,
            version: provider.version,
        }
    }
}

/// A provider to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProvider {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Its kind.
    #[schema(schema_with = one_of::<ProviderKind>)]
    pub kind: ProviderKind,
    /// Its name, unique in the program.
    pub name: Name,
    /// City and state.
    #[serde(default)]
    pub place: Option<Line>,
    /// Its website.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// Where to ask.
    #[serde(default)]
    pub contact_email: Option<EmailAddress>,
}

/// What changes of a provider; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProvider {
    /// Its kind.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<ProviderKind>)]
    pub kind: Option<ProviderKind>,
    /// Its name.
    #[serde(default)]
    pub name: Option<Name>,
    /// City and state.
    #[serde(default)]
    pub place: Option<Line>,
    /// Its website.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// Where to ask.
    #[serde(default)]
    pub contact_email: Option<EmailAddress>,
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

/// Which providers are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProviders {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a kind.
    #[param(schema_with = one_of::<ProviderKind>, required = false)]
    pub kind: Option<ProviderKind>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List providers
#[utoipa::path(tag = "Public", params(ListProviders),
    responses((status = 200, body = Listing<ProviderView>)))]
#[get("/v1/providers")]
pub(crate) async fn list_providers(
    app: App,
    call: Call,
    query: Query<ListProviders>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListProviders, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let filter = ProviderFilter {
            program: query.program.clone(),
            kind: query.kind,
            ..ProviderFilter::default()
        };
        let page = Page::<OrganisationId>::of(query.limit, query.cursor.as_ref())?;
        let rows = tx.providers().list(&filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, ProviderView::from).reply(call))
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
    app.read(&call, move |tx, _call| {
        let provider = tx.providers().get(*id)?;
        let version = provider.version;
        Ok(seen.answer(Reply::ok(&ProviderView::from(provider)).etag(version).public(60)))
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
    app.change(&call, move |tx, call| {
        call.allow(Action::CreateProvider, &Facts::default())?;
        let body = body.get()?;
        let program = program::named(tx, &body.program)?;
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
        Ok(Reply::created(location, &ProviderView::from(provider)).etag(1))
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
    app.change(&call, move |tx, call| {
        call.allow(Action::UpdateProvider, &Facts::of_organisation(*id))?;
        let before = tx.providers().get(*id)?;
        let body = body.get()?;
        seen.check(before.version)?;
        let mut after = before.clone();
        after.kind = body.kind.unwrap_or(before.kind);
        if let Some(name) = &body.name {
            after.name = name.to_string();
        }
        let text = |given: Option<String>, kept: &Option<String>| given.or_else(|| kept.clone());
        after.place = text(body.place.clone().map(String::from), &before.place);
        after.website = text(body.website.clone().map(String::from), &before.website);
        after.contact_email =
            text(body.contact_email.clone().map(String::from), &before.contact_email);
        tx.providers().save(&mut after).map_err(named_already)?;
        let fact = CourseEvent::ProviderUpdated { before, after: after.clone() };
        tx.record(event(&after, fact))?;
        let version = after.version;
        Ok(Reply::ok(&ProviderView::from(after)).etag(version))
    })
    .await
}
