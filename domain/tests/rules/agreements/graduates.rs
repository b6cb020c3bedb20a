//! Graduates, and certificates that are provisional until the hours are shown.

use super::*;

#[test]
fn graduates_from_two_years_before_the_signing_count() {
    let agreement = signed(terms(&FULL));
    assert!(post(&agreement, "2022-03-01").is_ok());
    let early = post(&agreement, "2022-02-28").unwrap_err();
    assert!(!found(early.findings(), "recognition.graduation_window"));
    let unsigned = post(&reviewed(drafted(terms(&FULL))), "2024-05-01").unwrap_err();
    assert!(!found(unsigned.findings(), "recognition.agreement_signed"));
}

#[test]
fn a_verified_graduate_achieves_every_covered_set_and_keeps_what_is_there() {
    let agreement = signed(terms(&FULL));
    let policy = policy().recognition;
    let posted = post(&agreement, "2025-05-01").unwrap();
    let verify =
        |one: Graduate| one.verify(&agreement, &policy, "office".into(), day("2025-06-01"));
    let refused = verify(posted.clone()).unwrap_err();
    assert!(!found(refused.findings(), "recognition.person_known"));
    let (known, _) = posted.matched(PersonId::from_bits(1)).unwrap();
    assert!(!known.recognised_finding().satisfied);
    let (verified, _) = verify(known).unwrap();
    assert!(verified.recognised_finding().satisfied);

    let mut bits = 0;
    let mut ids = || {
        bits += 1;
        AchievementId::from_bits(bits)
    };
    let standing = [set("FND")];
    let admitted = candidacy("2025-07-01");
    let stranger = Candidacy { person: PersonId::from_bits(2), ..admitted.clone() };
    assert!(verified.clone().credit(&agreement, &stranger, &[], &mut ids).is_err());
    let (credited, achieved, events, _) =
        verified.credit(&agreement, &admitted, &standing, &mut ids).unwrap();
    let sets: Vec<SetCode> = achieved.iter().map(|one| one.set.clone()).collect();
    assert_eq!(sets, ["COM", "TEC", "ACC", "CAT", "REF"].map(set));
    assert_eq!(events.len(), 5);
    assert!(achieved.iter().all(|one| one.achieved_on == day("2025-07-01")
        && one.method == Method::Recognition
        && one.evidence == credited.id.to_string()));
    assert!(credited.clone().credit(&agreement, &admitted, &[], &mut ids).is_err(), "once");
    assert!(credited.clone().withdraw("x".into()).is_err());

    // Where the candidacy ended without a certification, it is as good as new.
    let free = |candidacy: &Candidacy, on: &str| {
        credited.clone().free_of(candidacy, None, day(on)).candidacy.is_none()
    };
    assert!(!free(&admitted, "2029-07-01"), "the deadline itself");
    assert!(free(&admitted, "2029-07-02"));
    let withdrawn = Candidacy { withdrawn_on: Some(day("2026-01-01")), ..admitted.clone() };
    assert!(!free(&withdrawn, "2025-12-31"));
    assert!(free(&withdrawn, "2026-01-01"));
    let completed = Candidacy { completed_on: Some(day("2025-07-01")), ..admitted.clone() };
    assert!(!free(&completed, "2026-01-01"));
    let other = Candidacy { id: CandidacyId::from_bits(2), ..withdrawn };
    assert!(!free(&other, "2027-01-01"), "another one's end frees nothing");

    // A voided achievement opens it again, unless another candidacy has its credit.
    let elsewhere = Achievement { candidacy: other.id, ..achieved[0].clone() };
    assert!(credited.clone().void_credit(&elsewhere, "x".into()).is_none());
    let (open, _) = credited.void_credit(&achieved[0], "The wrong course".into()).unwrap();
    assert_eq!((open.state, open.candidacy, open.decided_on), (GraduateState::Posted, None, None));
}

#[test]
fn a_refusal_of_what_the_college_posted_stands_against_its_word() {
    let agreement = signed(terms(&FULL));
    let policy = policy().recognition;
    let today = day("2025-06-01");
    let posted = post(&agreement, "2025-05-01").unwrap();
    assert!(posted.refusal_finding().is_none());
    let findings = posted.verification_findings(&agreement, &policy);
    let (refused, _) = posted.refuse(findings, "Not hers".into(), "office".into(), today).unwrap();
    let finding = refused.refusal_finding().unwrap();
    assert!(!finding.satisfied && finding.message.contains("Not hers"));
    let id = GraduateId::from_bits(1);
    let proof = (PersonId::from_bits(1), AttachmentId::from_bits(1));
    let (claimed, _) = Graduate::claim(id, &agreement, graduation("2025-05-01"), proof, now());
    let findings = claimed.verification_findings(&agreement, &policy);
    let (refused, _) =
        claimed.clone().refuse(findings, "Unreadable".into(), "office".into(), today).unwrap();
    assert!(refused.refusal_finding().is_none(), "the transcript was refused, not the college");
    let (confirmed, _) = claimed.confirm(&agreement, day("2025-05-01"), &policy).unwrap().unwrap();
    let findings = confirmed.verification_findings(&agreement, &policy);
    let (refused, _) =
        confirmed.refuse(findings, "Not hers".into(), "office".into(), today).unwrap();
    assert!(refused.refusal_finding().is_some());
}

