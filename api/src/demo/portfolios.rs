//! Portfolios in every state: four evaluators, of whom Eva is one, and eight candidates of the crowd's kind;
//! and what is to be done next, for who tries it.

mod open;

use chrono::NaiveDate;
use domain::{
    CandidacyId, InvoiceId, PersonId, PortfolioId,
    competency::SetCode,
    portfolio::{
        AssignmentState, Away, CompetencyRating, Evaluator, EvaluatorProfile, PortfolioContent,
        Rating, Response,
    },
    program::ProgramCode,
};

use super::{
    orders::rules,
    people::{Cast, PASSWORD, find},
    story::Story,
};
use crate::{
    app::App,
    flows::{evaluation, portfolio},
    problem::Problem,
    v1::evaluators,
};

/// Number of the story of the evaluators; those of candidates follow, and those of their fees.
const EVALUATORS: u64 = 1_140;
const FEES: u64 = 1_150;

/// What a seat does not find met: the place of the competency in the set, and what is found.
type Way = &'static [(usize, Rating)];

/// How far a portfolio got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// A draft that the office is to look at.
    PreReview,
    /// Submitted, and rated in this way by so many seats; again where it was handed in again.
    Rated(&'static [&'static [Way]]),
    /// Submitted, and withdrawn.
    Withdrawn,
}

const MET: Way = &[];
const DOUBT: Way = &[(2, Rating::PartiallyMet)];
const MISSING: Way = &[(0, Rating::NotMet), (2, Rating::NotMet)];

/// Number of the story, who, the set, how many days ago it was submitted, and how far it got.
const FATES: [(u64, &str, &str, u64, Fate); 8] = [
    (1_141, "Quinn", "FND", 6, Fate::PreReview),
    (1_142, "Rosa", "FND", 10, Fate::Rated(&[&[MET]])),
    (1_143, "Sven", "COM", 20, Fate::Rated(&[&[MISSING, DOUBT]])),
    (1_144, "Tara", "COM", 40, Fate::Rated(&[&[MISSING, MET], &[MISSING, MET]])),
    (1_145, "Umar", "TEC", 90, Fate::Rated(&[&[MET, DOUBT]])),
    (1_146, "Vera", "CAT", 120, Fate::Rated(&[&[MISSING, MISSING], &[MISSING, MISSING]])),
    (1_147, "Willem", "FND", 30, Fate::Withdrawn),
    (1_148, "Xavier", "FND", 100, Fate::Rated(&[&[DOUBT, DOUBT], &[MET, MET]])),
];

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let story = Story::new(app, EVALUATORS, Some(cast.staff())).await?;
    let eva = find(app, "eva@demo.example").await?;
    let eva = eva.ok_or_else(|| Problem::internal("the demo has no Eva"))?;
    judges(&story, eva, "Lakeside College Library", cast.staff()).await?;
    let hash = app.auth.passwords.hash(app.chance.as_ref(), PASSWORD).await?;
    for (given, family, library) in [
        ("Victor", "Lang", "Hilltop Public Library"),
        ("Wilma", "Stone", "Harbor County Library"),
        ("Xenia", "Park", "Prairie State University Library"),
    ] {
        let email = format!("{}@evaluators.example", given.to_lowercase());
        let day = story.ago(400);
        let person = story.registers(day, (given, family), email, Some(hash.clone())).await?;
        judges(&story, person, library, cast.staff()).await?;
    }
    for (number, name, set, ago, fate) in FATES {
        let story = Story::new(app, number, Some(cast.staff())).await?;
        let fees = Story::new(app, number - EVALUATORS + FEES, Some(cast.staff())).await?;
        let email = format!("{}@writers.example", name.to_lowercase());
        let day = story.ago(ago + 60);
        let person = story.registers(day, (name, "Vale"), email, None).await?;
        let candidacy = story.is_admitted(day, person).await?;
        let one = Writer { story, fees, person, candidacy };
        one.goes(set.parse().map_err(|bad| Problem::internal(format!("{bad:?}")))?, ago, fate)
            .await?;
    }
    open::make(app, cast).await
}

/// The office takes an evaluator on who is there.
async fn judges(
    story: &Story<'_>,
    person: PersonId,
    library: &'static str,
    staff: PersonId,
) -> Result<(), Problem> {
    judges_but(story, person, (library, Vec::new()), staff).await
}

/// The office takes an evaluator on who is away for some time.
async fn judges_but(
    story: &Story<'_>,
    person: PersonId,
    (library, away): (&'static str, Vec<Away>),
    staff: PersonId,
) -> Result<(), Problem> {
    let day = story.ago(380);
    let trained_on = Some(story.ago(390));
    story
        .on(day, Some(staff), move |tx| {
            let framework = rules(tx, day)?.framework;
            let profile = EvaluatorProfile {
                sets: framework.sets.iter().map(|set| set.code.clone()).collect(),
                employers: vec![library.to_owned()],
                resume: None,
                trained_on,
                capacity: 40,
                away: away.clone(),
                conflicts: Vec::new(),
            };
            let program = ProgramCode::lssc();
            let evaluator = Evaluator { person, program, profile, ended_on: None, version: 1 };
            evaluators::take_on(tx, &evaluator)
        })
        .await
}

/// A candidate who writes a portfolio.
struct Writer<'a> {
    story: Story<'a>,
    fees: Story<'a>,
    person: PersonId,
    candidacy: CandidacyId,
}

