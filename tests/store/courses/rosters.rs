//! Rosters: people found for 2,000 rows at once, and completions that wait.

use domain::{
    CandidacyId, CompletionId, CourseId, InvitationId, OrganisationId, PersonId, WaitingId,
    access::Role,
    completion::{Completion, CompletionState},
    identity::{Match, Named},
    organisation::{Invitation, Invite},
    program::ProgramCode,
    roster::{RosterRow, WaitingCompletion, WaitingState},
};
use persistence::{CompletionFilter, Constraint, Error, Page};

use super::{admit, course, day, email, furnished, person, write};
use crate::support::database::{each_database, noon};

fn named(email: &str, name: &str) -> Named {
    Named { candidacy: None, email: Some(email.to_owned()), name: Some(name.to_owned()) }
}

fn row(course: u128, email: &str, name: &str) -> RosterRow {
    RosterRow {
        line: 1,
        course: CourseId::from_bits(course),
        named: named(email, name),
        completed_on: day("2025-05-01"),
    }
}

fn waiting(bits: u128, email: &str, name: &str) -> WaitingCompletion {
    let course = course(1, 1, "FND", "Libraries");
    let id = WaitingId::from_bits(bits);
    WaitingCompletion::keep(id, &row(1, email, name), &course, noon()).unwrap().0
}

