//! An accepted order: whom it pays for, and what becomes of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::LineCheck;
use crate::{
    ApplicationId, Finding, InvoiceId, OrganisationId, PersonId, PurchaseOrderId,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where an order stands, computed.
    pub enum OrderState {
        /// Accepted: its invoice waits to be paid in full.
        Open = "open",
        /// Paid in full: everybody on it is activated.
        Settled = "settled",
        /// Cancelled: it pays for nobody.
        Cancelled = "cancelled",
    }
}

words! {
    /// What became of a line.
    pub enum LineOutcome {
        /// Its person's fee is paid and the account activated.
        Activated = "activated",
        /// Its person owed nothing any more: the amount is credit of the institution.
        Credited = "credited",
        /// Another person took its place.
        Swapped = "swapped",
        /// The order was cancelled.
        Cancelled = "cancelled",
    }
}

/// One person on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedLine {
    /// Its place on the order, from 1. A swap adds a place.
    pub place: i64,
    /// The person's name, as the order gives it.
    pub name: String,
    /// The person's e-mail address, as the order gives it.
    pub email: String,
    /// What the order pays, in cents.
    pub amount_cents: i64,
    /// Who it is.
    pub person: PersonId,
    /// The application whose fee it pays.
    pub application: ApplicationId,
    /// The invoice of that fee.
    pub invoice: InvoiceId,
    /// What became of it; none while it stands.
    pub outcome: Option<LineOutcome>,
}

/// A purchase order that was accepted (FAQ 22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseOrder {
    /// Identity.
    pub id: PurchaseOrderId,
    /// The program.
    pub program: ProgramCode,
    /// Who orders.
    pub institution: OrganisationId,
    /// The institution's own number of the order: once among its orders that are not cancelled.
    pub number: String,
    /// The invoice to the institution.
    pub invoice: InvoiceId,
    /// The sum of the standing lines, in cents.
    pub total_cents: i64,
    /// ISO 4217.
    pub currency: String,
    /// The day on which it was accepted.
    pub placed_on: NaiveDate,
    /// The day on which it was paid in full.
    pub settled_on: Option<NaiveDate>,
    /// The day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Its lines, in order of their places.
    pub lines: Vec<PlacedLine>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl PurchaseOrder {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> OrderState {
        match (self.cancelled_on, self.settled_on) {
            (Some(_), _) => OrderState::Cancelled,
            (None, Some(_)) => OrderState::Settled,
            (None, None) => OrderState::Open,
        }
    }

    /// The lines that stand: nobody was swapped out, nothing cancelled.
    pub fn standing(&self) -> impl Iterator<Item = &PlacedLine> {
        self.lines.iter().filter(|line| line.outcome.is_none())
    }

    /// The finding on whether `act` is possible while the order stands as it does.
    #[must_use]
    pub fn open_finding(&self, act: &str) -> Finding {
        decision::state_finding("purchase_order.state", act, self.state(), &[OrderState::Open])
    }

    /// The findings on swapping the person at `place` for one whom `check` found, where `paid_cents` of
    /// the order's invoice are paid already: a new amount makes a new invoice, which can only follow one
    /// that nothing was paid of.
    #[must_use]
    pub fn swap_findings(&self, place: i64, check: &LineCheck, paid_cents: i64) -> Vec<Finding> {
        let line = self.standing().find(|line| line.place == place);
        let before = line.map(|line| line.amount_cents);
        let mut findings = vec![Finding::new(
            "purchase_order.line_stands",
            "FAQ 22",
            line.is_some(),
            "a line that stands",
            if line.is_some() { "it stands" } else { "there is no such line" },
            format!("Line {place} of the order pays for somebody."),
        )];
        findings.extend(check.findings.clone());
        findings.push(Finding::new(
            "purchase_order.swap_amount",
            "FAQ 22",
            paid_cents == 0 || before == Some(check.actual_cents),
            "the same amount once something was paid",
            format!("{} cents after {} cents", check.actual_cents, before.unwrap_or_default()),
            "After a part payment a person is swapped for one with the same fee.",
        ));
        findings
    }

    /// Swaps the person at `place` for `new`, whose line was checked by [`Self::swap_findings`].
    pub fn swap(
        mut self,
        place: i64,
        mut new: PlacedLine,
        findings: Vec<Finding>,
    ) -> Result<(Self, OrderEvent), Refused> {
        decision::by_state(vec![self.open_finding("swap a person")])?;
        decision::by_rule(findings)?;
        new.place = self.lines.iter().map(|line| line.place).max().unwrap_or_default() + 1;
        for line in self.lines.iter_mut().filter(|line| line.place == place) {
            line.outcome = Some(LineOutcome::Swapped);
        }
        self.lines.push(new.clone());
        self.total_cents =
            self.standing().fold(0, |sum, line| sum.saturating_add(line.amount_cents));
        let before = self.lines.iter().find(|line| line.place == place).map(|line| line.person);
        Ok((self, OrderEvent::Swapped { place, before, after: new }))
    }

    /// Cancels it: it pays for nobody. What was paid becomes credit of the institution.
    pub fn cancel(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, OrderEvent), Refused> {
        decision::by_state(vec![self.open_finding("cancel the order")])?;
        self.cancelled_on = Some(today);
        self.cancel_reason = Some(reason.clone());
        for line in self.lines.iter_mut().filter(|line| line.outcome.is_none()) {
            line.outcome = Some(LineOutcome::Cancelled);
        }
        Ok((self, OrderEvent::Cancelled { on: today, reason }))
    }

    /// Its invoice is paid in full: `outcomes` tells what became of the line at each place.
    pub fn settle(
        mut self,
        outcomes: &[(i64, LineOutcome)],
        today: NaiveDate,
    ) -> Result<(Self, OrderEvent), Refused> {
        decision::by_state(vec![self.open_finding("settle the order")])?;
        self.settled_on = Some(today);
        for line in self.lines.iter_mut().filter(|line| line.outcome.is_none()) {
            line.outcome = outcomes
                .iter()
                .find(|(place, _)| *place == line.place)
                .map_or(Some(LineOutcome::Credited), |(_, outcome)| Some(*outcome));
        }
        let lines = self.lines.clone();
        Ok((self, OrderEvent::Settled { on: today, lines }))
    }
}

facts! {
    /// What happens to purchase orders.
    pub enum OrderEvent {
        /// It was accepted.
        Placed = "purchase_order.placed" { institution: OrganisationId, number: String, invoice: InvoiceId, total_cents: i64, lines: Vec<PlacedLine> },
        /// A person took the place of another.
        Swapped = "purchase_order.swapped" { place: i64, before: Option<PersonId>, after: PlacedLine },
        /// It was cancelled.
        Cancelled = "purchase_order.cancelled" { on: NaiveDate, reason: String },
        /// It was paid in full.
        Settled = "purchase_order.settled" { on: NaiveDate, lines: Vec<PlacedLine> },
    }
}
