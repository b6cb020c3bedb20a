//! The demo's notices: of the dates that come nearer today, all of them sent but one that its reader does not
//! want; one came back.

use domain::notice::{BY_EVENT, BounceSort, DropReason, NoticeKind, NoticeState};
use persistence::{Ask, NoticeFilter, Page, Tx};

use super::{orders::rules, people::Cast, story::Story};
use crate::{
    app::App,
    flows::notice::{self, bounce},
    problem::Problem,
};

/// Numbers of the stories, of 7,230 to 7,269.
const CHOICES: u64 = 7_230;
const LOOK: u64 = 7_231;
const BOUNCE: u64 = 7_233;

/// Tells these stories. After every other one: what they made is looked through.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let story = Story::new(app, CHOICES, None).await?;
    let ben = cast.ben();
    story
        .on(story.ago(30), Some(ben), move |tx| {
            let before = tx.notice_preferences().of(ben)?;
            let chosen = before.clone().choose(vec![NoticeKind::InvoiceIssued]);
            notice::save_choice(tx, before, chosen).map(drop)
        })
        .await?;
    let story = Story::new(app, LOOK, None).await?;
    let today = story.today;
    story
        .on(today, None, move |tx| {
            let rules = rules(tx, today)?;
            for window in notice::windows(tx, &rules)? {
                let program = &rules.program.code;
                let ask = Ask { program, window: &window, after: None, limit: 10_000 };
                let found = tx.notices().untold(ask)?;
                notice::make(tx, &rules, &window, &found)?;
            }
            // At once: a server that runs must not mail them meanwhile.
            mailed(tx)
        })
        .await?;
    let story = Story::new(app, BOUNCE, None).await?;
    story.on(story.today, None, came_back).await
}

fn all(tx: &mut Tx<'_>, state: NoticeState) -> Result<Vec<domain::notice::Notice>, Problem> {
    let filter = NoticeFilter { state: Some(state), ..NoticeFilter::default() };
    Ok(tx.notices().list(&filter, Page { after: None, limit: 10_000 })?)
}

/// Every notice of a date is sent but the last one, whose reader has stopped notices of its kind.
fn mailed(tx: &mut Tx<'_>) -> Result<(), Problem> {
    let mut due = all(tx, NoticeState::Due)?;
    due.retain(|one| BY_EVENT.iter().all(|(_, kind)| *kind != one.kind));
    let count = due.len();
    for (place, one) in due.into_iter().enumerate() {
        let (now, emails) = (tx.now(), tx.people().emails(one.person)?);
        let settled = match emails.iter().find(|email| email.is_primary) {
            Some(email) if place + 1 < count => one.sent(1, email.id, now)?,
            _ => {
                let before = tx.notice_preferences().of(one.person)?;
                let chosen = before.clone().unsubscribe(one.kind, one.id);
                notice::save_choice(tx, before, chosen)?;
                one.drop_for(DropReason::Muted, now)?
            }
        };
        notice::save(tx, settled)?;
    }
    Ok(())
}

/// The first one to somebody of the crowd comes back.
fn came_back(tx: &mut Tx<'_>) -> Result<(), Problem> {
    for sent in all(tx, NoticeState::Sent)? {
        let Some(email) = sent.email else { continue };
        let Some(email) = tx.people().email(email)? else { continue };
        // Personas are written to on.
        if !email.address.ends_with("@people.example") {
            continue;
        }
        let said = "550 5.1.1 There is no such mailbox.".to_owned();
        let told = (BounceSort::Hard, Some(said));
        return bounce::record(tx, email.address, Some(sent.id), told).map(drop);
    }
    Ok(())
}
