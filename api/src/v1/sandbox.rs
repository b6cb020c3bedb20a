//! The sandbox's clock: a story of years in an afternoon. Real servers have none of this.

use actix_web::{get, put};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    BadFact,
    access::{Action, Facts},
    event::Event,
    program::ProgramCode,
    sandbox::{LAST_YEAR, NotMoved, SUBJECT, SandboxClock},
};
use persistence::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, IfMatch},
    flows::{program, sandbox},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(get_sandbox_clock).service(set_sandbox_clock);
}

/// What the clock shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SandboxClock)]
pub struct SandboxClockView {
    /// What it shows: the instant by which everything in the sandbox is judged.
    pub now: DateTime<Utc>,
    /// The day that it is then in the zone of LSSC.
    pub today: NaiveDate,
    /// How far it is ahead of the machine's clock. Seconds.
    #[schema(minimum = 0, example = 126_230_400)]
    pub ahead_s: i64,
    /// When it was moved last, by the machine's clock; null when it never was.
    pub moved_at: Option<DateTime<Utc>>,
}

/// Where to move the clock: exactly one of the two.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSandboxClock {
    /// The instant that it shows then: later than what it shows now, and before 2191.
    #[serde(default)]
    #[schema(example = "2030-03-02T15:00:00Z")]
    pub now: Option<DateTime<Utc>>,
    /// By how many days it goes ahead.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60_000, example = 365)]
    pub advance_days: Option<i64>,
}

/// The most days of one move.
const MOST_DAYS: i64 = 60_000;

impl SetSandboxClock {
    /// Where it says how far.
    fn pointer(&self) -> String {
        if self.advance_days.is_some() { "/advance_days" } else { "/now" }.to_owned()
    }
    /// The instant that is asked for, of a clock that shows `now`.
    fn to(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, BadFact> {
        let days = |days: i64| -> Result<DateTime<Utc>, BadFact> {
            let there = (1..=MOST_DAYS).contains(&days);
            let to = TimeDelta::try_days(days).and_then(|by| now.checked_add_signed(by));
            to.filter(|_| there).ok_or_else(|| {
                let detail =
                    format!("From 1 to {MOST_DAYS} days, to the end of {LAST_YEAR} at most.");
                BadFact::at("/advance_days", "out_of_range", detail)
            })
        };
        match (self.now, self.advance_days) {
            (Some(to), None) => Ok(to),
            (None, Some(count)) => days(count),
            (Some(_), Some(_)) => {
                Err(BadFact::at("/advance_days", "exclusive", "Say now or advance_days, not both."))
            }
            (None, None) => Err(BadFact::at("/now", "required", "Say now or advance_days.")),
        }
    }
}

/// 404 where the clock cannot be moved: on every server but a sandbox's.
fn only_in_a_sandbox(app: &App) -> Result<(), Problem> {
    app.clock.ahead().map(drop).ok_or_else(Problem::not_found)
}

fn answer(app: &App, tx: &mut Tx<'_>, clock: SandboxClock) -> Result<Reply, Problem> {
    let now = clock.shows(app.machine());
    let lssc = program::named(tx, &ProgramCode::lssc())?;
    let view = SandboxClockView {
        now,
        today: crate::clock::business_day(now, &lssc),
        ahead_s: clock.ahead.num_seconds(),
        moved_at: clock.moved_at,
    };
    Ok(Reply::ok(&view).etag(clock.version).no_store())
}

/// Read the sandbox's clock
///
/// On a server that is no sandbox there is none: 404. The entity tag changes when it is moved, not while it runs.
#[utoipa::path(tag = "Administration", extensions(("x-problems" = json!([404]))),
    responses((status = 200, body = SandboxClockView)))]
#[get("/v1/sandbox/clock")]
pub(crate) async fn get_sandbox_clock(app: App, call: Call) -> Result<Reply, Problem> {
    only_in_a_sandbox(&app)?;
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetSandboxClock, &Facts::default())?;
            let clock = tx.sandbox_clock().get()?;
            answer(&app, tx, clock)
        })
        .await
}

/// Move the sandbox's clock
///
/// Forward only, to an instant (`now`) or by days (`advance_days`): 409 otherwise. Everything that is judged by
/// the day is judged by the new one at once: statuses, deadlines, reminders, what workers see to. It is kept
/// when the sandbox is started again. Tokens, sessions and idempotency keys end by the machine's own clock,
/// which is not moved: whoever is signed in stays signed in. On a server that is no sandbox there is no clock:
/// 404. Needs `If-Match`.
#[utoipa::path(tag = "Administration", request_body = SetSandboxClock,
    extensions(("x-problems" = json!([404]))),
    responses((status = 200, body = SandboxClockView)))]
#[put("/v1/sandbox/clock")]
pub(crate) async fn set_sandbox_clock(
    app: App,
    call: Call,
    body: Body<SetSandboxClock>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    only_in_a_sandbox(&app)?;
    let there = app.clone();
    let moved = app
        .change(&call, move |tx, call| {
            call.allow(Action::SetSandboxClock, &Facts::default())?;
            let clock = tx.sandbox_clock().get()?;
            let machine = there.machine();
            let asked = body.get()?;
            let to = asked.to(clock.shows(machine))?;
            seen.check(clock.version)?;
            let (mut clock, fact) = clock.move_to(to, machine).map_err(|why| match why {
                NotMoved::Bad(fault) => {
                    Problem::from(BadFact { pointer: asked.pointer(), ..fault })
                }
                NotMoved::Refused(refused) => refused.into(),
            })?;
            tx.sandbox_clock().save(&mut clock)?;
            let subject = SUBJECT.to_owned();
            tx.record(Event { program: None, subject, person: None, fact })?;
            answer(&there, tx, clock)
        })
        .await?;
    sandbox::follow(&app).await?;
    Ok(moved)
}
