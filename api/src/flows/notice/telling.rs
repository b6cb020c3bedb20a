//! What a notice has to tell today, by the facts as they stand; nothing where they are true no more.

mod renewing;

use std::str::FromStr;

use chrono::NaiveDate;
use domain::{
    AppealId, ApplicationId, AssignmentId, CandidacyId, CompletionId, HelpRequestId, InvoiceId,
    PortfolioId, SubscriptionId, SupportRegistrationId,
    appeal::AppealState,
    application::ApplicationState,
    calendar,
    completion::CompletionState,
    id::EventId,
    invoice::OWED,
    notice::{Notice, NoticeKind, Values, milestone},
    portfolio::{AssignmentState, PortfolioState},
    text,
};
use persistence::{Optional, Recorded, Tx};

use crate::{flows::program::InForce, problem::Problem};

/// What there is to tell: what the template's placeholders stand for. None where it is true no more.
pub fn of(
    tx: &mut Tx<'_>,
    rules: &InForce,
    notice: &Notice,
    public_url: &str,
) -> Result<Option<Values>, Problem> {
    let Some(person) = tx.people().get(notice.person).found()? else { return Ok(None) };
    let Some(special) = facts(tx, rules, notice)? else { return Ok(None) };
    let place = format!("/v1/{}/{}", place(notice.kind), notice.subject);
    let mut values = Values::from([
        ("name", person.full_name()),
        ("program", rules.program.name.clone()),
        ("link", place),
    ]);
    values.extend(special);
    if let Some(link) = values.get_mut("link") {
        link.insert_str(0, public_url);
    }
    Ok(Some(values))
}

/// The collection in which the subject of a kind is read.
fn place(kind: NoticeKind) -> &'static str {
    use NoticeKind as Kind;
    match kind {
        Kind::CandidacyDeadline => "candidacies",
        Kind::RenewalOpens
        | Kind::ExpiryAhead
        | Kind::Expiry
        | Kind::GraceEnd
        | Kind::CertificationAwarded
        | Kind::CertificationSuspended
        | Kind::CertificationReinstated
        | Kind::CertificationRevoked
        | Kind::MeasureReversed => "certifications",
        Kind::InformationRequested | Kind::ApplicationAccepted | Kind::ApplicationRefused => {
            "applications"
        }
        Kind::CompletionRefused => "completions",
        Kind::MoreInformation
        | Kind::PortfolioAchieved
        | Kind::PortfolioNotAchieved
        | Kind::PortfolioAsItIs
        | Kind::PortfolioAgain => "portfolios",
        Kind::RenewalGranted | Kind::RenewalRefused => "renewals",
        Kind::AuditOpened | Kind::AuditDecided => "audit-cases",
        Kind::AppealDecided => "appeals",
        Kind::InvoiceIssued => "invoices",
        Kind::SubscriptionActivated | Kind::SubscriptionEndsSoon => "subscriptions",
        Kind::AssignmentMade | Kind::AssignmentDueSoon => "assignments",
        Kind::HelpAnswered => "help-requests",
        Kind::SupportEventCancelled => "support-events",
    }
}

type Told = Result<Option<Values>, Problem>;

