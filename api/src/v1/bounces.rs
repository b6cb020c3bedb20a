//! Mails that came back: nothing goes to an address from which one came back for good.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    BounceId, NoticeId, PersonId,
    access::{Action, Facts},
    id::{BounceKind, NoticeIdKind, PersonKind},
    notice::{Bounce, BounceSort, BounceState},
};
use persistence::{BounceFilter, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    actions,
    fields::{EmailAddress, Prose, Reason, Term},
    people::is_told_of,
};
use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::notice::bounce,
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(record_bounce).service(list_bounces).service(get_bounce).service(lift_bounce);
}

/// A mail that came back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BounceView {
    /// Its id.
    #[schema(schema_with = id_of::<BounceKind>)]
    pub id: BounceId,
    /// The address to which it went.
    pub address: String,
    /// Who had the address.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The notice that came back, where it is known.
    #[schema(schema_with = id_of_or_null::<NoticeIdKind>)]
    pub notice_id: Option<NoticeId>,
    /// For good, or for now.
    #[schema(schema_with = one_of::<BounceSort>)]
    pub sort: BounceSort,
    /// What the other server said.
    pub detail: Option<String>,
    /// Whether it stands in the way of further mails.
    #[schema(schema_with = one_of::<BounceState>)]
    pub state: BounceState,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it ceased to stand in the way.
    pub lifted_at: Option<DateTime<Utc>>,
    /// Why.
    pub lift_reason: Option<String>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

fn facts(bounce: &Bounce) -> Facts {
    Facts { owner: bounce.person, organisation: None }
}

impl BounceView {
    fn of(bounce: Bounce, call: &Call) -> Self {
        let lifts = call.caller().may(Action::LiftBounce, &facts(&bounce)).is_ok();
        let href = format!("/v1/bounces/{}/lift", bounce.id);
        let lift = lifts
            .then(|| actions::view(Action::LiftBounce, "POST", href, vec![bounce.state_finding()]));
        Self {
            id: bounce.id,
            state: bounce.state(),
            address: bounce.address,
            person_id: bounce.person,
            notice_id: bounce.notice,
            sort: bounce.sort,
            detail: bounce.detail,
            recorded_at: bounce.recorded_at,
            recorded_by: bounce.recorded_by,
            lifted_at: bounce.lifted_at,
            lift_reason: bounce.lift_reason,
            version: bounce.version,
            actions: lift.into_iter().collect(),
        }
    }
}

/// A mail that came back: a notice that was sent, or an address.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordBounce {
    /// The notice that came back.
    #[serde(default)]
    #[schema(schema_with = id_of::<NoticeIdKind>, required = false)]
    pub notice_id: Option<NoticeId>,
    /// The address, where no notice is known.
    #[serde(default)]
    pub address: Option<EmailAddress>,
    /// For good, or for now.
    #[schema(schema_with = one_of::<BounceSort>)]
    pub sort: BounceSort,
    /// What the other server said.
    #[serde(default)]
    pub detail: Option<Prose>,
}

/// Which bounces are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBounces {
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of an address, however it is written.
    #[param(inline)]
    pub address: Option<Term>,
    /// Only those of a notice.
    #[param(schema_with = id_of::<NoticeIdKind>, required = false)]
    pub notice_id: Option<NoticeId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<BounceState>, required = false)]
    pub state: Option<BounceState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// Record that a mail came back
///
/// By the notice, or by the address. After a hard bounce nothing is sent to the address until control of it is
/// shown anew (`POST /v1/people/{person_id}/emails/{email_id}/verification`) or the office lifts the bounce. A
/// second hard one of the same address is answered with the first, 200.
#[utoipa::path(tag = "Notices", request_body = RecordBounce,
    responses((status = 201, body = BounceView), (status = 200, body = BounceView)))]
