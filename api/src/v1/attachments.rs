//! Attachments: files that people hand in. They are kept as they are, never run, and always come back as
//! a download.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    AttachmentId, OrganisationId, PersonId,
    access::{Action, Facts},
    attachment::{Attachment, AttachmentEvent, AttachmentOwner, AttachmentPurpose, fitting_name},
    event::Event,
    id::{AttachmentKind, OrganisationKind, PersonKind},
    program::ProgramCode,
};
use persistence::{Optional, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{FileBody, Reply},
    app::App,
    call::Call,
    extract::{IfNoneMatch, PathOf, Query},
    files::{FileName, Upload},
    flows::{evaluation, program, proposal},
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(upload_attachment).service(get_attachment).service(download_attachment);
}

/// What is known of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileView {
    /// Its id.
    #[schema(schema_with = id_of::<AttachmentKind>)]
    pub id: AttachmentId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The person whose it is.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The organisation whose it is.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub organisation_id: Option<OrganisationId>,
    /// What it is for.
    #[schema(schema_with = one_of::<AttachmentPurpose>)]
    pub purpose: AttachmentPurpose,
    /// Its name.
    #[schema(example = "syllabus.pdf")]
    pub file_name: String,
    /// Its media type.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// When it was handed in.
    pub uploaded_at: DateTime<Utc>,
    /// Where its bytes are downloaded.
    pub content_url: String,
}

impl From<Attachment> for FileView {
    fn from(file: Attachment) -> Self {
        let (person_id, organisation_id) = match file.owner {
            AttachmentOwner::Person(person) => (Some(person), None),
            AttachmentOwner::Organisation(organisation) => (None, Some(organisation)),
        };
        Self {
            id: file.id,
            program: file.program,
            person_id,
            organisation_id,
            purpose: file.purpose,
            file_name: file.file_name,
            media_type: file.media_type,
            size_bytes: file.size_bytes,
            sha256: file.sha256,
            uploaded_at: file.uploaded_at,
            content_url: format!("/v1/attachments/{}/content", file.id),
        }
    }
}

/// What a file is handed in as.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// The program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// What it is for.
    #[param(schema_with = one_of::<AttachmentPurpose>)]
    pub purpose: AttachmentPurpose,
    /// Its name.
    #[param(value_type = String, max_length = 200, example = "syllabus.pdf")]
    pub file_name: FileName,
    /// The provider or college whose it is; the caller's own when left out.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub organisation_id: Option<OrganisationId>,
}

fn facts(owner: AttachmentOwner) -> Facts {
    match owner {
        AttachmentOwner::Person(person) => Facts::of_person(person),
        AttachmentOwner::Organisation(organisation) => Facts::of_organisation(organisation),
    }
}

/// Whose a file will be, if the caller may hand it in.
fn owner(call: &Call, organisation: Option<OrganisationId>) -> Result<AttachmentOwner, Problem> {
    let own = call.signed()?.person();
    let owned = match organisation {
        Some(organisation) => Facts::of_organisation(organisation),
        None => Facts { owner: own, organisation: None },
    };
    call.allow(Action::UploadAttachment, &owned)?;
    match (organisation, own) {
        (Some(organisation), _) => Ok(AttachmentOwner::Organisation(organisation)),
        (None, Some(person)) => Ok(AttachmentOwner::Person(person)),
        (None, None) => Err(Problem::query("organisation_id", "required", "Say whose it is.")),
    }
}

/// Refuses a program or an organisation that is not there.
fn check(tx: &mut Tx<'_>, program: &ProgramCode, owner: AttachmentOwner) -> Result<(), Problem> {
    if program::asked(tx, program)?.is_none() {
        let detail = format!("There is no program {program}.");
        return Err(Problem::query("program", "unknown", detail));
    }
    let AttachmentOwner::Organisation(id) = owner else { return Ok(()) };
    let there =
        tx.providers().get(id).found()?.is_some() || tx.colleges().get(id).found()?.is_some();
    if there {
        return Ok(());
    }
    let detail = "There is no provider or college of this id.";
    Err(Problem::query("organisation_id", "unknown", detail))
}

