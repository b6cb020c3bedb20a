//! Institutions: libraries and others that pay for their people (FAQ 22).

use serde::Serialize;

use crate::{OrganisationId, facts, program::ProgramCode};

/// An institution that pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Institution {
    /// Identity.
    pub id: OrganisationId,
    /// The program.
    pub program: ProgramCode,
    /// Its name, unique in the program.
    pub name: String,
    /// Lines of its postal address, for invoices.
    pub address: Vec<String>,
    /// Where its invoices go, an e-mail address.
    pub email: String,
    /// Version of the record, 1 at first.
    pub version: i64,
}

facts! {
    /// What happens to institutions.
    pub enum InstitutionEvent {
        /// One was recorded.
        Recorded = "institution.recorded" { after: Institution },
        /// One changed.
        Updated = "institution.updated" { before: Institution, after: Institution },
    }
}
