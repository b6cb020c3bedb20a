//! Appeals by example: every deadline on its last day and the day after, who may judge, what is forfeited.

use domain::{
    AgreementId, AppealId, ApplicationId, BundleId, CompletionId, EventId, InvoiceId,
    OrganisationId, PersonId, PortfolioId, ProposalId,
    agreement::AgreementState,
    appeal::{
        Appeal, AppealEvent, AppealOutcome, AppealState, AppealStatus, Appellant, Deadlines,
        Decision, DecisionKind, Notice, Subject,
    },
    application::{Application, ApplicationState, Statements},
    course::proposal::ProposalState,
    decision::Refused,
    event::Fact,
    program::ProgramCode,
};

use crate::{
    courses::now,
    support::{day, found, policy},
};

const DECIDER: &str = "person_00000000000000000000000000000001";
const REVIEWER: &str = "person_00000000000000000000000000000002";
const JUDGE: &str = "person_00000000000000000000000000000003";
const ADA: Appellant = Appellant::Person(PersonId::from_bits(9));

/// Refused on the first of March.
pub(crate) fn decision() -> Decision {
    Decision {
        id: EventId::from_bits(4),
        kind: DecisionKind::ApplicationRefused,
        subject: Subject::Application(ApplicationId::from_bits(5)),
        decided_on: day("2026-03-01"),
        received_on: day("2026-03-01"),
        decided_by: vec![DECIDER.to_owned(), REVIEWER.to_owned()],
    }
}

fn standing() -> Notice {
    Notice { decision: Some(decision()), appealed: false, own: false, state: "refused" }
}

fn notices(notice: &Notice, today: &str) -> Result<Appeal, Refused> {
    let given = Appeal::notice(
        AppealId::from_bits(6),
        ProgramCode::lssc(),
        (notice, ADA),
        "The hours were on the form.".to_owned(),
        &policy().appeals,
        (day(today), now()),
    );
    given.map(|(appeal, _)| appeal)
}

fn noticed() -> Appeal {
    notices(&standing(), "2026-03-05").unwrap()
}

fn documented(on: &str) -> Appeal {
    noticed().hand_in("The letter.".to_owned(), Vec::new(), day(on)).unwrap().0
}

fn answered(on: &str) -> Appeal {
    documented("2026-03-20").respond("We read it.".to_owned(), JUDGE.to_owned(), day(on)).unwrap().0
}

fn meets(appeal: Appeal, meets_on: &str, today: &str) -> Result<Appeal, Refused> {
    appeal.set_meeting((day(meets_on), None), JUDGE, day(today)).map(|(appeal, _)| appeal)
}

fn decides(
    appeal: Appeal,
    outcome: AppealOutcome,
    by: &str,
    today: &str,
) -> Result<(Appeal, AppealEvent), Refused> {
    appeal.decide(outcome, "The form was misread.".to_owned(), by.to_owned(), day(today))
}

/// The rules that stand in the way.
fn unmet(refused: &Refused) -> Vec<&str> {
    let unmet = refused.findings().iter().filter(|one| !one.satisfied);
    unmet.map(|one| one.rule.as_ref()).collect()
}

#[test]
fn the_deadlines_are_known_from_the_day_of_the_decision() {
    let expected = Deadlines {
        notice_by: day("2026-03-11"),
        documents_by: day("2026-03-31"),
        response_by: day("2026-04-30"),
        meeting_by: day("2026-05-30"),
    };
    assert_eq!(decision().deadlines(&policy().appeals), expected);
    assert_eq!(noticed().deadlines(), expected);
    // What comes early moves what follows it.
    let early = documented("2026-03-20").deadlines();
    assert_eq!((early.response_by, early.meeting_by), (day("2026-04-19"), day("2026-05-19")));
    assert_eq!(answered("2026-03-25").deadlines().meeting_by, day("2026-04-24"));
}

