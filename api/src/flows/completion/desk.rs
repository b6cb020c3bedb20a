//! What completions are judged on, read once for however many of them.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::NaiveDate;
use domain::{
    AchievementId, BundleId, CandidacyId, CourseId, Finding,
    candidacy::{Candidacy, CandidacyAct},
    competency::{Framework, SetCode},
    completion::{Achievement, Completion, CompletionEvent, CompletionState},
    course::{Course, bundle::Bundle},
    course_credit::{self, CreditFacts},
    decision::{self, Refused},
    event::Event,
    policy::Policy,
};
use persistence::Tx;

use super::event;
use crate::{flows::program, problem::Problem, v1::achievements};

/// A candidacy with everything that was completed and achieved in it.
#[derive(Debug, Clone)]
pub(in crate::flows) struct Holder {
    /// The candidacy, held.
    pub(in crate::flows) candidacy: Candidacy,
    /// Its completions.
    pub(in crate::flows) completions: Vec<Completion>,
    /// Its achievements, voided ones too.
    pub(in crate::flows) achievements: Vec<Achievement>,
}

impl Holder {
    /// The achievement of a set that stands.
    fn standing(&self, set: &SetCode) -> Option<&Achievement> {
        self.achievements.iter().find(|one| one.set == *set && one.voided_on.is_none())
    }

    /// How many sets are achieved.
    pub(in crate::flows) fn achieved(&self) -> usize {
        self.achievements.iter().filter(|one| one.voided_on.is_none()).count()
    }

    /// The completion of a course that was handed in and neither refused nor voided.
    pub(in crate::flows) fn open_completion(&self, course: CourseId) -> Option<&Completion> {
        let open = [CompletionState::Recorded, CompletionState::Verified];
        self.completions.iter().find(|one| one.course == course && open.contains(&one.state))
    }

    /// Takes note of a completion as it is now.
    pub(super) fn put(&mut self, completion: &Completion) {
        self.completions.retain(|one| one.id != completion.id);
        self.completions.push(completion.clone());
    }

    /// The verified courses with the days of their completion.
    pub(super) fn verified(&self) -> Vec<(CourseId, NaiveDate)> {
        let verified = self.completions.iter().filter(|one| one.state == CompletionState::Verified);
        verified.map(|one| (one.course, one.completed_on)).collect()
    }

    /// The finding on whether a set can still be achieved.
    pub(super) fn open_set(&self, set: &SetCode) -> Finding {
        let standing = self.standing(set);
        let actual =
            standing.map_or_else(|| "not achieved".to_owned(), |one| format!("by {}", one.method));
        Finding::new(
            "achievement.not_achieved",
            "life cycle",
            standing.is_none(),
            "a set that is not achieved",
            actual,
            format!("The competency set {set} is achieved once."),
        )
    }
}

/// What was judged of a completion.
#[derive(Debug, Clone)]
pub(in crate::flows) struct Judged {
    /// The completion as it is now.
    pub(in crate::flows) completion: Completion,
    /// The achievement that it made.
    pub(in crate::flows) achievement: Option<Achievement>,
    /// What happened.
    pub(in crate::flows) events: Vec<Event<CompletionEvent>>,
}

/// Courses, bundles and pinned rules: what several completions are judged on.
#[derive(Debug, Clone)]
pub(in crate::flows) struct Desk {
    today: NaiveDate,
    rules: BTreeMap<(i64, i64), (Policy, Framework)>,
    courses: BTreeMap<CourseId, Course>,
    bundles: BTreeMap<BundleId, Bundle>,
}

impl Desk {
    /// The desk for completions of courses by several candidates.
    pub(in crate::flows) fn of(
        tx: &mut Tx<'_>,
        candidacies: &[Candidacy],
        courses: &[CourseId],
        today: NaiveDate,
    ) -> Result<Self, Problem> {
        let mut rules = BTreeMap::new();
        for candidacy in candidacies {
            let key = (candidacy.policy_version, candidacy.framework_version);
            if let Entry::Vacant(vacant) = rules.entry(key) {
                vacant.insert(program::pinned(tx, candidacy)?);
            }
        }
        let courses = tx.courses().by_ids(courses)?;
        let parts: Vec<_> = courses.iter().filter_map(|course| course.bundle).collect();
        let bundles = tx.bundles().by_ids(&parts)?;
        Ok(Self {
            today,
            rules,
            courses: courses.into_iter().map(|one| (one.id, one)).collect(),
            bundles: bundles.into_iter().map(|one| (one.id, one)).collect(),
        })
    }

