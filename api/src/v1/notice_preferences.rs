//! Which notices a person wants by mail, and the link by which mails are stopped (RFC 8058).

use actix_web::{HttpRequest, get, http::header::CONTENT_TYPE, post, put, web};
use domain::{
    NoticeId, PersonId, Word,
    access::{Action, Facts},
    id::PersonKind,
    notice::{NoticeKind, NoticePreferences},
    person::fold_email,
};
use persistence::{Optional, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Reply,
    app::App,
    auth::secrets,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, PathOf, read_body},
    flows::notice::save_choice,
    openapi::words::{id_of, list_of, one_of},
    problem::{Kind, Problem},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(get_notice_preferences)
        .service(put_notice_preferences)
        .service(get_unsubscribe)
        .service(unsubscribe);
}

/// Whether a kind of notice is mailed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeChoice {
    /// The kind.
    #[schema(schema_with = one_of::<NoticeKind>)]
    pub kind: NoticeKind,
    /// Whether it is mailed.
    pub by_mail: bool,
    /// Whether it is mailed whatever is chosen: decisions, and what asks for an answer in time.
    pub mandatory: bool,
}

impl NoticeChoice {
    fn of(kind: NoticeKind, chosen: &NoticePreferences) -> Self {
        Self { kind, by_mail: chosen.wants(kind), mandatory: kind.is_mandatory() }
    }
}

/// Which notices a person wants by mail.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticePreferencesView {
    /// Whose.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// Every kind.
    pub kinds: Vec<NoticeChoice>,
    /// The person's addresses to which nothing is sent: a mail came back from there.
    pub undeliverable: Vec<String>,
    /// The version, 0 while nothing was chosen; its entity tag is `"v"` and this number.
    pub version: i64,
}

impl NoticePreferencesView {
    fn of(tx: &mut Tx<'_>, chosen: &NoticePreferences) -> Result<Self, Problem> {
        let emails = tx.people().emails(chosen.person)?;
        let addresses: Vec<_> = emails.into_iter().map(|email| email.address).collect();
        let dead = tx.bounces().undeliverable(&addresses)?;
        let undeliverable = addresses.into_iter().filter(|one| dead.contains(&fold_email(one)));
        Ok(Self {
            person_id: chosen.person,
            kinds: NoticeKind::ALL.iter().map(|kind| NoticeChoice::of(*kind, chosen)).collect(),
            undeliverable: undeliverable.collect(),
            version: chosen.version,
        })
    }
}

/// Which notices a person does not want by mail.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutNoticePreferences {
    /// The kinds that are not mailed; every other one is.
    #[schema(schema_with = list_of::<NoticeKind>)]
    pub muted: Vec<NoticeKind>,
}

/// Read which notices a person wants by mail
///
/// Mails about the security of an account are no notices: they are always sent.
#[utoipa::path(tag = "Notices", responses((status = 200, body = NoticePreferencesView)))]
#[get("/v1/people/{person_id}/notice-preferences")]
pub(crate) async fn get_notice_preferences(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetNoticePreferences, &Facts::of_person(*id))?;
        let person = tx.people().get(*id)?;
        let chosen = tx.notice_preferences().of(person.id)?;
        let version = chosen.version;
        let view = NoticePreferencesView::of(tx, &chosen)?;
        Ok(seen.answer(Reply::ok(&view).etag(version).private()))
    })
    .await
}

/// Choose which notices a person wants by mail
///
/// As a whole: what is not muted is mailed. What is mandatory cannot be muted: 422 with its place. Needs
/// `If-Match`.
#[utoipa::path(tag = "Notices", request_body = PutNoticePreferences,
    responses((status = 200, body = NoticePreferencesView)))]
#[put("/v1/people/{person_id}/notice-preferences")]
pub(crate) async fn put_notice_preferences(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<PutNoticePreferences>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::PutNoticePreferences, &Facts::of_person(*id))?;
        // The person is the root: two who choose for the first time wait for each other.
        let person = tx.people().get(*id)?;
        let found = tx.notice_preferences().of(person.id)?;
        let muted = body.get()?.muted.clone();
        let faults = NoticePreferences::check(&muted);
        if !faults.is_empty() {
            return Err(faults.into());
        }
        seen.check(found.version)?;
        let chosen = save_choice(tx, found.clone(), found.choose(muted))?;
        let version = chosen.version;
        let view = NoticePreferencesView::of(tx, &chosen)?;
        Ok(Reply::ok(&view).etag(version).private())
    })
    .await
}

