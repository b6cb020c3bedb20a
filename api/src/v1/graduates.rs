//! Graduates of recognised programs (FAQ 12): posted by their college, or claimed by themselves.

mod batch;
mod views;

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    BadFact, GraduateId, PersonId,
    access::{Action, Facts, Reach, Refusal},
    agreement::{
        Agreement,
        graduate::{Graduate, GraduateState, Graduation, address_finding},
    },
    attachment::{AttachmentOwner, AttachmentPurpose},
    calendar, decision,
    program::ProgramCode,
};
use persistence::{Error, GraduateFilter, Tx};

pub use batch::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{
        graduate::{self, Recognised},
        program::{self, InForce},
    },
    problem::Problem,
    v1::fields::Reason,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(post_graduates)
        .service(claim_graduation)
        .service(list_graduates)
        .service(get_graduate)
        .service(verify_graduate)
        .service(refuse_graduate)
        .service(withdraw_graduate);
}

fn facts(graduate: &Graduate) -> Facts {
    Facts { owner: graduate.person, organisation: Some(graduate.college) }
}

/// Who may withdraw it: what a person claims with a transcript is not the college's to take back, and what
/// a college posts is not the person's. A claim that the college confirmed is both's.
fn withdrawn_by(graduate: &Graduate) -> Facts {
    match graduate.transcript {
        Some(_) if graduate.state == GraduateState::Posted => facts(graduate),
        Some(_) => Facts { owner: graduate.person, organisation: None },
        None => Facts::of_organisation(graduate.college),
    }
}

/// What is wrong with a day of graduation.
fn check_day(pointer: &str, day: NaiveDate, today: NaiveDate) -> Vec<BadFact> {
    let mut bad: Vec<BadFact> = calendar::check_date(pointer, day).err().into_iter().collect();
    if day > today {
        bad.push(BadFact::at(pointer, "order", format!("is after today, {today}")));
    }
    bad
}

fn answer(rules: &InForce, call: &Call, (graduate, agreement): Recognised) -> Reply {
    let version = graduate.version;
    Reply::ok(&GraduateView::of(rules, graduate, &agreement, call)).etag(version).private()
}

/// Claim one's graduation
///
/// With the transcript, an attachment of one's own that staff check. Once it is verified, every covered
/// set is achieved on admission, or at once where the candidacy runs already. 409 until the primary
/// address is verified. Where the college posts the same graduate, its word stands for the check.
#[utoipa::path(tag = "Candidates", request_body = ClaimGraduation,
    responses((status = 201, body = GraduateView)))]
#[post("/v1/graduation-claims")]
pub(crate) async fn claim_graduation(
    app: App,
    call: Call,
    body: Body<ClaimGraduation>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let owner = call.signed()?.person();
            call.allow(Action::ClaimGraduation, &Facts { owner, organisation: None })?;
            let person = owner.ok_or_else(Problem::not_found)?;
            let body = body.get()?;
            let (agreement, rules) = named(&app, tx, body)?;
            let graduation = told(tx, person, body, &agreement, rules.today)?;
            let (id, now) = (tx.new_id(), tx.now());
            let by = (person, body.transcript_id);
            let claimed =
                graduate::claim(tx, Graduate::claim(id, &agreement, graduation, by, now))?;
            let view = GraduateView::of(&rules, claimed, &agreement, call);
            Ok(Reply::created(format!("/v1/graduates/{id}"), &view).etag(1).private())
        })
        .await
}

/// The signed agreement that a claim names, held: claims and batches of one follow each other.
fn named(
    app: &App,
    tx: &mut Tx<'_>,
    body: &ClaimGraduation,
) -> Result<(Agreement, InForce), Problem> {
    let unknown = || Problem::input("/agreement_id", "unknown", "There is no such agreement.");
    let agreement = match tx.agreements().get(body.agreement_id) {
        Ok(agreement) if !agreement.versions.is_empty() => agreement,
        Ok(_) | Err(Error::NotFound) => return Err(unknown()),
        Err(error) => return Err(error.into()),
    };
    let rules = program::in_force(app, tx, &agreement.program)?;
    Ok((agreement, rules))
}

/// What somebody claims, under their own name and primary address.
fn told(
    tx: &mut Tx<'_>,
    person: PersonId,
    body: &ClaimGraduation,
    agreement: &Agreement,
    today: NaiveDate,
) -> Result<Graduation, Problem> {
    let mut bad = check_day("/graduated_on", body.graduated_on, today);
    let owner = AttachmentOwner::Person(person);
    let fault = match tx.attachments().get(body.transcript_id) {
        Ok(file) => file.check_use("/transcript_id", owner, AttachmentPurpose::Transcript),
        Err(Error::NotFound) => {
            Some(BadFact::at("/transcript_id", "unknown", "There is no such attachment."))
        }
        Err(error) => return Err(error.into()),
    };
    bad.extend(fault);
    if !bad.is_empty() {
        return Err(bad.into());
    }
    let theirs = graduate::of_person(tx, &agreement.program, person)?;
    if theirs.iter().any(|(one, _)| one.agreement == agreement.id) {
        return Err(Problem::conflict("You are a graduate of this agreement already."));
    }
    let name = tx.people().get(person)?.full_name();
    let addresses = tx.people().emails(person)?;
    let primary = addresses.into_iter().find(|one| one.is_primary);
    let verified = primary.as_ref().is_some_and(|one| one.verified_at.is_some());
    decision::by_state(vec![address_finding(verified)])?;
    let email = primary.map(|one| one.address).unwrap_or_default();
    Ok(Graduation { name, email, graduated_on: body.graduated_on })
}

