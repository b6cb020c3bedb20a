//! Agreements and graduates; SQL and the domain agree on where agreements and certificates stand.

use domain::{
    AgreementId, AttachmentId, CandidacyId, GraduateId, OrganisationId, PersonId, Word,
    agreement::{
        Agreement, AgreementState, AgreementStatus, AgreementTerms, College, Pending, ProgramKind,
        graduate::{Graduate, GraduateState},
    },
    attachment::{Attachment, AttachmentOwner, AttachmentPurpose},
    candidacy::Provisional,
    organisation::OrganisationStanding,
    program::ProgramCode,
};
use persistence::{AgreementFilter, Constraint, Error, Page, Store};

use super::{admit, day, furnished, write};
use crate::support::database::{each_database, noon};

fn college() -> College {
    College {
        id: OrganisationId::from_bits(7),
        program: ProgramCode::lssc(),
        name: "Example Community College".to_owned(),
        place: None,
        website: None,
        contact_email: None,
        standing: OrganisationStanding {
            primary_contact: Some(PersonId::from_bits(1)),
            ..OrganisationStanding::default()
        },
        version: 1,
    }
}

fn agreement(bits: u128, state: AgreementState) -> Agreement {
    let signed = matches!(state, AgreementState::Signed | AgreementState::Ended);
    Agreement {
        id: AgreementId::from_bits(bits),
        program: ProgramCode::lssc(),
        college: college().id,
        state,
        pending: Some(Pending {
            terms: AgreementTerms {
                program_kind: ProgramKind::Certificate,
                program_title: "Library technology".to_owned(),
                requirements: Vec::new(),
                conditions: Vec::new(),
            },
            reason: None,
            requested_by: "office".to_owned(),
            authors: Vec::new(),
            requested_on: day("2024-01-01"),
            reviews: Vec::new(),
        }),
        versions: Vec::new(),
        signed_on: signed.then(|| day("2024-03-01")),
        ends_on: signed.then(|| day("2028-03-01")),
        ended_on: (state == AgreementState::Ended).then(|| day("2026-03-01")),
        end_reason: None,
        yearly_reviews: Vec::new(),
        created_at: noon(),
        version: 1,
    }
}

fn graduate(bits: u128, email: &str) -> Graduate {
    Graduate {
        id: GraduateId::from_bits(bits),
        program: ProgramCode::lssc(),
        agreement: AgreementId::from_bits(3),
        college: college().id,
        name: "Ada Day".to_owned(),
        email: email.to_owned(),
        graduated_on: day("2025-05-01"),
        state: GraduateState::Claimed,
        person: Some(PersonId::from_bits(1)),
        transcript: Some(AttachmentId::from_bits(1)),
        recorded_at: noon(),
        decided_on: None,
        decided_by: None,
        reason: None,
        findings: Vec::new(),
        candidacy: None,
        version: 1,
    }
}

fn transcript() -> Attachment {
    Attachment {
        id: AttachmentId::from_bits(1),
        program: ProgramCode::lssc(),
        owner: AttachmentOwner::Person(PersonId::from_bits(1)),
        purpose: AttachmentPurpose::Transcript,
        file_name: "transcript.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        size_bytes: 12,
        sha256: "ab".repeat(32),
        uploaded_by: "person_1".to_owned(),
        uploaded_at: noon(),
    }
}

/// A college with one agreement in each state, and a candidate.
async fn with_agreements(store: &Store) {
    furnished(store).await;
    let stored = write(store, |tx| {
        admit(tx, 1, "Day", "ada@example.org")?;
        tx.colleges().insert(&college())?;
        tx.attachments().insert(&transcript())?;
        let all: Vec<_> =
            (1..).zip(AgreementState::ALL).map(|(n, state)| agreement(n, *state)).collect();
        tx.agreements().insert_all(&all)
    });
    stored.await.unwrap();
}

