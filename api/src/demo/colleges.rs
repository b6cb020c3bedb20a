//! Colleges with which agreements are known to have stood, and agreements in every state: signed in full
//! and in part, changed, ended, expired, in review, draft. What they say is the demo's own.

mod graduates;
mod list;
mod lives;

use chrono::NaiveDate;
use domain::{
    AgreementId, CourseId, OrganisationId, PersonId,
    access::Role,
    agreement::{
        Agreement, AgreementAdvice, AgreementEvent, AgreementReview, AgreementTerms, College,
        CollegeEvent, Condition, GraduationCourse,
    },
    calendar,
    competency::SetCode,
    organisation::OrganisationStanding,
    program::ProgramCode,
};
use persistence::Tx;

use list::{COLLEGES, Fate, Line};

use super::{catalog::Catalog, orders, people, people::Cast, story::Story};
use crate::{app::App, flows::agreement, problem::Problem};

/// Number of the story of the colleges; those of their graduates follow it.
const STORY: u64 = 80;
/// Number of the story of the yearly reviews that grow in number with the years.
const YEARS: u64 = 88;

/// Who decides in these stories.
#[derive(Debug, Clone, Copy)]
struct Office {
    staff: PersonId,
    admin: PersonId,
    /// Who writes what they review: for a college.
    writer: PersonId,
}

/// Tells the stories of the colleges and their graduates.
pub(super) async fn make(app: &App, cast: &Cast, catalog: &Catalog) -> Result<(), Problem> {
    let story = Story::new(app, STORY, Some(cast.staff())).await?;
    let admin = people::find(app, "amy@demo.example").await?;
    let admin = admin.ok_or_else(|| Problem::internal("the demo has no admin"))?;
    let office = Office { staff: cast.staff(), admin, writer: cast.college() };
    let mut signed = Vec::new();
    for line in COLLEGES {
        let college = college(&story, line).await?;
        let course = catalog.course("COM", story.today);
        signed.push((college, agreement(&story, line, college, office, course).await?));
    }
    let [(dupage, full), _, _, (_, partial), ..] = signed.as_slice() else {
        return Err(Problem::internal("the demo has no colleges"));
    };
    if let Some((.., fate)) = COLLEGES.first() {
        let years = Story::new(app, YEARS, Some(cast.staff())).await?;
        lives::tell(&years, *full, *fate, office).await?;
    }
    people::grant(&story, story.ago(365), cast.college(), Role::College, Some(*dupage)).await?;
    graduates::make(app, cast, *full, *partial).await
}

async fn college(
    story: &Story<'_>,
    (name, place, ..): &'static Line,
) -> Result<OrganisationId, Problem> {
    story
        .on(story.ago(9 * 365), None, move |tx| {
            let college = College {
                id: tx.new_id(),
                program: ProgramCode::lssc(),
                name: (*name).to_owned(),
                place: Some((*place).to_owned()),
                website: None,
                contact_email: None,
                standing: OrganisationStanding::default(),
                version: 1,
            };
            tx.colleges().insert(&college)?;
            let event = domain::event::Event {
                program: Some(college.program.clone()),
                subject: college.id.to_string(),
                person: None,
                fact: CollegeEvent::Recorded { after: Box::new(college.clone()) },
            };
            tx.record(event)?;
            Ok(college.id)
        })
        .await
}

fn terms(
    tx: &mut Tx<'_>,
    (name, _, kind, sets, _): &Line,
    day: NaiveDate,
    course: Option<CourseId>,
) -> Result<AgreementTerms, Problem> {
    let framework = tx.programs().framework_on(&ProgramCode::lssc(), day)?.framework;
    let wanted = sets.split(' ').filter_map(|code| code.parse::<SetCode>().ok());
    let required = (101..).zip(wanted.filter_map(|code| framework.set(&code)));
    let requirements = required.map(|(number, set)| GraduationCourse {
        code: format!("LTA {number}"),
        title: set.title.clone(),
        sets: vec![set.code.clone()],
    });
    let named = course.filter(|_| *name == "Illinois Central College");
    let condition = named.zip("COM".parse().ok()).map(|(course, set)| Condition {
        set,
        text: "Graduates since spring 2010 add Communication and Teamwork by the named course."
            .to_owned(),
        course: Some(course),
        graduated_from: NaiveDate::from_ymd_opt(2010, 3, 1),
    });
    Ok(AgreementTerms {
        program_kind: *kind,
        program_title: "Library Technical Assistant".to_owned(),
        requirements: requirements.collect(),
        conditions: condition.into_iter().collect(),
    })
}

