//! People who registered twice: a pair that could be merged, one whose records clash, one that was merged.
//! Numbers of the stories: 7200 to 7229.

use domain::{PersonId, application::ApplicationAct};

use super::{people::Cast, story::Story};
use crate::{app::App, flows::merge, problem::Problem};

const NORA: u64 = 7_200;
const LENA: u64 = 7_201;
const HUGO: u64 = 7_202;

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let staff = cast.staff();
    nora(&Story::new(app, NORA, Some(staff)).await?).await?;
    lena(&Story::new(app, LENA, Some(staff)).await?).await?;
    hugo(app, &Story::new(app, HUGO, Some(staff)).await?, staff).await
}

/// Two records of somebody: the one that goes on, then the duplicate.
async fn twice(
    story: &Story<'_>,
    given: &str,
    [family, before]: [&str; 2],
) -> Result<(PersonId, PersonId), Problem> {
    let address =
        |family: &str| format!("{}.{}@people.example", given.to_lowercase(), family.to_lowercase());
    let day = story.ago(60);
    let goes_on = story.registers(day, (given, family), address(family), None).await?;
    let day = story.ago(50);
    let duplicate = story.registers(day, (given, before), address(before), None).await?;
    Ok((goes_on, duplicate))
}

/// Nora applied with her old address and registered anew with her new name.
async fn nora(story: &Story<'_>) -> Result<(), Problem> {
    let (_, duplicate) = twice(story, "Nora", ["Field", "Hale"]).await?;
    let application = story.drafts(story.ago(45), duplicate, 35.0).await?;
    story.acts(story.ago(44), application, ApplicationAct::Submit).await.map(drop)
}

/// Lena applied with both records.
async fn lena(story: &Story<'_>) -> Result<(), Problem> {
    let (goes_on, duplicate) = twice(story, "Lena", ["Moor", "Frost"]).await?;
    for person in [goes_on, duplicate] {
        story.drafts(story.ago(40), person, 35.0).await?;
    }
    Ok(())
}

/// Hugo was a candidate with one record; the office merged it into the other one.
async fn hugo(app: &App, story: &Story<'_>, staff: PersonId) -> Result<(), Problem> {
    let (goes_on, duplicate) = twice(story, "Hugo", ["Stein", "Berg"]).await?;
    story.is_admitted(story.ago(45), duplicate).await?;
    let app = app.clone();
    story
        .on(story.ago(10), Some(staff), move |tx| {
            let reason = "He married and registered with the new name.".to_owned();
            merge::merge(&app, tx, (duplicate, goes_on), reason).map(drop)
        })
        .await
}
