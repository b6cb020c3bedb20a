//! The feed of changes drained from its beginning by a machine that holds many accounts, as pages and as lines, and
//! the copy of those accounts. `--accounts 1000000`.

use std::{net::SocketAddr, time::Instant};

use api::{
    config::Config,
    serve::{self, Deps, Running},
};
use domain::change;
use serde_json::Value;

use crate::{
    Args, Outcome, accounts,
    dialect::Dialect,
    drain::{self, Lines},
    load::{self, Until},
    raw,
    report::{Figure, Report},
    served,
};

/// What the machine may.
const SCOPES: &[&str] = &["accounts:read", "changes:read", "people:read", "subscriptions:read"];
/// Events of a page: the most that there may be.
const PAGE: i64 = 1_000;

/// Measures the feed of a log that tells of so many accounts.
pub(crate) async fn measure(
    args: &Args,
    report: &mut Report,
    dialect: Dialect,
    url: &str,
    accounts: u64,
) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let config = served::config(folder.path(), url);
    let place = format!("{dialect}, {accounts} accounts");
    fill(report, &place, dialect, &config, accounts).await?;
    let running = serve::start(config, Deps::default()).await?;
    let token = served::machine_token(&running.app, SCOPES)?;
    let (hello, handle) = served::hello()?;
    let feed = Feed { args, place, accounts: usize::try_from(accounts)?, running, hello, token };
    for round in 0..args.rounds {
        feed.round(report).await?;
        eprintln!("{}: round {} of {}", feed.place, round + 1, args.rounds);
    }
    handle.stop(false).await;
    feed.running.stop().await;
    Ok(())
}

/// Makes the accounts, and gives their events their positions.
async fn fill(
    report: &mut Report,
    place: &str,
    dialect: Dialect,
    config: &Config,
    accounts: u64,
) -> Outcome<()> {
    let (began, url) = (Instant::now(), config.database());
    let app = serve::prepare(config.clone(), Deps::default(), String::new()).await?;
    served::machine(&app, SCOPES).await?;
    drop(app);
    tokio::task::block_in_place(|| accounts::make(dialect, &url, accounts))?;
    let app = serve::prepare(config.clone(), Deps::default(), String::new()).await?;
    let sequenced = Instant::now();
    let positioned = served::position_events(&app).await?;
    let seconds = sequenced.elapsed().as_secs_f64();
    report.note(
        place,
        "events positioned",
        Figure::Rate,
        f64::from(u32::try_from(positioned)?) / seconds,
    );
    served::pass_mails(&app).await?;
    drop(app);
    tokio::task::block_in_place(|| dialect.analyse(&url))?;
    println!(
        "{place}: {positioned} events positioned in {seconds:.1} s, data made in {:.1} s in all",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// A server with a log, and who follows it.
struct Feed<'a> {
    args: &'a Args,
    place: String,
    accounts: usize,
    running: Running,
    hello: SocketAddr,
    token: String,
}

impl Feed<'_> {
    /// One round: the pages, the lines and the copy, each beside the same statements without the server.
    async fn round(&self, report: &mut Report) -> Outcome<()> {
        let (app, addr, place) = (&self.running.app, self.running.addr, &self.place);
        let until = Until::Time(self.args.window());
        let hello = load::run(self.hello, 1, until, served::get_hello()).await?;
        report.load(place, "hello-world, one connection", hello, None);

        let scopes: Vec<String> = SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
        let types =
            change::visible(Some(scopes.as_slice())).iter().map(|one| one.event_type).collect();
        let (events, alone) = raw::feed(app, types, PAGE).await?;
        self.whole("the log tells events", events, self.told(events)?)?;

        let drained = load::apart(drain::pages(addr, self.token.clone(), PAGE)).await?;
        self.whole("the pages tell events", drained.events, events)?;
        report.load(place, &format!("feed: a page of {PAGE}"), drained.pages, Some(hello));
        let seconds = drained.took.as_secs_f64();
        let by_pages = self.tell(report, "feed by pages: events", events, seconds, alone)?;
        println!("{place}: pages: {events} events, {} bytes, {seconds:.1} s", drained.bytes);

        let request = load::lines(&format!("/v1/changes?limit={PAGE}"), &self.token);
        let lines = load::apart(drain::lines(addr, request)).await?;
        self.whole("the lines tell events", lines.count.saturating_sub(1), events)?;
        last(&lines, "next_after")?;
        let seconds = lines.took.as_secs_f64();
        let by_lines = self.tell(report, "feed by lines: events", events, seconds, alone)?;
        println!("{place}: lines: {events} events, {} bytes, {seconds:.1} s", lines.bytes);
        report.note(place, "feed: lines / pages", Figure::OfAlone, by_lines / by_pages);

        self.copy(report).await
    }

    /// The copy of every account.
    async fn copy(&self, report: &mut Report) -> Outcome<()> {
        let (app, addr, place) = (&self.running.app, self.running.addr, &self.place);
        let (accounts, alone) = raw::accounts(app, served::MACHINE).await?;
        self.whole("accounts are there", accounts, self.accounts)?;
        let request = load::lines("/v1/changes/copy", &self.token);
        let lines = load::apart(drain::lines(addr, request)).await?;
        // The first line is the position, the last one counts.
        self.whole("the copy has accounts", lines.count.saturating_sub(2), accounts)?;
        let counted = usize::try_from(last(&lines, "accounts")?)?;
        self.whole("the copy counts accounts", counted, accounts)?;
        let seconds = lines.took.as_secs_f64();
        self.tell(report, "copy: accounts", accounts, seconds, alone)?;
        println!("{place}: copy: {accounts} accounts, {} bytes, {seconds:.1} s", lines.bytes);
        Ok(())
    }

    /// How many events there are at least: what ships with the program is told too.
    fn told(&self, found: usize) -> Outcome<usize> {
        Ok(found.max(self.accounts * usize::try_from(accounts::TOLD)?))
    }

    /// What is cut off must not look fast.
    fn whole(&self, what: &str, found: usize, wanted: usize) -> Outcome<()> {
        if found == wanted {
            return Ok(());
        }
        Err(format!("{}: {what}: {found} of {wanted}", self.place).into())
    }

    /// Notes how many of something came a second, beside the statements alone.
    fn tell(
        &self,
        report: &mut Report,
        name: &str,
        count: usize,
        seconds: f64,
        alone: f64,
    ) -> Outcome<f64> {
        let rate = f64::from(u32::try_from(count)?) / seconds;
        report.note(&self.place, name, Figure::Rate, rate);
        report.beside(&self.place, name, rate, alone);
        Ok(rate)
    }
}

/// The number that the last line tells; without it the answer was cut off.
fn last(lines: &Lines, name: &str) -> Outcome<u64> {
    let line: Value = serde_json::from_slice(&lines.last)?;
    let number = line.get(name).and_then(Value::as_u64);
    Ok(number.ok_or_else(|| format!("the last line has no {name}: it was cut off"))?)
}
