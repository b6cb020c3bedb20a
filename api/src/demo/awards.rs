//! The demo's awards and accounts: rounds of assistance before, while and after people ask, course
//! subsidies, and subscriptions near their end.

use chrono::NaiveDate;
use domain::{
    AwardRoundId, PersonId,
    application::ApplicationAct,
    award::{AwardRound, Subsidy, SubsidyEvent, SubsidyState, subsidy_findings},
    calendar::add_days,
    completion::CompletionState,
};
use persistence::{CompletionFilter, Page, Tx};

use super::{orders::rules, people::Cast, story::Story};
use crate::{
    app::App,
    flows::{assistance, money, subscription},
    problem::Problem,
};

/// Numbers of the stories; after the orders' and before the crowd's.
const DRAWN: u64 = 40;
const CLOSED: u64 = 41;
const OPEN: u64 = 42;
const UPCOMING: u64 = 43;
const BENS_SUBSIDY: u64 = 44;
const CLEOS_SUBSIDY: u64 = 45;
const ENDING: u64 = 46;
const ANNOUNCED: u64 = 48;

/// People who ask for assistance and have not applied.
const ASKING: &[(&str, &str)] =
    &[("Pia", "Falk"), ("Reza", "Amini"), ("Tess", "Holm"), ("Ugo", "Conti"), ("Vera", "Dunn")];

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let staff = Some(cast.staff());
    let story = Story::new(app, DRAWN, staff).await?;
    let mut asking = Vec::new();
    for (given, family) in ASKING {
        let email = format!("{}.{}@people.example", given.to_lowercase(), family.to_lowercase());
        let day = story.ago(200);
        asking.push(story.registers(day, (given, family), email, None).await?);
    }
    let round = opens(&story, "Autumn", (-120, -90), 2).await?;
    ask(&story, round, -100, &asking).await?;
    draws(&story, round, -85, "20-4-16").await?;

    let story = Story::new(app, CLOSED, staff).await?;
    let round = opens(&story, "Winter", (-40, -3), 2).await?;
    ask(&story, round, -20, &asking).await?;

    let story = Story::new(app, OPEN, staff).await?;
    let round = opens(&story, "Spring", (-5, 25), 10).await?;
    ask(&story, round, -2, &[cast.ada(), cast.ben()]).await?;

    let story = Story::new(app, UPCOMING, staff).await?;
    opens(&story, "Summer", (60, 90), 10).await?;

    let story = Story::new(app, BENS_SUBSIDY, staff).await?;
    subsidy(&story, cast.ben(), false).await?;
    let story = Story::new(app, CLEOS_SUBSIDY, staff).await?;
    subsidy(&story, cast.cleo(), true).await?;

    let near = [(ENDING, "Will", "Brandt", 1_430), (ENDING + 1, "Xenia", "Cole", 1_450)];
    for (number, given, family, ago) in near {
        let story = Story::new(app, number, staff).await?;
        let email = format!("{}.{}@people.example", given.to_lowercase(), family.to_lowercase());
        let person = story.registers(story.ago(ago + 5), (given, family), email, None).await?;
        let application = story.drafts(story.ago(ago), person, 30.0).await?;
        let submitted = story.acts(story.ago(ago), application, ApplicationAct::Submit).await?;
        story.pays(story.ago(ago), submitted.invoice, 1).await?;
    }
    Ok(())
}

/// Announces, as the worker would have done, subscriptions whose last day is near.
pub(super) async fn announce_ends(app: &App) -> Result<(), Problem> {
    let story = Story::new(app, ANNOUNCED, None).await?;
    let day = story.today;
    story
        .on(day, None, move |tx| {
            let rules = rules(tx, day)?;
            while subscription::remind(tx, &rules, 200)? > 0 {}
            Ok(())
        })
        .await
}

/// A round of so many places, from one day to another, both counted from today.
async fn opens(
    story: &Story<'_>,
    name: &'static str,
    (from, until): (i64, i64),
    places: i64,
) -> Result<AwardRoundId, Problem> {
    let (opens_on, closes_on) = (add_days(story.today, from), add_days(story.today, until));
    let made_on = add_days(story.today, from.min(0) - 10);
    story
        .on(made_on, None, move |tx| {
            let rules = rules(tx, made_on)?;
            let round = AwardRound {
                id: tx.new_id(),
                program: rules.program.code.clone(),
                name: name.to_owned(),
                opens_on,
                closes_on,
                places,
                amount_cents: rules.policy.awards.enrollment_assistance_cents,
                seed_source: "The next Pick 3 of the state lottery after the round closes"
                    .to_owned(),
                seed: None,
                drawn_on: None,
                version: 1,
            };
            assistance::open(tx, &round)?;
            Ok(round.id)
        })
        .await
}

/// People ask who were not helped yet.
async fn ask(
    story: &Story<'_>,
    round: AwardRoundId,
    on: i64,
    people: &[PersonId],
) -> Result<(), Problem> {
    let day = add_days(story.today, on);
    for person in people.iter().copied() {
        story
            .on(day, Some(person), move |tx| {
                let rules = rules(tx, day)?;
                let round = tx.award_rounds().get(round)?;
                if !tx.assistance().helped(&rules.program.code, person)? {
                    assistance::request(tx, &rules, &round, person)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn draws(
    story: &Story<'_>,
    round: AwardRoundId,
    on: i64,
    seed: &'static str,
) -> Result<(), Problem> {
    let day = add_days(story.today, on);
    story
        .on(day, None, move |tx| {
            let rules = rules(tx, day)?;
            let round = tx.award_rounds().get(round)?;
            assistance::draw(tx, &rules, round, seed.to_owned()).map(drop)
        })
        .await
}

/// Somebody asks for a subsidy of their first verified course; perhaps it is granted.
async fn subsidy(story: &Story<'_>, person: PersonId, granted: bool) -> Result<(), Problem> {
    let day = story.ago(12);
    let asked = story
        .on(day, Some(person), move |tx| {
            let asked = asked(tx, person, day)?;
            tx.subsidies().insert(&asked)?;
            let (completion, paid_cents) = (asked.completion, asked.paid_cents);
            let fact = SubsidyEvent::Requested { completion, paid_cents };
            tx.record(money::subsidy_event(&asked, fact))?;
            Ok(asked)
        })
        .await?;
    if !granted {
        return Ok(());
    }
    let day = story.ago(8);
    story
        .on(day, None, move |tx| {
            let rules = rules(tx, day)?;
            let found = tx.subsidies().get(asked.id)?;
            let completed = subsidy_findings(&tx.completions().get(found.completion)?);
            money::grant_subsidy(tx, &rules, found, None, completed).map(drop)
        })
        .await
}

fn asked(tx: &mut Tx<'_>, person: PersonId, day: NaiveDate) -> Result<Subsidy, Problem> {
    let filter = CompletionFilter {
        person: Some(person),
        state: Some(CompletionState::Verified),
        ..CompletionFilter::default()
    };
    let mut found = tx.completions().list(&filter, Page { after: None, limit: 1 })?;
    let completion = found.pop().ok_or_else(|| Problem::internal("nothing was completed"))?;
    Ok(Subsidy {
        id: tx.new_id(),
        program: completion.program,
        person,
        completion: completion.id,
        paid_cents: 17_500,
        receipt_url: "https://receipts.example.org/receipt.pdf".to_owned(),
        state: SubsidyState::Requested,
        requested_on: day,
        decided_on: None,
        granted_cents: None,
        reason: None,
        payout: None,
        version: 1,
    })
}