    /// The desk for the completions of one candidate.
    pub(super) fn of_one(
        tx: &mut Tx<'_>,
        candidacy: Candidacy,
        courses: &[CourseId],
        today: NaiveDate,
    ) -> Result<(Self, Holder), Problem> {
        let desk = Self::of(tx, std::slice::from_ref(&candidacy), courses, today)?;
        let mut holders = Self::holders(tx, vec![candidacy])?;
        match holders.pop_first() {
            Some((_, holder)) => Ok((desk, holder)),
            None => Err(Problem::not_found()),
        }
    }

    /// Candidacies with what was completed and achieved in them.
    pub(in crate::flows) fn holders(
        tx: &mut Tx<'_>,
        candidacies: Vec<Candidacy>,
    ) -> Result<BTreeMap<CandidacyId, Holder>, Problem> {
        let ids: Vec<_> = candidacies.iter().map(|one| one.id).collect();
        let empty = |candidacy: Candidacy| Holder {
            candidacy,
            completions: Vec::new(),
            achievements: Vec::new(),
        };
        let mut holders: BTreeMap<_, _> =
            candidacies.into_iter().map(|one| (one.id, empty(one))).collect();
        for completion in tx.completions().of_candidacies(&ids)? {
            if let Some(holder) = holders.get_mut(&completion.candidacy) {
                holder.completions.push(completion);
            }
        }
        for achievement in tx.achievements().of_candidacies(&ids)? {
            if let Some(holder) = holders.get_mut(&achievement.candidacy) {
                holder.achievements.push(achievement);
            }
        }
        Ok(holders)
    }

    /// A course of the desk.
    pub(in crate::flows) fn course(&self, id: CourseId) -> Option<&Course> {
        self.courses.get(&id)
    }

    /// The rules that a candidacy pinned.
    pub(in crate::flows) fn rules(
        &self,
        candidacy: &Candidacy,
    ) -> Result<&(Policy, Framework), Problem> {
        let key = (candidacy.policy_version, candidacy.framework_version);
        let missing = || Problem::internal(format!("{}: its rules were not read", candidacy.id));
        self.rules.get(&key).ok_or_else(missing)
    }

    /// The bundle of which a course is a part.
    pub(super) fn bundle(&self, course: CourseId) -> Option<&Bundle> {
        self.bundles.get(&self.courses.get(&course)?.bundle?)
    }

    /// The finding on whether its bundle can count a completion of a course that is a part of one.
    pub(super) fn part_finding(
        &self,
        course: CourseId,
        completed_on: NaiveDate,
    ) -> Option<Finding> {
        self.bundle(course).map(|bundle| bundle.part_finding(course, completed_on))
    }

    /// The findings of the credit rules on a completion: what staff see before they decide, and what the
    /// decision rests on. Its proof is what the decision itself attests.
    pub(super) fn credit(
        &self,
        candidacy: &Candidacy,
        completion: &Completion,
    ) -> Result<Vec<Finding>, Problem> {
        let (policy, framework) = self.rules(candidacy)?;
        let course = self.course(completion.course).ok_or_else(Problem::not_found)?;
        let facts = CreditFacts {
            approved_on: course.approved_on,
            ends_on: Some(course.last_day()),
            completed_on: completion.completed_on,
            deadline: candidacy.deadline(self.today),
            course_set: course.set.clone(),
            claimed_set: completion.set.clone(),
            proof: true,
        };
        let outcome =
            course_credit::evaluate(&facts, framework, &policy.courses).map_err(|bad| {
                Problem::internal(format!("{}: stored facts are bad: {bad:?}", completion.id))
            })?;
        let mut findings = outcome.findings;
        findings.extend(self.part_finding(completion.course, completion.completed_on));
        Ok(findings)
    }

