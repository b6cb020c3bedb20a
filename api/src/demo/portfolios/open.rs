//! What is to be done next of portfolios: Ben's can be submitted, Eva has one to rate, a seat waits for somebody
//! whom the office names.

use chrono::Days;
use domain::{
    CandidacyId, PersonId, PortfolioId,
    portfolio::{AssignmentState, Away},
};
use persistence::{CandidacyFilter, Page};

use super::{Writer, judges_but};
use crate::{
    app::App,
    demo::{
        orders::rules,
        people::{Cast, PASSWORD, find},
        story::Story,
    },
    flows::evaluation,
    problem::Problem,
};

/// Numbers of the stories: of each portfolio those of its candidate, draft, fee and submission.
const BENS: [u64; 2] = [7_320, 7_330];
const TO_RATE: [u64; 5] = [7_321, 7_322, 7_332, 7_323, 7_324];
const FREE: [u64; 5] = [7_325, 7_326, 7_336, 7_327, 7_328];
const NAMED: u64 = 7_329;

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let eva = find(app, "eva@demo.example").await?;
    let eva = eva.ok_or_else(|| Problem::internal("the demo has no Eva"))?;
    bens(app, cast).await?;
    let one = submitted(app, cast, TO_RATE, "Yolanda").await?;
    // Two of four hold the seats: at the latest after two releases one of them is Eva.
    while !one.seats().await?.iter().any(|(_, person)| *person == eva) {
        one.releases_one().await?;
    }
    let other = submitted(app, cast, FREE, "Zoe").await?;
    while other.seats().await?.len() == 2 {
        other.releases_one().await?;
    }
    named(app, cast).await
}

/// Ben's portfolio, paid and complete.
async fn bens(app: &App, cast: &Cast) -> Result<(), Problem> {
    let [draft, fee] = BENS;
    let person = cast.ben();
    let candidacy = candidacy_of(app, person).await?;
    let (story, fees) = stories(app, cast, [draft, fee]).await?;
    let ben = Writer { story, fees, person, candidacy };
    let set = "YTH".parse().map_err(|bad| Problem::internal(format!("{bad:?}")))?;
    let day = ben.story.ago(2);
    let id = ben.drafts(day, set).await?;
    ben.pays(day, id).await
}

async fn candidacy_of(app: &App, person: PersonId) -> Result<CandidacyId, Problem> {
    let found = app.store.read(move |tx| {
        let filter = CandidacyFilter { person: Some(person), ..CandidacyFilter::default() };
        Ok::<_, Problem>(tx.candidacies().list(&filter, Page { after: None, limit: 1 })?)
    });
    let first = found.await?.first().map(|one| one.id);
    first.ok_or_else(|| Problem::internal("the demo's Ben has no candidacy"))
}

async fn stories<'a>(
    app: &'a App,
    cast: &Cast,
    [one, other]: [u64; 2],
) -> Result<(Story<'a>, Story<'a>), Problem> {
    let staff = Some(cast.staff());
    Ok((Story::new(app, one, staff).await?, Story::new(app, other, staff).await?))
}

/// A portfolio that was submitted, and who of the office takes evaluators off it.
struct Submitted<'a> {
    story: Story<'a>,
    staff: PersonId,
    id: PortfolioId,
}

/// Somebody submits a portfolio two days ago.
async fn submitted<'a>(
    app: &'a App,
    cast: &Cast,
    [of_person, draft, fee, submission, releases]: [u64; 5],
    name: &str,
) -> Result<Submitted<'a>, Problem> {
    let (story, fees) = stories(app, cast, [of_person, fee]).await?;
    let (begins, submits) = stories(app, cast, [draft, submission]).await?;
    let email = format!("{}@writers.example", name.to_lowercase());
    let person = story.registers(story.ago(90), (name, "Vale"), email, None).await?;
    let candidacy = story.is_admitted(story.ago(90), person).await?;
    let day = story.ago(2);
    let set = "FND".parse().map_err(|bad| Problem::internal(format!("{bad:?}")))?;
    let writer = Writer { story: begins, fees, person, candidacy };
    let id = writer.drafts(day, set).await?;
    writer.pays(day, id).await?;
    Writer { story: submits, ..writer }.submits(day, id).await?;
    let story = Story::new(app, releases, Some(cast.staff())).await?;
    Ok(Submitted { story, staff: cast.staff(), id })
}

impl Submitted<'_> {
    /// Who holds which seat.
    async fn seats(&self) -> Result<Vec<(i64, PersonId)>, Problem> {
        let id = self.id;
        self.story
            .on(self.story.ago(1), None, move |tx| {
                let mut all = tx.assignments().of(id)?;
                all.retain(|one| one.state == AssignmentState::Open);
                Ok(all.into_iter().map(|one| (one.seat, one.evaluator)).collect())
            })
            .await
    }

    /// The office takes the evaluator of the first seat off it: another one is assigned, if anybody may.
    async fn releases_one(&self) -> Result<(), Problem> {
        let (id, day) = (self.id, self.story.ago(1));
        self.story
            .on(day, Some(self.staff), move |tx| {
                let all = tx.assignments().of(id)?;
                let open = all.iter().filter(|one| one.state == AssignmentState::Open);
                let Some(first) = open.min_by_key(|one| one.seat) else {
                    return Ok(());
                };
                let rules = rules(tx, day)?;
                let held = evaluation::held(tx, first.id)?;
                let reason = "The evaluator is ill.".to_owned();
                evaluation::release(tx, &rules, held, reason).map(drop)
            })
            .await
    }
}

/// An evaluator who is there today and then away: nobody's choice but the office's.
async fn named(app: &App, cast: &Cast) -> Result<(), Problem> {
    let story = Story::new(app, NAMED, Some(cast.staff())).await?;
    let hash = app.auth.passwords.hash(app.chance.as_ref(), PASSWORD).await?;
    let email = "ysolde@evaluators.example".to_owned();
    let person = story.registers(story.ago(400), ("Ysolde", "Frost"), email, Some(hash)).await?;
    let after = |days| story.today.checked_add_days(Days::new(days)).unwrap_or(story.today);
    let away = vec![Away { from: after(1), until: after(60) }];
    judges_but(&story, person, ("Summit Law Library", away), cast.staff()).await
}
