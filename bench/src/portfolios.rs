//! A round of portfolios: submitted, each with its two evaluators, and rated by both until the set is
//! achieved. Every act is a transaction of its own, by the flows that the handlers call, without HTTP.

use std::{sync::Arc, time::Instant};

use api::{
    app::App,
    flows::{
        evaluation,
        money::{self, Receipt},
        portfolio, program,
    },
    problem::Problem,
};
use domain::{
    CandidacyId, GrantId, Id, PersonId, PortfolioId,
    access::Role,
    competency::SetCode,
    credential::GrantRecord,
    invoice::PaymentMethod,
    portfolio::{
        AssignmentState, CompetencyRating, Evaluator, EvaluatorProfile, PortfolioContent,
        PortfolioState, Rating, Response,
    },
    program::ProgramCode,
};
use persistence::Tx;

use crate::{
    Outcome,
    data::{self, CANDIDACY, CERTIFIED_OF, PERSON},
    raw::told,
};

/// Portfolios of a round.
const IN_ROUND: usize = 1_000;
/// Evaluators; each takes on at most 1,000 portfolios a year.
const EVALUATORS: u64 = 20;
/// The largest set: 16 competencies.
const SET: &str = "SUP";
/// The candidates before these are on rosters.
const AFTER_ROSTERS: usize = 2_000;
/// Acts at the same time.
const AT_ONCE: usize = 16;

/// Makes the evaluators.
pub(crate) async fn evaluators(app: &App) -> Outcome<()> {
    let set: SetCode = SET.parse()?;
    let made = app.store.write(app.stamp_of("bench", "bench"), move |tx| {
        for index in (0..EVALUATORS).map(|number| number * CERTIFIED_OF) {
            evaluator(tx, Id::from_bits(data::id(PERSON, index)), set.clone())?;
        }
        Ok::<_, Problem>(())
    });
    made.await.map_err(|problem| told(&problem))
}

fn evaluator(tx: &mut Tx<'_>, person: PersonId, set: SetCode) -> Result<(), Problem> {
    let id: GrantId = tx.new_id();
    let grant = GrantRecord {
        id,
        person,
        role: Role::Evaluator,
        organisation: None,
        program: None,
        granted_at: tx.now(),
        granted_by: tx.actor().to_owned(),
        ended_at: None,
    };
    tx.grants().insert(&grant)?;
    let profile = EvaluatorProfile {
        sets: vec![set],
        employers: Vec::new(),
        resume: None,
        trained_on: Some(tx.now().date_naive() - chrono::Days::new(30)),
        capacity: 1_000,
        away: Vec::new(),
        conflicts: Vec::new(),
    };
    let program = ProgramCode::lssc();
    let evaluator = Evaluator { person, program, profile, ended_on: None, version: 1 };
    Ok(tx.evaluators().insert(&evaluator)?)
}

fn lacks(what: &str) -> Problem {
    Problem::internal(format!("a portfolio has no {what}"))
}

/// The round's portfolios, complete and paid for.
async fn drafts(app: &App, all: u64, round: u64) -> Outcome<Vec<PortfolioId>> {
    let open = (0..all).filter(|index| !index.is_multiple_of(CERTIFIED_OF));
    let before = usize::try_from(round)? * IN_ROUND + AFTER_ROSTERS;
    let candidacies: Vec<CandidacyId> = open
        .skip(before)
        .take(IN_ROUND)
        .map(|index| Id::from_bits(data::id(CANDIDACY, index)))
        .collect();
    let (set, owner): (SetCode, _) = (SET.parse()?, app.clone());
    let made = app.store.write(app.stamp_of("bench", "bench"), move |tx| {
        candidacies.iter().map(|id| draft(tx, &owner, *id, &set)).collect()
    });
    made.await.map_err(|problem: Problem| told(&problem))
}

