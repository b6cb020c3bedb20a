//! What the office and calendars read: the address of Cleo's calendar. Stories 7270 to 7299.

use domain::{PersonId, credential::CalendarFeed};

use super::story::Story;
use crate::{app::App, auth::secrets, problem::Problem, v1::calendar_feeds};

/// The token of the address: it opens a calendar of the sandbox and nothing else.
pub const CALENDAR_TOKEN: &str = "lssc_cal_dGhlLWNhbGVuZGFyLW9mLXRoZS1zYW5kYm94LWRlbW8";

/// The story of it.
const FEED: u64 = 7270;

pub(super) async fn make(app: &App, cleo: PersonId) -> Result<(), Problem> {
    let story = Story::new(app, FEED, None).await?;
    story
        .on(story.ago(30), Some(cleo), move |tx| {
            let hash = secrets::hash(CALENDAR_TOKEN);
            let (feed, fact) = CalendarFeed::make(None, cleo, hash, tx.now());
            tx.calendar_feeds().put(&feed)?;
            Ok(tx.record(calendar_feeds::event(&feed, fact))?)
        })
        .await
}
