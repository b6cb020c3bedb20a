//! What a decision was about: whose it is, where it stands, and who decided.

use chrono::NaiveDate;
use domain::{
    PersonId, Word,
    agreement::{AgreementState, graduate::GraduateState},
    appeal::{Appellant, Decision, DecisionKind, Notice, Subject},
    application::ApplicationState,
    completion::CompletionState,
    course::{proposal::ProposalState, review::ReviewState},
    policy::AppealPolicy,
    program::{Program, ProgramCode},
    renewal::RenewalState,
};
use persistence::{Recorded, Tx};

use super::portfolio;
use crate::{clock, flows::program, problem::Problem};

/// Something on which the program decides, as an appeal sees it.
#[derive(Debug, Clone)]
pub struct Contested {
    /// The program.
    pub program: Program,
    /// Whom a decision on it concerns.
    pub appellant: Appellant,
    /// What notice of intent would be judged on.
    pub notice: Notice,
    /// The policy in force on the day of the decision, today's where there is none.
    pub policy: AppealPolicy,
    /// Today in the program's zone.
    pub today: NaiveDate,
}

/// Whose a thing is, and what was decided on it.
pub(super) struct Thing {
    pub(super) program: ProgramCode,
    pub(super) appellant: Appellant,
    /// Where it stands, in a word.
    pub(super) state: &'static str,
    /// The decisions of which the last one stands, if it was made.
    pub(super) decided: &'static [DecisionKind],
    /// Who judged it before it was decided, besides who decided.
    pub(super) judges: Vec<String>,
}

/// Reads something with what was decided on it, and holds it in a write; `today` tells the day in a
/// program's zone.
pub fn contested(
    tx: &mut Tx<'_>,
    subject: Subject,
    today: &dyn Fn(&Program) -> NaiveDate,
) -> Result<Contested, Problem> {
    let thing = thing(tx, subject)?;
    let program = tx.programs().get(&thing.program)?;
    let today = today(&program);
    let history = match thing.decided {
        [] => Vec::new(),
        _ => tx.events().history(&subject.to_string())?,
    };
    let told = |event: &Recorded| thing.decided.iter().find(|kind| tells(**kind, event)).copied();
    let mut last = history.iter().enumerate().rev();
    let last = last.find_map(|(place, event)| Some((place, event, told(event)?)));
    let mut notice = Notice { decision: None, appealed: false, own: false, state: thing.state };
    let mut day = today;
    if let Some((place, event, kind)) = last {
        day = clock::business_day(event.at, &program);
        let before = history.get(..place).unwrap_or_default();
        let mut decided_by = vec![event.actor.clone()];
        decided_by.extend(thing.judges.iter().cloned());
        decided_by.extend(reviewed(kind, before));
        decided_by.sort();
        decided_by.dedup();
        notice.own = is_own(tx, thing.appellant, event)?;
        notice.appealed = tx.appeals().of_decision(event.id)?.is_some();
        notice.decision = Some(Decision {
            id: event.id,
            kind,
            subject,
            decided_on: day,
            received_on: day,
            decided_by,
        });
    }
    let policy = program::in_force_on(tx, program.clone(), day)?.policy.appeals;
    Ok(Contested { program, appellant: thing.appellant, notice, policy, today })
}