fn draft(
    tx: &mut Tx<'_>,
    app: &App,
    candidacy: CandidacyId,
    set: &SetCode,
) -> Result<PortfolioId, Problem> {
    let rules = program::in_force(app, tx, &ProgramCode::lssc())?;
    let candidacy = tx.candidacies().get(candidacy)?;
    let pinned = portfolio::rules_of(tx, candidacy, set)?.ok_or_else(|| lacks("set"))?;
    let respond = |code| Response {
        competency: code,
        narrative: "What I did at the desk, with whom, and what came of it. ".repeat(12),
        links: vec!["https://library.bench.example/project".to_owned()],
        attachments: Vec::new(),
    };
    let content = PortfolioContent {
        introduction: "Ten years in a library.".to_owned(),
        learning_statement: "What I learned on the way.".to_owned(),
        responses: pinned.set.competencies.iter().map(|one| respond(one.code.clone())).collect(),
    };
    let begun = portfolio::begin(tx, &pinned, content, rules.today)?;
    let billed = portfolio::invoice(tx, &rules, begun)?;
    let invoice = portfolio::invoice_of(tx, &billed)?.ok_or_else(|| lacks("invoice"))?;
    let receipt = Receipt {
        method: PaymentMethod::Check,
        reference: billed.id.to_string(),
        paid_by: invoice.payer,
        cents: invoice.total_cents,
        received_on: rules.today,
    };
    let payment = receipt.payment(tx);
    money::receive(tx, &rules, invoice, payment)?;
    Ok(billed.id)
}

/// Submits and rates a round; portfolios a second, from the submission of the first to the last outcome.
pub(crate) async fn judged(app: &App, all: u64, round: u64) -> Outcome<f64> {
    let drafts = Arc::new(drafts(app, all, round).await?);
    let started = Instant::now();
    let mut workers = Vec::new();
    for worker in 0..AT_ONCE {
        let (app, drafts) = (app.clone(), Arc::clone(&drafts));
        workers.push(tokio::spawn(async move {
            for id in drafts.iter().skip(worker).step_by(AT_ONCE) {
                judge(&app, *id).await?;
            }
            Ok::<_, Problem>(())
        }));
    }
    for worker in workers {
        worker.await?.map_err(|problem| told(&problem))?;
    }
    let count = u32::try_from(drafts.len())?;
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    let drafts = Arc::clone(&drafts);
    let open = app.store.read(move |tx| {
        let mut open = 0_usize;
        for id in drafts.iter() {
            open += usize::from(tx.portfolios().get(*id)?.state != PortfolioState::Achieved);
        }
        Ok::<_, Problem>(open)
    });
    match open.await.map_err(|problem| told(&problem))? {
        0 => Ok(rate),
        open => Err(format!("{open} portfolios were not achieved").into()),
    }
}

/// One portfolio: submit, and save and make final for each of two evaluators.
async fn judge(app: &App, id: PortfolioId) -> Result<(), Problem> {
    let owner = app.clone();
    app.store
        .write(app.stamp_of("bench", "bench"), move |tx| {
            let rules = program::in_force(&owner, tx, &ProgramCode::lssc())?;
            let draft = tx.portfolios().get(id)?;
            portfolio::submit(tx, &rules, draft).map(drop)
        })
        .await?;
    for _ in 0..2 {
        let rated = app.store.write(app.stamp_of("bench", "bench"), move |tx| {
            let all = tx.assignments().of(id)?;
            let open = all
                .into_iter()
                .find(|one| one.state == AssignmentState::Open && one.ratings.is_empty());
            let (_, open) = evaluation::held(tx, open.ok_or_else(|| lacks("open seat"))?.id)?;
            let rate = |code: &_| CompetencyRating {
                competency: Clone::clone(code),
                rating: Some(Rating::Met),
                comment: Some("Shown by the project and the narrative.".to_owned()),
            };
            let ratings = open.to_rate.iter().map(rate).collect();
            Ok::<_, Problem>(evaluation::rate(tx, open, ratings)?.id)
        });
        let (assignment, owner) = (rated.await?, app.clone());
        app.store
            .write(app.stamp_of("bench", "bench"), move |tx| {
                let rules = program::in_force(&owner, tx, &ProgramCode::lssc())?;
                let held = evaluation::held(tx, assignment)?;
                evaluation::finalise(tx, owner.chance.as_ref(), &rules, held).map(drop)
            })
            .await?;
    }
    Ok(())
}
