//! Documents for people: letter pages as PDF, from plain texts and cents.
//!
//! The same input gives the same bytes: no clock, no chance. [`canvas`] sets texts and rules on pages and knows
//! nothing of what they mean; each kind of document is a module that lays itself out on it. Letters beyond
//! Latin, Greek and Cyrillic are drawn as empty boxes: the two fonts have no others.
//!
//! Answer one with `Reply::file("application/pdf", "LSSC-2026-000001.pdf", document::invoice(&sheet)?)`, declared as
//! `body = FileBody, content_type = "application/pdf"` ([`crate::answer::FileBody`]).

mod canvas;
mod certificate;
mod invoice;

pub use certificate::certificate;
use chrono::NaiveDate;
pub use invoice::invoice;

use crate::problem::Problem;

/// Why a document could not be made: a fault of the server, never of what it says.
#[derive(Debug, thiserror::Error)]
#[error("a document cannot be made: {0}")]
pub struct DocumentError(String);

impl From<DocumentError> for Problem {
    fn from(error: DocumentError) -> Self {
        Self::internal(error.to_string())
    }
}

/// What a certificate says.
#[derive(Debug, Clone)]
pub struct CertificateSheet<'a> {
    /// Who issues it: the program's name.
    pub program: &'a str,
    /// The name in print.
    pub holder_name: &'a str,
    /// The titles of the competency sets.
    pub sets: Vec<&'a str>,
    /// The public condition, where one is open: what follows the sets.
    pub condition: Option<&'a str>,
    /// Its number.
    pub number: &'a str,
    /// Its edition.
    pub edition: u32,
    /// The first day of the first term.
    pub from: NaiveDate,
    /// The last day of the present one.
    pub through: NaiveDate,
    /// The day of this edition.
    pub issued_on: NaiveDate,
    /// Where this print is verified.
    pub verify_url: &'a str,
}

/// What an invoice says. Amounts are cents.
#[derive(Debug, Clone)]
pub struct InvoiceSheet<'a> {
    /// `Invoice`, `Receipt`.
    pub title: &'a str,
    /// Its number.
    pub number: &'a str,
    /// Who issues it: the program's name.
    pub program: &'a str,
    /// Who owes it.
    pub payer: &'a str,
    /// The lines below the payer's name: address, e-mail, attention.
    pub payer_lines: Vec<String>,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The day by which it is due.
    pub due_on: NaiveDate,
    /// Further facts beside the dates: `("Purchase order", "PO-77")`.
    pub facts: Vec<(&'a str, String)>,
    /// What is stamped on it: `PAID`, `VOID`, `OPEN`.
    pub stamp: &'a str,
    /// The stamp's colour.
    pub tone: Tone,
    /// What is owed.
    pub lines: Vec<SheetLine>,
    /// The sum of the lines.
    pub total_cents: i64,
    /// What was paid.
    pub paid_cents: i64,
    /// What is still owed.
    pub balance_cents: i64,
    /// ISO 4217.
    pub currency: &'a str,
    /// What came in.
    pub payments: Vec<SheetPayment>,
    /// How to pay, or what else there is to say.
    pub note: &'a str,
    /// At the foot of every page.
    pub footer: &'a str,
}

/// The colour of a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something is to be done: amber.
    Due,
    /// All is settled: green.
    Settled,
    /// It does not count any more: red.
    Void,
}

/// One line of an invoice.
#[derive(Debug, Clone)]
pub struct SheetLine {
    /// What it is for.
    pub description: String,
    /// How many.
    pub quantity: i64,
    /// The price of one.
    pub unit_cents: i64,
    /// The price of all.
    pub amount_cents: i64,
}

/// One payment, or, below zero, one return.
#[derive(Debug, Clone)]
pub struct SheetPayment {
    /// The day.
    pub on: NaiveDate,
    /// How: `Check`, `Card`, `Refund`.
    pub method: String,
    /// The payer's or the bank's reference.
    pub reference: String,
    /// How much.
    pub amount_cents: i64,
}

#[cfg(test)]
mod tests;
