//! The chart of accounts with its balances.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
    ledger::{AccountKind, Sums},
    program::ProgramCode,
    word::Word,
    words,
};
use persistence::Moved;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked;
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{AsOf, Query},
    openapi::words::one_of,
    problem::Problem,
};

words! {
    /// What an account is.
    pub enum AccountClass {
        /// What the program has, or is owed.
        Asset = "asset",
        /// What the program owes.
        Liability = "liability",
        /// What the program earns, and what takes from that.
        Income = "income",
        /// What the program spends.
        Expense = "expense",
    }
}

words! {
    /// The side of an account on which it grows.
    pub enum NormalSide {
        /// Debits add to it.
        Debit = "debit",
        /// Credits add to it.
        Credit = "credit",
    }
}

/// What an account is, on which side it grows, and what stands in it.
#[must_use]
pub fn described(kind: AccountKind) -> (AccountClass, NormalSide, &'static str) {
    use AccountClass::{Asset, Expense, Income, Liability};
    use NormalSide::{Credit, Debit};
    match kind {
        AccountKind::CashCard => {
            (Asset, Debit, "Money that came in and went out by card, at the outside processor.")
        }
        AccountKind::CashCheck => (Asset, Debit, "Money that came in and went out by check."),
        AccountKind::Receivable => {
            (Asset, Debit, "What invoices ask for and nobody has paid yet; one account a payer.")
        }
        AccountKind::OrdersPending => (
            Liability,
            Credit,
            "What accepted purchase orders will pay for people; one an institution.",
        ),
        AccountKind::CustomerCredit => {
            (Liability, Credit, "Money that belongs to no invoice yet; one account a payer.")
        }
        AccountKind::Payable => (Liability, Credit, "What is to be paid out; one account a payer."),
        AccountKind::RevenueApplication => (Income, Credit, "Application fees."),
        AccountKind::RevenuePortfolio => (Income, Credit, "Portfolio fees."),
        AccountKind::RevenueCourseApproval => (Income, Credit, "Fees for the review of courses."),
        AccountKind::RevenueCourseApprovalRenewal => {
            (Income, Credit, "Fees for the review of courses whose approval ends.")
        }
        AccountKind::RevenueRenewal => (Income, Credit, "Fees for renewals."),
        AccountKind::RevenueLateRenewal => {
            (Income, Credit, "Fees for renewals within the grace period.")
        }
        AccountKind::FeesReturned => {
            (Income, Debit, "Fees that were returned: taken from what was earned.")
        }
        AccountKind::MemberDifferences => {
            (Income, Debit, "Member prices credited after the fact: taken from what was earned.")
        }
        AccountKind::EnrollmentAssistance => (Expense, Debit, "Enrollment assistance."),
        AccountKind::CourseSubsidies => (Expense, Debit, "Subsidies of courses."),
    }
}

/// One account with its balance. Where every payer has one of their own, it is the sum over all of them.
/// Amounts are integer cents.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LedgerAccountView)]
pub struct AccountView {
    /// The account.
    #[schema(schema_with = one_of::<AccountKind>)]
    pub account: AccountKind,
    /// What it is.
    #[schema(schema_with = one_of::<AccountClass>)]
    pub class: AccountClass,
    /// The side on which it grows.
    #[schema(schema_with = one_of::<NormalSide>)]
    pub normal_side: NormalSide,
    /// What stands in it.
    pub description: &'static str,
    /// Whether every payer has one of their own.
    pub is_of_a_payer: bool,
    /// The sum of its debits.
    pub debit_cents: i64,
    /// The sum of its credits.
    pub credit_cents: i64,
    /// Debits less credits: negative where credits are more.
    pub balance_cents: i64,
}

/// The accounts of a program as of a day. Amounts are integer cents of `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountsView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The last day that counts.
    pub as_of: NaiveDate,
    /// Every account, in the order of the chart.
    pub accounts: Vec<AccountView>,
    /// The sum of all balances: always 0.
    #[schema(example = 0)]
    pub total_cents: i64,
}

/// The sums of the kinds of accounts; 500 where one leaves 64 bits.
pub(super) fn sums(moved: &[Moved]) -> Result<BTreeMap<AccountKind, Sums>, Problem> {
    let mut sums: BTreeMap<AccountKind, Sums> = BTreeMap::new();
    for one in moved {
        let debit = &mut sums.entry(one.debit).or_default().debit_cents;
        *debit = added(*debit, one.cents)?;
        let credit = &mut sums.entry(one.credit).or_default().credit_cents;
        *credit = added(*credit, one.cents)?;
    }
    Ok(sums)
}

/// A sum of stored amounts, which never wraps.
pub(super) fn added(sum: i64, cents: i64) -> Result<i64, Problem> {
    sum.checked_add(cents).ok_or_else(|| Problem::internal("a sum of the ledger leaves 64 bits"))
}

/// Which accounts are listed, and as of when.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLedgerAccounts {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The last day that counts; today when left out.
    pub as_of: Option<AsOf>,
}

/// List the accounts of the ledger
///
/// Every account of the chart, with its class, what stands in it, and its debits, credits and balance as
/// of a day. The sum of all balances is always 0. Amounts are integer cents.
#[utoipa::path(tag = "Money", params(ListLedgerAccounts),
    responses((status = 200, body = AccountsView)))]
#[get("/v1/ledger/accounts")]
pub(crate) async fn list_ledger_accounts(
    app: App,
    call: Call,
    query: Query<ListLedgerAccounts>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::ListLedgerAccounts, &Facts::default())?;
            let program = asked(tx, query.program.as_ref())?;
            let today = app.today(&program);
            let as_of = AsOf::or(query.as_of, today);
            let policy = tx.programs().policy_on(&program.code, today)?.policy;
            let sums = sums(&tx.books().moved(&program.code, None, as_of)?)?;
            let mut total_cents = 0_i64;
            let mut accounts = Vec::with_capacity(AccountKind::ALL.len());
            for account in AccountKind::ALL {
                let (class, normal_side, description) = described(*account);
                let sum = sums.get(account).copied().unwrap_or_default();
                total_cents = added(total_cents, sum.balance_cents())?;
                accounts.push(AccountView {
                    account: *account,
                    class,
                    normal_side,
                    description,
                    is_of_a_payer: account.is_of_a_payer(),
                    debit_cents: sum.debit_cents,
                    credit_cents: sum.credit_cents,
                    balance_cents: sum.balance_cents(),
                });
            }
            let currency = policy.fees.currency;
            let view =
                AccountsView { program: program.code, currency, as_of, accounts, total_cents };
            Ok(Reply::ok(&view).private())
        })
        .await
}
