//! The books: what the ledger moved in a period, and what invoices, payments and payouts say of the same
//! period, each summed by the database on its own, so that one can be held against the other.

use chrono::NaiveDate;
use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Date, Text},
};
use domain::{
    calendar::FIRST_YEAR,
    invoice::{PaymentMethod, Tender},
    ledger::{AccountKind, PostingKind},
    payout::PayoutKind,
    program::ProgramCode,
    word::Word,
};

use crate::{Error, Tx, conn::each_backend};

/// The sums of the books.
pub struct Books<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The sums of the books.
    pub fn books(&mut self) -> Books<'_, 'c> {
        Books(self)
    }
}

/// The transfers of one kind of posting between two kinds of accounts, whoever's. Cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// What the postings are about.
    pub kind: PostingKind,
    /// The accounts that are debited.
    pub debit: AccountKind,
    /// The accounts that are credited.
    pub credit: AccountKind,
    /// The sum of the transfers.
    pub cents: i64,
}

/// What the records say of a period, without a look at an account. Cents.
///
/// Payments and payouts count on the day on which they were recorded: that of their posting, and without
/// one the day that they state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Records {
    /// The totals of the invoices issued.
    pub issued_cents: i64,
    /// The totals of the invoices voided.
    pub voided_cents: i64,
    /// What came in, by method: by card and check all of it, otherwise what paid invoices.
    pub received: Vec<(PaymentMethod, i64)>,
    /// What was taken back as never received, by method.
    pub reversed: Vec<(PaymentMethod, i64)>,
    /// What came in by card for invoices that take none, and was taken as credit.
    pub credited_cents: i64,
    /// The payouts that became due, by what they are for.
    pub due: Vec<(PayoutKind, i64)>,
    /// The payouts that were made, by how.
    pub made: Vec<(Tender, i64)>,
    /// What is owed on invoices at the end of the period.
    pub open_cents: i64,
    /// What is to be paid out at the end of the period.
    pub payable_cents: i64,
}

#[derive(QueryableByName)]
struct MovedRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    debit_account: String,
    #[diesel(sql_type = Text)]
    credit_account: String,
    #[diesel(sql_type = BigInt)]
    cents: i64,
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    cents: i64,
}

const MOVED: &str = "SELECT p.kind, t.debit_account, t.credit_account, \
    CAST(SUM(t.amount_cents) AS BIGINT) AS cents \
    FROM ledger_postings p JOIN ledger_transfers t ON t.posting_id = p.id \
    WHERE p.program = $1 AND p.posted_on BETWEEN $2 AND $3 \
    GROUP BY p.kind, t.debit_account, t.credit_account \
    ORDER BY p.kind, t.debit_account, t.credit_account";

const ISSUED: &str = "SELECT 'all' AS word, CAST(COALESCE(SUM(total_cents), 0) AS BIGINT) AS cents \
    FROM invoices WHERE program = $1 AND issued_on BETWEEN $2 AND $3";

const VOIDED: &str = "SELECT 'all' AS word, CAST(COALESCE(SUM(total_cents), 0) AS BIGINT) AS cents \
    FROM invoices WHERE program = $1 AND voided_on BETWEEN $2 AND $3";

/// A payment's posting, to know its day: the posting names the payment as its source.
macro_rules! paid_on_ledger {
    () => {
        "FROM payments pay LEFT JOIN ledger_postings p \
         ON p.source = 'pay_' || REPLACE(CAST(pay.id AS TEXT), '-', '') AND p.kind IN \
         ('payment_received', 'credit_applied', 'assistance_applied', 'order_applied') "
    };
}

/// A made payout's posting, likewise.
macro_rules! made_on_ledger {
    () => {
        "FROM payouts o LEFT JOIN ledger_postings p \
         ON p.source = 'payout_' || REPLACE(CAST(o.id AS TEXT), '-', '') AND p.kind = 'payout_made' "
    };
}

const RECEIVED: &str = concat!(
    "SELECT pay.method AS word, CAST(SUM(CASE WHEN pay.method IN ('card', 'check') \
     THEN pay.received_cents ELSE pay.amount_cents END) AS BIGINT) AS cents ",
    paid_on_ledger!(),
    "WHERE pay.program = $1 AND COALESCE(p.posted_on, pay.received_on) BETWEEN $2 AND $3 \
     GROUP BY pay.method ORDER BY pay.method"
);

const REVERSED: &str = "SELECT method AS word, CAST(SUM(received_cents) AS BIGINT) AS cents \
    FROM payments WHERE program = $1 AND reversed_on BETWEEN $2 AND $3 \
    GROUP BY method ORDER BY method";

/// That it was taken as credit is told by its posting alone; how much it is, by the record.
const CREDITED: &str = "SELECT 'all' AS word, CAST(COALESCE(SUM(d.actual_cents), 0) AS BIGINT) AS cents \
    FROM payment_discrepancies d JOIN ledger_postings p \
    ON p.source = 'discr_' || REPLACE(CAST(d.id AS TEXT), '-', '') AND p.kind = 'receipt_credited' \
    WHERE d.program = $1 AND p.posted_on BETWEEN $2 AND $3";

