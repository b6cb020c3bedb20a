//! Achievements: one ledger, whatever the method.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    AchievementId, CandidacyId, PersonId, certification::Method, completion::Achievement,
};

use crate::{
    Error, Tx,
    aggregate::{aggregate, bulk, of_any},
    conn::{each_backend, get_row},
    json,
    schema::achievements,
    types::V,
};

/// The repository of achievements.
pub struct Achievements<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Achievements.
    pub fn achievements(&mut self) -> Achievements<'_, 'c> {
        Achievements(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = achievements, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AchievementId>,
    program: String,
    person_id: V<PersonId>,
    candidacy_id: V<CandidacyId>,
    set_code: String,
    method: V<Method>,
    achieved_on: NaiveDate,
    evidence: String,
    voided_on: Option<NaiveDate>,
    void_reason: Option<String>,
    version: i64,
}

impl TryFrom<&Achievement> for Row {
    type Error = Error;
    fn try_from(achievement: &Achievement) -> Result<Self, Error> {
        Ok(Self {
            id: V(achievement.id),
            program: achievement.program.to_string(),
            person_id: V(achievement.person),
            candidacy_id: V(achievement.candidacy),
            set_code: achievement.set.to_string(),
            method: V(achievement.method),
            achieved_on: achievement.achieved_on,
            evidence: achievement.evidence.clone(),
            voided_on: achievement.voided_on,
            void_reason: achievement.void_reason.clone(),
            version: achievement.version,
        })
    }
}

impl TryFrom<Row> for Achievement {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            candidacy: row.candidacy_id.0,
            set: json::parsed(&row.set_code)?,
            method: row.method.0,
            achieved_on: row.achieved_on,
            evidence: row.evidence,
            voided_on: row.voided_on,
            void_reason: row.void_reason,
            version: row.version,
        })
    }
}

aggregate!(Achievements, achievements, Achievement, AchievementId);
bulk!(Achievements, achievements, Achievement, AchievementId);

impl Achievements<'_, '_> {
    /// Every achievement of several candidacies, voided ones too.
    pub fn of_candidacies(
        &mut self,
        candidacies: &[CandidacyId],
    ) -> Result<Vec<Achievement>, Error> {
        of_any!(self.0, achievements, candidacies, |query, chunk| query
            .filter(achievements::candidacy_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }

    /// The achievements of a candidacy that rest on `evidence`, voided ones too.
    pub fn resting_on(
        &mut self,
        candidacy: CandidacyId,
        evidence: &str,
    ) -> Result<Vec<Achievement>, Error> {
        let mut held = self.of(candidacy)?;
        held.retain(|one| one.evidence == evidence);
        Ok(held)
    }

    /// Every achievement of a candidacy, voided ones too, in the order in which they were recorded.
    pub fn of(&mut self, candidacy: CandidacyId) -> Result<Vec<Achievement>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| achievements::table
            .filter(achievements::candidacy_id.eq(V(candidacy)))
            .order(achievements::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