#[test]
fn notice_is_in_time_on_the_tenth_day_after_receipt() {
    assert!(notices(&standing(), "2026-03-11").is_ok());
    let late = notices(&standing(), "2026-03-12").unwrap_err();
    assert!(matches!(late, Refused::Rule(_)), "{late:?}");
    assert_eq!(unmet(&late), ["appeal.notice"]);
    // It counts from the receipt, documents from the decision.
    let received = Decision { received_on: day("2026-03-04"), ..decision() };
    let notice = Notice { decision: Some(received), ..standing() };
    assert!(notices(&notice, "2026-03-14").is_ok());
    let late = notices(&notice, "2026-03-15").unwrap_err();
    assert_eq!(unmet(&late), ["appeal.notice"]);
    assert_eq!(notices(&notice, "2026-03-14").unwrap().deadlines().documents_by, day("2026-03-31"));
}

#[test]
fn only_a_decision_of_the_program_that_stands_is_appealed_and_once() {
    for (notice, rule) in [
        (Notice { decision: None, state: "in_review", ..standing() }, "appeal.decision"),
        (Notice { own: true, ..standing() }, "appeal.of_the_program"),
        (Notice { appealed: true, ..standing() }, "appeal.once"),
    ] {
        // Late too: what stands is asked first.
        let refused = notices(&notice, "2026-04-01").unwrap_err();
        assert!(matches!(refused, Refused::State(_)), "{refused:?}");
        assert_eq!(unmet(&refused), [rule]);
    }
}

#[test]
fn without_documents_by_their_last_day_an_appeal_is_forfeited() {
    let appeal = noticed();
    assert_eq!(appeal.status(day("2026-03-31")), AppealStatus::Noticed);
    assert_eq!(appeal.status(day("2026-04-01")), AppealStatus::Forfeited);
    assert!(appeal.clone().hand_in("Late.".to_owned(), Vec::new(), day("2026-03-31")).is_ok());
    let late = appeal.clone().hand_in("Late.".to_owned(), Vec::new(), day("2026-04-01"));
    let late = late.unwrap_err();
    assert!(matches!(late, Refused::Rule(_)), "{late:?}");
    assert_eq!(unmet(&late), ["appeal.documents"]);
    assert!(!found(&appeal.deadline_findings(day("2026-04-01")), "appeal.documents"));
    assert!(found(&appeal.deadline_findings(day("2026-03-31")), "appeal.documents"));
    let given_up = appeal.withdraw(None, day("2026-04-01")).unwrap_err();
    assert_eq!(unmet(&given_up), ["appeal.state"]);
    // With documents it is not forfeited, and more may still come until the last day.
    let appeal = documented("2026-03-31");
    assert_eq!(appeal.status(day("2027-01-01")), AppealStatus::Documented);
    assert!(appeal.clone().hand_in("More.".to_owned(), Vec::new(), day("2026-03-31")).is_ok());
    assert!(appeal.hand_in("More.".to_owned(), Vec::new(), day("2026-04-01")).is_err());
}

#[test]
fn documents_are_handed_in_a_limited_number_of_times() {
    let mut appeal = noticed();
    for _ in 0..domain::appeal::MAX_DOCUMENTS {
        appeal = appeal.hand_in("A page.".to_owned(), Vec::new(), day("2026-03-10")).unwrap().0;
    }
    let refused = appeal.hand_in("A page.".to_owned(), Vec::new(), day("2026-03-10")).unwrap_err();
    assert_eq!(unmet(&refused), ["appeal.documents_count"]);
}

#[test]
fn a_late_response_counts_and_is_told_as_late() {
    let in_time = answered("2026-04-19");
    assert!(found(&in_time.response.as_ref().unwrap().findings, "appeal.response"));
    let late = answered("2026-04-20");
    assert_eq!(late.state, AppealState::Answered);
    assert!(!found(&late.response.as_ref().unwrap().findings, "appeal.response"));
    assert!(!found(&late.deadline_findings(day("2026-04-21")), "appeal.response"));
    assert!(noticed().respond("Early.".to_owned(), JUDGE.to_owned(), day("2026-03-06")).is_err());
}

