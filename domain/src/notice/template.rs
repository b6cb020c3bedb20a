//! What notices say: texts of the program with placeholders, in versions that are never changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::NoticeKind;
use crate::{
    BadFact, Word, facts,
    program::ProgramCode,
    template::{BadTemplate, fill},
};

/// What a notice's placeholders stand for.
pub type Values = BTreeMap<&'static str, String>;

/// The text of a kind of notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateText {
    /// The subject line.
    pub subject: String,
    /// The body.
    pub body: String,
}

/// A version of the text of a kind of notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeTemplate {
    /// The program.
    pub program: ProgramCode,
    /// The kind.
    pub kind: NoticeKind,
    /// 1, 2, 3 in the order of writing; the last one is used.
    pub version: i64,
    /// The text.
    pub text: TemplateText,
    /// When it was written.
    pub made_at: DateTime<Utc>,
    /// Who wrote it.
    pub made_by: String,
}

/// What may stand in the template of every kind, with what a preview fills in.
const COMMON: &[(&str, &str)] = &[
    ("name", "Ada Brook"),
    ("program", "Library Support Staff Certification"),
    ("link", "https://lssc.example.org/v1/notices"),
];

/// What else may stand in it.
fn special(kind: NoticeKind) -> &'static [(&'static str, &'static str)] {
    use NoticeKind as Kind;
    const TERM: &[(&str, &str)] = &[
        ("number", "LSSC-2026-7K3M9QX"),
        ("months", "6 months"),
        ("expires_on", "2030-03-01"),
        ("renewal_opens_on", "2029-03-01"),
        ("grace_ends_on", "2030-05-01"),
        ("hours", "32 hours"),
        ("technology_hours", "4 hours"),
    ];
    match kind {
        Kind::CandidacyDeadline => {
            &[("deadline", "2030-03-01"), ("months", "6 months"), ("days_left", "184 days")]
        }
        Kind::RenewalOpens | Kind::ExpiryAhead | Kind::Expiry | Kind::GraceEnd => TERM,
        Kind::InformationRequested => &[("message", "Please add a letter of your library.")],
        Kind::ApplicationAccepted => &[("deadline", "2030-03-01")],
        Kind::ApplicationRefused => &[("reason", "The hours of work are not shown.")],
        Kind::CompletionRefused => {
            &[("set", "REF"), ("reason", "The form is not signed by the instructor.")]
        }
        Kind::MoreInformation => {
            &[("set", "CAT"), ("competencies", "CAT-01 and CAT-04"), ("last_day", "2026-04-01")]
        }
        Kind::PortfolioAchieved
        | Kind::PortfolioNotAchieved
        | Kind::PortfolioAsItIs
        | Kind::PortfolioAgain => &[("set", "CAT")],
        Kind::CertificationAwarded => {
            &[("number", "LSSC-2026-7K3M9QX"), ("expires_on", "2030-03-01")]
        }
        Kind::CertificationSuspended
        | Kind::CertificationReinstated
        | Kind::CertificationRevoked
        | Kind::MeasureReversed => &[
            ("number", "LSSC-2026-7K3M9QX"),
            ("effective_on", "2026-04-01"),
            ("reason", "The documents of the last renewal are being looked at."),
        ],
        Kind::RenewalGranted => &[("number", "LSSC-2026-7K3M9QX"), ("renewed_until", "2034-03-01")],
        Kind::RenewalRefused => {
            &[("number", "LSSC-2026-7K3M9QX"), ("reason", "A workshop is not documented.")]
        }
        Kind::AuditOpened => &[("number", "LSSC-2026-7K3M9QX"), ("documents_by", "2026-04-01")],
        Kind::AuditDecided => &[
            ("number", "LSSC-2026-7K3M9QX"),
            ("outcome", "passed"),
            ("reason", "Every activity is documented."),
        ],
        Kind::AppealDecided => &[("outcome", "upheld"), ("reason", "The rules were followed.")],
        Kind::InvoiceIssued => {
            &[("number", "LSSC-2026-000001"), ("total", "$350"), ("due_on", "2026-04-01")]
        }
        Kind::SubscriptionActivated | Kind::SubscriptionEndsSoon => &[("ends_on", "2030-03-01")],
        Kind::AssignmentMade | Kind::AssignmentDueSoon => {
            &[("set", "CAT"), ("due_on", "2026-03-22")]
        }
        Kind::HelpAnswered => &[("answer", "Yes. Say in the response what you did yourself.")],
        Kind::SupportEventCancelled => &[
            ("title", "Preparing a portfolio"),
            ("starts_at", "2026-03-20 18:00 UTC"),
            ("reason", "The speaker is ill."),
        ],
    }
}

fn known(kind: NoticeKind) -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMON.iter().chain(special(kind)).copied()
}

/// The names of the placeholders that may stand in the template of a kind.
#[must_use]
pub fn placeholders(kind: NoticeKind) -> Vec<&'static str> {
    known(kind).map(|(name, _)| name).collect()
}

/// What a preview fills in.
#[must_use]
pub fn sample(kind: NoticeKind) -> Values {
    known(kind).map(|(name, value)| (name, value.to_owned())).collect()
}

impl TemplateText {
    /// What is wrong with the text as the template of a kind: placeholders that it does not have, braces alone.
    #[must_use]
    pub fn check(&self, kind: NoticeKind) -> Vec<BadFact> {
        let names = placeholders(kind);
        let sample = |name: &str| names.contains(&name).then(String::new);
        let mut bad = Vec::new();
        for (pointer, text) in [("/subject", &self.subject), ("/body", &self.body)] {
            let (code, what) = match fill(text, sample) {
                Ok(_) => continue,
                Err(error @ BadTemplate::Unknown(_)) => ("unknown_placeholder", error),
                Err(error @ BadTemplate::Unbalanced) => ("unbalanced", error),
            };
            let detail = format!("{what}: {kind} has {}.", names.join(", "));
            bad.push(BadFact::at(pointer, code, detail));
        }
        bad
    }

    /// The text with its placeholders filled: a subject line and a body.
    pub fn filled(&self, values: &Values) -> Result<Self, BadTemplate> {
        let value = |name: &str| values.get(name).cloned();
        let subject = fill(&self.subject, value)?;
        // What is filled in may have lines; a subject has one.
        let subject = subject.split(char::is_control).collect::<Vec<_>>().join(" ");
        Ok(Self { subject, body: fill(&self.body, value)? })
    }
}

impl NoticeTemplate {
    /// Its id in the log: a program has one text for each kind.
    #[must_use]
    pub fn subject(program: &ProgramCode, kind: NoticeKind) -> String {
        format!("notice_template:{program}:{}", kind.as_str())
    }

    /// The next version.
    #[must_use]
    pub fn revise(
        self,
        text: TemplateText,
        made_by: String,
        now: DateTime<Utc>,
    ) -> (Self, TemplateEvent) {
        let version = self.version.saturating_add(1);
        let event = TemplateEvent::Revised { version, before: self.text, after: text.clone() };
        (Self { version, text, made_at: now, made_by, ..self }, event)
    }
}

facts! {
    /// What happens to the texts of notices.
    pub enum TemplateEvent {
        /// Another version was written.
        Revised = "notice_template.revised" { version: i64, before: TemplateText, after: TemplateText },
    }
}
