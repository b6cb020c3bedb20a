//! The acts of a provider on its proposal.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Change, CourseProposal, Part, ProposalAct, ProposalContent, ProposalEvent, ProposalState,
};
use crate::{
    Finding, InvoiceId, PersonId, ProposalId,
    competency::{CompetencyCode, CompetencySet},
    course::{Course, Mode, Provider, map},
    decision::{self as decide, Refused},
    text,
};

impl CourseProposal {
    /// A new draft; for a renewal of `renews`, which is a course of the provider for the same set.
    pub fn draft(
        id: ProposalId,
        provider: &Provider,
        proposed_by: PersonId,
        renews: Option<&Course>,
        content: ProposalContent,
        (today, now): (NaiveDate, DateTime<Utc>),
    ) -> Result<(Self, ProposalEvent), Refused> {
        decide::by_state(vec![provider.standing.active_finding(today)])?;
        if let Some(course) = renews {
            let window = course.renewal_window_finding(today);
            decide::by_state(vec![course.renewable_finding(today), window])?;
            decide::by_rule(vec![same_set(course, &content)])?;
        }
        let renews = renews.map(|course| course.id);
        let after = Box::new(content.clone());
        let event = ProposalEvent::Drafted { provider: provider.id, renews, after };
        let draft = Self {
            id,
            program: provider.program.clone(),
            provider: provider.id,
            proposed_by,
            renews,
            state: ProposalState::Draft,
            content,
            changes: Vec::new(),
            invoice: None,
            created_at: now,
            submitted_on: None,
            decision: None,
            course: None,
            version: 1,
        };
        Ok((draft, event))
    }

    /// The parts in which `after` differs from the present content, with the competencies.
    fn changed(&self, after: &ProposalContent) -> Vec<(Part, Option<&CompetencyCode>)> {
        let before = &self.content;
        let mut parts = Vec::new();
        if (&before.set, &before.bundle, &before.details)
            != (&after.set, &after.bundle, &after.details)
        {
            parts.push((Part::Details, None));
        }
        if before.syllabus != after.syllabus {
            parts.push((Part::Syllabus, None));
        }
        if before.instructor_resume != after.instructor_resume {
            parts.push((Part::InstructorResume, None));
        }
        let differs = |one: &&map::MapEntry, others: &[map::MapEntry]| !others.contains(one);
        let gone =
            before.map.iter().filter(|one| differs(one, &after.map)).map(|one| &one.competency);
        for code in gone {
            parts.push((Part::Competency, Some(code)));
        }
        parts
    }

