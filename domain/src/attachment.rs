//! Attachments: what the system knows of a file. Its bytes lie in an object store, are never executed
//! and always come back as a download.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    AttachmentId, BadFact, OrganisationId, PersonId, calendar::Faults, facts, program::ProgramCode,
    text, words,
};

/// The largest file, in bytes: 10 MiB.
pub const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// The longest name of a file, in characters.
pub const MAX_NAME: usize = 200;
/// The longest half of a media type, in characters (RFC 6838).
const MAX_HALF: usize = 127;
/// The media types that are taken for every purpose: documents, images and texts; no archives, no programs.
/// Evidence may be of any type ([`AttachmentPurpose::takes`]).
pub const MEDIA_TYPES: &[&str] = &[
    "application/msword",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/plain",
];

words! {
    /// What a file is for.
    pub enum AttachmentPurpose {
        /// The syllabus of a proposed course.
        Syllabus = "syllabus",
        /// The resume of a course's instructor.
        InstructorResume = "instructor_resume",
        /// A form that shows the completion of a course.
        CompletionForm = "completion_form",
        /// The transcript of a graduate.
        Transcript = "transcript",
        /// The documentation of an activity toward a renewal.
        Activity = "activity",
        /// Proof of a change of names.
        NameProof = "name_proof",
        /// Evidence of an application, or part of a portfolio.
        Evidence = "evidence",
    }
}

impl AttachmentPurpose {
    /// Whether a file of this media type, in lower case, may serve the purpose. A portfolio shows what
    /// somebody did in whatever form it has, video, sound and archives included (FAQ 10); every other
    /// purpose is a document.
    #[must_use]
    pub fn takes(self, media_type: &str) -> bool {
        MEDIA_TYPES.contains(&media_type) || self == Self::Evidence && is_media_type(media_type)
    }
}

/// The extensions that a name may have for a media type of [`MEDIA_TYPES`], the first one its own.
fn extensions(media_type: &str) -> &'static [&'static str] {
    match media_type {
        "application/msword" => &["doc"],
        "application/pdf" => &["pdf"],
        "application/vnd.ms-excel" => &["xls"],
        "application/vnd.ms-powerpoint" => &["ppt"],
        "application/vnd.oasis.opendocument.spreadsheet" => &["ods"],
        "application/vnd.oasis.opendocument.text" => &["odt"],
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => &["pptx"],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => &["xlsx"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => &["docx"],
        "image/gif" => &["gif"],
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        "text/csv" => &["csv"],
        "text/plain" => &["txt", "text", "md"],
        _ => &[],
    }
}

/// The name under which a file of `media_type` is kept: what opens a download is its extension, so a name
/// whose extension is of another type gets the right one added. A type that only evidence has keeps its name.
#[must_use]
pub fn fitting_name(name: &str, media_type: &str) -> String {
    let fitting = extensions(media_type);
    let Some(own) = fitting.first() else { return name.to_owned() };
    let given = name.rsplit_once('.').map(|(_, end)| end);
    if given.is_some_and(|given| fitting.iter().any(|one| one.eq_ignore_ascii_case(given))) {
        return name.to_owned();
    }
    let most = MAX_NAME.saturating_sub(own.len()).saturating_sub(1);
    let stem: String = name.chars().take(most).collect();
    format!("{stem}.{own}")
}

/// Whether a text is a media type in lower case without parameters: `video/mp4` (RFC 6838).
fn is_media_type(text: &str) -> bool {
    let half = |half: &str| {
        let good =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$&-^_.+".contains(c);
        (1..=MAX_HALF).contains(&half.len())
            && half.starts_with(|c: char| c.is_ascii_alphanumeric())
            && half.chars().all(good)
    };
    text.split_once('/').is_some_and(|(kind, name)| half(kind) && half(name))
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentOwner {
    /// A person's.
    Person(PersonId),
    /// An organisation's.
    Organisation(OrganisationId),
}

/// What the system knows of a file. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Identity.
    pub id: AttachmentId,
    /// The program.
    pub program: ProgramCode,
    /// Whose it is.
    pub owner: AttachmentOwner,
    /// What it is for.
    pub purpose: AttachmentPurpose,
    /// Its name, without folders.
    pub file_name: String,
    /// One that the purpose takes.
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Who handed it in.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
}

impl Attachment {
    /// What is wrong with the file, before its bytes are stored: its name, its type, its size.
    #[must_use]
    pub fn check(&self) -> Vec<BadFact> {
        let mut faults = Faults::default();
        let name = &self.file_name;
        let length = name.chars().count();
        if !(1..=MAX_NAME).contains(&length) {
            faults.add("/file_name", "length", format!("A name has 1 to {MAX_NAME} characters."));
        }
        if name.starts_with('.') || name.chars().any(|c| c.is_control() || "/\\\"".contains(c)) {
            let detail = "A name has no folders, quotes or control characters, and no dot first.";
            faults.add("/file_name", "format", detail);
        }
        if !self.purpose.takes(&self.media_type) {
            let detail = format!("The type is one of {}.", text::list(MEDIA_TYPES));
            faults.add("/media_type", "unknown", detail);
        }
        if !(1..=MAX_BYTES).contains(&self.size_bytes) {
            let detail = format!("A file has 1 to {} bytes.", text::grouped(MAX_BYTES));
            faults.add("/size_bytes", "out_of_range", detail);
        }
        faults.none().err().unwrap_or_default()
    }

    /// The fault, at `pointer`, of using it for `owner` and `purpose`. Somebody else's file is unknown.
    #[must_use]
    pub fn check_use(
        &self,
        pointer: &str,
        owner: AttachmentOwner,
        purpose: AttachmentPurpose,
    ) -> Option<BadFact> {
        if self.owner != owner {
            return Some(BadFact::at(pointer, "unknown", "There is no such attachment."));
        }
        (self.purpose != purpose).then(|| {
            let detail = format!("The attachment is a {}, not a {purpose}.", self.purpose);
            BadFact::at(pointer, "unknown", detail)
        })
    }
}

facts! {
    /// What happens to attachments.
    pub enum AttachmentEvent {
        /// A file was handed in.
        Uploaded = "attachment.uploaded" { after: Attachment },
        /// Its bytes were removed.
        Removed = "attachment.removed" { sha256: String, reason: String },
    }
}
