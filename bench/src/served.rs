//! What every measurement starts: the application, a hello-world of the same server, and a machine that asks.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use actix_web::{HttpResponse, HttpServer, dev::ServerHandle, web};
use api::{
    app::App,
    auth::{
        secrets,
        tokens::{self, Bearer, Machine},
    },
    config::{Config, RateLimit},
};
use chrono::TimeDelta;
use domain::{
    ClientCredentialId, ClientId,
    client::{Client, ClientCredential, Proof},
};

use crate::{
    Outcome,
    load::{self, Requests},
    raw,
};

/// The machine that asks.
pub(crate) const MACHINE: ClientId = ClientId::from_bits(0x0199_0000_0000_7000_8000_0000_0000_0001);
/// Its secret.
const CREDENTIAL: ClientCredentialId = ClientCredentialId::from_bits(MACHINE.bits());
/// Events that the sequencer positions at once while data is made.
const ROUND: i64 = 10_000;

/// How the application is served.
pub(crate) fn config(data_dir: &Path, url: &str) -> Config {
    Config {
        bind: "127.0.0.1:0".to_owned(),
        data_dir: data_dir.to_owned(),
        database_url: Some(url.to_owned()),
        rate_limit: RateLimit::Off,
        access_token_s: 24 * 3600,
        log: "warn".to_owned(),
        ..Config::default()
    }
}

/// The ceiling: the same server, as many workers, one route, no middleware.
pub(crate) fn hello() -> Outcome<(SocketAddr, ServerHandle)> {
    let hello = || async { HttpResponse::Ok().content_type("text/plain").body("Hello, world!") };
    let server = HttpServer::new(move || actix_web::App::new().route("/", web::get().to(hello)))
        .disable_signals()
        .bind("127.0.0.1:0")?;
    let addr = server.addrs().first().copied().ok_or("the server has no address")?;
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok((addr, handle))
}

/// What hello-world is asked for.
pub(crate) fn get_hello() -> Requests {
    Arc::new(vec![load::get("/", None)])
}

fn held(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

/// Makes the machine.
pub(crate) async fn machine(app: &App, scopes: &[&str]) -> Outcome<()> {
    let scopes = held(scopes);
    app.store
        .write(app.stamp_of("bench", "bench"), move |tx| {
            let now = tx.now();
            tx.clients().insert(&Client {
                id: MACHINE,
                name: "bench".to_owned(),
                scopes: scopes.clone(),
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
            let secret = ClientCredential::new(CREDENTIAL, MACHINE, "secret", proof, now);
            tx.client_credentials().insert(&secret)
        })
        .await?;
    Ok(())
}

/// A token of the machine at a server that runs.
pub(crate) fn machine_token(app: &App, scopes: &[&str]) -> Outcome<String> {
    let scopes = held(scopes);
    let machine = Machine { client: MACHINE, credential: CREDENTIAL, scopes, programs: Vec::new() };
    tokens::issue(app, &Bearer::Client(machine)).map_err(|problem| raw::told(&problem))
}

/// Gives the events of the data their positions, past a server that runs no more: the sequencer must be idle
/// while others are measured. How many there were.
pub(crate) async fn position_events(app: &App) -> Outcome<u64> {
    let mut positioned = 0;
    loop {
        let stamp = app.stamp_of("bench", "bench");
        let done = app.store.sequence(stamp, "bench", TimeDelta::seconds(5), ROUND).await?;
        positioned += u64::try_from(done.positioned)?;
        match (done.leads, done.positioned) {
            (true, 0) => return Ok(positioned),
            (true, _) => {}
            // The lease of the server before ends soon.
            (false, _) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Leaves out the mails of what has happened: they are work of their own.
pub(crate) async fn pass_mails(app: &App) -> Outcome<()> {
    app.store
        .write(app.stamp_of("bench", "bench"), |tx| {
            let last = tx.events().last_position()?;
            tx.cursors().set("mail", last)
        })
        .await?;
    Ok(())
}
