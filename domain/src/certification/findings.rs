//! How progress explains itself (FAQ 8, 18).

use chrono::NaiveDate;

use super::{Reckoning, Requirement};
use crate::{
    Finding,
    competency::{SetCode, SetMask},
    text,
};

pub(super) fn required(needed: Requirement, counted: SetMask, missing: &[SetCode]) -> Finding {
    let held = counted.and(needed.required).count();
    let required = text::counted(needed.required_needed.into(), "required set");
    Finding {
        rule: "certification.required_sets".into(),
        satisfied: missing.is_empty(),
        message: format!("{held} of the {required} achieved; missing: {}.", text::list(missing)),
        required,
        actual: text::counted(held.into(), "required set"),
        source: "FAQ 8".into(),
    }
}

pub(super) fn electives(needed: Requirement, counted: SetMask) -> Finding {
    let held = text::counted(counted.and(needed.electives).count().into(), "elective set");
    let required = text::counted(needed.electives_needed.into(), "elective set");
    Finding {
        rule: "certification.elective_sets".into(),
        satisfied: needed.electives_missing(counted) == 0,
        message: format!("{held} achieved, at least {required} needed."),
        required: format!("at least {required}"),
        actual: held,
        source: "FAQ 8".into(),
    }
}

pub(super) fn deadline(reckoning: Reckoning, deadline: NaiveDate, as_of: NaiveDate) -> Finding {
    let late = reckoning.late.count();
    let actual = match reckoning.completed_on {
        Some(day) => format!("completed on {day}"),
        None => format!("not completed by {}", as_of.min(deadline)),
    };
    let lost = match late {
        0 => String::new(),
        _ => format!(" {} came after it and do not count.", text::counted(late.into(), "set")),
    };
    Finding {
        rule: "certification.deadline".into(),
        satisfied: reckoning.completed_on.is_some() || as_of <= deadline,
        required: format!("every set by {deadline}"),
        message: format!("The deadline is {deadline}; {actual}.{lost}"),
        actual,
        source: "FAQ 18".into(),
    }
}
