//! Portfolios: the acts that reach beyond them, to files, the fee, attempts and evaluators. Each takes the
//! portfolio first, then its candidacy, then what else is needed.

use chrono::NaiveDate;
use domain::{
    BadFact, CandidacyId, Finding, InvoiceId, PersonId,
    attachment::{AttachmentOwner, AttachmentPurpose},
    candidacy::Candidacy,
    competency::{CompetencyCode, CompetencySet, SetCode},
    decision::Refused,
    event::Event,
    fees,
    invoice::Invoice,
    ledger::Payer,
    policy::{FeeCode, PortfolioPolicy},
    portfolio::{
        Assignment, AssignmentState, Attempt, Earlier, Portfolio, PortfolioContent, PortfolioEvent,
        PortfolioState, Response, Submission, one_open_finding,
    },
};
use persistence::{Constraint, Error, Optional, Tx, digest, sealed};

use super::{
    evaluation,
    money::{self, NewInvoice},
    program::{self, InForce},
};
use crate::problem::Problem;

/// An event of a portfolio.
#[must_use]
pub fn event(portfolio: &Portfolio, fact: PortfolioEvent) -> Event<PortfolioEvent> {
    Event {
        program: Some(portfolio.program.clone()),
        subject: portfolio.id.to_string(),
        person: Some(portfolio.person),
        fact,
    }
}

/// Saves a portfolio with what happened to it: 409 where it is open again and another one is open for the
/// set.
pub fn save(
    tx: &mut Tx<'_>,
    (mut portfolio, fact): (Portfolio, PortfolioEvent),
) -> Result<Portfolio, Problem> {
    tx.portfolios().save(&mut portfolio).map_err(one_is_open)?;
    tx.record(event(&portfolio, fact))?;
    Ok(portfolio)
}

/// What a portfolio is judged by: its candidacy, and the rules that the candidacy pinned on admission.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The candidacy.
    pub candidacy: Candidacy,
    /// The rules on portfolios.
    pub policy: PortfolioPolicy,
    /// The set.
    pub set: CompetencySet,
}

/// The rules of a candidacy for a set; none where its competency sets have no such one.
pub fn rules_of(
    tx: &mut Tx<'_>,
    candidacy: Candidacy,
    set: &SetCode,
) -> Result<Option<Pinned>, Problem> {
    let (policy, framework) = program::pinned(tx, &candidacy)?;
    let set = framework.set(set).cloned();
    Ok(set.map(|set| Pinned { candidacy, policy: policy.portfolio, set }))
}

/// What a portfolio is judged by.
pub fn pinned(tx: &mut Tx<'_>, portfolio: &Portfolio) -> Result<Pinned, Problem> {
    let candidacy = tx.candidacies().get(portfolio.candidacy)?;
    let found = rules_of(tx, candidacy, &portfolio.set)?;
    found.ok_or_else(|| Problem::internal(format!("{} is for no known set", portfolio.id)))
}

/// Refuses (422) responses that name files which are not the candidate's evidence. `at` is where the
/// responses are in the body.
pub fn file_faults(
    tx: &mut Tx<'_>,
    at: &str,
    responses: &[Response],
    person: PersonId,
) -> Result<Vec<BadFact>, Problem> {
    let owner = AttachmentOwner::Person(person);
    let mut bad = Vec::new();
    for (place, response) in responses.iter().enumerate() {
        for (index, id) in response.attachments.iter().enumerate() {
            let pointer = format!("{at}/{place}/attachment_ids/{index}");
            bad.extend(match tx.attachments().get(*id).found()? {
                Some(file) => file.check_use(&pointer, owner, AttachmentPurpose::Evidence),
                None => Some(BadFact::at(pointer, "unknown", "There is no such attachment.")),
            });
        }
    }
    Ok(bad)
}

