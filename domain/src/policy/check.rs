//! Whether a policy can be published: every figure in a range that the rules can reckon with.

use crate::{
    BadFact, Word,
    calendar::Faults,
    competency::{Framework, MAX_SETS, SetKind},
};

use super::{AwardPolicy, FeeCode, FeePolicy, NoticePolicy, Policy};

/// The most cents that one price may be: ten million dollars.
pub(super) const MAX_PRICE_CENTS: i64 = 1_000_000_000;

impl Policy {
    /// What is wrong with the policy, all of it; empty when it may be published.
    #[must_use]
    pub fn check(&self) -> Vec<BadFact> {
        let mut faults = Faults::default();
        for (pointer, value, (least, most)) in self.ranges() {
            if !(least..=most).contains(&value) {
                let detail = format!("It must be from {least} to {most}.");
                faults.add(pointer, "out_of_range", detail);
            }
        }
        let renewal = &self.renewal;
        if renewal.technology_minutes > renewal.contact_minutes {
            let detail = "Technology is part of the contact minutes and cannot be more of them.";
            faults.add("/renewal/technology_minutes", "order", detail);
        }
        if renewal.opens_months > self.certification.term_years.saturating_mul(12) {
            let detail = "A renewal cannot open before its term starts.";
            faults.add("/renewal/opens_months", "order", detail);
        }
        check_fees(&self.fees, &mut faults);
        check_notices(&self.notices, &mut faults);
        check_awards(&self.awards, &mut faults);
        faults.none().err().unwrap_or_default()
    }

    /// [`Policy::check`], and whether `framework` has the sets that the policy asks for.
    #[must_use]
    pub fn check_with(&self, framework: &Framework) -> Vec<BadFact> {
        let mut bad = self.check();
        for (pointer, kind, asked) in [
            ("/certification/required_sets", SetKind::Required, self.certification.required_sets),
            ("/certification/elective_sets", SetKind::Elective, self.certification.elective_sets),
        ] {
            let held = framework.mask(kind).count();
            if asked > held {
                let detail = format!("{} has {held} {kind} sets.", framework.title);
                bad.push(BadFact::at(pointer, "out_of_range", detail));
            }
        }
        bad
    }

    /// The fault of a currency that is not the one of an earlier version: what invoices, credit and the ledger
    /// hold is reckoned in one.
    #[must_use]
    pub fn check_currency<'p>(
        &self,
        earlier: impl IntoIterator<Item = &'p Self>,
    ) -> Option<BadFact> {
        let other = earlier.into_iter().find(|one| one.fees.currency != self.fees.currency)?;
        let detail =
            format!("The program reckons in {}: its currency never changes.", other.fees.currency);
        Some(BadFact::at("/fees/currency", "fixed", detail))
    }

    /// Every bounded figure: its place, its value, the least and the most.
    fn ranges(&self) -> Vec<(&'static str, i64, (i64, i64))> {
        const YEARS: (i64, i64) = (1, 50);
        const DAYS: (i64, i64) = (1, 3_650);
        let sets = (0, i64::try_from(MAX_SETS).unwrap_or(i64::MAX));
        let (entry, renewal) = (&self.eligibility, &self.renewal);
        vec![
            ("/eligibility/work_minutes", entry.work_minutes.into(), (0, 6_000_000)),
            ("/eligibility/window_years", entry.window_years.into(), YEARS),
            ("/candidacy/years", self.candidacy.years.into(), YEARS),
            ("/courses/approval_years", self.courses.approval_years.into(), YEARS),
            ("/courses/credit_window_years", self.courses.credit_window_years.into(), (0, 50)),
            ("/courses/reviewers", self.courses.reviewers.into(), (1, 9)),
            ("/portfolio/met_share_percent", self.portfolio.met_share_percent.into(), (1, 100)),
            ("/portfolio/chance_days", self.portfolio.chance_days.into(), DAYS),
            ("/recognition/agreement_years", self.recognition.agreement_years.into(), YEARS),
            (
                "/recognition/graduate_window_years",
                self.recognition.graduate_window_years.into(),
                (0, 50),
            ),
            ("/recognition/provisional_years", self.recognition.provisional_years.into(), YEARS),
            ("/certification/required_sets", self.certification.required_sets.into(), (1, sets.1)),
            ("/certification/elective_sets", self.certification.elective_sets.into(), sets),
            ("/certification/term_years", self.certification.term_years.into(), YEARS),
            ("/renewal/opens_months", renewal.opens_months.into(), (0, 600)),
            ("/renewal/grace_months", renewal.grace_months.into(), (0, 600)),
            ("/renewal/contact_minutes", renewal.contact_minutes.into(), (0, 600_000)),
            ("/renewal/technology_minutes", renewal.technology_minutes.into(), (0, 600_000)),
            (
                "/renewal/minimum_activity_minutes",
                renewal.minimum_activity_minutes.into(),
                (0, 6_000),
            ),
            (
                "/renewal/semester_credit_minutes",
                renewal.semester_credit_minutes.into(),
                (1, 60_000),
            ),
            ("/renewal/quarter_credit_minutes", renewal.quarter_credit_minutes.into(), (1, 60_000)),
            ("/renewal/conference_day_minutes", renewal.conference_day_minutes.into(), (1, 1_440)),
            ("/renewal/audit_percent", renewal.audit_percent.into(), (0, 100)),
            ("/renewal/audit_days", renewal.audit_days.into(), DAYS),
            ("/fees/member_credit_days", self.fees.member_credit_days.into(), (0, 3_650)),
            ("/fees/invoice_due_days", self.fees.invoice_due_days.into(), (0, 3_650)),
            ("/accounts/subscription_years", self.accounts.subscription_years.into(), YEARS),
            ("/appeals/notice_days", self.appeals.notice_days.into(), DAYS),
            ("/appeals/documents_days", self.appeals.documents_days.into(), DAYS),
            ("/appeals/response_days", self.appeals.response_days.into(), DAYS),
            ("/appeals/meeting_days", self.appeals.meeting_days.into(), DAYS),
            ("/notices/late_days", self.notices.late_days.into(), (0, 366)),
        ]
    }
}

