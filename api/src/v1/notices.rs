//! Notices to people: what was due, what was told, and what was not, and why (FAQ 18, 19).

use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    EmailId, NoticeId, PersonId,
    access::{Action, Facts},
    id::{EmailKind, NoticeIdKind, PersonKind},
    notice::{DropReason, Notice, NoticeKind, NoticeState},
    program::ProgramCode,
};
use persistence::NoticeFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    problem::Problem,
    v1::actions,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_notices).service(get_notice);
}

/// A notice to a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeView {
    /// Its id.
    #[schema(schema_with = id_of::<NoticeIdKind>)]
    pub id: NoticeId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// What it tells.
    #[schema(schema_with = one_of::<NoticeKind>)]
    pub kind: NoticeKind,
    /// To whom.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The id of what it is about.
    #[schema(example = "cand_019b76dab30971f9b7a59c156c5ee3a7")]
    pub subject: String,
    /// The date of the fact: the deadline, the last day of the term, the day of the event. Of one fact each notice
    /// is due once.
    pub fact_on: NaiveDate,
    /// How many months before that date, where the kind is told several times; 0 otherwise.
    #[schema(minimum = 0)]
    pub months: i32,
    /// The day on which it is due.
    pub due_on: NaiveDate,
    /// When it was found due.
    pub made_at: DateTime<Utc>,
    /// Where it stands.
    #[schema(schema_with = one_of::<NoticeState>)]
    pub state: NoticeState,
    /// When it was sent or dropped.
    pub settled_at: Option<DateTime<Utc>>,
    /// The version of the text that was sent.
    pub template_version: Option<i64>,
    /// The address to which it was sent.
    #[schema(schema_with = id_of_or_null::<EmailKind>)]
    pub email_id: Option<EmailId>,
    /// Why it was dropped.
    #[schema(schema_with = one_of_or_null::<DropReason>)]
    pub reason: Option<DropReason>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next.
    pub actions: Vec<ActionView>,
}

impl NoticeView {
    /// The notice as the caller sees it.
    #[must_use]
    pub fn of(notice: Notice, call: &Call) -> Self {
        let came = call.caller().may(Action::RecordBounce, &Facts::default()).is_ok();
        let actions = came.then(|| {
            let findings = vec![notice.bounce_finding()];
            actions::view(Action::RecordBounce, "POST", "/v1/bounces".to_owned(), findings)
        });
        Self {
            id: notice.id,
            program: notice.program,
            kind: notice.kind,
            person_id: notice.person,
            subject: notice.subject,
            fact_on: notice.fact_on,
            months: notice.months,
            due_on: notice.due_on,
            made_at: notice.made_at,
            state: notice.state,
            settled_at: notice.settled_at,
            template_version: notice.template_version,
            email_id: notice.email,
            reason: notice.reason,
            version: notice.version,
            actions: actions.into_iter().collect(),
        }
    }
}

/// Which notices are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListNotices {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those to a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those that tell this.
    #[param(schema_with = one_of::<NoticeKind>, required = false)]
    pub kind: Option<NoticeKind>,
    /// Only those in a state.
    #[param(schema_with = one_of::<NoticeState>, required = false)]
    pub state: Option<NoticeState>,
    /// Only those due on this day or later.
    pub due_from: Option<NaiveDate>,
    /// Only those due on this day or earlier.
    pub due_until: Option<NaiveDate>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List notices
///
/// What was due to be told, the first found due first. Staff see everybody's, others their own.
#[utoipa::path(tag = "Notices", params(ListNotices),
    responses((status = 200, body = Listing<NoticeView>)))]
#[get("/v1/notices")]
pub(crate) async fn list_notices(
    app: App,
    call: Call,
    query: Query<ListNotices>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListNotices)?;
        let mut filter = NoticeFilter {
            program: query.program.clone(),
            person: query.person_id,
            kind: query.kind,
            state: query.state,
            due_from: query.due_from,
            due_until: query.due_until,
        };
        let page = Page::<NoticeId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.notices().list(&filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, |row| NoticeView::of(row, call)).reply(call))
    })
    .await
}

/// Read a notice
///
/// The log holds the same: `notice.due`, then `notice.sent` or `notice.dropped`.
#[utoipa::path(tag = "Notices", responses((status = 200, body = NoticeView)))]
#[get("/v1/notices/{notice_id}")]
pub(crate) async fn get_notice(
    app: App,
    call: Call,
    id: PathOf<NoticeId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let notice = tx.notices().get(*id)?;
        call.allow(Action::GetNotice, &Facts::of_person(notice.person))?;
        let version = notice.version;
        Ok(seen.answer(Reply::ok(&NoticeView::of(notice, call)).etag(version).private()))
    })
    .await
}
