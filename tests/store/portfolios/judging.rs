//! Evaluators and assignments in the store, and what the checker finds of portfolios.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    AchievementId, AssignmentId, CandidacyId, PersonId, PortfolioId,
    certification::Method,
    completion::Achievement,
    event::Event,
    portfolio::{
        Assignment, AssignmentEvent, AssignmentState, Attempt, Portfolio, PortfolioEvent,
        PortfolioState,
    },
    program::ProgramCode,
};
use persistence::{AssignmentFilter, Constraint, Error, EvaluatorFilter, Page, Store};

use super::town::{all, assignment, attempt, day, draft, evaluator, furnished, submitted, write};
use crate::support::database::{each_database, noon};

fn person(bits: u128) -> PersonId {
    PersonId::from_bits(bits)
}

async fn evaluators(store: &Store, filter: EvaluatorFilter, page: Page<PersonId>) -> Vec<u128> {
    let found = store.read(move |tx| tx.evaluators().list(&filter, page)).await.unwrap();
    found.iter().map(|one| one.person.bits()).collect()
}

async fn keep(store: &Store, one: Assignment) -> Result<(), Error> {
    write(store, move |tx| tx.assignments().insert(&one)).await
}

fn done(one: Assignment, at: DateTime<Utc>) -> Assignment {
    Assignment { state: AssignmentState::Final, finalised_at: Some(at), ..one }
}

/// The sentences of what is broken, by the numbers.
async fn broken(store: &Store) -> Vec<(&'static str, &'static str)> {
    let told = store.verify().await.unwrap();
    told.iter().map(|one| (one.id, one.sentence)).collect()
}