    /// Changes what is proposed. After changes were asked for, only in the parts that were named.
    pub fn update(mut self, after: ProposalContent) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::Update)?;
        decide::by_rule(self.lock_findings(&after))?;
        let before = Box::new(std::mem::replace(&mut self.content, after.clone()));
        Ok((self, ProposalEvent::Updated { before, after: Box::new(after) }))
    }

    /// The findings on changing to `after`: after changes were asked for, a part that was not named is
    /// locked. One finding a changed part.
    #[must_use]
    pub fn lock_findings(&self, after: &ProposalContent) -> Vec<Finding> {
        if self.state != ProposalState::ChangesRequested {
            return Vec::new();
        }
        let mut parts = self.changed(after);
        let new = after
            .map
            .iter()
            .filter(|one| !self.content.map.iter().any(|other| other.competency == one.competency));
        parts.extend(new.map(|one| (Part::Competency, Some(&one.competency))));
        let asked = |part: Part, code: Option<&_>| {
            self.changes.iter().any(|one| one.part == part && one.competency.as_ref() == code)
        };
        let named: Vec<_> = self.changes.iter().map(Change::name).collect();
        let finding = |(part, code): (Part, Option<&CompetencyCode>)| {
            let name = code.map_or_else(|| part.to_string(), ToString::to_string);
            Finding::new(
                "proposal.unlocked",
                "FAQ 13",
                asked(part, code),
                text::list(&named),
                name.clone(),
                format!("Only what was asked for can change now; {name} is changed."),
            )
        };
        parts.into_iter().map(finding).collect()
    }

    /// What submission asks for: what the catalog will say, both attachments, and the map of every
    /// competency; the part of a bundle maps its own.
    #[must_use]
    pub fn completeness(&self, set: &CompetencySet) -> Vec<Finding> {
        let content = &self.content;
        let details = &content.details;
        let in_room = details.modes.iter().any(|mode| *mode != Mode::Online);
        let mut missing = Vec::new();
        for (name, there) in [
            ("title", !details.title.trim().is_empty()),
            ("modes", !details.modes.is_empty()),
            ("place", !in_room || details.place.is_some()),
            ("price", details.price.is_some()),
            ("website", details.website.is_some()),
        ] {
            if !there {
                missing.push(name);
            }
        }
        let mut findings = vec![
            Finding::new(
                "proposal.details",
                "FAQ 13",
                missing.is_empty(),
                "title, modes, place, price and website",
                format!("missing: {}", text::list(&missing)),
                "The catalog says how and where a course is taught, and what it costs.",
            ),
            attached("proposal.syllabus", "the syllabus", content.syllabus.is_some()),
            attached(
                "proposal.instructor_resume",
                "the instructor's resume",
                content.instructor_resume.is_some(),
            ),
        ];
        findings.extend(match content.bundle {
            Some(_) => map::part_findings(&content.map),
            None => map::findings(&[&content.map], set),
        });
        findings
    }

    /// The findings on submitting the renewal of `course` today: before its approval ends, for the same
    /// set. None of them for a new course, and none on handing in changes.
    #[must_use]
    pub fn renewal_findings(&self, course: Option<&Course>, today: NaiveDate) -> Vec<Finding> {
        match course {
            Some(course) if self.state == ProposalState::Draft => {
                let window = course.renewal_window_finding(today);
                vec![course.renewable_finding(today), window, same_set(course, &self.content)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// Whether submission now is the first one, which owes the review fee.
    #[must_use]
    pub fn owes_fee_on_submission(&self) -> bool {
        self.invoice.is_none()
    }

    /// Hands the proposal in: a draft becomes submitted and owes `invoice`, changes go back into review.
    /// `renews` is the course whose approval it renews; `set` is the one that it is for.
    pub fn submit(
        mut self,
        invoice: InvoiceId,
        (provider, renews): (&Provider, Option<&Course>),
        set: &CompetencySet,
        today: NaiveDate,
    ) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::Submit)?;
        decide::by_state(vec![provider.standing.active_finding(today)])?;
        decide::by_state(self.renewal_findings(renews, today))?;
        decide::by_rule(self.completeness(set))?;
        let event = if self.state == ProposalState::Draft {
            self.state = ProposalState::Submitted;
            self.submitted_on = Some(today);
            self.invoice = Some(invoice);
            ProposalEvent::Submitted { submitted_on: today, invoice }
        } else {
            self.state = ProposalState::InReview;
            self.changes.clear();
            ProposalEvent::Resubmitted { on: today }
        };
        Ok((self, event))
    }

    /// Withdraws it.
    pub fn withdraw(mut self, reason: Option<String>) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::Withdraw)?;
        let before = std::mem::replace(&mut self.state, ProposalState::Withdrawn);
        Ok((self, ProposalEvent::Withdrawn { before, reason }))
    }
}

impl Change {
    /// What it names, for people: a competency's code or a part.
    #[must_use]
    pub fn name(&self) -> String {
        self.competency.as_ref().map_or_else(|| self.part.to_string(), ToString::to_string)
    }
}

fn attached(rule: &'static str, what: &str, there: bool) -> Finding {
    let actual = if there { "attached" } else { "missing" };
    Finding::new(rule, "FAQ 13", there, "attached", actual, format!("A proposal attaches {what}."))
}

fn same_set(course: &Course, content: &ProposalContent) -> Finding {
    Finding::new(
        "proposal.same_set",
        "FAQ 13",
        course.set == content.set && course.bundle == content.bundle,
        course.set.to_string(),
        content.set.to_string(),
        "A renewal is for the set, and the bundle, for which the course was approved.",
    )
}
