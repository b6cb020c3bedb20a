//! Everything that the rows of a roster are judged on, read in few statements, and what came of them.

use super::{
    BTreeMap, BTreeSet, CandidacyId, CompletionId, CompletionState, Course, CourseId, Desk,
    Directory, Event, Finding, Holder, InForce, Judged, Match, NaiveDate, Named, PersonId,
    PostedRow, Problem, ProgramCode, Provider, RosterEvent, RosterRow, RowOutcome, Tx,
    WaitingCompletion, WaitingId, completion,
};

/// The sheet of one roster.
pub(super) struct Sheet {
    provider: Provider,
    rules: InForce,
    directory: Directory,
    waiting: BTreeMap<(CourseId, String), WaitingCompletion>,
    /// What completions are judged on.
    pub(super) desk: Desk,
    /// The candidates whom rows name, held.
    pub(super) holders: BTreeMap<CandidacyId, Holder>,
    /// New completions.
    pub(super) fresh: Vec<Judged>,
    /// Completions that candidates had handed in, and that are signed now.
    pub(super) signed: Vec<Judged>,
    /// New completions that wait.
    pub(super) kept: Vec<(WaitingCompletion, Event<RosterEvent>)>,
    /// What waited for whom rows signed, and the completion that it is.
    pub(super) closed: Vec<(WaitingId, (CompletionId, NaiveDate))>,
}

impl Sheet {
    /// Reads what the rows need. Courses are held before candidacies, both in the order of their ids.
    pub(super) fn of(
        tx: &mut Tx<'_>,
        rules: &InForce,
        provider: &Provider,
        rows: &[&RosterRow],
    ) -> Result<Self, Problem> {
        let today = rules.today;
        let courses: BTreeSet<CourseId> = rows.iter().map(|row| row.course).collect();
        let courses: Vec<_> = courses.into_iter().collect();
        let theirs = |course: &Course| course.provider == provider.id;
        for course in tx.courses().by_ids(&courses)?.into_iter().filter(theirs) {
            tx.courses().get(course.id)?;
        }
        let named: Vec<Named> = rows.iter().map(|row| row.named.clone()).collect();
        let directory = directory(tx, &provider.program, &named, today)?;
        let ids: Vec<_> = named.iter().filter_map(|one| candidacy_of(&directory, one)).collect();
        let candidacies = tx.candidacies().held(&ids)?;
        let desk = Desk::of(tx, &candidacies, &courses, today)?;
        let holders = Desk::holders(tx, candidacies)?;
        let mut keys: BTreeSet<String> = named.iter().filter_map(Named::key).collect();
        keys.extend(named.iter().flat_map(|one| match directory.find(one) {
            Match::One(known, Some(_)) => known.keys(),
            Match::One(_, None) | Match::Nobody | Match::Unclear(_) => Vec::new(),
        }));
        let keys: Vec<_> = keys.into_iter().collect();
        let waiting = tx.waiting_completions().under(&provider.program, &keys)?;
        Ok(Self {
            provider: provider.clone(),
            rules: rules.clone(),
            directory,
            waiting: waiting.into_iter().map(|one| ((one.course, one.key()), one)).collect(),
            desk,
            holders,
            fresh: Vec::new(),
            signed: Vec::new(),
            kept: Vec::new(),
            closed: Vec::new(),
        })
    }

    /// Judges a row, and takes note of what is to be stored.
    pub(super) fn judge(
        &mut self,
        tx: &Tx<'_>,
        row: &RosterRow,
        active: &Finding,
    ) -> Result<PostedRow, Problem> {
        let ours = |course: &&Course| course.program == self.provider.program;
        let course = self.desk.course(row.course).filter(ours).cloned();
        let mut findings = row.findings(self.provider.id, course.as_ref(), active);
        findings.extend(self.day_finding(row));
        let Some(course) = course.filter(|_| domain::all_satisfied(&findings)) else {
            return Ok(PostedRow::new(row, RowOutcome::Rejected, findings));
        };
        match self.directory.find(&row.named) {
            Match::Unclear(found) => Ok(PostedRow::new(row, RowOutcome::Rejected, found)),
            Match::One(known, Some(candidacy)) => {
                let keys = known.keys();
                if self.is_over(row, candidacy) {
                    return self.wait(tx, row, &course);
                }
                let posted = self.sign(tx, row, &course, candidacy)?;
                self.close(row, &posted, keys);
                Ok(posted)
            }
            Match::One(_, None) | Match::Nobody => self.wait(tx, row, &course),
        }
    }

