//! What an order that is handed in comes to, line by line (FAQ 22).

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ApplicationId, BadFact, InvoiceId, all_satisfied,
    application::ApplicationState,
    fees::{self, Item},
    invoice::Invoice,
    person::fold_email,
    policy::FeeCode,
    purchase_order::{self, Candidate, LineCheck, OrderCheck, OrderLine, Payable},
};
use persistence::{Payee, Tx};

use crate::{
    answer::FindingView,
    flows::{money, program::InForce},
    problem::{Kind, LineResult, Problem},
};

/// An order as it is handed in.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// The institution's own number of it.
    pub number: String,
    /// Whom it pays for.
    pub lines: Vec<OrderLine>,
    /// Where each line is: a JSON Pointer into the body, of a file a slash and the line.
    pub pointers: Vec<String>,
    /// The total that it states, in cents.
    pub total_cents: i64,
}

impl NewOrder {
    /// One line alone, as a swap brings it.
    pub(super) fn of_one(number: String, line: OrderLine) -> Self {
        let total_cents = line.amount_cents;
        Self { number, lines: vec![line], pointers: vec![String::new()], total_cents }
    }

    /// Bad facts of lines, each pointed at where the line is; the total of a swap is its amount.
    fn faults(&self, bad: Vec<BadFact>) -> Vec<BadFact> {
        let alone = self.pointers.as_slice() == [String::new()];
        let place = |mut fact: BadFact| {
            let Some(rest) = fact.pointer.strip_prefix("/lines") else { return fact };
            let (index, field) = match rest.trim_start_matches('/').split_once('/') {
                Some((index, field)) => (index.parse::<usize>().ok(), format!("/{field}")),
                None => (None, String::new()),
            };
            if let Some(pointer) = index.and_then(|index| self.pointers.get(index)) {
                fact.pointer = format!("{pointer}{field}");
            }
            fact
        };
        let told = |fact: &BadFact| !(alone && fact.pointer == "/total_cents");
        bad.into_iter().filter(told).map(place).collect()
    }
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What every line and the whole came to.
    pub check: OrderCheck,
    /// The applications that were considered.
    pub payees: BTreeMap<ApplicationId, Payee>,
    /// Those of them that another order is going to pay.
    pub ordered: BTreeSet<ApplicationId>,
    /// Their invoices, held until the end of the write.
    pub invoices: BTreeMap<InvoiceId, Invoice>,
}

/// Checks an order against the applications and invoices as they stand.
pub fn check(tx: &mut Tx<'_>, rules: &InForce, new: &NewOrder) -> Result<Checked, Problem> {
    let currency = &rules.policy.fees.currency;
    // Bad facts first: nothing is looked up for an order that cannot be one.
    purchase_order::check_facts(&new.lines, new.total_cents).map_err(|bad| new.faults(bad))?;
    let emails: Vec<String> = new.lines.iter().map(|line| fold_email(&line.email)).collect();
    let payees = tx.purchase_orders().payables(&rules.program.code, &emails)?;
    let mut ids: Vec<InvoiceId> = payees.iter().filter_map(|payee| payee.invoice).collect();
    ids.sort_unstable();
    let found = tx.invoices().load_all(&ids)?;
    let invoices: BTreeMap<_, _> = found.into_iter().map(|one| (one.id, one)).collect();
    let mut candidates = Vec::with_capacity(payees.len());
    for payee in &payees {
        let invoice = payee.invoice.and_then(|id| invoices.get(&id));
        candidates.extend(candidate(tx, rules, payee, invoice)?);
    }
    let check = purchase_order::check(&new.lines, new.total_cents, &candidates, currency)
        .map_err(|bad| new.faults(bad))?;
    let payees = payees.into_iter().map(|payee| (payee.application, payee)).collect();
    let ordered = candidates.iter().filter(|one| one.state == Payable::Ordered);
    let ordered = ordered.map(|one| one.application).collect();
    Ok(Checked { check, payees, ordered, invoices })
}

