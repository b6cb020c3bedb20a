//! What the store knows of files; their bytes lie elsewhere.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    AttachmentId, OrganisationId, PersonId,
    attachment::{Attachment, AttachmentOwner, AttachmentPurpose},
};

use crate::{
    Error, Page, Tx,
    aggregate::page,
    conn::{each_backend, get_row},
    json,
    schema::attachments,
    types::V,
};

/// The repository of files that were handed in.
pub struct Attachments<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Files that were handed in.
    pub fn attachments(&mut self) -> Attachments<'_, 'c> {
        Attachments(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = attachments, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AttachmentId>,
    program: String,
    person_id: Option<V<PersonId>>,
    organisation_id: Option<V<OrganisationId>>,
    purpose: V<AttachmentPurpose>,
    file_name: String,
    media_type: String,
    size_bytes: i64,
    sha256: String,
    uploaded_by: String,
    uploaded_at: V<DateTime<Utc>>,
}

impl TryFrom<&Attachment> for Row {
    type Error = Error;
    fn try_from(attachment: &Attachment) -> Result<Self, Error> {
        let (person, organisation) = match attachment.owner {
            AttachmentOwner::Person(person) => (Some(person), None),
            AttachmentOwner::Organisation(organisation) => (None, Some(organisation)),
        };
        let size = i64::try_from(attachment.size_bytes);
        Ok(Self {
            id: V(attachment.id),
            program: attachment.program.to_string(),
            person_id: person.map(V),
            organisation_id: organisation.map(V),
            purpose: V(attachment.purpose),
            file_name: attachment.file_name.clone(),
            media_type: attachment.media_type.clone(),
            size_bytes: size.map_err(|error| Error::Broken(error.to_string()))?,
            sha256: attachment.sha256.clone(),
            uploaded_by: attachment.uploaded_by.clone(),
            uploaded_at: V(attachment.uploaded_at),
        })
    }
}

impl TryFrom<Row> for Attachment {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let size = u64::try_from(row.size_bytes);
        let owner = match (row.person_id, row.organisation_id) {
            (Some(person), None) => AttachmentOwner::Person(person.0),
            (None, Some(organisation)) => AttachmentOwner::Organisation(organisation.0),
            _ => return Err(Error::Broken(format!("{} has no one owner", row.id.0))),
        };
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            owner,
            purpose: row.purpose.0,
            file_name: row.file_name,
            media_type: row.media_type,
            size_bytes: size.map_err(|error| Error::Broken(error.to_string()))?,
            sha256: row.sha256,
            uploaded_by: row.uploaded_by,
            uploaded_at: row.uploaded_at.0,
        })
    }
}

/// What a list of attachments is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AttachmentFilter {
    /// Whose they are.
    pub owner: Option<AttachmentOwner>,
    /// What they are for.
    pub purpose: Option<AttachmentPurpose>,
}

impl Attachments<'_, '_> {
    /// An attachment, held until the end of a write. [`Error::NotFound`] when there is none.
    pub fn get(&mut self, id: AttachmentId) -> Result<Attachment, Error> {
        let row: Row = get_row!(self.0, attachments::table.find(V(id)).select(Row::as_select()))?;
        row.try_into()
    }

    /// Stores a new one; it is never changed.
    pub fn insert(&mut self, attachment: &Attachment) -> Result<(), Error> {
        let row = Row::try_from(attachment)?;
        each_backend!(self.0.conn, |c| diesel::insert_into(attachments::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// A page of attachments, oldest first.
    pub fn list(
        &mut self,
        filter: &AttachmentFilter,
        page: Page<AttachmentId>,
    ) -> Result<Vec<Attachment>, Error> {
        page!(self.0, attachments, page, |query| {
            match filter.owner {
                Some(AttachmentOwner::Person(person)) => {
                    query = query.filter(attachments::person_id.eq(V(person)));
                }
                Some(AttachmentOwner::Organisation(organisation)) => {
                    query = query.filter(attachments::organisation_id.eq(V(organisation)));
                }
                None => {}
            }
            if let Some(purpose) = filter.purpose {
                query = query.filter(attachments::purpose.eq(V(purpose)));
            }
        })
    }

    /// Whether any attachment has these bytes: what may be removed from the object store has none.
    pub fn any_with(&mut self, sha256: &str) -> Result<bool, Error> {
        let found: Option<V<AttachmentId>> = each_backend!(self.0.conn, |c| attachments::table
            .filter(attachments::sha256.eq(sha256))
            .select(attachments::id)
            .first(c)
            .optional())?;
        Ok(found.is_some())
    }
}
