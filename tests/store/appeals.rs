//! Appeals in the store: what is written is what is read, a decision has one, and lists find what the
//! domain would.

use chrono::NaiveDate;
use domain::{
    AppealId, ApplicationId, AttachmentId, EventId, OrganisationId, PersonId, Word,
    access::Own,
    appeal::{
        Appeal, AppealState, AppealStatus, Appellant, Decision, DecisionKind, Documents, Meeting,
        Response, Subject,
    },
    application::OfficeDecision,
    person::Person,
    policy::AppealPolicy,
    program::{Program, ProgramCode},
};
use persistence::{AppealFilter, Constraint, Error, Page, Store, Tx};

use super::noted;
use crate::support::database::{each_database, noon, stamp};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn subject(bits: u128) -> Subject {
    Subject::Application(ApplicationId::from_bits(bits))
}

fn outcome() -> OfficeDecision {
    OfficeDecision {
        decided_on: day("2026-04-20"),
        decided_by: "person_2".to_owned(),
        reason: Some("By the letter.".to_owned()),
        findings: Vec::new(),
    }
}

/// An appeal as far as its state says, against the decision that an event tells.
fn appeal(bits: u128, event: EventId, state: AppealState) -> Appeal {
    let documents = Documents {
        handed_in_on: day("2026-03-20"),
        text: "A letter.".to_owned(),
        attachments: vec![AttachmentId::from_bits(1)],
    };
    let response = Response {
        responded_on: day("2026-04-01"),
        responded_by: "person_2".to_owned(),
        text: "Read.".to_owned(),
        findings: Vec::new(),
    };
    let meeting = Meeting {
        meets_on: day("2026-04-20"),
        place: Some("By video".to_owned()),
        findings: Vec::new(),
    };
    let decided = matches!(state, AppealState::Upheld | AppealState::Remanded);
    let written = state != AppealState::Noticed;
    Appeal {
        id: AppealId::from_bits(bits),
        program: ProgramCode::lssc(),
        decision: Decision {
            id: event,
            kind: DecisionKind::ApplicationRefused,
            subject: subject(bits),
            decided_on: day("2026-03-01"),
            received_on: day("2026-03-01"),
            decided_by: vec!["person_1".to_owned()],
        },
        appellant: if bits == 1 {
            Appellant::Person(PersonId::from_bits(1))
        } else {
            Appellant::Organisation(OrganisationId::from_bits(7))
        },
        state,
        grounds: "It was not read.".to_owned(),
        policy: AppealPolicy {
            notice_days: 10,
            documents_days: 30,
            response_days: 30,
            meeting_days: 30,
        },
        noticed_on: day("2026-03-05"),
        documents: Some(documents).filter(|_| written).into_iter().collect(),
        response: Some(response).filter(|_| decided),
        meeting: Some(meeting).filter(|_| decided),
        outcome: decided.then(outcome),
        withdrawal: (state == AppealState::Withdrawn).then(|| "Settled.".to_owned()),
        created_at: noon(),
        version: 1,
    }
}

async fn write<T: Send + 'static>(
    store: &Store,
    job: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    store.write(stamp(), job).await
}

/// One appeal in each state, as they were stored.
async fn with_appeals(store: &Store) -> Vec<Appeal> {
    let stored = write(store, |tx| {
        tx.programs().insert(&Program {
            code: ProgramCode::lssc(),
            name: "LSSC".to_owned(),
            zone: "America/Chicago".to_owned(),
            parent: None,
        })?;
        tx.people().insert(&Person {
            id: PersonId::from_bits(1),
            given_name: "Ada".to_owned(),
            family_name: "Day".to_owned(),
            created_at: noon(),
            life: domain::life::Life::default(),
            version: 1,
        })?;
        let mut appeals = Vec::new();
        for (bits, state) in (1..).zip(AppealState::ALL) {
            tx.record(noted(&subject(bits).to_string(), 1))?;
            let told = tx.events().history(&subject(bits).to_string())?;
            let event = told.first().map(|event| event.id).unwrap();
            let one = appeal(bits, event, *state);
            tx.appeals().insert(&one)?;
            appeals.push(one);
        }
        Ok(appeals)
    });
    stored.await.unwrap()
}

