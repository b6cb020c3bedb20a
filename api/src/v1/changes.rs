//! The feed of changes: what happened, for machines that follow it.

mod copy;

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY},
    web::Bytes,
};
use domain::{
    access::{Action, Facts},
    change::{self, Public},
};
use futures_util::stream;
use persistence::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::Query,
    flows::change::{ChangeView, Listener},
    problem::{Kind, Problem},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_changes).service(copy::copy_changes);
}

/// The media type of lines of JSON.
const LINES: &str = "application/x-ndjson";
/// How many events a page holds unless said otherwise.
const USUAL: u16 = 100;
/// Positions that one look passes over at most, so that a filter that takes little reads no whole log.
const WINDOW: i64 = 5_000;
/// Looks of one request.
const LOOKS: u8 = 4;

/// What of the feed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListChanges {
    /// After which position: `next_after` of the page before, or the position of any event; 0 for the beginning.
    #[serde(default)]
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_i64, example = 0)]
    pub after: Option<u64>,
    /// Only these types, with commas between them; all that the token shows without.
    #[serde(default)]
    #[param(max_length = 4000, example = "certification.awarded,certification.renewed")]
    pub types: Option<String>,
    /// How many events at most; of lines, how many are read at a time. 100 unless said otherwise.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u16>,
    /// How many seconds to wait for the next event where there is none yet. Lines never wait.
    #[serde(default)]
    #[param(minimum = 0, maximum = 30, default = 0)]
    pub wait: Option<u16>,
}

/// A page of the feed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Changes)]
pub struct ChangesView {
    /// The events, in their one order.
    pub items: Vec<ChangeView>,
    /// Send it as `after` for what comes next: it has passed what was left out as well.
    #[schema(minimum = 0, example = 4711)]
    pub next_after: i64,
    /// Whether there is more already.
    pub has_more: bool,
}

/// What is asked for, once it is found to be all right.
#[derive(Debug, Clone)]
struct Wanted {
    after: i64,
    types: Vec<&'static str>,
    limit: u16,
    wait: Duration,
    listener: Listener,
}

impl Wanted {
    fn of(call: &Call, query: &ListChanges) -> Result<Self, Problem> {
        let range = |name, text| Problem::query(name, "out_of_range", text);
        let after = i64::try_from(query.after.unwrap_or(0))
            .map_err(|_large| range("after", "A position is at most 9223372036854775807."))?;
        let limit = query.limit.unwrap_or(USUAL);
        if !(1..=1000).contains(&limit) {
            return Err(range("limit", "A whole number from 1 to 1000 is expected."));
        }
        let wait = query.wait.unwrap_or(0);
        if wait > 30 {
            return Err(range("wait", "A whole number from 0 to 30 is expected."));
        }
        let seen = change::visible(call.caller().scopes.as_deref());
        let types = match query.types.as_deref() {
            None => seen.iter().map(|one| one.event_type).collect(),
            Some(text) => named(text, &seen)?,
        };
        let (wait, listener) = (Duration::from_secs(wait.into()), Listener::calling(call.caller()));
        Ok(Self { after, types, limit, wait, listener })
    }
}

/// The types of a list, each of which the caller may see.
fn named(text: &str, seen: &[&Public]) -> Result<Vec<&'static str>, Problem> {
    let mut types = Vec::new();
    for name in text.split(',').map(str::trim) {
        let Some(public) = change::public(name) else {
            let detail = "One of them is no type that is told; the document lists them.";
            return Err(Problem::query("types", "unknown", detail));
        };
        if !seen.contains(&public) {
            let detail = format!("The token lacks the scope {}, for {name}.", public.scope);
            return Err(Problem::new(Kind::InsufficientScope, detail));
        }
        types.push(public.event_type);
    }
    Ok(types)
}