/// The agreement of a college, as far as it got.
async fn agreement(
    story: &Story<'_>,
    line: &'static Line,
    college: OrganisationId,
    office: Office,
    course: Option<CourseId>,
) -> Result<AgreementId, Problem> {
    let begun = match line.4 {
        Fate::Since(year, month, day) => {
            NaiveDate::from_ymd_opt(year, month, day).unwrap_or(story.today)
        }
        Fate::Signed(ago) | Fate::Changed(ago, _) | Fate::Changing(ago) | Fate::Ended(ago, _) => {
            story.ago(ago)
        }
        Fate::InReview | Fate::Draft => story.ago(10),
    };
    let drafted = calendar::add_days(begun, -40);
    let id = story
        .on(drafted, Some(office.writer), move |tx| {
            let college = tx.colleges().get(college)?;
            let terms = terms(tx, line, drafted, course)?;
            let by = office.writer.to_string();
            let draft = Agreement::draft(tx.new_id(), &college, terms, by, (drafted, tx.now()))?;
            Ok(agreement::begin(tx, draft)?.id)
        })
        .await?;
    if !matches!(line.4, Fate::Draft) {
        in_review(story, id, drafted, office).await?;
    }
    if !matches!(line.4, Fate::Draft) {
        is_reviewed(story, id, begun, office.admin).await?;
    }
    if !matches!(line.4, Fate::Draft | Fate::InReview) {
        is_signed(story, id, begun, office).await?;
    }
    if !matches!(line.4, Fate::Since(..)) {
        lives::tell(story, id, line.4, office).await?;
    }
    Ok(id)
}

/// Somebody acts on an agreement on a day.
async fn acts<F>(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    who: PersonId,
    mut act: F,
) -> Result<(), Problem>
where
    F: FnMut(&mut Tx<'_>, Agreement) -> Result<(Agreement, AgreementEvent), Problem>
        + Send
        + 'static,
{
    story
        .on(day, Some(who), move |tx| {
            let before = tx.agreements().get(id)?;
            let after = act(tx, before)?;
            agreement::save(tx, after).map(drop)
        })
        .await
}

async fn in_review(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    acts(story, id, day, office.staff, move |_, draft| Ok(draft.submit(day)?)).await?;
    is_reviewed(story, id, calendar::add_days(day, 20), office.staff).await
}

async fn is_reviewed(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    reviewer: PersonId,
) -> Result<(), Problem> {
    acts(story, id, day, reviewer, move |tx, before| {
        let college = tx.colleges().get(before.college)?;
        let known = agreement::reviewer(tx, &before.program, reviewer)?;
        let (advice, comment) = (AgreementAdvice::Approve, None);
        let review = AgreementReview { reviewer, reviewed_on: day, advice, comment };
        Ok(before.review(&known, &college, review)?)
    })
    .await
}

async fn is_signed(
    story: &Story<'_>,
    id: AgreementId,
    day: NaiveDate,
    office: Office,
) -> Result<(), Problem> {
    acts(story, id, day, office.staff, move |tx, before| {
        let rules = orders::rules(tx, day)?;
        let signing = agreement::signing(&rules, &before, day)?;
        let signing = signing.ok_or_else(|| Problem::internal("nothing to sign"))?;
        Ok(before.sign(&signing, &rules.policy.recognition)?)
    })
    .await
}