    /// Whether the only candidacy that a row can mean was withdrawn or completed, without the course: the row
    /// is kept for the next one, where it says for whom.
    fn is_over(&self, row: &RosterRow, candidacy: CandidacyId) -> bool {
        let Some(holder) = self.holders.get(&candidacy) else { return false };
        row.named.key().is_some()
            && !self.desk.candidacy_finding(&holder.candidacy).satisfied
            && !holder.completions.iter().any(|one| one.course == row.course)
    }

    /// Takes note that nothing waits any more for whom a row signed.
    fn close(&mut self, row: &RosterRow, posted: &PostedRow, keys: Vec<String>) {
        let taken = posted.completion.filter(|_| posted.outcome != RowOutcome::Rejected);
        let Some(completion) = taken else { return };
        for key in keys {
            if let Some(waiting) = self.waiting.remove(&(row.course, key)) {
                self.closed.push((waiting.id, (completion, row.completed_on)));
            }
        }
    }

    /// What is wrong with the day of completion.
    fn day_finding(&self, row: &RosterRow) -> Option<Finding> {
        let fault = row.check(self.rules.today).into_iter().next()?;
        Some(Finding::new(
            "roster.completed_on",
            "house rule",
            false,
            format!("a day that is not after today, {}", self.rules.today),
            row.completed_on.to_string(),
            format!("The day of completion cannot be: {}.", fault.detail.trim_end_matches('.')),
        ))
    }

    /// A row of a candidate: what they handed in is signed, what is new is judged at once.
    fn sign(
        &mut self,
        tx: &Tx<'_>,
        row: &RosterRow,
        course: &Course,
        candidacy: CandidacyId,
    ) -> Result<PostedRow, Problem> {
        let holder = self.holders.get_mut(&candidacy);
        let holder = holder.ok_or_else(|| Problem::internal("a candidacy was not held"))?;
        let told = |outcome, completion, findings| PostedRow {
            candidacy: Some(candidacy),
            completion,
            ..PostedRow::new(row, outcome, findings)
        };
        // What was refused on this day is not recorded once more, however often it is posted.
        let refused = holder.completions.iter().find(|one| {
            one.course == row.course
                && one.state == CompletionState::Refused
                && one.completed_on == row.completed_on
        });
        let there = holder.open_completion(row.course).or(refused).cloned();
        if let Some(there) = &there
            && there.state == CompletionState::Verified
        {
            let agrees = day_agrees(there.completed_on, row.completed_on);
            let known = agrees.satisfied;
            let outcome = if known { RowOutcome::Known } else { RowOutcome::Rejected };
            return Ok(told(outcome, Some(there.id), vec![agrees]));
        }
        let open = self.desk.candidacy_finding(&holder.candidacy);
        let agrees = there.as_ref().map(|there| day_agrees(there.completed_on, row.completed_on));
        let before: Vec<_> = [Some(open), agrees].into_iter().flatten().collect();
        if !domain::all_satisfied(&before) {
            let refused = there.as_ref().is_some_and(|one| one.state == CompletionState::Refused);
            let outcome = if refused { RowOutcome::Refused } else { RowOutcome::Rejected };
            return Ok(told(outcome, there.map(|one| one.id), before));
        }
        let candidate = (holder.candidacy.person, candidacy);
        let handed_in = there.is_some();
        let proof = domain::completion::Proof::Roster;
        let mut completion = match there {
            // A course is signed for the set that it was approved for, whatever its candidate claimed.
            Some(there) => {
                domain::completion::Completion { proof, set: course.set.clone(), ..there }
            }
            None => row.completion(tx.new_id(), course, candidate),
        };
        let mut first = (!handed_in).then(|| completion::recorded(&completion));
        if completion.state == CompletionState::Refused {
            let credit = self.desk.signable(holder, &completion)?;
            if !domain::all_satisfied(&credit) {
                return Ok(told(RowOutcome::Refused, Some(completion.id), credit));
            }
            let (again, why) = completion::signed_again(completion, credit, self.rules.today)?;
            (completion, first) = (again, Some(why));
        }
        let mut judged = self.desk.sign(tx, holder, completion)?;
        let counts = judged.completion.state == CompletionState::Verified;
        let outcome = if counts { RowOutcome::Verified } else { RowOutcome::Refused };
        let findings = judged.completion.findings.clone();
        let mut posted = told(outcome, Some(judged.completion.id), findings);
        posted.achieved = judged.achievement.is_some();
        judged.events.splice(0..0, first);
        if handed_in {
            self.signed.push(judged);
        } else {
            self.fresh.push(judged);
        }
        Ok(posted)
    }