#[post("/v1/bounces")]
pub(crate) async fn record_bounce(
    app: App,
    call: Call,
    body: Body<RecordBounce>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::RecordBounce, &Facts::default())?;
        let body = body.get()?;
        if let Some(notice) = body.notice_id
            && !call.caller().programs.is_empty()
        {
            let program = tx.notices().get(notice)?.program;
            call.allow_in(Action::RecordBounce, &Facts::default(), &program)?;
        }
        let address = address(tx, body)?;
        if body.sort == BounceSort::Hard
            && let Some(standing) = tx.bounces().standing(&address)?
        {
            let version = standing.version;
            may_tell_of(tx, call, body, standing.person)?;
            call.discloses(standing.person);
            return Ok(Reply::ok(&BounceView::of(standing, call)).etag(version).private());
        }
        let detail = body.detail.clone().map(String::from);
        let bounce = bounce::record(tx, address, body.notice_id, (body.sort, detail))?;
        let location = format!("/v1/bounces/{}", bounce.id);
        may_tell_of(tx, call, body, bounce.person)?;
        call.discloses(bounce.person);
        Ok(Reply::created(location, &BounceView::of(bounce, call)).etag(1).private())
    })
    .await
}

/// A machine that is confined to programs tells by their address of nobody who applied in none of them: 404.
fn may_tell_of(
    tx: &mut Tx<'_>,
    call: &Call,
    body: &RecordBounce,
    person: Option<PersonId>,
) -> Result<(), Problem> {
    match person {
        Some(person) if body.notice_id.is_none() => is_told_of(tx, call, person),
        _ => Ok(()),
    }
}

/// The address of what came back.
fn address(tx: &mut Tx<'_>, body: &RecordBounce) -> Result<String, Problem> {
    let one = "Give the notice that came back, or the address.";
    match (body.notice_id, &body.address) {
        (None, Some(address)) => Ok(address.to_string()),
        (Some(id), None) => bounce::address_of(tx, id),
        (None, None) => Err(Problem::input("/notice_id", "required", one)),
        (Some(_), Some(_)) => Err(Problem::input("/address", "exclusive", one)),
    }
}

/// List bounces
///
/// The first recorded first; with `state=standing` the addresses to which nothing is sent.
#[utoipa::path(tag = "Notices", params(ListBounces),
    responses((status = 200, body = Listing<BounceView>)))]
#[get("/v1/bounces")]
pub(crate) async fn list_bounces(
    app: App,
    call: Call,
    query: Query<ListBounces>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListBounces, &Facts::default())?;
        let page = Page::<BounceId>::of(query.limit, query.cursor.as_ref())?;
        let filter = BounceFilter {
            person: query.person_id,
            address: query.address.clone().map(Term::into_inner),
            notice: query.notice_id,
            state: query.state,
        };
        let rows = tx.bounces().list(&filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, |row| BounceView::of(row, call)).reply(call))
    })
    .await
}

/// Read a bounce
#[utoipa::path(tag = "Notices", responses((status = 200, body = BounceView)))]
#[get("/v1/bounces/{bounce_id}")]
pub(crate) async fn get_bounce(
    app: App,
    call: Call,
    id: PathOf<BounceId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let bounce = tx.bounces().get(*id)?;
        call.allow(Action::GetBounce, &facts(&bounce))?;
        let version = bounce.version;
        Ok(seen.answer(Reply::ok(&BounceView::of(bounce, call)).etag(version).private()))
    })
    .await
}

/// Lift a bounce
///
/// With a reason: it was recorded by mistake, or the mailbox is back. Mails go to the address again. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Notices", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = BounceView)))]
#[post("/v1/bounces/{bounce_id}/lift")]
pub(crate) async fn lift_bounce(
    app: App,
    call: Call,
    id: PathOf<BounceId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.signed()?;
        let found = tx.bounces().get(*id)?;
        call.allow(Action::LiftBounce, &facts(&found))?;
        let bounce = bounce::lift(tx, found, body.get()?.reason.to_string())?;
        let version = bounce.version;
        Ok(Reply::ok(&BounceView::of(bounce, call)).etag(version).private())
    })
    .await
}
