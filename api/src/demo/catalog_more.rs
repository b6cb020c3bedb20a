//! What the catalog offers, who asks for it, and what waits: offerings of the provider persona's courses, one
//! of them cancelled, requests from three places, and a roster of which one row waits.

use chrono::{Days, NaiveDate};
use domain::{
    CourseId, PersonId,
    course::{
        Mode,
        offering::{CourseRequest, OfferingDetails, Wanted},
    },
    identity::Named,
    program::ProgramCode,
    roster::RosterRow,
};
use persistence::{CourseFilter, Page};

use super::{catalog::Catalog, story::Story};
use crate::{
    app::App,
    flows::{offering, program, roster},
    problem::Problem,
};

/// Numbers of the stories.
const OFFERINGS: u64 = 52;
const REQUESTS: u64 = 53;
const ROSTER: u64 = 54;

/// Sets and places of requests: the first place is written in two ways.
const WANTED: &[(&str, &str)] = &[
    ("TEC", "Carbondale, IL"),
    ("TEC", "carbondale IL"),
    ("TEC", "Carbondale, IL"),
    ("FND", "Las Cruces, NM"),
    ("SUP", "Bangor, ME"),
];

/// Tells these stories.
pub(super) async fn make(app: &App, staff: PersonId, catalog: &Catalog) -> Result<(), Problem> {
    let story = Story::new(app, OFFERINGS, Some(staff)).await?;
    let courses = courses(&story, catalog).await?;
    for (place, course) in courses.iter().enumerate() {
        offers(&story, *course, u64::try_from(place).unwrap_or_default()).await?;
    }
    requests(&Story::new(app, REQUESTS, None).await?).await?;
    match courses.first() {
        Some(course) => signs(&Story::new(app, ROSTER, Some(staff)).await?, *course).await,
        None => Ok(()),
    }
}

/// The approved courses of the provider persona's organisation.
async fn courses(story: &Story<'_>, catalog: &Catalog) -> Result<Vec<CourseId>, Problem> {
    let (provider, today) = (catalog.provider, story.today);
    story
        .on(today, None, move |tx| {
            let filter = CourseFilter {
                provider: Some(provider),
                approved_on: Some(today),
                ..CourseFilter::default()
            };
            let courses = tx.courses().list(&filter, Page { after: None, limit: 4 })?;
            Ok(courses.into_iter().map(|course| course.id).collect())
        })
        .await
}

fn ahead(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// Two offerings of a course: one in six weeks, and one that is cancelled.
async fn offers(story: &Story<'_>, course: CourseId, place: u64) -> Result<(), Problem> {
    let details = |starts_on: NaiveDate, days: u64| OfferingDetails {
        starts_on,
        ends_on: ahead(starts_on, days),
        mode: Mode::Online,
        place: None,
        link: Some("https://provider.example.org/room".to_owned()),
        seats: Some(24),
        price: Some("$175".to_owned()),
        contact: Some("training@provider.example.org".to_owned()),
        registration_url: Some("https://provider.example.org/register".to_owned()),
    };
    let starts_on = ahead(story.today, 42 + 7 * place);
    let (soon, dropped) = (details(starts_on, 27), details(ahead(starts_on, 56), 27));
    let day = story.ago(10);
    story
        .on(day, None, move |tx| {
            let course = tx.courses().get(course)?;
            offering::announce(tx, &course, soon.clone(), day)?;
            let dropped = offering::announce(tx, &course, dropped.clone(), day)?;
            let reason = "The room is not free that month.".to_owned();
            offering::save(tx, dropped.cancel(reason, day)?).map(drop)
        })
        .await
}

async fn requests(story: &Story<'_>) -> Result<(), Problem> {
    for (days, (set, place)) in (5_u64..).zip(WANTED) {
        story
            .on(story.ago(days), None, move |tx| {
                let set: domain::competency::SetCode =
                    set.parse().map_err(|bad| Problem::internal(format!("{bad:?}")))?;
                let request = CourseRequest {
                    id: tx.new_id(),
                    program: ProgramCode::lssc(),
                    wanted: Wanted::Set(set.clone()),
                    set,
                    place: (*place).to_owned(),
                    email: Some("reader@people.example".to_owned()),
                    note: None,
                    person: None,
                    requested_at: tx.now(),
                };
                offering::request(tx, &request)
            })
            .await?;
    }
    Ok(())
}

/// A roster of two people who are no candidates yet: what they completed waits for them.
async fn signs(story: &Story<'_>, course: CourseId) -> Result<(), Problem> {
    let (day, completed_on) = (story.ago(9), story.ago(30));
    let chance = story.chance();
    let row = move |line: u32, name: &str, email: &str| {
        let named =
            Named { candidacy: None, email: Some(email.to_owned()), name: Some(name.to_owned()) };
        Ok(RosterRow { line, course, named, completed_on })
    };
    story
        .on(day, None, move |tx| {
            let course = tx.courses().get(course)?;
            let provider = tx.providers().get(course.provider)?;
            let rows = [
                row(1, "Wanda Ellis", "wanda@people.example"),
                row(2, "Theo Grant", "theo@people.example"),
            ];
            let program = tx.programs().get(&course.program)?;
            let rules = program::in_force_on(tx, program, day)?;
            roster::post(tx, chance.as_ref(), &rules, &provider, &rows).map(drop)
        })
        .await
}