#[test]
fn a_meeting_is_set_within_its_days_and_held_late_only_once_they_passed() {
    // Answered on the 25th of March: the meeting is due on the 24th of April.
    let appeal = || answered("2026-03-25");
    assert!(meets(appeal(), "2026-04-24", "2026-03-26").is_ok());
    let far = meets(appeal(), "2026-04-25", "2026-03-26").unwrap_err();
    assert_eq!(unmet(&far), ["appeal.meeting"]);
    let past = meets(appeal(), "2026-03-25", "2026-03-26").unwrap_err();
    assert_eq!(unmet(&past), ["appeal.meeting_ahead"]);
    let last = meets(appeal(), "2026-04-25", "2026-04-24").unwrap_err();
    assert_eq!(unmet(&last), ["appeal.meeting"]);
    let late = meets(appeal(), "2026-04-30", "2026-04-25").unwrap();
    assert!(!found(&late.meeting.as_ref().unwrap().findings, "appeal.meeting"));
    // It can be set anew.
    let moved = meets(late, "2026-05-02", "2026-04-28").unwrap();
    assert_eq!(moved.meeting.unwrap().meets_on, day("2026-05-02"));
}

#[test]
fn an_appeal_is_decided_on_the_day_of_its_meeting_or_later() {
    let set = || meets(answered("2026-03-25"), "2026-04-10", "2026-03-26").unwrap();
    let early = decides(set(), AppealOutcome::Upheld, JUDGE, "2026-04-09").unwrap_err();
    assert_eq!(unmet(&early), ["appeal.meeting_held"]);
    let (upheld, event) = decides(set(), AppealOutcome::Upheld, JUDGE, "2026-04-10").unwrap();
    assert_eq!((upheld.state, event.event_type()), (AppealState::Upheld, "appeal.upheld"));
    let told = upheld.outcome.clone().unwrap();
    assert!(found(&told.findings, "appeal.response") && found(&told.findings, "appeal.meeting"));
    let (remanded, event) = decides(set(), AppealOutcome::Remanded, JUDGE, "2026-06-01").unwrap();
    assert_eq!((remanded.state, event.event_type()), (AppealState::Remanded, "appeal.remanded"));
    assert!(decides(remanded, AppealOutcome::Upheld, JUDGE, "2026-06-02").is_err());
    let without = answered("2026-03-25");
    let without = decides(without, AppealOutcome::Upheld, JUDGE, "2026-04-10").unwrap_err();
    assert_eq!(unmet(&without), ["appeal.state"]);
    assert!(upheld.withdraw(None, day("2026-04-11")).is_err());
}

#[test]
fn who_took_part_in_the_decision_does_nothing_of_the_appeal() {
    for by in [DECIDER, REVIEWER] {
        let answer =
            documented("2026-03-20").respond("No.".to_owned(), by.to_owned(), day("2026-03-21"));
        assert_eq!(unmet(&answer.unwrap_err()), ["appeal.independent"]);
        let meeting = (day("2026-04-01"), None);
        let meeting = answered("2026-03-21").set_meeting(meeting, by, day("2026-03-22"));
        assert_eq!(unmet(&meeting.unwrap_err()), ["appeal.independent"]);
        let set = meets(answered("2026-03-21"), "2026-04-01", "2026-03-22").unwrap();
        let outcome = decides(set, AppealOutcome::Upheld, by, "2026-04-01").unwrap_err();
        assert_eq!(unmet(&outcome), ["appeal.independent"]);
    }
}

#[test]
fn an_appeal_is_withdrawn_until_it_is_decided() {
    for appeal in [noticed(), documented("2026-03-20"), answered("2026-03-25")] {
        let (withdrawn, _) =
            appeal.withdraw(Some("Settled.".to_owned()), day("2026-03-26")).unwrap();
        assert_eq!(withdrawn.state, AppealState::Withdrawn);
        assert!(withdrawn.withdraw(None, day("2026-03-26")).is_err());
    }
}

#[test]
fn a_history_of_an_appeal_replays_along_legal_edges_only() {
    let replay = |types: &[&str]| AppealState::replay(types.iter().copied());
    let (noticed, documents) = ("appeal.noticed", "appeal.documents_submitted");
    let (answered, meeting) = ("appeal.answered", "appeal.meeting_set");
    assert_eq!(
        replay(&[noticed, documents, documents, answered, meeting, meeting, "appeal.remanded"]),
        Some(AppealState::Remanded)
    );
    assert_eq!(replay(&[noticed, "appeal.withdrawn"]), Some(AppealState::Withdrawn));
    for illegal in [
        vec![documents],
        vec![noticed, answered],
        vec![noticed, documents, meeting],
        vec![noticed, documents, answered, "appeal.upheld"],
        vec![noticed, "appeal.withdrawn", documents],
        vec![noticed, "appeal.lost"],
    ] {
        assert_eq!(replay(&illegal), None, "{illegal:?}");
    }
}

