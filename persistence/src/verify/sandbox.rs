//! Invariants of the sandbox's clock.

use chrono::{DateTime, Utc};
use domain::sandbox::SUBJECT;

use super::Check;
use crate::{Error, Tx};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "I9",
    sentence: "the sandbox's clock was moved as often as the log says, and forward only",
    rows: unexplained_moves,
}];

fn unexplained_moves(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let clock = tx.sandbox_clock().get()?;
    let moves = tx.events().history(SUBJECT)?;
    let instant = |event: &crate::Recorded, field: &str| {
        let text = event.data.get(field).and_then(serde_json::Value::as_str);
        text.and_then(|text| text.parse::<DateTime<Utc>>().ok())
    };
    let mut rows: Vec<String> = moves
        .iter()
        .filter(|event| instant(event, "from") >= instant(event, "to"))
        .map(|event| format!("{} goes back", event.id))
        .collect();
    if i64::try_from(moves.len()).ok() != Some(clock.version - 1) {
        rows.push(format!("version {} after {} moves", clock.version, moves.len()));
    }
    Ok(rows)
}