const DUE: &str = "SELECT kind AS word, CAST(SUM(amount_cents) AS BIGINT) AS cents FROM payouts \
    WHERE program = $1 AND due_on BETWEEN $2 AND $3 GROUP BY kind ORDER BY kind";

const MADE: &str = concat!(
    "SELECT o.tender AS word, CAST(SUM(o.amount_cents) AS BIGINT) AS cents ",
    made_on_ledger!(),
    "WHERE o.program = $1 AND o.paid_on IS NOT NULL \
     AND COALESCE(p.posted_on, o.paid_on) BETWEEN $2 AND $3 GROUP BY o.tender ORDER BY o.tender"
);

/// What is owed of the invoices that stand at the end: their totals less what was paid of them by then.
const OPEN: &str = concat!(
    "SELECT 'all' AS word, CAST(COALESCE(SUM(one.cents), 0) AS BIGINT) AS cents FROM ( \
     SELECT total_cents AS cents FROM invoices WHERE program = $1 AND issued_on BETWEEN $2 AND $3 \
     AND (voided_on IS NULL OR voided_on > $3) \
     UNION ALL SELECT -pay.amount_cents AS cents ",
    paid_on_ledger!(),
    "JOIN invoices i ON i.id = pay.invoice_id WHERE i.program = $1 AND i.issued_on BETWEEN $2 AND $3 \
     AND (i.voided_on IS NULL OR i.voided_on > $3) \
     AND COALESCE(p.posted_on, pay.received_on) <= $3 \
     AND (pay.reversed_on IS NULL OR pay.reversed_on > $3)) AS one"
);

const PAYABLE: &str = concat!(
    "SELECT 'all' AS word, CAST(COALESCE(SUM(o.amount_cents), 0) AS BIGINT) AS cents ",
    made_on_ledger!(),
    "WHERE o.program = $1 AND o.due_on BETWEEN $2 AND $3 \
     AND (o.paid_on IS NULL OR COALESCE(p.posted_on, o.paid_on) > $3)"
);

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or(NaiveDate::MIN)
}

fn word<W: Word>(text: &str) -> Result<W, Error> {
    W::of(text).ok_or_else(|| Error::Broken(format!("{text:?} is no {}", W::NAME)))
}

impl Books<'_, '_> {
    /// What the ledger of a program moved from `from` (from the beginning without) through `until`.
    pub fn moved(
        &mut self,
        program: &ProgramCode,
        from: Option<NaiveDate>,
        until: NaiveDate,
    ) -> Result<Vec<Moved>, Error> {
        let from = from.unwrap_or_else(first_day);
        let rows: Vec<MovedRow> = each_backend!(self.0.conn, |c| sql_query(MOVED)
            .bind::<Text, _>(program.as_str())
            .bind::<Date, _>(from)
            .bind::<Date, _>(until)
            .load(c))?;
        let moved = |row: MovedRow| {
            Ok(Moved {
                kind: word(&row.kind)?,
                debit: word(&row.debit_account)?,
                credit: word(&row.credit_account)?,
                cents: row.cents,
            })
        };
        rows.into_iter().map(moved).collect()
    }

    /// What the records of a program say of `from` (the beginning without) through `until`.
    pub fn recorded(
        &mut self,
        program: &ProgramCode,
        from: Option<NaiveDate>,
        until: NaiveDate,
    ) -> Result<Records, Error> {
        let first = first_day();
        let period = (from.unwrap_or(first), until);
        Ok(Records {
            issued_cents: self.sum(ISSUED, program, period)?,
            voided_cents: self.sum(VOIDED, program, period)?,
            received: self.sums(RECEIVED, program, period)?,
            reversed: self.sums(REVERSED, program, period)?,
            credited_cents: self.sum(CREDITED, program, period)?,
            due: self.sums(DUE, program, period)?,
            made: self.sums(MADE, program, period)?,
            open_cents: self.sum(OPEN, program, (first, until))?,
            payable_cents: self.sum(PAYABLE, program, (first, until))?,
        })
    }

    fn sum(
        &mut self,
        query: &str,
        program: &ProgramCode,
        period: (NaiveDate, NaiveDate),
    ) -> Result<i64, Error> {
        let rows = self.rows(query, program, period)?;
        Ok(rows.first().map_or(0, |row| row.cents))
    }

    fn sums<W: Word>(
        &mut self,
        query: &str,
        program: &ProgramCode,
        period: (NaiveDate, NaiveDate),
    ) -> Result<Vec<(W, i64)>, Error> {
        let rows = self.rows(query, program, period)?;
        rows.into_iter().map(|row| Ok((word(&row.word)?, row.cents))).collect()
    }

    fn rows(
        &mut self,
        query: &str,
        program: &ProgramCode,
        (from, until): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Sum>, Error> {
        Ok(each_backend!(self.0.conn, |c| sql_query(query)
            .bind::<Text, _>(program.as_str())
            .bind::<Date, _>(from)
            .bind::<Date, _>(until)
            .load::<Sum>(c))?)
    }
}
