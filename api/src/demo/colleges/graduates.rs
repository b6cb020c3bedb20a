//! Graduates in every state: posted, claimed, refused, credited, certified at once, certified provisionally,
//! and one who adds a set.

use actix_web::web::Bytes;
use chrono::NaiveDate;
use domain::{
    AgreementId, AttachmentId, GraduateId, PersonId,
    agreement::graduate::{Graduate, Graduation},
    application::ApplicationAct,
    attachment::{Attachment, AttachmentEvent, AttachmentOwner, AttachmentPurpose},
    event::Event,
    program::ProgramCode,
};

use crate::{
    app::App,
    demo::{orders, people::Cast, story::Story},
    files::FileKey,
    flows::graduate::{self, Posting},
    problem::Problem,
};

/// Numbers of the stories.
const POSTED: u64 = 81;
const OWEN: u64 = 82;
const PETRA: u64 = 83;
const RUTH: u64 = 84;
const QUINN: u64 = 85;
const TESS: u64 = 86;
const UMA: u64 = 87;
const BEN: u64 = 89;

/// A transcript, as a text.
const TRANSCRIPT: &str = "Transcript of record\nLibrary Technical Assistant, all courses passed\n";

/// Tells the stories of the graduates of two agreements, a full and a partial one.
pub(super) async fn make(
    app: &App,
    cast: &Cast,
    full: AgreementId,
    partial: AgreementId,
) -> Result<(), Problem> {
    let staff = cast.staff();
    let tell = async |number| Story::new(app, number, Some(staff)).await;
    let first = NaiveDate::from_ymd_opt(2025, 5, 20).unwrap_or_default();
    let posted = tell(POSTED).await?;
    for name in ["Nora Lind", "Otis Vega"] {
        posts(&posted, posted.ago(60), staff, full, (name, first)).await?;
    }
    let owen = tell(OWEN).await?;
    registers(&owen, owen.ago(50), "Owen", "Park").await?;
    posts(&owen, owen.ago(40), staff, full, ("Owen Park", first)).await?;
    let petra = tell(PETRA).await?;
    let person = registers(&petra, petra.ago(30), "Petra", "Holm").await?;
    claims(app, &petra, petra.ago(12), person, full, first).await?;
    let ruth = tell(RUTH).await?;
    let person = registers(&ruth, ruth.ago(90), "Ruth", "Stone").await?;
    let early = NaiveDate::from_ymd_opt(2019, 6, 14).unwrap_or_default();
    let claimed = claims(app, &ruth, ruth.ago(80), person, full, early).await?;
    refuses(&ruth, ruth.ago(70), staff, claimed).await?;

    let quinn = tell(QUINN).await?;
    let person = registers(&quinn, quinn.ago(220), "Quinn", "Abbott").await?;
    posts(&quinn, quinn.ago(215), staff, full, ("Quinn Abbott", first)).await?;
    quinn.is_admitted(quinn.ago(200), person).await?;
    tess(&tell(TESS).await?, staff, full, first).await?;
    let uma = tell(UMA).await?;
    let person = registers(&uma, uma.ago(130), "Uma", "Field").await?;
    posts(&uma, uma.ago(125), staff, partial, ("Uma Field", uma.ago(300))).await?;
    uma.is_admitted(uma.ago(100), person).await?;
    // Ben has a transcript, and has not claimed anything yet.
    let ben = tell(BEN).await?;
    hands_in(app, &ben, ben.ago(2), cast.ben()).await.map(drop)
}

async fn registers(
    story: &Story<'_>,
    day: NaiveDate,
    given: &str,
    family: &str,
) -> Result<PersonId, Problem> {
    let email = address(&format!("{given} {family}"));
    story.registers(day, (given, family), email, None).await
}

fn address(name: &str) -> String {
    format!("{}@people.example", name.to_lowercase().replace(' ', "."))
}

