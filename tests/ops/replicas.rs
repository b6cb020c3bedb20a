//! Two servers on one PostgreSQL: what one is told holds at the other one at once.

use std::collections::BTreeSet;

use domain::{certificate::CertificateNumber, program::ProgramCode};
use reqwest::Method;
use serde_json::{Value, json};

use super::process::{Serving, Site};
use crate::support::{
    actor::{Actor, send},
    database::{Db, block_on},
    race::contend,
};

const PASSWORD: &str = "a shelf of seven books";

/// Two servers of one site, with an admin who is signed in by the first one.
struct Pair {
    db: Db,
    site: Site,
    one: Serving,
    two: Serving,
    admin: Actor,
}

impl Pair {
    async fn on(db: Db) -> Self {
        let site = Site::on(&db).with("LSSC_PUBLIC_URL", "https://lssc.example.org");
        let names = ["--given-name", "Adam", "--family-name", "Admin", "--role", "admin"];
        let add = ["user", "add", "--email", "adam@example.org", "--password-stdin"];
        site.run_with(&[&add[..], &names, &["--role", "staff"]].concat(), PASSWORD).ok();
        let (one, two) = (site.serve(&[]), site.serve(&[]));
        let admin = one.anyone().signs_in("adam@example.org", PASSWORD).await;
        Self { db, site, one, two, admin }
    }
    /// The same caller at the second server.
    fn there(&self, caller: &Actor) -> Actor {
        caller.at(&self.two.base())
    }
}

/// Runs a test on two servers, where there is a PostgreSQL.
fn on_two<F: Future<Output = ()>>(test: impl FnOnce(Pair) -> F) {
    if let Some(db) = Db::postgres() {
        block_on(async { test(Pair::on(db).await).await });
    }
}

fn provider(name: &str) -> Value {
    json!({"kind": "other", "name": name})
}

#[test]
fn who_signed_out_at_one_is_out_at_the_other() {
    on_two(async |pair| {
        let adam = pair.two.anyone().signs_in("adam@example.org", PASSWORD).await;
        let here = adam.at(&pair.one.base());
        here.get("/v1/me").await.expect(200);
        adam.get("/v1/me").await.expect(200);
        send(here.request(Method::DELETE, "/v1/sessions/current")).await.expect(204);
        adam.get("/v1/me").await.refused(401, "invalid-token");
        let refresh = json!({"refresh_token": adam.refresh});
        let answer = pair.two.anyone().post_bare("/v1/sessions/refresh", refresh).await;
        answer.refused(401, "invalid-refresh-token");
        pair.there(&pair.admin).get("/v1/me").await.expect(200);
    });
}

