//! What becomes of certifications: Vera's is suspended, Wim's was revoked, and Xenia's was revoked by mistake.
//! Stories 7150 to 7199.

use chrono::NaiveDate;
use domain::{
    CandidacyId, CertificationId, PersonId,
    certificate::{Certification, CertificationEvent, MeasureOrder, MeasureReason, Reversal},
    decision::Refused,
};

use super::{catalog::Catalog, people::Cast, story::Story};
use crate::{app::App, flows::measure, problem::Problem};

const VERA: u64 = 7_150;
const WIM: u64 = 7_151;
const XENIA: u64 = 7_152;

/// Tells these stories, on days that are the same in every demo: their certificates keep their numbers.
pub(super) async fn make(app: &App, cast: &Cast, catalog: &Catalog) -> Result<(), Problem> {
    let staff = cast.staff();
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