#[test]
fn a_remand_reopens_the_decision_and_its_history_replays() {
    let replay = |types: Vec<&str>| ApplicationState::replay(types);
    let told = ["application.drafted", "application.submitted", "application.review_started"];
    let refused = [&told[..], &["application.refused"]].concat();
    let reopened = [&refused[..], &["application.reopened"]].concat();
    assert_eq!(replay(reopened), Some(ApplicationState::InReview));
    assert_eq!(replay([&told[..], &["application.reopened"]].concat()), None);
    let proposal = ["proposal.drafted", "proposal.submitted", "proposal.review_started"];
    let again = [&proposal[..], &["proposal.declined", "proposal.reopened"]].concat();
    assert_eq!(ProposalState::replay(again), Some(ProposalState::InReview));
    let agreement = ["agreement.drafted", "agreement.submitted"];
    let again = [&agreement[..], &["agreement.sent_back", "agreement.reopened"]].concat();
    assert_eq!(AgreementState::replay(again), Some(AgreementState::InReview));
    let again = [&agreement[..], &["agreement.signed", "agreement.ended", "agreement.reopened"]];
    assert_eq!(AgreementState::replay(again.concat()), Some(AgreementState::Signed));
    let never = [&agreement[..], &["agreement.reopened"]].concat();
    assert_eq!(AgreementState::replay(never), None);
}

#[test]
fn a_reopened_application_owes_its_fee_by_the_invoice_that_is_given() {
    let refused = |invoice: u128| {
        let (id, person) = (ApplicationId::from_bits(5), PersonId::from_bits(9));
        let statements = Statements::default();
        let draft = Application::draft(id, ProgramCode::lssc(), person, statements, now()).0;
        let invoice = Some(InvoiceId::from_bits(invoice));
        Application { state: ApplicationState::Refused, invoice, ..draft }
    };
    let appeal = AppealId::from_bits(6);
    let (kept, _) = refused(1).reopen(appeal, None).unwrap();
    assert_eq!(
        (kept.state, kept.invoice),
        (ApplicationState::InReview, Some(InvoiceId::from_bits(1)))
    );
    let (owing, _) = refused(1).reopen(appeal, Some(InvoiceId::from_bits(2))).unwrap();
    assert_eq!((owing.decision.clone(), owing.invoice), (None, Some(InvoiceId::from_bits(2))));
    assert_eq!(unmet(&owing.reopen(appeal, None).unwrap_err()), ["application.state"]);
}

#[test]
fn an_id_tells_what_was_decided_on() {
    let subjects = [
        Subject::Application(ApplicationId::from_bits(1)),
        Subject::Completion(CompletionId::from_bits(1)),
        Subject::Portfolio(PortfolioId::from_bits(1)),
        Subject::CourseProposal(ProposalId::from_bits(1)),
        Subject::Agreement(AgreementId::from_bits(1)),
    ];
    for subject in subjects {
        assert_eq!(subject.to_string().parse(), Ok(subject));
        let json = serde_json::to_value(subject).unwrap();
        assert_eq!(serde_json::from_value::<Subject>(json).unwrap(), subject);
    }
    assert!(BundleId::from_bits(1).to_string().parse::<Subject>().is_err());
    assert!("app_1".parse::<Subject>().is_err());
}

#[test]
fn an_appellant_is_a_person_or_an_organisation() {
    let college = Appellant::Organisation(OrganisationId::from_bits(7));
    assert_eq!((ADA.facts().owner, ADA.facts().organisation), (ADA.person(), None));
    assert_eq!(
        (college.facts().owner, college.facts().organisation),
        (None, college.organisation())
    );
    let undecided = Notice { decision: None, ..standing() };
    assert_eq!(undecided.time_finding(&policy().appeals, day("2026-03-01")), None);
}
