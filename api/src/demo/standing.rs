//! What becomes of certifications and their holders: Vera's is suspended, Wim's was revoked, and Xenia's was revoked
//! by mistake; Yara has another name since, Zeno retired, and Alma asks for another name.
//! Stories 7150 to 7199.

use actix_web::web::Bytes;
use chrono::NaiveDate;
use domain::{
    AttachmentId, CandidacyId, CertificationId, NameChangeId, PersonId,
    attachment::{Attachment, AttachmentEvent, AttachmentOwner, AttachmentPurpose},
    certificate::{Certification, CertificationEvent, MeasureOrder, MeasureReason, Reversal},
    decision::Refused,
    event::Event,
    name_change::NameChange,
    person::Names,
    program::ProgramCode,
};

use persistence::Tx;

use super::{
    catalog::Catalog,
    people::{Cast, find},
    story::Story,
};
use crate::{
    app::App,
    files::FileKey,
    flows::{life, measure, naming},
    problem::Problem,
    v1::people,
};

const VERA: u64 = 7_150;
const WIM: u64 = 7_151;
const XENIA: u64 = 7_152;
const YARA: u64 = 7_153;
const ZENO: u64 = 7_154;
const ALMA: u64 = 7_155;
const ALMA_ASKS: u64 = 7_156;
const PROOF: u64 = 7_157;

/// What proves a change of names.
const MARRIED: &str = "County of Example: certificate of marriage, no. 2025-1187.\n";

/// Tells these stories, on days that are the same in every demo: their certificates keep their numbers.
pub(super) async fn make(app: &App, cast: &Cast, catalog: &Catalog) -> Result<(), Problem> {
    let staff = cast.staff();
    let bytes = Bytes::from_static(MARRIED.as_bytes());
    app.files.put(&FileKey::of(&bytes), bytes).await?;
    let vera = Story::new(app, VERA, Some(staff)).await?;
    let (_, certification) = certified(&vera, ("Vera", "Lindqvist"), catalog).await?;
    let order = order(
        staff,
        (MeasureReason::UnderInvestigation, "A complaint is being looked into."),
        "The library's director wrote on 2025-09-26.",
    );
    decides(&vera, "2025-10-01", certification, move |one, day| one.suspend(order(day), day))
        .await?;

    let wim = Story::new(app, WIM, Some(staff)).await?;
    let (_, certification) = certified(&wim, ("Wim", "Bakker"), catalog).await?;
    revoked(&wim, staff, certification).await?;

    let xenia = Story::new(app, XENIA, Some(staff)).await?;
    let (_, certification) = certified(&xenia, ("Xenia", "Castellanos"), catalog).await?;
    revoked(&xenia, staff, certification).await?;
    let reversal = Reversal {
        reversed_on: day("2025-11-10", &xenia),
        reason: "The college's letter was about somebody of the same name.".to_owned(),
        reversed_by: staff.to_string(),
    };
    xenia
        .on(reversal.reversed_on, Some(staff), move |tx| {
            let one = tx.certifications().get(certification)?;
            measure::reverse(tx, one, 1, reversal.clone()).map(drop)
        })
        .await?;

    let yara = Story::new(app, YARA, Some(staff)).await?;
    let (person, _) = certified(&yara, ("Yara", "Haddad"), catalog).await?;
    let asked = asks(&yara, "2025-09-01", person, ("Yara", "Haddad-Stone")).await?;
    renamed(&yara, "2025-09-08", asked).await?;

    let zeno = Story::new(app, ZENO, Some(staff)).await?;
    let (person, _) = certified(&zeno, ("Zeno", "Papadakis"), catalog).await?;
    retires(app, &zeno, "2025-12-31", person).await?;

    let alma = Story::new(app, ALMA, Some(staff)).await?;
    let (person, _) = certified(&alma, ("Alma", "Reyes"), catalog).await?;
    let alma = Story::new(app, ALMA_ASKS, Some(staff)).await?;
    asks(&alma, "2026-01-20", person, ("Alma", "Reyes Ortiz")).await?;

    // What the examples ask with.
    let story = Story::new(app, PROOF, None).await?;
    let Some(cleo) = find(app, "cleo@demo.example").await? else { return Ok(()) };
    let day = day("2026-02-02", &story);
    story.on(day, Some(cleo), move |tx| proof(tx, cleo).map(drop)).await
}