async fn posts(
    story: &Story<'_>,
    day: NaiveDate,
    staff: PersonId,
    agreement: AgreementId,
    (name, graduated_on): (&'static str, NaiveDate),
) -> Result<(), Problem> {
    let chance = story.chance();
    story
        .on(day, Some(staff), move |tx| {
            let rules = orders::rules(tx, day)?;
            let agreement = tx.agreements().get(agreement)?;
            let (name, email) = (name.to_owned(), address(name));
            let graduation = Ok(Graduation { name, email, graduated_on });
            let rows = vec![Posting { line: 1, graduation }];
            graduate::post(tx, chance.as_ref(), &rules, &agreement, rows).map(drop)
        })
        .await
}

/// A transcript is handed in.
async fn hands_in(
    app: &App,
    story: &Story<'_>,
    day: NaiveDate,
    person: PersonId,
) -> Result<AttachmentId, Problem> {
    let bytes = Bytes::from_static(TRANSCRIPT.as_bytes());
    let (key, size_bytes) = (FileKey::of(&bytes), u64::try_from(bytes.len()).unwrap_or_default());
    app.files.put(&key, bytes).await?;
    let sha256 = key.to_string();
    story
        .on(day, Some(person), move |tx| {
            let file = Attachment {
                id: tx.new_id(),
                program: ProgramCode::lssc(),
                owner: AttachmentOwner::Person(person),
                purpose: AttachmentPurpose::Transcript,
                file_name: "transcript.txt".to_owned(),
                media_type: "text/plain".to_owned(),
                size_bytes,
                sha256: sha256.clone(),
                uploaded_by: person.to_string(),
                uploaded_at: tx.now(),
            };
            tx.attachments().insert(&file)?;
            let id = file.id;
            tx.record(Event {
                program: Some(file.program.clone()),
                subject: id.to_string(),
                person: Some(person),
                fact: AttachmentEvent::Uploaded { after: file },
            })?;
            Ok(id)
        })
        .await
}

async fn claims(
    app: &App,
    story: &Story<'_>,
    day: NaiveDate,
    person: PersonId,
    agreement: AgreementId,
    graduated_on: NaiveDate,
) -> Result<GraduateId, Problem> {
    let transcript = hands_in(app, story, day, person).await?;
    story
        .on(day, Some(person), move |tx| {
            let agreement = tx.agreements().get(agreement)?;
            let name = tx.people().get(person)?.full_name();
            let graduation = Graduation { email: address(&name), name, graduated_on };
            let (id, by) = (tx.new_id(), (person, transcript));
            let claim = Graduate::claim(id, &agreement, graduation, by, tx.now());
            Ok(graduate::claim(tx, claim)?.id)
        })
        .await
}

async fn refuses(
    story: &Story<'_>,
    day: NaiveDate,
    staff: PersonId,
    id: GraduateId,
) -> Result<(), Problem> {
    story
        .on(day, Some(staff), move |tx| {
            let rules = orders::rules(tx, day)?;
            let found = graduate::held(tx, id)?;
            let reason = "The graduation lies before the years that the agreement covers.";
            graduate::refuse(tx, &rules, found, reason.to_owned()).map(drop)
        })
        .await
}

/// Tess is short of the hours of work: certified under a condition. Her days are fixed, so that her
/// certificate's number is the same in every demo.
async fn tess(
    story: &Story<'_>,
    staff: PersonId,
    agreement: AgreementId,
    first: NaiveDate,
) -> Result<(), Problem> {
    let day = |days: i64| domain::calendar::add_days(first, days);
    let person = registers(story, day(10), "Tess", "Novak").await?;
    posts(story, day(20), staff, agreement, ("Tess Novak", first)).await?;
    let application = story.drafts(day(30), person, 8.0).await?;
    let submitted = story.acts(day(31), application, ApplicationAct::Submit).await?;
    story.acts(day(32), application, ApplicationAct::Review).await?;
    story.pays(day(33), submitted.invoice, 1).await?;
    story.acts(day(34), application, ApplicationAct::Accept).await.map(drop)
}
