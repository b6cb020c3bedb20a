//! Purchase orders as they come in: as JSON, or as a file of lines.

use domain::{
    BadFact, OrganisationId,
    id::OrganisationKind,
    institution::Institution,
    program::ProgramCode,
    purchase_order::{MAX_CENTS, OrderLine, OrderState},
};
use persistence::{Optional, Tx};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    csv::Row,
    extract::{Cursor, Given, Limit},
    flows::order::NewOrder,
    openapi::words::{id_of, one_of},
    problem::Problem,
    v1::fields::{EmailAddress, Line, Name, no_card_numbers, no_cards},
};

/// One person whom an order pays for; a row of a file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderRow {
    /// The person's name, given names first.
    #[schema(example = "Ada Brook")]
    pub name: Name,
    /// An e-mail address of the person.
    pub email: EmailAddress,
    /// What the order pays for them: the fee quoted for that person. Cents.
    #[schema(minimum = 0, maximum = 100_000_000_000_i64, example = 35000)]
    pub amount_cents: i64,
}

impl From<&OrderRow> for OrderLine {
    fn from(row: &OrderRow) -> Self {
        Self {
            name: row.name.to_string(),
            email: row.email.to_string(),
            amount_cents: row.amount_cents,
        }
    }
}

/// A purchase order to hand in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePurchaseOrder {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// The institution that orders.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub institution_id: OrganisationId,
    /// The institution's own number of the order, once among its orders that are not cancelled.
    #[schema(example = "PO-2026-17")]
    pub number: Line,
    /// Whom it pays for, nobody twice.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<OrderRow>,
    /// The total: the sum of the lines. Cents.
    #[schema(minimum = 0, maximum = 100_000_000_000_i64, example = 35000)]
    pub total_cents: i64,
}

/// How an order is handed in; what a file cannot say of it.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    /// Answer what it would come to and store nothing.
    pub dry_run: Option<bool>,
    /// Of a file: the program's code, `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Of a file: the institution that orders.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub institution_id: Option<OrganisationId>,
    /// Of a file: the institution's own number of the order.
    pub number: Option<Line>,
    /// Of a file: the total. Cents.
    #[param(minimum = 0, maximum = 100_000_000_000_i64)]
    pub total_cents: Option<i64>,
}

/// Which purchase orders are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPurchaseOrders {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of an institution.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub institution_id: Option<OrganisationId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<OrderState>, required = false)]
    pub state: Option<OrderState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// An order as it was asked for, whatever its form.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) institution: OrganisationId,
    pub(super) order: NewOrder,
    program: ProgramCode,
    is_file: bool,
}

impl Asked {
    pub(super) fn of(
        query: &PlaceQuery,
        given: &Given<'_, CreatePurchaseOrder, OrderRow>,
    ) -> Result<Self, Problem> {
        let asked = match given {
            Given::Json(body) => Self::json(query, body)?,
            Given::Csv(rows) => Self::file(query, rows)?,
        };
        let lines = asked.order.lines.iter().zip(&asked.order.pointers);
        let texts: Vec<_> = lines
            .flat_map(|(line, pointer)| {
                [
                    (format!("{pointer}/name"), line.name.as_str()),
                    (format!("{pointer}/email"), line.email.as_str()),
                ]
            })
            .collect();
        no_cards(texts.iter().map(|(pointer, text)| (pointer.as_str(), *text)))?;
        Ok(asked)
    }

    fn json(query: &PlaceQuery, body: &CreatePurchaseOrder) -> Result<Self, Problem> {
        let beside = [
            ("program", query.program.is_some()),
            ("institution_id", query.institution_id.is_some()),
            ("number", query.number.is_some()),
            ("total_cents", query.total_cents.is_some()),
        ];
        if let Some((name, _)) = beside.iter().find(|(_, given)| *given) {
            return Err(Problem::query(name, "exclusive", "a JSON body says this itself."));
        }
        no_card_numbers([("/number", &*body.number)])?;
        Ok(Self {
            institution: body.institution_id,
            program: body.program.clone(),
            is_file: false,
            order: NewOrder {
                number: body.number.to_string(),
                lines: body.lines.iter().map(OrderLine::from).collect(),
                pointers: (0..body.lines.len()).map(|place| format!("/lines/{place}")).collect(),
                total_cents: body.total_cents,
            },
        })
    }

    fn file(query: &PlaceQuery, rows: &[Row<OrderRow>]) -> Result<Self, Problem> {
        let needed =
            |name| Problem::query(name, "required", "a file does not say this: give it here.");
        let number = query.number.as_ref().ok_or_else(|| needed("number"))?;
        if no_card_numbers([("", &**number)]).is_err() {
            return Err(Problem::query("number", "card_data", "this looks like a card number."));
        }
        let total_cents = query.total_cents.ok_or_else(|| needed("total_cents"))?;
        if !(0..=MAX_CENTS).contains(&total_cents) {
            let detail = format!("an amount is from 0 to {MAX_CENTS} cents.");
            return Err(Problem::query("total_cents", "out_of_range", detail));
        }
        Ok(Self {
            institution: query.institution_id.ok_or_else(|| needed("institution_id"))?,
            program: query.program.clone().unwrap_or_else(ProgramCode::lssc),
            is_file: true,
            order: NewOrder {
                number: number.to_string(),
                lines: rows.iter().map(|row| OrderLine::from(&row.value)).collect(),
                pointers: rows.iter().map(|row| format!("/{}", row.line)).collect(),
                total_cents,
            },
        })
    }

    /// The institution that orders: 422, of a file 400, where the program has none such.
    pub(super) fn institution(&self, tx: &mut Tx<'_>) -> Result<Institution, Problem> {
        let found = tx.institutions().get(self.institution).found()?;
        found.filter(|one| one.program == self.program).ok_or_else(|| {
            let detail = "There is no such institution in the program.";
            if self.is_file {
                Problem::query("institution_id", "unknown", detail)
            } else {
                BadFact::at("/institution_id", "unknown", detail).into()
            }
        })
    }
}
