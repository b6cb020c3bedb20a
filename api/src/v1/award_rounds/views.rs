//! Rounds of enrollment assistance as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    AssistanceId, AwardRoundId,
    access::{Action, Caller, Facts},
    award::{Assistance, AwardRound, MAX_PLACES, RoundState},
    id::{AssistanceKind, AwardRoundKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    flows::assistance::hash,
    hex,
    openapi::words::{id_of, one_of},
    v1::{
        actions,
        fields::{Line, Name},
    },
};

/// How a draw is held, for people who repeat it.
const ALGORITHM: &str = "For each ticket take SHA-256 of the seed, a colon and the ticket, in UTF-8. \
     Order the tickets by these hashes, the smallest first: that is their rank. Ranks up to the number of \
     places are granted.";

/// A round of enrollment assistance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AwardRoundView {
    /// Its id.
    #[schema(schema_with = id_of::<AwardRoundKind>)]
    pub id: AwardRoundId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its name.
    #[schema(example = "Spring 2026")]
    pub name: String,
    /// Where it stands today.
    #[schema(schema_with = one_of::<RoundState>)]
    pub state: RoundState,
    /// First day on which people can ask.
    pub opens_on: NaiveDate,
    /// Last day on which people can ask.
    pub closes_on: NaiveDate,
    /// How many are helped.
    pub places: i64,
    /// What each gets. Cents.
    #[schema(example = 17500)]
    pub amount_cents: i64,
    /// Where the seed of the draw comes from.
    pub seed_source: String,
    /// The seed of the draw, once it was held.
    pub seed: Option<String>,
    /// The day of the draw.
    pub drawn_on: Option<NaiveDate>,
    /// The version of the record.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl AwardRoundView {
    /// The round today, as `caller` sees it who was helped before or not.
    #[must_use]
    pub fn of(round: AwardRound, today: NaiveDate, caller: &Caller, helped: bool) -> Self {
        let own = Facts { owner: caller.person(), organisation: None };
        let offered = [
            (Action::RequestAssistance, "requests", round.request_findings(today, helped)),
            (Action::DrawAwardRound, "draw", vec![round.draw_finding(today)]),
        ];
        Self {
            actions: offered
                .into_iter()
                .filter(|(action, ..)| caller.may(*action, &own).is_ok())
                .map(|(action, path, findings)| {
                    let href = format!("/v1/award-rounds/{}/{path}", round.id);
                    actions::view(action, "POST", href, findings)
                })
                .collect(),
            id: round.id,
            state: round.state(today),
            program: round.program,
            name: round.name,
            opens_on: round.opens_on,
            closes_on: round.closes_on,
            places: round.places,
            amount_cents: round.amount_cents,
            seed_source: round.seed_source,
            seed: round.seed,
            drawn_on: round.drawn_on,
            version: round.version,
        }
    }
}

/// A round to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAwardRound {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Its name.
    pub name: Name,
    /// First day on which people can ask.
    pub opens_on: NaiveDate,
    /// Last day on which people can ask.
    pub closes_on: NaiveDate,
    /// How many are helped.
    #[schema(minimum = 1, maximum = 100_000)]
    pub places: i64,
    /// Where the seed will come from: a public number of a day after the round closes.
    #[schema(example = "The Illinois Lottery's Pick 4 Evening of 2026-04-01")]
    pub seed_source: Line,
}

const _: () = assert!(MAX_PLACES == 100_000, "the document says so");

/// The seed of a draw.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawAwardRound {
    /// The seed, as its source published it.
    pub seed: Line,
}

/// A ticket of a draw.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketView {
    /// The ticket: the id of a request.
    #[schema(schema_with = id_of::<AssistanceKind>)]
    pub ticket: AssistanceId,
    /// SHA-256 of the seed, a colon and the ticket, in hexadecimal digits; null before the draw.
    pub hash: Option<String>,
    /// Its place in the order of the hashes, from 1; null before the draw.
    pub rank: Option<i64>,
    /// Whether it is granted; null before the draw.
    pub granted: Option<bool>,
}

/// The draw of a round: everything that is needed to repeat it, and nobody's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AwardDrawView {
    /// The round.
    #[schema(schema_with = id_of::<AwardRoundKind>)]
    pub round_id: AwardRoundId,
    /// Where the round stands today.
    #[schema(schema_with = one_of::<RoundState>)]
    pub state: RoundState,
    /// How many are granted.
    pub places: i64,
    /// Where the seed comes from.
    pub seed_source: String,
    /// The seed, once the draw was held.
    pub seed: Option<String>,
    /// The day of the draw.
    pub drawn_on: Option<NaiveDate>,
    /// How the draw is held, in words.
    pub algorithm: &'static str,
    /// The tickets: by rank, before the draw in the order in which they were given out.
    pub tickets: Vec<TicketView>,
}

impl AwardDrawView {
    /// The draw of a round with its tickets.
    #[must_use]
    pub fn of(round: &AwardRound, tickets: &[Assistance], today: NaiveDate) -> Self {
        let mut tickets: Vec<TicketView> = tickets
            .iter()
            .map(|one| TicketView {
                ticket: one.id,
                hash: round.seed.as_ref().map(|seed| hex::of(&hash(seed, one.id))),
                rank: one.rank,
                granted: round.drawn_on.map(|_| one.granted_on.is_some()),
            })
            .collect();
        tickets.sort_by_key(|one| (one.rank, one.ticket));
        Self {
            round_id: round.id,
            state: round.state(today),
            places: round.places,
            seed_source: round.seed_source.clone(),
            seed: round.seed.clone(),
            drawn_on: round.drawn_on,
            algorithm: ALGORITHM,
            tickets,
        }
    }
}

/// Which rounds are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAwardRounds {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