async fn listed(store: &Store, filter: AppealFilter) -> Vec<Appeal> {
    let page = Page { after: None, limit: 20 };
    store.read(move |tx| tx.appeals().list(&filter, page)).await.unwrap()
}

each_database! {
    async fn appeals_stand_in_lists_where_the_domain_says(db) {
        let store = db.store();
        let all = with_appeals(&store).await;
        assert_eq!(listed(&store, AppealFilter::default()).await, all);
        for on in ["2026-03-31", "2026-04-01"] {
            for status in AppealStatus::ALL {
                let at = Some((*status, day(on)));
                let found = listed(&store, AppealFilter { status: at, ..AppealFilter::default() });
                let expected = all.iter().filter(|one| one.status(day(on)) == *status).cloned();
                assert_eq!(found.await, expected.collect::<Vec<_>>(), "{status} on {on}");
            }
        }
        let own = |person: Option<u128>, organisations: &[u128]| Own {
            person: person.map(PersonId::from_bits),
            organisations: organisations.iter().map(|id| OrganisationId::from_bits(*id)).collect(),
        };
        for (own, count) in [
            (own(Some(1), &[]), 1),
            (own(Some(2), &[]), 0),
            (own(None, &[7]), all.len() - 1),
            (own(Some(1), &[7, 8]), all.len()),
            (own(None, &[8]), 0),
        ] {
            let found = listed(&store, AppealFilter { own: Some(own.clone()), ..AppealFilter::default() });
            assert_eq!(found.await.len(), count, "{own:?}");
        }
        let about = AppealFilter { subject: Some(subject(2)), ..AppealFilter::default() };
        assert_eq!(listed(&store, about).await, all[1..2]);
        let of = AppealFilter {
            person: Some(PersonId::from_bits(1)),
            kind: Some(DecisionKind::ApplicationRefused),
            ..AppealFilter::default()
        };
        assert_eq!(listed(&store, of).await, all[..1]);
    }

    async fn a_decision_has_one_appeal(db) {
        let store = db.store();
        let first = with_appeals(&store).await.remove(0);
        let event = first.decision.id;
        let twice = write(&store, move |tx| {
            tx.appeals().insert(&appeal(90, event, AppealState::Noticed))
        });
        assert_eq!(twice.await, Err(Error::Conflict(Constraint::AppealsOnce)));
        let found = store.read(move |tx| tx.appeals().of_decision(event));
        assert_eq!(found.await, Ok(Some(first)));
        let none = store.read(|tx| tx.appeals().of_decision(EventId::from_bits(1)));
        assert_eq!(none.await, Ok(None));
        let untold = write(&store, |tx| {
            tx.appeals().insert(&appeal(91, EventId::from_bits(1), AppealState::Noticed))
        });
        assert!(matches!(untold.await, Err(Error::Broken(_))), "no event tells the decision");
    }

    async fn a_stale_appeal_is_not_saved(db) {
        let store = db.store();
        let mut first = with_appeals(&store).await.remove(0);
        first.state = AppealState::Withdrawn;
        let saved = first.clone();
        write(&store, move |tx| tx.appeals().save(&mut saved.clone())).await.unwrap();
        let again = first.clone();
        let stale = write(&store, move |tx| tx.appeals().save(&mut again.clone()));
        assert_eq!(stale.await, Err(Error::Stale));
        let read = store.read(|tx| tx.appeals().get(AppealId::from_bits(1))).await.unwrap();
        assert_eq!((read.state, read.version), (AppealState::Withdrawn, 2));
    }

    async fn what_was_stored_without_its_history_is_found(db) {
        let store = db.store();
        with_appeals(&store).await;
        let broken = store.verify().await.unwrap();
        let rows = |sentence: &str| {
            let one = broken.iter().find(|one| one.sentence.contains(sentence));
            one.map_or(0, |one| one.rows.len())
        };
        assert_eq!(rows("every appeal's state"), AppealState::ALL.len());
        // The one that is remanded reopened nothing.
        assert_eq!(rows("was reopened exactly"), 1);
    }
}
