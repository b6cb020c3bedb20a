//! A certificate as a PDF document.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    CertificationId,
    access::{Action, Facts},
    certificate::Certification,
};
use persistence::Tx;
use sha2::{Digest, Sha256};

use crate::{
    answer::{FileBody, Reply},
    app::App,
    call::Call,
    document::{self, CertificateSheet, DocumentError},
    extract::{IfNoneMatch, PathOf},
    flows::program,
    hex,
    problem::Problem,
};

/// What a certificate is made of.
struct Papers {
    held: Certification,
    program: String,
    sets: Vec<String>,
    today: NaiveDate,
    verify_url: String,
}

/// Read a certificate as a PDF document
///
/// The edition in force: the name, the competency sets, the number, the dates of the present term, and the
/// address at which this print is verified, as text and as a QR code. The same certificate gives the same bytes;
/// its entity tag changes with them. One that lapsed or was revoked is not printed any more: 409.
#[utoipa::path(tag = "Candidates", extensions(("x-problems" = json!([409]))),
    responses((status = 200, body = FileBody,
    content_type = "application/pdf", description = "The document.",
    headers(("ETag" = String, description = "Changes with the document.")))))]
#[get("/v1/certifications/{certification_id}/document")]
pub(crate) async fn get_certificate_document(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    let papers = app
        .clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let held = tx.certifications().get(*id)?;
            let facts = Facts::of_person(held.person);
            call.allow_in(Action::GetCertificateDocument, &facts, &held.program)?;
            call.discloses([held.person]);
            papers(&app, tx, held)
        })
        .await?;
    // Setting a page takes its time: no connection waits for it.
    let name = format!("{}.pdf", papers.held.number);
    let bytes = made(&papers)?;
    let digest = hex::of(Sha256::digest(&bytes).get(..12).unwrap_or_default());
    let reply = Reply::file("application/pdf", &name, bytes);
    Ok(seen.answer(reply.header("ETag", format!("\"{digest}\""))))
}

fn papers(app: &App, tx: &mut Tx<'_>, held: Certification) -> Result<Papers, Problem> {
    let today = program::today(app, tx, &held.program)?;
    domain::decision::by_state(vec![held.print_finding(today)])?;
    let candidacy = tx.candidacies().get(held.candidacy)?;
    let (_, framework) = program::pinned(tx, &candidacy)?;
    let title = |code| framework.set(code).map(|set| set.title.clone());
    let sets = held.achievements.iter().filter_map(|ground| title(&ground.set)).collect();
    let (number, edition) = (&held.number, held.edition());
    let verify_url = format!("{}/v1/verifications/{number}?edition={edition}", app.public_url);
    let program = tx.programs().get(&held.program)?.name;
    Ok(Papers { held, program, sets, today, verify_url })
}

fn made(papers: &Papers) -> Result<Vec<u8>, DocumentError> {
    let held = &papers.held;
    let condition = held.open_condition(papers.today).map(|last| {
        format!("provisionally, on the condition that the hours of work are shown by {last}.")
    });
    document::certificate(&CertificateSheet {
        program: &papers.program,
        holder_name: &held.holder_name,
        sets: papers.sets.iter().map(String::as_str).collect(),
        condition: condition.as_deref(),
        number: held.number.as_str(),
        edition: held.edition(),
        from: held.completed_on,
        through: held.expires_on,
        issued_on: held.editions.last().map_or(held.awarded_on, |one| one.issued_on),
        verify_url: &papers.verify_url,
    })
}