    /// A row of nobody: kept for the person who enrolls later.
    fn wait(
        &mut self,
        tx: &Tx<'_>,
        row: &RosterRow,
        course: &Course,
    ) -> Result<PostedRow, Problem> {
        let told = |outcome, id, findings| PostedRow {
            waiting: Some(id),
            ..PostedRow::new(row, outcome, findings)
        };
        let key = row.named.key().map(|key| (row.course, key));
        if let Some(there) = key.as_ref().and_then(|key| self.waiting.get(key)) {
            let agrees = day_agrees(there.completed_on, row.completed_on);
            let outcome = if agrees.satisfied { RowOutcome::Known } else { RowOutcome::Rejected };
            return Ok(told(outcome, there.id, vec![agrees]));
        }
        let outside =
            completion::against_waiting(&self.desk, &self.rules, course, row.completed_on)?;
        if !outside.is_empty() {
            return Ok(PostedRow::new(row, RowOutcome::Rejected, outside));
        }
        let kept = WaitingCompletion::keep(tx.new_id(), row, course, tx.now());
        let Some(((waiting, fact), key)) = kept.zip(key) else {
            let identified = vec![row.named.identified_finding()];
            return Ok(PostedRow::new(row, RowOutcome::Rejected, identified));
        };
        let posted = told(RowOutcome::Waiting, waiting.id, vec![nobody(self.rules.today)]);
        self.kept.push((waiting.clone(), completion::waiting_event(&waiting, fact)));
        self.waiting.insert(key, waiting);
        Ok(posted)
    }
}

/// The directory of the people whom rows name. Those without a candidacy that runs are held: who is being
/// admitted at this moment is a candidate once they are.
fn directory(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    named: &[Named],
    today: NaiveDate,
) -> Result<Directory, Problem> {
    let directory = tx.directory(program, named, today)?;
    let applicants: BTreeSet<PersonId> = named
        .iter()
        .filter_map(|one| match directory.find(one) {
            Match::One(known, _) if !known.runs() => Some(known.person),
            Match::One(..) | Match::Nobody | Match::Unclear(_) => None,
        })
        .collect();
    if applicants.is_empty() {
        return Ok(directory);
    }
    let applicants: Vec<_> = applicants.into_iter().collect();
    tx.people().hold(&applicants)?;
    Ok(tx.directory(program, named, today)?)
}

fn candidacy_of(directory: &Directory, named: &Named) -> Option<CandidacyId> {
    match directory.find(named) {
        Match::One(_, candidacy) => candidacy,
        Match::Nobody | Match::Unclear(_) => None,
    }
}

/// The finding on a row about a completion that is there: days that differ are never silently resolved.
fn day_agrees(there: NaiveDate, given: NaiveDate) -> Finding {
    let agrees = there == given;
    Finding::new(
        "roster.day_agrees",
        "house rule",
        agrees,
        format!("completed on {there}"),
        format!("completed on {given}"),
        if agrees {
            "The completion is there already.".to_owned()
        } else {
            format!("It is there already, completed on {there}: correct that completion instead.")
        },
    )
}

/// The finding on a row that matches nobody.
fn nobody(today: NaiveDate) -> Finding {
    Finding::new(
        "roster.waits",
        "FAQ 16",
        true,
        "a candidate",
        "nobody yet",
        format!(
            "On {today} nobody of this address and name is a candidate: it is kept for whoever enrolls with them."
        ),
    )
}
