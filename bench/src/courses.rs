//! Courses at the size of a busy catalog: a search over 5,000 of them, and the roster of 2,000 people that a
//! provider signs at once.

use std::sync::Arc;

use api::{app::App, problem::Problem, serve::Running};
use chrono::NaiveDate;
use domain::{
    CandidacyId, CourseId, Id, OrganisationId,
    competency::SetCode,
    course::{
        Course, CourseDetails, Mode, Provider, ProviderKind,
        offering::{Offering, OfferingDetails},
    },
    organisation::OrganisationStanding,
    program::ProgramCode,
};
use persistence::Tx;

use crate::{
    Outcome,
    data::{self, CANDIDACY, CERTIFIED_OF},
    load::{self, Load, Until},
    raw::told,
};

/// Courses of the catalog.
pub(crate) const IN_CATALOG: u32 = 5_000;
/// Rows of a roster.
pub(crate) const ON_ROSTER: usize = 2_000;
/// Providers, each with as many courses.
const PROVIDERS: u32 = 50;
/// The sets of the catalog.
const SETS: &[&str] = &["FND", "COM", "TEC", "ACC", "ARA", "CAT", "COL", "REF", "SUP", "YTH"];
/// The sets of the rosters, a round each: nobody of the data has achieved them, and without `TEC` nobody is
/// certified by them.
const ROSTERS: &[&str] = &["REF", "SUP", "YTH", "COL", "ARA"];
const CITIES: &[&str] = &["Springfield, IL", "Madison, WI", "Duluth, MN", "Tulsa, OK", "Bend, OR"];
const SUBJECTS: &[&str] =
    &["reference", "shelving", "outreach", "metadata", "storytime", "budgets"];

