//! The mails of notices: an event makes a notice, and the notice's own event its mail.

use std::sync::Arc;

use domain::{
    EmailId, NoticeId,
    notice::{
        BY_EVENT, BounceSort, DropReason, Notice, NoticeKind, NoticeState, TemplateText, Values,
    },
};
use persistence::{Optional, Recorded, Stamp, Tx};

use super::letters::Letter;
use crate::{
    app::App,
    auth::secrets,
    flows::{
        life,
        notice::{self, bounce, telling},
        program,
    },
    ids::Following,
    problem::Problem,
    shipped,
};

/// The event by which a notice is mailed.
const DUE: &str = "notice.due";

/// The event types that make notices, and that of notices themselves.
pub(super) fn wanted() -> Vec<String> {
    BY_EVENT.iter().map(|(told, _)| *told).chain([DUE]).map(str::to_owned).collect()
}

/// The stamp of what follows from an event.
pub(super) fn stamp(app: &App, event: &Recorded) -> Stamp {
    let stamp = app.stamp_of("mail", event.id.to_string());
    let position = event.position.unwrap_or_default();
    Stamp { ids: Arc::new(Following::of(event.id, position)), ..stamp }
}

/// Whether an event makes a notice.
pub(super) fn makes_one(event: &Recorded) -> bool {
    NoticeKind::of_event(&event.event_type).is_some()
}

/// Makes the notice of an event, in the transaction that moves the cursor past it.
pub(super) async fn make(app: &App, event: &Recorded) -> Result<(), Problem> {
    let told = event.clone();
    app.store
        .write(stamp(app, event), move |tx| {
            if let Some(code) = &told.program {
                let program = tx.programs().get(code)?;
                notice::of_event(tx, &program, &told)?;
            }
            tx.cursors().set("mail", told.position.unwrap_or_default()).map_err(Problem::from)
        })
        .await?;
    app.written.notify_one();
    Ok(())
}

/// What becomes of a notice.
#[derive(Debug)]
pub(super) struct Fate {
    /// The notice.
    id: NoticeId,
    /// Its mail, if it is sent.
    pub(super) letter: Option<Letter>,
    /// What is recorded of it; nothing when that was done before.
    end: Option<End>,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Sent(i64, EmailId),
    Dropped(DropReason),
}

/// What becomes of the notice whose event this is; none for other events.
pub(super) async fn fate(app: &App, event: &Recorded) -> Result<Option<Fate>, Problem> {
    if event.event_type != DUE {
        return Ok(None);
    }
    let Ok(id) = event.subject.parse::<NoticeId>() else { return Ok(None) };
    let there = app.clone();
    let fate = app.store.read(move |tx| {
        let Some(notice) = tx.notices().get(id).found()? else {
            return Ok(Fate { id, letter: None, end: None });
        };
        if notice.state != NoticeState::Due {
            return Ok(Fate { id, letter: None, end: None });
        }
        Ok::<_, Problem>(match letter(&there, tx, &notice)? {
            Ok((letter, version, email)) => {
                Fate { id, letter: Some(letter), end: Some(End::Sent(version, email)) }
            }
            Err(reason) => Fate { id, letter: None, end: Some(End::Dropped(reason)) },
        })
    });
    fate.await.map(Some)
}

type Written = (Letter, i64, EmailId);

/// The mail of a notice, or why there is none.
fn letter(
    app: &App,
    tx: &mut Tx<'_>,
    notice: &Notice,
) -> Result<Result<Written, DropReason>, Problem> {
    let rules = program::in_force(app, tx, &notice.program)?;
    let Some(values) = telling::of(tx, &rules, notice, &app.public_url)? else {
        return Ok(Err(DropReason::NoLongerTrue));
    };
    if !life::is_written_to(tx, notice.person)? {
        return Ok(Err(DropReason::PersonGone));
    }
    if !tx.notice_preferences().of(notice.person)?.wants(notice.kind) {
        return Ok(Err(DropReason::Muted));
    }
    let emails = tx.people().emails(notice.person)?;
    let Some(email) = emails.into_iter().find(|email| email.is_primary) else {
        return Ok(Err(DropReason::NoAddress));
    };
    if tx.bounces().standing(&email.address)?.is_some() {
        return Ok(Err(DropReason::Undeliverable));
    }
    let (version, text) = text(tx, notice, &values)?;
    let unsubscribe = if notice.kind.is_mandatory() {
        None
    } else {
        let token = secrets::unsubscribe_token(app.auth.mac_key()?, notice.id)?;
        Some(format!("{}/v1/unsubscribes/{token}", app.public_url))
    };
    let letter = Letter {
        to: email.address,
        subject: text.subject,
        text: footed(text.body, unsubscribe.as_deref()),
        mark: "".into(),
        unsubscribe,
        despite_bounce: false,
    };
    Ok(Ok((letter, version, email.id)))
}

/// What the program's text says, or the one that ships where that cannot be filled.
fn text(tx: &mut Tx<'_>, notice: &Notice, values: &Values) -> Result<(i64, TemplateText), Problem> {
    let template = tx.notice_templates().latest(&notice.program, notice.kind)?;
    let filled = template.text.filled(values).or_else(|error| {
        tracing::warn!(kind = %notice.kind, %error, "a notice's text cannot be filled");
        shipped::notice_text(notice.kind)?
            .filled(values)
            .map_err(|error| Problem::internal(error.to_string()))
    })?;
    Ok((template.version, filled))
}

fn footed(mut body: String, unsubscribe: Option<&str>) -> String {
    if let Some(address) = unsubscribe {
        body = format!("{}\n\n-- \nNo more mails of this kind:\n{address}\n", body.trim_end());
    }
    body
}

/// A mail came back at once: nothing goes to the address from now on, and its notice is dropped.
pub(super) async fn came_back(
    app: &App,
    event: &Recorded,
    fate: Option<&mut Fate>,
    (address, said): (String, String),
) -> Result<(), Problem> {
    let notice = fate.map(|fate| {
        fate.end = fate.end.map(|_sent| End::Dropped(DropReason::Undeliverable));
        fate.id
    });
    app.store
        .write(app.stamp_of("mail", event.id.to_string()), move |tx| {
            if tx.bounces().standing(&address)?.is_none() {
                let told = (BounceSort::Hard, Some(said.clone()));
                bounce::record(tx, address.clone(), notice, told)?;
            }
            Ok(())
        })
        .await
}

/// Records what became of a notice.
pub(super) fn settle(tx: &mut Tx<'_>, fate: &Fate) -> Result<(), Problem> {
    let Some(end) = fate.end else { return Ok(()) };
    let (notice, now) = (tx.notices().get(fate.id)?, tx.now());
    if notice.state != NoticeState::Due {
        return Ok(());
    }
    let settled = match end {
        End::Sent(version, email) => notice.sent(version, email, now)?,
        End::Dropped(reason) => notice.drop_for(reason, now)?,
    };
    notice::save(tx, settled).map(drop)
}

#[cfg(test)]
mod tests {
    use domain::{event::Fact, notice::NoticeEvent};

    use super::*;

    #[test]
    fn the_type_is_that_of_the_fact() {
        let due = NoticeEvent::TYPES.first().copied();
        assert_eq!(due, Some(DUE));
        let dropped = NoticeEvent::Dropped { kind: NoticeKind::Expiry, reason: DropReason::Muted };
        assert_eq!(dropped.event_type(), "notice.dropped");
    }
}