/// Begins a portfolio: 409 where the candidacy does not run, the set is achieved, the policy knows no second
/// one, or one is open.
pub fn begin(
    tx: &mut Tx<'_>,
    rules: &Pinned,
    content: PortfolioContent,
    today: NaiveDate,
) -> Result<Portfolio, Problem> {
    let (candidacy, set) = (&rules.candidacy, &rules.set.code);
    let achieved = has_achieved(tx, candidacy.id, set)?;
    let before = tx.portfolios().of_set(candidacy.id, set)?;
    let failed = before.iter().filter(|one| one.state == PortfolioState::NotAchieved).count();
    let earlier = Earlier { achieved, not_achieved: u32::try_from(failed).unwrap_or(u32::MAX) };
    let (id, when) = (tx.new_id(), (&rules.policy, today, tx.now()));
    let (draft, fact) = Portfolio::draft(id, candidacy, set.clone(), content, earlier, when)?;
    tx.portfolios().insert(&draft).map_err(one_is_open)?;
    tx.record(event(&draft, fact))?;
    Ok(draft)
}

/// 409 where another portfolio of the candidacy is open for the set.
fn one_is_open(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::PortfoliosOneOpen) => {
            Refused::State(vec![one_open_finding(false)]).into()
        }
        other => other.into(),
    }
}

/// The finding on whether a portfolio that was decided can be open again: no other one is for its set.
pub fn reopened_finding(tx: &mut Tx<'_>, decided: &Portfolio) -> Result<Finding, Problem> {
    let others = tx.portfolios().of_set(decided.candidacy, &decided.set)?;
    let open = |one: &Portfolio| one.id != decided.id && PortfolioState::OPEN.contains(&one.state);
    Ok(one_open_finding(!others.iter().any(open)))
}

/// Whether a candidacy has achieved a set, in whatever way.
pub fn has_achieved(
    tx: &mut Tx<'_>,
    candidacy: CandidacyId,
    set: &SetCode,
) -> Result<bool, Problem> {
    let known = tx.achievements().of(candidacy)?;
    Ok(known.iter().any(|one| one.voided_on.is_none() && one.set == *set))
}

/// The invoice of the fee that still stands for it: not one that was voided, nor one that was returned.
pub fn invoice_of(tx: &mut Tx<'_>, portfolio: &Portfolio) -> Result<Option<Invoice>, Problem> {
    let Some(id) = portfolio.invoice else { return Ok(None) };
    let invoice = tx.invoices().load(id)?;
    Ok(Some(invoice).filter(|one| one.voided_on.is_none() && !one.is_returned()))
}

/// The finding on whether the fee is settled.
#[must_use]
pub fn fee_finding(invoice: Option<&Invoice>) -> Finding {
    match invoice {
        Some(invoice) => invoice.settled("portfolio.fee"),
        None => Finding::new(
            "portfolio.fee",
            "FAQ 21",
            false,
            "the fee, paid",
            "not invoiced",
            "The fee is paid before a portfolio is submitted: ask for its invoice.",
        ),
    }
}

/// The findings on asking for the invoice of the fee. One that was voided or returned does not count.
#[must_use]
pub fn invoice_findings(
    portfolio: &Portfolio,
    standing: Option<&Invoice>,
    achieved: bool,
) -> Vec<Finding> {
    let invoice = standing.map(|one| one.id);
    Portfolio { invoice, ..portfolio.clone() }.invoice_findings(achieved)
}

/// Issues the invoice of the fee to the candidate, at the price in force today (FAQ 21).
pub fn invoice(
    tx: &mut Tx<'_>,
    rules: &InForce,
    portfolio: Portfolio,
) -> Result<Portfolio, Problem> {
    let standing = invoice_of(tx, &portfolio)?.map(|one| one.id);
    let id: InvoiceId = tx.new_id();
    let achieved = has_achieved(tx, portfolio.candidacy, &portfolio.set)?;
    let billed = Portfolio { invoice: standing, ..portfolio }.bill(id, achieved)?;
    let item = fees::Item { code: FeeCode::Portfolio, quantity: 1 };
    let new = NewInvoice {
        id,
        payer: Payer::Person(billed.0.person),
        application: None,
        order: None,
        lines: money::priced(tx, rules, billed.0.person, &[item])?,
        due_on: None,
    };
    money::issue(tx, rules, new)?;
    save(tx, billed)
}

