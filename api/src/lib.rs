//! The JSON REST API and the binary `lssc`.
//!
//! # How to write an operation
//!
//! A handler is five beats: load, allow, decide, record, answer. It takes [`app::App`], [`call::Call`]
//! and what it needs of the extractors, and hands one closure to [`app::App::read`] or
//! [`app::App::change`]. The closure may be run again after a lost race: borrow what it captured.
//!
//! ```ignore
//! /// Submit an application
//! ///
//! /// The first line is the summary, the rest the description.
//! #[utoipa::path(tag = "Candidates", responses((status = 200, body = ApplicationView, description = "Submitted.")))]
//! #[post("/v1/applications/{id}/submit")]
//! pub(crate) async fn submit_application(app: App, call: Call, id: PathOf<ApplicationId>) -> Result<Reply, Problem> {
//!     let today = app.now();
//!     app.change(&call, move |tx, call| {
//!         let mut application = tx.applications().get(*id)?;                                  // load
//!         call.allow(Action::SubmitApplication, &Facts::of_person(application.person))?;      // allow
//!         let events = application.submit(today)?;                                            // decide
//!         tx.applications().save(&mut application)?;                                          // record
//!         tx.record(events)?;
//!         Ok(Reply::ok(&ApplicationView::of(&application)).etag(application.version).private()) // answer
//!     }).await
//! }
//! ```
//!
//! - The function's name is the `operationId` and the word in the access table
//!   ([`domain::access::Action`]). Security, headers, problems and rate limits of the document follow
//!   from it; the handler lists its success and, when it has them, `request_body = T` and
//!   `params(ListQuery)` (`ListQuery: IntoParams`). Path parameters are found in the template. Register
//!   it in the module's `register` and the module in [`v1::register`]: what is served is documented.
//! - A body: `body: Body<CreateThing>`, asked for by `body.get()?` after `call.allow`: so 401 and 403
//!   come before 422. Derive `Deserialize` with `deny_unknown_fields`. Facts that cannot be true are
//!   `Vec<BadFact>` and turn into 422 by `?`; refused decisions, [`domain::access::Refusal`] and
//!   [`persistence::Error`] turn into their problems by `?` as well.
//! - A file of rows: `rows: Rows<Line>` takes `text/csv`, `JsonOrRows<CreateThing, Line>` either, `JsonOrEachRow` too and each row for itself; they say how to
//!   declare them. A list as a file: `format: Option<Format>` in its query, answered by `Reply::csv`. See [`csv`].
//! - A file as the body: `upload: Upload`, kept by `app.files`, answered by `Reply::file`. See [`files`].
//! - A query: `query: Query<ListQuery>` with `deny_unknown_fields`; pages by
//!   `Page::of(query.limit, query.cursor.as_ref())?`, `page.load()` rows, `page.listing(..).reply(&call)`.
//! - PATCH, PUT and DELETE take `seen: IfMatch` and check `seen.check(thing.version)?` after the body
//!   (422 comes before 428 and 412). GET of one resource takes `seen: IfNoneMatch` and answers
//!   `seen.answer(Reply::ok(&view).etag(version).private())`. Declare `headers(("ETag" = String))` on
//!   the 200 of such a GET, and the document offers `If-None-Match`. An operation without a version
//!   says `extensions(("x-if-match" = json!("none")))`.
//! - Every POST that needs somebody signed in takes an `Idempotency-Key`; where money or a decision is
//!   involved say `extensions(("x-idempotency-key" = json!("required")))` and it is enforced; a public
//!   POST that changes something says `"optional"`.
//! - Examples are in `openapi/examples.json`, by operation id a list of `{name, summary, as, path, query,
//!   headers, request, status}`; `LSSC_BLESS=1 cargo test -p tests examples` sends them to a sandbox and
//!   writes down the responses, `LSSC_BLESS=1 cargo test -p tests contract` then prints the document.

pub mod answer;
pub mod app;
pub mod auth;
pub mod call;
pub mod cli;
pub mod clock;
pub mod config;
pub mod csv;
pub mod demo;
pub mod disclosure;
pub mod document;
pub mod door;
pub mod extract;
pub mod files;
pub mod flows;
mod health;
mod hex;
mod ics;
mod idempotent;
pub mod ids;
mod mail;
pub mod openapi;
pub mod problem;
pub mod scim;
pub mod serve;
mod shipped;
mod telemetry;
pub mod v1;
mod workers;
