//! Lists of ALA memberships, as JSON or as files: many claims verified at once.

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact, MembershipId, PersonId,
    access::{Action, Facts},
    id::{MembershipKind, PersonKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    csv::MOST_ROWS,
    extract::{Given, JsonOrRows, Query},
    flows::{
        membership::{self, ImportOutcome, Judged, ListedMembership},
        program,
        rehearsal::rehearse,
    },
    openapi::words::id_of_or_null,
    problem::Problem,
    v1::fields::{Line, Name, no_card_numbers},
};

/// One membership of a list; a row of a file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembershipRow {
    /// The membership number.
    #[schema(example = "2041877")]
    pub number: Line,
    /// First day of validity.
    pub valid_from: NaiveDate,
    /// Last day of validity.
    pub valid_until: NaiveDate,
    /// The member's family name: compared, where it is given, with that of who claims the number.
    pub family_name: Option<Name>,
}

/// A list of memberships.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportMemberships {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// The memberships.
    #[schema(min_items = 1, max_items = 5000)]
    pub rows: Vec<MembershipRow>,
}

/// How a list is taken.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Answer what the list would come to and store nothing.
    pub dry_run: Option<bool>,
    /// Of a file: the program's code, `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
}

/// What one row came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportedRowView {
    /// Where the row is: a JSON Pointer as a URI fragment; of a file `#/` and the line of the file.
    #[schema(example = "#/rows/0")]
    pub pointer: String,
    /// The number that it gives.
    pub number: String,
    /// What it came to.
    pub outcome: ImportOutcome,
    /// The same in one sentence.
    pub message: &'static str,
    /// The claim that it met.
    #[schema(schema_with = id_of_or_null::<MembershipKind>)]
    pub membership_id: Option<MembershipId>,
    /// Whose claim that is.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The member price credited for invoices that were issued before. Cents.
    pub credited_cents: i64,
}

/// What a list came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MembershipImportView)]
pub struct ImportView {
    /// Whether nothing of it was stored.
    pub dry_run: bool,
    /// How many claims were verified.
    pub verified: usize,
    /// What was credited in all. Cents.
    pub credited_cents: i64,
    /// Every row, in order.
    pub rows: Vec<ImportedRowView>,
}

/// A list with where each row is.
struct Asked {
    program: ProgramCode,
    rows: Vec<ListedMembership>,
    pointers: Vec<String>,
}

fn listed(row: &MembershipRow) -> ListedMembership {
    ListedMembership {
        number: row.number.to_string(),
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        family_name: row.family_name.clone().map(String::from),
    }
}

impl Asked {
    fn of(
        query: &ImportQuery,
        given: &Given<'_, ImportMemberships, MembershipRow>,
    ) -> Result<Self, Problem> {
        let asked = Self::read(query, given)?;
        let rows = asked.rows.iter().zip(&asked.pointers);
        let numbers: Vec<_> = rows
            .map(|(row, pointer)| {
                (format!("{}/number", pointer.trim_start_matches('#')), &row.number)
            })
            .collect();
        no_card_numbers(
            numbers.iter().map(|(pointer, number)| (pointer.as_str(), number.as_str())),
        )?;
        Ok(asked)
    }

    fn read(
        query: &ImportQuery,
        given: &Given<'_, ImportMemberships, MembershipRow>,
    ) -> Result<Self, Problem> {
        match given {
            Given::Json(_) if query.program.is_some() => {
                Err(Problem::query("program", "exclusive", "a JSON body says this itself."))
            }
            Given::Json(body) if !(1..=MOST_ROWS).contains(&body.rows.len()) => {
                let detail = format!("A list has 1 to {MOST_ROWS} rows.");
                Err(BadFact::at("/rows", "length", detail).into())
            }
            Given::Json(body) => Ok(Self {
                program: body.program.clone(),
                rows: body.rows.iter().map(listed).collect(),
                pointers: (0..body.rows.len()).map(|place| format!("#/rows/{place}")).collect(),
            }),
            Given::Csv(rows) => Ok(Self {
                program: query.program.clone().unwrap_or_else(ProgramCode::lssc),
                rows: rows.iter().map(|row| listed(&row.value)).collect(),
                pointers: rows.iter().map(|row| format!("#/{}", row.line)).collect(),
            }),
        }
    }

    fn view(&self, judged: &[Judged], dry_run: bool) -> ImportView {
        let rows = self.rows.iter().zip(&self.pointers).zip(judged);
        let verified = |one: &&Judged| one.outcome == ImportOutcome::Verified;
        ImportView {
            dry_run,
            verified: judged.iter().filter(verified).count(),
            credited_cents: judged
                .iter()
                .fold(0, |sum, one| sum.saturating_add(one.credited_cents)),
            rows: rows
                .map(|((row, pointer), judged)| ImportedRowView {
                    pointer: pointer.clone(),
                    number: row.number.clone(),
                    outcome: judged.outcome,
                    message: judged.outcome.message(),
                    membership_id: judged.membership.map(|(id, _)| id),
                    person_id: judged.membership.map(|(_, person)| person),
                    credited_cents: judged.credited_cents,
                })
                .collect(),
        }
    }
}

/// Import a list of ALA memberships
///
/// Verifies the claims whose numbers the list shows, each row for itself, all in one transaction; the
/// answer tells what each row came to. Claims that the list does not show stay as they are. Late
/// verifications credit the member price (FAQ 21).
///
/// Send JSON, or a file of `text/csv` with the columns `number`, `valid_from`, `valid_until` and, if known,
/// `family_name`. `dry_run=true` answers the same and stores nothing. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", params(ImportQuery),
    request_body(content((ImportMemberships = "application/json"), (String = "text/csv")),
        description = "The list, or its rows as a file with the columns number, valid_from, valid_until, \
            family_name."),
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = ImportView)))]
#[post("/v1/memberships/import")]
pub(crate) async fn import_memberships(
    app: App,
    call: Call,
    query: Query<ImportQuery>,
    body: JsonOrRows<ImportMemberships, MembershipRow>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::ImportMemberships, &Facts::default())?;
            let asked = Asked::of(&query, &body.get()?)?;
            let program = program::named(tx, &asked.program)?;
            let rules = program::in_force(&app, tx, &program.code)?;
            let importer = call.caller().person();
            let dry_run = query.dry_run == Some(true);
            let judged = if dry_run {
                rehearse(tx, |tx| membership::import(tx, &rules, &asked.rows, importer))?
            } else {
                membership::import(tx, &rules, &asked.rows, importer)?
            };
            Ok(Reply::ok(&asked.view(&judged, dry_run)).private())
        })
        .await
}
