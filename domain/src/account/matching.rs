//! Whose account a partner asks for. Identifiers that disagree are an error; what may be a coincidence is for
//! the office; nothing is linked on less than two things that agree.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    CandidacyId, Finding, PersonId,
    decision::{self, Refused},
    identity::Known,
    life::PersonState,
    person::fold_email,
    program::ProgramCode,
    text,
};

/// What a partner asks an account for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What the partner calls the person.
    pub external_id: String,
    /// Given names.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Addresses; the first one becomes the primary one of somebody new.
    pub emails: Vec<String>,
    /// The candidate number.
    pub candidate_number: Option<CandidacyId>,
    /// The person.
    pub person: Option<PersonId>,
    /// The program in which the candidate number counts.
    pub program: ProgramCode,
}

impl Asked {
    /// The full name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// Somebody who may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likely {
    /// What identifies them: of their addresses those of which they showed control.
    pub known: Known,
    /// Their other addresses, which prove nothing.
    pub claimed: Vec<String>,
    /// What became of them.
    pub state: PersonState,
    /// What the partner's system calls them already.
    pub external_ids: Vec<String>,
}

impl Likely {
    fn claims(&self, email: &str) -> bool {
        self.claimed.iter().any(|one| fold_email(one) == fold_email(email))
    }
}

/// What is known of whom a request names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Whom the partner's system calls so already.
    pub linked: Option<PersonId>,
    /// Whose the candidate number is.
    pub numbered: Option<PersonId>,
    /// Everybody who is named by anything: an identifier, an address, the same name.
    pub people: Vec<Likely>,
}

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// This person's: everything agrees.
    One(PersonId, Vec<Finding>),
    /// Somebody's whom nobody here knows.
    Nobody(Vec<Finding>),
    /// It may be somebody's: the office decides. At least one finding is unsatisfied.
    Unclear(Vec<Finding>),
}

impl Evidence {
    fn person(&self, id: PersonId) -> Option<&Likely> {
        self.people.iter().find(|one| one.known.person == id)
    }

    fn who(&self, is: impl Fn(&Likely) -> bool) -> BTreeSet<PersonId> {
        self.people.iter().filter(|one| is(one)).map(|one| one.known.person).collect()
    }

    /// Whose account `asked` asks for; refused where identifiers name different people, where the person has
    /// another external id in the system, or is not active.
    pub fn decide(&self, asked: &Asked) -> Result<Match, Refused> {
        let certain: BTreeSet<PersonId> =
            [self.linked, self.numbered, asked.person].into_iter().flatten().collect();
        let shown = self.who(|one| asked.emails.iter().any(|email| one.known.has_email(email)));
        let claimed = self.who(|one| asked.emails.iter().any(|email| one.claims(email)));
        let others =
            |person: PersonId, of: &BTreeSet<PersonId>| of.iter().any(|one| *one != person);
        let Some(person) = certain.first().copied() else {
            return self.by_addresses(asked, &shown, &claimed);
        };
        let agree = certain.len() == 1 && !others(person, &shown);
        let mut findings = vec![identifiers_agree(agree)];
        findings.extend(self.linkable_findings(asked, person));
        let mut findings = decision::by_state(findings)?;
        if self.linked == Some(person) {
            return Ok(Match::One(person, findings));
        }
        findings.push(name_agrees(self.person(person).is_some_and(|one| has_name(one, asked))));
        findings.push(address_free(!others(person, &claimed)));
        Ok(decided(person, findings))
    }

    fn by_addresses(
        &self,
        asked: &Asked,
        shown: &BTreeSet<PersonId>,
        claimed: &BTreeSet<PersonId>,
    ) -> Result<Match, Refused> {
        let everybody: BTreeSet<PersonId> = shown.union(claimed).copied().collect();
        let Some(person) = everybody.first().copied() else {
            let alike = self.who(|one| has_name(one, asked)).len();
            let finding = nobody_alike(alike);
            return Ok(if finding.satisfied {
                Match::Nobody(vec![finding])
            } else {
                Match::Unclear(vec![finding])
            });
        };
        let findings = vec![
            one_person(everybody.len()),
            address_shown(!shown.is_empty()),
            name_agrees(self.person(person).is_some_and(|one| has_name(one, asked))),
        ];
        if !crate::all_satisfied(&findings) {
            return Ok(Match::Unclear(findings));
        }
        let more = decision::by_state(self.linkable_findings(asked, person))?;
        Ok(decided(person, findings.into_iter().chain(more).collect()))
    }

