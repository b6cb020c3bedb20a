//! Mails about portfolios: to evaluators what they are to rate, to candidates what became of it. A candidate
//! is never told who judged.

use domain::{
    AssignmentId, PortfolioId,
    portfolio::{Assignment, AssignmentState, Portfolio},
    text,
};
use persistence::{Optional, Recorded};

use super::{ASSIGNED, DUE_SOON, Letter, MORE_INFORMATION, NOT_ACHIEVED, field};
use crate::{app::App, problem::Problem};

/// The mail of an event; none when what it was about has passed.
pub(super) async fn letter(
    app: &App,
    event: &Recorded,
    to: String,
) -> Result<Option<Letter>, Problem> {
    if let Ok(id) = event.subject.parse::<AssignmentId>() {
        let found = app.store.read(move |tx| Ok::<_, Problem>(tx.assignments().get(id).found()?));
        let open = found.await?.filter(|one| one.state == AssignmentState::Open);
        return Ok(open.and_then(|one| to_evaluator(app, event, &one, to)));
    }
    let Ok(id) = event.subject.parse::<PortfolioId>() else { return Ok(None) };
    let found = app.store.read(move |tx| Ok::<_, Problem>(tx.portfolios().get(id).found()?));
    Ok(found.await?.map(|portfolio| to_candidate(app, event, &portfolio, to)))
}

fn to_evaluator(app: &App, event: &Recorded, one: &Assignment, to: String) -> Option<Letter> {
    let address = format!("{}/v1/assignments/{}", app.public_url, one.id);
    let (subject, said) = match event.event_type.as_str() {
        ASSIGNED => ("A portfolio to rate", "You are asked to rate a portfolio"),
        DUE_SOON => ("Your ratings are due soon", "Your ratings of a portfolio are still open"),
        _ => return None,
    };
    let text = format!(
        "{said} for the competency set {}.\nThe ratings are due by {}:\n\n{address}\n\n\
         If you have a conflict of interest, or not the time, hand it back.\n",
        one.set, one.due_on,
    );
    Some(Letter { to, subject, text, mark: "" })
}

fn to_candidate(app: &App, event: &Recorded, portfolio: &Portfolio, to: String) -> Letter {
    let set = &portfolio.set;
    let address = format!("{}/v1/portfolios/{}", app.public_url, portfolio.id);
    let (subject, said) = match event.event_type.as_str() {
        MORE_INFORMATION => {
            let asked = event.data.pointer("/outcome/requested").and_then(|list| list.as_array());
            let codes: Vec<_> =
                asked.into_iter().flatten().filter_map(|code| code.as_str()).collect();
            let last = field(event, "chance_ends_on").unwrap_or_default();
            let said = format!(
                "The evaluators of your portfolio for {set} ask for more information\non {}.\n\n\
                 You can complete these competencies once, by {last}.\nAfter that day it is judged as it is.",
                text::list(&codes),
            );
            ("More information on your portfolio", said)
        }
        NOT_ACHIEVED => (
            "Your portfolio was evaluated",
            format!(
                "Your portfolio does not achieve the competency set {set}. You find what\nthe evaluators said, \
                 and how to appeal, where it is. An approved course\nis the other way to achieve the set."
            ),
        ),
        _ => (
            "Your portfolio was evaluated",
            format!("Your portfolio achieves the competency set {set}."),
        ),
    };
    Letter { to, subject, text: format!("{said}\n\n{address}\n"), mark: "" }
}
