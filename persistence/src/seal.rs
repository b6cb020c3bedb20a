//! What seals an attempt of a portfolio: one text with everything in it, and the SHA-256 of that text.

use domain::{attachment::Attachment, portfolio::Attempt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Error, Tx, chain::canonical, json};

/// Everything in an attempt as JSON without blanks and with sorted names (RFC 8785): whose it is and of what,
/// its number and instant, the content, and its `files` by id with the SHA-256 of their bytes.
pub fn sealed(attempt: &Attempt, files: &[Attachment]) -> Result<String, Error> {
    let file = |one: &Attachment| {
        json!({
            "id": one.id,
            "file_name": one.file_name,
            "media_type": one.media_type,
            "size_bytes": one.size_bytes,
            "sha256": one.sha256,
        })
    };
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by_key(|one| one.id);
    let content: crate::types::V<Value> = json::of(&attempt.content)?;
    Ok(canonical(&json!({
        "portfolio": attempt.portfolio,
        "person": attempt.person,
        "set": attempt.set,
        "number": attempt.number,
        "submitted_at": attempt.submitted_at,
        "content": content.0,
        "attachments": files.into_iter().map(file).collect::<Vec<_>>(),
    })))
}

/// The SHA-256 of a text, 64 hexadecimal digits.
#[must_use]
pub fn digest(text: &str) -> String {
    let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
    Sha256::digest(text).iter().fold(String::with_capacity(64), hex)
}

impl Tx<'_> {
    /// The files that an attempt names, each once, by id.
    pub fn files_of(&mut self, attempt: &Attempt) -> Result<Vec<Attachment>, Error> {
        let files = attempt.content.attachments().into_iter();
        files.map(|id| self.attachments().get(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Id,
        portfolio::{PortfolioContent, Response},
        program::ProgramCode,
    };

    use super::*;

    fn attempt() -> Result<Attempt, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let competency = "FND-01".parse().map_err(|bad| format!("{bad:?}"))?;
        Ok(Attempt {
            id: Id::from_bits(1),
            program: ProgramCode::lssc(),
            portfolio: Id::from_bits(2),
            person: Id::from_bits(3),
            set: "FND".parse().map_err(|bad| format!("{bad:?}"))?,
            number: 1,
            content: PortfolioContent {
                introduction: "I work at a desk.".to_owned(),
                learning_statement: "I learned.".to_owned(),
                responses: vec![Response {
                    competency,
                    narrative: "I \"led\"\nstory time, é.".to_owned(),
                    links: vec!["https://example.org/a?b=1&c=2".to_owned()],
                    attachments: Vec::new(),
                }],
            },
            content_hash: String::new(),
            submitted_at: "2026-03-01T12:00:00.5Z".parse().map_err(|bad| told(&bad))?,
            outcomes: Vec::new(),
            version: 1,
        })
    }

    #[test]
    fn the_text_is_the_same_for_the_same_attempt_and_another_for_any_other() -> Result<(), String> {
        let one = attempt()?;
        let text = |attempt: &Attempt| sealed(attempt, &[]).map_err(|error| error.to_string());
        assert_eq!(
            text(&one)?,
            "{\"attachments\":[],\"content\":{\"introduction\":\"I work at a desk.\",\
             \"learning_statement\":\"I learned.\",\"responses\":[{\"attachments\":[],\
             \"competency\":\"FND-01\",\"links\":[\"https://example.org/a?b=1&c=2\"],\
             \"narrative\":\"I \\\"led\\\"\\nstory time, é.\"}]},\"number\":1,\
             \"person\":\"person_00000000000000000000000000000003\",\
             \"portfolio\":\"port_00000000000000000000000000000002\",\"set\":\"FND\",\
             \"submitted_at\":\"2026-03-01T12:00:00.500Z\"}"
        );
        let whole = text(&one)?;
        for other in [
            Attempt { number: 2, ..one.clone() },
            Attempt { person: Id::from_bits(4), ..one.clone() },
            Attempt { portfolio: Id::from_bits(4), ..one.clone() },
            Attempt { submitted_at: chrono::DateTime::UNIX_EPOCH, ..one.clone() },
        ] {
            assert_ne!(text(&other)?, whole);
        }
        // What the ratings come to is not part of what was submitted.
        assert_eq!(text(&Attempt { version: 2, ..one })?, whole);
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        Ok(())
    }
}
