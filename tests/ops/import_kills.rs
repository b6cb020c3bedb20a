//! A server that is killed while it takes a file, takes back what one made, or compares a list, again and again: every
//! row is seen to, once.

use std::time::Duration;

use reqwest::Method;

use super::process::{Serving, Site};
use crate::support::{
    actor::{Actor, Answer, fresh_key, send},
    database::{Db, block_on},
};

/// Rows of the file: more than any server takes before it is killed.
const ROWS: usize = 3_000;
/// Rows of a list: they are compared faster than others are taken.
const LISTED: usize = 60_000;

fn file() -> String {
    let mut file = "source_id,given_name,family_name,email\n".to_owned();
    file.extend((0..ROWS).map(|n| format!("k-{n},Pat,Reader,pat{n}@example.org\n")));
    file
}

/// Kills the server twice, each time as soon as it is seen to have gone on with a job; the server that runs then, and
/// how often something was left to do.
async fn killed_twice(
    (site, mut serving): (&Site, Serving),
    staff: &Actor,
    path: &str,
    (done, all): (fn(&Answer) -> i64, usize),
) -> (Serving, usize) {
    let mut killed_between = 0;
    for _ in 0..2 {
        let here = staff.at(&serving.base());
        let before = done(&here.get(path).await.expect(200));
        let mut now = before;
        // The lease of who was killed lasts for ten seconds.
        for _ in 0..3_000 {
            now = done(&here.get(path).await.expect(200));
            if now != before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_ne!(now, before, "it goes on");
        killed_between += usize::from(now != i64::try_from(all).unwrap());
        serving.kill();
        serving = site.serve(&[]);
    }
    (serving, killed_between)
}

async fn staff(site: &Site, serving: &Serving) -> Actor {
    let names = ["--given-name", "Stella", "--family-name", "Staff", "--role", "staff"];
    let add = ["user", "add", "--email", "stella@example.org", "--password-stdin"];
    let password = "a shelf of seven books";
    site.run_with(&[&add[..], &names].concat(), password).ok();
    serving.anyone().signs_in("stella@example.org", password).await
}

async fn survives(db: &Db) {
    let site = Site::on(db).with("LSSC_PUBLIC_URL", "https://lssc.example.org");
    let serving = site.serve(&[]);
    let staff = staff(&site, &serving).await;
    let import = staff.hands_file_in("kind=people", "text/csv", &file()).await.expect(202).id();
    let path = format!("/v1/imports/{import}");
    let taken = |job: &Answer| job["rows_done"].as_i64().unwrap();
    let (serving, killed_between) =
        killed_twice((&site, serving), &staff, &path, (taken, ROWS)).await;
    assert!(killed_between > 0, "it was killed before the last row");
    let here = staff.at(&serving.base());
    let job = here.settled_import(&import).await;
    assert_eq!((job.text("state"), &job["accepted"]), ("done".to_owned(), &ROWS.into()));
    let lines = db.lines("SELECT type AS line FROM events WHERE type = 'person.registered'");
    assert_eq!(lines.len(), ROWS + 1, "everybody once, and Stella");

    here.post_empty(&format!("{path}/undo")).await.expect(202);
    let undone = |job: &Answer| job["undo"]["undone"].as_i64().unwrap();
    let (serving, killed_between) =
        killed_twice((&site, serving), &staff, &path, (undone, ROWS)).await;
    assert!(killed_between > 0, "it was killed before the last row was taken back");
    let job = staff.at(&serving.base()).settled_import(&import).await;
    assert_eq!((job.text("state"), undone(&job)), ("undone".to_owned(), 3_000));
    let lines = db.lines("SELECT type AS line FROM events WHERE type = 'person.erased'");
    assert_eq!(lines.len(), ROWS, "everybody once");
    assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
}

async fn is_compared_once(db: &Db) {
    let site = Site::on(db).with("LSSC_PUBLIC_URL", "https://lssc.example.org");
    let serving = site.serve(&[]);
    let staff = staff(&site, &serving).await;
    let add = ["client", "add", "--name", "Partner", "--scope", "reconciliations:write"];
    let made = site.run(&add).ok();
    let client = made.split_whitespace().find(|word| word.starts_with("client_0")).unwrap();
    let mut list = "external_id\n".to_owned();
    list.extend((0..LISTED).map(|n| format!("x-{n}\n")));
    let path = format!("/v1/reconciliations?client_id={client}");
    let request = staff.request(Method::POST, &path).header("Idempotency-Key", fresh_key());
    let asked = send(request.header("Content-Type", "text/csv").body(list)).await.expect(202);
    let path = format!("/v1/reconciliations/{}", asked.id());
    let compared = |job: &Answer| job["rows_done"].as_i64().unwrap();
    let (serving, killed_between) =
        killed_twice((&site, serving), &staff, &path, (compared, LISTED)).await;
    assert!(killed_between > 0, "it was killed before the last row");
    let job = staff.at(&serving.base()).settled_job(&path).await;
    let told = ["rows_done", "missing_here", "unreadable"].map(|field| job[field].as_i64());
    let all = i64::try_from(LISTED).ok();
    assert_eq!((job.text("state"), told), ("done".to_owned(), [all, all, Some(0)]));
    assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
}

/// Two servers are at one file, and one of them is killed: the other one goes on.
async fn is_taken_by_who_is_left(db: &Db) {
    let site = Site::on(db).with("LSSC_PUBLIC_URL", "https://lssc.example.org");
    let (one, two) = (site.serve(&[]), site.serve(&[]));
    let staff = staff(&site, &one).await;
    let import = staff.hands_file_in("kind=people", "text/csv", &file()).await.expect(202).id();
    let path = format!("/v1/imports/{import}");
    let there = staff.at(&two.base());
    // Who was handed the file is told of it first, and takes it.
    for _ in 0..3_000 {
        if there.get(&path).await.expect(200)["rows_done"] != 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    one.kill();
    let job = there.settled_import(&import).await;
    assert_eq!((job.text("state"), &job["accepted"]), ("done".to_owned(), &ROWS.into()));
    let lines = db.lines("SELECT type AS line FROM events WHERE type = 'person.registered'");
    assert_eq!(lines.len(), ROWS + 1, "everybody once, and Stella");
    drop(two);
    assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
}

#[test]
fn a_file_is_taken_and_taken_back_once_on_sqlite_however_often_the_server_is_killed() {
    block_on(survives(&Db::sqlite()));
}

#[test]
fn a_file_is_taken_and_taken_back_once_on_postgres_however_often_the_server_is_killed() {
    if let Some(db) = Db::postgres() {
        block_on(survives(&db));
    }
}

#[test]
fn a_list_is_compared_once_on_sqlite_however_often_the_server_is_killed() {
    block_on(is_compared_once(&Db::sqlite()));
}

#[test]
fn a_list_is_compared_once_on_postgres_however_often_the_server_is_killed() {
    if let Some(db) = Db::postgres() {
        block_on(is_compared_once(&db));
    }
}

#[test]
fn a_file_that_two_servers_are_at_is_taken_once_when_one_is_killed() {
    if let Some(db) = Db::postgres() {
        block_on(is_taken_by_who_is_left(&db));
    }
}