each_database! {
    async fn agreements_stand_in_lists_where_the_domain_says(db) {
        let store = db.store();
        with_agreements(&store).await;
        let all = store.read(|tx| {
            tx.agreements().list(&AgreementFilter::default(), Page { after: None, limit: 10 })
        });
        let all = all.await.unwrap();
        let stored = (1..).zip(AgreementState::ALL).map(|(n, state)| agreement(n, *state));
        assert_eq!(all, stored.collect::<Vec<_>>());
        let days = [
            "2024-02-29", "2024-03-01", "2026-03-01", "2026-03-02", "2028-03-01", "2028-03-02",
        ];
        for on in days {
            for status in AgreementStatus::ALL {
                let status_on = Some((*status, day(on)));
                let filter = AgreementFilter { status: status_on, ..AgreementFilter::default() };
                let found = store.read(move |tx| {
                    tx.agreements().list(&filter, Page { after: None, limit: 10 })
                });
                let expected = all.iter().filter(|one| one.status(day(on)) == *status).cloned();
                let expected: Vec<_> = expected.collect();
                assert_eq!(found.await.unwrap(), expected, "{status} on {on}");
            }
        }
        let by = Some(day("2025-03-01"));
        let due = AgreementFilter { review_due_by: by, ..AgreementFilter::default() };
        let due = store.read(move |tx| tx.agreements().list(&due, Page { after: None, limit: 10 }));
        let due: Vec<_> = due.await.unwrap().into_iter().map(|one| one.state).collect();
        assert_eq!(due, [AgreementState::Signed]);
    }

    async fn a_graduate_is_there_once_under_an_agreement(db) {
        let store = db.store();
        with_agreements(&store).await;
        let first = graduate(1, "ada@example.org");
        let stored = first.clone();
        write(&store, move |tx| tx.graduates().insert(&stored)).await.unwrap();
        let twice = write(&store, |tx| {
            let again = Graduate { state: GraduateState::Posted, ..graduate(2, "ADA@example.org") };
            tx.graduates().insert(&again)
        });
        assert_eq!(twice.await, Err(Error::Conflict(Constraint::GraduatesOnce)));
        let refused = write(&store, |tx| {
            let third = graduate(3, "ada@example.org");
            tx.graduates().insert(&Graduate { state: GraduateState::Refused, ..third })
        });
        assert_eq!(refused.await, Ok(()));
        let key = first.key();
        let found = store.read(move |tx| {
            let under = tx.graduates().under(&ProgramCode::lssc(), std::slice::from_ref(&key))?;
            let person = PersonId::from_bits(1);
            let theirs = tx.graduates().of_person(&ProgramCode::lssc(), person)?;
            Ok::<_, Error>((under.len(), theirs))
        });
        let (under, theirs) = found.await.unwrap();
        assert_eq!((under, theirs.len(), theirs.first()), (2, 2, Some(&first)));
        let file = store.read(|tx| {
            let file = tx.attachments().get(AttachmentId::from_bits(1))?;
            Ok::<_, Error>((file, tx.attachments().any_with("none")?))
        });
        assert_eq!(file.await, Ok((transcript(), false)));
    }

    async fn a_candidacy_that_owes_hours_is_read_back(db) {
        let store = db.store();
        with_agreements(&store).await;
        write(&store, move |tx| {
            tx.graduates().insert(&graduate(1, "ada@example.org"))?;
            admit(tx, 2, "Day", "ada2@example.org")?;
            let mut owing = tx.candidacies().get(CandidacyId::from_bits(2))?;
            let graduate = GraduateId::from_bits(1);
            owing.provisional = Some(Provisional { graduate, hours_shown_on: None });
            tx.candidacies().save(&mut owing)
        })
        .await
        .unwrap();
        let owing = store.read(|tx| tx.candidacies().get(CandidacyId::from_bits(2))).await.unwrap();
        assert!(owing.owes_hours());
    }

    async fn what_was_stored_without_its_history_is_found(db) {
        let store = db.store();
        with_agreements(&store).await;
        write(&store, |tx| {
            let credited = Graduate {
                agreement: AgreementId::from_bits(1),
                state: GraduateState::Verified,
                candidacy: Some(CandidacyId::from_bits(1)),
                ..graduate(1, "ada@example.org")
            };
            tx.graduates().insert(&credited)
        })
        .await
        .unwrap();
        let broken = store.verify().await.unwrap();
        let told = |id: &str, word: &str| {
            let one = broken.iter().find(|one| one.id == id && one.sentence.contains(word));
            one.map_or(0, |one| one.rows.len())
        };
        assert_eq!(told("I9", "agreement"), 5);
        assert_eq!(told("I7", "graduate"), 1);
        assert_eq!(told("I9", "proposal"), 0);
    }
}
