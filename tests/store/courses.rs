//! Courses, rosters and agreements in the store: what is written is what is read, what must be unique
//! is, and lists find what the domain would.

mod agreements;
mod catalog;
mod rosters;
mod standings;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    ApplicationId, CandidacyId, CourseId, EmailId, OrganisationId, PersonId,
    application::{Application, Statements},
    candidacy::Candidacy,
    competency::SetCode,
    course::{Course, CourseDetails, Mode, Provider, ProviderKind},
    organisation::OrganisationStanding,
    person::{Email, Person},
    program::{Program, ProgramCode},
};
use persistence::{Error, Store, Tx};

use crate::support::database::{noon, stamp};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn set(code: &str) -> SetCode {
    code.parse().unwrap()
}

/// Runs a write and gives what it gave.
async fn write<T: Send + 'static>(
    store: &Store,
    job: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    store.write(stamp(), job).await
}

fn provider(bits: u128, name: &str, kind: ProviderKind) -> Provider {
    Provider {
        id: OrganisationId::from_bits(bits),
        program: ProgramCode::lssc(),
        kind,
        name: name.to_owned(),
        place: Some("Springfield, IL".to_owned()),
        website: None,
        contact_email: None,
        standing: OrganisationStanding::default(),
        version: 1,
    }
}

fn course(bits: u128, provider: u128, code: &str, title: &str) -> Course {
    Course {
        id: CourseId::from_bits(bits),
        program: ProgramCode::lssc(),
        provider: OrganisationId::from_bits(provider),
        set: set(code),
        details: CourseDetails {
            title: title.to_owned(),
            modes: vec![Mode::Online],
            place: None,
            price: None,
            website: None,
        },
        approved_on: day("2024-01-01"),
        ends_on: day("2028-01-01"),
        renewals: 0,
        ended: None,
        bundle: None,
        proposal: None,
        version: 1,
    }
}

fn person(bits: u128, family_name: &str) -> Person {
    Person {
        id: PersonId::from_bits(bits),
        given_name: "Ada".to_owned(),
        family_name: family_name.to_owned(),
        created_at: noon(),
        life: domain::life::Life::default(),
        version: 1,
    }
}

fn email(bits: u128, address: &str, verified_at: Option<DateTime<Utc>>) -> Email {
    Email {
        id: EmailId::from_bits(bits),
        person: PersonId::from_bits(bits),
        address: address.to_owned(),
        is_primary: true,
        verified_at,
    }
}

/// The program, two providers.
async fn furnished(store: &Store) {
    let program = Program {
        code: ProgramCode::lssc(),
        name: "Library Support Staff Certification".to_owned(),
        zone: "America/Chicago".to_owned(),
        parent: None,
    };
    let stored = write(store, move |tx| {
        tx.programs().insert(&program)?;
        tx.providers().insert(&provider(1, "Doña Ana College", ProviderKind::CommunityCollege))?;
        tx.providers().insert(&provider(2, "State Library", ProviderKind::StateLibrary))
    });
    stored.await.unwrap();
}

/// A person of an address, who was admitted on 2025-01-01.
fn admit(tx: &mut Tx<'_>, bits: u128, family_name: &str, address: &str) -> Result<(), Error> {
    let who = person(bits, family_name);
    tx.people().insert(&who)?;
    tx.people().insert_email(&email(bits, address, Some(noon())))?;
    let application = ApplicationId::from_bits(bits);
    let (draft, _) =
        Application::draft(application, ProgramCode::lssc(), who.id, Statements::default(), noon());
    tx.applications().insert(&draft)?;
    tx.candidacies().insert(&Candidacy {
        id: CandidacyId::from_bits(bits),
        program: ProgramCode::lssc(),
        person: who.id,
        application,
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
