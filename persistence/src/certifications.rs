//! Certifications.

mod lists;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    CandidacyId, CertificationId, PersonId,
    certificate::{CertificateNumber, Certification},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, of_any, page},
    conn::{each_backend, get_row},
    json,
    schema::certifications,
    types::V,
};

/// The repository of certifications.
pub struct Certifications<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Certifications.
    pub fn certifications(&mut self) -> Certifications<'_, 'c> {
        Certifications(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = certifications, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<CertificationId>,
    program: String,
    person_id: V<PersonId>,
    candidacy_id: V<CandidacyId>,
    number: String,
    holder_name: String,
    completed_on: NaiveDate,
    awarded_on: NaiveDate,
    renewals: i64,
    expires_on: NaiveDate,
    renewal_opens_on: NaiveDate,
    grace_ends_on: NaiveDate,
    grace_is_certified: bool,
    provisional_until: Option<NaiveDate>,
    condition_met_on: Option<NaiveDate>,
    renewed: V<Value>,
    achievements: V<Value>,
    measures: V<Value>,
    editions: V<Value>,
    revoked_on: Option<NaiveDate>,
    stands_through: NaiveDate,
    version: i64,
}

impl TryFrom<&Certification> for Row {
    type Error = Error;
    fn try_from(certification: &Certification) -> Result<Self, Error> {
        Ok(Self {
            id: V(certification.id),
            program: certification.program.to_string(),
            person_id: V(certification.person),
            candidacy_id: V(certification.candidacy),
            number: certification.number.to_string(),
            holder_name: certification.holder_name.clone(),
            completed_on: certification.completed_on,
            awarded_on: certification.awarded_on,
            renewals: certification.renewals.into(),
            expires_on: certification.expires_on,
            renewal_opens_on: certification.renewal_opens_on,
            grace_ends_on: certification.grace_ends_on,
            grace_is_certified: certification.grace_is_certified,
            provisional_until: certification.provisional_until,
            condition_met_on: certification.condition_met_on,
            renewed: json::of(&certification.renewed)?,
            achievements: json::of(&certification.achievements)?,
            measures: json::of(&certification.measures)?,
            editions: json::of(&certification.editions)?,
            revoked_on: certification.revoked_on(),
            stands_through: certification.stands_through(),
            version: certification.version,
        })
    }
}

impl TryFrom<Row> for Certification {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let renewals =
            u32::try_from(row.renewals).map_err(|error| Error::Broken(error.to_string()))?;
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            candidacy: row.candidacy_id.0,
            number: json::parsed(&row.number)?,
            holder_name: row.holder_name,
            completed_on: row.completed_on,
            awarded_on: row.awarded_on,
            renewals,
            expires_on: row.expires_on,
            renewal_opens_on: row.renewal_opens_on,
            grace_ends_on: row.grace_ends_on,
            grace_is_certified: row.grace_is_certified,
            provisional_until: row.provisional_until,
            condition_met_on: row.condition_met_on,
            renewed: json::read(row.renewed)?,
            achievements: json::read(row.achievements)?,
            measures: json::read(row.measures)?,
            editions: json::read(row.editions)?,
            version: row.version,
        })
    }
}

aggregate!(Certifications, certifications, Certification, CertificationId);
bulk!(Certifications, certifications, Certification, CertificationId);

/// What a list of certifications is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct CertificationFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A holder.
    pub person: Option<PersonId>,
}

impl Certifications<'_, '_> {
    /// A page of certifications, oldest award first.
    pub fn list(
        &mut self,
        filter: &CertificationFilter,
        page: Page<CertificationId>,
    ) -> Result<Vec<Certification>, Error> {
        page!(self.0, certifications, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(certifications::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(certifications::person_id.eq(V(person)));
            }
        })
    }

    /// The certifications of several people, oldest first.
    pub fn of_people(&mut self, people: &[PersonId]) -> Result<Vec<Certification>, Error> {
        of_any!(self.0, certifications, people, |query, chunk| query
            .filter(certifications::person_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }

    /// The certification of a number. [`Error::NotFound`] when there is none.
    pub fn by_number(&mut self, number: &CertificateNumber) -> Result<Certification, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| certifications::table
            .filter(certifications::number.eq(number.as_str()))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.ok_or(Error::NotFound)?.try_into()
    }

    /// The certifications of several numbers, in no order; numbers that name none are left out.
    pub fn by_numbers(
        &mut self,
        numbers: &[CertificateNumber],
    ) -> Result<Vec<Certification>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| certifications::table
            .filter(certifications::number.eq_any(numbers.iter().map(CertificateNumber::as_str)))
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A page of the certifications that were renewed, or say so.
    pub(crate) fn renewed(
        &mut self,
        page: Page<CertificationId>,
    ) -> Result<Vec<Certification>, Error> {
        page!(self.0, certifications, page, |query| {
            query = query.filter(certifications::renewals.gt(0));
        })
    }

    /// The certification that a candidacy led to.
    pub fn of(&mut self, candidacy: CandidacyId) -> Result<Option<Certification>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| certifications::table
            .filter(certifications::candidacy_id.eq(V(candidacy)))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }
}
