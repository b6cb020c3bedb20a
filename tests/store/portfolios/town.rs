//! A program with its people, portfolio 1, and records as they are stored.

use chrono::NaiveDate;
use domain::{
    ApplicationId, AssignmentId, AttachmentId, AttemptId, CandidacyId, InvoiceId, PersonId,
    PortfolioId,
    application::{Application, Statements},
    candidacy::Candidacy,
    event::Event,
    invoice::Invoice,
    ledger::Payer,
    person::Person,
    portfolio::{
        Assignment, AssignmentState, Attempt, AttemptOutcome, CompetencyRating, Evaluator,
        EvaluatorProfile, Merged, Portfolio, PortfolioContent, PortfolioOutcome, PortfolioResult,
        PortfolioState, Rating, Response,
    },
    program::{Program, ProgramCode},
};
use persistence::{Error, Page, Store, Tx, digest, sealed};

use crate::support::database::{noon, stamp};

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn all<I>() -> Page<I> {
    Page { after: None, limit: 100 }
}

pub(super) async fn write<T: Send + 'static>(
    store: &Store,
    job: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    store.write(stamp(), job).await
}

pub(super) fn content(told: &str) -> PortfolioContent {
    PortfolioContent {
        introduction: told.to_owned(),
        learning_statement: "Ich lerne – täglich.".to_owned(),
        responses: vec![Response {
            competency: "FND-01".parse().unwrap(),
            narrative: "I did it.".to_owned(),
            links: vec!["https://example.org".to_owned()],
            attachments: vec![AttachmentId::from_bits(1)],
        }],
    }
}

/// A draft of candidacy 1 for FND.
pub(super) fn draft(bits: u128) -> Portfolio {
    Portfolio {
        id: PortfolioId::from_bits(bits),
        program: ProgramCode::lssc(),
        candidacy: CandidacyId::from_bits(1),
        person: PersonId::from_bits(1),
        set: "FND".parse().unwrap(),
        state: PortfolioState::Draft,
        content: content("Me"),
        invoice: None,
        pre_review: None,
        attempt: None,
        attempts: 0,
        round: 1,
        requested: Vec::new(),
        disputed: Vec::new(),
        chance_ends_on: None,
        submitted_on: None,
        decided_on: None,
        created_at: noon(),
        version: 1,
    }
}

/// The attempt `bits` of portfolio 1, without files.
pub(super) fn attempt(bits: u128, number: i64) -> Attempt {
    let mut content = content("Me");
    content.responses[0].attachments.clear();
    let attempt = Attempt {
        id: AttemptId::from_bits(bits),
        program: ProgramCode::lssc(),
        portfolio: PortfolioId::from_bits(1),
        person: PersonId::from_bits(1),
        set: "FND".parse().unwrap(),
        number,
        content,
        content_hash: String::new(),
        submitted_at: noon(),
        outcomes: Vec::new(),
        version: 1,
    };
    let content_hash = digest(&sealed(&attempt, &[]).unwrap());
    Attempt { content_hash, ..attempt }
}

pub(super) fn outcome(result: PortfolioResult) -> AttemptOutcome {
    let outcome = PortfolioOutcome {
        outcome: result,
        merged: vec![Merged::Met, Merged::Split],
        requested: vec!["FND-02".parse().unwrap()],
        disputed: Vec::new(),
        findings: Vec::new(),
    };
    AttemptOutcome { round: 1, decided_on: day("2026-03-20"), outcome, set_aside_on: None }
}

pub(super) fn evaluator(bits: u128, sets: &[&str]) -> Evaluator {
    Evaluator {
        person: PersonId::from_bits(bits),
        program: ProgramCode::lssc(),
        profile: EvaluatorProfile {
            sets: sets.iter().map(|set| set.parse().unwrap()).collect(),
            employers: vec!["Riverside".to_owned()],
            resume: None,
            trained_on: Some(day("2025-01-01")),
            capacity: 5,
            away: Vec::new(),
            conflicts: Vec::new(),
        },
        ended_on: None,
        version: 1,
    }
}