/// List graduates
///
/// The office sees everybody, oldest first: with `state=claimed` it is its queue. A college sees its own,
/// people see themselves.
#[utoipa::path(tag = "Colleges", params(ListGraduates),
    responses((status = 200, body = Listing<GraduateView>)))]
#[get("/v1/graduates")]
pub(crate) async fn list_graduates(
    app: App,
    call: Call,
    query: Query<ListGraduates>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListGraduates)?;
            let page = Page::<GraduateId>::of(query.limit, query.cursor.as_ref())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let mut filter = GraduateFilter {
                program: Some(code.clone()),
                colleges: query.college_id.map(|id| vec![id]),
                agreement: query.agreement_id,
                person: query.person_id,
                state: query.state,
            };
            if program::asked(tx, &code)?.is_none() || !narrow(&reach, &mut filter) {
                return Ok(Listing::empty().reply(call));
            }
            let rules = program::in_force(&app, tx, &code)?;
            let rows = tx.graduates().list(&filter, page.rows())?;
            let mut ids: Vec<_> = rows.iter().map(|row| row.agreement).collect();
            ids.sort();
            ids.dedup();
            let agreements = tx.agreements().by_ids(&ids)?;
            let mut found: Vec<Recognised> = Vec::with_capacity(rows.len());
            for row in rows {
                let agreement = agreements.iter().find(|one| one.id == row.agreement).cloned();
                found.push((row, agreement.ok_or_else(Problem::not_found)?));
            }
            let view =
                |(row, agreement): Recognised| GraduateView::of(&rules, row, &agreement, call);
            Ok(page.listing(found, |(row, _)| row.id, view).reply(call))
        })
        .await
}

/// Narrows a list to what the caller may see; false when that is nothing. Who acts for a college lists
/// its graduates, and by `person_id` what is their own.
fn narrow(reach: &Reach, filter: &mut GraduateFilter) -> bool {
    let Reach::Own(own) = reach else { return true };
    if own.organisations.is_empty() || (filter.person.is_some() && filter.person == own.person) {
        return reach.narrow(&mut filter.person);
    }
    let mut colleges = filter.colleges.take().unwrap_or_else(|| own.organisations.clone());
    colleges.retain(|college| own.organisations.contains(college));
    let some = !colleges.is_empty();
    filter.colleges = Some(colleges);
    some
}

/// Read a graduate
#[utoipa::path(tag = "Colleges",
    responses((status = 200, body = GraduateView, headers(("ETag" = String)))))]
#[get("/v1/graduates/{graduate_id}")]
pub(crate) async fn get_graduate(
    app: App,
    call: Call,
    id: PathOf<GraduateId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let graduate = tx.graduates().get(*id)?;
            call.allow(Action::GetGraduate, &facts(&graduate))?;
            let rules = program::in_force(&app, tx, &graduate.program)?;
            let agreement = graduate::agreement_of(tx, &graduate)?;
            Ok(seen.answer(answer(&rules, call, (graduate, agreement))))
        })
        .await
}

/// Verify a graduate
///
/// Staff checked the transcript of a claim, or take the college's word before the graduate applies. Where
/// their candidacy runs, every covered set is achieved at once, and the award follows in the same
/// transaction. 422 with the findings when the graduation does not count or nobody is known by it. Needs
/// an `Idempotency-Key`.
#[utoipa::path(tag = "Office", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = GraduateView)))]
#[post("/v1/graduates/{graduate_id}/verify")]
pub(crate) async fn verify_graduate(
    app: App,
    call: Call,
    id: PathOf<GraduateId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let (graduate, agreement) = graduate::held(tx, *id)?;
            call.allow(Action::VerifyGraduate, &facts(&graduate))?;
            let rules = program::in_force(&app, tx, &graduate.program)?;
            let found = (graduate, agreement.clone());
            let verified = graduate::verify(tx, app.chance.as_ref(), &rules, found)?;
            Ok(answer(&rules, call, (verified, agreement)))
        })
        .await
}

/// Refuse a graduate
///
/// With a reason and the findings. The person may claim again with a better transcript. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = GraduateView)))]
#[post("/v1/graduates/{graduate_id}/refuse")]
pub(crate) async fn refuse_graduate(
    app: App,
    call: Call,
    id: PathOf<GraduateId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let (graduate, agreement) = graduate::held(tx, *id)?;
            call.allow(Action::RefuseGraduate, &facts(&graduate))?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &graduate.program)?;
            let refused = graduate::refuse(tx, &rules, (graduate, agreement.clone()), reason)?;
            Ok(answer(&rules, call, (refused, agreement)))
        })
        .await
}

/// Withdraw a graduate
///
/// The college that posted it by mistake, the person who claims it, or the office; with a reason. Not once
/// it is credited: 409 with the findings. What was posted can be posted again, and claimed again. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Colleges", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = GraduateView)))]
#[post("/v1/graduates/{graduate_id}/withdraw")]
pub(crate) async fn withdraw_graduate(
    app: App,
    call: Call,
    id: PathOf<GraduateId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let (graduate, agreement) = graduate::held(tx, *id)?;
            let read = call.caller().may(Action::GetGraduate, &facts(&graduate));
            let may = call.caller().may(Action::WithdrawGraduate, &withdrawn_by(&graduate));
            // Who reads it and may not withdraw it is told so.
            may.map_err(|refusal| read.map_or(refusal, |()| Refusal::Forbidden))?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &graduate.program)?;
            let withdrawn = graduate::withdraw(tx, graduate, reason)?;
            Ok(answer(&rules, call, (withdrawn, agreement)))
        })
        .await
}
