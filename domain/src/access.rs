//! Access: who may do what, decided in one place from the caller, the action and the facts of the
//! resource. A caller who may not even read a resource is told that it does not exist.
//!
//! The table is in [`table`]; `docs/access-matrix.md` is printed from it, and a test walks it over HTTP.

mod table;

pub use table::{Action, RULES, Rule, matrix};

use crate::{
    ClientCredentialId, ClientId, OrganisationId, PersonId, SessionId, program::ProgramCode, words,
};

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

impl Grant {
    /// A role in force, for no organisation.
    #[must_use]
    pub fn of(role: Role) -> Self {
        Self { role, organisation: None, standing: Standing::Active }
    }
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
    /// What they are. A person who registered holds [`Role::Candidate`] besides what was granted.
    pub grants: Vec<Grant>,
    /// What a machine's token was limited to; `None` for people, who have no such limit.
    pub scopes: Option<Vec<String>>,
    /// The programs that a machine is confined to; none = every one. People are confined to none.
    pub programs: Vec<ProgramCode>,
    /// The credential for which a machine's token was issued: what outlives the door asks whether it still stands.
    pub credential: Option<ClientCredentialId>,
}

/// What access needs to know of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The person whose it is.
    pub owner: Option<PersonId>,
    /// The organisation whose it is.
    pub organisation: Option<OrganisationId>,
}

impl Facts {
    /// A resource that belongs to a person.
    #[must_use]
    pub fn of_person(owner: PersonId) -> Self {
        Self { owner: Some(owner), organisation: None }
    }
    /// A resource that belongs to an organisation.
    #[must_use]
    pub fn of_organisation(organisation: OrganisationId) -> Self {
        Self { owner: None, organisation: Some(organisation) }
    }
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

/// How far a caller's right to an action reaches: what a list may hold for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every resource of the kind.
    Everything,
    /// What belongs to the caller, or to an organisation that the caller acts for.
    Own(Own),
}

/// What is a caller's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Own {
    /// The caller, where the action reaches what belongs to a person.
    pub person: Option<PersonId>,
    /// The organisations that the caller acts for, where the action reaches what is theirs.
    pub organisations: Vec<OrganisationId>,
}

impl Reach {
    /// Narrows a list's filter by person to what may be listed; false when that is nothing at all.
    #[must_use]
    pub fn narrow(&self, person: &mut Option<PersonId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Own(own) => own.person.is_some_and(|own| *person.get_or_insert(own) == own),
        }
    }

    /// Whether what belongs to the organisation of `facts`, or to its person, may be listed.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Everything => true,
            Self::Own(own) => {
                (facts.owner.is_some() && facts.owner == own.person)
                    || facts.organisation.is_some_and(|one| own.organisations.contains(&one))
            }
        }
    }
}

