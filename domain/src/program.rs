//! Programs: what everything else is scoped to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A program's code: 2 to 20 lower-case letters, digits and hyphens, a letter first. LSSC is `lssc`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProgramCode(String);

/// Not a program code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a program code is 2 to 20 lower-case letters, digits and hyphens, a letter first")]
pub struct NotAProgramCode;

impl ProgramCode {
    /// The Library Support Staff Certification.
    #[must_use]
    pub fn lssc() -> Self {
        Self("lssc".to_owned())
    }
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl FromStr for ProgramCode {
    type Err = NotAProgramCode;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (2..=20).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAProgramCode) }
    }
}
impl TryFrom<String> for ProgramCode {
    type Error = NotAProgramCode;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
impl From<ProgramCode> for String {
    fn from(code: ProgramCode) -> Self {
        code.0
    }
}
impl fmt::Display for ProgramCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A program: the frame of everything that candidates, staff and partners do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    /// Its code.
    pub code: ProgramCode,
    /// Its full name.
    pub name: String,
    /// The IANA time zone in which its business days are counted, `America/Chicago` for LSSC.
    pub zone: String,
    /// The program that it was adapted from (FAQ 24).
    pub parent: Option<ProgramCode>,
}
