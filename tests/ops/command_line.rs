//! The commands of `lssc`, run as an operator runs them.

use std::time::Duration;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use super::process::{Ended, Site};
use crate::support::{
    actor::Actor,
    database::{block_on, each_database},
};

/// The value after `name: ` in what a command printed.
fn told<'a>(out: &'a str, name: &str) -> &'a str {
    out.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("no {name} in {out}"))
}

fn add_user(site: &Site, email: &str, role: &str) -> String {
    let arguments =
        ["user", "add", "--email", email, "--given-name", "Ops", "--family-name", "Example"];
    let out = site.run(&[&arguments[..], &["--role", role]].concat()).ok();
    told(&out, "password").to_owned()
}

async fn keys_published(anyone: &Actor) -> usize {
    let jwks = anyone.get("/.well-known/jwks.json").await.expect(200);
    jwks["keys"].as_array().unwrap().len()
}

#[test]
fn a_new_server_says_where_it_serves_and_how_to_add_the_first_admin() {
    let site = Site::new().with("LSSC_DATA_DIR", "here");
    let mut serving = site.serve(&[]);
    assert_ne!(serving.addr.port(), 0);
    let hint = serving.next_line();
    let command = hint.split_once(": lssc ").expect("it names the command").1;
    let command = command.replace("YOU@EXAMPLE.ORG", "first@example.org");
    let made = site.run(&command.split(' ').collect::<Vec<_>>()).ok();
    assert!(made.starts_with("person_"), "{made}");
    block_on(async {
        let admin = serving.anyone().signs_in("first@example.org", told(&made, "password")).await;
        admin.get("/v1/clients").await.expect(200);
    });
    // The next start has nothing to ask for.
    serving.terminate();
    assert_eq!(serving.ended().0, Some(0));
    let again = site.serve(&[]);
    again.terminate();
    assert_eq!(again.ended(), (Some(0), String::new()));
}

#[test]
fn a_taken_address_is_told() {
    let site = Site::new();
    let serving = site.serve(&[]);
    let addr = serving.addr.to_string();
    let ended = Site::new().run(&["serve", "--bind", &addr]);
    assert!(ended.sentence().starts_with(&format!("The address {addr} cannot be served on")));
}

