//! The acts: what the office may decide, and what becomes of the certification.

use chrono::NaiveDate;

use super::{Measure, MeasureKind, MeasureOrder, PublicMeasure, Reinstatement, Reversal};
use crate::{
    Finding,
    certificate::{Certification, CertificationEvent},
    decision::{self, Refused},
};

impl Certification {
    /// The revocation that stands, whenever it counts from.
    #[must_use]
    pub fn revocation(&self) -> Option<&Measure> {
        let stands = |one: &&Measure| one.kind == MeasureKind::Revocation && one.reversal.is_none();
        self.measures.iter().find(stands)
    }
    /// The first day on which it is revoked.
    #[must_use]
    pub fn revoked_on(&self) -> Option<NaiveDate> {
        self.revocation().map(|one| one.effective_on)
    }
    /// Whether it is revoked on `as_of`.
    #[must_use]
    pub fn is_revoked(&self, as_of: NaiveDate) -> bool {
        self.revoked_on().is_some_and(|day| day <= as_of)
    }
    /// The suspension in force on `as_of`, whatever else stands above it.
    #[must_use]
    pub fn suspension(&self, as_of: NaiveDate) -> Option<&Measure> {
        self.suspension_in(as_of, Some(as_of))
    }
    /// Every suspension that counts on some day.
    pub fn suspensions(&self) -> impl Iterator<Item = &Measure> {
        let counts = |one: &&Measure| {
            one.kind == MeasureKind::Suspension && one.overlaps(one.effective_on, None)
        };
        self.measures.iter().filter(counts)
    }

    fn suspension_in(&self, first: NaiveDate, last: Option<NaiveDate>) -> Option<&Measure> {
        self.suspensions().find(|one| one.overlaps(first, last))
    }

    fn not_revoked_finding(&self) -> Finding {
        let revoked = self.revoked_on();
        Finding::new(
            "certification.not_revoked",
            "life cycle",
            revoked.is_none(),
            "not revoked",
            revoked
                .map_or_else(|| "not revoked".to_owned(), |day| format!("revoked from {day} on")),
            "What is revoked stays so until the revocation is reversed.",
        )
    }

    /// The findings on a suspension from `first` through `last`.
    #[must_use]
    pub fn suspension_findings(&self, first: NaiveDate, last: Option<NaiveDate>) -> Vec<Finding> {
        let end = self.stands_through();
        let lapsed = Finding::new(
            "certification.not_lapsed",
            "FAQ 19",
            first <= end,
            format!("from a day through {end} on"),
            first.to_string(),
            "What has lapsed by then is not suspended any more.",
        );
        let other = self.suspension_in(first, last);
        let days = |one: &Measure| {
            let through = one.last_day().map(|last| format!(" through {last}"));
            format!("suspended from {}{}", one.effective_on, through.unwrap_or_default())
        };
        let free = Finding::new(
            "certification.not_suspended",
            "life cycle",
            other.is_none(),
            "no other suspension in these days",
            other.map_or_else(|| "none".to_owned(), days),
            "A day has one suspension: end or reverse the other first.",
        );
        vec![self.not_revoked_finding(), lapsed, free]
    }

    /// The findings on a revocation.
    #[must_use]
    pub fn revocation_findings(&self) -> Vec<Finding> {
        vec![self.not_revoked_finding()]
    }

    /// The findings on a reinstatement from `day` on.
    #[must_use]
    pub fn reinstatement_findings(&self, day: NaiveDate) -> Vec<Finding> {
        let suspended = self.suspension(day).is_some();
        let suspension = Finding::new(
            "certification.suspended",
            "life cycle",
            suspended,
            format!("suspended on {day}"),
            if suspended { "suspended" } else { "not suspended" },
            "Only a suspension that holds on the day ends on it.",
        );
        vec![self.not_revoked_finding(), suspension]
    }

    fn measure(
        &mut self,
        kind: MeasureKind,
        order: MeasureOrder,
        today: NaiveDate,
    ) -> PublicMeasure {
        let number = u32::try_from(self.measures.len()).unwrap_or(u32::MAX).saturating_add(1);
        let measure = Measure {
            number,
            kind,
            reason_code: order.reason_code,
            public_text: order.public_text,
            note: order.note,
            effective_on: order.effective_on,
            ends_on: order.ends_on,
            decided_on: today,
            decided_by: order.decided_by,
            reinstatement: None,
            reversal: None,
        };
        let told = PublicMeasure::from(&measure);
        self.measures.push(measure);
        told
    }

    /// Suspends it for the days of the order.
    pub fn suspend(
        mut self,
        order: MeasureOrder,
        today: NaiveDate,
    ) -> Result<(Self, CertificationEvent), Refused> {
        decision::by_state(self.suspension_findings(order.effective_on, order.ends_on))?;
        let measure = self.measure(MeasureKind::Suspension, order, today);
        Ok((self, CertificationEvent::Suspended { measure }))
    }

    /// Revokes it from a day on, whatever its dates say.
    pub fn revoke(
        mut self,
        order: MeasureOrder,
        today: NaiveDate,
    ) -> Result<(Self, CertificationEvent), Refused> {
        decision::by_state(self.revocation_findings())?;
        let order = MeasureOrder { ends_on: None, ..order };
        let measure = self.measure(MeasureKind::Revocation, order, today);
        Ok((self, CertificationEvent::Revoked { measure }))
    }

    /// Ends the suspension that holds on the reinstatement's day.
    pub fn reinstate(
        mut self,
        reinstatement: Reinstatement,
    ) -> Result<(Self, CertificationEvent), Refused> {
        let day = reinstatement.effective_on;
        decision::by_state(self.reinstatement_findings(day))?;
        let number = self.suspension(day).map_or(0, |one| one.number);
        let reason = reinstatement.reason.clone();
        if let Some(one) = self.measures.iter_mut().find(|one| one.number == number) {
            one.reinstatement = Some(reinstatement);
        }
        let event = CertificationEvent::Reinstated { measure: number, effective_on: day, reason };
        Ok((self, event))
    }

    /// The findings on the reversal of a measure; `grounds` tells whether every achievement on which the
    /// certification rests still stands. None where there is no such measure.
    #[must_use]
    pub fn reversal_findings(&self, number: u32, grounds: bool) -> Option<Vec<Finding>> {
        let measure = self.measures.iter().find(|one| one.number == number)?;
        let mut findings = vec![measure.stands_finding()];
        if measure.kind == MeasureKind::Revocation {
            findings.push(Finding::new(
                "certification.grounds_stand",
                "FAQ 8",
                grounds,
                "every achievement on which it rests stands",
                if grounds { "all stand" } else { "one was voided" },
                "A revocation is not reversed once what the certification rests on was voided.",
            ));
        }
        Some(findings)
    }

    /// Reverses a measure: it never counted, and the history keeps it. None where there is no such measure.
    pub fn reverse(
        mut self,
        number: u32,
        reversal: Reversal,
        grounds: bool,
    ) -> Result<Option<(Self, CertificationEvent)>, Refused> {
        let Some(findings) = self.reversal_findings(number, grounds) else { return Ok(None) };
        decision::by_state(findings)?;
        let found = self.measures.iter_mut().find(|one| one.number == number);
        let reason = reversal.reason.clone();
        let kind = found.map(|one| {
            one.reversal = Some(reversal);
            one.kind
        });
        let event = |kind| CertificationEvent::MeasureReversed { measure: number, kind, reason };
        Ok(kind.map(event).map(|event| (self, event)))
    }
}
