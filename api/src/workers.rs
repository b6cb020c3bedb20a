//! Background work: tasks that a lease gives to one server at a time.

mod files;

use std::{collections::HashSet, time::Duration};

use chrono::TimeDelta;
use domain::client::READS_ARE_KEPT;
use tokio::task::JoinHandle;

use crate::{
    app::App,
    flows::{
        account::{self, AccountRules},
        evaluation::{self, Due},
        notice::dates,
        program, sandbox, subscription, webhook,
    },
    mail::{self, Mailer},
    problem::Problem,
};

/// Starts the workers of a server.
pub(crate) fn start(app: &App, mailer: Mailer) -> Vec<JoinHandle<()>> {
    let holder = format!("{:032x}", app.ids.next(app.now()));
    vec![
        tokio::spawn(sequence(app.clone(), holder.clone())),
        tokio::spawn(send(app.clone(), mailer, holder.clone())),
        tokio::spawn(refresh_keys(app.clone())),
        tokio::spawn(purge(app.clone(), holder.clone())),
        tokio::spawn(remind(app.clone(), holder.clone())),
        tokio::spawn(judge(app.clone(), holder.clone())),
        tokio::spawn(tell(app.clone(), holder.clone())),
        tokio::spawn(files::import_files(app.clone(), holder.clone())),
        tokio::spawn(files::reconcile(app.clone(), holder.clone())),
        tokio::spawn(webhook::work(app.clone(), holder)),
        tokio::spawn(follow(app.clone())),
    ]
}

/// Follows a sandbox's clock that another server moved.
async fn follow(app: App) {
    while app.clock.ahead().is_some() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if let Err(problem) = sandbox::follow(&app).await {
            tracing::warn!(cause = problem.cause(), "the sandbox's clock could not be read");
        }
    }
}

/// Events positioned in one round.
const ROUND: i64 = 500;

/// Gives committed events their positions, as soon as something was written and at least once a second:
/// other servers write too.
async fn sequence(app: App, holder: String) {
    loop {
        let wait = app.written.notified();
        let stamp = app.stamp_of("sequencer", holder.clone());
        let done = app.store.sequence(stamp, &holder, TimeDelta::seconds(5), ROUND).await;
        match done {
            Ok(done) => {
                if done.positioned > 0 {
                    app.positioned.notify_one();
                    app.news.notify_waiters();
                }
                // A full round: there may be more.
                if i64::try_from(done.positioned).is_ok_and(|count| count == ROUND) {
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "events could not be positioned"),
        }
        let _timeout = tokio::time::timeout(Duration::from_secs(1), wait).await;
    }
}

/// Sends the mails of positioned events. Waits longer after each failure, a minute at most.
async fn send(app: App, mailer: Mailer, holder: String) {
    let mut pause = Duration::from_secs(2);
    loop {
        let wait = app.positioned.notified();
        match mail::round(&app, &mailer, &holder).await {
            Ok(more) => {
                pause = Duration::from_secs(2);
                if more {
                    continue;
                }
                let _timeout = tokio::time::timeout(pause, wait).await;
            }
            Err(problem) => {
                tracing::warn!(cause = problem.cause(), "mails could not be sent");
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2).min(Duration::from_mins(1));
            }
        }
    }
}

/// Learns of keys that another server or the command line made.
async fn refresh_keys(app: App) {
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
        if let Err(problem) = app.auth.keys.reload(&app.store, app.machine()).await {
            tracing::warn!(cause = problem.cause(), "the keys could not be read");
        }
    }
}

/// Deliveries of webhooks that are removed in one round: so many that nobody's write waits long for it.
const PURGED: i64 = 1_000;

