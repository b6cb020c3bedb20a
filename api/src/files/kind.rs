//! What a file is: by what its sender says, and by how it begins.

use domain::{BadFact, attachment::MEDIA_TYPES};

/// The bytes are what the media type says, where it is one of [`MEDIA_TYPES`]; of any other type, which
/// only evidence has, they are something.
pub(super) fn check(media_type: &str, bytes: &[u8]) -> Result<(), BadFact> {
    let refused = |detail: &str| Err(BadFact::at("", "format", detail));
    if bytes.is_empty() {
        return Err(BadFact::at("", "required", "The file is empty."));
    }
    if !MEDIA_TYPES.contains(&media_type) {
        // Nobody here opens it, and nothing runs it: it goes out as it came, as a download.
        return Ok(());
    }
    if !is(media_type, bytes) {
        return refused(&format!("The file is no {media_type}."));
    }
    if bytes.starts_with(ZIP) && holds(bytes, b"vbaProject.bin") {
        return refused("The document holds macros: save it without.");
    }
    Ok(())
}

const ZIP: &[u8] = b"PK\x03\x04";
/// Microsoft's compound files: its office documents before 2007.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

fn is(media_type: &str, bytes: &[u8]) -> bool {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    // The names of a ZIP's entries stand in it as they are.
    let office =
        |folder: &[u8]| begins(ZIP) && holds(bytes, b"[Content_Types].xml") && holds(bytes, folder);
    match media_type {
        "application/pdf" => begins(b"%PDF-"),
        "image/gif" => begins(b"GIF87a") || begins(b"GIF89a"),
        "image/jpeg" => begins(b"\xff\xd8\xff"),
        "image/png" => begins(b"\x89PNG\r\n\x1a\n"),
        "image/webp" => begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        "application/msword" | "application/vnd.ms-excel" | "application/vnd.ms-powerpoint" => {
            begins(COMPOUND)
        }
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => {
            office(b"word/")
        }
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => office(b"xl/"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => {
            office(b"ppt/")
        }
        // OpenDocument's first entry is its media type, not compressed.
        "application/vnd.oasis.opendocument.text"
        | "application/vnd.oasis.opendocument.spreadsheet" => {
            let named = bytes.get(30..).unwrap_or_default();
            begins(ZIP)
                && named.strip_prefix(b"mimetype").is_some_and(|rest| {
                    rest.starts_with(media_type.as_bytes())
                        && rest.get(media_type.len()) != Some(&b'-')
                })
        }
        "text/csv" | "text/plain" => bytes.iter().all(|byte| {
            !byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c')
        }),
        _ => false,
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    /// The beginning of a file of each type.
    pub(in crate::files) fn of(media_type: &str) -> Vec<u8> {
        let zip = |rest: &str| [ZIP, &[0; 26], rest.as_bytes()].concat();
        match media_type {
            "application/pdf" => b"%PDF-1.7\n".to_vec(),
            "image/gif" => b"GIF89a\0".to_vec(),
            "image/jpeg" => b"\xff\xd8\xff\xe0\0".to_vec(),
            "image/png" => b"\x89PNG\r\n\x1a\n\0".to_vec(),
            "image/webp" => b"RIFF\0\0\0\0WEBPVP8 ".to_vec(),
            "text/csv" => b"a,b\r\n1,2\r\n".to_vec(),
            "text/plain" => "Zoë\tand MZ\n".as_bytes().to_vec(),
            _ if media_type.contains("opendocument") => {
                zip(&format!("mimetype{media_type}PK\x03\x04content.xml"))
            }
            _ if media_type.contains("wordprocessing") => {
                zip("[Content_Types].xml..word/document.xml")
            }
            _ if media_type.contains("spreadsheetml") => {
                zip("[Content_Types].xml..xl/workbook.xml")
            }
            _ if media_type.contains("presentationml") => {
                zip("ppt/presentation.xml..[Content_Types].xml")
            }
            _ => [COMPOUND, b"\0\0"].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_is_taken_is_known_by_its_bytes_and_no_other_passes_for_it() {
        for media_type in MEDIA_TYPES {
            assert_eq!(check(media_type, &samples::of(media_type)), Ok(()), "{media_type}");
            for other in MEDIA_TYPES {
                let alike = |both: [&str; 2]| both.contains(media_type) && both.contains(other);
                let old = |name: &str| {
                    [
                        "application/msword",
                        "application/vnd.ms-excel",
                        "application/vnd.ms-powerpoint",
                    ]
                    .contains(&name)
                };
                // What is alike in its bytes, one can only believe.
                if alike(["text/csv", "text/plain"]) || old(media_type) && old(other) {
                    continue;
                }
                // A PDF or an old GIF may begin with nothing but printable letters.
                if media_type.starts_with("text/") {
                    continue;
                }
                let passed = check(media_type, &samples::of(other)).is_ok();
                assert_eq!(passed, media_type == other, "{other} as {media_type}");
            }
        }
    }

    #[test]
    fn programs_archives_macros_and_nothing_are_refused() {
        let zip = [ZIP, &[0; 26], b"holiday.exe"].concat();
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let macros = [samples::of(word), b"word/vbaProject.bin".to_vec()].concat();
        for media_type in MEDIA_TYPES {
            for bytes in [&b"MZ\x90\0\x03"[..], b"\x7fELF\x02\x01", &zip, &macros, b""] {
                assert!(check(media_type, bytes).is_err(), "{media_type}");
            }
        }
    }

    #[test]
    fn a_type_that_only_evidence_has_is_believed_but_not_an_empty_file() {
        assert_eq!(check("application/zip", &[ZIP, b"holiday.jpg"].concat()), Ok(()));
        assert_eq!(check("video/mp4", b"\0\0\0\x18ftypmp42"), Ok(()));
        assert!(check("video/mp4", b"").is_err());
    }
}
