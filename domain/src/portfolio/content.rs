//! What a portfolio holds: an introduction, a personal learning statement, and a response for every
//! competency of its set (FAQ 10, 15).

use serde::{Deserialize, Serialize};

use crate::{
    AttachmentId, BadFact, Finding,
    calendar::Faults,
    competency::{CompetencyCode, CompetencySet},
    text,
};

/// The longest text of a portfolio, in characters.
pub const MAX_TEXT: usize = 40_000;
/// The most links, and the most files, of one response.
pub const MAX_PIECES: usize = 20;
/// The longest link, in characters.
pub const MAX_LINK: usize = 2_000;

/// What the candidate shows for one competency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The competency.
    pub competency: CompetencyCode,
    /// In the candidate's own words. An empty text is missing.
    #[serde(default)]
    pub narrative: String,
    /// Pages that show it: `http` or `https`.
    #[serde(default)]
    pub links: Vec<String>,
    /// Files that show it, the candidate's own.
    #[serde(default)]
    pub attachments: Vec<AttachmentId>,
}

impl Response {
    /// Whether it shows anything: a narrative, a link or a file.
    #[must_use]
    pub fn is_given(&self) -> bool {
        !self.narrative.trim().is_empty() || !self.links.is_empty() || !self.attachments.is_empty()
    }
}

/// What a portfolio holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortfolioContent {
    /// Who the candidate is and what the portfolio shows.
    #[serde(default)]
    pub introduction: String,
    /// The personal learning statement.
    #[serde(default)]
    pub learning_statement: String,
    /// One response a competency.
    #[serde(default)]
    pub responses: Vec<Response>,
}

impl PortfolioContent {
    /// What is wrong with it, whether it is complete or not: competencies that the set does not have or
    /// that come twice, texts that are too long or hold control characters, links that are none, files that
    /// come twice.
    #[must_use]
    pub fn check(&self, set: &CompetencySet) -> Vec<BadFact> {
        let mut faults = Faults::default();
        check_text("/introduction", &self.introduction, &mut faults);
        check_text("/learning_statement", &self.learning_statement, &mut faults);
        for (place, response) in self.responses.iter().enumerate() {
            let at = format!("/responses/{place}");
            let code = &response.competency;
            if !set.competencies.iter().any(|one| one.code == *code) {
                let detail = format!("{} has no competency {code}.", set.code);
                faults.add(format!("{at}/competency"), "unknown", detail);
            } else if self.responses.iter().take(place).any(|other| other.competency == *code) {
                faults.add(format!("{at}/competency"), "duplicate", format!("{code} comes twice."));
            }
            check_text(&format!("{at}/narrative"), &response.narrative, &mut faults);
            check_pieces(&at, response, &mut faults);
        }
        faults.none().err().unwrap_or_default()
    }

    /// The response for a competency, if there is one that shows anything.
    #[must_use]
    pub fn response(&self, code: &CompetencyCode) -> Option<&Response> {
        self.responses.iter().find(|one| one.competency == *code && one.is_given())
    }

    /// Every file of it, each once.
    #[must_use]
    pub fn attachments(&self) -> Vec<AttachmentId> {
        let mut all: Vec<_> =
            self.responses.iter().flat_map(|one| one.attachments.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What submission asks for: the introduction, the learning statement, and a response for every
    /// competency. One finding each, in the set's order.
    #[must_use]
    pub fn completeness(&self, set: &CompetencySet) -> Vec<Finding> {
        let text = |rule: &'static str, what: &str, text: &str| {
            let there = !text.trim().is_empty();
            let actual = if there { "written" } else { "missing" };
            Finding::new(
                rule,
                "FAQ 15",
                there,
                "written",
                actual,
                format!("A portfolio has {what}."),
            )
        };
        let mut findings = vec![
            text("portfolio.introduction", "an introduction", &self.introduction),
            text(
                "portfolio.learning_statement",
                "a personal learning statement",
                &self.learning_statement,
            ),
        ];
        findings.extend(set.competencies.iter().map(|one| {
            let given = self.response(&one.code).is_some();
            Finding::new(
                "portfolio.response",
                "FAQ 10",
                given,
                format!("{}: a narrative, a link or a file", one.code),
                format!("{}: {}", one.code, if given { "given" } else { "missing" }),
                format!("A portfolio shows every competency of its set: {}", one.text),
            )
        }));
        findings
    }

    /// The names of the parts in which `after` differs: competencies by their codes, and the two texts.
    pub(super) fn changed(&self, after: &Self) -> Vec<String> {
        let mut names = Vec::new();
        if self.introduction != after.introduction {
            names.push("introduction".to_owned());
        }
        if self.learning_statement != after.learning_statement {
            names.push("learning_statement".to_owned());
        }
        let gone = self.responses.iter().filter(|one| !after.responses.contains(one));
        let new = after.responses.iter().filter(|one| !self.responses.contains(one));
        let mut codes: Vec<_> = gone.chain(new).map(|one| one.competency.to_string()).collect();
        codes.sort_unstable();
        codes.dedup();
        names.extend(codes);
        names
    }
}

fn check_text(pointer: &str, text: &str, faults: &mut Faults) {
    if text.chars().count() > MAX_TEXT {
        let most = u64::try_from(MAX_TEXT).unwrap_or(u64::MAX);
        let detail = format!("A text has at most {} characters.", text::grouped(most));
        faults.add(pointer, "length", detail);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        faults.add(pointer, "format", "A text has no control characters.");
    }
}

fn check_pieces(at: &str, response: &Response, faults: &mut Faults) {
    for (name, field, count) in [
        ("links", "links", response.links.len()),
        ("files", "attachment_ids", response.attachments.len()),
    ] {
        if count > MAX_PIECES {
            let detail = format!("A response has at most {MAX_PIECES} {name}.");
            faults.add(format!("{at}/{field}"), "length", detail);
        }
    }
    for (place, link) in response.links.iter().enumerate() {
        let host = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
        let good = host.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
            && link.chars().count() <= MAX_LINK
            && !link.chars().any(|c| c.is_whitespace() || c.is_control());
        if !good {
            let detail = "A link begins with https:// or http:// and has no spaces.";
            faults.add(format!("{at}/links/{place}"), "format", detail);
        }
    }
    for (place, file) in response.attachments.iter().enumerate() {
        if response.attachments.iter().take(place).any(|other| other == file) {
            let detail = "A response has a file once.";
            faults.add(format!("{at}/attachment_ids/{place}"), "duplicate", detail);
        }
    }
}
