//! Guidance, support events and requests for help in the store: what is written is what is read, and what must
//! be unique is.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    GuidanceId, HelpRequestId, PersonId, SupportEventId, SupportRegistrationId,
    person::Person,
    program::{Program, ProgramCode},
    support::{
        Guidance, GuidanceLink, GuidanceText, HelpRequest, HelpState, Occasion, SupportEvent,
        SupportEventDetails,
    },
};
use persistence::{
    Constraint, Error, HelpFilter, Page, Store, SupportEventFilter, SupportRegistrationFilter, Tx,
};

use crate::support::database::{each_database, noon, stamp};

async fn write<T: Send + 'static>(
    store: &Store,
    job: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    store.write(stamp(), job).await
}

fn guidance(bits: u128) -> Guidance {
    Guidance {
        id: GuidanceId::from_bits(bits),
        program: ProgramCode::lssc(),
        set: "FND".parse().unwrap(),
        text: GuidanceText {
            summary: "What a library is for".to_owned(),
            steps: vec!["Read".to_owned(), "Écrire".to_owned()],
            evidence: vec!["A chart".to_owned()],
            links: vec![GuidanceLink {
                title: "More".to_owned(),
                url: "https://example.org".to_owned(),
            }],
        },
        updated_at: noon(),
        updated_by: "system".to_owned(),
        version: 1,
    }
}

fn event(bits: u128, starts_at: DateTime<Utc>, seats: Option<u32>) -> SupportEvent {
    let details = SupportEventDetails {
        kind: Occasion::Webinar,
        title: format!("Webinar {bits}"),
        description: None,
        sets: vec!["FND".parse().unwrap()],
        starts_at,
        ends_at: starts_at + TimeDelta::hours(1),
        place: None,
        link: Some("https://example.org".to_owned()),
        seats,
    };
    SupportEvent::announce(SupportEventId::from_bits(bits), ProgramCode::lssc(), details).0
}

/// The program, and two people.
async fn furnished(store: &Store) {
    let program = Program {
        code: ProgramCode::lssc(),
        name: "Library Support Staff Certification".to_owned(),
        zone: "America/Chicago".to_owned(),
        parent: None,
    };
    let stored = write(store, move |tx| {
        tx.programs().insert(&program)?;
        (1..=2).try_for_each(|bits| {
            tx.people().insert(&Person {
                id: PersonId::from_bits(bits),
                given_name: "Ada".to_owned(),
                family_name: "Brook".to_owned(),
                created_at: noon(),
                life: domain::life::Life::default(),
                version: 1,
            })
        })
    });
    stored.await.unwrap();
}

