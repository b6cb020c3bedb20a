//! What something costs a person on a day, and what is taken off (FAQ 21).

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    PersonId,
    access::{Action, Facts},
    fees::{self, Deductions, Item},
    id::PersonKind,
    ledger::Payer,
    policy::FeeCode,
    program::ProgramCode,
};
use persistence::{Error, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::{AsOf, PathOf, Query},
    flows::{money, program},
    openapi::words::id_of,
    problem::Problem,
    v1::{evaluations::fees::FeeLine, fields::Term},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(quote_fees);
}

/// What is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QuoteQuery {
    /// The program, `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The day whose schedule holds, today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub on: Option<AsOf>,
    /// What to pay for: codes of fees with commas between, each with its number after a colon where that
    /// is not 1. `application` when left out.
    #[param(example = "application,portfolio:6")]
    pub items: Option<Term>,
}

/// What is taken off. Cents.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct DeductionsView {
    /// Enrollment assistance that was granted and not used, for the application fee.
    #[schema(example = 17500)]
    pub assistance_cents: i64,
    /// Credit of the person.
    pub credit_cents: i64,
}

/// What something costs a person on a day. Amounts are integer cents of `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeeQuoteView {
    /// Who pays.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The day.
    pub on: NaiveDate,
    /// The version of the policy whose schedule holds.
    pub policy_version: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// One line for each item, in their order.
    pub lines: Vec<FeeLine>,
    /// The sum of the lines.
    pub total_cents: i64,
    /// Why the member price holds or does not.
    pub member: FindingView,
    /// What is taken off today.
    pub deductions: DeductionsView,
    /// What is left to pay.
    pub due_cents: i64,
}

/// The items of the query.
fn items(asked: Option<&Term>) -> Result<Vec<Item>, Problem> {
    let Some(asked) = asked else {
        return Ok(vec![Item { code: FeeCode::Application, quantity: 1 }]);
    };
    let item = |text: &str| {
        let (code, quantity) = text.split_once(':').unwrap_or((text, "1"));
        Some(Item { code: code.trim().parse().ok()?, quantity: quantity.trim().parse().ok()? })
    };
    asked.split(',').map(item).collect::<Option<Vec<_>>>().ok_or_else(|| {
        let detail =
            "codes of fees with commas between, like application,portfolio:6, are expected.";
        Problem::query("items", "format", detail)
    })
}

/// Quote fees for a person
///
/// What the items cost on a day by the schedule in force then, itemised, with why the ALA member price
/// applies or does not, less granted enrollment assistance and credit.
#[utoipa::path(tag = "Money", params(QuoteQuery), responses((status = 200, body = FeeQuoteView)))]
#[get("/v1/people/{person_id}/fee-quote")]
pub(crate) async fn quote_fees(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<QuoteQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::QuoteFees, &Facts::of_person(*id))?;
            tx.people().get(*id)?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let Some(program) = program::asked(tx, &code)? else {
                return Err(Problem::query("program", "unknown", format!("there is no {code}.")));
            };
            let items = items(query.items.as_ref())?;
            let on = AsOf::or(query.on, app.today(&program));
            let view = quote(tx, *id, program.code, on, &items)?;
            Ok(Reply::ok(&view).private())
        })
        .await
}

fn quote(
    tx: &mut Tx<'_>,
    person: PersonId,
    program: ProgramCode,
    on: NaiveDate,
    items: &[Item],
) -> Result<FeeQuoteView, Problem> {
    let version = tx.programs().policy_on(&program, on).map_err(|error| match error {
        Error::NotFound => Problem::nothing_in_force(on),
        other => other.into(),
    })?;
    let mut memberships = tx.memberships().of(person)?;
    memberships.retain(|one| one.program == program);
    let member = fees::member_finding(&memberships, on);
    let quote = fees::quote(member.satisfied, items, &version.policy.fees).map_err(|bad| {
        let detail: Vec<_> = bad.into_iter().map(|fact| fact.detail).collect();
        Problem::query("items", "out_of_range", detail.join(" "))
    })?;
    let granted = tx.assistance().granted_of(&program, person)?;
    let offered = Deductions {
        assistance_cents: granted.map_or(0, |granted| granted.amount_cents),
        credit_cents: money::credit_of(tx, &program, Payer::Person(person))?,
    };
    let (taken, due_cents) = fees::deduct(&quote, offered);
    let line = |line: fees::QuoteLine| FeeLine {
        code: line.code,
        quantity: line.quantity,
        unit_cents: line.unit_cents,
        amount_cents: line.amount_cents,
    };
    Ok(FeeQuoteView {
        person_id: person,
        program,
        on,
        policy_version: version.version,
        currency: quote.currency,
        lines: quote.lines.into_iter().map(line).collect(),
        total_cents: quote.total_cents,
        member: member.into(),
        deductions: DeductionsView {
            assistance_cents: taken.assistance_cents,
            credit_cents: taken.credit_cents,
        },
        due_cents,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(text: &str) -> Option<Vec<(FeeCode, i64)>> {
        let term: Term = serde_json::from_value(text.into()).unwrap();
        let items = items(Some(&term)).ok()?;
        Some(items.iter().map(|item| (item.code, item.quantity)).collect())
    }

    #[test]
    fn items_are_codes_with_numbers() {
        let both = vec![(FeeCode::Application, 1), (FeeCode::Portfolio, 6)];
        assert_eq!(read("application,portfolio:6"), Some(both));
        assert_eq!(read("renewal"), Some(vec![(FeeCode::Renewal, 1)]));
        for bad in ["", "application,", "application:x", "application:1:2", "fee", "portfolio:9e9"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
