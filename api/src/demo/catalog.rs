//! The demo's providers and approved courses: two for each set, one of them approved long ago.

use chrono::{Months, NaiveDate};
use domain::{
    CourseId, OrganisationId, PersonId,
    competency::SetCode,
    course::{Course, CourseDetails, CourseEvent, Mode, Provider, ProviderKind},
    organisation::OrganisationStanding,
    program::ProgramCode,
};

use super::story::Story;
use crate::{app::App, problem::Problem};

/// Number of the story that makes the catalog.
const STORY: u64 = 1;

/// Kind, name and place of the providers.
const PROVIDERS: &[(ProviderKind, &str, &str)] = &[
    (ProviderKind::StateLibrary, "Prairie State Library", "Springfield, IL"),
    (ProviderKind::StateLibraryAssociation, "Lakeland Library Association", "Madison, WI"),
    (ProviderKind::RegionalCooperative, "Four Rivers Library Cooperative", "Peoria, IL"),
    (ProviderKind::CommunityCollege, "Harbor Community College", "Duluth, MN"),
    (ProviderKind::AlaDivision, "Division for Support Staff", "Chicago, IL"),
    (ProviderKind::IndividualConsultant, "M. Okafor, Library Training", "Tulsa, OK"),
    (ProviderKind::Other, "Open Stacks Institute", "Portland, OR"),
];

/// One course of the catalog, as the stories need it.
#[derive(Debug, Clone)]
struct Entry {
    id: CourseId,
    set: String,
    from: NaiveDate,
    until: NaiveDate,
}

/// The catalog.
#[derive(Debug, Clone)]
pub(super) struct Catalog {
    entries: Vec<Entry>,
    /// The provider for which the demo's provider persona acts.
    pub(super) provider: OrganisationId,
}

impl Catalog {
    /// A course for the set that counts when it is completed on `day`.
    pub(super) fn course(&self, set: &str, day: NaiveDate) -> Option<CourseId> {
        let fits = |entry: &&Entry| entry.set == set && entry.from <= day && day <= entry.until;
        self.entries.iter().find(fits).map(|entry| entry.id)
    }
}

/// Makes the catalog.
pub(super) async fn make(app: &App, staff: PersonId) -> Result<Catalog, Problem> {
    let story = Story::new(app, STORY, Some(staff)).await?;
    let providers = providers(&story).await?;
    let code = ProgramCode::lssc();
    let day = story.today;
    let sets = story
        .on(day, None, move |tx| Ok(tx.programs().framework_on(&code, day)?.framework.sets))
        .await?;
    let mut entries = Vec::new();
    for years_ago in [3, 8] {
        for (place, set) in sets.iter().enumerate() {
            let approved_on = domain::calendar::add_years(story.today, -years_ago);
            let provider = providers.get(place % providers.len()).copied();
            let provider = provider.ok_or_else(|| Problem::internal("the demo has no provider"))?;
            // One approval ends within the year: its renewal is asked for.
            let early = if years_ago == 3 && set.code.as_str() == "FND" { 30 } else { 0 };
            let ends_on = domain::calendar::add_years(approved_on, 4);
            let term = (approved_on, domain::calendar::add_days(ends_on, -early));
            entries.push(course(&story, provider, (&set.code, &set.title), term).await?);
        }
    }
    let provider = providers.first().copied();
    let provider = provider.ok_or_else(|| Problem::internal("the demo has no provider"))?;
    Ok(Catalog { entries, provider })
}

async fn providers(story: &Story<'_>) -> Result<Vec<OrganisationId>, Problem> {
    let mut ids = Vec::new();
    for (kind, name, place) in PROVIDERS {
        let template = Provider {
            id: OrganisationId::from_bits(0),
            program: ProgramCode::lssc(),
            kind: *kind,
            name: (*name).to_owned(),
            place: Some((*place).to_owned()),
            website: Some("https://provider.example.org".to_owned()),
            contact_email: Some("training@provider.example.org".to_owned()),
            standing: OrganisationStanding::default(),
            version: 1,
        };
        let event = story.event(String::new(), ());
        let id = story
            .on(story.ago(8 * 365 + 30), None, move |tx| {
                let provider = Provider { id: tx.new_id(), ..template.clone() };
                tx.providers().insert(&provider)?;
                tx.record(domain::event::Event {
                    program: event.program.clone(),
                    subject: provider.id.to_string(),
                    person: None,
                    fact: CourseEvent::ProviderRecorded { after: provider.clone() },
                })?;
                Ok(provider.id)
            })
            .await?;
        ids.push(id);
    }
    Ok(ids)
}

async fn course(
    story: &Story<'_>,
    provider: OrganisationId,
    (set, title): (&SetCode, &str),
    (approved_on, ends_on): (NaiveDate, NaiveDate),
) -> Result<Entry, Problem> {
    let template = Course {
        id: CourseId::from_bits(0),
        program: ProgramCode::lssc(),
        provider,
        set: set.clone(),
        details: CourseDetails {
            title: format!("{title}, a course for support staff"),
            modes: vec![Mode::Online],
            place: None,
            price: Some("$175".to_owned()),
            website: Some("https://provider.example.org/courses".to_owned()),
        },
        approved_on,
        ends_on,
        renewals: 0,
        ended: None,
        bundle: None,
        proposal: None,
        version: 1,
    };
    let id = story
        .on(approved_on, None, move |tx| {
            let course = Course { id: tx.new_id(), ..template.clone() };
            tx.courses().insert(&course)?;
            tx.record(domain::event::Event {
                program: Some(course.program.clone()),
                subject: course.id.to_string(),
                person: None,
                fact: CourseEvent::Approved { after: course.clone() },
            })?;
            Ok(course.id)
        })
        .await?;
    let from = approved_on.checked_sub_months(Months::new(24)).unwrap_or(approved_on);
    Ok(Entry { id, set: set.to_string(), from, until: ends_on })
}
