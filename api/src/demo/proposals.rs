//! The demo's course proposals in every state, and the bundle of a children's and a teen course for youth
//! services (FAQ 10, 13). Paul acts for the provider; Eva and Rita review.

mod acts;
mod office;
mod people;

use domain::{PersonId, course::review::Recommendation};

use super::{
    catalog::Catalog,
    people::{Cast, find},
    story::Story,
};
use crate::{app::App, problem::Problem};
use acts::Desk;

/// Numbers of the stories; after the awards' and before the crowd's.
const PROVIDER: u64 = 60;
const DRAFT: u64 = 61;
const SUBMITTED: u64 = 62;
const IN_REVIEW: u64 = 63;
const CHANGES: u64 = 64;
const READY: u64 = 65;
const DECLINED: u64 = 66;
const RENEWAL: u64 = 67;
const BUNDLE: u64 = 68;
const NEXT_BUNDLE: u64 = 69;
const WITHDRAWN: u64 = 70;

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast, catalog: &Catalog) -> Result<(), Problem> {
    let (Some(paul), Some(eva)) =
        (find(app, "paul@demo.example").await?, find(app, "eva@demo.example").await?)
    else {
        return Err(Problem::internal("the demo has no Paul or no Eva"));
    };
    let staff = Some(cast.staff());
    let story = Story::new(app, PROVIDER, staff).await?;
    let rita = people::make(&story, app, paul, catalog.provider).await?;
    let papers = acts::papers(&story, app, paul, catalog.provider).await?;
    let reviewers = [eva, rita];
    let desk = |story| Desk { story, staff, paul, provider: catalog.provider, papers };
    let tell = async |number| Story::new(app, number, staff).await;

    let one = desk(tell(DRAFT).await?);
    one.drafts(20, "REF", "Answering questions at the desk").await?;

    let one = desk(tell(SUBMITTED).await?);
    let id = one.drafts(18, "CAT", "Copy cataloging, step by step").await?;
    one.submits(15, id, false).await?;

    let one = desk(tell(IN_REVIEW).await?);
    let id = one.drafts(60, "COM", "Working with every patron").await?;
    one.submits(55, id, true).await?;
    one.assigns(40, id, eva).await?;
    let ritas = one.assigns(40, id, rita).await?;
    one.reviews(20, ritas, Recommendation::Approve).await?;

    let one = desk(tell(CHANGES).await?);
    let id =
        reviewed(&one, 90, ("SUP", "Leading a small team"), reviewers, Recommendation::Changes)
            .await?;
    one.asks_for_changes(50, id, "SUP-03").await?;

    let one = desk(tell(READY).await?);
    let title = ("ACC", "Circulation from both sides of the counter");
    reviewed(&one, 80, title, reviewers, Recommendation::Approve).await?;

    let one = desk(tell(DECLINED).await?);
    let title = ("TEC", "Everything about one brand of printers");
    let id = reviewed(&one, 200, title, reviewers, Recommendation::Decline).await?;
    one.declines(150, id).await?;

    let one = desk(tell(RENEWAL).await?);
    one.renews(10, catalog.course("FND", one.story.ago(30))).await?;

    let one = desk(tell(WITHDRAWN).await?);
    let id = one.drafts(120, "ARA", "Adult readers, in the evening").await?;
    one.submits(110, id, false).await?;
    one.withdraws(100, id).await?;

    bundle(&desk(tell(BUNDLE).await?), reviewers, true).await?;
    bundle(&desk(tell(NEXT_BUNDLE).await?), reviewers, false).await
}

/// A proposal that both reviewers handed their reviews in for.
async fn reviewed(
    desk: &Desk<'_>,
    days_ago: u64,
    (set, title): (&str, &str),
    reviewers: [PersonId; 2],
    advice: Recommendation,
) -> Result<domain::ProposalId, Problem> {
    let id = desk.drafts(days_ago, set, title).await?;
    desk.submits(days_ago - 2, id, true).await?;
    for reviewer in reviewers {
        let review = desk.assigns(days_ago - 5, id, reviewer).await?;
        desk.reviews(days_ago - 20, review, advice).await?;
    }
    Ok(id)
}

/// The children's half and the teens' half of youth services.
async fn bundle(desk: &Desk<'_>, reviewers: [PersonId; 2], approved: bool) -> Result<(), Problem> {
    let first = if approved { 400 } else { 100 };
    let titles = if approved {
        ["Youth services", "Serving children", "Serving teens"]
    } else {
        ["Youth services, evenings", "Serving children, evenings", "Serving teens, evenings"]
    };
    let [whole, children, teens] = titles;
    let bundle = desk.bundles(first, "YTH", whole).await?;
    for (title, half) in [(children, 0), (teens, 1)] {
        let id = desk.drafts_part(first - 1, ("YTH", title), bundle, half).await?;
        desk.submits(first - 3, id, true).await?;
        for reviewer in reviewers {
            let review = desk.assigns(first - 5, id, reviewer).await?;
            desk.reviews(first - 20, review, Recommendation::Approve).await?;
        }
        desk.approves(first - 30, id).await?;
    }
    if approved {
        desk.approves_bundle(first - 31, bundle).await?;
    }
    Ok(())
}
