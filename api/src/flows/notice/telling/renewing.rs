//! What notices tell of certifications: their terms, what is decided about them, renewals and audits.

use chrono::NaiveDate;
use domain::{
    AuditCaseId, CertificationId, RenewalId,
    certification::term::CertificationStatus,
    notice::{Notice, NoticeKind, Values, milestone},
    renewal::{RenewalState, audit::AuditCaseState},
    text,
};
use persistence::{Optional, Tx};

use super::{Told, cause, is_due, months, said, subject};
use crate::flows::program::InForce;

pub(super) fn term(tx: &mut Tx<'_>, rules: &InForce, notice: &Notice) -> Told {
    let id = subject::<CertificationId>(notice)?;
    let Some(held) = tx.certifications().get(id).found()? else { return Ok(None) };
    if !is_due(notice, milestone::of_certification(&held, &rules.policy.notices, rules.today)) {
        return Ok(None);
    }
    // Who has asked for the next term need not be told to.
    if tx.renewals().waiting(id)?.is_some() {
        return Ok(None);
    }
    let renewal = &rules.policy.renewal;
    Ok(Some(Values::from([
        ("number", held.number.to_string()),
        ("months", months(notice)),
        ("expires_on", held.expires_on.to_string()),
        ("renewal_opens_on", held.renewal_opens_on.to_string()),
        ("grace_ends_on", held.grace_ends_on.to_string()),
        ("hours", text::hours(renewal.contact_minutes.into())),
        ("technology_hours", text::hours(renewal.technology_minutes.into())),
    ])))
}

pub(super) fn award(tx: &mut Tx<'_>, today: NaiveDate, notice: &Notice) -> Told {
    let found = tx.certifications().get(subject::<CertificationId>(notice)?).found()?;
    let standing = found.filter(|found| found.status(today) != Some(CertificationStatus::Revoked));
    Ok(standing.map(|found| {
        let expires_on = found.expires_on.to_string();
        Values::from([("number", found.number.to_string()), ("expires_on", expires_on)])
    }))
}

/// What was decided about a certification: of a measure that was reversed since, only that.
pub(super) fn measure(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let found = tx.certifications().get(subject::<CertificationId>(notice)?).found()?;
    let (Some(held), Some(event)) = (found, cause(tx, notice)?) else { return Ok(None) };
    let number = event.data.pointer("/measure/number").or(event.data.get("measure"));
    let number = number.and_then(serde_json::Value::as_u64);
    let one = held.measures.iter().find(|one| Some(u64::from(one.number)) == number);
    let Some(one) = one else { return Ok(None) };
    let told = match (notice.kind, &one.reinstatement, &one.reversal) {
        (NoticeKind::MeasureReversed, _, Some(_)) => {
            Some((one.effective_on, said(Some(&event), "reason").unwrap_or_default()))
        }
        (NoticeKind::CertificationReinstated, Some(back), None) => {
            Some((back.effective_on, said(Some(&event), "reason").unwrap_or_default()))
        }
        (NoticeKind::CertificationSuspended | NoticeKind::CertificationRevoked, _, None) => {
            Some((one.effective_on, one.public_text.clone()))
        }
        _ => None,
    };
    Ok(told.map(|(effective_on, reason)| {
        Values::from([
            ("number", held.number.to_string()),
            ("effective_on", effective_on.to_string()),
            ("reason", reason),
        ])
    }))
}

/// What became of a renewal.
pub(super) fn renewal(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let Some(found) = tx.renewals().get(subject::<RenewalId>(notice)?).found()? else {
        return Ok(None);
    };
    let told = match (notice.kind, found.state) {
        (NoticeKind::RenewalGranted, RenewalState::Granted) => {
            let until = found.renewed_until.map(|day| day.to_string());
            ("renewed_until", until.unwrap_or_default())
        }
        (NoticeKind::RenewalRefused, RenewalState::Refused) => {
            ("reason", found.reason.unwrap_or_default())
        }
        _ => return Ok(None),
    };
    let held = tx.certifications().get(found.certification)?;
    Ok(Some(Values::from([("number", held.number.to_string()), told])))
}

/// That documents are asked for, or what was found.
pub(super) fn audited(tx: &mut Tx<'_>, notice: &Notice) -> Told {
    let Some(found) = tx.audit_cases().get(subject::<AuditCaseId>(notice)?).found()? else {
        return Ok(None);
    };
    let decided = matches!(found.state, AuditCaseState::Passed | AuditCaseState::Failed);
    let told = match notice.kind {
        NoticeKind::AuditDecided => decided,
        _ => found.state == AuditCaseState::Open,
    };
    if !told {
        return Ok(None);
    }
    let held = tx.certifications().get(found.certification)?;
    let mut values = Values::from([("number", held.number.to_string())]);
    if decided {
        let reason = found.reason.unwrap_or_default();
        values.extend([("outcome", found.state.to_string()), ("reason", reason)]);
    } else {
        values.insert("documents_by", found.documents_by.to_string());
    }
    Ok(Some(values))
}