#[test]
fn a_machine_that_one_disabled_is_out_at_the_other() {
    on_two(async |pair| {
        let body = json!({"name": "Partner", "scopes": ["people:read"]});
        let client = pair.admin.post("/v1/clients", body).await.expect(201);
        let (id, secret) = (client.id(), client.text("client_secret"));
        let form =
            [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
        let there = pair.two.anyone();
        let token = there.form("/oauth/token", &form).await.expect(200).text("access_token");
        let machine = there.with_token(&token, &id);
        machine.get("/v1/people").await.expect(200);
        pair.admin.post_empty(&format!("/v1/clients/{id}/disable")).await.expect(200);
        machine.get("/v1/people").await.refused(401, "invalid-token");
        assert_eq!(there.form("/oauth/token", &form).await.status, 401);
    });
}

#[test]
fn a_role_that_one_granted_and_ended_holds_and_ends_at_the_other() {
    on_two(async |pair| {
        let body = json!({"given_name": "Ada", "family_name": "Example",
            "email": "ada@example.org", "password": PASSWORD});
        pair.two.anyone().post("/v1/people", body).await.expect(201);
        let ada = pair.two.anyone().signs_in("ada@example.org", PASSWORD).await;
        ada.get("/v1/people").await.refused(403, "forbidden");
        let grants = format!("/v1/people/{}/grants", ada.id);
        let grant = pair.admin.post(&grants, json!({"role": "staff"})).await.expect(201).id();
        ada.get("/v1/people").await.expect(200);
        pair.admin.post_empty(&format!("{grants}/{grant}/end")).await.expect(200);
        ada.get("/v1/people").await.refused(403, "forbidden");
    });
}

#[test]
fn the_same_key_at_both_has_one_effect() {
    on_two(async |pair| {
        for key in ["k1", "k2", "k3"] {
            let answers = contend(|number| {
                let here = if number.is_multiple_of(2) {
                    pair.admin.clone()
                } else {
                    pair.there(&pair.admin)
                };
                async move { here.post_as(key, "/v1/providers", provider(key)).await }
            })
            .await;
            let (done, lost): (Vec<_>, Vec<_>) =
                answers.into_iter().partition(|answer| answer.status == 201);
            let bodies: BTreeSet<_> = done.iter().map(|answer| answer.bytes.clone()).collect();
            assert_eq!(bodies.len(), 1, "everybody who was answered was answered the same");
            let first =
                done.iter().filter(|answer| !answer.headers.contains_key("idempotency-replayed"));
            assert_eq!(first.count(), 1);
            for answer in lost {
                answer.refused(409, "idempotency-key-in-use");
            }
        }
        let mut names = pair.db.lines("SELECT name AS line FROM providers");
        names.sort();
        assert_eq!(names, ["k1", "k2", "k3"]);
        let recorded = "SELECT type AS line FROM events WHERE type = 'provider.recorded'";
        assert_eq!(pair.db.lines(recorded).len(), 3);
    });
}

#[test]
fn two_sequencers_make_one_dense_log() {
    on_two(async |pair| {
        for round in 0..4 {
            contend(|number| {
                let here = if number.is_multiple_of(2) {
                    pair.admin.clone()
                } else {
                    pair.there(&pair.admin)
                };
                let name = format!("{round}-{number}");
                async move { here.post("/v1/providers", provider(&name)).await.expect(201) }
            })
            .await;
        }
        // One of the two may hold the lease, but either may die: the other one takes it over.
        pair.one.kill();
        let there = pair.admin.at(&pair.two.base());
        there.post("/v1/providers", provider("the last one")).await.expect(201);
        let waiting = "SELECT type AS line FROM events WHERE position IS NULL";
        let patience = std::time::Duration::from_mins(1);
        let all_positioned = async {
            while !pair.db.lines(waiting).is_empty() {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(patience, all_positioned)
            .await
            .expect("every event gets its position");
        let positions = "SELECT position::text AS line FROM events ORDER BY position";
        let found = pair.db.lines(positions);
        let dense: Vec<_> = (1..=found.len()).map(|position| position.to_string()).collect();
        assert_eq!(found, dense);
        let told = there.get("/v1/events?limit=100").await.expect(200);
        assert!(told["items"].as_array().unwrap().len() > 65);
        assert_eq!(pair.site.run(&["verify"]).ok(), "Every invariant holds.\n");
    });
}

/// How many hold a certificate that ends within the year.
const HOLDERS: u32 = 3000;

/// The holders, past the API: what is due of them is found when a server starts.
fn holders() -> String {
    let number = |n| CertificateNumber::from_random(&ProgramCode::lssc(), 2025, n);
    let rows: Vec<_> = (0..HOLDERS).map(|n| format!("({n}, '{}')", number(n))).collect();
    let id =
        |kind: u8| format!("('0000000{kind}-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid");
    let (person, held, candidacy) = (id(1), id(2), id(3));
    let rows = format!("FROM (VALUES {}) AS n (i, number)", rows.join(","));
    format!(
        "SET session_replication_role = replica; \
         INSERT INTO people (id, given_name, family_name, created_at, version) \
         SELECT {person}, 'Pat', 'Reader', now(), 1 {rows}; \
         INSERT INTO certifications (id, program, person_id, candidacy_id, number, holder_name, completed_on, \
         awarded_on, renewals, expires_on, renewal_opens_on, grace_ends_on, grace_is_certified, achievements, stands_through, \
         version) \
         SELECT {held}, 'lssc', {person}, {candidacy}, number, 'Pat Reader', current_date - 1300, current_date - 1300, \
         0, current_date + 20 + i % 300, current_date - 345 + i % 300, current_date + 80 + i % 300, FALSE, \
         '[]'::jsonb, current_date + 80 + i % 300, 1 {rows}"
    )
}

#[test]
fn servers_that_look_for_what_is_due_at_once_and_are_killed_tell_everybody_once() {
    on_two(async |pair| {
        let Pair { db, site, one, two, .. } = pair;
        drop((one, two));
        db.execute(&holders());
        let all = usize::try_from(HOLDERS).unwrap();
        let told = "SELECT fact_id::text AS line FROM notices";
        // Those who do not look died in the middle of it; the last ones are left in peace.
        for _ in 0..3 {
            let before = db.lines(told).len();
            let servers = [site.serve(&[]), site.serve(&[])];
            let more = async {
                while db.lines(told).len() == before && before < all {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_mins(1), more)
                .await
                .expect("it goes on");
            servers.into_iter().for_each(Serving::kill);
        }
        let _servers = [site.serve(&[]), site.serve(&[])];
        let rest = async {
            while db.lines(told).len() < all {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(2), rest)
            .await
            .expect("everybody is told");
        let facts: BTreeSet<_> = db.lines(told).into_iter().collect();
        assert_eq!(facts.len(), all, "each of them once");
        let due = "SELECT subject AS line FROM events WHERE type = 'notice.due'";
        let log: BTreeSet<_> = db.lines(due).into_iter().collect();
        assert_eq!((log.len(), db.lines(due).len()), (all, all), "and so the log tells");
    });
}

#[test]
fn servers_that_start_at_once_on_an_empty_database_all_serve() {
    let Some(db) = Db::empty_postgres() else { return };
    let site = Site::on(&db);
    let servers: Vec<Serving> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..3).map(|_| scope.spawn(|| site.serve(&[]))).collect();
        starts.into_iter().map(|start| start.join().expect("it starts")).collect()
    });
    block_on(async {
        for server in &servers {
            server.anyone().get("/readyz").await.expect(200);
            let programs = server.anyone().get("/v1/programs").await.expect(200);
            assert_eq!(programs["items"].as_array().unwrap().len(), 1);
            let jwks = server.anyone().get("/.well-known/jwks.json").await.expect(200);
            assert_eq!(jwks["keys"].as_array().unwrap().len(), 1, "one of them made the key");
        }
    });
    assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
}
