//! Invariants of graduates' credits.

use diesel::{QueryableByName, RunQueryDsl, prelude::*, sql_query, sql_types::Text};
use domain::{
    AchievementId, CandidacyId, GraduateId, agreement::graduate::Graduate, certification::Method,
};

use super::{Check, PAGE};
use crate::{Error, Recorded, Tx, conn::each_backend, schema::achievements, types::V};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I7",
        sentence: "a graduate is credited in a candidacy of its own person",
        rows: foreign_credits,
    },
    Check {
        id: "I7",
        sentence: "every achievement by recognition rests on a graduate who was credited in its candidacy",
        rows: baseless_achievements,
    },
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

const FOREIGN: &str = "SELECT CAST(g.id AS text) AS line FROM graduates g JOIN candidacies c \
     ON c.id = g.candidacy_id WHERE g.person_id IS NULL OR g.person_id <> c.person_id \
     ORDER BY 1 LIMIT 100";

fn foreign_credits(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let rows: Vec<Line> = each_backend!(tx.conn, |c| sql_query(FOREIGN).load(c))?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

/// A page at a time by id: evidence is text, which the databases join in different ways.
fn baseless_achievements(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = AchievementId::from_bits(0);
    loop {
        let page: Vec<(V<AchievementId>, V<CandidacyId>, String)> =
            each_backend!(tx.conn, |c| achievements::table
                .filter(achievements::method.eq(V(Method::Recognition)))
                .filter(achievements::id.gt(V(after)))
                .order(achievements::id.asc())
                .limit(PAGE)
                .select((achievements::id, achievements::candidacy_id, achievements::evidence))
                .load(c))?;
        let Some((last, ..)) = page.last() else { return Ok(rows) };
        after = last.0;
        let ids: Vec<GraduateId> =
            page.iter().filter_map(|(_, _, evidence)| evidence.parse().ok()).collect();
        let known = tx.graduates().by_ids(&ids)?;
        for (id, candidacy, evidence) in page {
            let graduate = known.iter().find(|one| one.id.to_string() == evidence);
            let rests = match graduate {
                Some(graduate) => was_credited(tx, graduate, candidacy.0)?,
                None => false,
            };
            if !rests {
                rows.push(format!("{} rests on {evidence}", id.0));
            }
        }
    }
}

/// Whether the credit of a graduate went to a candidacy: it stands there, or stood before the candidacy
/// ended or an achievement was voided.
pub(super) fn was_credited(
    tx: &mut Tx<'_>,
    graduate: &Graduate,
    candidacy: CandidacyId,
) -> Result<bool, Error> {
    if graduate.candidacy == Some(candidacy) {
        return Ok(true);
    }
    let told = candidacy.to_string();
    let events = tx.events().history(&graduate.id.to_string())?;
    let got = |event: &Recorded| event.data.get("candidacy").is_some_and(|one| *one == told);
    Ok(events.iter().any(|event| event.event_type == "graduate.credited" && got(event)))
}
