//! Bundles: courses that cover one competency set together.

use chrono::NaiveDate;
use domain::{
    course::{
        Course, Ending,
        bundle::{Bundle, BundleEvent, BundleGrounds, BundleState},
        map::MapEntry,
    },
    event::Event,
};
use persistence::{CourseFilter, Page, Tx};

use super::{completion, program::InForce};
use crate::{ids::Chance, problem::Problem};

/// The most courses of one bundle that are looked at.
const MOST: i64 = 200;

fn event(bundle: &Bundle, fact: BundleEvent) -> Event<BundleEvent> {
    Event {
        program: Some(bundle.program.clone()),
        subject: bundle.id.to_string(),
        person: None,
        fact,
    }
}

/// Stores a new draft with what happened to it.
pub fn begin(tx: &mut Tx<'_>, (draft, fact): (Bundle, BundleEvent)) -> Result<Bundle, Problem> {
    tx.bundles().insert(&draft)?;
    tx.record(event(&draft, fact))?;
    Ok(draft)
}

fn save(tx: &mut Tx<'_>, (mut bundle, fact): (Bundle, BundleEvent)) -> Result<Bundle, Problem> {
    tx.bundles().save(&mut bundle)?;
    tx.record(event(&bundle, fact))?;
    Ok(bundle)
}

/// The courses that are approved as parts of a bundle on `day`, with the maps of their proposals.
fn parts(
    tx: &mut Tx<'_>,
    bundle: &Bundle,
    day: NaiveDate,
) -> Result<(Vec<Course>, Vec<Vec<MapEntry>>), Problem> {
    let filter =
        CourseFilter { bundle: Some(bundle.id), approved_on: Some(day), ..CourseFilter::default() };
    let courses = tx.courses().list(&filter, Page { after: None, limit: MOST })?;
    let mut maps = Vec::new();
    for proposal in courses.iter().filter_map(|course| course.proposal) {
        maps.push(tx.proposals().get(proposal)?.content.map);
    }
    Ok((courses, maps))
}

/// Approves a bundle of the courses that are approved as its parts; 422 where together they do not map every
/// competency of its set, unless staff attest that they cover it. Who completed all of them before achieves
/// the set.
pub fn approve(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    bundle: Bundle,
    override_reason: Option<String>,
) -> Result<Bundle, Problem> {
    let (courses, maps) = parts(tx, &bundle, rules.today)?;
    let maps: Vec<&[MapEntry]> = maps.iter().map(Vec::as_slice).collect();
    let Some(set) = rules.framework.set(&bundle.set) else {
        let detail = format!("There is no competency set {}.", bundle.set);
        return Err(Problem::state(detail));
    };
    let grounds = BundleGrounds { courses: &courses, maps: &maps, set, override_reason };
    let approved = save(tx, bundle.approve(&grounds, &rules.policy.courses, rules.today)?)?;
    completion::settle_bundle(tx, chance, &approved, rules.today)?;
    Ok(approved)
}

/// Renews a bundle without a gap, after its courses were.
pub fn renew(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    bundle: Bundle,
) -> Result<Bundle, Problem> {
    let courses = tx.courses().by_ids(&bundle.courses)?;
    let renewed = save(tx, bundle.renew(&courses, &rules.policy.courses, rules.today)?)?;
    completion::settle_bundle(tx, chance, &renewed, rules.today)?;
    Ok(renewed)
}

/// Ends a bundle's approval, or gives a draft up: 409 while courses are approved as its parts.
pub fn end(
    tx: &mut Tx<'_>,
    bundle: Bundle,
    ending: Ending,
    today: NaiveDate,
) -> Result<Bundle, Problem> {
    let ended = match bundle.state {
        BundleState::Draft => {
            let (parts, _) = parts(tx, &bundle, today)?;
            bundle.withdraw(&parts, Some(ending.reason))?
        }
        BundleState::Approved | BundleState::Withdrawn => bundle.end(ending, today)?,
    };
    save(tx, ended)
}