fn thing(tx: &mut Tx<'_>, subject: Subject) -> Result<Thing, Problem> {
    use DecisionKind::{
        AgreementEnded, AgreementSentBack, ApplicationRefused, CompletionRefused, CourseDeclined,
        GraduateRefused, RenewalRefused,
    };
    Ok(match subject {
        Subject::Application(id) => {
            let application = tx.applications().get(id)?;
            let refused = application.state == ApplicationState::Refused;
            Thing {
                program: application.program,
                appellant: Appellant::Person(application.person),
                state: application.state.as_str(),
                decided: if refused { &[ApplicationRefused] } else { &[] },
                judges: Vec::new(),
            }
        }
        Subject::Completion(id) => {
            let completion = tx.completions().get(id)?;
            let refused = completion.state == CompletionState::Refused;
            Thing {
                program: completion.program,
                appellant: Appellant::Person(completion.person),
                state: completion.state.as_str(),
                decided: if refused { &[CompletionRefused] } else { &[] },
                judges: Vec::new(),
            }
        }
        Subject::CourseProposal(id) => {
            let proposal = tx.proposals().get(id)?;
            let declined = proposal.state == ProposalState::Declined;
            let reviews = if declined { tx.reviews().of(id)? } else { Vec::new() };
            let handed_in = reviews.iter().filter(|one| one.state == ReviewState::Submitted);
            Thing {
                program: proposal.program,
                appellant: Appellant::Organisation(proposal.provider),
                state: proposal.state.as_str(),
                decided: if declined { &[CourseDeclined] } else { &[] },
                judges: handed_in.map(|review| review.reviewer.to_string()).collect(),
            }
        }
        Subject::Agreement(id) => {
            let agreement = tx.agreements().get(id)?;
            Thing {
                program: agreement.program,
                appellant: Appellant::Organisation(agreement.college),
                state: agreement.state.as_str(),
                decided: match agreement.state {
                    AgreementState::Draft => &[AgreementSentBack],
                    AgreementState::Ended => &[AgreementEnded],
                    AgreementState::InReview
                    | AgreementState::Signed
                    | AgreementState::Withdrawn => &[],
                },
                judges: Vec::new(),
            }
        }
        Subject::Portfolio(id) => portfolio::thing(tx, id)?,
        Subject::Graduate(id) => {
            let graduate = tx.graduates().get(id)?;
            let refused = graduate.state == GraduateState::Refused;
            let college = Appellant::Organisation(graduate.college);
            Thing {
                program: graduate.program,
                appellant: graduate.person.map_or(college, Appellant::Person),
                state: graduate.state.as_str(),
                decided: if refused { &[GraduateRefused] } else { &[] },
                judges: Vec::new(),
            }
        }
        Subject::Renewal(id) => {
            let renewal = tx.renewals().get(id)?;
            let refused = renewal.state == RenewalState::Refused;
            Thing {
                program: renewal.program,
                appellant: Appellant::Person(renewal.person),
                state: renewal.state.as_str(),
                decided: if refused { &[RenewalRefused] } else { &[] },
                judges: Vec::new(),
            }
        }
    })
}

/// Whether an event tells a decision of a kind.
fn tells(kind: DecisionKind, event: &Recorded) -> bool {
    let told = event.event_type.as_str();
    match kind {
        DecisionKind::ApplicationRefused => told == "application.refused",
        DecisionKind::CompletionRefused => {
            let corrected = told == "completion.corrected";
            let refused = || event.data.get("state").is_some_and(|state| state == "refused");
            told == "completion.refused" || (corrected && refused())
        }
        DecisionKind::CourseDeclined => told == "proposal.declined",
        DecisionKind::AgreementSentBack => told == "agreement.sent_back",
        DecisionKind::AgreementEnded => told == "agreement.ended",
        DecisionKind::RenewalRefused => told == "renewal.refused",
        DecisionKind::GraduateRefused => told == "graduate.refused",
        DecisionKind::PortfolioNotAchieved => portfolio::tells(event),
    }
}

/// Who reviewed the text of an agreement that was then sent back: since it was handed in last.
fn reviewed(kind: DecisionKind, before: &[Recorded]) -> Vec<String> {
    if kind != DecisionKind::AgreementSentBack {
        return Vec::new();
    }
    let since = before.iter().rev().take_while(|event| event.event_type != "agreement.submitted");
    let reviews = since.filter(|event| event.event_type == "agreement.reviewed");
    reviews.map(|event| event.actor.clone()).collect()
}

/// Whether the appellant decided it, or somebody who acted for it then.
fn is_own(tx: &mut Tx<'_>, appellant: Appellant, event: &Recorded) -> Result<bool, Problem> {
    let organisation = match appellant {
        Appellant::Person(person) => return Ok(event.actor == person.to_string()),
        Appellant::Organisation(organisation) => organisation,
    };
    let Ok(actor) = event.actor.parse::<PersonId>() else { return Ok(false) };
    let grants = tx.grants().of(actor)?;
    Ok(grants.iter().any(|grant| {
        grant.organisation == Some(organisation)
            && grant.granted_at <= event.at
            && grant.ended_at.is_none_or(|ended| ended > event.at)
    }))
}