impl Caller {
    /// Who is no machine, and so is limited to nothing.
    #[must_use]
    pub fn of(who: Who, grants: Vec<Grant>) -> Self {
        Self { who, grants, scopes: None, programs: Vec::new(), credential: None }
    }
    /// Somebody who is not signed in.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::of(Who::Anonymous, Vec::new())
    }
    /// The system itself.
    #[must_use]
    pub fn system() -> Self {
        Self::of(Who::System, Vec::new())
    }
    /// The person who calls, if it is a person.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self.who {
            Who::Person(person, _) => Some(person),
            Who::Anonymous | Who::Client(_) | Who::System => None,
        }
    }
    /// The machine that calls, if it is one.
    #[must_use]
    pub fn client(&self) -> Option<ClientId> {
        match self.who {
            Who::Client(client) => Some(client),
            Who::Anonymous | Who::Person(..) | Who::System => None,
        }
    }
    /// Whether the caller holds `role` in force, for whatever organisation.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role && grant.standing == Standing::Active)
    }

    /// Whether this caller may do `action` to the resource that `facts` describe.
    pub fn may(&self, action: Action, facts: &Facts) -> Result<(), Refusal> {
        let rule = action.rule();
        if rule.public || self.who == Who::System || self.holds(rule, facts) {
            return self.scoped(rule);
        }
        if self.who == Who::Anonymous {
            return Err(Refusal::Unauthenticated);
        }
        match rule.seen_by {
            None => Err(Refusal::Forbidden),
            Some(read) if read == action => Err(Refusal::Hidden),
            Some(read) => match self.may(read, facts) {
                Ok(()) => Err(Refusal::Forbidden),
                Err(_) => Err(Refusal::Hidden),
            },
        }
    }

    /// The same for what is of a program: to a machine that is confined to others, it does not exist.
    pub fn may_in(
        &self,
        action: Action,
        facts: &Facts,
        program: &ProgramCode,
    ) -> Result<(), Refusal> {
        self.may(action, facts)?;
        if self.is_let_into(program) { Ok(()) } else { Err(Refusal::Hidden) }
    }

    /// Whether this caller is told of a program's things at all.
    #[must_use]
    pub fn is_let_into(&self, program: &ProgramCode) -> bool {
        self.programs.is_empty() || self.programs.contains(program)
    }

    /// The programs of which a list may tell this caller, who asked for one or for all: none = every one.
    #[must_use]
    pub fn programs_of(&self, asked: Option<&ProgramCode>) -> Option<Vec<ProgramCode>> {
        match asked {
            Some(asked) => {
                Some(vec![asked.clone()].into_iter().filter(|one| self.is_let_into(one)).collect())
            }
            None if self.programs.is_empty() => None,
            None => Some(self.programs.clone()),
        }
    }

    /// The one program of which a list tells that is of one program: the one asked for, else LSSC, else the first
    /// of those to which the caller is confined. None where nothing may be told of it.
    #[must_use]
    pub fn program_of(&self, asked: Option<&ProgramCode>) -> Option<ProgramCode> {
        let usual = || match self.programs.first() {
            Some(first) if !self.is_let_into(&ProgramCode::lssc()) => first.clone(),
            _ => ProgramCode::lssc(),
        };
        let code = asked.cloned().unwrap_or_else(usual);
        Some(code).filter(|code| self.is_let_into(code))
    }

    /// How far this caller's right to list by `action` reaches.
    pub fn reach(&self, action: Action) -> Result<Reach, Refusal> {
        let rule = action.rule();
        if rule.public || self.who == Who::System || self.holds(rule, &Facts::default()) {
            return self.scoped(rule).map(|()| Reach::Everything);
        }
        let own = Own {
            person: self.person().filter(|_| rule.own.iter().any(|role| self.is(*role))),
            organisations: self.organisations(rule.member),
        };
        if own != Own::default() {
            Ok(Reach::Own(own))
        } else if self.who == Who::Anonymous {
            Err(Refusal::Unauthenticated)
        } else {
            Err(Refusal::Forbidden)
        }
    }

    /// The organisations that the caller acts for in one of `roles`.
    #[must_use]
    pub fn organisations(&self, roles: &[Role]) -> Vec<OrganisationId> {
        let held = self.grants.iter().filter(|grant| grant.standing == Standing::Active);
        held.filter(|grant| roles.contains(&grant.role))
            .filter_map(|one| one.organisation)
            .collect()
    }

    fn holds(&self, rule: &Rule, facts: &Facts) -> bool {
        let owns = facts.owner.is_some() && facts.owner == self.person();
        let acts_for = facts.organisation.is_some()
            && self.grants.iter().any(|grant| {
                grant.standing == Standing::Active && grant.organisation == facts.organisation
            });
        self.grants.iter().filter(|grant| grant.standing == Standing::Active).any(|grant| {
            (rule.any.contains(&grant.role) && !((owns || acts_for) && rule.is_of_the_office()))
                || (owns && rule.own.contains(&grant.role))
                || (grant.organisation.is_some()
                    && grant.organisation == facts.organisation
                    && rule.member.contains(&grant.role))
        })
    }

    /// A machine's token must carry the action's scope, and an action without one is no machine's.
    fn scoped(&self, rule: &Rule) -> Result<(), Refusal> {
        match (&self.scopes, rule.scope) {
            (None, _) => Ok(()),
            (Some(_), _) if rule.public => Ok(()),
            (Some(_), None) => Err(Refusal::Forbidden),
            (Some(held), Some(scope)) if held.iter().any(|held| held == scope) => Ok(()),
            (Some(_), Some(scope)) => Err(Refusal::ScopeMissing(scope)),
        }
    }
}
