//! Files in the background: people imported while others read, and as many accounts reconciled. `--files 100000`.

use std::{fmt::Write, ops::Range, sync::Arc, time::Duration};

use api::{
    app::App,
    config::Config,
    serve::{self, Deps, Running},
};
use chrono::{DateTime, Utc};
use domain::{
    PersonId, account::ExternalId, id::Id, import::Import, reconciliation::Reconciliation,
};
use persistence::{Error, ImportFilter, Page, PersonFilter};

use crate::{
    Args, Outcome, courses,
    dialect::Dialect,
    load::{self, Load, Requests, Until},
    raw,
    report::{Figure, Report},
    served::{self, MACHINE},
};

/// What the machine may.
const SCOPES: &[&str] = &["imports:write", "reconciliations:write", "people:read"];
/// People that are read by id, and who are imported at least where nothing else goes on.
const FEW: u64 = 1_000;
/// Searches of the catalog.
const SEARCHES: u64 = 1_000;
/// One in this many of those listed has another name there.
const DIFFERS: u64 = 100;

/// Measures an import and a reconciliation of `rows` rows.
pub(crate) async fn measure(
    args: &Args,
    report: &mut Report,
    dialect: Dialect,
    url: &str,
    rows: u64,
) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let config = served::config(folder.path(), url);
    let place = format!("{dialect}, files of {rows} rows");
    let running = serve::start(config.clone(), Deps::default()).await?;
    served::machine(&running.app, SCOPES).await?;
    courses::catalog(&running.app, 1).await?;

    // While nobody reads; it makes somebody to read.
    let (files, few) = (Files::of(args, &place, running)?, FEW.max(rows / 20));
    let (alone, _) = files.imports(0..few, None).await?;
    report.note(&place, "import people, while nobody reads", Figure::Rate, alone);

    let files = Files::of(args, &place, again(files.running, &config).await?)?;
    let searches: Requests =
        Arc::new(courses::searches(SEARCHES).map(|path| load::get(&path, None)).collect());
    let people = files.people().await?;
    let before = [files.load(&searches).await?, files.load(&people).await?];
    let all = [("search the catalog", searches), ("read a person, as a machine", people)];
    let mut next = few;
    for (((what, reads), before), more) in all.iter().zip(before).zip([rows, few]) {
        report.load(&place, &format!("{what}, before an import"), before, None);
        let (rate, during) = files.imports(next..next + more, Some(reads)).await?;
        next += more;
        let name = format!("{what}, during an import");
        if during.is_empty() {
            eprintln!("{place}: {name}: the import was over too soon: more rows, or fewer seconds");
        }
        for load in during {
            report.load(&place, &name, load, None);
            report.beside(&place, &name, load.rate, before.rate);
        }
        let name = format!("import people, while others {what}");
        report.note(&place, &name, Figure::Rate, rate);
        report.beside(&place, &name, rate, alone);
    }

    let files = Files::of(args, &place, again(files.running, &config).await?)?;
    link(&files.running.app, rows).await?;
    tokio::task::block_in_place(|| dialect.analyse(url))?;
    let (accounts, alone) = raw::accounts(&files.running.app, MACHINE).await?;
    whole("accounts are linked", u64::try_from(accounts)?, rows)?;
    let rate = files.reconciles(rows).await?;
    report.note(&place, "reconcile accounts", Figure::Rate, rate);
    report.beside(&place, "reconcile accounts", rate, alone);
    files.running.stop().await;
    Ok(())
}

/// Starts the server again: the mails of what has happened would go on for long, and are work of their own.
async fn again(running: Running, config: &Config) -> Outcome<Running> {
    running.stop().await;
    let app = serve::prepare(config.clone(), Deps::default(), String::new()).await?;
    served::position_events(&app).await?;
    served::pass_mails(&app).await?;
    drop(app);
    Ok(serve::start(config.clone(), Deps::default()).await?)
}

/// What failed must not look fast.
fn whole(what: &str, found: u64, wanted: u64) -> Outcome<()> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found} of {wanted}").into()) }
}

/// Rows a second, from when the file was stored until the last one was seen to.
fn rate(rows: u64, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Outcome<f64> {
    let took = until.ok_or("a file is not done")? - from;
    Ok(f64::from(u32::try_from(rows)?) / took.to_std()?.as_secs_f64())
}

/// A server, and the machine that sends it files.
struct Files<'a> {
    args: &'a Args,
    place: &'a str,
    running: Running,
    token: String,
}

impl<'a> Files<'a> {
    fn of(args: &'a Args, place: &'a str, running: Running) -> Outcome<Self> {
        let token = served::machine_token(&running.app, SCOPES)?;
        Ok(Self { args, place, running, token })
    }

    async fn load(&self, reads: &Requests) -> Outcome<Load> {
        let until = Until::Time(self.args.window());
        load::run(self.running.addr, self.args.clients, until, Arc::clone(reads)).await
    }

