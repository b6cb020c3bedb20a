//! Enrollment assistance: a fixed amount, once a person. A round has so many places; when more people
//! ask, a draw decides: the tickets in the order of SHA-256(`seed:ticket`), from a seed that is published
//! and that nobody could know while tickets were given out. Anyone can repeat it.

use std::{collections::BTreeMap, fmt::Display};

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    AssistanceId, AwardRoundId, BadFact, Finding, InvoiceId, PersonId,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where a round stands on a day, computed.
    pub enum RoundState {
        /// It has not opened.
        Upcoming = "upcoming",
        /// People can ask.
        Open = "open",
        /// It is closed and waits for its draw.
        Closed = "closed",
        /// Its draw was held.
        Drawn = "drawn",
    }
}

/// The most places of a round.
pub const MAX_PLACES: i64 = 100_000;

/// A round of enrollment assistance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AwardRound {
    /// Identity.
    pub id: AwardRoundId,
    /// The program.
    pub program: ProgramCode,
    /// Its name.
    pub name: String,
    /// First day on which people can ask.
    pub opens_on: NaiveDate,
    /// Last day on which people can ask.
    pub closes_on: NaiveDate,
    /// How many are helped.
    pub places: i64,
    /// What each gets, in cents: the policy's on the day the round was made.
    pub amount_cents: i64,
    /// Where the seed will come from, told before anybody asks: a public number of a later day.
    pub seed_source: String,
    /// The seed of the draw.
    pub seed: Option<String>,
    /// The day of the draw.
    pub drawn_on: Option<NaiveDate>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl AwardRound {
    /// What is wrong with a round's facts.
    #[must_use]
    pub fn faults(&self) -> Vec<BadFact> {
        let mut bad = Vec::new();
        for (pointer, day) in [("/opens_on", self.opens_on), ("/closes_on", self.closes_on)] {
            bad.extend(crate::calendar::check_date(pointer, day).err());
        }
        if self.closes_on < self.opens_on {
            bad.push(BadFact::at("/closes_on", "order", "The round closes before it opens."));
        }
        if !(1..=MAX_PLACES).contains(&self.places) {
            let detail = format!("A round has 1 to {MAX_PLACES} places.");
            bad.push(BadFact::at("/places", "out_of_range", detail));
        }
        bad
    }

    /// The finding on whether a place of it is worth anything.
    #[must_use]
    pub fn worth_finding(&self) -> Finding {
        Finding::new(
            "assistance.amount",
            "program awards",
            self.amount_cents > 0,
            "at least 1 cent",
            format!("{} cents", self.amount_cents),
            "The policy in force gives enrollment assistance: a round of nothing helps nobody.",
        )
    }

    /// Where it stands on a day.
    #[must_use]
    pub fn state(&self, day: NaiveDate) -> RoundState {
        if self.drawn_on.is_some() {
            RoundState::Drawn
        } else if day < self.opens_on {
            RoundState::Upcoming
        } else if day <= self.closes_on {
            RoundState::Open
        } else {
            RoundState::Closed
        }
    }

    /// The findings on asking for assistance: the round is open and the person was not helped before.
    #[must_use]
    pub fn request_findings(&self, day: NaiveDate, helped_before: bool) -> Vec<Finding> {
        let open = [RoundState::Open];
        vec![
            decision::state_finding("assistance.round_open", "ask", self.state(day), &open),
            Finding::new(
                "assistance.once_per_person",
                "program awards",
                !helped_before,
                "not helped before",
                if helped_before { "helped before" } else { "not helped before" },
                "Enrollment assistance is given once a person.",
            ),
        ]
    }

    /// The finding on drawing.
    #[must_use]
    pub fn draw_finding(&self, day: NaiveDate) -> Finding {
        decision::state_finding("assistance.draw", "draw", self.state(day), &[RoundState::Closed])
    }

    /// Holds the draw.
    pub fn draw(
        mut self,
        seed: String,
        granted: Vec<AssistanceId>,
        today: NaiveDate,
    ) -> Result<(Self, AwardRoundEvent), Refused> {
        decision::by_state(vec![self.draw_finding(today)])?;
        self.seed = Some(seed.clone());
        self.drawn_on = Some(today);
        Ok((self, AwardRoundEvent::Drawn { seed, granted }))
    }
}

/// The text whose SHA-256 places a ticket in a draw.
#[must_use]
pub fn ticket_text(seed: &str, ticket: impl Display) -> String {
    format!("{seed}:{ticket}")
}

/// The order of a draw: tickets by their hashes, the smallest first; rank 1 is helped first. The first
/// `places` of them are granted.
#[must_use]
pub fn ranks<T: Copy + Ord>(hashes: &BTreeMap<T, [u8; 32]>) -> Vec<(i64, T)> {
    let mut order: Vec<_> = hashes.iter().map(|(ticket, hash)| (*hash, *ticket)).collect();
    order.sort_unstable();
    (1..).zip(order).map(|(rank, (_, ticket))| (rank, ticket)).collect()
}

