//! The rules of a certification program as pure functions over values.
//!
//! No I/O, no clock, no chance: dates, instants and ids are handed in. The modules are the glossary.

pub mod access;
pub mod agreement;
pub mod appeal;
pub mod application;
pub mod attachment;
pub mod award;
pub mod calendar;
pub mod candidacy;
pub mod certificate;
pub mod certification;
pub mod client;
pub mod competency;
pub mod completion;
pub mod course;
pub mod course_credit;
pub mod credential;
pub mod deadline;
pub mod decision;
pub mod discrepancy;
pub mod eligibility;
pub mod event;
pub mod faq;
pub mod fees;
pub mod finding;
pub mod id;
pub mod identity;
pub mod institution;
pub mod invoice;
pub mod ledger;
pub mod life;
pub mod merge;
pub mod name_change;
pub mod notice;
pub mod organisation;
pub mod payout;
pub mod person;
pub mod policy;
pub mod portfolio;
pub mod program;
pub mod purchase_order;
pub mod recognition;
pub mod renewal;
pub mod report;
pub mod roster;
pub mod sandbox;
pub mod session;
pub mod subscription;
pub mod support;
pub mod template;
pub mod text;
pub mod word;

pub use finding::{BadFact, Finding, all_satisfied};
pub use id::*;
pub use word::Word;
