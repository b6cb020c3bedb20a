//! The accounts of a partner, made by the database itself: everybody has one there and a subscription that runs, and
//! the log tells of each in three events. Lean: what the subscriptions were paid by is left out.

use crate::{
    Outcome,
    data::{AT, EMAIL, EVENT, PERSON},
    dialect::{Dialect, Run},
    served::MACHINE,
};

/// Accounts, after the kinds of the other data.
const ACCOUNT: u128 = 0x10;
/// Subscriptions.
const SUBSCRIPTION: u128 = 0x11;
/// Invoices, which are not there.
const INVOICE: u128 = 0x12;

/// Events of an account that the machine is told.
pub(crate) const TOLD: u64 = 3;

/// Makes them; the application must not be running, and the machine is there.
pub(crate) fn make(dialect: Dialect, url: &str, accounts: u64) -> Outcome<()> {
    let mut run = dialect.open(url)?;
    // No invoice is there for the subscriptions to refer to.
    run(match dialect {
        Dialect::Sqlite => "PRAGMA foreign_keys = OFF",
        Dialect::Postgres => "SET session_replication_role = replica",
    })?;
    run("BEGIN")?;
    rows(dialect, accounts, &mut run)?;
    events(dialect, accounts, &mut run)?;
    run("COMMIT")?;
    dialect.close(&mut run)
}

/// The id of the machine, as the databases hold it.
fn machine() -> String {
    let bits = MACHINE.bits();
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        (bits >> 64) & 0xffff,
        (bits >> 48) & 0xffff,
        bits & 0xffff_ffff_ffff
    )
}

fn rows(d: Dialect, accounts: u64, run: &mut Run) -> Outcome<()> {
    let (everybody, machine) = (d.series(0, accounts), machine());
    let (person, email, account) = (d.id(PERSON, "i"), d.id(EMAIL, "i"), d.id(ACCOUNT, "i"));
    let (subscription, invoice) = (d.id(SUBSCRIPTION, "i"), d.id(INVOICE, "i"));
    run(&format!(
        "INSERT INTO people (id, given_name, family_name, created_at, version) \
         SELECT {person}, 'Pat', 'Reader ' || i, {AT}, 1 FROM {everybody}"
    ))?;
    run(&format!(
        "INSERT INTO emails (id, person_id, address, address_folded, verified_at, is_primary) \
         SELECT {email}, {person}, 'reader' || i || '@bench.example', 'reader' || i || '@bench.example', \
         {AT}, TRUE FROM {everybody}"
    ))?;
    run(&format!(
        "INSERT INTO external_ids (id, client_id, external_id, external_id_folded, person_id, linked_at, \
         dormancy_told_on, version) \
         SELECT {account}, '{machine}', 'x-' || i, 'x-' || i, {person}, {AT}, NULL, 1 FROM {everybody}"
    ))?;
    run(&format!(
        "INSERT INTO subscriptions (id, program, person_id, invoice_id, activated_on, ends_on, ended_on, \
         reminded_on, version) \
         SELECT {subscription}, 'lssc', {person}, {invoice}, '2025-01-15', '2099-01-15', NULL, NULL, 1 \
         FROM {everybody}"
    ))
}

/// Three events of each account, the one after the other; the sequencer gives them their positions.
fn events(d: Dialect, accounts: u64, run: &mut Run) -> Outcome<()> {
    let (everybody, invoice) = (d.series(0, accounts), d.bare(INVOICE, "i"));
    let subject = |prefix: &str, kind| format!("'{prefix}_' || {}", d.bare(kind, "i"));
    let told = [
        (
            "person.registered",
            "NULL",
            subject("person", PERSON),
            r#"'{"after":{"family_name":"Reader ' || i || '","given_name":"Pat"}}'"#.to_owned(),
        ),
        (
            "account.linked",
            "NULL",
            subject("acct", ACCOUNT),
            format!(r#"'{{"client":"{MACHINE}","external_id":"x-' || i || '"}}'"#),
        ),
        (
            "subscription.activated",
            "'lssc'",
            subject("subs", SUBSCRIPTION),
            format!(
                r#"'{{"activated_on":"2025-01-15","ends_on":"2099-01-15","invoice":"inv_' || {invoice} || '"}}'"#
            ),
        ),
    ];
    for (nth, (event_type, program, subject, data)) in (0_u64..).zip(told) {
        let (event, person) = (d.id(EVENT, &format!("i * {TOLD} + {nth}")), d.id(PERSON, "i"));
        let data = match d {
            Dialect::Sqlite => data,
            Dialect::Postgres => format!("({data})::jsonb"),
        };
        run(&format!(
            "INSERT INTO events (id, at, program, subject, person, type, actor, request_id, data) \
             SELECT {event}, {AT}, {program}, {subject}, {person}, '{event_type}', 'system', 'bench', {data} \
             FROM {everybody}"
        ))?;
    }
    Ok(())
}
