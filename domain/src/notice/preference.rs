//! Which notices a person wants by mail.

use super::NoticeKind;
use crate::{BadFact, NoticeId, PersonId, facts};

/// What a person does not want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticePreferences {
    /// Whose.
    pub person: PersonId,
    /// The kinds that are not mailed, in the order of kinds.
    pub muted: Vec<NoticeKind>,
    /// Version of the record; 0 while nothing was ever chosen.
    pub version: i64,
}

impl NoticePreferences {
    /// Those of somebody who never chose.
    #[must_use]
    pub fn unchosen(person: PersonId) -> Self {
        Self { person, muted: Vec::new(), version: 0 }
    }

    /// Whether notices of a kind are mailed.
    #[must_use]
    pub fn wants(&self, kind: NoticeKind) -> bool {
        kind.is_mandatory() || !self.muted.contains(&kind)
    }

    /// What is wrong with a choice: what is mandatory cannot be muted, and each kind stands there once.
    #[must_use]
    pub fn check(muted: &[NoticeKind]) -> Vec<BadFact> {
        let mut bad = Vec::new();
        for (place, kind) in muted.iter().enumerate() {
            let at = format!("/muted/{place}");
            if kind.is_mandatory() {
                let detail = format!("Notices of the kind {kind} are always mailed.");
                bad.push(BadFact::at(at, "mandatory", detail));
            } else if muted.iter().take(place).any(|earlier| earlier == kind) {
                bad.push(BadFact::at(at, "duplicate", "Each kind stands there once."));
            }
        }
        bad
    }

    /// Chooses anew; none where nothing changes.
    #[must_use]
    pub fn choose(mut self, mut muted: Vec<NoticeKind>) -> Option<(Self, PreferenceEvent)> {
        muted.sort_unstable();
        if muted == self.muted {
            return None;
        }
        let before = std::mem::replace(&mut self.muted, muted.clone());
        Some((self, PreferenceEvent::Changed { before, after: muted }))
    }

    /// Stops mails of a kind, as a link in one of them asks for (RFC 8058); none where they are stopped, or
    /// cannot be.
    #[must_use]
    pub fn unsubscribe(
        mut self,
        kind: NoticeKind,
        notice: NoticeId,
    ) -> Option<(Self, PreferenceEvent)> {
        if kind.is_mandatory() || !self.wants(kind) {
            return None;
        }
        self.muted.push(kind);
        self.muted.sort_unstable();
        Some((self, PreferenceEvent::Unsubscribed { kind, notice }))
    }
}

facts! {
    /// What happens to preferences.
    pub enum PreferenceEvent {
        /// They were chosen anew.
        Changed = "notice_preferences.changed" { before: Vec<NoticeKind>, after: Vec<NoticeKind> },
        /// A link in a mail stopped mails of its kind.
        Unsubscribed = "notice_preferences.unsubscribed" { kind: NoticeKind, notice: NoticeId },
    }
}
