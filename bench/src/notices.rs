//! The look through the dates that come nearer, over certificates whose terms end on every day of four years.

use std::time::Instant;

use api::{
    config::{Config, RateLimit},
    flows::notice::dates,
    serve::{self, Deps},
};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use domain::{certificate::CertificateNumber, program::ProgramCode};

use crate::{
    Outcome,
    dialect::Dialect,
    raw,
    report::{Figure, Report},
};

/// Days over which the terms end.
const DAYS: u64 = 1461;

/// Measures three looks: when everybody whose term ends within a year is to be told, when nobody is, and when a
/// day has passed.
pub(crate) async fn measure(
    report: &mut Report,
    dialect: Dialect,
    url: String,
    holders: u64,
) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let config = Config {
        data_dir: folder.path().to_owned(),
        database_url: Some(url.clone()),
        rate_limit: RateLimit::Off,
        log: "warn".to_owned(),
        ..Config::default()
    };
    let app = serve::prepare(config, Deps::default(), String::new()).await?;
    tokio::task::block_in_place(|| make(dialect, &url, holders))?;
    let place = format!("{dialect}, {holders} certificates");
    for name in
        ["look: everything due is new", "look: nothing is due", "look: nothing is due, again"]
    {
        let began = Instant::now();
        let look = dates::look(&app, "bench").await.map_err(|problem| raw::told(&problem))?;
        let seconds = began.elapsed().as_secs_f64();
        println!("{place}: {name}: {} notices, {seconds:.3} s", look.made);
        report.note(&place, name, Figure::P50, seconds * 1000.0);
    }
    Ok(())
}

/// Runs statements on an open connection.
type Run = Box<dyn FnMut(&str) -> Outcome<()>>;

/// The holders, past the application; what their certificates rest on is left out.
fn make(dialect: Dialect, url: &str, holders: u64) -> Outcome<()> {
    let mut run: Run = match dialect {
        Dialect::Sqlite => {
            let mut c = SqliteConnection::establish(url.trim_start_matches("sqlite:"))?;
            c.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF")?;
            Box::new(move |sql| Ok(c.batch_execute(sql)?))
        }
        Dialect::Postgres => {
            let mut c = PgConnection::establish(url)?;
            c.batch_execute("SET session_replication_role = replica")?;
            Box::new(move |sql| Ok(c.batch_execute(sql)?))
        }
    };
    run("BEGIN")?;
    let mut first = 0;
    while first < holders {
        let next = holders.min(first + 5_000);
        run(&rows(dialect, first, next))?;
        first = next;
    }
    run("COMMIT")?;
    run(if dialect == Dialect::Postgres { "VACUUM ANALYZE" } else { "ANALYZE" })
}

/// The `n`th of them ends its term on the `n`th day of four years from today, in turn.
fn rows(dialect: Dialect, first: u64, next: u64) -> String {
    let number = |n: u64| {
        let bits = u32::try_from(n & 0x3fff_ffff).unwrap_or(0);
        CertificateNumber::from_random(&ProgramCode::lssc(), 2025, bits)
    };
    let values: Vec<_> = (first..next).map(|n| format!("({n}, '{}')", number(n))).collect();
    let id = |kind: u8| match dialect {
        Dialect::Sqlite => format!("printf('{kind:08x}-0000-7000-8000-%012x', column1)"),
        Dialect::Postgres => {
            let digits = "lpad(to_hex(column1), 12, '0')";
            format!("('{kind:08x}-0000-7000-8000-' || {digits})::uuid")
        }
    };
    let day = |days: i64| match dialect {
        Dialect::Sqlite => format!("date('now', (column1 % {DAYS} + {days}) || ' days')"),
        Dialect::Postgres => format!("current_date + (column1 % {DAYS})::int + ({days})"),
    };
    let (person, held, candidacy) = (id(1), id(2), id(3));
    let values = values.join(",");
    let (begun, ends, opens, closes) = (day(-1461), day(0), day(-365), day(61));
    format!(
        "INSERT INTO people (id, given_name, family_name, created_at, version) \
         SELECT {person}, 'Pat', 'Reader', '2025-01-15T12:00:00.000000Z', 1 FROM (VALUES {values}) AS v; \
         INSERT INTO certifications (id, program, person_id, candidacy_id, number, holder_name, completed_on, \
         awarded_on, renewals, expires_on, renewal_opens_on, grace_ends_on, grace_is_certified, achievements, \
         stands_through, version) SELECT {held}, 'lssc', {person}, {candidacy}, column2, 'Pat Reader', {begun}, {begun}, 0, {ends}, \
         {opens}, {closes}, FALSE, '[]', {closes}, 1 FROM (VALUES {values}) AS v;"
    )
}
