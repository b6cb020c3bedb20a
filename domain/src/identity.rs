//! Who is meant: people named by their candidate number, or by an e-mail address and a name that agree.
//! Two identifiers that disagree are an error, never silently resolved.

use std::collections::{BTreeMap, BTreeSet};

use crate::{CandidacyId, Finding, PersonId, person::fold_email, text};

/// How a roster or a college names somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// The candidate number: the id of the candidacy.
    pub candidacy: Option<CandidacyId>,
    /// An e-mail address.
    pub email: Option<String>,
    /// The full name.
    pub name: Option<String>,
}

impl Named {
    /// What a record is kept under until its person comes: the folded address and the folded name. None
    /// where one of the two is missing.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        let email = self.email.as_deref().map(fold_email).filter(|email| !email.is_empty())?;
        let name = self.name.as_deref().map(text::fold).filter(|name| !name.is_empty())?;
        Some(identity_key(&email, &name))
    }

    /// The finding on whether it names somebody at all.
    #[must_use]
    pub fn identified_finding(&self) -> Finding {
        let enough = self.candidacy.is_some() || self.key().is_some();
        let given = [
            ("a candidate number", self.candidacy.is_some()),
            ("an e-mail address", self.email.is_some()),
            ("a name", self.name.is_some()),
        ];
        let given: Vec<_> = given.into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect();
        Finding::new(
            "roster.identified",
            "house rule",
            enough,
            "a candidate number, or an e-mail address and a name",
            text::list(&given),
            "Somebody is named by the candidate number, or by an e-mail address and a name.",
        )
    }
}

/// The key of a folded address and a name.
#[must_use]
pub fn identity_key(email: &str, name: &str) -> String {
    format!("{} {}", fold_email(email), text::fold(name))
}

/// Somebody whom the program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// The addresses of which they showed control. Others prove nothing.
    pub emails: Vec<String>,
    /// Their candidacies in the program, with whether each still runs.
    pub candidacies: Vec<(CandidacyId, bool)>,
}

impl Known {
    /// The candidacy in which something of theirs counts: the one that runs, else the latest.
    #[must_use]
    pub fn candidacy(&self) -> Option<CandidacyId> {
        let running = self.candidacies.iter().filter(|(_, runs)| *runs);
        let of = |found: &(CandidacyId, bool)| found.0;
        running.map(of).max().or_else(|| self.candidacies.iter().map(of).max())
    }

    /// Whether a candidacy of theirs runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.candidacies.iter().any(|(_, runs)| *runs)
    }

    /// The candidacy that a number of theirs stands for: once it runs no more, the one that does.
    fn numbered(&self, number: CandidacyId) -> CandidacyId {
        let runs = self.candidacies.contains(&(number, true));
        self.candidacy().filter(|_| self.runs() && !runs).unwrap_or(number)
    }

    /// What may wait for them: a key ([`identity_key`]) for each of their addresses.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.emails.iter().map(|email| identity_key(email, &self.name)).collect()
    }

    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.emails.iter().any(|one| fold_email(one) == fold_email(email))
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        text::fold(&self.name) == text::fold(name)
    }
}

/// People whom rows may name, found by what rows name them by.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: Vec<Known>,
    by_candidacy: BTreeMap<CandidacyId, usize>,
    by_email: BTreeMap<String, BTreeSet<usize>>,
}

/// Whom a row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<'a> {
    /// This person; in this candidacy, where they have one: the one that runs, whatever number is given.
    One(&'a Known, Option<CandidacyId>),
    /// Nobody whom the program knows.
    Nobody,
    /// Too little, or identifiers that disagree: at least one finding is unsatisfied.
    Unclear(Vec<Finding>),
}

impl Directory {
    /// A directory of people.
    #[must_use]
    pub fn of(people: Vec<Known>) -> Self {
        let mut directory = Self::default();
        for (place, known) in people.iter().enumerate() {
            for (candidacy, _) in &known.candidacies {
                directory.by_candidacy.insert(*candidacy, place);
            }
            for email in &known.emails {
                directory.by_email.entry(fold_email(email)).or_default().insert(place);
            }
        }
        directory.people = people;
        directory
    }

    /// Whom `named` names. Constant in the number of people.
    #[must_use]
    pub fn find(&self, named: &Named) -> Match<'_> {
        let identified = named.identified_finding();
        if !identified.satisfied {
            return Match::Unclear(vec![identified]);
        }
        match named.candidacy {
            Some(number) => self.by_number(number, named),
            None => self.by_two(named),
        }
    }

    fn by_number(&self, number: CandidacyId, named: &Named) -> Match<'_> {
        let known = self.by_candidacy.get(&number).and_then(|place| self.people.get(*place));
        let Some(known) = known else {
            return Match::Unclear(vec![Finding::new(
                "roster.candidate_known",
                "house rule",
                false,
                "the number of a candidate",
                number.to_string(),
                "No candidate of the program has this number.",
            )]);
        };
        let mut findings = Vec::new();
        if let Some(email) = &named.email {
            findings.push(agrees("e-mail address", known.has_email(email)));
        }
        if let Some(name) = &named.name {
            findings.push(agrees("name", known.has_name(name)));
        }
        if crate::all_satisfied(&findings) {
            Match::One(known, Some(known.numbered(number)))
        } else {
            Match::Unclear(findings)
        }
    }

    fn by_two(&self, named: &Named) -> Match<'_> {
        let email = named.email.as_deref().map(fold_email).unwrap_or_default();
        let places = self.by_email.get(&email).into_iter().flatten();
        let found: Vec<_> = places.filter_map(|place| self.people.get(*place)).collect();
        let name = named.name.as_deref().unwrap_or_default();
        match found.as_slice() {
            [] => Match::Nobody,
            [known] if known.has_name(name) => Match::One(known, known.candidacy()),
            [_] => Match::Unclear(vec![agrees("name", false)]),
            _ => Match::Unclear(vec![Finding::new(
                "roster.one_person",
                "house rule",
                false,
                "one person",
                text::counted(u64::try_from(found.len()).unwrap_or(u64::MAX), "person"),
                "The e-mail address belongs to more than one person.",
            )]),
        }
    }
}

/// Nothing of the other person is told: not even the name that stands there.
fn agrees(what: &str, does: bool) -> Finding {
    Finding::new(
        "roster.identifiers_agree",
        "house rule",
        does,
        "identifiers of one person",
        if does { "they agree" } else { "they disagree" },
        format!(
            "The {what} {} the person whom the row names otherwise.",
            if does { "belongs to" } else { "is not that of" }
        ),
    )
}
