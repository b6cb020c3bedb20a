//! Programs, their policies and competency frameworks as dated data, and their FAQ.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    PolicyId,
    competency::Framework,
    policy::Policy,
    program::{Program, ProgramCode},
};
use serde_json::Value;

use crate::{
    Error, Tx,
    conn::each_backend,
    json,
    schema::{faqs, frameworks, policies, programs},
    types::V,
};

/// The repository of programs.
pub struct Programs<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Programs.
    pub fn programs(&mut self) -> Programs<'_, 'c> {
        Programs(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = programs, treat_none_as_default_value = false)]
struct ProgramRow {
    code: String,
    name: String,
    zone: String,
    parent: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = policies, treat_none_as_default_value = false)]
struct PolicyRow {
    id: V<PolicyId>,
    program: String,
    version: i64,
    effective_on: NaiveDate,
    published_at: V<DateTime<Utc>>,
    published_by: String,
    document: V<Value>,
}

/// A published version of a program's policy. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Identity.
    pub id: PolicyId,
    /// The program.
    pub program: ProgramCode,
    /// 1, 2, 3 in the order of publication.
    pub version: i64,
    /// The first day on which it is in force.
    pub effective_on: NaiveDate,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// Who published it.
    pub published_by: String,
    /// The figures.
    pub policy: Policy,
}

/// A version of a program's competency sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameworkVersion {
    /// 1, 2, 3 in the order of adoption.
    pub version: i64,
    /// The sets.
    pub framework: Framework,
}

impl TryFrom<ProgramRow> for Program {
    type Error = Error;
    fn try_from(row: ProgramRow) -> Result<Self, Error> {
        Ok(Self {
            code: json::program(&row.code)?,
            name: row.name,
            zone: row.zone,
            parent: row.parent.as_deref().map(json::program).transpose()?,
        })
    }
}

impl TryFrom<PolicyRow> for PolicyVersion {
    type Error = Error;
    fn try_from(row: PolicyRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            version: row.version,
            effective_on: row.effective_on,
            published_at: row.published_at.0,
            published_by: row.published_by,
            policy: json::read(row.document)?,
        })
    }
}

