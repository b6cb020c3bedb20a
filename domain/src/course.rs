//! Providers and their approved courses (FAQ 10, 11, 13, 14).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{CourseId, OrganisationId, competency::SetCode, facts, program::ProgramCode, words};

words! {
    /// The kinds of library education provider (FAQ 11).
    pub enum ProviderKind {
        /// A state library.
        StateLibrary = "state_library",
        /// A state library association.
        StateLibraryAssociation = "state_library_association",
        /// A regional library cooperative.
        RegionalCooperative = "regional_cooperative",
        /// A community college.
        CommunityCollege = "community_college",
        /// An ALA division or other unit.
        AlaDivision = "ala_division",
        /// An individual consultant.
        IndividualConsultant = "individual_consultant",
        /// Any other provider.
        Other = "other",
    }
}

words! {
    /// How a course is taught (FAQ 13).
    pub enum Mode {
        /// In a room.
        FaceToFace = "face_to_face",
        /// On line.
        Online = "online",
        /// Both.
        Hybrid = "hybrid",
    }
}

/// A provider of courses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// Identity.
    pub id: OrganisationId,
    /// The program.
    pub program: ProgramCode,
    /// Its kind.
    pub kind: ProviderKind,
    /// Its name, unique in the program.
    pub name: String,
    /// City and state.
    pub place: Option<String>,
    /// Its website, an `https` address.
    pub website: Option<String>,
    /// Where to ask, an e-mail address.
    pub contact_email: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// What the catalog says of a course, besides its approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseDetails {
    /// Its title.
    pub title: String,
    /// How it is taught.
    pub modes: Vec<Mode>,
    /// City and state, when it is taught in a room.
    pub place: Option<String>,
    /// The provider's own price, as the provider words it; it never flows through here (FAQ 21).
    pub price: Option<String>,
    /// The provider's page on it, an `https` address.
    pub website: Option<String>,
}

/// A course that the program approved for one competency set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Course {
    /// Identity.
    pub id: CourseId,
    /// The program.
    pub program: ProgramCode,
    /// Its provider.
    pub provider: OrganisationId,
    /// The competency set that it covers.
    pub set: SetCode,
    /// What the catalog says.
    pub details: CourseDetails,
    /// First day of the approval.
    pub approved_on: NaiveDate,
    /// Last day of the approval.
    pub ends_on: NaiveDate,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Course {
    /// Whether the approval is in force on `day`.
    #[must_use]
    pub fn is_approved_on(&self, day: NaiveDate) -> bool {
        self.approved_on <= day && day <= self.ends_on
    }
}

facts! {
    /// What happens to providers and their courses.
    pub enum CourseEvent {
        /// A provider was recorded.
        ProviderRecorded = "provider.recorded" { after: Provider },
        /// A provider changed.
        ProviderUpdated = "provider.updated" { before: Provider, after: Provider },
        /// An approved course was recorded.
        Approved = "course.approved" { after: Course },
        /// What the catalog says of a course changed.
        Updated = "course.updated" { before: CourseDetails, after: CourseDetails },
    }
}
