//! Providers and their courses (FAQ 10, 11, 13, 14): from the proposal over its review to the catalog.

mod approval;
pub mod bundle;
pub mod map;
pub mod offering;
pub mod proposal;
pub mod review;

pub use approval::{Ending, EndingKind, RENEWAL_OPENS_MONTHS, price_cents};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    BundleId, CourseId, OrganisationId, ProposalId, competency::SetCode, facts,
    organisation::OrganisationStanding, program::ProgramCode, words,
};

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
    /// Whether it acts, and who speaks first for it.
    pub standing: OrganisationStanding,
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
    /// Last day of the approval, unless it ended before.
    pub ends_on: NaiveDate,
    /// How often the approval was renewed.
    pub renewals: u32,
    /// Its end or withdrawal before `ends_on`.
    pub ended: Option<Ending>,
    /// The bundle of which it is a part: alone it achieves nothing then.
    pub bundle: Option<BundleId>,
    /// The proposal that led to it.
    pub proposal: Option<ProposalId>,
    /// Version of the record, 1 at first.
    pub version: i64,
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
        /// Its approval was renewed: the last day moved.
        Renewed = "course.renewed" { before: NaiveDate, after: NaiveDate, proposal: Option<ProposalId> },
        /// Its approval ended early, or its provider withdrew it. What counted before keeps counting.
        Ended = "course.ended" { ending: Ending },
    }
}