#[test]
fn a_claim_is_proved_by_its_transcript() {
    let agreement = signed(terms(&FULL));
    let proof = (PersonId::from_bits(1), AttachmentId::from_bits(1));
    let id = GraduateId::from_bits(1);
    let (claimed, _) = Graduate::claim(id, &agreement, graduation("2021-01-01"), proof, now());
    assert_eq!(claimed.state, GraduateState::Claimed);
    let policy = policy().recognition;
    let findings = claimed.verification_findings(&agreement, &policy);
    assert!(found(&findings, "recognition.proof"));
    assert!(!found(&findings, "recognition.graduation_window"));
    let today = day("2025-01-01");
    let (refused, _) =
        claimed.refuse(findings, "Too early".into(), "office".into(), today).unwrap();
    assert!(refused.verify(&agreement, &policy, "office".into(), today).is_err());
}

fn eligibility(hours: bool, position: bool, education: bool) -> Vec<Finding> {
    let finding = |rule, is| Finding::new(rule, "FAQ 6", is, "", "", "");
    vec![
        finding("eligibility.education", education),
        finding("eligibility.work_hours", hours),
        finding("eligibility.support_staff_position", position),
    ]
}

fn acceptance(eligibility: Vec<Finding>, graduate: Option<bool>) -> Acceptance {
    let finding = |rule, is| Finding::new(rule, "FAQ 12", is, "", "", "");
    Acceptance {
        eligible: domain::all_satisfied(&eligibility),
        eligibility,
        fee: finding("application.fee_settled", true),
        override_reason: None,
        recognition: graduate.map(|is| finding("recognition.verified_graduate", is)),
    }
}

#[test]
fn a_graduate_short_of_the_hours_alone_is_accepted_provisionally() {
    let judged = |facts: (bool, bool, bool), graduate| {
        let one = acceptance(eligibility(facts.0, facts.1, facts.2), graduate);
        (one.holds(), one.is_provisional())
    };
    assert_eq!(judged((false, true, true), Some(true)), (true, true));
    assert_eq!(judged((false, false, true), Some(true)), (true, true), "no job at all");
    assert_eq!(judged((true, true, true), Some(true)), (true, false));
    assert_eq!(judged((false, true, true), Some(false)), (false, false));
    assert_eq!(judged((false, true, true), None), (false, false));
    assert_eq!(judged((false, true, false), Some(true)), (false, false), "no diploma");
    assert_eq!(judged((true, false, true), Some(true)), (false, false), "enough, but no such job");
}

fn provisional() -> (Candidacy, Certification) {
    let graduate = GraduateId::from_bits(1);
    let provisional = Some(Provisional { graduate, hours_shown_on: None });
    let admitted = Candidacy { provisional, ..candidacy("2025-07-01") };
    let award = Award {
        id: CertificationId::from_bits(1),
        number: domain::certificate::CertificateNumber::from_random(&ProgramCode::lssc(), 2025, 7),
        holder_name: "Ada Day".to_owned(),
        completed_on: day("2025-07-01"),
        achievements: Vec::new(),
    };
    let (candidacy, certification, _) =
        Certification::award(admitted, award, &policy(), day("2025-07-10"));
    (candidacy, certification)
}

#[test]
fn a_provisional_certification_lapses_unless_the_hours_are_shown() {
    let (candidacy, certification) = provisional();
    assert_eq!(certification.provisional_until, Some(day("2029-07-10")));
    let status = |one: &Certification, on: &str| one.status(day(on)).unwrap();
    assert_eq!(status(&certification, "2026-01-01"), CertificationStatus::Provisional);
    assert_eq!(status(&certification, "2029-07-11"), CertificationStatus::Lapsed);
    let condition = |one: &Certification, on: &str| {
        let checks = one.verify(day(on), None).checks;
        checks.iter().find(|check| check.check == CheckName::ConditionKept).unwrap().verdict
    };
    assert_eq!(condition(&certification, "2029-07-10"), Verdict::Pass);
    assert_eq!(condition(&certification, "2029-07-11"), Verdict::Fail);

    let short = eligibility(false, true, true);
    let shown = eligibility(true, true, true);
    assert!(certification.clone().meet_condition(short, day("2026-01-01")).is_err());
    let late = certification.clone().meet_condition(shown.clone(), day("2029-07-11"));
    assert!(matches!(late, Err(Refused::State(_))));
    let (met, _) = certification.meet_condition(shown.clone(), day("2026-01-01")).unwrap();
    assert_eq!(status(&met, "2025-12-31"), CertificationStatus::Provisional);
    assert_eq!(status(&met, "2026-01-01"), CertificationStatus::Active);
    assert!(met.meet_condition(shown.clone(), day("2026-01-02")).is_err());

    assert!(candidacy.owes_hours());
    let (candidacy, _) = candidacy.show_hours(shown.clone(), day("2026-01-01")).unwrap();
    assert!(!candidacy.owes_hours());
    assert!(candidacy.show_hours(shown, day("2026-01-02")).is_err());
}

#[test]
fn a_certification_follows_what_it_rests_on() {
    let (_, certification) = provisional();
    let same = certification.clone().follow(
        certification.completed_on,
        certification.achievements.clone(),
        &policy(),
        "nothing".into(),
    );
    assert!(same.is_none());
    let ground = Ground {
        achievement: AchievementId::from_bits(1),
        set: set("FND"),
        achieved_on: day("2025-07-05"),
    };
    let (moved, _) = certification
        .follow(day("2025-07-05"), vec![ground], &policy(), "typing error".into())
        .unwrap();
    assert_eq!((moved.completed_on, moved.expires_on), (day("2025-07-05"), day("2029-07-05")));
    assert_eq!(moved.renewal_opens_on, day("2028-07-05"));
}
