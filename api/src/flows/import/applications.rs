//! Files of applications: each is begun, and handed in unless it is a draft.

use domain::{
    ApplicationId,
    application::{Application, ApplicationState, PaymentChoice},
    eligibility::Education,
    import::{ImportRow, RowState},
    program::ProgramCode,
};
use persistence::{ApplicationFilter, Optional, Page, Tx};
use serde::Deserialize;

use super::{Desk, Subject, accepted, already, each, records::Nested, row, undo};
use crate::{
    flows::{admission, program},
    problem::Problem,
    v1::{
        applications::{ApplicationAttachment, ApplicationJob, CreateApplication},
        candidacies,
        fields::Line,
    },
};

/// Files of applications.
pub(super) struct Applications;

/// One row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    person: Line,
    program: Option<ProgramCode>,
    state: Option<ApplicationState>,
    education: Option<Education>,
    payment_choice: Option<PaymentChoice>,
    jobs: Option<Nested<ApplicationJob>>,
    attachments: Option<Nested<ApplicationAttachment>>,
}

/// The states in which nothing is imported any more.
const CLOSED: [ApplicationState; 2] = [ApplicationState::Refused, ApplicationState::Withdrawn];

/// The most applications of a person that are looked at: nobody has more.
const MOST: i64 = 1_000;

impl Subject for Applications {
    type Row = Row;

    fn keys(row: &Row) -> Vec<String> {
        vec![row.person.to_lowercase()]
    }

    fn take(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        rows: &[(i64, &Row)],
    ) -> Result<Vec<ImportRow>, Problem> {
        each(tx, rows, |tx, line, row| one(desk, tx, line, row))
    }

    fn undo(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        made: &str,
        row: &ImportRow,
    ) -> Result<Vec<String>, Problem> {
        let id: ApplicationId = undo::id(made)?;
        let application = undo::there(tx.applications().get(id).found()?)?;
        undo::unchanged(row, application.version)?;
        let invoice = application.invoice.map(|invoice| invoice.to_string());
        let subjects: Vec<_> = [id.to_string()].into_iter().chain(invoice).collect();
        undo::alone(desk, tx, &subjects, None)?;
        let rules = program::in_force(desk.app, tx, &application.program)?;
        admission::withdraw(tx, &rules, application, Some(undo::REASON.to_owned()))?;
        Ok(Vec::new())
    }
}

fn one(desk: &mut Desk<'_>, tx: &mut Tx<'_>, line: i64, given: &Row) -> Result<ImportRow, Problem> {
    let person = desk.person(tx, &given.person)?;
    let code = given.program.clone().unwrap_or_else(ProgramCode::lssc);
    let rules = desk.rules(tx, &code)?;
    let asked = CreateApplication {
        program: code.clone(),
        person_id: Some(person),
        education: given.education,
        jobs: given.jobs.as_ref().map(|jobs| jobs.0.clone()).unwrap_or_default(),
        attachments: given.attachments.as_ref().map(|all| all.0.clone()).unwrap_or_default(),
        payment_choice: given.payment_choice,
    };
    let statements = asked.statements(rules.today)?;
    if given.state.is_some_and(|state| CLOSED.contains(&state)) {
        let message = "It has ended where it comes from: nothing is begun.";
        return Ok(row(line, (RowState::Skipped, "ended"), message, None));
    }
    let filter = ApplicationFilter {
        program: Some(code.clone()),
        person: Some(person),
        ..ApplicationFilter::default()
    };
    let there = tx.applications().list(&filter, Page { after: None, limit: MOST })?;
    let same = |one: &&Application| one.statements == statements && !CLOSED.contains(&one.state);
    if let Some(same) = there.iter().find(same) {
        return Ok(already(line, same.id.to_string()));
    }
    candidacies::none_running(tx, &code, person, rules.today)?;
    let draft = Application::draft(tx.new_id(), code, person, statements, tx.now());
    let draft = admission::begin(tx, draft)?;
    if given.state == Some(ApplicationState::Draft) {
        let made = (draft.id.to_string(), Some(draft.version));
        return Ok(accepted(line, "drafted", "The draft is begun.", made));
    }
    let submitted = admission::submit(tx, &rules, draft)?;
    let made = (submitted.id.to_string(), Some(submitted.version));
    Ok(accepted(line, "submitted", "The application is handed in.", made))
}
