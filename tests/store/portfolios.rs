//! Portfolios, their attempts, evaluators and assignments in the store: what is written is what is read,
//! what must be unique is, and what was submitted stays as it was.

mod judging;
mod town;

use chrono::TimeDelta;
use domain::{
    AttemptId, CandidacyId, InvoiceId, PersonId, PortfolioId,
    portfolio::{Attempt, Portfolio, PortfolioResult, PortfolioState, PreComment, PreReview},
    program::ProgramCode,
};
use persistence::{Constraint, Error, PortfolioFilter, Store};
use town::{all, attempt, content, day, draft, furnished, invoice, outcome, submitted, write};

use crate::support::database::{Db, each_database, noon};

async fn listed(store: &Store, filter: PortfolioFilter) -> Vec<u128> {
    let found = store.read(move |tx| tx.portfolios().list(&filter, all())).await.unwrap();
    found.iter().map(|one| one.id.bits()).collect()
}

fn is_sealed(db: &Db, sql: &str) {
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| db.execute(sql)));
    let told = refused.expect_err("the statement is refused");
    let told = told.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(told.contains("what was submitted is never"), "{sql}: {told}");
}

each_database! {
    async fn a_portfolio_is_read_as_it_was_written(db) {
        let store = db.store();
        submitted(&store).await;
        let written = Portfolio {
            set: "TEC".parse().unwrap(),
            state: PortfolioState::NotAchieved,
            invoice: Some(InvoiceId::from_bits(1)),
            pre_review: Some(PreReview {
                requested_on: day("2026-02-01"),
                commented_on: Some(day("2026-02-03")),
                comments: vec![PreComment { competency: "TEC-01".parse().ok(), text: "More.".to_owned() }],
            }),
            attempt: Some(AttemptId::from_bits(2)),
            attempts: 2,
            round: 2,
            requested: vec!["TEC-01".parse().unwrap(), "TEC-02".parse().unwrap()],
            disputed: vec!["TEC-02".parse().unwrap()],
            chance_ends_on: Some(day("2026-06-01")),
            submitted_on: Some(day("2026-03-01")),
            decided_on: Some(day("2026-05-01")),
            ..draft(2)
        };
        let kept = written.clone();
        let stored = write(&store, move |tx| {
            tx.invoices().insert(&invoice())?;
            tx.portfolios().insert(&kept)
        });
        stored.await.unwrap();
        let read = store.read(|tx| Ok::<_, Error>((
            tx.portfolios().get(PortfolioId::from_bits(2))?,
            tx.portfolios().by_invoice(InvoiceId::from_bits(1))?,
            tx.portfolios().by_invoice(InvoiceId::from_bits(2))?,
        )));
        assert_eq!(read.await, Ok((written.clone(), Some(written.id), None)));
        // What is none again is stored as none, and a record that was read before is stale.
        let again = Portfolio { state: PortfolioState::InSecondEvaluation, decided_on: None, invoice: None, ..written };
        let saved = again.clone();
        write(&store, move |tx| tx.portfolios().save(&mut saved.clone())).await.unwrap();
        let read = store.read(|tx| tx.portfolios().get(PortfolioId::from_bits(2))).await.unwrap();
        assert_eq!(read, Portfolio { version: 2, ..again.clone() });
        let stale = write(&store, move |tx| tx.portfolios().save(&mut again.clone())).await;
        assert_eq!(stale, Err(Error::Stale));
    }

    async fn a_candidacy_has_one_open_portfolio_for_a_set(db) {
        let store = db.store();
        furnished(&store).await;
        write(&store, |tx| tx.portfolios().insert(&draft(1))).await.unwrap();
        for state in PortfolioState::OPEN {
            let twice = write(&store, move |tx| tx.portfolios().insert(&Portfolio { state: *state, ..draft(2) }));
            assert_eq!(twice.await, Err(Error::Conflict(Constraint::PortfoliosOneOpen)), "{state}");
        }
        let stored = write(&store, |tx| {
            let withdrawn = tx.portfolios().get(PortfolioId::from_bits(1))?.withdraw(None).unwrap();
            tx.portfolios().save(&mut { withdrawn.0 })?;
            tx.portfolios().insert(&draft(2))?;
            tx.portfolios().insert(&Portfolio { set: "TEC".parse().unwrap(), ..draft(3) })?;
            let other = (CandidacyId::from_bits(2), PersonId::from_bits(2));
            tx.portfolios().insert(&Portfolio { candidacy: other.0, person: other.1, ..draft(4) })?;
            tx.portfolios().of_set(CandidacyId::from_bits(1), &"FND".parse().unwrap())
        });
        let of_set = stored.await.unwrap();
        assert_eq!(of_set.iter().map(|one| one.id.bits()).collect::<Vec<_>>(), [1, 2]);
    }

    async fn lists_of_portfolios_are_narrowed(db) {
        let store = db.store();
        furnished(&store).await;
        let asked = |commented_on| PreReview { requested_on: day("2026-02-01"), commented_on, comments: Vec::new() };
        let stored = write(&store, move |tx| {
            tx.portfolios().insert(&Portfolio { pre_review: Some(asked(None)), ..draft(1) })?;
            tx.portfolios().insert(&Portfolio {
                set: "TEC".parse().unwrap(), pre_review: Some(asked(Some(day("2026-02-02")))), ..draft(2)
            })?;
            let other = (CandidacyId::from_bits(2), PersonId::from_bits(2));
            for (bits, set, last) in [(3, "FND", "2026-04-30"), (4, "TEC", "2026-04-29"), (5, "COL", "2026-05-01")] {
                tx.portfolios().insert(&Portfolio {
                    candidacy: other.0,
                    person: other.1,
                    set: set.parse().unwrap(),
                    state: PortfolioState::MoreInformation,
                    // Nobody is waited for once it was submitted.
                    pre_review: Some(asked(None)),
                    attempt: Some(AttemptId::from_bits(bits)),
                    attempts: 1,
                    chance_ends_on: Some(day(last)),
                    ..draft(bits)
                })?;
            }
            Ok(())
        });
        stored.await.unwrap();
        let any = PortfolioFilter::default;
        let cases = [
            (any(), vec![1, 2, 3, 4, 5]),
            (PortfolioFilter { program: Some(ProgramCode::lssc()), person: Some(PersonId::from_bits(1)), ..any() }, vec![1, 2]),
            (PortfolioFilter { candidacy: Some(CandidacyId::from_bits(2)), ..any() }, vec![3, 4, 5]),
            (PortfolioFilter { set: "TEC".parse().ok(), ..any() }, vec![2, 4]),
            (PortfolioFilter { state: Some(PortfolioState::Draft), ..any() }, vec![1, 2]),
            (PortfolioFilter { pre_review_waits: Some(true), ..any() }, vec![1]),
            (PortfolioFilter { pre_review_waits: Some(false), ..any() }, vec![2, 3, 4, 5]),
            (PortfolioFilter { program: "other".parse().ok(), ..any() }, vec![]),
        ];
        for (filter, expected) in cases {
            assert_eq!(listed(&store, filter.clone()).await, expected, "{filter:?}");
        }
        let ended = store.read(|tx| Ok::<_, Error>((
            tx.portfolios().chances_ended(&ProgramCode::lssc(), day("2026-05-01"), 10)?,
            tx.portfolios().chances_ended(&ProgramCode::lssc(), day("2026-05-01"), 1)?,
        )));
        let id = PortfolioId::from_bits;
        assert_eq!(ended.await, Ok((vec![id(4), id(3)], vec![id(4)])), "a last day is part of the chance");
    }

    async fn nobody_changes_or_removes_what_was_submitted(db) {
        let store = db.store();
        let first = submitted(&store).await;
        for column in ["content = '{}'", "content_hash = 'x'", "number = 2", "set_code = 'TEC'", "submitted_at = '2026-01-01T00:00:00Z'"] {
            is_sealed(&db, &format!("UPDATE portfolio_attempts SET {column}"));
        }
        is_sealed(&db, "DELETE FROM portfolio_attempts");
        if db.is_postgres() {
            is_sealed(&db, "TRUNCATE portfolio_attempts CASCADE");
        }
        // What the ratings came to is kept, and set aside; nothing else that a record says is stored.
        let decided = first.clone();
        let saved = write(&store, move |tx| {
            let mut decided = Attempt { outcomes: vec![outcome(PortfolioResult::MoreInformation)], ..decided.clone() };
            tx.attempts().save(&mut decided)?;
            let mut aside = Attempt { content: content("Another"), ..decided.set_aside(day("2026-04-01")) };
            tx.attempts().save(&mut aside)?;
            tx.attempts().get(aside.id)
        });
        let mut aside = outcome(PortfolioResult::MoreInformation);
        aside.set_aside_on = Some(day("2026-04-01"));
        assert_eq!(saved.await, Ok(Attempt { outcomes: vec![aside], version: 3, ..first.clone() }));
        let stale = write(&store, move |tx| tx.attempts().save(&mut first.clone()));
        assert_eq!(stale.await, Err(Error::Stale));
    }

    async fn attempts_are_numbered_once(db) {
        let store = db.store();
        let first = submitted(&store).await;
        let twice = write(&store, |tx| tx.attempts().insert(&attempt(2, 1)));
        assert_eq!(twice.await, Err(Error::Conflict(Constraint::AttemptsNumber)));
        let second = Attempt { submitted_at: noon() + TimeDelta::days(30), ..attempt(3, 2) };
        let kept = second.clone();
        write(&store, move |tx| tx.attempts().insert(&kept)).await.unwrap();
        let read = store.read(|tx| Ok::<_, Error>((
            tx.attempts().of(PortfolioId::from_bits(1))?,
            tx.attempts().numbered(PortfolioId::from_bits(1), 2)?,
            tx.attempts().numbered(PortfolioId::from_bits(1), 3)?,
        )));
        assert_eq!(read.await, Ok((vec![first, second.clone()], Some(second), None)));
    }
}
