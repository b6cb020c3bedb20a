//! The texts of notices.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    notice::{NoticeKind, NoticeTemplate, TemplateText},
    program::ProgramCode,
};

use crate::{
    Error, Tx,
    conn::{each_backend, get_row},
    json,
    schema::notice_templates as templates,
    types::V,
};

/// The repository of the texts of notices.
pub struct NoticeTemplates<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The texts of notices.
    pub fn notice_templates(&mut self) -> NoticeTemplates<'_, 'c> {
        NoticeTemplates(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = templates)]
struct Row {
    program: String,
    kind: V<NoticeKind>,
    version: i64,
    subject: String,
    body: String,
    made_at: V<DateTime<Utc>>,
    made_by: String,
}

impl From<&NoticeTemplate> for Row {
    fn from(template: &NoticeTemplate) -> Self {
        Self {
            program: template.program.to_string(),
            kind: V(template.kind),
            version: template.version,
            subject: template.text.subject.clone(),
            body: template.text.body.clone(),
            made_at: V(template.made_at),
            made_by: template.made_by.clone(),
        }
    }
}

impl TryFrom<Row> for NoticeTemplate {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            program: json::program(&row.program)?,
            kind: row.kind.0,
            version: row.version,
            text: TemplateText { subject: row.subject, body: row.body },
            made_at: row.made_at.0,
            made_by: row.made_by,
        })
    }
}

impl NoticeTemplates<'_, '_> {
    /// Every version of the texts of a program, by kind and version.
    pub fn of_program(&mut self, program: &ProgramCode) -> Result<Vec<NoticeTemplate>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| templates::table
            .filter(templates::program.eq(program.as_str()))
            .order((templates::kind.asc(), templates::version.asc()))
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The last version of a kind's text, held until the end of a write. [`Error::NotFound`] when there is none.
    pub fn latest(
        &mut self,
        program: &ProgramCode,
        kind: NoticeKind,
    ) -> Result<NoticeTemplate, Error> {
        let row: Row = get_row!(
            self.0,
            templates::table
                .filter(templates::program.eq(program.as_str().to_owned()))
                .filter(templates::kind.eq(V(kind)))
                .order(templates::version.desc())
                .select(Row::as_select())
        )?;
        row.try_into()
    }

    /// A version of a kind's text. [`Error::NotFound`] when there is none.
    pub fn version(
        &mut self,
        program: &ProgramCode,
        kind: NoticeKind,
        version: i64,
    ) -> Result<NoticeTemplate, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| templates::table
            .find((program.as_str(), V(kind), version))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.ok_or(Error::NotFound)?.try_into()
    }

    /// Stores a version. Conflicts where it is there.
    pub fn insert(&mut self, template: &NoticeTemplate) -> Result<(), Error> {
        let row = Row::from(template);
        each_backend!(self.0.conn, |c| diesel::insert_into(templates::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }
}