/// Hand in a file
///
/// The body is the file, `Content-Type` its media type: documents, images and texts of up to 10 MiB, no
/// archives and no programs; bytes of another type are refused. Evidence, as a portfolio shows it, may be of
/// any media type, video, sound and archives included, of the same size. A name whose extension is of another
/// type gets the right one added. It belongs to the caller, or to the
/// organisation that `organisation_id` names, and is never changed. Name its id where it is needed: as the
/// syllabus of a proposal, for example.
#[utoipa::path(tag = "Candidates", params(UploadQuery),
    request_body(content = FileBody, content_type = "application/octet-stream"),
    responses((status = 201, body = FileView)))]
#[post("/v1/attachments")]
pub(crate) async fn upload_attachment(
    app: App,
    call: Call,
    query: Query<UploadQuery>,
    upload: Upload,
) -> Result<Reply, Problem> {
    let organisation = query.organisation_id;
    owner(&call, organisation)?;
    let file = upload.receive(query.purpose).await?;
    // What is refused leaves no bytes behind.
    let program = query.program.clone().unwrap_or_else(ProgramCode::lssc);
    let named = program.clone();
    app.read(&call, move |tx, call| check(tx, &named, owner(call, organisation)?)).await?;
    app.files.put(&file.key, file.bytes.clone()).await?;
    app.change(&call, move |tx, call| {
        let owner = owner(call, organisation)?;
        check(tx, &program, owner)?;
        let attachment = Attachment {
            id: tx.new_id(),
            program: program.clone(),
            owner,
            purpose: query.purpose,
            file_name: fitting_name(&query.file_name, &file.media_type),
            media_type: file.media_type.clone(),
            size_bytes: file.size_bytes,
            sha256: file.key.to_string(),
            uploaded_by: tx.actor().to_owned(),
            uploaded_at: tx.now(),
        };
        let bad = attachment.check();
        if !bad.is_empty() {
            return Err(bad.into());
        }
        tx.attachments().insert(&attachment)?;
        tx.record(Event {
            program: Some(attachment.program.clone()),
            subject: attachment.id.to_string(),
            person: facts(owner).owner,
            fact: AttachmentEvent::Uploaded { after: attachment.clone() },
        })?;
        let location = format!("/v1/attachments/{}", attachment.id);
        Ok(Reply::created(location, &FileView::from(attachment)).private())
    })
    .await
}

/// The file, if the caller may read it: its owners, the office, who reviews a proposal that names it, and who
/// judges a portfolio that shows it.
fn readable(
    tx: &mut Tx<'_>,
    call: &Call,
    action: Action,
    id: AttachmentId,
) -> Result<Attachment, Problem> {
    call.signed()?;
    let attachment = tx.attachments().get(id)?;
    if let Err(refused) = call.allow(action, &facts(attachment.owner))
        && !proposal::shows(tx, call.caller(), &attachment)?
        && !evaluation::shows(tx, call.caller(), &attachment)?
    {
        return Err(refused);
    }
    Ok(attachment)
}

/// Read what is known of a file
///
/// Its owners, the office, the reviewers of a proposal that names it, and the evaluators of a portfolio that
/// shows it.
#[utoipa::path(tag = "Candidates", responses((status = 200, body = FileView)))]
#[get("/v1/attachments/{attachment_id}")]
pub(crate) async fn get_attachment(
    app: App,
    call: Call,
    id: PathOf<AttachmentId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let attachment = readable(tx, call, Action::GetAttachment, *id)?;
        Ok(Reply::ok(&FileView::from(attachment)).private())
    })
    .await
}

/// Download a file
///
/// Always as a download, under its name, never to be shown in place: `Content-Disposition: attachment`,
/// `nosniff`, and a sandbox without any right. Its entity tag is its SHA-256.
#[utoipa::path(tag = "Candidates",
    responses((status = 200, body = FileBody, content_type = "application/octet-stream",
        headers(("ETag" = String)))))]
#[get("/v1/attachments/{attachment_id}/content")]
pub(crate) async fn download_attachment(
    app: App,
    call: Call,
    id: PathOf<AttachmentId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    let file = app
        .read(&call, move |tx, call| readable(tx, call, Action::DownloadAttachment, *id))
        .await?;
    let bytes = app.files.get(&file.sha256.parse()?).await?;
    let reply = Reply::file(&file.media_type, &file.file_name, bytes.to_vec());
    Ok(seen.answer(reply.header("ETag", format!("\"{}\"", file.sha256))))
}
