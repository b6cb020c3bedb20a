//! Purchase orders: an institution pays for its people (FAQ 22). Checked line by line, all or nothing.

mod order;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use order::*;

use crate::{
    ApplicationId, BadFact, Finding, all_satisfied, calendar::Faults, fees, person::fold_email,
    text, words,
};

words! {
    /// What an application that somebody is named for waits for.
    pub enum Payable {
        /// Its fee: the one state that an order can pay.
        Unpaid = "unpaid",
        /// Submission.
        NotSubmitted = "not_submitted",
        /// Nothing: the fee is settled.
        Paid = "paid",
        /// The payment of another order.
        Ordered = "ordered",
    }
}

/// The most lines of one order.
pub const MAX_LINES: usize = 1_000;
/// The most cents of one line and of a total.
pub const MAX_CENTS: i64 = crate::invoice::MAX_PAYMENT_CENTS;

/// One person whom the order pays for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// The person's name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// What is paid. Cents.
    pub amount_cents: i64,
}

/// An application that a line could be for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The application.
    pub application: ApplicationId,
    /// The person's name.
    pub name: String,
    /// Every verified or stated e-mail address of the person.
    pub emails: Vec<String>,
    /// What the application waits for.
    pub state: Payable,
    /// The fee quoted for that person. Cents.
    pub quoted_cents: i64,
}

/// What one line came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineCheck {
    /// The application that it pays, where exactly one was found.
    pub application: Option<ApplicationId>,
    /// The fee quoted for that person. Cents.
    pub expected_cents: Option<i64>,
    /// What the line says. Cents.
    pub actual_cents: i64,
    /// Why.
    pub findings: Vec<Finding>,
}

/// What the order came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderCheck {
    /// Whether it can be accepted; otherwise nothing of it is stored.
    pub accepted: bool,
    /// One check for each line, in order.
    pub lines: Vec<LineCheck>,
    /// The sum of the lines. Cents.
    pub expected_total_cents: i64,
    /// The total that the order states. Cents.
    pub actual_total_cents: i64,
    /// On the order as a whole.
    pub findings: Vec<Finding>,
}

/// Checks an order (FAQ 22): every line matches a submitted, unpaid application by e-mail and name,
/// its amount is the fee quoted for that person, and the total is the sum of the lines. Bad facts: no
/// lines or too many, amounts out of range, two lines for one e-mail address.
pub fn check(
    lines: &[OrderLine],
    total_cents: i64,
    candidates: &[Candidate],
    currency: &str,
) -> Result<OrderCheck, Vec<BadFact>> {
    let sum = check_facts(lines, total_cents)?;
    let mut by_address: BTreeMap<String, Vec<&Candidate>> = BTreeMap::new();
    for one in candidates {
        let addresses: BTreeSet<_> = one.emails.iter().map(|email| fold_email(email)).collect();
        for address in addresses {
            by_address.entry(address).or_default().push(one);
        }
    }
    let mut checks: Vec<LineCheck> =
        lines.iter().map(|line| check_line(line, &by_address, currency)).collect();
    find_repeated(&mut checks);
    let money = |cents| text::money(cents, currency);
    let total = Finding {
        rule: "purchase_order.total".into(),
        satisfied: sum == total_cents,
        required: money(sum),
        actual: money(total_cents),
        message: format!(
            "The lines come to {}, the order states {}.",
            money(sum),
            money(total_cents)
        ),
        source: "FAQ 22".into(),
    };
    let accepted = total.satisfied && checks.iter().all(|line| all_satisfied(&line.findings));
    Ok(OrderCheck {
        accepted,
        lines: checks,
        expected_total_cents: sum,
        actual_total_cents: total_cents,
        findings: vec![total],
    })
}

fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The sum of the lines of an order that can be one, before anybody is looked for. Bad facts as of
/// [`check`].
pub fn check_facts(lines: &[OrderLine], total_cents: i64) -> Result<i64, Vec<BadFact>> {
    let mut faults = Faults::default();
    if lines.is_empty() || lines.len() > MAX_LINES {
        faults.add("/lines", "length", format!("An order has 1 to {MAX_LINES} lines."));
    }
    let range = format!("An amount is from 0 to {MAX_CENTS} cents.");
    if !(0..=MAX_CENTS).contains(&total_cents) {
        faults.add("/total_cents", "out_of_range", range.clone());
    }
    let mut emails = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        if !(0..=MAX_CENTS).contains(&line.amount_cents) {
            faults.add(format!("/lines/{index}/amount_cents"), "out_of_range", range.clone());
        }
        if !emails.insert(fold_email(&line.email)) {
            let detail = "Another line is for this e-mail address.";
            faults.add(format!("/lines/{index}/email"), "duplicate", detail);
        }
    }
    let sum = fees::sum(lines.iter().map(|line| line.amount_cents));
    if sum.is_none() {
        faults.add("/lines", "out_of_range", "The sum of the lines is too large.");
    }
    faults.none().map(|()| sum.unwrap_or_default())
}

/// Two addresses of one person are one application: the second line that names it is told so.
fn find_repeated(checks: &mut [LineCheck]) {
    let mut seen = BTreeSet::new();
    for check in checks {
        let Some(application) = check.application else { continue };
        if !seen.insert(application) {
            check.findings.push(Finding::new(
                "purchase_order.line_once",
                "FAQ 22",
                false,
                "one line for a person",
                "another line names the same application",
                "An order pays for each person once.",
            ));
        }
    }
}

fn check_line(
    line: &OrderLine,
    by_address: &BTreeMap<String, Vec<&Candidate>>,
    currency: &str,
) -> LineCheck {
    let by_email = by_address.get(&fold_email(&line.email)).map(Vec::as_slice).unwrap_or_default();
    let by_name: Vec<&Candidate> =
        by_email.iter().copied().filter(|one| same(&one.name, &line.name)).collect();
    let found = match by_name.as_slice() {
        [only] => Some(*only),
        _ => by_name.iter().copied().find(|one| one.state == Payable::Unpaid),
    };
    let actual = match (found, by_email.is_empty()) {
        (Some(one), _) => {
            format!("an application that is {}", one.state.to_string().replace('_', " "))
        }
        (None, false) => "an application under another name".to_owned(),
        (None, true) => "no application".to_owned(),
    };
    let matched = Finding {
        rule: "purchase_order.line_matches".into(),
        satisfied: found.is_some_and(|one| one.state == Payable::Unpaid),
        required: "a submitted, unpaid application of this name and e-mail address".to_owned(),
        message: format!("For {} <{}> there is {actual}.", line.name, line.email),
        actual,
        source: "FAQ 22".into(),
    };
    let money = |cents| text::money(cents, currency);
    let amount = found.map(|one| Finding {
        rule: "purchase_order.line_amount".into(),
        satisfied: one.quoted_cents == line.amount_cents,
        required: money(one.quoted_cents),
        actual: money(line.amount_cents),
        message: format!(
            "The fee of {} is {}, the line pays {}.",
            line.name,
            money(one.quoted_cents),
            money(line.amount_cents)
        ),
        source: "FAQ 21".into(),
    });
    LineCheck {
        application: found.map(|one| one.application),
        expected_cents: found.map(|one| one.quoted_cents),
        actual_cents: line.amount_cents,
        findings: [matched].into_iter().chain(amount).collect(),
    }
}
