//! The colleges of the demo, each with an agreement.

use domain::agreement::ProgramKind;

/// How far an agreement got, with days before today.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// Signed on a day that never changes, and reviewed each year.
    Since(i32, u32, u32),
    /// Signed so many days ago.
    Signed(u64),
    /// Signed, and its text changed, so many days ago.
    Changed(u64, u64),
    /// Signed, and a change that was reviewed waits to be adopted.
    Changing(u64),
    /// Signed and ended, so many days ago.
    Ended(u64, u64),
    /// Two people reviewed it: it waits for the signature.
    InReview,
    /// Being written.
    Draft,
}

/// Name, place, what the program ends with, the sets that it covers, and how far the agreement got.
pub(super) type Line = (&'static str, &'static str, ProgramKind, &'static str, Fate);

const LTA: &str = "FND COM TEC ACC CAT REF";

/// The colleges; graduates' stories name the first and the fourth.
pub(super) const COLLEGES: &[Line] = &[
    (
        "College of DuPage",
        "Glen Ellyn, IL",
        ProgramKind::AssociateDegree,
        LTA,
        Fate::Since(2024, 9, 10),
    ),
    (
        "Ivy Tech Community College",
        "Indianapolis, IN",
        ProgramKind::AssociateDegree,
        LTA,
        Fate::Changed(900, 300),
    ),
    (
        "Palomar College",
        "San Marcos, CA",
        ProgramKind::Certificate,
        "FND COM TEC ACC CAT COL",
        Fate::Signed(700),
    ),
    // Its graduates since spring 2010 add the communications set by a named course.
    (
        "Illinois Central College",
        "East Peoria, IL",
        ProgramKind::Certificate,
        LTA,
        Fate::Signed(600),
    ),
    (
        "Waubonsee Community College",
        "Sugar Grove, IL",
        ProgramKind::Certificate,
        LTA,
        Fate::Ended(800, 100),
    ),
    ("Pasadena City College", "Pasadena, CA", ProgramKind::Certificate, LTA, Fate::Signed(420)),
    (
        "Central Carolina Community College",
        "Sanford, NC",
        ProgramKind::Diploma,
        LTA,
        Fate::Signed(1_700),
    ),
    ("Highline College", "Des Moines, WA", ProgramKind::AssociateDegree, LTA, Fate::InReview),
    (
        "Three Rivers Community College",
        "Norwich, CT",
        ProgramKind::Certificate,
        "FND COM TEC ACC YTH",
        Fate::Draft,
    ),
    (
        "Doña Ana Community College",
        "Las Cruces, NM",
        ProgramKind::AssociateDegree,
        "FND COM TEC ACC CAT YTH",
        Fate::Signed(250),
    ),
    (
        "Belmont College",
        "St. Clairsville, OH",
        ProgramKind::AssociateDegree,
        LTA,
        Fate::Signed(300),
    ),
    (
        "City College of San Francisco",
        "San Francisco, CA",
        ProgramKind::Certificate,
        LTA,
        Fate::Signed(200),
    ),
    (
        "Spokane Falls Community College",
        "Spokane, WA",
        ProgramKind::Certificate,
        LTA,
        Fate::Signed(150),
    ),
    (
        "University of Maine at Augusta",
        "Augusta, ME",
        ProgramKind::AssociateDegree,
        "FND COM TEC CAT COL REF",
        Fate::Changing(500),
    ),
];