each_database! {
    async fn people_and_machines_are_added_beside_a_running_server(db) {
        let site = Site::on(&db);
        let serving = site.serve(&[]);
        let anyone = serving.anyone();
        let password = add_user(&site, "stella@example.org", "staff");
        let stella = anyone.signs_in("stella@example.org", &password).await;
        stella.get("/v1/people").await.expect(200);
        stella.get("/v1/clients").await.refused(403, "forbidden");

        // Whoever is registered is only given the role.
        let granted = site.run(&["user", "add", "--email", "STELLA@example.org", "--role", "admin"]).ok();
        assert_eq!(granted.trim(), stella.id);
        stella.get("/v1/clients").await.expect(200);

        let chosen = "a shelf of seven books";
        let arguments = ["user", "add", "--email", "audra@example.org", "--given-name", "Audra",
            "--family-name", "Example", "--role", "auditor", "--password-stdin"];
        let out = site.run_with(&arguments, &format!("{chosen}\n")).ok();
        assert!(!out.contains("password"), "what was chosen is not repeated: {out}");
        anyone.signs_in("audra@example.org", chosen).await.get("/v1/events").await.expect(200);

        let made = site.run(&["client", "add", "--name", "Partner", "--scope", "people:read"]).ok();
        let form = [("grant_type", "client_credentials"), ("client_id", told(&made, "client_id")),
            ("client_secret", told(&made, "client_secret"))];
        let token = anyone.form("/oauth/token", &form).await.expect(200);
        let machine = anyone.with_token(&token.text("access_token"), "");
        machine.get("/v1/people").await.expect(200);
        machine.get("/v1/candidacies").await.refused(403, "insufficient-scope");
    }

    async fn what_cannot_be_added_is_refused_and_leaves_nothing(db) {
        let site = Site::on(&db);
        site.run(&["migrate"]).ok();
        let named = ["--given-name", "Eve", "--family-name", "Example"];
        let eve = ["user", "add", "--email", "eve@example.org"];
        let bad: [(&[&str], &str); 5] = [
            (&["user", "add", "--email", "eve"], ""),
            (&eve, ""),
            (&["--role", "candidate"], ""),
            (&["--role", "provider"], ""),
            (&["--password-stdin"], "short"),
        ];
        for (index, (arguments, input)) in bad.into_iter().enumerate() {
            let all = if index < 2 { arguments.to_vec() } else { [&eve[..], &named, arguments].concat() };
            let ended = site.run_with(&all, input);
            assert_ne!(ended.code, Some(0), "{all:?}: {ended:?}");
            assert!(ended.out.is_empty() && !ended.err.is_empty(), "{all:?}: {ended:?}");
        }
        let client = site.run(&["client", "add", "--name", "Partner", "--scope", "root"]);
        assert_ne!(client.code, Some(0));
        assert!(db.lines("SELECT address AS line FROM emails").is_empty());
        assert!(db.lines("SELECT name AS line FROM clients").is_empty());
    }

    async fn a_rotated_key_signs_and_tokens_of_the_old_one_still_hold(db) {
        let site = Site::on(&db)
            .with("LSSC_PUBLIC_URL", "https://lssc.example.org")
            .with("LSSC_KEY_LEAD_S", "0");
        let password = add_user(&site, "stella@example.org", "staff");
        let first = site.serve(&[]);
        let before = first.anyone().signs_in("stella@example.org", &password).await;
        let out = site.run(&["keys", "rotate"]).ok();
        let kid = out.split(' ').next().unwrap().to_owned();
        before.get("/v1/people").await.expect(200);

        let second = site.serve(&[]);
        assert_eq!(keys_published(&second.anyone()).await, 2);
        before.at(&second.base()).get("/v1/people").await.expect(200);
        let after = second.anyone().signs_in("stella@example.org", &password).await;
        let header = jsonwebtoken::decode_header(after.token.as_ref().unwrap()).unwrap();
        assert_eq!(header.kid, Some(kid));
        // The first server has not read the keys since: a token of one that it does not know makes it,
        // at most once a second.
        let there = after.at(&first.base());
        while there.get("/v1/people").await.status == 401 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        there.get("/v1/people").await.expect(200);
        assert_eq!(keys_published(&first.anyone()).await, 2);
    }
}

#[test]
fn the_second_migration_has_nothing_to_do() {
    let site = Site::new();
    let first = site.run(&["migrate"]).ok();
    let applied = first.lines().count() - 1;
    assert!(
        applied > 0 && first.ends_with(&format!("\n{applied} migrations applied.\n")),
        "{first}"
    );
    assert_eq!(site.run(&["migrate"]).ok(), "0 migrations applied.\n");
}

#[test]
fn the_configuration_is_shown_without_its_secrets() {
    let site = Site::new()
        .with("DATABASE_URL", "postgres://app:hunter2@db.example.org/lssc?sslmode=require")
        .with("LSSC_SMTP_URL", "smtps://me:hunter2@mail.example.org:465");
    let file =
        site.write("mine.toml", "drain_timeout_s = 3\ncors_origins = [\"https://a.example\"]\n");
    let shown = site.run(&["config", "--config", &file]).ok();
    assert!(!shown.contains("hunter2"), "{shown}");
    for line in [
        "database_url = \"postgres://app:***@db.example.org/lssc?sslmode=require\"",
        "smtp_url = \"smtps://me:***@mail.example.org:465\"",
        "drain_timeout_s = 3",
        "cors_origins = [\"https://a.example\"]",
        "rate_limit = \"off\"",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "no {line} in {shown}");
    }
    let parameter =
        Site::new().with("DATABASE_URL", "postgres://db.example.org/lssc?password=hunter2");
    assert!(!parameter.run(&["config"]).ok().contains("hunter2"));
}

