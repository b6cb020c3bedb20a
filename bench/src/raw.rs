//! The database's own rate: what a request loads and stores, by the same statements in a loop on one
//! connection, without HTTP, callers, answers or the way to the database thread.

use std::time::{Duration, Instant};

use api::{
    app::App,
    flows::{self, account::AccountRules},
    problem::Problem,
};
use domain::{
    ApplicationId, CandidacyId, ClientId, application::ApplicationState,
    certificate::CertificateNumber, program::ProgramCode,
};
use persistence::{AccountFilter, ApplicationFilter, Page, Tx};

use crate::Outcome;

/// Runs `act` in one read on one connection until `window` is over; times a second.
async fn repeat<F>(app: &App, window: Duration, mut act: F) -> Outcome<f64>
where
    F: FnMut(&mut Tx<'_>, u64) -> Result<(), Problem> + Send + 'static,
{
    let rate = app
        .store
        .read(move |tx| {
            let (started, mut count) = (Instant::now(), 0_u32);
            while started.elapsed() < window {
                act(tx, u64::from(count))?;
                count += 1;
            }
            Ok::<_, Problem>(f64::from(count) / started.elapsed().as_secs_f64())
        })
        .await;
    rate.map_err(|problem| told(&problem))
}

/// A problem as an error of a run.
pub(crate) fn told(problem: &Problem) -> Box<dyn std::error::Error + Send + Sync> {
    problem.cause().map_or_else(|| problem.to_string(), str::to_owned).into()
}

/// A certification by its number.
pub(crate) async fn verify(
    app: &App,
    window: Duration,
    numbers: Vec<CertificateNumber>,
) -> Outcome<f64> {
    let mut numbers = numbers.into_iter().cycle();
    repeat(app, window, move |tx, _| {
        if let Some(number) = numbers.next() {
            tx.certifications().by_number(&number)?;
        }
        Ok(())
    })
    .await
}

/// What a candidate's progress is reckoned from.
pub(crate) async fn progress(
    app: &App,
    window: Duration,
    candidacies: Vec<CandidacyId>,
) -> Outcome<f64> {
    let mut candidacies = candidacies.into_iter().cycle();
    repeat(app, window, move |tx, _| {
        let Some(id) = candidacies.next() else { return Ok(()) };
        let candidacy = tx.candidacies().get(id)?;
        tx.achievements().of(id)?;
        flows::program::pinned(tx, &candidacy)?;
        tx.certifications().of(id)?;
        Ok(())
    })
    .await
}

/// A page of the filtered list after an application.
pub(crate) async fn list(
    app: &App,
    window: Duration,
    after: Option<ApplicationId>,
) -> Outcome<f64> {
    let filter = ApplicationFilter {
        programs: None,
        program: Some(ProgramCode::lssc()),
        state: Some(ApplicationState::Accepted),
        person: None,
    };
    repeat(app, window, move |tx, _| {
        tx.applications().list(&filter, Page { after, limit: 51 })?;
        Ok(())
    })
    .await
}

/// Submits drafts one after the other, each in a commit of its own: a second.
pub(crate) async fn submit_one_by_one(app: &App, drafts: Vec<ApplicationId>) -> Outcome<f64> {
    let (count, started) = (u32::try_from(drafts.len())?, Instant::now());
    for id in drafts {
        let owner = app.clone();
        app.store
            .write(app.stamp_of("bench", "bench"), move |tx| submit(&owner, tx, id))
            .await
            .map_err(|problem| told(&problem))?;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// Submits drafts in one transaction: what the statements cost without their commits.
pub(crate) async fn submit_at_once(app: &App, drafts: Vec<ApplicationId>) -> Outcome<f64> {
    let (count, started) = (u32::try_from(drafts.len())?, Instant::now());
    let owner = app.clone();
    app.store
        .write(app.stamp_of("bench", "bench"), move |tx| {
            drafts.iter().try_for_each(|id| submit(&owner, tx, *id))
        })
        .await
        .map_err(|problem| told(&problem))?;
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// Positions that one look of the feed passes over at most.
const WINDOW: i64 = 5_000;
/// Accounts that are in memory at once.
const CHUNK: i64 = 200;

/// Every event of these types, a page after the other: how many, and how many a second.
pub(crate) async fn feed(app: &App, types: Vec<&'static str>, page: i64) -> Outcome<(usize, f64)> {
    let read = app.store.read(move |tx| {
        let started = Instant::now();
        let (last, mut after, mut count) = (tx.events().last_position()?, 0, 0);
        while after < last {
            let stop = last.min(after + WINDOW);
            let found = tx.events().between((after, stop), &types, page)?;
            count += found.len();
            let is_full = i64::try_from(found.len()).is_ok_and(|len| len == page);
            let reached = found.last().and_then(|event| event.position).filter(|_| is_full);
            after = reached.unwrap_or(stop);
        }
        Ok::<_, Problem>((count, started.elapsed()))
    });
    let (count, took) = read.await.map_err(|problem| told(&problem))?;
    Ok((count, f64::from(u32::try_from(count)?) / took.as_secs_f64()))
}

/// Every account that a machine may hold, a page after the other: how many, and how many a second.
pub(crate) async fn accounts(app: &App, client: ClientId) -> Outcome<(usize, f64)> {
    let there = app.clone();
    let read = app.store.read(move |tx| {
        let started = Instant::now();
        let rules = AccountRules::of(&there, tx)?;
        let filter = AccountFilter {
            client: Some(client),
            person: None,
            external_id: None,
            programs: None,
            state: None,
            day: rules.today,
            reminder_days: rules.reminder_days,
        };
        let (mut after, mut count) = (None, 0);
        loop {
            let found = tx.accounts().list(&filter, Page { after, limit: CHUNK })?;
            count += found.len();
            match found.last() {
                Some(last) => after = Some(last.person.id),
                None => return Ok::<_, Problem>((count, started.elapsed())),
            }
        }
    });
    let (count, took) = read.await.map_err(|problem| told(&problem))?;
    Ok((count, f64::from(u32::try_from(count)?) / took.as_secs_f64()))
}

fn submit(app: &App, tx: &mut Tx<'_>, id: ApplicationId) -> Result<(), Problem> {
    let application = tx.applications().get(id)?;
    let rules = flows::program::in_force(app, tx, &application.program)?;
    flows::admission::submit(tx, &rules, application)?;
    Ok(())
}
