//! What happens to an agreement after it was signed: yearly reviews, a change, its end.

use chrono::NaiveDate;
use domain::{
    AgreementId,
    agreement::{GraduationCourse, YearlyOutcome},
};

use super::{Office, acts, is_reviewed, list::Fate};
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
        Fate::Changing(_) => {
            changes(story, id, story.ago(9), office).await?;
            is_reviewed(story, id, story.ago(5), office.staff).await?;
            is_reviewed(story, id, story.ago(4), office.admin).await
        }
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
        acts(story, id, due, office.staff, move |_, before| {
            let by = office.staff.to_string();
            Ok(before.review_yearly(YearlyOutcome::Unchanged, None, by, due)?)
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
    acts(story, id, day, office.writer, move |_, before| {
        let terms = before.versions.last().map(|version| version.terms.clone());
        let mut terms = terms.ok_or_else(|| Problem::internal("it was not signed"))?;
        terms.requirements.push(GraduationCourse {
            code: "LTA 201".to_owned(),
            title: "Supervision and Management".to_owned(),
            sets: "SUP".parse().into_iter().collect(),
        });
        let reason = "The program requires a course on supervision now.".to_owned();
        let by = office.writer.to_string();
        Ok(before.request_change(terms, reason, by, day)?)
    })
    .await
}

async fn is_adopted(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    acts(story, id, day, office.staff, move |tx, before| {
        let rules = orders::rules(tx, day)?;
        let signing = agreement::signing(&rules, &before, day)?;
        let signing = signing.ok_or_else(|| Problem::internal("nothing to adopt"))?;
        Ok(before.adopt_change(&signing)?)
    })
    .await
}

async fn ends(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    acts(story, id, day, office.staff, move |_, before| {
        let reason = "The college ends its program.".to_owned();
        Ok(before.end(day, reason, day)?)
    })
    .await
}
