//! Invariants of support events.

use super::{Check, PAGE};
use crate::{Error, Page, SupportEventFilter, SupportRegistrationFilter, Tx};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "I11",
    sentence: "every support event counts those who are registered for it",
    rows: miscounted_events,
}];

fn miscounted_events(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = Page { after, limit: PAGE };
        let events = tx.support_events().list(&SupportEventFilter::default(), page)?;
        let Some(last) = events.last() else { return Ok(rows) };
        after = Some(last.id);
        for event in &events {
            let filter = SupportRegistrationFilter {
                event: Some(event.id),
                standing: true,
                ..SupportRegistrationFilter::default()
            };
            let all = Page { after: None, limit: i64::MAX };
            let coming = tx.support_registrations().list(&filter, all)?.len();
            if u32::try_from(coming) != Ok(event.registered) {
                rows.push(format!("{} counts {}, not {coming}", event.id, event.registered));
            }
        }
    }
}
