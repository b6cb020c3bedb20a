//! How an agreement is shown to whom, and what they may do next.

use chrono::NaiveDate;
use domain::{
    Finding,
    access::Action,
    agreement::{Agreement, AgreementAct, AgreementState, AgreementVersion},
};
use persistence::Tx;

use super::{AgreementView, AgreementWorkings, TermsView, VersionView, facts};
use crate::{
    answer::{ActionView, FindingView, Reply},
    call::Call,
    flows::{agreement, program::InForce},
    problem::Problem,
    v1::{actions, colleges},
};

/// Whether the caller sees drafts, changes and reviews: the office, auditors, the college's people.
pub(super) fn is_insider(call: &Call, agreement: &Agreement) -> bool {
    call.caller().may(Action::ListAgreementEvents, &facts(agreement)).is_ok()
}

/// 404 of a draft for those who may not know of it.
pub(super) fn visible(call: &Call, agreement: &Agreement) -> Result<(), Problem> {
    let public = !agreement.versions.is_empty();
    if public || is_insider(call, agreement) { Ok(()) } else { Err(Problem::not_found()) }
}

/// The agreement on `day` as the caller sees it.
pub(super) fn view(
    rules: &InForce,
    call: &Call,
    agreement: &Agreement,
    college_name: String,
    day: NaiveDate,
) -> Result<AgreementView, Problem> {
    let shown = agreement.version_on(day);
    let terms = shown.map(|version| &version.terms).or_else(|| agreement.terms());
    let terms = terms.ok_or_else(|| Problem::internal(format!("{} has no text", agreement.id)))?;
    let workings = if is_insider(call, agreement) {
        let pending = agreement.pending.as_ref();
        let covers = pending.map(|one| agreement::coverage(rules, &one.terms, day)).transpose()?;
        Some(AgreementWorkings::of(agreement, covers, day))
    } else {
        None
    };
    let ended = agreement.ended_on.is_some();
    Ok(AgreementView {
        id: agreement.id,
        program: agreement.program.clone(),
        college_id: agreement.college,
        college_name,
        state: agreement.state,
        as_of: day,
        status: agreement.status(day),
        terms: TermsView::of(terms, agreement::coverage(rules, terms, day)?, day),
        terms_version: shown.map(|version| version.number),
        versions: agreement.versions.iter().map(version_view).collect(),
        signed_on: agreement.signed_on,
        ends_on: agreement.ends_on,
        ended_on: agreement.ended_on,
        end_reason: agreement.end_reason.clone().filter(|_| ended),
        workings,
        version: agreement.version,
        actions: actions_of(rules, call, agreement)?,
    })
}

fn version_view(version: &AgreementVersion) -> VersionView {
    VersionView {
        number: version.number,
        in_force_from: version.in_force_from,
        coverage: version.coverage,
        framework_version: version.framework_version,
        findings: version.findings.iter().cloned().map(FindingView::from).collect(),
        reason: version.reason.clone(),
    }
}

/// The answer with one agreement of today. A draft's entity tag is its version; a signed one shows a status
/// that moves with the day, and the name of its college, and so does its tag.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    rules: &InForce,
    call: &Call,
    agreement: &Agreement,
    day: NaiveDate,
) -> Result<Reply, Problem> {
    let college = tx.colleges().get(agreement.college)?;
    let tag = format!("\"v{}-{day}-c{}\"", agreement.version, college.version);
    let view = view(rules, call, agreement, college.name, day)?;
    let reply = Reply::ok(&view);
    let reply = if agreement.versions.is_empty() {
        reply.etag(agreement.version)
    } else {
        reply.header("ETag", tag)
    };
    Ok(colleges::kept(reply, call))
}

/// The act behind each operation on an agreement, with its method and the end of its path.
const OFFERED: &[(Action, AgreementAct, &str, &str)] = &[
    (Action::UpdateAgreement, AgreementAct::Update, "PATCH", ""),
    (Action::SubmitAgreement, AgreementAct::Submit, "POST", "/submit"),
    (Action::WithdrawAgreement, AgreementAct::Withdraw, "POST", "/withdraw"),
    (Action::ReviewAgreement, AgreementAct::Review, "POST", "/reviews"),
    (Action::SendBackAgreement, AgreementAct::SendBack, "POST", "/send-back"),
    (Action::SignAgreement, AgreementAct::Sign, "POST", "/sign"),
    (Action::RequestAgreementChange, AgreementAct::RequestChange, "POST", "/changes"),
    (Action::AdoptAgreementChange, AgreementAct::DecideChange, "POST", "/changes/adopt"),
    (Action::DropAgreementChange, AgreementAct::DecideChange, "POST", "/changes/drop"),
    (Action::ReviewAgreementYearly, AgreementAct::ReviewYearly, "POST", "/yearly-reviews"),
    (Action::EndAgreement, AgreementAct::End, "POST", "/end"),
];

fn actions_of(
    rules: &InForce,
    call: &Call,
    agreement: &Agreement,
) -> Result<Vec<ActionView>, Problem> {
    let may = |action: Action| call.caller().may(action, &facts(agreement)).is_ok();
    let base = format!("/v1/recognition-agreements/{}", agreement.id);
    let mut views = Vec::new();
    for (action, act, method, end) in OFFERED.iter().filter(|(action, ..)| may(*action)) {
        let mut findings = vec![agreement.state_finding(*act)];
        findings.extend(beyond(rules, agreement, *action)?);
        views.push(actions::view(*action, method, format!("{base}{end}"), findings));
    }
    if may(Action::PostGraduates) && !agreement.versions.is_empty() {
        let href = format!("{base}/graduates");
        views.push(actions::view(Action::PostGraduates, "POST", href, Vec::new()));
    }
    Ok(views)
}

/// What an act is judged on beyond the state.
fn beyond(rules: &InForce, agreement: &Agreement, action: Action) -> Result<Vec<Finding>, Problem> {
    let signing = || -> Result<Vec<Finding>, Problem> {
        let signing = agreement::signing(rules, agreement, rules.today)?;
        Ok(signing.map(|one| agreement.signing_findings(&one)).unwrap_or_default())
    };
    Ok(match action {
        Action::SignAgreement if agreement.state == AgreementState::InReview => signing()?,
        Action::ReviewAgreement | Action::DropAgreementChange => {
            vec![agreement.pending_finding(true)]
        }
        Action::AdoptAgreementChange => {
            let mut findings = vec![agreement.pending_finding(true)];
            findings.extend(signing()?);
            findings
        }
        Action::RequestAgreementChange => vec![agreement.pending_finding(false)],
        Action::ReviewAgreementYearly => vec![agreement.yearly_finding(rules.today)],
        _ => Vec::new(),
    })
}
