//! Audits of renewals: the draw, documents, what the office finds.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    AttachmentId, BadFact,
    attachment::{AttachmentOwner, AttachmentPurpose},
    award::ranks,
    decision,
    event::Event,
    renewal::audit::{
        AuditCase, AuditCaseEvent, AuditEvent, AuditOutcome, HandedIn, RenewalAudit, Sample,
    },
};
use persistence::{Optional, Tx};

use super::{assistance::hash, program::InForce};
use crate::problem::Problem;

fn event(case: &AuditCase, fact: AuditCaseEvent) -> Event<AuditCaseEvent> {
    Event {
        program: Some(case.program.clone()),
        subject: case.id.to_string(),
        person: Some(case.person),
        fact,
    }
}

/// Saves an audited renewal with what happened to it.
fn save(
    tx: &mut Tx<'_>,
    (mut case, fact): (AuditCase, AuditCaseEvent),
) -> Result<AuditCase, Problem> {
    tx.audit_cases().save(&mut case)?;
    tx.record(event(&case, fact))?;
    Ok(case)
}

/// What an audit is asked for with.
#[derive(Debug, Clone)]
pub struct Asked {
    /// First and last day of the period in which the renewals were granted.
    pub granted: (NaiveDate, NaiveDate),
    /// The seed, as its source published it.
    pub seed: String,
    /// Where the seed comes from.
    pub seed_source: String,
    /// How many are drawn.
    pub sample: Sample,
}

/// Holds the draw of an audit: the renewals granted in a period that is over, by their hashes; those drawn
/// are asked for documents.
pub fn draw(tx: &mut Tx<'_>, rules: &InForce, asked: Asked) -> Result<RenewalAudit, Problem> {
    let (granted_from, granted_until) = asked.granted;
    let mut audit = RenewalAudit {
        id: tx.new_id(),
        program: rules.program.code.clone(),
        granted_from,
        granted_until,
        seed: asked.seed,
        seed_source: asked.seed_source,
        share_percent: asked.sample.percent(),
        tickets: 0,
        drawn: 0,
        drawn_on: rules.today,
        documents_by: RenewalAudit::due(rules.today, &rules.policy.renewal),
        version: 1,
    };
    let bad = audit.faults(rules.today);
    if !bad.is_empty() {
        return Err(bad.into());
    }
    let tickets = tx.renewals().granted_between(&audit.program, asked.granted)?;
    audit.tickets = i64::try_from(tickets.len()).unwrap_or(i64::MAX);
    audit.drawn = asked.sample.of(audit.tickets);
    decision::by_rule(vec![RenewalAudit::tickets_finding(audit.tickets)])?;
    let hashes: BTreeMap<_, _> =
        tickets.into_iter().map(|ticket| (ticket, hash(&audit.seed, ticket))).collect();
    let ranks = ranks(&hashes);
    tx.renewal_audits().insert(&audit)?;
    tx.renewal_audits().insert_tickets(audit.id, &ranks)?;
    let drawn: Vec<_> = ranks.into_iter().take_while(|(rank, _)| *rank <= audit.drawn).collect();
    tx.record(Event {
        program: Some(audit.program.clone()),
        subject: audit.id.to_string(),
        person: None,
        fact: AuditEvent::Drawn {
            after: audit.clone(),
            renewals: drawn.iter().map(|(_, renewal)| *renewal).collect(),
        },
    })?;
    for (rank, renewal) in drawn {
        let renewal = tx.renewals().get(renewal)?;
        let (case, fact) = AuditCase::open(tx.new_id(), &audit, &renewal, rank);
        tx.audit_cases().insert(&case)?;
        tx.record(event(&case, fact))?;
    }
    Ok(audit)
}

/// The holder of a renewal that was drawn hands in documents: 422 for files that are not their own evidence.
pub fn hand_in(
    tx: &mut Tx<'_>,
    case: AuditCase,
    text: Option<String>,
    files: Vec<AttachmentId>,
    today: NaiveDate,
) -> Result<AuditCase, Problem> {
    let owner = AttachmentOwner::Person(case.person);
    let mut bad = Vec::new();
    for (place, id) in files.iter().enumerate() {
        let pointer = format!("/attachment_ids/{place}");
        if files.iter().take(place).any(|other| other == id) {
            bad.push(BadFact::at(pointer, "duplicate", "The file is named twice."));
            continue;
        }
        bad.extend(match tx.attachments().get(*id).found()? {
            Some(file) => file.check_use(&pointer, owner, AttachmentPurpose::Evidence),
            None => Some(BadFact::at(pointer, "unknown", "There is no such attachment.")),
        });
    }
    if !bad.is_empty() {
        return Err(bad.into());
    }
    save(tx, case.hand_in(HandedIn { on: today, text, attachments: files })?)
}

/// What the office finds. What follows from a failed audit is another decision of the office.
pub fn decide(
    tx: &mut Tx<'_>,
    case: AuditCase,
    (outcome, reason): (AuditOutcome, Option<String>),
    today: NaiveDate,
) -> Result<AuditCase, Problem> {
    save(tx, case.decide(outcome, reason, today)?)
}
