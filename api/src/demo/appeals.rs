//! The demo's appeals in every state. Sam decides, Amy judges the appeals against it; Ben appeals refusals
//! of completions, Paul that of a course, and people of the crowd those of their applications.

use chrono::NaiveDate;
use domain::{
    AppealId, CandidacyId, PersonId,
    appeal::{Appeal, AppealEvent, AppealOutcome, Subject},
    application::ApplicationAct,
    course::proposal::ProposalState,
};
use persistence::{CandidacyFilter, Page, ProposalFilter, Tx};

use super::{
    catalog::Catalog,
    orders::rules,
    people::{Cast, find},
    story::Story,
};
use crate::{
    app::App,
    flows::{appeal, completion},
    problem::Problem,
};

/// Numbers of the stories of Ben and Paul; those of applications follow. After the crowd's.
const REFUSED: u64 = 1_100;
const NOTICED: u64 = 1_101;
const COURSE: u64 = 1_102;

/// How far an appeal against the refusal of an application got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Forfeited,
    Withdrawn,
    Documented,
    Answered,
    Meets,
    Upheld,
    Remanded,
}

/// Number of the story, who, and how many days ago the application was refused.
const FATES: [(u64, &str, u64, Fate); 7] = [
    (1_103, "Irma", 15, Fate::Documented),
    (1_104, "Jonas", 25, Fate::Answered),
    (1_105, "Kira", 30, Fate::Meets),
    (1_106, "Liam", 90, Fate::Upheld),
    (1_107, "Mona", 80, Fate::Remanded),
    (1_108, "Nils", 20, Fate::Withdrawn),
    (1_109, "Odile", 60, Fate::Forfeited),
];

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast, catalog: &Catalog) -> Result<(), Problem> {
    let (Some(judge), Some(paul)) =
        (find(app, "amy@demo.example").await?, find(app, "paul@demo.example").await?)
    else {
        return Err(Problem::internal("the demo has no Amy or no Paul"));
    };
    let court = async |number| {
        let story = Story::new(app, number, Some(cast.staff())).await?;
        Ok::<_, Problem>(Court { story, staff: cast.staff(), judge })
    };

    let one = court(REFUSED).await?;
    let candidacy = one.candidacy_of(cast.ben()).await?;
    one.refuses_completion(4, candidacy, "REF", catalog).await?;

    let one = court(NOTICED).await?;
    let refused = one.refuses_completion(8, candidacy, "CAT", catalog).await?;
    one.notices(6, cast.ben(), refused).await?;

    let one = court(COURSE).await?;
    if let Some(declined) = one.declined().await? {
        one.goes_on(150, paul, declined, Fate::Upheld).await?;
    }

    for (number, name, ago, fate) in FATES {
        let one = court(number).await?;
        let (person, refused) = one.refuses_application(ago, name).await?;
        one.goes_on(ago, person, refused, fate).await?;
    }
    Ok(())
}

/// Who decides, and who judges that.
struct Court<'a> {
    story: Story<'a>,
    staff: PersonId,
    judge: PersonId,
}

