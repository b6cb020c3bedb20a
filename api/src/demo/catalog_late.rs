//! Two more providers' stories: a state library that offers Supervision and Management to everybody, candidates
//! or not, and a bundle whose courses were renewed and that is to be renewed itself.

use chrono::NaiveDate;
use domain::{
    BundleId, CourseId, OrganisationId, PersonId,
    calendar::{add_days, add_months, add_years},
    course::{
        Course, CourseDetails, CourseEvent, Mode, Provider, ProviderKind,
        bundle::{Bundle, BundleEvent, BundleState},
        offering::OfferingDetails,
    },
    event::Event,
    identity::Named,
    organisation::OrganisationStanding,
    program::ProgramCode,
    roster::RosterRow,
};
use persistence::Tx;

use super::story::Story;
use crate::{
    app::App,
    flows::{offering, program, roster},
    problem::Problem,
};

/// Numbers of the stories.
const SUPERVISION: u64 = 7_300;
const BUNDLE: u64 = 7_301;

/// Tells these stories.
pub(super) async fn make(app: &App, staff: PersonId) -> Result<(), Problem> {
    supervision(&Story::new(app, SUPERVISION, Some(staff)).await?).await?;
    renewed_parts(&Story::new(app, BUNDLE, Some(staff)).await?).await
}

fn event<F>(subject: &impl ToString, fact: F) -> Event<F> {
    Event { program: Some(ProgramCode::lssc()), subject: subject.to_string(), person: None, fact }
}

/// A provider that was recorded some years ago.
async fn provider(
    story: &Story<'_>,
    (kind, name, place): (ProviderKind, &'static str, &'static str),
) -> Result<OrganisationId, Problem> {
    story
        .on(add_years(story.today, -5), None, move |tx| {
            let provider = Provider {
                id: tx.new_id(),
                program: ProgramCode::lssc(),
                kind,
                name: name.to_owned(),
                place: Some(place.to_owned()),
                website: Some("https://provider.example.org".to_owned()),
                contact_email: Some("training@provider.example.org".to_owned()),
                standing: OrganisationStanding::default(),
                version: 1,
            };
            tx.providers().insert(&provider)?;
            let after = provider.clone();
            tx.record(event(&provider.id, CourseEvent::ProviderRecorded { after }))?;
            Ok(provider.id)
        })
        .await
}

/// A course of a provider, approved on a day for four years.
fn approved(
    tx: &mut Tx<'_>,
    (provider, set, title): (OrganisationId, &str, &str),
    (modes, place): (Vec<Mode>, Option<&str>),
    approved_on: NaiveDate,
) -> Result<Course, Problem> {
    let course = Course {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        provider,
        set: set.parse().map_err(|bad| Problem::internal(format!("{bad:?}")))?,
        details: CourseDetails {
            title: title.to_owned(),
            modes,
            place: place.map(str::to_owned),
            price: Some(
                "Free for staff of the state\u{2019}s libraries, $60 for others".to_owned(),
            ),
            website: Some("https://provider.example.org/courses".to_owned()),
        },
        approved_on,
        ends_on: add_years(approved_on, 4),
        renewals: 0,
        ended: None,
        bundle: None,
        proposal: None,
        version: 1,
    };
    tx.courses().insert(&course)?;
    tx.record(event(&course.id, CourseEvent::Approved { after: course.clone() }))?;
    Ok(course)
}

/// A state library that offers Supervision and Management to non-candidates: two offerings to come, and a
/// roster of a past one, whose people are nobody's candidates: what they completed waits for them.
async fn supervision(story: &Story<'_>) -> Result<(), Problem> {
    let library = (ProviderKind::StateLibrary, "High Plains State Library", "Cheyenne, WY");
    let provider = provider(story, library).await?;
    let course = story
        .on(add_months(story.today, -20), None, move |tx| {
            let title = "Supervision and Management, open to all library staff";
            let taught = (vec![Mode::FaceToFace, Mode::Online], Some("Cheyenne, WY"));
            approved(tx, (provider, "SUP", title), taught, tx.now().date_naive())
        })
        .await?;
    let day = story.ago(12);
    let in_room = offered(add_days(story.today, 30), Some("Casper, WY"));
    let on_line = offered(add_days(story.today, 75), None);
    let taught = course.clone();
    story
        .on(day, None, move |tx| {
            offering::announce(tx, &taught, in_room.clone(), day)?;
            offering::announce(tx, &taught, on_line.clone(), day).map(drop)
        })
        .await?;
    signs(story, course.id, day).await
}