each_database! {
    async fn evaluators_are_one_a_person_and_found_by_set(db) {
        let store = db.store();
        furnished(&store).await;
        let twice = write(&store, |tx| tx.evaluators().insert(&evaluator(2, &[])));
        assert_eq!(twice.await, Err(Error::Conflict(Constraint::EvaluatorsPk)));
        let ended = write(&store, |tx| {
            let read = tx.evaluators().get(&ProgramCode::lssc(), person(3))?;
            assert_eq!(read, evaluator(3, &["FND"]));
            let (mut ended, _) = read.deactivate(day("2026-03-01")).unwrap();
            tx.evaluators().save(&mut ended)?;
            Ok((ended, tx.evaluators().get(&ProgramCode::lssc(), person(3))?))
        });
        let (ended, read) = ended.await.unwrap();
        assert_eq!((&read, read.version), (&ended, 2));
        let stale = write(&store, |tx| tx.evaluators().save(&mut evaluator(3, &["FND"])));
        assert_eq!(stale.await, Err(Error::Stale));
        let none = store.read(|tx| tx.evaluators().get(&ProgramCode::lssc(), person(1))).await;
        assert_eq!(none, Err(Error::NotFound));
        let any = EvaluatorFilter::default;
        let fnd = EvaluatorFilter { set: "FND".parse().ok(), ..any() };
        let of_lssc = EvaluatorFilter { program: Some(ProgramCode::lssc()), ..any() };
        assert_eq!(evaluators(&store, of_lssc, all()).await, [2, 3, 4]);
        assert_eq!(evaluators(&store, fnd.clone(), all()).await, [2, 3]);
        assert_eq!(evaluators(&store, EvaluatorFilter { active: Some(false), ..any() }, all()).await, [3]);
        assert_eq!(evaluators(&store, EvaluatorFilter { active: Some(true), ..fnd.clone() }, all()).await, [2]);
        assert_eq!(evaluators(&store, fnd.clone(), Page { after: None, limit: 1 }).await, [2]);
        assert_eq!(evaluators(&store, fnd, Page { after: Some(person(2)), limit: 1 }).await, [3]);
        let tec = store.read(|tx| tx.evaluators().all_active(&ProgramCode::lssc(), &"TEC".parse().unwrap()));
        assert_eq!(tec.await.unwrap().iter().map(|one| one.person.bits()).collect::<Vec<_>>(), [2, 4]);
        // A page is full although most rows between are of other sets.
        let crowd = write(&store, |tx| {
            for bits in 1_000..1_450 {
                tx.people().insert(&domain::person::Person {
                    id: person(bits),
                    given_name: "Eve".to_owned(),
                    family_name: "Brook".to_owned(),
                    created_at: noon(),
                    life: domain::life::Life::default(),
                    version: 1,
                })?;
                let sets: &[&str] = if bits % 100 == 49 { &["COL"] } else { &[] };
                tx.evaluators().insert(&evaluator(bits, sets))?;
            }
            Ok(())
        });
        crowd.await.unwrap();
        let col = EvaluatorFilter { set: "COL".parse().ok(), ..any() };
        assert_eq!(evaluators(&store, col.clone(), Page { after: None, limit: 4 }).await, [1_049, 1_149, 1_249, 1_349]);
        assert_eq!(evaluators(&store, col, Page { after: Some(person(1_349)), limit: 4 }).await, [1_449]);
    }

    async fn an_assignment_is_read_as_it_was_written(db) {
        let store = db.store();
        let first = submitted(&store).await;
        let written = Assignment { reminded_on: Some(day("2026-03-20")), ..done(assignment(1, &first, 1, 2), noon()) };
        keep(&store, written.clone()).await.unwrap();
        let voided = Assignment { state: AssignmentState::Voided, reason: Some("Hasty.".to_owned()), ..written.clone() };
        let saved = voided.clone();
        let read = write(&store, move |tx| {
            assert_eq!(tx.assignments().get(AssignmentId::from_bits(1))?, written);
            tx.assignments().save(&mut saved.clone())?;
            Ok((tx.assignments().of(PortfolioId::from_bits(1))?, tx.assignments().portfolio_of(AssignmentId::from_bits(1))?))
        });
        let expected = Assignment { version: 2, ..voided.clone() };
        assert_eq!(read.await, Ok((vec![expected], PortfolioId::from_bits(1))));
        let stale = write(&store, move |tx| tx.assignments().save(&mut voided.clone()));
        assert_eq!(stale.await, Err(Error::Stale));
        let none = store.read(|tx| tx.assignments().portfolio_of(AssignmentId::from_bits(9))).await;
        assert_eq!(none, Err(Error::NotFound));
    }

    async fn a_seat_has_one_evaluator_and_nobody_has_an_attempt_twice(db) {
        let store = db.store();
        let first = submitted(&store).await;
        keep(&store, assignment(1, &first, 1, 2)).await.unwrap();
        let taken = keep(&store, assignment(2, &first, 1, 3)).await;
        assert_eq!(taken, Err(Error::Conflict(Constraint::AssignmentsSeat)));
        let twice = keep(&store, assignment(2, &first, 2, 2)).await;
        assert_eq!(twice, Err(Error::Conflict(Constraint::AssignmentsOnce)));
        let unknown = keep(&store, assignment(2, &first, 2, 5)).await;
        assert!(matches!(unknown, Err(Error::Broken(_))), "who is no evaluator judges nothing: {unknown:?}");
        write(&store, |tx| {
            let (mut back, _) = tx.assignments().get(AssignmentId::from_bits(1))?.hand_back("Ill.".to_owned()).unwrap();
            tx.assignments().save(&mut back)
        }).await.unwrap();
        let again = keep(&store, assignment(2, &first, 1, 2)).await;
        assert_eq!(again, Err(Error::Conflict(Constraint::AssignmentsOnce)), "not even after handing it back");
        // Two who take the free seat at once: one has it.
        let (one, other) = tokio::join!(
            keep(&store, assignment(2, &first, 1, 3)),
            keep(&store, assignment(3, &first, 1, 4)),
        );
        let lost = [&one, &other].into_iter().filter(|ended| **ended == Err(Error::Conflict(Constraint::AssignmentsSeat)));
        assert_eq!((lost.count(), one.is_ok() != other.is_ok()), (1, true), "{one:?} {other:?}");
    }

    async fn assignments_are_found_by_what_is_to_be_done(db) {
        let store = db.store();
        let first = submitted(&store).await;
        let second = attempt(2, 2);
        let kept = second.clone();
        write(&store, move |tx| tx.attempts().insert(&kept)).await.unwrap();
        let all_of_them = [
            Assignment { reminded_on: Some(day("2026-03-28")), ..assignment(1, &first, 1, 2) },
            Assignment { due_on: day("2026-03-30"), assigned_on: day("2025-12-31"), ..assignment(2, &first, 2, 3) },
            assignment(3, &second, 1, 2),
            Assignment { state: AssignmentState::HandedBack, ..assignment(4, &second, 2, 4) },
            Assignment { due_on: day("2026-03-29"), ..done(assignment(5, &second, 2, 3), noon()) },
        ];
        for one in all_of_them {
            keep(&store, one).await.unwrap();
        }
        let any = AssignmentFilter::default;
        for (filter, expected) in [
            (AssignmentFilter { program: Some(ProgramCode::lssc()), set: "FND".parse().ok(), ..any() }, vec![1, 2, 3, 4, 5]),
            (AssignmentFilter { evaluator: Some(person(2)), portfolio: Some(PortfolioId::from_bits(1)), ..any() }, vec![1, 3]),
            (AssignmentFilter { state: Some(AssignmentState::HandedBack), ..any() }, vec![4]),
            (AssignmentFilter { overdue_before: Some(day("2026-03-31")), ..any() }, vec![2]),
            (AssignmentFilter { set: "TEC".parse().ok(), ..any() }, vec![]),
            (AssignmentFilter { kept: Some((vec![PortfolioId::from_bits(1)], person(2))), ..any() }, vec![1, 3]),
            (AssignmentFilter { kept: Some((vec![PortfolioId::from_bits(9)], person(2))), ..any() }, vec![1, 2, 3, 4, 5]),
            (AssignmentFilter { kept: Some((Vec::new(), person(2))), ..any() }, vec![1, 2, 3, 4, 5]),
        ] {
            let asked = filter.clone();
            let found = store.read(move |tx| tx.assignments().list(&asked, all())).await.unwrap();
            assert_eq!(found.iter().map(|one| one.id.bits()).collect::<Vec<_>>(), expected, "{filter:?}");
        }
        let read = store.read(|tx| Ok::<_, Error>((
            tx.assignments().to_remind(&ProgramCode::lssc(), day("2026-03-31"), 10)?,
            tx.assignments().to_remind(&ProgramCode::lssc(), day("2026-03-30"), 10)?,
            tx.assignments().lapsed(&ProgramCode::lssc(), day("2026-04-01"), 2)?,
            tx.assignments().loads(&ProgramCode::lssc(), day("2026-01-01"), day("2026-12-31"))?,
        )));
        let id = AssignmentId::from_bits;
        let loads = HashMap::from([(person(2), 1), (person(3), 1)]);
        assert_eq!(read.await, Ok((vec![id(2), id(3)], vec![id(2)], vec![id(2), id(1)], loads)), "a portfolio counts once");
    }

    async fn a_pair_belongs_where_its_later_ratings_were_final(db) {
        let store = db.store();
        let first = submitted(&store).await;
        keep(&store, done(assignment(1, &first, 2, 2), noon())).await.unwrap();
        let pairs = |from: i64, until: i64| {
            let store = store.clone();
            async move {
                let days = |count| noon() + TimeDelta::days(count);
                let found = store.read(move |tx| tx.assignments().pairs(&ProgramCode::lssc(), days(from), days(until)));
                let seats = |(one, other): &(Assignment, Assignment)| (one.id.bits(), other.id.bits());
                found.await.unwrap().iter().map(seats).collect::<Vec<_>>()
            }
        };
        assert_eq!(pairs(-10, 30).await, [], "one alone is no pair");
        keep(&store, done(assignment(2, &first, 1, 3), noon() + TimeDelta::days(10))).await.unwrap();
        keep(&store, done(assignment(3, &first, 3, 4), noon() + TimeDelta::days(11))).await.unwrap();
        assert_eq!(pairs(0, 30).await, [(2, 1)], "the first seat first");
        assert_eq!(pairs(10, 11).await, [(2, 1)], "the other was final before");
        assert_eq!(pairs(0, 10).await, []);
        assert_eq!(pairs(11, 30).await, []);
        // The second attempt's ratings are of what was asked for only: no pair.
        let second = attempt(2, 2);
        let kept = second.clone();
        write(&store, move |tx| tx.attempts().insert(&kept)).await.unwrap();
        keep(&store, done(assignment(4, &second, 1, 2), noon())).await.unwrap();
        keep(&store, done(assignment(5, &second, 2, 3), noon())).await.unwrap();
        assert_eq!(pairs(-10, 30).await, [(2, 1)]);
    }

    async fn the_checker_finds_what_was_not_decided_as_the_events_tell(db) {
        let store = db.store();
        let first = submitted(&store).await;
        let told = first.clone();
        write(&store, move |tx| {
            let about = |subject: String, fact| Event { program: Some(ProgramCode::lssc()), subject, person: None, fact };
            let drafted = PortfolioEvent::Drafted { candidacy: CandidacyId::from_bits(1), set: told.set.clone() };
            tx.record(about(told.portfolio.to_string(), drafted))?;
            let submitted = PortfolioEvent::Submitted { attempt: told.id, number: 1, content_hash: told.content_hash.clone() };
            tx.record(about(told.portfolio.to_string(), submitted))?;
            let one = assignment(1, &told, 1, 2);
            tx.assignments().insert(&one)?;
            let (portfolio, attempt, due_on) = (told.portfolio, told.id, one.due_on);
            let fact = AssignmentEvent::Assigned { portfolio, attempt, seat: 1, evaluator: one.evaluator, due_on };
            tx.record(Event { program: Some(ProgramCode::lssc()), subject: one.id.to_string(), person: None, fact })
        })
        .await
        .unwrap();
        assert_eq!(broken(&store).await, []);

        db.execute("UPDATE portfolio_assignments SET state = 'final', finalised_at = '2026-03-05T12:00:00.000000Z'");
        assert_eq!(broken(&store).await, [("I9", "every assignment's state was reached by legal edges")]);
        db.execute("UPDATE portfolio_assignments SET ratings = '[]'");
        assert_eq!(broken(&store).await.iter().map(|one| one.0).collect::<Vec<_>>(), ["I8", "I9"]);
        db.execute("UPDATE portfolio_assignments SET state = 'open', finalised_at = NULL");
        assert_eq!(broken(&store).await, []);

        db.execute("UPDATE portfolios SET state = 'more_information'");
        assert_eq!(broken(&store).await, [("I9", "every portfolio's state was reached by legal edges")]);
        db.execute("UPDATE portfolios SET state = 'in_evaluation', attempts = 2");
        assert_eq!(broken(&store).await.iter().map(|one| one.0).collect::<Vec<_>>(), ["I8"]);
        db.execute("UPDATE portfolios SET attempts = 1");

        // Two on a seat, and one twice, where the indexes do not hold.
        db.execute("DROP INDEX assignments_seat; DROP INDEX assignments_once");
        keep(&store, assignment(2, &first, 1, 2)).await.unwrap();
        let crowded = broken(&store).await;
        assert_eq!(crowded.iter().map(|one| one.0).collect::<Vec<_>>(), ["I8", "I8", "I9"], "{crowded:?}");
        db.execute("DELETE FROM portfolio_assignments");
        assert_eq!(broken(&store).await, []);

        let achieved = |evidence: &Attempt| Achievement {
            id: AchievementId::from_bits(1),
            program: ProgramCode::lssc(),
            person: person(1),
            candidacy: CandidacyId::from_bits(1),
            set: evidence.set.clone(),
            method: Method::Portfolio,
            achieved_on: day("2026-03-01"),
            evidence: evidence.id.to_string(),
            voided_on: None,
            void_reason: None,
            version: 1,
        };
        let early = achieved(&first);
        write(&store, move |tx| tx.achievements().insert_all(std::slice::from_ref(&early))).await.unwrap();
        let rests = "every standing achievement by portfolio rests on an attempt that achieved its set";
        assert_eq!(broken(&store).await, [("I7", rests)], "nobody decided that it is achieved");

        // An attempt whose seal is another one's, as where its content was changed behind the back.
        let sealed = "the seal of every attempt is the one of what is stored";
        let other = Attempt {
            portfolio: PortfolioId::from_bits(2),
            content_hash: first.content_hash.clone(),
            ..attempt(2, 1)
        };
        write(&store, move |tx| {
            tx.portfolios().insert(&Portfolio {
                set: "TEC".parse().unwrap(),
                state: PortfolioState::InEvaluation,
                attempt: Some(other.id),
                attempts: 1,
                ..draft(2)
            })?;
            tx.attempts().insert(&other)
        }).await.unwrap();
        let told = broken(&store).await;
        assert_eq!(told.iter().map(|one| one.1).filter(|one| *one == sealed).count(), 1, "{told:?}");
        assert!(told.iter().all(|one| one.1 == sealed || ["I7", "I9"].contains(&one.0)), "{told:?}");
    }
}