impl Court<'_> {
    async fn candidacy_of(&self, person: PersonId) -> Result<CandidacyId, Problem> {
        let found = self.story.on(self.story.today, None, move |tx| {
            let filter = CandidacyFilter { person: Some(person), ..CandidacyFilter::default() };
            let page = tx.candidacies().list(&filter, Page { after: None, limit: 1 })?;
            Ok(page.first().map(|candidacy| candidacy.id))
        });
        found.await?.ok_or_else(|| Problem::internal("the demo's Ben is no candidate"))
    }

    /// The first course that was declined.
    async fn declined(&self) -> Result<Option<Subject>, Problem> {
        let found = self.story.on(self.story.today, None, move |tx| {
            let state = Some(ProposalState::Declined);
            let filter = ProposalFilter { state, ..ProposalFilter::default() };
            let page = tx.proposals().list(&filter, Page { after: None, limit: 1 })?;
            Ok(page.first().map(|proposal| Subject::CourseProposal(proposal.id)))
        });
        found.await
    }

    async fn refuses_completion(
        &self,
        ago: u64,
        candidacy: CandidacyId,
        set: &str,
        catalog: &Catalog,
    ) -> Result<Subject, Problem> {
        let (completed, day) = (self.story.ago(ago + 20), self.story.ago(ago));
        let course = catalog.course(set, completed);
        let course = course.ok_or_else(|| Problem::internal(format!("no course for {set}")))?;
        let id = self.story.hands_in(completed, candidacy, course).await?.id;
        self.story
            .on(day, Some(self.staff), move |tx| {
                let recorded = tx.completions().get(id)?;
                let reason = "The form is not signed by the instructor.".to_owned();
                let refused = completion::refuse(tx, recorded, reason, day)?;
                Ok(Subject::Completion(refused.id))
            })
            .await
    }

    async fn refuses_application(
        &self,
        ago: u64,
        given: &str,
    ) -> Result<(PersonId, Subject), Problem> {
        let story = &self.story;
        let email = format!("{}.wright@people.example", given.to_lowercase());
        let name = (given, "Wright");
        let person = story.registers(story.ago(ago + 60), name, email, None).await?;
        let application = story.drafts(story.ago(ago + 40), person, 12.0).await?;
        let submitted =
            story.acts(story.ago(ago + 30), application, ApplicationAct::Submit).await?;
        story.pays(story.ago(ago + 25), submitted.invoice, 1).await?;
        for (before, act) in [(20, ApplicationAct::Review), (0, ApplicationAct::Refuse)] {
            story.acts(story.ago(ago + before), application, act).await?;
        }
        Ok((person, Subject::Application(application)))
    }

    async fn notices(
        &self,
        ago: u64,
        appellant: PersonId,
        refused: Subject,
    ) -> Result<AppealId, Problem> {
        let day = self.story.ago(ago);
        self.story
            .on(day, Some(appellant), move |tx| {
                let contested = appeal::contested(tx, refused, &|_| day)?;
                let grounds = "What I handed in was not looked at as a whole.".to_owned();
                Ok(appeal::notice(tx, &contested, grounds)?.id)
            })
            .await
    }

    /// Somebody does something to an appeal on a day.
    async fn acts(
        &self,
        ago: u64,
        actor: PersonId,
        id: AppealId,
        mut act: impl FnMut(Appeal, NaiveDate) -> Result<(Appeal, AppealEvent), Problem>
        + Send
        + 'static,
    ) -> Result<(), Problem> {
        let day = self.story.ago(ago);
        let acts = move |tx: &mut Tx<'_>| {
            let before = tx.appeals().get(id)?;
            appeal::save(tx, act(before, day)?).map(drop)
        };
        self.story.on(day, Some(actor), acts).await
    }

    /// An appeal against what was refused so many days ago, as far as it got.
    async fn goes_on(
        &self,
        ago: u64,
        appellant: PersonId,
        refused: Subject,
        fate: Fate,
    ) -> Result<(), Problem> {
        let id = self.notices(ago - 5, appellant, refused).await?;
        if fate == Fate::Forfeited {
            return Ok(());
        }
        if fate == Fate::Withdrawn {
            let reason = Some("I apply again with the letter.".to_owned());
            let gives_up = move |one: Appeal, day| Ok(one.withdraw(reason.clone(), day)?);
            return self.acts(ago - 7, appellant, id, gives_up).await;
        }
        let hands_in = |one: Appeal, day| {
            let text = "A letter of the library tells what was done, week by week.".to_owned();
            Ok(one.hand_in(text, Vec::new(), day)?)
        };
        self.acts(ago - 10, appellant, id, hands_in).await?;
        if fate == Fate::Documented {
            return Ok(());
        }
        let by = self.judge.to_string();
        let answers = {
            let by = by.clone();
            move |one: Appeal, day| {
                let text = "The committee read the letter and asks for a meeting.".to_owned();
                Ok(one.respond(text, by.clone(), day)?)
            }
        };
        self.acts(ago - 20, self.judge, id, answers).await?;
        if fate == Fate::Answered {
            return Ok(());
        }
        let meets_on = self.story.ago(ago - 30);
        let sets = move |one: Appeal, day| {
            let meeting = (meets_on, Some("By video".to_owned()));
            Ok(one.set_meeting(meeting, &by, day)?)
        };
        self.acts(ago - 21, self.judge, id, sets).await?;
        match fate {
            Fate::Upheld => self.decides(ago - 30, id, AppealOutcome::Upheld).await,
            Fate::Remanded => self.decides(ago - 30, id, AppealOutcome::Remanded).await,
            _ => Ok(()),
        }
    }

    async fn decides(&self, ago: u64, id: AppealId, outcome: AppealOutcome) -> Result<(), Problem> {
        let day = self.story.ago(ago);
        self.story
            .on(day, Some(self.judge), move |tx| {
                let rules = rules(tx, day)?;
                let (before, by) = (tx.appeals().get(id)?, tx.actor().to_owned());
                let reason = match outcome {
                    AppealOutcome::Upheld => "The letter says nothing that was not known.",
                    AppealOutcome::Remanded => "The letter was in the file and was not read.",
                };
                let verdict = (outcome, reason.to_owned());
                appeal::decide(tx, &rules, before, verdict, by).map(drop)
            })
            .await
    }
}