impl Programs<'_, '_> {
    /// Every program, by code.
    pub fn list(&mut self) -> Result<Vec<Program>, Error> {
        let rows: Vec<ProgramRow> = each_backend!(self.0.conn, |c| programs::table
            .order(programs::code.asc())
            .select(ProgramRow::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One program. [`Error::NotFound`] when there is none of this code.
    pub fn get(&mut self, code: &ProgramCode) -> Result<Program, Error> {
        let row: Option<ProgramRow> = each_backend!(self.0.conn, |c| programs::table
            .find(code.as_str())
            .select(ProgramRow::as_select())
            .first(c)
            .optional())?;
        row.ok_or(Error::NotFound)?.try_into()
    }

    /// Stores a program.
    pub fn insert(&mut self, program: &Program) -> Result<(), Error> {
        let row = ProgramRow {
            code: program.code.to_string(),
            name: program.name.clone(),
            zone: program.zone.clone(),
            parent: program.parent.as_ref().map(ToString::to_string),
        };
        each_backend!(self.0.conn, |c| diesel::insert_into(programs::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// The policy in force on a day: the one that took effect last. [`Error::NotFound`] before the first.
    pub fn policy_on(
        &mut self,
        code: &ProgramCode,
        day: NaiveDate,
    ) -> Result<PolicyVersion, Error> {
        let row: Option<PolicyRow> = each_backend!(self.0.conn, |c| policies::table
            .filter(policies::program.eq(code.as_str()))
            .filter(policies::effective_on.le(day))
            .order(policies::effective_on.desc())
            .select(PolicyRow::as_select())
            .first(c)
            .optional())?;
        row.ok_or(Error::NotFound)?.try_into()
    }

    /// A version of the policy, as a candidacy pins it.
    pub fn policy(&mut self, code: &ProgramCode, version: i64) -> Result<PolicyVersion, Error> {
        let row: Option<PolicyRow> = each_backend!(self.0.conn, |c| policies::table
            .filter(policies::program.eq(code.as_str()))
            .filter(policies::version.eq(version))
            .select(PolicyRow::as_select())
            .first(c)
            .optional())?;
        row.ok_or(Error::NotFound)?.try_into()
    }

    /// Every policy version, the oldest first.
    pub fn policies(&mut self, code: &ProgramCode) -> Result<Vec<PolicyVersion>, Error> {
        let rows: Vec<PolicyRow> = each_backend!(self.0.conn, |c| policies::table
            .filter(policies::program.eq(code.as_str()))
            .order(policies::version.asc())
            .select(PolicyRow::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Stores a policy version. Conflicts where the version or its first day is taken.
    pub fn insert_policy(&mut self, version: &PolicyVersion) -> Result<(), Error> {
        let row = PolicyRow {
            id: V(version.id),
            program: version.program.to_string(),
            version: version.version,
            effective_on: version.effective_on,
            published_at: V(version.published_at),
            published_by: version.published_by.clone(),
            document: json::of(&version.policy)?,
        };
        each_backend!(self.0.conn, |c| diesel::insert_into(policies::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// The competency sets in force on a day. [`Error::NotFound`] when none are.
    pub fn framework_on(
        &mut self,
        code: &ProgramCode,
        day: NaiveDate,
    ) -> Result<FrameworkVersion, Error> {
        let row: Option<(i64, V<Value>)> = each_backend!(self.0.conn, |c| frameworks::table
            .filter(frameworks::program.eq(code.as_str()))
            .filter(frameworks::adopted_on.le(day))
            .order(frameworks::adopted_on.desc())
            .select((frameworks::version, frameworks::document))
            .first(c)
            .optional())?;
        let (version, document) = row.ok_or(Error::NotFound)?;
        Ok(FrameworkVersion { version, framework: json::read(document)? })
    }

    /// A version of the competency sets, as a candidacy pins it.
    pub fn framework(
        &mut self,
        code: &ProgramCode,
        version: i64,
    ) -> Result<FrameworkVersion, Error> {
        let document: Option<V<Value>> = each_backend!(self.0.conn, |c| frameworks::table
            .find((code.as_str(), version))
            .select(frameworks::document)
            .first(c)
            .optional())?;
        Ok(FrameworkVersion { version, framework: json::read(document.ok_or(Error::NotFound)?)? })
    }

    /// Stores a version of the competency sets, in force from `from` on.
    pub fn insert_framework(
        &mut self,
        code: &ProgramCode,
        version: &FrameworkVersion,
        from: NaiveDate,
    ) -> Result<(), Error> {
        let document = json::of(&version.framework)?;
        each_backend!(self.0.conn, |c| diesel::insert_into(frameworks::table)
            .values((
                frameworks::program.eq(code.as_str()),
                frameworks::version.eq(version.version),
                frameworks::adopted_on.eq(from),
                frameworks::document.eq(&document),
            ))
            .execute(c))?;
        Ok(())
    }

    /// The FAQ's templates. [`Error::NotFound`] when the program has none.
    pub fn faq(&mut self, code: &ProgramCode) -> Result<Value, Error> {
        let document: Option<V<Value>> = each_backend!(self.0.conn, |c| faqs::table
            .find(code.as_str())
            .select(faqs::document)
            .first(c)
            .optional())?;
        document.map(|document| document.0).ok_or(Error::NotFound)
    }

    /// Stores the FAQ's templates.
    pub fn insert_faq(&mut self, code: &ProgramCode, document: Value) -> Result<(), Error> {
        let document = V(document);
        each_backend!(self.0.conn, |c| diesel::insert_into(faqs::table)
            .values((faqs::program.eq(code.as_str()), faqs::document.eq(&document)))
            .execute(c))?;
        Ok(())
    }
}
