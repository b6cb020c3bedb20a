//! The demo's renewals: holders in every stage of their fourth year. Stories 7100 to 7149.
//!
//! Rhea has begun to log, Hope can renew today, June renewed, Ralph renewed in his grace period, Rosa is in hers
//! and short of hours. LSSC's policy decides by itself; Ruby's renewal waits and Rolf's was refused as if the
//! office decided. One audit drew June, who has to hand in documents, another one Ralph, who did.

use chrono::NaiveDate;
use domain::{
    ActivityId, CertificationId, PersonId, RenewalAuditId, RenewalId,
    policy::RenewalDecision,
    renewal::{ActivityFacts, ActivityKind, Amount, audit::Sample},
};
use persistence::{AuditCaseFilter, Page};

use super::{
    catalog::Catalog,
    orders::rules,
    people::{Cast, HOPE, JUNE, PASSWORD},
    story::Story,
};
use crate::{
    app::App,
    flows::{activity, audit, renewal},
    problem::Problem,
};

/// How far somebody got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Some hours are logged.
    Begun,
    /// All of them are, and the window is open.
    Ready,
    /// Renewed so many days ago.
    Renewed(u64),
    /// Short of hours when the window is about to close.
    Short,
    /// Submitted so many days ago, and waits for the office.
    Waits(u64),
    /// Refused so many days ago.
    Refused(u64),
}

/// Number of the story, who, how many days ago they were certified, and how far they are.
const HOLDERS: [(u64, &str, &str, u64, Stage); 7] = [
    (7_100, "Rhea", "rhea@people.example", 900, Stage::Begun),
    (7_101, "Hope", HOPE, 1_300, Stage::Ready),
    (7_102, "June", JUNE, 1_380, Stage::Renewed(40)),
    (7_103, "Ralph", "ralph@people.example", 1_480, Stage::Renewed(4)),
    (7_104, "Rosa", "rosa@people.example", 1_500, Stage::Short),
    (7_105, "Ruby", "ruby@people.example", 1_390, Stage::Waits(3)),
    (7_106, "Rolf", "rolf@people.example", 1_400, Stage::Refused(5)),
];
/// Numbers of the stories of audits.
const ASKED: u64 = 7_120;
const ANSWERED: u64 = 7_121;

const SETS: [&str; 6] = ["FND", "COM", "TEC", "ACC", "REF", "SUP"];

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast, catalog: &Catalog) -> Result<(), Problem> {
    let hash = app.auth.passwords.hash(app.chance.as_ref(), PASSWORD).await?;
    for (number, given, email, ago, stage) in HOLDERS {
        let story = Story::new(app, number, Some(cast.staff())).await?;
        let hash = Some(hash.clone()).filter(|_| email.ends_with("@demo.example"));
        let name = (given, "Holder");
        let (person, certification) = certified(&story, name, (email, hash), ago, catalog).await?;
        let holder = Holder { story, person, certification };
        match stage {
            Stage::Begun => {
                holder.logs(300, workshop("A webinar on metadata", 90, true)).await?;
                holder.logs(200, conference()).await?;
                let mut bare = workshop("A talk without a certificate", 120, false);
                bare.document_url = None;
                holder.logs(100, bare).await?;
            }
            Stage::Ready => drop(holder.logs_enough(60).await?),
            Stage::Renewed(ago) => {
                let used = holder.logs_enough(ago + 20).await?;
                holder.renews(ago, used, RenewalDecision::Automatic).await?;
                holder.logs(1, workshop("A first workshop of the next term", 60, true)).await?;
            }
            Stage::Waits(ago) | Stage::Refused(ago) => {
                let used = holder.logs_enough(ago + 20).await?;
                let renewal = holder.renews(ago + 7, used, RenewalDecision::ByOffice).await?;
                if matches!(stage, Stage::Refused(_)) {
                    holder.is_refused(ago, renewal, cast.staff()).await?;
                }
            }
            Stage::Short => drop(holder.logs(120, conference()).await?),
        }
    }
    let story = Story::new(app, ASKED, Some(cast.staff())).await?;
    audits(&story, cast.staff(), 30, (120, 35), "4 4 1 7").await?;
    let story = Story::new(app, ANSWERED, Some(cast.staff())).await?;
    let audit = audits(&story, cast.staff(), 2, (30, 3), "9 0 2 6").await?;
    answers(&story, audit).await
}

/// The office audits every renewal that was granted in a period, both days counted back from today.
async fn audits(
    story: &Story<'_>,
    staff: PersonId,
    ago: u64,
    (from, until): (u64, u64),
    seed: &'static str,
) -> Result<RenewalAuditId, Problem> {
    let (day, granted) = (story.ago(ago), (story.ago(from), story.ago(until)));
    story
        .on(day, Some(staff), move |tx| {
            let rules = rules(tx, day)?;
            let asked = audit::Asked {
                granted,
                seed: seed.to_owned(),
                seed_source: "The Pick 4 of the state lottery after the period".to_owned(),
                sample: Sample::Percent(100),
            };
            Ok(audit::draw(tx, &rules, asked)?.id)
        })
        .await
}

