//! The ids of people who were merged away: an operation that names one in its path answers 308 with the
//! same address for who they are now.
//!
//! It is asked after a refusal only. An old id is nobody's, so that every such operation refuses; what
//! succeeds pays nothing.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::header::{CACHE_CONTROL, LOCATION},
};
use domain::{
    OrganisationId, PersonId,
    access::{Facts, Refusal},
};

use crate::{app::App, call::Call, flows::change::Listener, problem::Problem};

/// The refusal, or what is said instead where the person was merged away.
pub(super) async fn resolved(
    app: &App,
    call: &Call,
    template: &str,
    response: HttpResponse<BoxBody>,
) -> HttpResponse<BoxBody> {
    let instead = match response.status().as_u16() {
        401 | 429 => None,
        400..500 => moved(app, call, template).await,
        500 => orphaned(app, call).await,
        _ => None,
    };
    instead.unwrap_or(response)
}

/// What a path says where its template has `{name}`.
fn said<'p>(call: &'p Call, template: &str, name: &str) -> Option<&'p str> {
    let mut pairs = template.split('/').zip(call.path.split('/'));
    pairs.find_map(|(known, said)| (known == name).then_some(said))
}

async fn moved(app: &App, call: &Call, template: &str) -> Option<HttpResponse<BoxBody>> {
    let old: PersonId = said(call, template, "{person_id}")?.parse().ok()?;
    let action = call.operation.as_ref()?.action?;
    let into = current(app, old).await?;
    let organisation: Option<OrganisationId> =
        said(call, template, "{organisation_id}").and_then(|id| id.parse().ok());
    // Who may not know of the survivor is not told who it is.
    match call.caller().may(action, &Facts { owner: Some(into), organisation }) {
        Ok(()) | Err(Refusal::Forbidden) => {}
        Err(Refusal::Hidden | Refusal::Unauthenticated | Refusal::ScopeMissing(_)) => return None,
    }
    // Nor is a machine, where it is confined to programs in which the survivor did not apply and holds no account of theirs.
    if !call.caller().programs.is_empty() {
        let listener = Listener::calling(call.caller());
        let read = app.store.read(move |tx| listener.known(tx, &[into]));
        if read.await.unwrap_or_default().is_empty() {
            return None;
        }
    }
    let path = call.path.replacen(&old.to_string(), &into.to_string(), 1);
    let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
    // A merge can be taken back: nobody may keep this.
    let response = HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, format!("{path}{query}")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish();
    Some(response.map_into_boxed_body())
}

/// A caller who was merged away between the check of the token and the act: what they asked for refers to
/// nobody, and they are told as with their next request.
async fn orphaned(app: &App, call: &Call) -> Option<HttpResponse<BoxBody>> {
    let caller = call.caller().person()?;
    current(app, caller).await?;
    Some(HttpResponse::from_error(Problem::invalid_token("its person was merged meanwhile")))
}

async fn current(app: &App, old: PersonId) -> Option<PersonId> {
    let found: Result<Option<PersonId>, Problem> =
        app.store.read(move |tx| Ok(tx.merges().into_of(old)?)).await;
    found.unwrap_or_else(|problem| {
        tracing::warn!(cause = problem.cause(), "whether an id is an old one could not be read");
        None
    })
}
