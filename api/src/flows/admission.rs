//! Admission: the acts on an application that reach beyond it, to its invoice and its candidacy.

use domain::{
    AppealId, BadFact, CandidacyId, Finding, InvoiceId,
    application::{Acceptance, Application, ApplicationAct, ApplicationEvent},
    candidacy::{Candidacy, CandidacyEvent, Provisional},
    decision::{self, Refused},
    eligibility::{self, EligibilityFacts, EligibilityOutcome},
    event::Event,
    fees,
    ledger::Payer,
    policy::FeeCode,
};
use persistence::{Constraint, Error, Tx};

use super::{
    completion,
    graduate::{self, Recognised},
    money::{self, NewInvoice},
    program::InForce,
};
use crate::{ids::Chance, problem::Problem, v1::candidacies};

/// An event of an application.
fn event(application: &Application, fact: ApplicationEvent) -> Event<ApplicationEvent> {
    Event {
        program: Some(application.program.clone()),
        subject: application.id.to_string(),
        person: Some(application.person),
        fact,
    }
}

/// Stores a new draft with what happened to it: 409 where an application of the person is open, or they retired.
pub fn begin(
    tx: &mut Tx<'_>,
    (draft, fact): (Application, ApplicationEvent),
) -> Result<Application, Problem> {
    decision::by_state(vec![tx.people().get(draft.person)?.active_finding()])?;
    tx.applications().insert(&draft).map_err(one_is_open)?;
    tx.record(event(&draft, fact))?;
    Ok(draft)
}

/// 409 where another application of the person is open.
fn one_is_open(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::ApplicationsOneOpen) => Refused::State(vec![Finding::new(
            "application.one_open",
            "life cycle",
            false,
            "no open application to the program",
            "one is open",
            "One application per person and program is open at a time.",
        )])
        .into(),
        other => Problem::from(other),
    }
}

/// Saves an application with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut application, fact): (Application, ApplicationEvent),
) -> Result<Application, Problem> {
    tx.applications().save(&mut application)?;
    tx.record(event(&application, fact))?;
    Ok(application)
}

/// Hands an application in; a first submission issues the invoice of the fee at the price in force. The
/// graduate of a recognised program may show the hours of work later (FAQ 12).
pub fn submit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: Application,
) -> Result<Application, Problem> {
    let owes = application.owes_fee_on_submission();
    let invoice = application.invoice.unwrap_or_else(|| tx.new_id());
    graduate::match_person(tx, &rules.program.code, application.person, rules.today)?;
    let found = graduate::creditable(tx, &rules.program.code, application.person, rules.today)?;
    let recognised = graduate::is_recognised(&found, rules);
    let submitted = application.submit_of(recognised, invoice, rules.today)?;
    if owes {
        issue_fee(tx, rules, &submitted.0, invoice)?;
    }
    save(tx, submitted)
}

/// Withdraws an application; an unpaid invoice of its fee is voided.
pub fn withdraw(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: Application,
    reason: Option<String>,
) -> Result<Application, Problem> {
    let withdrawn = application.withdraw(reason)?;
    if let Some(invoice) = withdrawn.0.invoice {
        money::withdraw(tx, rules, invoice)?;
    }
    save(tx, withdrawn)
}

/// Accepts an application, which makes the candidacy. A recognised graduate achieves every covered set at
/// once, and the award follows; one who is short of the hours of work is admitted provisionally (FAQ 12).
pub fn accept(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    application: Application,
    override_reason: Option<String>,
    actor: String,
) -> Result<Application, Problem> {
    // An application that was decided says so, not that its own candidacy runs.
    decision::by_state(vec![application.state_finding(ApplicationAct::Accept)])?;
    // The person is the root of their candidacies: two that would begin to run wait for each other.
    tx.people().get(application.person)?;
    candidacies::none_running(tx, &application.program, application.person, rules.today)?;
    graduate::match_person(tx, &rules.program.code, application.person, rules.today)?;
    let acceptance = acceptance(tx, rules, &application, override_reason)?;
    let candidacy: CandidacyId = tx.new_id();
    let accepted = application.accept(candidacy, &acceptance, actor, rules.today)?;
    let recognised = graduate::attest(tx, rules, accepted.0.person)?;
    let owes_hours = recognised.first().filter(|_| acceptance.is_provisional());
    let candidacy = admit(tx, rules, &accepted.0, candidacy, owes_hours)?;
    let (accepted, id) = (save(tx, accepted)?, candidacy.id);
    graduate::credit(tx, chance, recognised, candidacy, rules.today)?;
    completion::claim_waiting(tx, chance, id, rules.today)?;
    Ok(accepted)
}