/// Hands in what proves a change of names.
fn proof(tx: &mut Tx<'_>, person: PersonId) -> Result<AttachmentId, Problem> {
    let file = Attachment {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        owner: AttachmentOwner::Person(person),
        purpose: AttachmentPurpose::NameProof,
        file_name: "certificate-of-marriage.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size_bytes: u64::try_from(MARRIED.len()).unwrap_or_default(),
        sha256: FileKey::of(MARRIED.as_bytes()).to_string(),
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
}

/// Somebody asks for other names, with proof.
async fn asks(
    story: &Story<'_>,
    on: &str,
    person: PersonId,
    (given_name, family_name): (&str, &str),
) -> Result<NameChangeId, Problem> {
    let day = day(on, story);
    let names = Names { given_name: given_name.to_owned(), family_name: family_name.to_owned() };
    story
        .on(day, Some(person), move |tx| {
            let who = tx.people().get(person)?;
            let id = tx.new_id();
            let file = proof(tx, person)?;
            let (change, fact) = NameChange::request(id, &who, names.clone(), file, day)?;
            tx.name_changes().insert(&change)?;
            tx.record(people::event(person, fact))?;
            Ok(change.id)
        })
        .await
}

/// The office approves other names.
async fn renamed(story: &Story<'_>, on: &str, wanted: NameChangeId) -> Result<(), Problem> {
    let (day, chance) = (day(on, story), story.chance());
    story
        .on(day, story.staff(), move |tx| {
            let wanted = tx.name_changes().get(wanted)?;
            naming::approve(tx, chance.as_ref(), |_| day, wanted, day).map(drop)
        })
        .await
}

/// Somebody retires.
async fn retires(app: &App, story: &Story<'_>, on: &str, person: PersonId) -> Result<(), Problem> {
    let (day, app) = (day(on, story), app.clone());
    story
        .on(day, Some(person), move |tx| {
            let retired = tx.people().get(person)?.retire(day)?;
            life::leave(&app, tx, retired).map(drop)
        })
        .await
}

fn day(text: &str, story: &Story<'_>) -> NaiveDate {
    text.parse().unwrap_or(story.today)
}

/// Somebody's way to a certificate, and its id.
async fn certified(
    story: &Story<'_>,
    name: (&str, &str),
    catalog: &Catalog,
) -> Result<(PersonId, CertificationId), Problem> {
    let first = day("2024-09-12", story);
    let on = |days: i64| domain::calendar::add_days(first, days);
    let email = format!("{}@people.example", name.0.to_lowercase());
    let person = story.registers(on(-7), name, email, None).await?;
    let candidacy: CandidacyId = story.is_admitted(first, person).await?;
    for (set, after) in ["FND", "COM", "TEC", "ACC", "CAT", "SUP"].into_iter().zip(1..) {
        story.achieves(on(40 * after), candidacy, set, catalog).await?;
    }
    let held = story.on(on(260), None, move |tx| Ok(tx.certifications().of(candidacy)?)).await?;
    let held = held.ok_or_else(|| Problem::internal("the demo certified nobody"))?;
    Ok((person, held.id))
}

fn order(
    staff: PersonId,
    (reason_code, text): (MeasureReason, &'static str),
    note: &'static str,
) -> impl Fn(NaiveDate) -> MeasureOrder + Send + 'static {
    move |effective_on| MeasureOrder {
        reason_code,
        public_text: text.to_owned(),
        note: Some(note.to_owned()),
        effective_on,
        ends_on: None,
        decided_by: staff.to_string(),
    }
}

/// The office decides on a certification.
async fn decides(
    story: &Story<'_>,
    on: &str,
    id: CertificationId,
    decide: impl Fn(Certification, NaiveDate) -> Result<(Certification, CertificationEvent), Refused>
    + Send
    + 'static,
) -> Result<(), Problem> {
    let day = day(on, story);
    story
        .on(day, story.staff(), move |tx| {
            let one = tx.certifications().get(id)?;
            measure::save(tx, decide(one, day)?).map(drop)
        })
        .await
}

async fn revoked(story: &Story<'_>, staff: PersonId, id: CertificationId) -> Result<(), Problem> {
    let order = order(
        staff,
        (MeasureReason::FalseStatement, "A transcript that it rests on was not genuine."),
        "Letter of the college's registrar, 2025-10-28.",
    );
    decides(story, "2025-11-03", id, move |one, day| one.revoke(order(day), day)).await
}