fn check_fees(fees: &FeePolicy, faults: &mut Faults) {
    if fees.currency.len() != 3 || !fees.currency.bytes().all(|b| b.is_ascii_uppercase()) {
        let detail = "A currency is three capital letters (ISO 4217), like USD.";
        faults.add("/fees/currency", "format", detail);
    }
    for code in FeeCode::ALL {
        let Some(fee) = fees.schedule.get(code) else {
            let detail = format!("The schedule needs a price for {code}; 0 where it is free.");
            faults.add(format!("/fees/schedule/{code}"), "required", detail);
            continue;
        };
        check_price(&format!("/fees/schedule/{code}/price_cents"), fee.price_cents, faults);
        if let Some(member) = fee.member_price_cents {
            let pointer = format!("/fees/schedule/{code}/member_price_cents");
            check_price(&pointer, member, faults);
            if member > fee.price_cents {
                faults.add(pointer, "order", "A member pays no more than anybody else.");
            }
        }
    }
}

/// The most notices about one date.
const MOST_NOTICES: usize = 12;

fn check_notices(notices: &NoticePolicy, faults: &mut Faults) {
    for (name, months) in [
        ("candidacy_deadline_months", &notices.candidacy_deadline_months),
        ("expiry_months", &notices.expiry_months),
    ] {
        let at = |place| format!("/notices/{name}/{place}");
        if months.len() > MOST_NOTICES {
            let detail = format!("There are at most {MOST_NOTICES} notices about one date.");
            faults.add(format!("/notices/{name}"), "length", detail);
        }
        for (place, ahead) in months.iter().enumerate().take(MOST_NOTICES) {
            if !(1..=600).contains(ahead) {
                faults.add(at(place), "out_of_range", "It must be from 1 to 600.");
            } else if months.iter().take(place).any(|earlier| earlier == ahead) {
                faults.add(at(place), "duplicate", "Each stands there once.");
            }
        }
    }
}

fn check_awards(awards: &AwardPolicy, faults: &mut Faults) {
    let enrollment = awards.enrollment_assistance_cents;
    check_price("/awards/enrollment_assistance_cents", enrollment, faults);
    check_price("/awards/course_subsidy_cents", awards.course_subsidy_cents, faults);
}

fn check_price(pointer: &str, cents: i64, faults: &mut Faults) {
    if !(0..=MAX_PRICE_CENTS).contains(&cents) {
        let detail = format!("An amount is from 0 to {MAX_PRICE_CENTS} cents.");
        faults.add(pointer, "out_of_range", detail);
    }
}
