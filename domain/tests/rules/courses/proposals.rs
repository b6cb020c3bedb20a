//! Proposals, their reviews and the decision.

use super::*;

#[test]
fn a_map_says_for_every_competency_what_is_missing() {
    let mut proposed = content("FND");
    proposed.map[2].reading = " ".to_owned();
    proposed.map[2].assessment = String::new();
    proposed.map.truncate(proposed.map.len() - 1);
    proposed.syllabus = None;
    let refused = submit(draft(proposed, None, "2026-01-02"), "2026-01-05").unwrap_err();
    let open: Vec<_> =
        refused.findings().iter().filter(|one| !one.satisfied).map(|one| &*one.actual).collect();
    assert_eq!(open, ["missing", "missing: reading and assessment", "not mapped"]);
    let competencies = framework().set(&set("FND")).unwrap().competencies.len();
    assert_eq!(refused.findings().len(), 3 + competencies, "one finding a competency");
}

#[test]
fn a_map_of_strange_or_repeated_competencies_is_a_bad_fact() {
    let mut proposed = content("FND");
    proposed.map[0].competency = "CAT-01".parse().unwrap();
    proposed.map[2].competency = proposed.map[1].competency.clone();
    let bad = proposed.check(&framework());
    assert_eq!(
        places(&bad),
        [("/map/0/competency", "unknown"), ("/map/2/competency", "duplicate")]
    );
}

#[test]
fn a_deactivated_provider_proposes_nothing() {
    let mut ended = provider();
    ended.standing = ended.standing.deactivate("closed".into(), day("2026-01-01")).unwrap().0;
    let when = (day("2026-01-02"), now());
    let id = ProposalId::from_bits(1);
    let refused = CourseProposal::draft(id, &ended, PROPOSER, None, content("FND"), when);
    assert!(!found(refused.unwrap_err().findings(), "organisation.active"));
}

#[test]
fn the_primary_contact_hands_over_before_leaving() {
    let (first, second, stranger) =
        (PersonId::from_bits(1), PersonId::from_bits(2), PersonId::from_bits(3));
    let (standing, told) = OrganisationStanding::default().welcome(first);
    assert!(told.is_some());
    let (standing, told) = standing.welcome(second);
    assert!(told.is_none() && !standing.leave_finding(first).satisfied);
    assert!(standing.clone().hand_over(stranger, &[first, second]).is_err());
    let (standing, _) = standing.hand_over(second, &[first, second]).unwrap();
    assert!(standing.leave_finding(first).satisfied && !standing.leave_finding(second).satisfied);
}

#[test]
fn changes_unlock_what_they_name_and_nothing_else() {
    let first = content("FND").map[0].competency.clone();
    let asked = Change { part: Part::Competency, competency: Some(first), text: "More".into() };
    let (proposal, _) = in_review().request_changes(vec![asked]).unwrap();

    let mut other = proposal.content.clone();
    other.map[1].reading = "Chapter 2".to_owned();
    other.details.title = "Another".to_owned();
    let refused = proposal.clone().update(other).unwrap_err();
    let open = refused.findings().iter().filter(|one| !one.satisfied).count();
    assert_eq!(open, 2);

    let mut named = proposal.content.clone();
    named.map[0].reading = "Chapter 2".to_owned();
    let (proposal, _) = proposal.update(named).unwrap();
    let proposal = submit(proposal, "2026-02-01").unwrap();
    assert_eq!((proposal.state, proposal.changes.len()), (ProposalState::InReview, 0));
    assert_eq!(proposal.submitted_on, Some(day("2026-01-05")), "the first submission stays");
}