/// Refuses an application; what was paid is to be returned.
pub fn refuse(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: Application,
    reason: String,
    actor: String,
) -> Result<Application, Problem> {
    let findings = acceptance(tx, rules, &application, None)?.findings();
    let refused = application.refuse(findings, reason, actor, rules.today)?;
    if let Some(invoice) = refused.0.invoice {
        money::refuse(tx, rules, invoice)?;
    }
    save(tx, refused)
}

/// Reopens an application whose refusal an appeal set aside: it is in review again. The refusal returned
/// the fee, so it is owed anew, by another invoice at the price in force today.
pub fn reopen(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: Application,
    appeal: AppealId,
) -> Result<Application, Problem> {
    let settled = match application.invoice {
        Some(invoice) => tx.invoices().load(invoice)?.settled("application.fee_settled").satisfied,
        None => false,
    };
    let invoice = (!settled).then(|| tx.new_id());
    let (mut reopened, fact) = application.reopen(appeal, invoice)?;
    tx.applications().save(&mut reopened).map_err(one_is_open)?;
    tx.record(event(&reopened, fact))?;
    if let Some(invoice) = invoice {
        issue_fee(tx, rules, &reopened, invoice)?;
    }
    Ok(reopened)
}

/// Issues the invoice of the application fee, at the price in force today.
fn issue_fee(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: &Application,
    id: InvoiceId,
) -> Result<(), Problem> {
    // Held: a membership that is verified at the same moment comes before the price or after the invoice.
    tx.people().get(application.person)?;
    let item = fees::Item { code: FeeCode::Application, quantity: 1 };
    let lines = money::priced(tx, rules, application.person, &[item])?;
    let invoice = NewInvoice {
        id,
        payer: Payer::Person(application.person),
        application: Some(application.id),
        order: None,
        lines,
        due_on: None,
    };
    money::issue(tx, rules, invoice)?;
    Ok(())
}

/// What the acceptance of an application is judged on.
pub fn acceptance(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: &Application,
    override_reason: Option<String>,
) -> Result<Acceptance, Problem> {
    let outcome = eligibility_of(rules, application)?;
    let fee = match application.invoice {
        Some(invoice) => tx.invoices().load(invoice)?.settled("application.fee_settled"),
        None => Finding::new(
            "application.fee_settled",
            "FAQ 21",
            false,
            "an invoice that is paid",
            "no invoice",
            "The application fee is settled.",
        ),
    };
    let (eligible, eligibility) = (outcome.satisfied, outcome.findings);
    let found = graduate::creditable(tx, &rules.program.code, application.person, rules.today)?;
    let recognition = graduate::recognition(&found, rules);
    Ok(Acceptance { eligible, eligibility, fee, override_reason, recognition })
}

/// Eligibility as of the day of submission, under the policy in force.
fn eligibility_of(
    rules: &InForce,
    application: &Application,
) -> Result<EligibilityOutcome, Vec<BadFact>> {
    let statements = &application.statements;
    let facts = EligibilityFacts {
        as_of: application.submitted_on.unwrap_or(rules.today),
        education: statements.education.unwrap_or(eligibility::Education::None),
        jobs: statements.jobs.clone(),
    };
    eligibility::evaluate(&facts, &rules.policy.eligibility)
}

/// Stores the candidacy of an accepted application; of a graduate who owes the hours of work with that.
fn admit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    application: &Application,
    id: CandidacyId,
    owes_hours: Option<&Recognised>,
) -> Result<Candidacy, Problem> {
    let candidacy = Candidacy {
        id,
        program: application.program.clone(),
        person: application.person,
        application: application.id,
        admitted_on: rules.today,
        policy_version: rules.policy_version,
        framework_version: rules.framework_version,
        years: rules.policy.candidacy.years,
        holds: Vec::new(),
        extensions: Vec::new(),
        completed_on: None,
        withdrawn_on: None,
        provisional: owes_hours
            .map(|(graduate, _)| Provisional { graduate: graduate.id, hours_shown_on: None }),
        version: 1,
    };
    tx.candidacies().insert(&candidacy)?;
    let fact = CandidacyEvent::Admitted {
        admitted_on: candidacy.admitted_on,
        deadline: candidacy.deadline(rules.today),
        policy_version: candidacy.policy_version,
        framework_version: candidacy.framework_version,
    };
    tx.record(candidacies::event(&candidacy, fact))?;
    if let Some(provisional) = &candidacy.provisional {
        let fact = CandidacyEvent::AdmittedProvisionally { graduate: provisional.graduate };
        tx.record(candidacies::event(&candidacy, fact))?;
    }
    Ok(candidacy)
}