/// Events of these types after a position, by looks at bounded stretches of the log.
fn look(tx: &mut Tx<'_>, wanted: &Wanted, until: Option<i64>) -> Result<ChangesView, Problem> {
    let last = tx.events().last_position()?;
    let end = until.map_or(last, |until| until.min(last));
    let (mut items, mut after) = (Vec::new(), wanted.after);
    for _ in 0..LOOKS {
        let room = usize::from(wanted.limit).saturating_sub(items.len());
        if after >= end || room == 0 {
            break;
        }
        let stop = after.saturating_add(WINDOW).min(end);
        let most = i64::try_from(room).unwrap_or(i64::MAX);
        let found = tx.events().between((after, stop), &wanted.types, most)?;
        after = match found.last().and_then(|event| event.position) {
            Some(position) if found.len() == room => position,
            _ => stop,
        };
        let heard = wanted.listener.heard(tx, found)?;
        items.extend(heard.iter().filter_map(ChangeView::of));
    }
    Ok(ChangesView { items, next_after: after, has_more: after < end })
}

/// Follow what happens
///
/// Events in their one order, which is dense: none ever comes before one that was told. Any position is a place to go
/// on from, also one that was told long ago; after the last one there is an empty page with the same place. Types that
/// the token's scopes do not show are left out, and the place moves past them; so is, for a machine that is confined to
/// programs, what is of others, and of people all but those who applied in its programs by now or whose account it holds.
/// Events are thin: what they do not tell is read where it is. With `Accept: application/x-ndjson` the answer is a line for each event up to the end of the log as
/// it was then, and a last line with `next_after`; without that line it was cut off.
#[utoipa::path(tag = "Changes", params(ListChanges), responses((status = 200, description = "What happened.",
    content((ChangesView = "application/json"), (String = "application/x-ndjson")))))]
#[get("/v1/changes")]
pub(crate) async fn list_changes(
    app: App,
    call: Call,
    request: HttpRequest,
    query: Query<ListChanges>,
) -> Result<HttpResponse, Problem> {
    call.allow(Action::ListChanges, &Facts::default())?;
    let wanted = Wanted::of(&call, &query)?;
    if lines_wanted(&request) {
        return lines(app, wanted).await;
    }
    let until = tokio::time::Instant::now() + wanted.wait;
    loop {
        // Before the look: what is positioned during it is not missed.
        let news = app.news.notified();
        let asked = wanted.clone();
        let page = app.store.read(move |tx| look(tx, &asked, None)).await?;
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        if !page.items.is_empty() || page.has_more || left.is_zero() || !app.is_open() {
            return Ok(Reply::ok(&page).private().header("Vary", "Accept").into_response());
        }
        // Another server's events wake nobody here.
        let _timeout = tokio::time::timeout(left.min(Duration::from_secs(1)), news).await;
    }
}

fn lines_wanted(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        one.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(LINES))
    })
}

/// Where a stream of lines is.
enum Place {
    /// After a position.
    After(Wanted),
    /// At its end.
    Ended,
}

/// Lines up to what is the end of the log now, a chunk of events in memory at a time.
async fn lines(app: App, wanted: Wanted) -> Result<HttpResponse, Problem> {
    let until = app.store.read(|tx| tx.events().last_position().map_err(Problem::from)).await?;
    let chunks = stream::try_unfold(Place::After(wanted), move |place| {
        let app = app.clone();
        async move {
            let Place::After(mut wanted) = place else { return Ok(None) };
            let asked = wanted.clone();
            let page = app.store.read(move |tx| look(tx, &asked, Some(until))).await?;
            let mut text = String::new();
            for item in &page.items {
                text.push_str(&line(item)?);
            }
            wanted.after = page.next_after;
            let place = if page.has_more {
                Place::After(wanted)
            } else {
                text.push_str(&line(&json!({"next_after": page.next_after}))?);
                Place::Ended
            };
            Ok::<_, Problem>(Some((Bytes::from(text), place)))
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, LINES))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((VARY, "Accept"))
        .streaming(chunks))
}

fn line<T: Serialize>(value: &T) -> Result<String, Problem> {
    let text = serde_json::to_string(value);
    text.map(|text| text + "\n").map_err(|error| Problem::internal(error.to_string()))
}