words! {
    /// Where a request for assistance stands.
    pub enum AssistanceState {
        /// In the round.
        Requested = "requested",
        /// Withdrawn before the draw.
        Withdrawn = "withdrawn",
        /// The draw did not reach it.
        NotDrawn = "not_drawn",
        /// Granted: it pays the next application fee.
        Granted = "granted",
        /// It paid an application fee.
        Used = "used",
    }
}

/// A request for enrollment assistance: a ticket of its round's draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assistance {
    /// Identity: the ticket, which is published with the draw and tells nothing of the person.
    pub id: AssistanceId,
    /// The program.
    pub program: ProgramCode,
    /// The round.
    pub round: AwardRoundId,
    /// Who asks.
    pub person: PersonId,
    /// What it is worth, in cents.
    pub amount_cents: i64,
    /// The day of the request.
    pub requested_on: NaiveDate,
    /// The day on which it was withdrawn.
    pub withdrawn_on: Option<NaiveDate>,
    /// Its rank in the draw.
    pub rank: Option<i64>,
    /// The day on which it was granted.
    pub granted_on: Option<NaiveDate>,
    /// The invoice that it paid.
    pub invoice: Option<InvoiceId>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Assistance {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> AssistanceState {
        match (self.withdrawn_on, self.invoice, self.granted_on, self.rank) {
            (Some(_), ..) => AssistanceState::Withdrawn,
            (None, Some(_), ..) => AssistanceState::Used,
            (None, None, Some(_), _) => AssistanceState::Granted,
            (None, None, None, Some(_)) => AssistanceState::NotDrawn,
            (None, None, None, None) => AssistanceState::Requested,
        }
    }

    /// The finding on withdrawing it.
    #[must_use]
    pub fn withdraw_finding(&self) -> Finding {
        let open = [AssistanceState::Requested];
        decision::state_finding("assistance.state", "withdraw the request", self.state(), &open)
    }

    /// Withdraws it before the draw.
    pub fn withdraw(mut self, today: NaiveDate) -> Result<(Self, AssistanceEvent), Refused> {
        decision::by_state(vec![self.withdraw_finding()])?;
        self.withdrawn_on = Some(today);
        Ok((self, AssistanceEvent::Withdrawn { on: today }))
    }

    /// What the draw made of it: granted when its rank is within the places.
    #[must_use]
    pub fn drawn(mut self, rank: i64, places: i64, today: NaiveDate) -> (Self, AssistanceEvent) {
        self.rank = Some(rank);
        self.granted_on = (rank <= places).then_some(today);
        let amount_cents = self.amount_cents;
        let event = if self.granted_on.is_some() {
            AssistanceEvent::Granted { rank, amount_cents }
        } else {
            AssistanceEvent::NotDrawn { rank }
        };
        (self, event)
    }

    /// It pays an invoice.
    pub fn apply(
        mut self,
        invoice: InvoiceId,
        cents: i64,
    ) -> Result<(Self, AssistanceEvent), Refused> {
        let granted = [AssistanceState::Granted];
        decision::by_state(vec![decision::state_finding(
            "assistance.state",
            "pay an invoice with it",
            self.state(),
            &granted,
        )])?;
        self.invoice = Some(invoice);
        Ok((self, AssistanceEvent::Applied { invoice, amount_cents: cents }))
    }

    /// The fee that it paid was returned, or its invoice voided: it can pay another.
    #[must_use]
    pub fn give_back(mut self, invoice: InvoiceId) -> Option<(Self, AssistanceEvent)> {
        if self.invoice != Some(invoice) {
            return None;
        }
        self.invoice = None;
        Some((self, AssistanceEvent::Returned { invoice }))
    }
}

facts! {
    /// What happens to rounds of enrollment assistance.
    pub enum AwardRoundEvent {
        /// A round was made.
        Opened = "award_round.created" { after: AwardRound },
        /// Its draw was held.
        Drawn = "award_round.drawn" { seed: String, granted: Vec<AssistanceId> },
    }
}

facts! {
    /// What happens to requests for enrollment assistance.
    pub enum AssistanceEvent {
        /// Somebody asked.
        Requested = "assistance.requested" { round: AwardRoundId },
        /// They withdrew.
        Withdrawn = "assistance.withdrawn" { on: NaiveDate },
        /// The draw granted it.
        Granted = "assistance.granted" { rank: i64, amount_cents: i64 },
        /// The draw did not reach it.
        NotDrawn = "assistance.not_drawn" { rank: i64 },
        /// It paid an invoice.
        Applied = "assistance.applied" { invoice: InvoiceId, amount_cents: i64 },
        /// What it paid came back.
        Returned = "assistance.returned" { invoice: InvoiceId },
    }
}