#[test]
fn nobody_reviews_with_an_interest() {
    let proposal = in_review();
    let unmet = |who: &Reviewer, reviews: &[Review]| {
        let findings = assignment_findings(who, &proposal, &provider(), reviews);
        let open = findings.into_iter().filter(|one| !one.satisfied);
        open.map(|one| one.rule.into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(unmet(&reviewer(9), &[]), [""; 0]);
    assert_eq!(unmet(&reviewer(PROPOSER.bits()), &[]), ["review.not_proposer"]);
    let user = Reviewer { acts_for: vec![PROVIDER], ..reviewer(9) };
    assert_eq!(unmet(&user, &[]), ["review.not_of_organisation"]);
    let colleague = Reviewer { employers: vec!["EXAMPLE  State Library".into()], ..reviewer(9) };
    assert_eq!(unmet(&colleague, &[]), ["review.other_employer"]);
    let declared = Reviewer { declared: vec![PROVIDER], ..reviewer(9) };
    assert_eq!(unmet(&declared, &[]), ["review.no_declared_conflict"]);
    let profile = |employer: &str, conflict: DeclaredConflict| {
        reviewer(9).with_profile(EvaluatorProfile {
            sets: Vec::new(),
            employers: vec![employer.into()],
            resume: None,
            trained_on: None,
            capacity: 1,
            away: Vec::new(),
            conflicts: vec![conflict],
        })
    };
    let conflict = |organisation, name: Option<&str>| DeclaredConflict {
        person: None,
        organisation,
        name: name.map(str::to_owned),
        reason: "I taught there.".into(),
    };
    let nobody = conflict(None, Some("Elsewhere Library"));
    assert_eq!(unmet(&profile("Elsewhere", nobody.clone()), &[]), [""; 0]);
    assert_eq!(unmet(&profile("example state library", nobody), &[]), ["review.other_employer"]);
    for declared in
        [conflict(Some(PROVIDER), None), conflict(None, Some("Example State Librar\u{fd}"))]
    {
        let unmet = unmet(&profile("Elsewhere", declared), &[]);
        assert_eq!(unmet, ["review.no_declared_conflict"]);
    }
    let there = reviewed(&proposal, 9, Recommendation::Approve);
    assert_eq!(unmet(&reviewer(9), &[there]), ["review.once"]);
}

#[test]
fn a_rubric_scores_every_criterion_once_and_names_changes() {
    assert_eq!(rubric(Recommendation::Approve).check(), []);
    let mut bad = rubric(Recommendation::Changes);
    bad.scores[0].score = 5;
    bad.scores[1].criterion = bad.scores[0].criterion;
    assert_eq!(
        places(&bad.check()),
        [
            ("/scores/0/score", "out_of_range"),
            ("/scores/1/criterion", "duplicate"),
            ("/scores", "required"),
            ("/changes", "required")
        ]
    );
    let silent = rubric(Recommendation::Decline).check();
    assert_eq!(places(&silent), [("/comment", "required")]);
}

#[test]
fn approval_needs_the_fee_and_two_reviews_and_a_reason_against_advice() {
    let (policy, proposal) = (policy().courses, in_review());
    let (yes, no) = (Recommendation::Approve, Recommendation::Decline);
    let decide =
        |grounds: &Grounds| proposal.clone().approve(CourseId::from_bits(1), grounds, &policy);
    let one = grounds(vec![reviewed(&proposal, 8, yes)], "2026-03-01");
    assert!(!found(decide(&one).unwrap_err().findings(), "proposal.reviews"));

    let both = vec![reviewed(&proposal, 8, yes), reviewed(&proposal, 9, yes)];
    let unpaid = Grounds { fee: settled(false), ..grounds(both.clone(), "2026-03-01") };
    assert!(!found(decide(&unpaid).unwrap_err().findings(), "proposal.fee_settled"));

    let split = vec![reviewed(&proposal, 8, yes), reviewed(&proposal, 9, no)];
    let silent = grounds(split, "2026-03-01");
    assert!(!found(decide(&silent).unwrap_err().findings(), "proposal.recommended"));
    let reasoned = Grounds { reason: Some("The second read an old text".into()), ..silent };
    assert!(decide(&reasoned).is_ok());

    let (proposal, course, _, _) = decide(&grounds(both, "2026-03-01")).unwrap();
    assert_eq!(proposal.state, ProposalState::Approved);
    assert_eq!((course.approved_on, course.ends_on), (day("2026-03-01"), day("2030-03-01")));
    assert_eq!(course.proposal, Some(proposal.id));
}

#[test]
fn a_decline_gives_its_reasons() {
    let (policy, proposal) = (policy().courses, in_review());
    let reviews = vec![
        reviewed(&proposal, 8, Recommendation::Decline),
        reviewed(&proposal, 9, Recommendation::Decline),
    ];
    let silent = grounds(reviews, "2026-03-01");
    assert!(!found(
        proposal.clone().decline(&silent, &policy).unwrap_err().findings(),
        "proposal.reason"
    ));
    let told = Grounds { reason: Some("No assessment".into()), ..silent };
    assert_eq!(proposal.decline(&told, &policy).unwrap().0.state, ProposalState::Declined);
}

#[test]
fn only_a_review_that_asked_for_changes_is_opened_again() {
    let proposal = in_review();
    assert!(reviewed(&proposal, 8, Recommendation::Approve).reopen().is_none());
    let again = reviewed(&proposal, 8, Recommendation::Changes).reopen().unwrap().0;
    assert_eq!(again.recommendation(), None);
}

#[test]
fn events_replay_to_the_state_that_they_led_to() {
    let way = ["proposal.drafted", "proposal.submitted", "proposal.review_started"];
    assert_eq!(ProposalState::replay(way), Some(ProposalState::InReview));
    assert_eq!(ProposalState::replay(["proposal.drafted", "proposal.approved"]), None);
    assert_eq!(ProposalState::replay(["proposal.submitted"]), None);
}