/// What a search is narrowed to: words, a set, a place, a mode, starting days and a price.
pub(crate) fn searches(variety: u64) -> impl Iterator<Item = String> {
    (0..variety).map(|n| {
        let of = |all: &[&'static str], at: u64| {
            usize::try_from(at).ok().and_then(|at| all.get(at % all.len())).copied().unwrap_or("")
        };
        let (subject, set) = (of(SUBJECTS, n), of(SETS, n / 7));
        let city = of(CITIES, n / 3).split(',').next().unwrap_or("");
        match n % 4 {
            0 => format!("/v1/courses?set={set}"),
            1 => format!("/v1/courses?q={subject}%20{}", n % 40),
            2 => format!("/v1/courses?set={set}&place={city}&mode=face_to_face"),
            _ => format!("/v1/courses?q={subject}&starting_from=2026-01-01&max_price_cents=15000"),
        }
    })
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Fills the catalog, and makes a course for the roster of each round; the courses of the rosters.
pub(crate) async fn catalog(app: &App, rounds: u64) -> Outcome<Vec<CourseId>> {
    let (of_catalog, of_rosters) = (codes(SETS)?, codes(ROSTERS)?);
    let made = app.store.write(app.stamp_of("bench", "bench"), move |tx| {
        let mut providers = Vec::new();
        for number in 0..PROVIDERS {
            providers.push(provider(tx, number)?);
        }
        let mut courses = Vec::new();
        for (number, set) in (0..IN_CATALOG).zip(of_catalog.iter().cycle()) {
            let place = usize::try_from(number).unwrap_or(0) % providers.len();
            courses.extend(providers.get(place).map(|by| course(tx, *by, set, number)));
        }
        tx.courses().insert_all(&courses)?;
        for (course, number) in courses.iter().zip(0..) {
            let offering = offering(tx, course, number);
            tx.offerings().insert(&offering)?;
        }
        let mut rosters = Vec::new();
        for ((round, set), by) in
            (0..rounds).zip(of_rosters.iter().cycle()).zip(providers.iter().cycle())
        {
            rosters.push(course(tx, *by, set, u32::try_from(round).unwrap_or(0)));
        }
        tx.courses().insert_all(&rosters)?;
        Ok::<_, Problem>(rosters.iter().map(|course| course.id).collect())
    });
    made.await.map_err(|problem| told(&problem))
}

fn codes(sets: &[&str]) -> Outcome<Vec<SetCode>> {
    Ok(sets.iter().map(|set| set.parse()).collect::<Result<_, _>>()?)
}

fn provider(tx: &mut Tx<'_>, number: u32) -> Result<OrganisationId, Problem> {
    let place = CITIES.iter().cycle().nth(usize::try_from(number).unwrap_or(0));
    let provider = Provider {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        kind: ProviderKind::RegionalCooperative,
        name: format!("Library cooperative {number}"),
        place: place.map(|place| (*place).to_owned()),
        website: None,
        contact_email: Some("training@bench.example".to_owned()),
        standing: OrganisationStanding::default(),
        version: 1,
    };
    tx.providers().insert(&provider)?;
    Ok(provider.id)
}

fn course(tx: &mut Tx<'_>, provider: OrganisationId, set: &SetCode, number: u32) -> Course {
    let at = usize::try_from(number).unwrap_or(0);
    let subject = SUBJECTS.get(at % SUBJECTS.len()).copied().unwrap_or_default();
    let in_room = number.is_multiple_of(3);
    let place = CITIES.get(at % CITIES.len()).filter(|_| in_room);
    Course {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        provider,
        set: set.clone(),
        details: CourseDetails {
            title: format!("Practical {subject} for library staff, part {number}"),
            modes: vec![if in_room { Mode::FaceToFace } else { Mode::Online }],
            place: place.map(|place| (*place).to_owned()),
            price: Some(format!("${}", 75 + number % 200)),
            website: None,
        },
        approved_on: day(2025, 1, 1),
        ends_on: day(2028, 12, 31),
        renewals: 0,
        ended: None,
        bundle: None,
        proposal: None,
        version: 1,
    }
}

fn offering(tx: &mut Tx<'_>, course: &Course, number: u64) -> Offering {
    let starts_on = day(2026, 1, 1) + chrono::Days::new(number % 1_000);
    Offering {
        id: tx.new_id(),
        program: course.program.clone(),
        course: course.id,
        details: OfferingDetails {
            starts_on,
            ends_on: starts_on + chrono::Days::new(30),
            mode: course.details.modes.first().copied().unwrap_or(Mode::Online),
            place: course.details.place.clone(),
            link: Some("https://bench.example/room".to_owned()),
            seats: Some(30),
            price: course.details.price.clone(),
            contact: None,
            registration_url: None,
        },
        cancelled_on: None,
        cancel_reason: None,
        version: 1,
    }
}

/// The candidates of a round's roster. Those who are certified achieve nothing any more.
pub(crate) fn on_roster(all: u64, round: u64) -> Outcome<Vec<CandidacyId>> {
    let open = (0..all).filter(|index| !index.is_multiple_of(CERTIFIED_OF));
    let before = usize::try_from(round)? / ROSTERS.len() * ON_ROSTER;
    let ids = open.skip(before).take(ON_ROSTER);
    Ok(ids.map(|index| Id::from_bits(data::id(CANDIDACY, index))).collect())
}

/// Posts the roster of a course, which every row of it achieves. What is refused row by row is answered with
/// 200 too: it fails then, for it must not look fast.
pub(crate) async fn post(
    running: &Running,
    staff: &str,
    course: CourseId,
    candidates: Vec<CandidacyId>,
) -> Outcome<Load> {
    let row = |id| format!(r#"{{"candidate_number":"{id}","completed_on":"2025-07-01"}}"#);
    let rows: Vec<String> = candidates.iter().map(row).collect();
    let body = format!(r#"{{"rows":[{}]}}"#, rows.join(","));
    let path = format!("/v1/courses/{course}/roster");
    let request = Arc::new(vec![load::request("POST", &path, Some(staff), &body)]);
    let load = load::run(running.addr, 1, Until::Done, request).await?;
    let missing = running.app.store.read(move |tx| {
        let set = tx.courses().get(course)?.set;
        let mut missing = 0_usize;
        for id in &candidates {
            missing += usize::from(!tx.achievements().of(*id)?.iter().any(|one| one.set == set));
        }
        Ok::<_, Problem>(missing)
    });
    match missing.await.map_err(|problem| told(&problem))? {
        0 => Ok(load),
        missing => Err(format!("{missing} rows of the roster achieved nothing").into()),
    }
}
