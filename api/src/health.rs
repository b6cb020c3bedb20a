//! Whether the server lives and can serve; its metrics.

use actix_web::HttpResponse;
use serde_json::json;

use crate::{answer::Reply, app::App};

/// `GET /livez`: the process answers.
pub(crate) async fn livez() -> HttpResponse {
    Reply::ok(&json!({"status": "pass"})).no_store().into_response()
}

/// `GET /readyz`: the database answers and has every migration. 503 while it does not, or while the
/// server drains.
pub(crate) async fn readyz(app: App) -> HttpResponse {
    let database = app.store.ping().await.is_ok();
    let migrations = database && app.store.pending().await.is_ok_and(|pending| pending.is_empty());
    let ready = app.is_open() && database && migrations;
    let word = |good: bool| if good { "pass" } else { "fail" };
    let view = json!({"status": word(ready),
        "checks": {"database": word(database), "migrations": word(migrations), "taking_requests": word(app.is_open())}});
    let reply = Reply::of(if ready { 200 } else { 503 }, &view).no_store();
    if ready { reply.into_response() } else { reply.header("Retry-After", "1").into_response() }
}

/// `GET /metrics`, on its own address.
pub(crate) async fn metrics(app: App) -> HttpResponse {
    let stats = app.store.stats();
    app.door.metrics.waiting(stats.waiting_reads, stats.waiting_writes);
    match app.door.metrics.text() {
        Ok(text) => {
            HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
        }
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