/// What an application waits for and what is quoted for it; none for one that came to nothing.
fn candidate(
    tx: &mut Tx<'_>,
    rules: &InForce,
    payee: &Payee,
    invoice: Option<&Invoice>,
) -> Result<Option<Candidate>, Problem> {
    use ApplicationState::{
        Accepted, Draft, InReview, NeedsInformation, Refused, Submitted, Withdrawn,
    };
    let (state, quoted_cents) = match (payee.state, invoice) {
        (Refused | Withdrawn, _) => return Ok(None),
        (Draft, _) | (_, None) => (Payable::NotSubmitted, quoted(tx, rules, payee)?),
        (_, Some(invoice)) if invoice.balance_cents() == 0 => (Payable::Paid, invoice.total_cents),
        (_, Some(invoice)) if invoice.is_ordered() => (Payable::Ordered, invoice.balance_cents()),
        // An accepted one owes again when its payment was reversed.
        (Submitted | InReview | NeedsInformation | Accepted, Some(invoice)) => {
            (Payable::Unpaid, invoice.balance_cents())
        }
    };
    Ok(Some(Candidate {
        application: payee.application,
        name: payee.name.clone(),
        emails: payee.emails.clone(),
        state,
        quoted_cents,
    }))
}

/// The application fee that somebody would be asked for today.
fn quoted(tx: &mut Tx<'_>, rules: &InForce, payee: &Payee) -> Result<i64, Problem> {
    let item = Item { code: FeeCode::Application, quantity: 1 };
    let lines = money::priced(tx, rules, payee.person, &[item])?;
    Ok(fees::sum(lines.iter().map(|line| line.amount_cents)).unwrap_or_default())
}

impl Checked {
    /// Whether a line names somebody whom another order is going to pay for: not what the line says is
    /// in the way, but what somebody else did first.
    pub(super) fn is_taken(&self, line: &LineCheck) -> bool {
        line.application.is_some_and(|application| self.ordered.contains(&application))
    }
}

/// What every line came to, pointed at.
#[must_use]
pub fn results(new: &NewOrder, check: &OrderCheck) -> Vec<LineResult> {
    let lines = new.lines.iter().zip(&new.pointers).zip(&check.lines);
    lines
        .map(|((line, pointer), judged)| LineResult {
            pointer: format!("#{pointer}"),
            name: line.name.clone(),
            email: line.email.clone(),
            accepted: all_satisfied(&judged.findings),
            // A line that is refused tells nothing of whose application it found.
            application_id: judged.application.filter(|_| all_satisfied(&judged.findings)),
            expected_cents: judged.expected_cents,
            actual_cents: judged.actual_cents,
            findings: judged.findings.iter().cloned().map(FindingView::from).collect(),
        })
        .collect()
}

/// The refusal of an order, with what every line came to: 409 where only other orders for the same people
/// are in the way, 422 where the order says what is not so.
#[must_use]
pub fn refusal(new: &NewOrder, checked: &Checked) -> Problem {
    let check = &checked.check;
    let bad: Vec<&LineCheck> =
        check.lines.iter().filter(|line| !all_satisfied(&line.findings)).collect();
    let unmet = bad.iter().flat_map(|line| &line.findings).filter(|one| !one.satisfied);
    let first = unmet.clone().chain(&check.findings).find(|one| !one.satisfied);
    let detail = format!(
        "{} of {} lines cannot be accepted, so nothing was stored. {}",
        bad.len(),
        check.lines.len(),
        first.map_or("", |finding| finding.message.as_str()),
    );
    let taken = all_satisfied(&check.findings) && bad.iter().all(|line| checked.is_taken(line));
    let kind = if taken { Kind::StateConflict } else { Kind::RuleNotMet };
    let findings = check.findings.iter().chain(unmet).cloned().collect();
    Problem::new(kind, detail.trim().to_owned())
        .with_findings(findings)
        .with_lines(results(new, check))
}