/// Whoever an audit drew hands in what it asks for.
async fn answers(story: &Story<'_>, audit: RenewalAuditId) -> Result<(), Problem> {
    let day = story.ago(1);
    story
        .on(day, None, move |tx| {
            let filter = AuditCaseFilter { audit: Some(audit), ..AuditCaseFilter::default() };
            for found in tx.audit_cases().list(&filter, Page { after: None, limit: 100 })? {
                let case = tx.audit_cases().get(found.id)?;
                let text = "The certificates are at the addresses that I logged.".to_owned();
                audit::hand_in(tx, case, Some(text), Vec::new(), day)?;
            }
            Ok(())
        })
        .await
}

/// Somebody who was certified so many days ago, a set every three weeks before.
async fn certified(
    story: &Story<'_>,
    name: (&str, &str),
    (email, password_hash): (&str, Option<String>),
    ago: u64,
    catalog: &Catalog,
) -> Result<(PersonId, CertificationId), Problem> {
    let began = ago + 180;
    let (day, email) = (story.ago(began + 5), email.to_owned());
    let person = story.registers(day, name, email, password_hash).await?;
    let candidacy = story.is_admitted(story.ago(began), person).await?;
    for (set, place) in SETS.iter().zip(0..) {
        story.achieves(story.ago(ago + 21 * (5 - place)), candidacy, set, catalog).await?;
    }
    let found = story.on(story.today, None, move |tx| Ok(tx.certifications().of(candidacy)?));
    let held = found.await?.ok_or_else(|| Problem::internal("the demo certified nobody"))?;
    Ok((person, held.id))
}

/// Whose story it is.
struct Holder<'a> {
    story: Story<'a>,
    person: PersonId,
    certification: CertificationId,
}

impl Holder<'_> {
    /// Logs something that was done so many days ago.
    async fn logs(&self, ago: u64, facts: ActivityFacts) -> Result<ActivityId, Problem> {
        let (day, certification) = (self.story.ago(ago), self.certification);
        self.story
            .on(day, Some(self.person), move |tx| {
                let rules = rules(tx, day)?;
                let held = tx.certifications().get(certification)?;
                let facts = ActivityFacts { dated_on: day, ..facts.clone() };
                Ok(activity::log(tx, &rules, &held, facts)?.id)
            })
            .await
    }

    /// Logs 34 hours, 4 of them in technology.
    async fn logs_enough(&self, ago: u64) -> Result<Vec<ActivityId>, Problem> {
        let course = facts("Cataloging and classification", ActivityKind::SemesterCredit, 1, false);
        Ok(vec![
            self.logs(ago + 200, course).await?,
            self.logs(ago + 100, conference()).await?,
            self.logs(ago + 50, workshop("Troubleshooting public computers", 240, true)).await?,
        ])
    }

    async fn renews(
        &self,
        ago: u64,
        activities: Vec<ActivityId>,
        decision: RenewalDecision,
    ) -> Result<RenewalId, Problem> {
        let (day, certification) = (self.story.ago(ago), self.certification);
        let asked = renewal::Asked { activities, expires_on: None };
        self.story
            .on(day, Some(self.person), move |tx| {
                let mut rules = rules(tx, day)?;
                rules.policy.renewal.decision = decision;
                let held = tx.certifications().get(certification)?;
                Ok(renewal::submit(tx, &rules, held, &asked)?.id)
            })
            .await
    }

    async fn is_refused(
        &self,
        ago: u64,
        renewal: RenewalId,
        staff: PersonId,
    ) -> Result<(), Problem> {
        let day = self.story.ago(ago);
        self.story
            .on(day, Some(staff), move |tx| {
                let rules = rules(tx, day)?;
                let held = renewal::held(tx, renewal)?;
                let reason = "The certificate of the workshop is somebody else's.".to_owned();
                renewal::refuse(tx, &rules, held, reason).map(drop)
            })
            .await
    }
}

fn workshop(title: &str, minutes: i64, technology: bool) -> ActivityFacts {
    facts(title, ActivityKind::Workshop, minutes, technology)
}

fn conference() -> ActivityFacts {
    facts("The state library conference", ActivityKind::ConferenceDay, 3, false)
}

fn facts(title: &str, kind: ActivityKind, amount: i64, technology: bool) -> ActivityFacts {
    let by_minutes = matches!(kind, ActivityKind::Workshop | ActivityKind::SelfDirected);
    ActivityFacts {
        title: title.to_owned(),
        kind,
        started_on: None,
        dated_on: NaiveDate::MIN,
        amount: if by_minutes { Amount::Minutes(amount) } else { Amount::Quantity(amount) },
        technology,
        sets: ["TEC", "FND"].iter().filter_map(|code| code.parse().ok()).collect(),
        provider: Some("The state library".to_owned()),
        document: None,
        document_url: Some("https://state-library.example.org/attendance.pdf".to_owned()),
    }
}
