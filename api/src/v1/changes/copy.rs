//! The full copy: every account, and the place in the feed from which it is kept current.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Bytes,
};
use domain::{
    PersonId,
    access::{Action, Facts},
};
use futures_util::stream;
use persistence::{AccountFilter, Page, Tx};
use serde_json::json;

use super::{LINES, line};
use crate::{
    app::App,
    call::Call,
    disclosure,
    flows::account::AccountRules,
    problem::Problem,
    v1::accounts::{AccountView, names, shown},
};

/// Accounts that are in memory at once.
const CHUNK: i64 = 200;

/// Where a copy is.
enum Place {
    /// Before everything.
    Begun,
    /// After an account.
    After(Option<PersonId>),
    /// At its end.
    Ended,
}

/// Copy every account
///
/// A line for each account that the caller may hold, in the order of ids, as `GET /v1/accounts` tells it today. The first
/// line, `{"position": ...}`, is the place from which to follow `GET /v1/changes`: it was taken before the first account
/// was read, so that following from it misses nothing, though it may tell again what the copy has already. The last line,
/// `{"accounts": ...}`, counts them; without it the copy was cut off. A machine needs the scope `changes:read` as well,
/// and a quota of people in which every account has room: else it is 429 before the first line.
#[utoipa::path(tag = "Changes", responses((status = 200, description = "Every account, a line each.",
    body = String, content_type = "application/x-ndjson")))]
#[get("/v1/changes/copy")]
pub(crate) async fn copy_changes(app: App, call: Call) -> Result<HttpResponse, Problem> {
    call.allow(Action::CopyChanges, &Facts::default())?;
    call.allow(Action::ListChanges, &Facts::default())?;
    if call.caller().client().is_some() {
        let (there, asks) = (app.clone(), call.clone());
        let people = app.store.read(move |tx| {
            let filter = all(&asks, AccountRules::of(&there, tx)?);
            tx.accounts().count(&filter).map_err(Problem::from)
        });
        disclosure::has_room(&app, &call, people.await?).await?;
    }
    let lines = stream::try_unfold((Place::Begun, 0_usize), move |(place, count)| {
        let (app, call) = (app.clone(), call.clone());
        async move {
            let (text, place, more) = match place {
                Place::Ended => return Ok(None),
                Place::Begun => {
                    // In a transaction of its own, before any account is read.
                    let last =
                        app.store.read(|tx| tx.events().last_position().map_err(Problem::from));
                    (line(&json!({"position": last.await?}))?, Place::After(None), 0)
                }
                Place::After(after) => {
                    let there = app.clone();
                    // What each chunk tells a machine is counted before it is sent.
                    let read = app.read(&call, move |tx, call| page(&there, tx, call, after));
                    let views = read.await?;
                    let mut text = String::new();
                    for view in &views {
                        text.push_str(&line(view)?);
                    }
                    let full = i64::try_from(views.len()).is_ok_and(|found| found == CHUNK);
                    let last = views.last().filter(|_| full);
                    let place = if let Some(last) = last {
                        Place::After(Some(last.person_id))
                    } else {
                        text.push_str(&line(&json!({"accounts": count + views.len()}))?);
                        Place::Ended
                    };
                    (text, place, views.len())
                }
            };
            Ok::<_, Problem>(Some((Bytes::from(text), (place, count + more))))
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, LINES))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .streaming(lines))
}

/// Every account of which the caller is told.
fn all(call: &Call, rules: AccountRules) -> AccountFilter {
    AccountFilter {
        client: call.caller().client(),
        person: None,
        external_id: None,
        programs: call.caller().programs_of(None),
        state: None,
        day: rules.today,
        reminder_days: rules.reminder_days,
    }
}

fn page(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    after: Option<PersonId>,
) -> Result<Vec<AccountView>, Problem> {
    let (rules, client) = (AccountRules::of(app, tx)?, call.caller().client());
    let filter = all(call, rules);
    let rows = tx.accounts().list(&filter, Page { after, limit: CHUNK })?;
    call.discloses(rows.iter().map(|row| row.person.id));
    let names = names(tx, &rows)?;
    let view = |row| AccountView::of(shown(call, row), filter.day, rules, client, &names);
    Ok(rows.into_iter().map(view).collect())
}
