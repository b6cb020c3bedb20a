//! Help with portfolios: events to come, one of them cancelled, one that is over; who comes; and requests for
//! help in every state.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::{
    PersonId, SupportEventId,
    competency::SetCode,
    program::ProgramCode,
    support::{HelpRequest, Occasion, SupportEventDetails},
};

use super::{orders, people::Cast, story::Story};
use crate::{app::App, flows::support, problem::Problem};

/// Numbers of the stories: after those of the crowd.
const EVENTS: u64 = 1_120;
const REGISTRATIONS: u64 = 1_121;
const HELP: u64 = 1_122;

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let story = Story::new(app, EVENTS, Some(cast.staff())).await?;
    let webinar = events(&story, cast.staff()).await?;
    let coming = Story::new(app, REGISTRATIONS, None).await?;
    for (person, comes) in [(cast.ada(), true), (cast.ben(), true), (cast.cleo(), false)] {
        registers(&coming, webinar, person, comes).await?;
    }
    let help = Story::new(app, HELP, None).await?;
    let staff = cast.staff();
    asks(&help, cast.ada(), staff, ("TEC", "May a video show a user's screen?"), None).await?;
    let answer = "Yes. Say in the response what you did yourself, and what the team did.";
    let asked = ("COM", "Can I use a project that my whole team did?");
    asks(&help, cast.ben(), staff, asked, Some((answer, false))).await?;
    let answer = "You need one way for each set: the course is enough for this one.";
    let asked = ("FND", "I completed a course. Do I need a portfolio as well?");
    asks(&help, cast.cleo(), staff, asked, Some((answer, true))).await
}

fn details(kind: Occasion, title: &str, day: NaiveDate) -> SupportEventDetails {
    let starts_at: DateTime<Utc> =
        day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(18);
    let on_line = kind == Occasion::Webinar;
    SupportEventDetails {
        kind,
        title: title.to_owned(),
        description: Some("How to answer each competency, and what to show for it.".to_owned()),
        sets: Vec::new(),
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(90),
        place: (!on_line).then(|| "Convention center, room 204, Chicago, IL".to_owned()),
        link: on_line.then(|| "https://webinars.example.org/portfolio".to_owned()),
        seats: Some(if on_line { 100 } else { 25 }),
    }
}

/// Four events: two to come, one that is cancelled, one that is over. The first of them.
async fn events(story: &Story<'_>, staff: PersonId) -> Result<SupportEventId, Problem> {
    let ahead = |days| story.today.checked_add_days(Days::new(days)).unwrap_or(story.today);
    let announced = story.ago(40);
    let all = [
        details(Occasion::Webinar, "Preparing a portfolio", ahead(21)),
        details(Occasion::Preconference, "A portfolio in a day", ahead(60)),
        details(Occasion::Presentation, "Why certification", ahead(61)),
        details(Occasion::Webinar, "Evidence that convinces", story.ago(14)),
    ];
    let events = story
        .on(announced, Some(staff), move |tx| {
            let rules = orders::rules(tx, announced)?;
            let mut ids = Vec::new();
            for details in all.clone() {
                ids.push(support::announce(tx, &rules, details)?.id);
            }
            Ok(ids)
        })
        .await?;
    let [first, _, dropped, _] = events.as_slice() else {
        return Err(Problem::internal("the demo has no support events"));
    };
    let (first, dropped, day) = (*first, *dropped, story.ago(8));
    story
        .on(day, Some(staff), move |tx| {
            let event = tx.support_events().get(dropped)?;
            support::cancel(tx, event, "The speaker cannot come.", day).map(drop)
        })
        .await?;
    Ok(first)
}

async fn registers(
    story: &Story<'_>,
    event: SupportEventId,
    person: PersonId,
    comes: bool,
) -> Result<(), Problem> {
    let registration = story
        .on(story.ago(12), Some(person), move |tx| support::register(tx, event, person))
        .await?;
    if comes {
        return Ok(());
    }
    story
        .on(story.ago(3), Some(person), move |tx| {
            let held = support::held(tx, registration.id)?;
            support::withdraw(tx, held).map(drop)
        })
        .await
}

/// Somebody asks; the office answers, and closes it.
async fn asks(
    story: &Story<'_>,
    person: PersonId,
    staff: PersonId,
    (set, question): (&'static str, &'static str),
    answer: Option<(&'static str, bool)>,
) -> Result<(), Problem> {
    let asked = story
        .on(story.ago(6), Some(person), move |tx| {
            let set: SetCode = set.parse().map_err(|bad| Problem::internal(format!("{bad:?}")))?;
            let (id, now) = (tx.new_id(), tx.now());
            let asked = (Some(set), question.to_owned());
            support::ask(tx, HelpRequest::ask(id, ProgramCode::lssc(), person, asked, now))
        })
        .await?;
    let Some((text, closed)) = answer else { return Ok(()) };
    story
        .on(story.ago(5), Some(staff), move |tx| {
            let request = tx.help_requests().get(asked.id)?;
            let (by, now) = (staff.to_string(), tx.now());
            let request = support::save_help(tx, request.answer(text.to_owned(), by, now)?)?;
            if closed {
                support::save_help(tx, request.close(now)?)?;
            }
            Ok(())
        })
        .await
}