fn offered(starts_on: NaiveDate, place: Option<&str>) -> OfferingDetails {
    let link = place.is_none().then(|| "https://provider.example.org/room".to_owned());
    OfferingDetails {
        starts_on,
        ends_on: add_days(starts_on, 4),
        mode: if place.is_some() { Mode::FaceToFace } else { Mode::Online },
        place: place.map(str::to_owned),
        link,
        seats: Some(30),
        price: Some("$60".to_owned()),
        contact: Some("training@provider.example.org".to_owned()),
        registration_url: Some("https://provider.example.org/register".to_owned()),
    }
}

async fn signs(story: &Story<'_>, course: CourseId, day: NaiveDate) -> Result<(), Problem> {
    let (completed_on, chance) = (story.ago(40), story.chance());
    let row = move |line: u32, name: &str, email: &str| {
        let (email, name) = (Some(email.to_owned()), Some(name.to_owned()));
        Ok(RosterRow { line, course, named: Named { candidacy: None, email, name }, completed_on })
    };
    story
        .on(day, None, move |tx| {
            let course = tx.courses().get(course)?;
            let provider = tx.providers().get(course.provider)?;
            let rows = [
                row(1, "Dale Mercer", "dale@people.example"),
                row(2, "Fern Abbott", "fern@people.example"),
            ];
            let program = tx.programs().get(&course.program)?;
            let rules = program::in_force_on(tx, program, day)?;
            roster::post(tx, chance.as_ref(), &rules, &provider, &rows).map(drop)
        })
        .await
}

/// A bundle in the last months of its approval, both of whose courses were renewed.
async fn renewed_parts(story: &Story<'_>) -> Result<(), Problem> {
    let other = (ProviderKind::RegionalCooperative, "Tall Grass Library System", "Topeka, KS");
    let provider = provider(story, other).await?;
    let day = add_months(story.today, -42);
    let bundle = story
        .on(day, None, move |tx| {
            let mut parts = Vec::new();
            for title in ["Collections: choosing", "Collections: keeping"] {
                let online = (vec![Mode::Online], None);
                parts.push(approved(tx, (provider, "COL", title), online, day)?);
            }
            bundled(tx, provider, parts, day)
        })
        .await?;
    let renewed_on = story.ago(60);
    story
        .on(renewed_on, None, move |tx| {
            let policy = tx.programs().policy_on(&ProgramCode::lssc(), renewed_on)?.policy;
            for id in tx.bundles().get(bundle)?.courses {
                let (mut course, renewed) = tx.courses().get(id)?.renew(None, &policy.courses)?;
                tx.courses().save(&mut course)?;
                tx.record(event(&course.id, renewed))?;
            }
            Ok(())
        })
        .await
}

/// The bundle of courses of one set, approved on a day.
fn bundled(
    tx: &mut Tx<'_>,
    provider: OrganisationId,
    mut parts: Vec<Course>,
    day: NaiveDate,
) -> Result<BundleId, Problem> {
    let Some(set) = parts.first().map(|one| one.set.clone()) else {
        return Err(Problem::internal("a bundle has parts"));
    };
    let title = "Collections by two courses".to_owned();
    let (draft, drafted) = Bundle::draft(tx.new_id(), ProgramCode::lssc(), provider, set, title);
    let courses: Vec<CourseId> = parts.iter().map(|one| one.id).collect();
    let bundle = Bundle {
        state: BundleState::Approved,
        courses: courses.clone(),
        approved_on: Some(day),
        ends_on: Some(add_years(day, 4)),
        ..draft
    };
    tx.bundles().insert(&bundle)?;
    tx.record(event(&bundle.id, drafted))?;
    let approved = BundleEvent::Approved { approved_on: day, courses, findings: Vec::new() };
    tx.record(event(&bundle.id, approved))?;
    for course in &mut parts {
        course.bundle = Some(bundle.id);
        tx.courses().save(course)?;
    }
    Ok(bundle.id)
}
