//! Files in the background: people imported while others read, and as many accounts reconciled. `--files 100000`.

use std::{fmt::Write, sync::Arc, time::Instant};

use api::{
    auth::{
        secrets,
        tokens::{self, Bearer, Machine},
    },
    config::{Config, RateLimit},
    serve::{self, Deps, Running},
};
use domain::{
    ClientCredentialId, ClientId, PersonId,
    account::ExternalId,
    client::{Client, ClientCredential, Proof},
    id::Id,
};
use persistence::{Error, Page, PersonFilter};

use crate::{
    Args, Outcome,
    data::Dialect,
    load::{self, Load, Until},
    raw,
    report::{Figure, Report},
};

/// The machine that sends files.
const MACHINE: ClientId = ClientId::from_bits(0x0199_0000_0000_7000_8000_0000_0000_0001);
/// People that are read by id.
const READ: usize = 1_000;

/// Measures an import and a reconciliation of `rows` rows.
pub(crate) async fn measure(
    args: &Args,
    report: &mut Report,
    dialect: Dialect,
    url: String,
    rows: u64,
) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let config = Config {
        bind: "127.0.0.1:0".to_owned(),
        data_dir: folder.path().to_owned(),
        database_url: Some(url),
        rate_limit: RateLimit::Off,
        access_token_s: 24 * 3600,
        log: "warn".to_owned(),
        ..Config::default()
    };
    let running = serve::start(config, Deps::default()).await?;
    let token = machine(&running).await?;
    let place = format!("{dialect}, files of {rows} rows");

    // Somebody to read.
    sends(&running, &token, "/v1/imports?kind=people", &people(0, 1_000)?).await?;
    while running.app.store.read(|tx| tx.imports().next()).await?.is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let reads = reads(&running, &token).await?;
    let before =
        load::run(running.addr, args.clients, Until::Time(args.window()), Arc::clone(&reads))
            .await?;
    tell(report, &place, "read a person, before an import", before);

    let began = Instant::now();
    sends(&running, &token, "/v1/imports?kind=people", &people(1_000, 1_000 + rows)?).await?;
    while running.app.store.read(|tx| tx.imports().next()).await?.is_some() {
        let during =
            load::run(running.addr, args.clients, Until::Time(args.window()), Arc::clone(&reads))
                .await?;
        tell(report, &place, "read a person, during an import", during);
    }
    took(report, &place, "import people, while others read", rows, began)?;

    link(&running).await?;
    let began = Instant::now();
    let mut list = String::from("external_id,given_name,family_name\n");
    for n in 0..rows {
        // One in a hundred has another name there.
        let name = if n.is_multiple_of(100) { "Writer" } else { "Reader" };
        writeln!(list, "x-{n:09},Pat,{name}")?;
    }
    sends(&running, &token, "/v1/reconciliations", &list).await?;
    while running.app.store.read(|tx| tx.reconciliations().next()).await?.is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    took(report, &place, "reconcile accounts", rows, began)?;
    running.stop().await;
    Ok(())
}

fn tell(report: &mut Report, place: &str, name: &str, load: Load) {
    report.note(place, name, Figure::Rate, load.rate);
    for (figure, us) in [(Figure::P50, load.p50_us), (Figure::P99, load.p99_us)] {
        report.note(place, name, figure, f64::from(u32::try_from(us).unwrap_or(u32::MAX)) / 1000.0);
    }
}

fn took(report: &mut Report, place: &str, name: &str, rows: u64, began: Instant) -> Outcome<()> {
    let seconds = began.elapsed().as_secs_f64();
    println!("{place}: {name}: {seconds:.1} s");
    report.note(place, name, Figure::Rate, f64::from(u32::try_from(rows)?) / seconds);
    Ok(())
}

/// A file of people who are not there yet.
fn people(first: u64, next: u64) -> Outcome<String> {
    let mut file = String::from("source_id,given_name,family_name,email\n");
    for n in first..next {
        writeln!(file, "s-{n},Pat,Reader,pat{n}@example.org")?;
    }
    Ok(file)
}

/// A machine with a token for everything here.
async fn machine(running: &Running) -> Outcome<String> {
    let scopes: Vec<String> = ["imports:write", "reconciliations:write", "people:read"]
        .iter()
        .map(|scope| (*scope).to_owned())
        .collect();
    let app = &running.app;
    let (credential, held) = (ClientCredentialId::from_bits(MACHINE.bits()), scopes.clone());
    app.store
        .write(app.stamp_of("bench", "bench"), move |tx| {
            let now = tx.now();
            tx.clients().insert(&Client {
                id: MACHINE,
                name: "bench".to_owned(),
                scopes: held.clone(),
                programs: Vec::new(),
                // Reads are measured, not their quota.
                people_a_day: Some(i64::MAX),
                created_at: now,
                disabled_at: None,
                last_used_at: None,
                quota_tripped_at: None,
                version: 1,
            })?;
            let proof = Proof::Secret(secrets::hash("bench"));
            let secret = ClientCredential::new(credential, MACHINE, "secret", proof, now);
            tx.client_credentials().insert(&secret)
        })
        .await?;
    let machine = Machine { client: MACHINE, credential, scopes, programs: Vec::new() };
    tokens::issue(app, &Bearer::Client(machine)).map_err(|problem| raw::told(&problem))
}

/// Posts a file; its own size and path are its key.
async fn sends(running: &Running, token: &str, path: &str, file: &str) -> Outcome<()> {
    let length = file.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n\
         Content-Length: {length}\r\nIdempotency-Key: {length}\r\n\r\n"
    );
    let request = [head.as_bytes(), file.as_bytes()].concat();
    load::run(running.addr, 1, Until::Done, Arc::new(vec![request])).await.map(drop)
}

/// Reads of the people who are there, by id.
async fn reads(running: &Running, token: &str) -> Outcome<Arc<Vec<Vec<u8>>>> {
    let people = running
        .app
        .store
        .read(|tx| {
            let page = Page { after: None, limit: i64::try_from(READ).unwrap_or(i64::MAX) };
            tx.people().list(&PersonFilter::default(), page)
        })
        .await?;
    let get = |id: PersonId| load::get(&format!("/v1/people/{id}"), Some(token));
    Ok(Arc::new(people.into_iter().map(|person| get(person.id)).collect()))
}

/// Gives everybody an account at the machine, past the application.
async fn link(running: &Running) -> Outcome<()> {
    let app = &running.app;
    let (mut after, mut count) = (None, 0_u64);
    loop {
        let linked = app
            .store
            .write(app.stamp_of("bench", "bench"), move |tx| {
                let page = Page { after, limit: 2_000 };
                let people = tx.people().list(&PersonFilter::default(), page)?;
                for (n, person) in (count..).zip(&people) {
                    let id = (MACHINE, format!("x-{n:09}"));
                    let (known, _) = ExternalId::link(tx.new_id(), id, person.id, tx.now());
                    tx.external_ids().insert(&known)?;
                }
                Ok::<_, Error>(people.into_iter().map(|person| person.id).collect::<Vec<Id<_>>>())
            })
            .await?;
        let Some(last) = linked.last() else { return Ok(()) };
        after = Some(*last);
        count += u64::try_from(linked.len())?;
    }
}