    /// Posts a file.
    async fn send(&self, path: &str, key: &str, file: &str) -> Outcome<()> {
        let (token, length) = (&self.token, file.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n\
             Content-Length: {length}\r\nIdempotency-Key: {key}\r\n\r\n"
        );
        let request = [head.as_bytes(), file.as_bytes()].concat();
        load::run(self.running.addr, 1, Until::Done, Arc::new(vec![request])).await.map(drop)
    }

    /// Imports people who are not there yet: rows a second, and what came of each window of reads meanwhile.
    async fn imports(
        &self,
        people: Range<u64>,
        reads: Option<&Requests>,
    ) -> Outcome<(f64, Vec<Load>)> {
        let (rows, key) = (people.end - people.start, format!("people-{}", people.start));
        let mut file = String::from("source_id,given_name,family_name,email\n");
        for n in people {
            writeln!(file, "s-{n},Pat,Reader,pat{n}@example.org")?;
        }
        self.send("/v1/imports?kind=people", &key, &file).await?;
        let mut during = Vec::new();
        while self.is_importing().await? {
            match reads {
                Some(reads) => {
                    let load = self.load(reads).await?;
                    // A window in which it ended tells of both.
                    if self.is_importing().await? {
                        during.push(load);
                    }
                }
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        let done = self.imported().await?;
        whole("rows were imported", u64::try_from(done.tally.accepted)?, rows)?;
        let rate = rate(rows, done.requested_at, done.finished_at)?;
        println!("{}: {rows} people imported, {rate:.0} a second", self.place);
        Ok((rate, during))
    }

    async fn is_importing(&self) -> Outcome<bool> {
        Ok(self.running.app.store.read(|tx| tx.imports().first_open()).await?.is_some())
    }

    /// The last import.
    async fn imported(&self) -> Outcome<Import> {
        let imports = self.running.app.store.read(|tx| {
            tx.imports().list(&ImportFilter::default(), Page { after: None, limit: 100 })
        });
        Ok(imports.await?.pop().ok_or("there is no import")?)
    }

    /// Reads of people by id: the machine is told of each, which is recorded.
    async fn people(&self) -> Outcome<Requests> {
        let people = self.running.app.store.read(|tx| {
            let limit = i64::try_from(FEW).unwrap_or(i64::MAX);
            tx.people().list(&PersonFilter::default(), Page { after: None, limit })
        });
        let get = |id: PersonId| load::get(&format!("/v1/people/{id}"), Some(&self.token));
        Ok(Arc::new(people.await?.into_iter().map(|person| get(person.id)).collect()))
    }

    /// Compares a list of as many accounts as are here: rows a second.
    async fn reconciles(&self, rows: u64) -> Outcome<f64> {
        let mut list = String::from("external_id,given_name,family_name\n");
        for n in 0..rows {
            let name = if n.is_multiple_of(DIFFERS) { "Writer" } else { "Reader" };
            writeln!(list, "x-{n:09},Pat,{name}")?;
        }
        self.send("/v1/reconciliations", "list", &list).await?;
        let store = &self.running.app.store;
        while store.read(|tx| tx.reconciliations().first_open()).await?.is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let page = |tx: &mut persistence::Tx<'_>| {
            tx.reconciliations().list(None, Page { after: None, limit: 100 })
        };
        let done: Reconciliation =
            store.read(page).await?.pop().ok_or("there is no reconciliation")?;
        whole("rows were compared", u64::try_from(done.found.rows_done)?, rows)?;
        let differing = u64::try_from(done.found.differing)?;
        whole("rows differ", differing, rows.div_ceil(DIFFERS))?;
        let rate = rate(rows, done.requested_at, done.finished_at)?;
        println!("{}: {rows} rows reconciled, {rate:.0} a second", self.place);
        Ok(rate)
    }
}

/// Gives so many people an account at the machine, past the application.
async fn link(app: &App, rows: u64) -> Outcome<()> {
    let (mut after, mut count) = (None, 0_u64);
    while count < rows {
        let limit = i64::try_from((rows - count).min(2_000))?;
        let linked = app
            .store
            .write(app.stamp_of("bench", "bench"), move |tx| {
                let page = Page { after, limit };
                let people = tx.people().list(&PersonFilter::default(), page)?;
                for (n, person) in (count..).zip(&people) {
                    let id = (MACHINE, format!("x-{n:09}"));
                    let (known, _) = ExternalId::link(tx.new_id(), id, person.id, tx.now());
                    tx.external_ids().insert(&known)?;
                }
                Ok::<_, Error>(people.into_iter().map(|person| person.id).collect::<Vec<Id<_>>>())
            })
            .await?;
        after = Some(*linked.last().ok_or("there are fewer people than rows")?);
        count += u64::try_from(linked.len())?;
    }
    Ok(())
}
