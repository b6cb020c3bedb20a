//! Competencies: a program's framework of required and elective sets (FAQ 8, 9).

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{BadFact, calendar::Faults, words};

/// The most sets of a framework: a candidate's sets fit one machine word.
pub const MAX_SETS: usize = 32;
/// The most competencies of one set.
pub const MAX_COMPETENCIES: usize = 64;

words! {
    /// Whether everybody needs a set or may choose it.
    pub enum SetKind {
        /// Everybody needs it.
        Required = "required",
        /// One to choose from.
        Elective = "elective",
    }
}

/// Not a code of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a code of the form {0}")]
pub struct NotACode(&'static str);

fn is_set_code(text: &str) -> bool {
    (2..=8).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

macro_rules! code {
    ($(#[$meta:meta])* $name:ident, $fits:expr, $form:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);
        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl FromStr for $name {
            type Err = NotACode;
            fn from_str(text: &str) -> Result<Self, NotACode> {
                if $fits(text) { Ok(Self(text.to_owned())) } else { Err(NotACode($form)) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = NotACode;
            fn try_from(text: String) -> Result<Self, NotACode> { text.parse() }
        }
        impl From<$name> for String {
            fn from(code: $name) -> Self { code.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    };
}

code! {
    /// A competency set's code: 2 to 8 capital letters and digits, a letter first, like `FND`.
    SetCode, is_set_code, "FND: 2 to 8 capital letters and digits, a letter first"
}
code! {
    /// A competency's code: its set's code, a hyphen and two digits, like `FND-01`.
    CompetencyCode,
    |text: &str| text.split_once('-').is_some_and(|(set, number)| {
        is_set_code(set) && number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit())
    }),
    "FND-01: a set's code, a hyphen and two digits"
}

/// One thing that a support staff member knows or can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competency {
    /// Its code.
    pub code: CompetencyCode,
    /// Its statement.
    pub text: String,
}

/// A set of competencies that is achieved as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompetencySet {
    /// Its code.
    pub code: SetCode,
    /// Its title.
    pub title: String,
    /// Required or elective.
    pub kind: SetKind,
    /// Its competencies, in their order.
    pub competencies: Vec<Competency>,
}

/// How many sets of each kind the framework's authors ask for. The rules read the policy's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredToCertify {
    /// Required sets.
    pub required: u32,
    /// Elective sets.
    pub elective: u32,
}

/// A version of a program's competency sets. Candidacies pin the one in force on their admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// The version's code, for example `lssc-2012-10`.
    #[serde(rename = "framework")]
    pub code: String,
    /// Its title.
    pub title: String,
    /// The first day on which it held.
    pub adopted_on: NaiveDate,
    /// A remark on its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What its authors ask for.
    pub required_to_certify: RequiredToCertify,
    /// The sets, in the order in which every list of sets comes.
    #[serde(rename = "competency_sets")]
    pub sets: Vec<CompetencySet>,
}

impl Framework {
    /// The set of a code.
    #[must_use]
    pub fn set(&self, code: &SetCode) -> Option<&CompetencySet> {
        self.sets.iter().find(|set| set.code == *code)
    }
    /// The place of a set in the framework's order.
    #[must_use]
    pub fn index_of(&self, code: &SetCode) -> Option<u32> {
        self.sets.iter().zip(0..).find_map(|(set, index)| (set.code == *code).then_some(index))
    }
    /// The sets of one kind, in order.
    pub fn of_kind(&self, kind: SetKind) -> impl Iterator<Item = &CompetencySet> {
        self.sets.iter().filter(move |set| set.kind == kind)
    }
    /// The sets of `kind` as bits.
    #[must_use]
    pub fn mask(&self, kind: SetKind) -> SetMask {
        let of_kind = self.sets.iter().zip(0..).filter(|(set, _)| set.kind == kind);
        of_kind.fold(SetMask::default(), |mask, (_, index)| mask.with(index))
    }
    /// The codes of a mask's sets, in order.
    #[must_use]
    pub fn codes(&self, mask: SetMask) -> Vec<SetCode> {
        let held = self.sets.iter().zip(0..).filter(|(_, index)| mask.has(*index));
        held.map(|(set, _)| set.code.clone()).collect()
    }
    /// Reads a list of sets at `pointer` into a mask; unknown and repeated codes are faults.
    pub(crate) fn read_sets(
        &self,
        pointer: &str,
        codes: &[SetCode],
        faults: &mut Faults,
    ) -> SetMask {
        let mut mask = SetMask::default();
        for (place, code) in codes.iter().enumerate() {
            if let Some(index) = self.read_set(&format!("{pointer}/{place}"), code, faults) {
                if mask.has(index) {
                    let detail = format!("The set {code} is listed already.");
                    faults.add(format!("{pointer}/{place}"), "duplicate", detail);
                }
                mask = mask.with(index);
            }
        }
        mask
    }
    /// Reads one set at `pointer`; an unknown code is a fault.
    pub(crate) fn read_set(
        &self,
        pointer: &str,
        code: &SetCode,
        faults: &mut Faults,
    ) -> Option<u32> {
        let index = self.index_of(code);
        if index.is_none() {
            let detail = format!("{} has no competency set {code}.", self.title);
            faults.add(pointer, "unknown", detail);
        }
        index
    }
    /// What is wrong with the framework itself, before it is stored.
    #[must_use]
    pub fn check(&self) -> Vec<BadFact> {
        let mut faults = Faults::default();
        if self.sets.is_empty() || self.sets.len() > MAX_SETS {
            let detail = format!("A framework has 1 to {MAX_SETS} sets.");
            faults.add("/competency_sets", "length", detail);
        }
        for (place, set) in self.sets.iter().enumerate() {
            let at = format!("/competency_sets/{place}");
            if self.sets.iter().take(place).any(|earlier| earlier.code == set.code) {
                faults.add(format!("{at}/code"), "duplicate", "Another set has this code.");
            }
            check_competencies(&at, set, &mut faults);
        }
        for (name, kind, asked) in [
            ("required", SetKind::Required, self.required_to_certify.required),
            ("elective", SetKind::Elective, self.required_to_certify.elective),
        ] {
            if usize::try_from(asked).is_ok_and(|asked| asked > self.of_kind(kind).count()) {
                let detail = format!("There are fewer {name} sets than that.");
                faults.add(format!("/required_to_certify/{name}"), "out_of_range", detail);
            }
        }
        faults.none().err().unwrap_or_default()
    }
}

fn check_competencies(at: &str, set: &CompetencySet, faults: &mut Faults) {
    if set.competencies.is_empty() || set.competencies.len() > MAX_COMPETENCIES {
        let detail = format!("A set has 1 to {MAX_COMPETENCIES} competencies.");
        faults.add(format!("{at}/competencies"), "length", detail);
    }
    for (place, competency) in set.competencies.iter().enumerate() {
        let pointer = format!("{at}/competencies/{place}/code");
        let code = competency.code.as_str();
        if code.split_once('-').is_none_or(|(prefix, _)| prefix != set.code.as_str()) {
            faults.add(pointer, "format", "A competency's code begins with its set's code.");
        } else if set.competencies.iter().take(place).any(|other| other.code == competency.code) {
            faults.add(pointer, "duplicate", "Another competency has this code.");
        }
    }
}

/// Some sets of a framework, one bit each, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetMask(u32);

impl SetMask {
    /// This mask and the set at `index` (an index beyond [`MAX_SETS`] adds nothing).
    #[must_use]
    pub fn with(self, index: u32) -> Self {
        Self(self.0 | 1_u32.checked_shl(index).unwrap_or(0))
    }
    /// Whether the set at `index` is in it.
    #[must_use]
    pub fn has(self, index: u32) -> bool {
        self.0 & 1_u32.checked_shl(index).unwrap_or(0) != 0
    }
    /// How many sets.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }
    /// The sets in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// The sets of this one that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}
