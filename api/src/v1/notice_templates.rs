//! What notices say: the texts of a program, one for each kind, in versions.

use actix_web::{get, post, put};
use chrono::{DateTime, Utc};
use domain::{
    access::{Action, Facts},
    event::Event,
    notice::{NoticeKind, NoticeTemplate, TemplateEvent, TemplateText, template},
    program::ProgramCode,
};
use persistence::{Constraint, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::fields::{Line, Prose};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, PathOf, Query},
    openapi::words::one_of,
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_notice_templates)
        .service(get_notice_template)
        .service(put_notice_template)
        .service(preview_notice_template);
}

/// The text of a kind of notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeTemplateView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// What it tells.
    #[schema(schema_with = one_of::<NoticeKind>)]
    pub kind: NoticeKind,
    /// Whether it is mailed whatever its reader prefers.
    pub mandatory: bool,
    /// The subject line; what stands in braces is filled in.
    #[schema(example = "Your certification ends in {months}")]
    pub subject: String,
    /// The body; what stands in braces is filled in.
    pub body: String,
    /// What may stand in braces.
    pub placeholders: Vec<String>,
    /// When it was written.
    pub made_at: DateTime<Utc>,
    /// Who wrote it.
    pub made_by: String,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
}

impl From<NoticeTemplate> for NoticeTemplateView {
    fn from(template: NoticeTemplate) -> Self {
        let names = template::placeholders(template.kind);
        Self {
            program: template.program,
            kind: template.kind,
            mandatory: template.kind.is_mandatory(),
            subject: template.text.subject,
            body: template.text.body,
            placeholders: names.into_iter().map(str::to_owned).collect(),
            made_at: template.made_at,
            made_by: template.made_by,
            version: template.version,
        }
    }
}

/// The text of a kind of notice, written anew.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutNoticeTemplate {
    /// The subject line.
    pub subject: Line,
    /// The body.
    pub body: Prose,
}

impl PutNoticeTemplate {
    fn text(&self, kind: NoticeKind) -> Result<TemplateText, Problem> {
        let (subject, body) = (self.subject.to_string(), format!("{}\n", &*self.body));
        let text = TemplateText { subject, body };
        let faults = text.check(kind);
        if faults.is_empty() { Ok(text) } else { Err(faults.into()) }
    }
}

/// A text with its placeholders filled.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticePreview {
    /// The subject line.
    #[schema(example = "Your certification ends in 6 months")]
    pub subject: String,
    /// The body.
    pub body: String,
}

/// Whose texts, and of which version.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TemplateOf {
    /// The program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// An earlier version; the last one when left out.
    #[param(minimum = 1)]
    pub version: Option<i64>,
}

/// Whose texts.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TemplatesOf {
    /// The program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
}

impl TemplatesOf {
    fn code(&self) -> ProgramCode {
        self.program.clone().unwrap_or_else(ProgramCode::lssc)
    }
}

/// List the texts of notices
///
/// The last version of each kind, all on one page.
#[utoipa::path(tag = "Notices", params(TemplatesOf),
    responses((status = 200, body = Listing<NoticeTemplateView>)))]
#[get("/v1/notice-templates")]
pub(crate) async fn list_notice_templates(
    app: App,
    call: Call,
    query: Query<TemplatesOf>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListNoticeTemplates, &Facts::default())?;
        let mut last: Vec<NoticeTemplate> = Vec::new();
        // By kind and version: a later one takes the place of the one before.
        for template in tx.notice_templates().of_program(&query.code())? {
            last.retain(|one| one.kind != template.kind);
            last.push(template);
        }
        last.sort_by_key(|template| template.kind);
        let views = last.into_iter().map(NoticeTemplateView::from).collect();
        Ok(Listing::whole(views).reply(call))
    })
    .await
}

/// Read the text of a kind of notice
///
/// The last version, or an earlier one: a notice names the version by which it was written.
#[utoipa::path(tag = "Notices", params(TemplateOf),
    responses((status = 200, body = NoticeTemplateView, headers(("ETag" = String)))))]
#[get("/v1/notice-templates/{notice_kind}")]
pub(crate) async fn get_notice_template(
    app: App,
    call: Call,
    kind: PathOf<NoticeKind>,
    query: Query<TemplateOf>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetNoticeTemplate, &Facts::default())?;
        let program = query.program.clone().unwrap_or_else(ProgramCode::lssc);
        let found = match query.version {
            None => tx.notice_templates().latest(&program, kind.0)?,
            Some(version) => tx.notice_templates().version(&program, kind.0, version)?,
        };
        let version = found.version;
        let reply = Reply::ok(&NoticeTemplateView::from(found)).etag(version);
        Ok(seen.answer(reply.private()))
    })
    .await
}

/// Write the text of a kind of notice anew
///
/// As the next version, by which notices are written from now on; a notice that was sent keeps its own. A
/// placeholder that the kind does not have is refused with its place. Needs `If-Match`.
#[utoipa::path(tag = "Notices", params(TemplatesOf), request_body = PutNoticeTemplate,
    responses((status = 200, body = NoticeTemplateView)))]
#[put("/v1/notice-templates/{notice_kind}")]
pub(crate) async fn put_notice_template(
    app: App,
    call: Call,
    kind: PathOf<NoticeKind>,
    query: Query<TemplatesOf>,
    body: Body<PutNoticeTemplate>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::PutNoticeTemplate, &Facts::default())?;
        let found = tx.notice_templates().latest(&query.code(), kind.0)?;
        let text = body.get()?.text(kind.0)?;
        seen.check(found.version)?;
        let (template, fact) = found.revise(text, call.actor(), tx.now());
        tx.notice_templates().insert(&template).map_err(|error| match error {
            Error::Conflict(Constraint::NoticeTemplatesVersion) => Error::Stale.into(),
            other => Problem::from(other),
        })?;
        tx.record(event(&template, fact))?;
        let version = template.version;
        Ok(Reply::ok(&NoticeTemplateView::from(template)).etag(version).private())
    })
    .await
}

fn event(template: &NoticeTemplate, fact: TemplateEvent) -> Event<TemplateEvent> {
    Event {
        program: Some(template.program.clone()),
        subject: NoticeTemplate::subject(&template.program, template.kind),
        person: None,
        fact,
    }
}

/// Preview the text of a kind of notice
///
/// With made-up figures in the place of the placeholders. Nothing is stored.
#[utoipa::path(tag = "Notices", request_body = PutNoticeTemplate,
    extensions(("x-idempotency-key" = json!("none"))),
    responses((status = 200, body = NoticePreview)))]
#[post("/v1/notice-templates/{notice_kind}/preview")]
pub(crate) async fn preview_notice_template(
    call: Call,
    kind: PathOf<NoticeKind>,
    body: Body<PutNoticeTemplate>,
) -> Result<Reply, Problem> {
    call.allow(Action::PreviewNoticeTemplate, &Facts::default())?;
    let text = body.get()?.text(kind.0)?;
    let filled = text.filled(&template::sample(kind.0));
    let TemplateText { subject, body } =
        filled.map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Reply::ok(&NoticePreview { subject, body }).private())
}