#[test]
fn what_cannot_be_served_with_is_told_in_one_sentence() {
    let issuer = |roles: &str| {
        format!(
            "[[trusted_issuers]]\nissuer = \"https://id.example\"\njwks_uri = \"https://id.example/keys\"\n\
             audience = \"lssc\"\n[trusted_issuers.roles]\n{roles}\n"
        )
    };
    for (file, word) in [
        ("colour = \"red\"", "colour"),
        ("cors_origins = [\"*\"]", "cors_origins"),
        ("cors_origins = [\"ftp://a.example\"]", "cors_origins"),
        ("bind = \"nowhere\"", "bind"),
        ("public_url = \"https://lssc.example.org/\"", "public_url"),
        ("access_token_s = \"long\"", "access_token_s"),
        ("access_token_s = 0", "lifetimes"),
        ("rate_limit = \"maybe\"", "rate_limit"),
        ("threads = 0", "threads"),
        ("mail_from = \"nobody\"", "mail_from"),
        ("log = \"a=b=c\"", "log"),
        ("bind = ", "TOML"),
        ("database_url = \"mysql://db.example.org/lssc\"", "database"),
        ("database_url = \"sqlite:/dev/null/lssc.db\"", "database"),
        (&issuer("librarians = \"candidate\""), "trusted issuer"),
        (&issuer("librarians = \"wizard\""), "wizard"),
    ] {
        let site = Site::bare();
        let path = site.write("mine.toml", file);
        let ended = site.run(&["serve", "--bind-nothing"]);
        assert_eq!(ended.code, Some(2), "a flag that is not known");
        let ended = if file.starts_with("bind") {
            site.run(&["serve", "--config", &path])
        } else {
            site.run(&["serve", "--bind", "127.0.0.1:0", "--config", &path])
        };
        assert!(ended.sentence().contains(word), "{file}: {ended:?}");
    }
    let gone = Site::bare().run(&["serve", "--config", "not-there.toml"]);
    assert!(gone.sentence().contains("there is no file not-there.toml"), "{gone:?}");
    let typo = Site::bare().with("LSSC_COLOUR", "red").run(&["migrate"]);
    assert!(typo.sentence().contains("colour"), "{typo:?}");
    let nobody = Site::bare()
        .with("DATABASE_URL", "postgres://lssc:hunter2@127.0.0.1:1/lssc")
        .run(&["serve", "--bind", "127.0.0.1:0"]);
    assert!(
        nobody.sentence().contains("database") && !nobody.err.contains("hunter2"),
        "{nobody:?}"
    );
}

#[test]
fn a_sandbox_holds_every_invariant_until_somebody_tampers_with_it() {
    let site = Site::new();
    let mut sandbox = site.serve(&["--demo"]);
    assert!(sandbox.said.contains("<ada@demo.example>"), "{}", sandbox.said);
    block_on(async {
        let anyone = sandbox.anyone();
        let ada = anyone.signs_in("ada@demo.example", "sandbox-password-for-all").await;
        ada.get("/v1/me").await.expect(200);
    });
    assert!(sandbox.runs());
    sandbox.terminate();
    assert_eq!(sandbox.ended().0, Some(0));

    let verify = || site.run(&["verify", "--data-dir", "lssc-demo"]);
    assert_eq!(verify().ok(), "Every invariant holds.\n");
    let path = site.file("lssc-demo/lssc.sqlite3").display().to_string();
    let mut database = SqliteConnection::establish(&path).unwrap();
    let mut tamper = |sql: &str| database.batch_execute(sql).unwrap();
    let broken = |ended: Ended, id: &str, row: &str| {
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let mut lines = ended.out.lines();
        assert!(lines.next().unwrap().starts_with(&format!("{id} does not hold: ")), "{ended:?}");
        assert!(lines.all(|line| line.contains(row)), "{ended:?}");
    };

    tamper("UPDATE events SET actor = 'nobody' WHERE position = 40");
    broken(verify(), "I5", "40");
    assert_eq!(verify().out.lines().count(), 2, "the event that was changed and no other");
}
