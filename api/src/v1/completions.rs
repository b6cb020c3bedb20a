//! Completions of approved courses: how a candidate achieves a set by course (FAQ 10, 16).

mod corrections;
mod views;

use std::collections::BTreeMap;

use actix_web::{get, post};
use domain::{
    AttachmentId, BadFact, CandidacyId, CompletionId, OrganisationId,
    access::{Action, Facts, Reach},
    attachment::{AttachmentOwner, AttachmentPurpose},
    candidacy::{Candidacy, CandidacyAct},
    completion::{Completion, CompletionState, Proof},
    course_credit, decision,
};
use persistence::{CompletionFilter, Error, Optional, Tx};

pub use corrections::*;
pub use views::*;

use super::{candidacies, fields::Reason};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{completion, program},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(record_completion)
        .service(list_completions)
        .service(get_completion)
        .service(verify_completion)
        .service(refuse_completion)
        .service(correct_completion)
        .service(withdraw_completion);
}

/// A completion is its candidate's, and the provider's whose course it is of.
fn facts(completion: &Completion, provider: OrganisationId) -> Facts {
    Facts { owner: Some(completion.person), organisation: Some(provider) }
}

/// The provider of the course, which is read and not held.
fn provider_of(tx: &mut Tx<'_>, completion: &Completion) -> Result<OrganisationId, Problem> {
    let course = tx.courses().by_ids(&[completion.course])?.pop();
    course.map(|course| course.provider).ok_or_else(Problem::not_found)
}

fn answer(call: &Call, completion: Completion, provider: OrganisationId) -> Reply {
    let version = completion.version;
    Reply::ok(&CompletionView::of(completion, provider, call.caller())).etag(version).private()
}

/// Hand in a completion
///
/// A candidate hands in what shows that an approved course was completed; staff verify it. Whether the
/// course counts is decided then, by the credit rules (FAQ 16). A course is handed in once per
/// candidacy, unless it was refused. Of a candidate it takes a completion form, as a file (`form_id`) or where
/// it is (`proof_url`): rosters are the provider's to post, and the office records one that it has before it. A
/// course that is not in the catalog is 422 at `/course_id` with the finding of the credit rules: it never counts
/// directly, but may feed a portfolio.
#[utoipa::path(tag = "Candidates", request_body = RecordCompletion,
    responses((status = 201, body = CompletionView)))]
#[post("/v1/candidacies/{candidacy_id}/completions")]
pub(crate) async fn record_completion(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    body: Body<RecordCompletion>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow(Action::RecordCompletion, &candidacies::facts(&candidacy))?;
            let body = body.get()?;
            let today = program::today(&app, tx, &candidacy.program)?;
            let theirs = call.caller().person() == Some(candidacy.person);
            let completion = recorded(tx, (&candidacy, theirs), body, today)?;
            let act = CandidacyAct::RecordCompletion;
            decision::by_state(vec![candidacy.state_finding(act, today)])?;
            completion::record(tx, &completion)?;
            let location = format!("/v1/completions/{}", completion.id);
            let provider = provider_of(tx, &completion)?;
            let view = CompletionView::of(completion, provider, call.caller());
            Ok(Reply::created(location, &view).etag(1))
        })
        .await
}

fn recorded(
    tx: &mut Tx<'_>,
    (candidacy, theirs): (&Candidacy, bool),
    body: &RecordCompletion,
    today: chrono::NaiveDate,
) -> Result<Completion, Problem> {
    let mut bad = if theirs { unproven(body) } else { Vec::new() };
    let course = match tx.courses().get(body.course_id) {
        Ok(course) if course.program == candidacy.program => Some(course),
        Ok(_) | Err(Error::NotFound) => {
            let detail = course_credit::unapproved_finding().message;
            bad.push(BadFact::at("/course_id", "unknown", detail));
            None
        }
        Err(error) => return Err(error.into()),
    };
    let (_, framework) = program::pinned(tx, candidacy)?;
    if let Some(set) = body.set.as_ref().filter(|set| framework.set(set).is_none()) {
        bad.push(BadFact::at("/set", "unknown", format!("There is no competency set {set}.")));
    }
    if body.completed_on > today {
        bad.push(BadFact::at("/completed_on", "order", format!("is after today, {today}")));
    }
    bad.extend(domain::calendar::check_date("/completed_on", body.completed_on).err());
    if let Some(form) = body.form_id {
        bad.extend(bad_form(tx, form, candidacy)?);
    }
    let Some(course) = course else {
        let findings = vec![course_credit::unapproved_finding()];
        return Err(Problem::from(bad).with_findings(findings));
    };
    if !bad.is_empty() {
        return Err(bad.into());
    }
    Ok(Completion {
        id: tx.new_id(),
        program: candidacy.program.clone(),
        person: candidacy.person,
        candidacy: candidacy.id,
        course: course.id,
        set: body.set.clone().unwrap_or(course.set),
        completed_on: body.completed_on,
        proof: body.proof,
        proof_url: body.proof_url.clone().map(String::from),
        form: body.form_id,
        state: CompletionState::Recorded,
        decided_on: None,
        reason: None,
        findings: Vec::new(),
        version: 1,
    })
}