impl Writer<'_> {
    async fn goes(&self, set: SetCode, ago: u64, fate: Fate) -> Result<(), Problem> {
        let day = self.story.ago(ago);
        let id = self.drafts(day, set).await?;
        let person = Some(self.person);
        match fate {
            Fate::PreReview => {
                let asked = move |tx: &mut persistence::Tx<'_>| {
                    let draft = tx.portfolios().get(id)?;
                    portfolio::save(tx, draft.request_pre_review(day)?).map(drop)
                };
                self.story.on(day, person, asked).await
            }
            Fate::Withdrawn => {
                self.pays(day, id).await?;
                self.submits(day, id).await?;
                let later = self.story.ago(ago.saturating_sub(5));
                let reason = "I take the course instead.";
                let withdraws = move |tx: &mut persistence::Tx<'_>| {
                    let rules = rules(tx, later)?;
                    let found = tx.portfolios().get(id)?;
                    portfolio::withdraw(tx, &rules, found, Some(reason.to_owned())).map(drop)
                };
                self.story.on(later, person, withdraws).await
            }
            Fate::Rated(rounds) => {
                self.pays(day, id).await?;
                let mut ago = ago;
                for ways in rounds {
                    self.submits(self.story.ago(ago), id).await?;
                    ago = ago.saturating_sub(8);
                    for way in *ways {
                        self.is_rated(self.story.ago(ago), id, way).await?;
                    }
                    ago = ago.saturating_sub(12);
                }
                Ok(())
            }
        }
    }

    async fn drafts(&self, day: NaiveDate, set: SetCode) -> Result<PortfolioId, Problem> {
        let candidacy = self.candidacy;
        self.story
            .on(day, Some(self.person), move |tx| {
                let candidacy = tx.candidacies().get(candidacy)?;
                let pinned = portfolio::rules_of(tx, candidacy, &set)?;
                let pinned = pinned.ok_or_else(|| Problem::internal("the demo has no such set"))?;
                let response = |code: &domain::competency::CompetencyCode| Response {
                    competency: code.clone(),
                    narrative: "I did this at my library for years, and show how.".to_owned(),
                    links: vec!["https://library.example.org/what-i-did".to_owned()],
                    attachments: Vec::new(),
                };
                let content = PortfolioContent {
                    introduction: "I work at the desk and behind it.".to_owned(),
                    learning_statement: "Writing it down showed me what I know.".to_owned(),
                    responses: pinned
                        .set
                        .competencies
                        .iter()
                        .map(|one| response(&one.code))
                        .collect(),
                };
                portfolio::begin(tx, &pinned, content, day).map(|draft| draft.id)
            })
            .await
    }

    async fn pays(&self, day: NaiveDate, id: PortfolioId) -> Result<(), Problem> {
        let invoice: Option<InvoiceId> = self
            .story
            .on(day, Some(self.person), move |tx| {
                let rules = rules(tx, day)?;
                let draft = tx.portfolios().get(id)?;
                portfolio::invoice(tx, &rules, draft).map(|billed| billed.invoice)
            })
            .await?;
        self.fees.pays(day, invoice, 1).await
    }

    async fn submits(&self, day: NaiveDate, id: PortfolioId) -> Result<(), Problem> {
        self.story
            .on(day, Some(self.person), move |tx| {
                let rules = rules(tx, day)?;
                let found = tx.portfolios().get(id)?;
                portfolio::submit(tx, &rules, found).map(drop)
            })
            .await
    }

    /// The evaluator of the first seat that is not rated yet rates it in a way.
    async fn is_rated(&self, day: NaiveDate, id: PortfolioId, way: Way) -> Result<(), Problem> {
        let find = move |tx: &mut persistence::Tx<'_>| {
            let mut all = tx.assignments().of(id)?;
            all.retain(|one| one.state == AssignmentState::Open);
            all.sort_by_key(|one| one.seat);
            Ok::<_, Problem>(all.first().map(|one| (one.id, one.evaluator)))
        };
        let Some((assignment, evaluator)) = self.story.on(day, None, find).await? else {
            return Err(Problem::internal("the demo has nobody to rate a portfolio"));
        };
        let chance = self.story.chance();
        self.story
            .on(day, Some(evaluator), move |tx| {
                let rules = rules(tx, day)?;
                let (_, open) = evaluation::held(tx, assignment)?;
                let found = |place: usize| {
                    way.iter().find(|(one, _)| *one == place).map_or(Rating::Met, |(_, it)| *it)
                };
                let line = |(place, code): (usize, &domain::competency::CompetencyCode)| {
                    let rating = found(place);
                    let comment = (rating != Rating::Met)
                        .then(|| "Say what you did yourself, and show it.".to_owned());
                    CompetencyRating { competency: code.clone(), rating: Some(rating), comment }
                };
                let ratings = open.to_rate.iter().enumerate().map(line).collect();
                evaluation::rate(tx, open, ratings)?;
                let held = evaluation::held(tx, assignment)?;
                evaluation::finalise(tx, chance.as_ref(), &rules, held).map(drop)
            })
            .await
    }
}
