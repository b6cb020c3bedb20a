//! Awards, and who and what is found by name, address or day.

use domain::{
    PersonId,
    application::ApplicationState,
    award::{Assistance, AssistanceState, AwardRound},
    calendar::add_days,
    ledger::Payer,
    program::ProgramCode,
};
use persistence::{AssistanceFilter, Constraint, Error, InstitutionFilter, SubscriptionFilter, Tx};

use super::town::{ann_pays_too_much, first, today, town, writes};
use crate::support::database::each_database;

fn round(tx: &Tx<'_>) -> AwardRound {
    AwardRound {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        name: "Spring".to_owned(),
        opens_on: today(),
        closes_on: today(),
        places: 1,
        amount_cents: 10_000,
        seed_source: "A public number.".to_owned(),
        seed: None,
        drawn_on: None,
        version: 1,
    }
}

fn request(tx: &Tx<'_>, round: &AwardRound, person: PersonId) -> Assistance {
    Assistance {
        id: tx.new_id(),
        program: round.program.clone(),
        round: round.id,
        person,
        amount_cents: round.amount_cents,
        requested_on: today(),
        withdrawn_on: None,
        rank: None,
        granted_on: None,
        invoice: None,
        version: 1,
    }
}

each_database! {
    async fn one_request_a_round_and_one_help_a_person(db) {
        let store = db.store();
        let town = town(&store).await;
        let (ann, ben) = (town.ann.0, town.ben.0);
        let (spring, ticket) = writes(&store, move |tx| {
            let spring = round(tx);
            tx.award_rounds().insert(&spring)?;
            let mut withdrawn = request(tx, &spring, ann);
            withdrawn.withdrawn_on = Some(today());
            tx.assistance().insert(&withdrawn)?;
            let ticket = request(tx, &spring, ann);
            tx.assistance().insert(&ticket)?;
            let bens = request(tx, &spring, ben);
            tx.assistance().insert(&bens)?;
            Ok((spring, ticket))
        })
        .await
        .unwrap();
        let (of_spring, first_ticket) = (spring.clone(), ticket.clone());
        let twice = writes(&store, move |tx| {
            let again = request(tx, &of_spring, ann);
            tx.assistance().insert(&again)
        });
        assert_eq!(twice.await, Err(Error::Conflict(Constraint::AssistanceOneRequest)));
        writes(&store, move |tx| {
            assert_eq!(tx.assistance().tickets(first_ticket.round)?.len(), 2, "one is withdrawn");
            assert!(!tx.assistance().helped(&ProgramCode::lssc(), ann)?);
            let (mut granted, _fact) = first_ticket.clone().drawn(1, 1, today());
            tx.assistance().save(&mut granted)
        })
        .await
        .unwrap();
        let second = writes(&store, move |tx| {
            let autumn = round(tx);
            tx.award_rounds().insert(&autumn)?;
            let mut again = request(tx, &autumn, ann);
            (again.rank, again.granted_on) = (Some(1), Some(today()));
            tx.assistance().insert(&again)
        });
        assert_eq!(second.await, Err(Error::Conflict(Constraint::AssistanceOnce)));
        let read = move |tx: &mut Tx<'_>| {
            let lssc = ProgramCode::lssc();
            assert!(tx.assistance().helped(&lssc, ann)?);
            assert!(!tx.assistance().helped(&lssc, ben)?);
            assert_eq!(tx.assistance().granted_of(&lssc, ann)?.map(|one| one.id), Some(ticket.id));
            assert_eq!(tx.assistance().granted_of(&lssc, ben)?, None);
            let mut count = |state| {
                let filter = AssistanceFilter { state: Some(state), ..AssistanceFilter::default() };
                tx.assistance().list(&filter, first()).unwrap().len()
            };
            let counts = [
                AssistanceState::Requested,
                AssistanceState::Withdrawn,
                AssistanceState::NotDrawn,
                AssistanceState::Granted,
                AssistanceState::Used,
            ]
            .map(&mut count);
            assert_eq!(counts, [1, 1, 0, 1, 0]);
            Ok::<_, Error>(())
        };
        store.read(read).await.unwrap();
    }

    async fn people_institutions_and_subscriptions_are_found(db) {
        let store = db.store();
        let town = town(&store).await;
        let paid = ann_pays_too_much(&store, &town).await;
        let (ann, ben, library) = (town.ann, town.ben, town.library);
        let emails = ["ANN@example.org ", "ben@example.org", "nobody@example.org"].map(str::to_owned);
        let read = move |tx: &mut Tx<'_>| {
            let lssc = ProgramCode::lssc();
            let found = tx.purchase_orders().payables(&lssc, &emails)?;
            let told: Vec<_> = found
                .iter()
                .map(|one| (one.person, one.application, one.name.as_str(), one.state))
                .collect();
            let submitted = ApplicationState::Submitted;
            let both =
                [(ann.0, ann.1, "Ann Reader", submitted), (ben.0, ben.1, "Ben Reader", submitted)];
            assert_eq!(told, both);
            assert_eq!(found[0].emails, ["Ann@example.org"]);
            let named = |q: &str| InstitutionFilter { q: Some(q.to_owned()), ..Default::default() };
            let institutions = tx.institutions().list(&named("SIDE pub"), first())?;
            assert_eq!(institutions.iter().map(|one| one.id).collect::<Vec<_>>(), [library]);
            assert_eq!(tx.institutions().list(&named("side%lib"), first())?, Vec::new());

            let active = tx.subscriptions().of_invoice(paid)?.unwrap();
            assert_eq!(active.person, ann.0);
            let mut on = |days: i64| {
                let day = Some(add_days(today(), days));
                let filter = SubscriptionFilter { active_on: day, ..SubscriptionFilter::default() };
                tx.subscriptions().list(&filter, first()).unwrap().len()
            };
            assert_eq!([on(-1), on(0), on(1460), on(1500)], [0, 1, 1, 0]);
            let before = add_days(active.ends_on, -1);
            assert_eq!(tx.subscriptions().ending(&lssc, before, 10)?, Vec::new());
            assert_eq!(tx.subscriptions().ending(&lssc, active.ends_on, 10)?, [active]);
            Ok::<_, Error>(())
        };
        store.read(read).await.unwrap();
        writes(&store, move |tx| {
            tx.ledger().hold(Payer::Person(ann.0))?;
            tx.ledger().hold(Payer::Organisation(library))?;
            let nobody = tx.ledger().hold(Payer::Person(PersonId::from_bits(7)));
            assert_eq!(nobody, Err(Error::NotFound));
            Ok(())
        })
        .await
        .unwrap();
    }
}