/// Removes what has ended, every ten minutes, and soon where there was much of it.
async fn purge(app: App, holder: String) {
    loop {
        app.door.limits.forget_idle();
        let name = holder.clone();
        let purged = app
            .store
            .write(app.stamp_of("purge", holder.clone()), move |tx| {
                if !tx.leases().acquire("purge", &name, TimeDelta::minutes(5))? {
                    return Ok(0);
                }
                let now = tx.machine();
                let answers = tx.idempotency().purge()?;
                let failures = tx.sign_in_failures().purge(now - TimeDelta::days(2))?;
                let tokens = tx.revoked_tokens().purge(now - TimeDelta::hours(1))?;
                let sessions = tx.sessions().purge(now - TimeDelta::days(7))?;
                let resets = tx.resets().purge(now - TimeDelta::days(7))?;
                let sent = tx.webhook_deliveries().purge(now - webhook::KEPT, PURGED)?;
                let assertions = tx.used_assertions().purge(now - TimeDelta::hours(1))?;
                let reads =
                    tx.client_reads().purge(now - TimeDelta::days(2), now - READS_ARE_KEPT)?;
                Ok::<_, Problem>(
                    [failures, tokens, sessions, resets, sent, assertions, reads]
                        .iter()
                        .fold(answers, |sum, more| sum + more),
                )
            })
            .await;
        // A full round: there may be more.
        let full = |rows: &usize| i64::try_from(*rows).is_ok_and(|rows| rows >= PURGED);
        let pause = if purged.as_ref().is_ok_and(full) {
            Duration::from_secs(5)
        } else {
            Duration::from_mins(10)
        };
        match purged {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "removed what has ended"),
            Err(problem) => {
                tracing::warn!(cause = problem.cause(), "what has ended could not be removed");
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// Reminders of one transaction.
const REMINDERS: i64 = 200;

/// Announces the end of subscriptions, once an hour and at the start.
async fn remind(app: App, holder: String) {
    loop {
        let wait = app.days.notified();
        match reminders(&app, &holder).await {
            Ok(0) => {}
            Ok(reminded) => tracing::info!(reminded, "announced the end of subscriptions"),
            Err(problem) => {
                tracing::warn!(
                    cause = problem.cause(),
                    "the end of subscriptions is not announced"
                );
            }
        }
        if let Err(problem) = dormancies(&app, &holder).await {
            tracing::warn!(cause = problem.cause(), "dormant accounts are not told to partners");
        }
        let _timeout = tokio::time::timeout(Duration::from_hours(1), wait).await;
    }
}

/// One round of it, in every program, a transaction for each chunk. How many were announced.
async fn reminders(app: &App, holder: &str) -> Result<usize, Problem> {
    let mut sum = 0;
    for program in app.store.read(|tx| tx.programs().list().map_err(Problem::from)).await? {
        loop {
            let (app_there, name, code) = (app.clone(), holder.to_owned(), program.code.clone());
            let stamp = app.stamp_of("remind", holder.to_owned());
            let done = app
                .store
                .write(stamp, move |tx| {
                    if !tx.leases().acquire("remind", &name, TimeDelta::minutes(1))? {
                        return Ok(0);
                    }
                    let rules = program::in_force(&app_there, tx, &code)?;
                    subscription::remind(tx, &rules, REMINDERS)
                })
                .await?;
            if done == 0 {
                break;
            }
            sum += done;
            app.written.notify_one();
        }
    }
    Ok(sum)
}

/// Tells partners of accounts that became dormant or active again, a transaction for each chunk.
async fn dormancies(app: &App, holder: &str) -> Result<(), Problem> {
    let mut after = None;
    loop {
        // Every account is looked at, once: in a read, for which nobody who writes waits.
        let app_there = app.clone();
        let look = app.store.read(move |tx| {
            let rules = AccountRules::of(&app_there, tx)?;
            Ok::<_, Problem>(tx.external_ids().untold(rules.today, after, REMINDERS)?)
        });
        let untold = look.await?;
        let Some(last) = untold.last() else { return Ok(()) };
        after = Some(last.id);
        let (app_there, name) = (app.clone(), holder.to_owned());
        let stamp = app.stamp_of("remind", holder.to_owned());
        let told = app.store.write(stamp, move |tx| {
            if !tx.leases().acquire("remind", &name, TimeDelta::minutes(1))? {
                return Ok(None);
            }
            let rules = AccountRules::of(&app_there, tx)?;
            account::tell(tx, rules, &untold).map(Some)
        });
        match told.await? {
            None => return Ok(()),
            Some(told) => tracing::info!(told, "told partners of dormant and reactivated accounts"),
        }
        app.written.notify_one();
    }
}

/// Makes the notices of dates that come nearer: once an hour, at the start, when days have passed at once, and
/// soon where another server was at it.
async fn tell(app: App, holder: String) {
    loop {
        let wait = app.days.notified();
        let mut pause = Duration::from_hours(1);
        match dates::look(&app, &holder).await {
            Ok(look) => {
                if look.made > 0 {
                    tracing::info!(made = look.made, "made the notices that are due");
                }
                if look.other {
                    pause = Duration::from_secs(15);
                }
            }
            Err(problem) => {
                tracing::warn!(cause = problem.cause(), "notices that are due are not made");
            }
        }
        let _timeout = tokio::time::timeout(pause, wait).await;
    }
}

/// What of each kind is looked at before the next look.
const DUE: i64 = 200;

/// Sees to portfolios whose one chance ended, to assignments whose time ran out and to seats that wait, and
/// reminds evaluators, once an hour and at the start.
async fn judge(app: App, holder: String) {
    loop {
        let wait = app.days.notified();
        match judge_due(&app, &holder).await {
            Ok(0) => {}
            Ok(settled) => tracing::info!(settled, "saw to what was due of portfolios"),
            Err(problem) => {
                tracing::warn!(cause = problem.cause(), "what is due of portfolios waits");
            }
        }
        let _timeout = tokio::time::timeout(Duration::from_hours(1), wait).await;
    }
}

/// One round of it, in every program, a transaction for each thing. How many were settled.
async fn judge_due(app: &App, holder: &str) -> Result<usize, Problem> {
    let mut sum = 0;
    for program in app.store.read(|tx| tx.programs().list().map_err(Problem::from)).await? {
        // What could not be settled does not come in the way of what is due after it.
        let mut left: HashSet<Due> = HashSet::new();
        loop {
            let (app_there, code) = (app.clone(), program.code.clone());
            let limit = DUE.saturating_add(i64::try_from(left.len()).unwrap_or(i64::MAX));
            let read = move |tx: &mut persistence::Tx<'_>| {
                let rules = program::in_force(&app_there, tx, &code)?;
                evaluation::due(tx, &rules, limit)
            };
            let (mut settled, before) = (0, left.len());
            let found = app.store.read(read).await?;
            for due in found.into_iter().filter(|due| !left.contains(due)).collect::<Vec<_>>() {
                let (app_there, name, code) =
                    (app.clone(), holder.to_owned(), program.code.clone());
                let stamp = app.stamp_of("judge", holder.to_owned());
                let done = app.store.write(stamp, move |tx| {
                    if !tx.leases().acquire("judge", &name, TimeDelta::minutes(1))? {
                        return Ok(false);
                    }
                    let rules = program::in_force(&app_there, tx, &code)?;
                    evaluation::settle(tx, app_there.chance.as_ref(), &rules, due)
                });
                match done.await {
                    Ok(true) => settled += 1,
                    Ok(false) => {
                        left.insert(due);
                    }
                    Err(problem) => {
                        tracing::warn!(cause = problem.cause(), ?due, "it could not be settled");
                        left.insert(due);
                    }
                }
            }
            if settled == 0 && left.len() == before {
                break;
            }
            sum += settled;
            app.written.notify_one();
        }
    }
    Ok(sum)
}
