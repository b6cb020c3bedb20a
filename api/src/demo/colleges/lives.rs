//! What happens to an agreement after it was signed: yearly reviews, a change, its end.

use chrono::NaiveDate;
use domain::{
    AgreementId,
    agreement::{GraduationCourse, YearlyOutcome},
};

use super::{Office, is_reviewed, list::Fate};
use crate::{
    demo::{orders, story::Story},
    flows::agreement,
    problem::Problem,
};

/// Tells it.
pub(super) async fn tell(
    story: &Story<'_>,
    id: AgreementId,
    fate: Fate,
    office: Office,
) -> Result<(), Problem> {
    let end = match fate {
        Fate::Ended(_, ago) => story.ago(ago),
        _ => story.today,
    };
    yearly(story, id, end, office).await?;
    match fate {
        Fate::Changed(_, ago) => {
            changes(story, id, story.ago(ago + 30), office).await?;
            is_reviewed(story, id, story.ago(ago + 10), office.staff).await?;
            is_reviewed(story, id, story.ago(ago), office.admin).await?;
            is_adopted(story, id, story.ago(ago), office).await
        }
        Fate::Changing(_) => changes(story, id, story.ago(9), office).await,
        Fate::Ended(_, ago) => ends(story, id, story.ago(ago), office).await,
        Fate::Since(..) | Fate::Signed(_) | Fate::InReview | Fate::Draft => Ok(()),
    }
}

async fn yearly(
    story: &Story<'_>,
    id: AgreementId,
    end: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    loop {
        let due = story.on(end, None, move |tx| Ok(tx.agreements().get(id)?.next_review_on()));
        let Some(due) = due.await?.filter(|due| *due < end) else { return Ok(()) };
        story
            .on(due, Some(office.staff), move |tx| {
                let (held, by) = (tx.agreements().get(id)?, office.staff.to_string());
                let held = held.review_yearly(YearlyOutcome::Unchanged, None, by, due)?;
                agreement::save(tx, held).map(drop)
            })
            .await?;
    }
}

/// A seventh course is to be required.
async fn changes(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    story
        .on(day, Some(office.staff), move |tx| {
            let before = tx.agreements().get(id)?;
            let terms = before.versions.last().map(|version| version.terms.clone());
            let mut terms = terms.ok_or_else(|| Problem::internal("it was not signed"))?;
            terms.requirements.push(GraduationCourse {
                code: "LTA 201".to_owned(),
                title: "Supervision and Management".to_owned(),
                sets: "SUP".parse().into_iter().collect(),
            });
            let reason = "The program requires a course on supervision now.".to_owned();
            let by = office.staff.to_string();
            let changed = before.request_change(terms, reason, by, day)?;
            agreement::save(tx, changed).map(drop)
        })
        .await
}

async fn is_adopted(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    story
        .on(day, Some(office.staff), move |tx| {
            let rules = orders::rules(tx, day)?;
            let before = tx.agreements().get(id)?;
            let signing = agreement::signing(&rules, &before, day)?;
            let signing = signing.ok_or_else(|| Problem::internal("nothing to adopt"))?;
            let adopted = before.adopt_change(&signing)?;
            agreement::save(tx, adopted).map(drop)
        })
        .await
}

async fn ends(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    story
        .on(day, Some(office.staff), move |tx| {
            let reason = "The college ends its program.".to_owned();
            let ended = tx.agreements().get(id)?.end(day, reason, day)?;
            agreement::save(tx, ended).map(drop)
        })
        .await
}