fn facts(tx: &mut Tx<'_>, rules: &InForce, notice: &Notice) -> Told {
    use NoticeKind as Kind;
    match notice.kind {
        Kind::CandidacyDeadline => deadline(tx, rules, notice),
        Kind::RenewalOpens | Kind::ExpiryAhead | Kind::Expiry | Kind::GraceEnd => {
            renewing::term(tx, rules, notice)
        }
        Kind::InformationRequested | Kind::ApplicationAccepted | Kind::ApplicationRefused => {
            application(tx, rules.today, notice)
        }
        Kind::CompletionRefused => completion(tx, notice),
        Kind::MoreInformation
        | Kind::PortfolioAchieved
        | Kind::PortfolioNotAchieved
        | Kind::PortfolioAsItIs
        | Kind::PortfolioAgain => portfolio(tx, notice),
        Kind::CertificationAwarded => renewing::award(tx, rules.today, notice),
        Kind::CertificationSuspended
        | Kind::CertificationReinstated
        | Kind::CertificationRevoked
        | Kind::MeasureReversed => renewing::measure(tx, notice),
        Kind::RenewalGranted | Kind::RenewalRefused => renewing::renewal(tx, notice),
        Kind::AuditOpened | Kind::AuditDecided => renewing::audited(tx, notice),
        Kind::AppealDecided => appeal(tx, notice),
        Kind::InvoiceIssued => invoice(tx, notice),
        Kind::SubscriptionActivated | Kind::SubscriptionEndsSoon => {
            subscription(tx, rules.today, notice)
        }
        Kind::AssignmentMade | Kind::AssignmentDueSoon => assignment(tx, notice),
        Kind::HelpAnswered => help(tx, notice),
        Kind::SupportEventCancelled => support_event(tx, notice),
    }
}

/// The id of what the notice is about.
fn subject<I: FromStr>(notice: &Notice) -> Result<I, Problem> {
    let broken = || Problem::internal(format!("{}: {} is no subject", notice.id, notice.subject));
    notice.subject.parse().map_err(|_not_one| broken())
}

/// The event of which the notice tells.
fn cause(tx: &mut Tx<'_>, notice: &Notice) -> Result<Option<Recorded>, Problem> {
    Ok(tx.events().get(EventId::from_bits(notice.fact.bits())).found()?)
}

fn said(event: Option<&Recorded>, field: &str) -> Option<String> {
    event?.data.get(field)?.as_str().map(str::to_owned)
}

fn months(notice: &Notice) -> String {
    text::counted(notice.months.unsigned_abs().into(), "month")
}

/// Whether the notice is still the one that is due.
fn is_due(notice: &Notice, due: Option<domain::notice::Milestone>) -> bool {
    due.is_some_and(|due| {
        (due.kind, due.months, due.fact_on) == (notice.kind, notice.months, notice.fact_on)
    })
}

fn deadline(tx: &mut Tx<'_>, rules: &InForce, notice: &Notice) -> Told {
    let Some(held) = tx.candidacies().get(subject::<CandidacyId>(notice)?).found()? else {
        return Ok(None);
    };
    let today = rules.today;
    if !is_due(notice, milestone::of_candidacy(&held, &rules.policy.notices, today)) {
        return Ok(None);
    }
    let last = held.deadline(today);
    let left = calendar::days_in(today, last).saturating_sub(1);
    Ok(Some(Values::from([
        ("deadline", last.to_string()),
        ("months", months(notice)),
        ("days_left", text::counted(left.into(), "day")),
    ])))
}

fn application(tx: &mut Tx<'_>, today: NaiveDate, notice: &Notice) -> Told {
    let id = subject::<ApplicationId>(notice)?;
    let Some(found) = tx.applications().get(id).found()? else { return Ok(None) };
    let told = match (notice.kind, found.state) {
        (NoticeKind::InformationRequested, ApplicationState::NeedsInformation) => {
            let asked = said(cause(tx, notice)?.as_ref(), "message");
            // Another question may have followed an answer to this one.
            asked
                .filter(|asked| found.information_requested.as_ref() == Some(asked))
                .map(|asked| ("message", asked))
        }
        (NoticeKind::ApplicationAccepted, ApplicationState::Accepted) => {
            let Some(candidacy) = found.candidacy else { return Ok(None) };
            let candidacy = tx.candidacies().get(candidacy)?;
            Some(("deadline", candidacy.deadline(today).to_string()))
        }
        (NoticeKind::ApplicationRefused, ApplicationState::Refused) => {
            let reason = found.decision.and_then(|decision| decision.reason);
            Some(("reason", reason.unwrap_or_default()))
        }
        _ => None,
    };
    Ok(told.map(|told| Values::from([told])))
}

