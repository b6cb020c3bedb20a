//! The full copy: every account, and the place in the feed from which it is kept current.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Bytes,
};
use domain::{
    ClientId, PersonId,
    access::{Action, Facts},
};
use futures_util::stream;
use persistence::{AccountFilter, Page, Tx};
use serde_json::json;

use super::{LINES, line};
use crate::{
    app::App,
    call::Call,
    flows::account::AccountRules,
    problem::Problem,
    v1::accounts::{AccountView, names},
};

/// Accounts that are in memory at once.
const CHUNK: i64 = 200;

/// Where a copy is.
enum Place {
    /// Some lines are read; then after an account, or at the end.
    Read(Chunk),
    /// After an account.
    After(PersonId),
    /// At its end.
    Ended,
}

/// Lines that were read at once.
struct Chunk {
    text: String,
    accounts: usize,
    last: Option<PersonId>,
}

/// Copy every account
///
/// A line for each account that the caller may hold, in the order of ids, as `GET /v1/accounts` tells it today. The first
/// line, `{"position": ...}`, is the place from which to follow `GET /v1/changes`: it was taken before the first account
/// was read, so that following from it misses nothing, though it may tell again what the copy has already. The last line,
/// `{"accounts": ...}`, counts them; without it the copy was cut off. A machine needs the scope `changes:read` as well.
/// Each account counts against its quota of people: a copy that goes beyond is refused at its beginning, or cut off where
/// the quota ends.
#[utoipa::path(tag = "Changes", responses((status = 200, description = "Every account, a line each.",
    body = String, content_type = "application/x-ndjson")))]
#[get("/v1/changes/copy")]
pub(crate) async fn copy_changes(app: App, call: Call) -> Result<HttpResponse, Problem> {
    call.allow(Action::CopyChanges, &Facts::default())?;
    call.allow(Action::ListChanges, &Facts::default())?;
    // In a transaction of its own, before any account is read.
    let position = app.store.read(|tx| tx.events().last_position().map_err(Problem::from)).await?;
    // The first accounts before the answer begins: it may be refused.
    let mut first = chunk(&app, &call, None).await?;
    first.text.insert_str(0, &line(&json!({"position": position}))?);
    let lines = stream::try_unfold((Place::Read(first), 0_usize), move |(place, count)| {
        let (app, call) = (app.clone(), call.clone());
        async move {
            let read = match place {
                Place::Ended => return Ok(None),
                Place::Read(read) => read,
                Place::After(last) => chunk(&app, &call, Some(last)).await?,
            };
            let (mut text, count) = (read.text, count + read.accounts);
            let place = match read.last {
                Some(last) => Place::After(last),
                None => {
                    text.push_str(&line(&json!({"accounts": count}))?);
                    Place::Ended
                }
            };
            Ok::<_, Problem>(Some((Bytes::from(text), (place, count))))
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, LINES))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .streaming(lines))
}

/// The next accounts, counted as every answer about people is.
async fn chunk(app: &App, call: &Call, after: Option<PersonId>) -> Result<Chunk, Problem> {
    let there = app.clone();
    app.read(call, move |tx, call| {
        let views = page(&there, tx, call.caller().client(), after)?;
        call.discloses(views.iter().map(|view| view.person_id));
        let lines = views.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let full = i64::try_from(views.len()).is_ok_and(|found| found == CHUNK);
        let last = views.last().filter(|_| full).map(|view| view.person_id);
        Ok(Chunk { text: lines.concat(), accounts: views.len(), last })
    })
    .await
}

fn page(
    app: &App,
    tx: &mut Tx<'_>,
    client: Option<ClientId>,
    after: Option<PersonId>,
) -> Result<Vec<AccountView>, Problem> {
    let rules = AccountRules::of(app, tx)?;
    let filter = AccountFilter {
        client,
        person: None,
        external_id: None,
        state: None,
        day: rules.today,
        reminder_days: rules.reminder_days,
    };
    let rows = tx.accounts().list(&filter, Page { after, limit: CHUNK })?;
    let names = names(tx, &rows)?;
    let view = |row| AccountView::of(row, filter.day, rules, client, &names);
    Ok(rows.into_iter().map(view).collect())
}