/// An open assignment of an attempt of portfolio 1 to an evaluator, on 2026-03-01, due on 2026-03-31.
pub(super) fn assignment(bits: u128, attempt: &Attempt, seat: i64, evaluator: u128) -> Assignment {
    Assignment {
        id: AssignmentId::from_bits(bits),
        program: ProgramCode::lssc(),
        portfolio: attempt.portfolio,
        attempt: attempt.id,
        number: attempt.number,
        set: attempt.set.clone(),
        seat,
        evaluator: PersonId::from_bits(evaluator),
        state: AssignmentState::Open,
        to_rate: vec!["FND-01".parse().unwrap()],
        ratings: vec![CompetencyRating {
            competency: "FND-01".parse().unwrap(),
            rating: Some(Rating::Met),
            comment: Some("Good.".to_owned()),
        }],
        assigned_on: day("2026-03-01"),
        due_on: day("2026-03-31"),
        reminded_on: None,
        finalised_at: None,
        reason: None,
        version: 1,
    }
}

/// The program, five people of whom 2, 3 and 4 are evaluators, and the candidacies of 1 and 2.
pub(super) async fn furnished(store: &Store) {
    let stored = write(store, |tx| {
        tx.programs().insert(&Program {
            code: ProgramCode::lssc(),
            name: "Library Support Staff Certification".to_owned(),
            zone: "America/Chicago".to_owned(),
            parent: None,
        })?;
        for bits in 1..=5 {
            tx.people().insert(&Person {
                id: PersonId::from_bits(bits),
                given_name: "Ada".to_owned(),
                family_name: "Brook".to_owned(),
                created_at: noon(),
                life: domain::life::Life::default(),
                version: 1,
            })?;
        }
        (1..=2).try_for_each(|bits| admit(tx, bits))?;
        tx.evaluators().insert(&evaluator(2, &["FND", "TEC"]))?;
        tx.evaluators().insert(&evaluator(3, &["FND"]))?;
        tx.evaluators().insert(&evaluator(4, &["TEC"]))
    });
    stored.await.unwrap();
}

fn admit(tx: &mut Tx<'_>, bits: u128) -> Result<(), Error> {
    let (person, id) = (PersonId::from_bits(bits), ApplicationId::from_bits(bits));
    let lssc = ProgramCode::lssc();
    let (draft, fact) = Application::draft(id, lssc.clone(), person, Statements::default(), noon());
    tx.applications().insert(&draft)?;
    let (program, subject) = (Some(lssc.clone()), id.to_string());
    tx.record(Event { program, subject, person: Some(person), fact })?;
    tx.candidacies().insert(&Candidacy {
        id: CandidacyId::from_bits(bits),
        program: lssc,
        person,
        application: id,
        admitted_on: day("2025-01-01"),
        policy_version: 1,
        framework_version: 1,
        years: 4,
        holds: Vec::new(),
        extensions: Vec::new(),
        completed_on: None,
        withdrawn_on: None,
        provisional: None,
        version: 1,
    })
}

/// Portfolio 1, submitted once: attempt 1.
pub(super) async fn submitted(store: &Store) -> Attempt {
    furnished(store).await;
    let stored = write(store, |tx| {
        let first = attempt(1, 1);
        tx.portfolios().insert(&Portfolio {
            state: PortfolioState::InEvaluation,
            attempt: Some(first.id),
            attempts: 1,
            submitted_on: Some(day("2026-03-01")),
            ..draft(1)
        })?;
        tx.attempts().insert(&first)?;
        Ok(first)
    });
    stored.await.unwrap()
}

pub(super) fn invoice() -> Invoice {
    Invoice {
        id: InvoiceId::from_bits(1),
        program: ProgramCode::lssc(),
        number: "LSSC-2026-000001".to_owned(),
        payer: Payer::Person(PersonId::from_bits(1)),
        application: None,
        order: None,
        lines: Vec::new(),
        total_cents: 5_000,
        currency: "USD".to_owned(),
        issued_on: day("2026-03-01"),
        due_on: day("2026-03-31"),
        voided_on: None,
        void_reason: None,
        member_credit: None,
        payments: Vec::new(),
        version: 1,
    }
}
