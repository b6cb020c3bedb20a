//! Invariants of notices.

use std::collections::HashMap;

use diesel::{dsl::count_star, prelude::*};
use domain::{
    FactId,
    notice::{Notice, NoticeKind, NoticeState},
};

use super::{Check, MOST_ROWS, PAGE};
use crate::{
    Error, NoticeFilter, Page, Tx, aggregate::CHUNK, conn::each_backend, schema::notices,
    schema_house::events, types::V,
};

pub(super) const CHECKS: &[Check] = &[
    Check { id: "I12", sentence: "every fact is told once", rows: told_again },
    Check {
        id: "I12",
        sentence: "every notice was due once, and sent or dropped once where it was",
        rows: unproven,
    },
];

fn told_again(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let found: Vec<(V<FactId>, V<NoticeKind>)> = each_backend!(tx.conn, |c| notices::table
        .group_by((notices::fact_id, notices::kind, notices::months, notices::fact_on))
        .having(count_star().gt(1))
        .select((notices::fact_id, notices::kind))
        .limit(PAGE)
        .load(c))?;
    Ok(found.into_iter().map(|(fact, kind)| format!("{} {}", fact.0, kind.0)).collect())
}

/// Compares each notice with what the log tells of it.
fn unproven(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = Page { after, limit: PAGE };
        let told = tx.notices().list(&NoticeFilter::default(), page)?;
        let Some(last) = told.last() else { return Ok(rows) };
        after = Some(last.id);
        let log = types(tx, &told)?;
        for notice in &told {
            let id = notice.id.to_string();
            let mut found = log.get(&id).cloned().unwrap_or_default();
            found.sort_unstable();
            let expected: &[&str] = match notice.state {
                NoticeState::Due => &["notice.due"],
                NoticeState::Sent => &["notice.due", "notice.sent"],
                NoticeState::Dropped => &["notice.dropped", "notice.due"],
            };
            if found != expected {
                rows.push(format!(
                    "{id} is {}, but the log tells {}",
                    notice.state,
                    found.join(", ")
                ));
            }
        }
        if rows.len() >= MOST_ROWS {
            return Ok(rows);
        }
    }
}

/// The types of the events of several notices.
fn types(tx: &mut Tx<'_>, told: &[Notice]) -> Result<HashMap<String, Vec<String>>, Error> {
    let mut log: HashMap<String, Vec<String>> = HashMap::new();
    for chunk in told.chunks(CHUNK) {
        let subjects: Vec<String> = chunk.iter().map(|notice| notice.id.to_string()).collect();
        let found: Vec<(String, String)> = each_backend!(tx.conn, |c| events::table
            .filter(events::subject.eq_any(&subjects))
            .select((events::subject, events::kind))
            .load(c))?;
        for (subject, kind) in found {
            log.entry(subject).or_default().push(kind);
        }
    }
    Ok(log)
}