each_database! {
    async fn guidance_is_one_for_each_set(db) {
        let store = &db.store();
        furnished(store).await;
        write(store, |tx| tx.guidance().insert(&guidance(1))).await.unwrap();
        let again = write(store, |tx| tx.guidance().insert(&guidance(2))).await;
        assert_eq!(again.unwrap_err(), Error::Conflict(Constraint::GuidanceSet));
        let revised = write(store, |tx| {
            let found = tx.guidance().of_set(&ProgramCode::lssc(), &"FND".parse().unwrap())?;
            assert_eq!(found, guidance(1));
            let text = GuidanceText { summary: "Anew".to_owned(), ..found.text.clone() };
            let (mut revised, _) = found.revise(text, "ada".to_owned(), tx.now());
            tx.guidance().save(&mut revised)?;
            Ok(revised)
        });
        let revised = revised.await.unwrap();
        assert_eq!(revised.version, 2);
        let all = store.read(|tx| tx.guidance().of_program(&ProgramCode::lssc())).await.unwrap();
        assert_eq!(all, [revised]);
        let none = store.read(|tx| tx.guidance().of_set(&ProgramCode::lssc(), &"TEC".parse().unwrap())).await;
        assert_eq!(none.unwrap_err(), Error::NotFound);
    }

    async fn a_person_is_registered_once_and_counted(db) {
        let store = &db.store();
        furnished(store).await;
        let coming = write(store, |tx| {
            let event = event(1, noon() + TimeDelta::days(1), Some(2));
            tx.support_events().insert(&event)?;
            let (id, person) = (SupportRegistrationId::from_bits(1), PersonId::from_bits(1));
            let (mut event, coming, _) = event.register(id, person, noon()).unwrap();
            tx.support_events().save(&mut event)?;
            tx.support_registrations().insert(&coming)?;
            Ok(coming)
        });
        let coming = coming.await.unwrap();
        let twin = domain::support::SupportRegistration { id: SupportRegistrationId::from_bits(2), ..coming.clone() };
        let again = write(store, move |tx| tx.support_registrations().insert(&twin)).await;
        assert_eq!(again.unwrap_err(), Error::Conflict(Constraint::SupportRegistrationsOnce));
        let read = store.read(|tx| {
            let filter = SupportRegistrationFilter { event: Some(SupportEventId::from_bits(1)), standing: true, ..SupportRegistrationFilter::default() };
            let coming = tx.support_registrations().list(&filter, Page { after: None, limit: 10 })?;
            Ok::<_, Error>((tx.support_events().get(SupportEventId::from_bits(1))?.registered, coming, tx.support_registrations().event_of(SupportRegistrationId::from_bits(1))?))
        });
        assert_eq!(read.await.unwrap(), (1, vec![coming], SupportEventId::from_bits(1)));
        assert_eq!(store.verify().await.unwrap(), []);
        // A count that counts something else is told.
        write(store, |tx| {
            let mut event = tx.support_events().get(SupportEventId::from_bits(1))?;
            event.registered = 2;
            tx.support_events().save(&mut event)
        })
        .await
        .unwrap();
        let broken = store.verify().await.unwrap();
        assert_eq!(broken.iter().map(|one| one.id).collect::<Vec<_>>(), ["I11"]);
        // The database itself gives no seat that there is not.
        let crowded = write(store, |tx| {
            let mut event = tx.support_events().get(SupportEventId::from_bits(1))?;
            event.registered = 3;
            tx.support_events().save(&mut event)
        });
        assert!(crowded.await.is_err());
    }

    async fn lists_are_narrowed(db) {
        let store = &db.store();
        furnished(store).await;
        let stored = write(store, |tx| {
            for (bits, days) in [(1, -2), (2, 2), (3, 30)] {
                tx.support_events().insert(&event(bits, noon() + TimeDelta::days(days), None))?;
            }
            let asked = |bits, set: &str| {
                let set = (Some(set.parse().unwrap()), "How?".to_owned());
                HelpRequest::ask(HelpRequestId::from_bits(bits), ProgramCode::lssc(), PersonId::from_bits(bits), set, noon()).0
            };
            tx.help_requests().insert(&asked(1, "FND"))?;
            let (mut answered, _) = asked(2, "TEC").answer("So.".to_owned(), "sam".to_owned(), noon()).unwrap();
            tx.help_requests().insert(&answered)?;
            let read = tx.help_requests().get(answered.id)?;
            assert_eq!(read, answered);
            tx.help_requests().save(&mut answered)
        });
        stored.await.unwrap();
        let found = store.read(|tx| {
            let page = || Page { after: None, limit: 10 };
            let filter = SupportEventFilter { ends_from: Some(noon()), standing: true, ..SupportEventFilter::default() };
            let events: Vec<u128> = tx.support_events().list(&filter, page())?.iter().map(|one| one.id.bits()).collect();
            let mut of = |filter: HelpFilter| Ok::<_, Error>(tx.help_requests().list(&filter, Page { after: None, limit: 10 })?.len());
            let open = of(HelpFilter { state: Some(HelpState::Open), ..HelpFilter::default() })?;
            let mine = of(HelpFilter { person: Some(PersonId::from_bits(2)), set: "TEC".parse().ok(), ..HelpFilter::default() })?;
            let none = of(HelpFilter { person: Some(PersonId::from_bits(2)), set: "FND".parse().ok(), ..HelpFilter::default() })?;
            Ok::<_, Error>((events, open, mine, none))
        });
        assert_eq!(found.await.unwrap(), (vec![2, 3], 1, 1, 0));
    }
}