/// What a link in a mail stops.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnsubscribeView {
    /// The kind of notice.
    #[schema(schema_with = one_of::<NoticeKind>)]
    pub kind: NoticeKind,
    /// Whether it is mailed.
    pub by_mail: bool,
}

/// What a mail program sends at one click.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct OneClick {
    /// `One-Click`.
    #[serde(rename = "List-Unsubscribe")]
    #[schema(example = "One-Click")]
    pub list_unsubscribe: String,
}

/// The notice of a link, 404 where it is none of ours.
fn named(app: &App, token: &str) -> Result<NoticeId, Problem> {
    secrets::unsubscribed(app.auth.mac_key()?, token)?.ok_or_else(Problem::not_found)
}

fn answer(kind: NoticeKind, chosen: &NoticePreferences) -> Reply {
    Reply::ok(&UnsubscribeView { kind, by_mail: chosen.wants(kind) }).no_store()
}

/// See what a link in a mail stops
///
/// Looking changes nothing: programs that follow links in mails stop none.
#[utoipa::path(tag = "Notices", responses((status = 200, body = UnsubscribeView)))]
#[get("/v1/unsubscribes/{token}")]
pub(crate) async fn get_unsubscribe(
    app: App,
    call: Call,
    token: PathOf<String>,
) -> Result<Reply, Problem> {
    call.allow(Action::GetUnsubscribe, &Facts::default())?;
    let id = named(&app, &token)?;
    app.read(&call, move |tx, _call| {
        let notice = tx.notices().get(id)?;
        let chosen = tx.notice_preferences().of(notice.person)?;
        Ok(answer(notice.kind, &chosen))
    })
    .await
}

/// Stop mails by the link in one of them
///
/// One click (RFC 8058): whoever has the mail sends the form `List-Unsubscribe=One-Click`, as mail programs do
/// by its headers, without signing in. Mails of its kind stop; sent again, nothing more happens. They come again
/// when the person chooses so.
#[utoipa::path(tag = "Notices",
    request_body(content = OneClick, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = UnsubscribeView)))]
#[post("/v1/unsubscribes/{token}")]
pub(crate) async fn unsubscribe(
    app: App,
    call: Call,
    token: PathOf<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<Reply, Problem> {
    call.allow(Action::Unsubscribe, &Facts::default())?;
    let id = named(&app, &token)?;
    let (limit, wait) = (MOST_BYTES.min(app.config.body_limit_bytes), app.config.body_timeout_ms);
    let body = read_body(&request, payload.into_inner(), limit, wait).await?;
    is_one_click(&request, &body)?;
    app.write(&call, move |tx, _call| {
        let Some(notice) = tx.notices().get(id).found()? else { return Err(Problem::not_found()) };
        tx.people().get(notice.person)?;
        let before = tx.notice_preferences().of(notice.person)?;
        let chosen = before.clone().unsubscribe(notice.kind, id);
        let chosen = save_choice(tx, before, chosen)?;
        Ok(answer(notice.kind, &chosen))
    })
    .await
}

/// The most bytes of such a form.
const MOST_BYTES: usize = 4 * 1024;

/// RFC 8058 section 3.2: the form comes as one of two media types.
fn is_one_click(request: &HttpRequest, body: &[u8]) -> Result<(), Problem> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let clicked = if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        form_urlencoded::parse(body)
            .any(|(name, value)| name == "List-Unsubscribe" && value == "One-Click")
    } else if media.eq_ignore_ascii_case("multipart/form-data") {
        let text = String::from_utf8_lossy(body);
        let part = text.split_once("name=\"List-Unsubscribe\"");
        let value = part.and_then(|(_, part)| part.split_once("\r\n\r\n"));
        value.is_some_and(|(_, value)| value.lines().next() == Some("One-Click"))
    } else {
        let what = "Send the form List-Unsubscribe=One-Click.";
        return Err(Problem::new(Kind::UnsupportedMediaType, what)
            .with_header("Accept", "application/x-www-form-urlencoded, multipart/form-data"));
    };
    if clicked {
        return Ok(());
    }
    let what = "The form holds List-Unsubscribe=One-Click.";
    Err(Problem::input("/List-Unsubscribe", "required", what))
}
