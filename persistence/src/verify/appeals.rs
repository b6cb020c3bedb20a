//! Invariants of appeals.

use domain::appeal::{Appeal, AppealState};

use super::{Check, PAGE};
use crate::{AppealFilter, Error, Page, Recorded, Tx};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I9",
        sentence: "every appeal's state was reached by legal edges",
        rows: illegal_appeals,
    },
    Check {
        id: "I9",
        sentence: "a decision was reopened exactly where an appeal against it was remanded",
        rows: unfollowed_remands,
    },
];

fn every(
    tx: &mut Tx<'_>,
    wrong: fn(&mut Tx<'_>, &Appeal) -> Result<bool, Error>,
) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = tx.appeals().list(&AppealFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for appeal in page {
            if wrong(tx, &appeal)? {
                rows.push(format!("{} is {}", appeal.id, appeal.state));
            }
        }
    }
}

/// Replays the events of every appeal along the legal edges.
fn illegal_appeals(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every(tx, |tx, appeal| {
        let events = tx.events().history(&appeal.id.to_string())?;
        let types = events.iter().map(|event| event.event_type.as_str());
        Ok(AppealState::replay(types) != Some(appeal.state))
    })
}

/// A remand reopens what the decision was about once, by an event that names the appeal; nothing else does.
fn unfollowed_remands(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every(tx, |tx, appeal| {
        let id = appeal.id.to_string();
        let history = tx.events().history(&appeal.decision.subject.to_string())?;
        let reason = appeal.remand_reason();
        let by_it = |event: &&Recorded| {
            let says = |field: &str, text: &str| event.data.get(field).is_some_and(|it| it == text);
            let set_aside = event.event_type.ends_with("_outcome_set_aside");
            (event.event_type.ends_with(".reopened") && says("appeal", &id))
                || (set_aside && says("reason", &reason))
        };
        let reopened = history.iter().filter(by_it).count();
        Ok(reopened != usize::from(appeal.state == AppealState::Remanded))
    })
}
