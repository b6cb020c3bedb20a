//! A server that is killed while it takes a file, again and again: every row is taken, once.

use std::time::Duration;

use super::process::{Serving, Site};
use crate::support::{
    actor::Actor,
    database::{Db, block_on},
};

/// Rows of the file: more than any server takes before it is killed.
const ROWS: usize = 3_000;

async fn staff(site: &Site, serving: &Serving) -> Actor {
    let names = ["--given-name", "Stella", "--family-name", "Staff", "--role", "staff"];
    let add = ["user", "add", "--email", "stella@example.org", "--password-stdin"];
    let password = "a shelf of seven books";
    site.run_with(&[&add[..], &names].concat(), password).ok();
    serving.anyone().signs_in("stella@example.org", password).await
}

async fn survives(db: &Db) {
    let site = Site::on(db).with("LSSC_PUBLIC_URL", "https://lssc.example.org");
    let mut serving = site.serve(&[]);
    let staff = staff(&site, &serving).await;
    let mut file = "source_id,given_name,family_name,email\n".to_owned();
    file.extend((0..ROWS).map(|n| format!("k-{n},Pat,Reader,pat{n}@example.org\n")));
    let import = staff.hands_file_in("kind=people", "text/csv", &file).await.expect(202).id();
    let path = format!("/v1/imports/{import}");
    let mut killed_between = 0;
    for _ in 0..2 {
        let before = staff.at(&serving.base()).get(&path).await.expect(200)["rows_done"].clone();
        let mut done = before.clone();
        // Killed as soon as it is seen to have taken some; the lease of who was killed lasts for ten seconds.
        for _ in 0..3_000 {
            done = staff.at(&serving.base()).get(&path).await.expect(200)["rows_done"].clone();
            if done != before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_ne!(done, before, "rows are taken");
        killed_between += usize::from(done != ROWS);
        serving.kill();
        serving = site.serve(&[]);
    }
    assert!(killed_between > 0, "it was killed before the last row");
    let here = staff.at(&serving.base());
    let job = here.settled_import(&import).await;
    assert_eq!((job.text("state"), &job["accepted"]), ("done".to_owned(), &ROWS.into()));
    let lines = db.lines("SELECT type AS line FROM events WHERE type = 'person.registered'");
    assert_eq!(lines.len(), ROWS + 1, "everybody once, and Stella");
    assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
}

#[test]
fn a_file_is_taken_once_on_sqlite_however_often_the_server_is_killed() {
    block_on(survives(&Db::sqlite()));
}

#[test]
fn a_file_is_taken_once_on_postgres_however_often_the_server_is_killed() {
    if let Some(db) = Db::postgres() {
        block_on(survives(&db));
    }
}
