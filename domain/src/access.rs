//! Access: who may do what, decided in one place from the caller, the action and the facts of the
//! resource. A caller who may not even read a resource is told that it does not exist.

use crate::{ClientId, OrganisationId, PersonId, SessionId, Word, words};

words! {
    /// What a person or machine is to the program. The public has no role.
    pub enum Role {
        /// Works toward a certification, or holds one. Everyone who registered.
        Candidate = "candidate",
        /// Judges portfolios.
        Evaluator = "evaluator",
        /// Acts for a provider of approved courses.
        Provider = "provider",
        /// Acts for a college with a recognition agreement.
        College = "college",
        /// Acts for an institution that pays for its people.
        Institution = "institution",
        /// A machine of a partner system.
        Partner = "partner",
        /// Works in the program's office.
        Staff = "staff",
        /// Runs the system: policies, users, clients.
        Admin = "admin",
        /// Reads everything and changes nothing.
        Auditor = "auditor",
    }
}

words! {
    /// Whether somebody's membership of an organisation, or their role, is in force.
    pub enum Standing {
        /// In force.
        Active = "active",
        /// Ended: counts for nothing.
        Ended = "ended",
    }
}

/// A role that a caller holds, perhaps for one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// For provider, college and institution: whose.
    pub organisation: Option<OrganisationId>,
    /// Whether it is in force.
    pub standing: Standing,
}

/// Who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody signed in.
    Anonymous,
    /// A person, in one of their sessions.
    Person(PersonId, SessionId),
    /// A machine.
    Client(ClientId),
    /// The system itself: workers and the command line.
    System,
}

/// The caller of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub who: Who,
    /// What they are.
    pub grants: Vec<Grant>,
    /// What a machine's token was limited to; `None` for people, who have no such limit.
    pub scopes: Option<Vec<String>>,
}

/// What access needs to know of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The person whose it is.
    pub owner: Option<PersonId>,
    /// The organisation whose it is.
    pub organisation: Option<OrganisationId>,
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is signed in and the action needs somebody: 401.
    #[error("sign in first")]
    Unauthenticated,
    /// The caller may not know of the resource: 404.
    #[error("there is no such thing here for this caller")]
    Hidden,
    /// The caller may see the resource but not do this: 403.
    #[error("this caller may not do that")]
    Forbidden,
    /// The machine's token lacks the scope: 403.
    #[error("the token lacks the scope {0}")]
    ScopeMissing(&'static str),
}