each_database! {
    async fn the_people_of_two_thousand_rows_are_found_in_a_few_statements(db) {
        let store = db.store();
        furnished(&store).await;
        write(&store, |tx| {
            for bits in 1..=1_000 {
                admit(tx, bits, &format!("Day {bits}"), &format!("ada{bits}@example.org"))?;
            }
            // Somebody who wrote an address down and never showed that it is theirs.
            tx.people().insert(&person(2_000, "Claimant"))?;
            tx.people().insert_email(&email(2_000, "other@example.org", None))
        })
        .await
        .unwrap();
        let mut rows: Vec<Named> = (1..=2_000)
            .map(|n| named(&format!("ADA{n}@example.org"), &format!("ada day {n}")))
            .collect();
        rows.push(named("other@example.org", "Ada Claimant"));
        rows.push(named("ada1@example.org", "Somebody Else"));
        let number = Some(CandidacyId::from_bits(7));
        rows.push(Named { candidacy: number, ..Named::default() });
        let asked = rows.clone();
        let directory = store
            .read(move |tx| tx.directory(&ProgramCode::lssc(), &asked, day("2026-01-01")))
            .await
            .unwrap();
        let found = |place: usize| match directory.find(&rows[place]) {
            Match::One(known, candidacy) => (known.person.bits(), candidacy.unwrap().bits()),
            Match::Nobody => (0, 0),
            Match::Unclear(_) => (0, 1),
        };
        assert!((1..=1_000_u128).zip(0..).all(|(bits, place)| found(place) == (bits, bits)));
        assert!((1_000..2_000).all(|n| found(n) == (0, 0)));
        assert_eq!(found(2_000), (0, 0), "an address that was not verified proves nothing");
        assert_eq!(found(2_001), (0, 1));
        assert_eq!(found(2_002), (7, 7));
        let known = store.read(|tx| {
            tx.known_person(&ProgramCode::lssc(), PersonId::from_bits(7), day("2026-01-01"))
        });
        assert_eq!(known.await.unwrap().candidacy(), Some(CandidacyId::from_bits(7)));
    }

    async fn what_waits_is_found_by_its_key_until_it_is_claimed(db) {
        let store = db.store();
        furnished(&store).await;
        let one = |n| waiting(n, &format!("d{n}@example.org"), "Dee Dunn");
        let many: Vec<_> = (1..=1_200).map(one).collect();
        let stored = many.clone();
        write(&store, move |tx| {
            tx.courses().insert(&course(1, 1, "FND", "Libraries"))?;
            admit(tx, 1, "Day", "d7@example.org")?;
            tx.waiting_completions().insert_all(&stored)
        })
        .await
        .unwrap();
        let again = waiting(5_000, "D7@Example.org", "dee  dunn");
        let twice = write(&store, move |tx| tx.waiting_completions().insert(&again));
        assert_eq!(twice.await, Err(Error::Conflict(Constraint::WaitingCompletionsOnce)));

        let keys: Vec<String> = many.iter().map(WaitingCompletion::key).collect();
        let lssc = ProgramCode::lssc();
        let found = store.read(move |tx| tx.waiting_completions().under(&lssc, &keys));
        assert_eq!(found.await.unwrap().len(), 1_200);

        let claim = write(&store, |tx| {
            let key = waiting(1, "d7@example.org", "Dee Dunn").key();
            let keys = [key];
            let found = tx.waiting_completions().under(&ProgramCode::lssc(), &keys)?;
            let one = found.into_iter().next().unwrap();
            let candidate = (PersonId::from_bits(1), CandidacyId::from_bits(1));
            let course = course(1, 1, "FND", "Libraries");
            let (mut claimed, completion, _) =
                one.claim(CompletionId::from_bits(1), &course, candidate).unwrap();
            tx.completions().insert(&completion)?;
            tx.waiting_completions().save(&mut claimed)?;
            let left = tx.waiting_completions().under(&ProgramCode::lssc(), &keys)?;
            Ok((claimed.state, left.len()))
        });
        assert_eq!(claim.await, Ok((WaitingState::Claimed, 0)));
    }

    async fn a_provider_lists_the_completions_of_its_own_courses(db) {
        let store = db.store();
        furnished(&store).await;
        let stored = write(&store, |tx| {
            admit(tx, 1, "Day", "ada@example.org")?;
            let mut all: Vec<Completion> = Vec::new();
            for (bits, owner) in [(1, 1), (2, 2), (3, 2)] {
                let course = course(bits, owner, "FND", "Libraries");
                tx.courses().insert(&course)?;
                let candidate = (PersonId::from_bits(1), CandidacyId::from_bits(1));
                let id = CompletionId::from_bits(bits);
                let row = row(bits, "ada@example.org", "Ada Day");
                all.push(row.completion(id, &course, candidate));
            }
            tx.completions().insert_all(&all)
        });
        stored.await.unwrap();
        let listed = |owner: u128| {
            let filter = CompletionFilter {
                providers: Some(vec![OrganisationId::from_bits(owner)]),
                state: Some(CompletionState::Recorded),
                ..CompletionFilter::default()
            };
            let page = Page { after: None, limit: 10 };
            let found = store.read(move |tx| tx.completions().list(&filter, page));
            async { found.await.unwrap().into_iter().map(|one| one.id.bits()).collect::<Vec<_>>() }
        };
        assert_eq!(listed(1).await, [1]);
        assert_eq!(listed(2).await, [2, 3]);
        let all = store.read(|tx| tx.completions().of_candidacies(&[CandidacyId::from_bits(1)]));
        assert_eq!(all.await.unwrap().len(), 3);
    }

    async fn an_invitation_is_found_by_the_hash_of_its_token(db) {
        let store = db.store();
        furnished(&store).await;
        let invite = Invite {
            program: ProgramCode::lssc(),
            organisation: OrganisationId::from_bits(1),
            role: Role::Provider,
            email: "new@example.org".to_owned(),
            token_hash: [7; 32],
            invited_by: "person_1".to_owned(),
        };
        let (invitation, _) = Invitation::send(InvitationId::from_bits(1), invite, noon());
        let stored = invitation.clone();
        write(&store, move |tx| tx.invitations().insert(&stored)).await.unwrap();
        let read = store.read(|tx| tx.invitations().by_token(&[7; 32])).await;
        assert_eq!(read, Ok(invitation));
        let none = store.read(|tx| tx.invitations().by_token(&[8; 32])).await;
        assert_eq!(none, Err(Error::NotFound));
    }
}