/// Submits a portfolio: an attempt that nothing changes, with its hash, and evaluators for its seats. What
/// the one chance was given for is handed in the same way.
pub fn submit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    portfolio: Portfolio,
) -> Result<Portfolio, Problem> {
    let pinned = pinned(tx, &portfolio)?;
    let fee = fee_finding(invoice_of(tx, &portfolio)?.as_ref());
    let mut attempt = portfolio.attempt(tx.new_id(), tx.now());
    let files = tx.files_of(&attempt)?;
    attempt.content_hash = digest(&sealed(&attempt, &files)?);
    let asked = Submission {
        attempt,
        candidacy: &pinned.candidacy,
        set: &pinned.set,
        fee,
        achieved: has_achieved(tx, portfolio.candidacy, &portfolio.set)?,
        today: rules.today,
    };
    let (portfolio, attempt, fact) = portfolio.submit(asked)?;
    tx.attempts().insert(&attempt)?;
    let portfolio = save(tx, (portfolio, fact))?;
    evaluation::assign_free(tx, rules, &portfolio)?;
    Ok(portfolio)
}

/// Withdraws a portfolio: its evaluators are released, and what is owed of its fee is owed no more. A fee
/// that was paid in full stays paid: the office may return it.
pub fn withdraw(
    tx: &mut Tx<'_>,
    rules: &InForce,
    portfolio: Portfolio,
    reason: Option<String>,
) -> Result<Portfolio, Problem> {
    let told = "The portfolio was withdrawn.";
    let (portfolio, fact) = portfolio.withdraw(reason)?;
    for one in tx.assignments().of(portfolio.id)? {
        if one.state == AssignmentState::Open {
            evaluation::save(tx, one.release(told.to_owned())?)?;
        }
    }
    if let Some(invoice) = portfolio.invoice {
        money::end(tx, rules, invoice, told)?;
    }
    save(tx, (portfolio, fact))
}

/// Holds the open portfolios of a candidacy: portfolios are taken before their candidacy.
pub fn hold_open(tx: &mut Tx<'_>, candidacy: CandidacyId) -> Result<(), Problem> {
    for id in tx.portfolios().open_of(candidacy)? {
        tx.portfolios().get(id)?;
    }
    Ok(())
}

/// Withdraws the open portfolios of a candidacy that was withdrawn.
pub fn withdraw_open(
    tx: &mut Tx<'_>,
    rules: &InForce,
    candidacy: CandidacyId,
) -> Result<(), Problem> {
    for id in tx.portfolios().open_of(candidacy)? {
        let open = tx.portfolios().get(id)?;
        withdraw(tx, rules, open, Some("The candidacy was withdrawn.".to_owned()))?;
    }
    Ok(())
}

/// What the evaluators whose ratings made the outcome of `attempt` said of a competency: of the attempt, or
/// of an earlier one where it left the competency as it was. Nobody's name is told, and the texts are in the
/// order of their letters, so that not even the seat can be guessed.
#[must_use]
pub fn comments_on(
    attempt: &Attempt,
    assignments: &[Assignment],
    code: &CompetencyCode,
) -> Vec<String> {
    let rated = |one: &&Assignment| {
        one.state == AssignmentState::Final
            && one.number <= attempt.number
            && one.rating(code).is_some()
    };
    let latest = assignments.iter().filter(rated).map(|one| one.number).max();
    let of_it = assignments.iter().filter(rated).filter(|one| Some(one.number) == latest);
    let mut texts: Vec<_> = of_it
        .filter_map(|one| one.rating(code)?.comment.clone())
        .filter(|text| !text.trim().is_empty())
        .collect();
    texts.sort_unstable();
    texts
}