    /// The findings on whether the account can become that of a person, whoever decides.
    #[must_use]
    pub fn linkable_findings(&self, asked: &Asked, person: PersonId) -> Vec<Finding> {
        let likely = self.person(person);
        let ids = likely.map(|one| one.external_ids.as_slice()).unwrap_or_default();
        let free = ids.is_empty() || ids.contains(&asked.external_id);
        let state = likely.map_or(PersonState::Erased, |one| one.state);
        vec![
            external_id_free(self.linked.is_none_or(|linked| linked == person)),
            Finding::new(
                "account.one_external_id",
                "house rule",
                free,
                "no other external id in this system",
                if free { "none" } else { "another one" },
                "A person has one external id in a system: unlink the other one first.",
            ),
            decision::state_finding(
                "account.person_state",
                "link the account",
                state,
                &[PersonState::Active],
            ),
        ]
    }

    /// The findings on making somebody new for it, whoever decides: with the addresses that nobody has.
    #[must_use]
    pub fn creatable_findings(&self, asked: &Asked) -> Vec<Finding> {
        let left = self.free_addresses(asked).len();
        let free = left > 0;
        vec![
            external_id_free(self.linked.is_none()),
            Finding::new(
                "account.address_free",
                "house rule",
                free,
                "an address that nobody has",
                text::counted(u64::try_from(left).unwrap_or(u64::MAX), "free address"),
                "Somebody new needs an e-mail address that nobody has.",
            ),
        ]
    }

    /// The addresses asked for that nobody has, in their order, each once.
    #[must_use]
    pub fn free_addresses(&self, asked: &Asked) -> Vec<String> {
        let taken = |email: &str| {
            self.people.iter().any(|one| one.known.has_email(email) || one.claims(email))
        };
        let mut seen = BTreeSet::new();
        let new = asked.emails.iter().filter(|email| !taken(email));
        new.filter(|email| seen.insert(fold_email(email))).cloned().collect()
    }
}

fn has_name(likely: &Likely, asked: &Asked) -> bool {
    likely.known.has_name(&asked.name())
}

fn decided(person: PersonId, findings: Vec<Finding>) -> Match {
    if crate::all_satisfied(&findings) {
        Match::One(person, findings)
    } else {
        Match::Unclear(findings)
    }
}

/// Nothing of other people is told in any finding: a partner reads them.
fn identifiers_agree(agree: bool) -> Finding {
    Finding::new(
        "account.identifiers_agree",
        "house rule",
        agree,
        "identifiers of one person",
        if agree { "they agree" } else { "they disagree" },
        "External id, candidate number, person id and verified addresses name one person.",
    )
}

fn external_id_free(free: bool) -> Finding {
    Finding::new(
        "account.external_id_free",
        "house rule",
        free,
        "an external id of nobody else",
        if free { "it is" } else { "somebody else's" },
        "An external id is one person's in its system.",
    )
}

fn name_agrees(agrees: bool) -> Finding {
    Finding::new(
        "account.name_agrees",
        "house rule",
        agrees,
        "the name of who is identified",
        if agrees { "it is" } else { "another name" },
        "Who is identified otherwise has the name given.",
    )
}

fn address_free(free: bool) -> Finding {
    Finding::new(
        "account.address_unclaimed",
        "house rule",
        free,
        "no address that somebody else gave",
        if free { "none" } else { "somebody else gave one" },
        "No address is one that somebody else gave, even where they did not show control of it.",
    )
}

fn address_shown(shown: bool) -> Finding {
    Finding::new(
        "account.address_verified",
        "house rule",
        shown,
        "a verified address",
        if shown { "verified" } else { "not verified" },
        "Who has the address showed control of it.",
    )
}

fn one_person(found: usize) -> Finding {
    Finding::new(
        "account.one_person",
        "house rule",
        found == 1,
        "one person",
        text::counted(u64::try_from(found).unwrap_or(u64::MAX), "person"),
        "The addresses are those of one person.",
    )
}

fn nobody_alike(alike: usize) -> Finding {
    let none = alike == 0;
    Finding::new(
        "account.nobody_alike",
        "house rule",
        none,
        "nobody of this name",
        if none { "nobody" } else { "somebody of this name, with other addresses" },
        "Nobody of this name is known with other addresses.",
    )
}
