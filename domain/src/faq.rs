//! The FAQ: templates whose figures come from the policy in force, so that text and behaviour
//! cannot disagree (FAQ 1 to 27).
//!
//! A template holds placeholders in braces, `{fees.application.price}`; [`PLACEHOLDERS`] lists all.

use serde::{Deserialize, Serialize};

use crate::{
    competency::{Framework, SetKind},
    policy::{FeeCode, Policy},
    template, text,
};

pub use crate::template::BadTemplate;

/// What figures are taken from.
pub type Source<'a> = (&'a Policy, &'a Framework);
/// A placeholder's name, and what it stands for.
pub type Placeholder = (&'static str, fn(Source<'_>) -> String);

/// Every placeholder: its name and what it stands for.
pub const PLACEHOLDERS: &[Placeholder] = &[
    ("eligibility.education", |(p, _)| {
        p.eligibility.minimum_education.to_string().replace('_', " ")
    }),
    ("eligibility.work_hours", |(p, _)| text::hours(p.eligibility.work_minutes.into())),
    ("eligibility.window_years", |(p, _)| years(p.eligibility.window_years)),
    ("candidacy.years", |(p, _)| years(p.candidacy.years)),
    ("courses.approval_years", |(p, _)| years(p.courses.approval_years)),
    ("courses.credit_window_years", |(p, _)| years(p.courses.credit_window_years)),
    ("portfolio.met_share", |(p, _)| format!("{} %", p.portfolio.met_share_percent)),
    ("portfolio.chance_days", |(p, _)| days(p.portfolio.chance_days)),
    ("recognition.graduate_window_years", |(p, _)| years(p.recognition.graduate_window_years)),
    ("certification.required_sets", |(p, _)| p.certification.required_sets.to_string()),
    ("certification.elective_sets", |(p, _)| p.certification.elective_sets.to_string()),
    ("certification.sets", |(p, _)| {
        p.certification.required_sets.saturating_add(p.certification.elective_sets).to_string()
    }),
    ("certification.term_years", |(p, _)| years(p.certification.term_years)),
    ("renewal.opens_months", |(p, _)| months(p.renewal.opens_months)),
    ("renewal.grace_months", |(p, _)| months(p.renewal.grace_months)),
    ("renewal.contact_hours", |(p, _)| text::hours(p.renewal.contact_minutes.into())),
    ("renewal.technology_hours", |(p, _)| text::hours(p.renewal.technology_minutes.into())),
    ("fees.application.price", |(p, _)| price(p, FeeCode::Application, false)),
    ("fees.application.member_price", |(p, _)| price(p, FeeCode::Application, true)),
    ("fees.portfolio.price", |(p, _)| price(p, FeeCode::Portfolio, false)),
    ("fees.portfolio.member_price", |(p, _)| price(p, FeeCode::Portfolio, true)),
    ("fees.renewal.price", |(p, _)| price(p, FeeCode::Renewal, false)),
    ("accounts.subscription_years", |(p, _)| years(p.accounts.subscription_years)),
    ("sets.total", |(_, f)| f.sets.len().to_string()),
    ("sets.required_titles", |(_, f)| titles(f, SetKind::Required)),
    ("sets.elective_titles", |(_, f)| titles(f, SetKind::Elective)),
];

fn years(count: i32) -> String {
    text::counted(count.unsigned_abs().into(), "year")
}
fn months(count: i32) -> String {
    text::counted(count.unsigned_abs().into(), "month")
}
fn days(count: u32) -> String {
    text::counted(count.into(), "day")
}
fn price(policy: &Policy, code: FeeCode, member: bool) -> String {
    let cents = policy.fees.schedule.get(&code).map_or(0, |fee| fee.price(member));
    text::money(cents, &policy.fees.currency)
}
fn titles(framework: &Framework, kind: SetKind) -> String {
    let titles: Vec<_> = framework.of_kind(kind).map(|set| set.title.as_str()).collect();
    titles.join("; ")
}

/// One question of the program and the template of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its number in the program's own FAQ.
    pub number: u32,
    /// The question.
    pub question: String,
    /// The template of the answer.
    pub answer: String,
}

/// Fills a template's placeholders from a policy and its framework.
pub fn fill(template: &str, policy: &Policy, framework: &Framework) -> Result<String, BadTemplate> {
    template::fill(template, |name| {
        let (_, value) = PLACEHOLDERS.iter().find(|(known, _)| *known == name)?;
        Some(value((policy, framework)))
    })
}