/// What a candidate's own word lacks: a roster is its provider's to sign, and a form is shown.
fn unproven(body: &RecordCompletion) -> Vec<BadFact> {
    let detail = match body.proof {
        Proof::Roster => "The provider signs a roster; hand in a completion form.",
        Proof::CompletionForm if body.form_id.is_some() || body.proof_url.is_some() => {
            return Vec::new();
        }
        Proof::CompletionForm => "Hand the form in as a file, or say where it is (proof_url).",
    };
    let (pointer, code) = match body.proof {
        Proof::Roster => ("/proof", "exclusive"),
        Proof::CompletionForm => ("/form_id", "required"),
    };
    vec![BadFact::at(pointer, code, detail)]
}

/// What is wrong with the file that shows the completion: it is the candidate's own.
fn bad_form(
    tx: &mut Tx<'_>,
    form: AttachmentId,
    candidacy: &Candidacy,
) -> Result<Option<BadFact>, Problem> {
    let unknown = || BadFact::at("/form_id", "unknown", "There is no such attachment.");
    let owner = AttachmentOwner::Person(candidacy.person);
    Ok(match tx.attachments().get(form).found()? {
        Some(file) => file.check_use("/form_id", owner, AttachmentPurpose::CompletionForm),
        None => Some(unknown()),
    })
}

/// List completions
///
/// Staff see everybody's, oldest first: with `state=recorded` it is the office's queue. Candidates see
/// their own, and who acts for a provider those of its courses.
#[utoipa::path(tag = "Candidates", params(ListCompletions),
    responses((status = 200, body = Listing<CompletionView>)))]
#[get("/v1/completions")]
pub(crate) async fn list_completions(
    app: App,
    call: Call,
    query: Query<ListCompletions>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListCompletions)?;
        let filter = CompletionFilter {
            program: query.program.clone(),
            person: query.person_id,
            candidacy: query.candidacy_id,
            state: query.state,
            course: query.course_id,
            providers: query.provider_id.map(|provider| vec![provider]),
            own: match reach {
                Reach::Everything => None,
                Reach::Own(own) => Some(own),
            },
        };
        let page = Page::<CompletionId>::of(query.limit, query.cursor.as_ref())?;
        let rows = tx.completions().list(&filter, page.rows())?;
        let courses: Vec<_> = rows.iter().map(|row| row.course).collect();
        let courses = tx.courses().by_ids(&courses)?.into_iter();
        let providers: BTreeMap<_, _> = courses.map(|one| (one.id, one.provider)).collect();
        let view = |row: Completion| {
            let provider = *providers.get(&row.course)?;
            Some(CompletionView::of(row, provider, call.caller()))
        };
        let Listing { items, next_cursor } = page.listing(rows, |row| row.id, view);
        let items: Vec<_> = items.into_iter().flatten().collect();
        Ok(Listing { items, next_cursor }.reply(call))
    })
    .await
}

/// Read a completion
#[utoipa::path(tag = "Candidates", responses((status = 200, body = CompletionView)))]
#[get("/v1/completions/{completion_id}")]
pub(crate) async fn get_completion(
    app: App,
    call: Call,
    id: PathOf<CompletionId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let completion = tx.completions().get(*id)?;
        let provider = provider_of(tx, &completion)?;
        call.allow(Action::GetCompletion, &facts(&completion, provider))?;
        Ok(seen.answer(answer(call, completion, provider)))
    })
    .await
}

/// Verify a completion
///
/// Staff attest its proof. The credit rules decide whether it counts; then the set is achieved, and on
/// the sixth set the certification is awarded in the same transaction. A course that is a part of a bundle
/// achieves the set together with the others, in any order, dated by the last. 422 with the findings when it
/// does not count, 409 when the set is achieved already. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CompletionView)))]
#[post("/v1/completions/{completion_id}/verify")]
pub(crate) async fn verify_completion(
    app: App,
    call: Call,
    id: PathOf<CompletionId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let completion = tx.completions().get(*id)?;
            let provider = provider_of(tx, &completion)?;
            call.allow(Action::VerifyCompletion, &facts(&completion, provider))?;
            let today = program::today(&app, tx, &completion.program)?;
            let completion = completion::verify(tx, app.chance.as_ref(), completion, today)?;
            Ok(answer(call, completion, provider))
        })
        .await
}

/// Refuse a completion
///
/// With a reason for the candidate and the findings of the credit rules. Unapproved courses never count
/// directly, but may feed a portfolio (FAQ 16). Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CompletionView)))]
#[post("/v1/completions/{completion_id}/refuse")]
pub(crate) async fn refuse_completion(
    app: App,
    call: Call,
    id: PathOf<CompletionId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let completion = tx.completions().get(*id)?;
            let provider = provider_of(tx, &completion)?;
            call.allow(Action::RefuseCompletion, &facts(&completion, provider))?;
            let reason = body.get()?.reason.to_string();
            let today = program::today(&app, tx, &completion.program)?;
            let completion = completion::refuse(tx, completion, reason, today)?;
            Ok(answer(call, completion, provider))
        })
        .await
}