    /// The finding on whether completions of a candidacy are verified today.
    pub(in crate::flows) fn candidacy_finding(&self, candidacy: &Candidacy) -> Finding {
        candidacy.state_finding(CandidacyAct::VerifyCompletion, self.today)
    }

    /// Verifies a completion: it achieves its set or, as a part of a bundle, the bundle's once every part
    /// is verified. 409 by the states of the candidacy, the completion and the set, 422 by the rules.
    pub(super) fn verify(
        &self,
        tx: &Tx<'_>,
        holder: &mut Holder,
        completion: Completion,
    ) -> Result<Judged, Problem> {
        decision::by_state(vec![self.candidacy_finding(&holder.candidacy)])?;
        decision::by_state(vec![completion.state_finding("verify the completion")])?;
        let credit = decision::by_rule(self.credit(&holder.candidacy, &completion)?)?;
        let judged = match self.bundle(completion.course) {
            None => self.verify_whole(tx.new_id(), holder, completion, credit)?,
            Some(bundle) => self.verify_part(tx.new_id(), holder, (completion, bundle), credit)?,
        };
        holder.put(&judged.completion);
        holder.achievements.extend(judged.achievement.clone());
        Ok(judged)
    }

    fn verify_whole(
        &self,
        id: AchievementId,
        holder: &Holder,
        completion: Completion,
        credit: Vec<Finding>,
    ) -> Result<Judged, Refused> {
        decision::by_state(vec![holder.open_set(&completion.set)])?;
        let admitted_on = holder.candidacy.admitted_on;
        let (completion, achievement, [verified, achieved]) =
            completion.verify(id, credit, admitted_on, self.today)?;
        let events =
            vec![event(&completion, verified), achievements::event(&achievement, achieved)];
        Ok(Judged { completion, achievement: Some(achievement), events })
    }

    fn verify_part(
        &self,
        id: AchievementId,
        holder: &Holder,
        (completion, bundle): (Completion, &Bundle),
        credit: Vec<Finding>,
    ) -> Result<Judged, Problem> {
        let (policy, _) = self.rules(&holder.candidacy)?;
        let (mut completion, verified) = completion.verify_part(credit, self.today)?;
        let mut events = vec![event(&completion, verified)];
        let mut done = holder.verified();
        done.push((completion.course, completion.completed_on));
        let whole = bundle.credit(&done, &policy.courses);
        completion.findings.extend(whole.findings);
        let achieved_on = whole.completed_on.filter(|_| holder.standing(&bundle.set).is_none());
        let achievement = achieved_on.map(|on| {
            let admitted_on = holder.candidacy.admitted_on;
            let (achievement, achieved) = completion.achieve_bundle(id, bundle.id, on, admitted_on);
            events.push(achievements::event(&achievement, achieved));
            achievement
        });
        Ok(Judged { completion, achievement, events })
    }

    /// The findings on a completion that its provider signs: the credit rules, and for a whole course the set.
    pub(in crate::flows) fn signable(
        &self,
        holder: &Holder,
        completion: &Completion,
    ) -> Result<Vec<Finding>, Problem> {
        let mut credit = self.credit(&holder.candidacy, completion)?;
        if self.bundle(completion.course).is_none() {
            credit.push(holder.open_set(&completion.set));
        }
        Ok(credit)
    }

    /// Judges a completion that its provider signed: verified when it counts, else refused with why.
    pub(in crate::flows) fn sign(
        &self,
        tx: &Tx<'_>,
        holder: &mut Holder,
        completion: Completion,
    ) -> Result<Judged, Problem> {
        let credit = self.signable(holder, &completion)?;
        if domain::all_satisfied(&credit) {
            return self.verify(tx, holder, completion);
        }
        let unmet = credit.iter().filter(|one| !one.satisfied);
        let reason: Vec<_> = unmet.map(|one| one.message.as_str()).collect();
        let reason = reason.join(" ");
        let (completion, refused) = completion.refuse(credit, reason, self.today)?;
        holder.put(&completion);
        let events = vec![event(&completion, refused)];
        Ok(Judged { completion, achievement: None, events })
    }
}