fn completion(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let found = tx.completions().get(subject::<CompletionId>(notice)?).found()?;
    let refused = found.filter(|found| found.state == CompletionState::Refused);
    Ok(refused.map(|found| {
        let reason = found.reason.unwrap_or_default();
        Values::from([("set", found.set.to_string()), ("reason", reason)])
    }))
}

fn portfolio(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    use PortfolioState::{
        Achieved, InEvaluation, InSecondEvaluation, MoreInformation, NotAchieved,
    };
    let Some(found) = tx.portfolios().get(subject::<PortfolioId>(notice)?).found()? else {
        return Ok(None);
    };
    let states: &[PortfolioState] = match notice.kind {
        NoticeKind::MoreInformation => &[MoreInformation],
        NoticeKind::PortfolioAchieved => &[Achieved],
        NoticeKind::PortfolioAsItIs => &[InSecondEvaluation],
        NoticeKind::PortfolioAgain => &[InEvaluation, InSecondEvaluation],
        _ => &[NotAchieved],
    };
    if !states.contains(&found.state) {
        return Ok(None);
    }
    let mut values = Values::from([("set", found.set.to_string())]);
    if notice.kind == NoticeKind::MoreInformation {
        let last = found.chance_ends_on.map(|day| day.to_string()).unwrap_or_default();
        values.extend([("competencies", text::list(&found.requested)), ("last_day", last)]);
    }
    Ok(Some(values))
}

fn appeal(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let found = tx.appeals().get(subject::<AppealId>(notice)?).found()?;
    let decided =
        found.filter(|found| matches!(found.state, AppealState::Upheld | AppealState::Remanded));
    Ok(decided.map(|found| {
        let reason = found.outcome.and_then(|outcome| outcome.reason).unwrap_or_default();
        Values::from([("outcome", found.state.to_string()), ("reason", reason)])
    }))
}

/// An invoice of which nothing is owed any more needs no word.
fn invoice(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let found = tx.invoices().load(subject::<InvoiceId>(notice)?).found()?;
    let owed = found.filter(|found| OWED.contains(&found.state()) && !found.is_ordered());
    Ok(owed.map(|found| {
        Values::from([
            ("number", found.number.clone()),
            ("total", text::money(found.total_cents, &found.currency)),
            ("due_on", found.due_on.to_string()),
        ])
    }))
}

fn subscription(tx: &mut Tx<'_>, today: NaiveDate, notice: &Notice) -> Told {
    let found = tx.subscriptions().get(subject::<SubscriptionId>(notice)?).found()?;
    let runs =
        found.filter(|one| one.ended_on.is_none_or(|end| today < end) && today <= one.ends_on);
    Ok(runs.map(|one| Values::from([("ends_on", one.ends_on.to_string())])))
}

fn assignment(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let found = tx.assignments().get(subject::<AssignmentId>(notice)?).found()?;
    let open =
        found.filter(|one| one.state == AssignmentState::Open && one.evaluator == notice.person);
    Ok(open.map(|one| {
        Values::from([("set", one.set.to_string()), ("due_on", one.due_on.to_string())])
    }))
}

fn help(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let found = tx.help_requests().get(subject::<HelpRequestId>(notice)?).found()?;
    let answer = said(cause(tx, notice)?.as_ref(), "text");
    Ok(found.and(answer).map(|answer| Values::from([("answer", answer)])))
}

fn support_event(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let id = subject::<SupportRegistrationId>(notice)?;
    let Some(coming) = tx.support_registrations().get(id).found()? else { return Ok(None) };
    let Some(found) = tx.support_events().get(coming.event).found()? else { return Ok(None) };
    Ok(found.cancelled_on.map(|_day| {
        let starts_at = found.details.starts_at.format("%Y-%m-%d %H:%M UTC").to_string();
        Values::from([
            // The subject is the registration, which is read with its event.
            ("link", format!("/v1/support-events/{}", found.id)),
            ("title", found.details.title),
            ("starts_at", starts_at),
            ("reason", found.cancel_reason.unwrap_or_default()),
        ])
    }))
}
