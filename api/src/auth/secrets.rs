//! Secrets that are handed out: refresh tokens, client secrets, reset tokens, addresses of calendars. Each has 256 bits of
//! chance or a MAC, so a plain hash is what is stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    BounceId, EmailId, InvitationId, NoticeId, ResetId, WebhookEndpointId, person::fold_email,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ids::Chance, problem::Problem};

/// Prefix by which scanners of source code find a leaked refresh token.
pub const REFRESH_PREFIX: &str = "lssc_rt_";
/// Prefix by which scanners of source code find a leaked client secret.
pub const CLIENT_PREFIX: &str = "lssc_cs_";
/// Prefix by which scanners of source code find a leaked address of a calendar.
pub const CALENDAR_PREFIX: &str = "lssc_cal_";

/// Bytes of the MAC in a token that is mailed.
const TAG_BYTES: usize = 16;

/// A new secret of 256 bits with a prefix.
#[must_use]
pub fn make(prefix: &str, chance: &dyn Chance) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(chance.secret()))
}

/// What is stored of a secret.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether a secret is the one of a stored hash, in constant time.
#[must_use]
pub fn matches(secret: &str, stored: &[u8; 32]) -> bool {
    hash(secret).as_slice().ct_eq(stored.as_slice()).into()
}

/// What a MAC of the server's secret is for: a MAC for one use is none for another.
#[derive(Debug, Clone, Copy)]
enum Use {
    PasswordReset,
    EmailVerification,
    Invitation,
    Idempotency,
    Unsubscribe,
    WebhookSecret,
    WebhookKey,
}

impl Use {
    fn label(self) -> &'static [u8] {
        match self {
            Self::PasswordReset => b"password-reset:",
            Self::EmailVerification => b"email-verification:",
            Self::Invitation => b"invitation:",
            Self::Idempotency => b"idempotency:",
            Self::Unsubscribe => b"unsubscribe:",
            Self::WebhookSecret => b"webhook-secret:",
            Self::WebhookKey => b"webhook-key:",
        }
    }
}

/// The token of a reset: its id and a MAC of it. Nothing of it is stored.
pub fn reset_token(key: &[u8], reset: ResetId) -> Result<String, Problem> {
    let id = reset.to_string();
    Ok(format!("{id}.{}", tag(key, Use::PasswordReset, &[id.as_bytes()])?))
}

/// The reset of a token, if the token is genuine.
pub fn reset_of(key: &[u8], token: &str) -> Result<Option<ResetId>, Problem> {
    let Some((id, given)) = token.split_once('.') else { return Ok(None) };
    let Ok(reset) = id.parse::<ResetId>() else { return Ok(None) };
    let expected = tag(key, Use::PasswordReset, &[reset.to_string().as_bytes()])?;
    Ok(same(&expected, given).then_some(reset))
}

/// The token that shows control of an address: the id of the address and a MAC of both, so that it is
/// good for this address of this person only. After a mail came back from it, only a token that was mailed
/// since is: the MAC is over the bounce as well. Nothing of it is stored.
pub fn email_token(
    key: &[u8],
    email: EmailId,
    address: &str,
    bounce: Option<BounceId>,
) -> Result<String, Problem> {
    let id = email.to_string();
    let folded = fold_email(address);
    let since = bounce.map(|bounce| bounce.to_string());
    let mut parts = vec![id.as_bytes(), folded.as_bytes()];
    parts.extend(since.as_ref().map(String::as_bytes));
    Ok(format!("{id}.{}", tag(key, Use::EmailVerification, &parts)?))
}

/// The token of an invitation: its id and a MAC of it. Its hash is stored.
pub fn invitation_token(key: &[u8], invitation: InvitationId) -> Result<String, Problem> {
    let id = invitation.to_string();
    Ok(format!("{id}.{}", tag(key, Use::Invitation, &[id.as_bytes()])?))
}

/// The token that stops mails of a notice's kind: the notice's id and a MAC of it. Nothing of it is stored, and
/// it never ends: nor does the mail that holds it.
pub fn unsubscribe_token(key: &[u8], notice: NoticeId) -> Result<String, Problem> {
    let id = notice.to_string();
    Ok(format!("{id}.{}", tag(key, Use::Unsubscribe, &[id.as_bytes()])?))
}

/// The notice of a token, if the token is genuine.
pub fn unsubscribed(key: &[u8], token: &str) -> Result<Option<NoticeId>, Problem> {
    let named = token.split_once('.').and_then(|(id, _)| id.parse::<NoticeId>().ok());
    let Some(notice) = named else { return Ok(None) };
    Ok(same(&unsubscribe_token(key, notice)?, token).then_some(notice))
}

/// The address that a token claims to be for; whether it is genuine, [`is_email_token`] tells.
#[must_use]
pub fn email_named(token: &str) -> Option<EmailId> {
    token.split_once('.').and_then(|(id, _)| id.parse().ok())
}

/// Whether a token is the one of this address.
pub fn is_email_token(
    key: &[u8],
    token: &str,
    email: EmailId,
    address: &str,
    bounce: Option<BounceId>,
) -> Result<bool, Problem> {
    Ok(same(&email_token(key, email, address, bounce)?, token))
}

/// The secret of an endpoint of webhooks, of a generation: a MAC of both. It signs and is shown once; nothing of it is
/// stored.
pub fn webhook_secret(
    key: &[u8],
    endpoint: WebhookEndpointId,
    generation: i64,
) -> Result<[u8; 32], Problem> {
    let (id, generation) = (endpoint.to_string(), generation.to_string());
    let parts = [id.as_bytes(), generation.as_bytes()];
    Ok(mac(key, Use::WebhookSecret, &parts)?.finalize().into_bytes().into())
}

/// The seed of the Ed25519 key of an endpoint of webhooks: a MAC of its id. Nothing of it is stored.
pub fn webhook_seed(key: &[u8], endpoint: WebhookEndpointId) -> Result<[u8; 32], Problem> {
    let id = endpoint.to_string();
    Ok(mac(key, Use::WebhookKey, &[id.as_bytes()])?.finalize().into_bytes().into())
}

/// The MAC of a request: a plain hash of a body would let whoever reads the database guess the password
/// in it.
pub fn fingerprint(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 32], Problem> {
    Ok(mac(key, Use::Idempotency, parts)?.finalize().into_bytes().into())
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Half of a MAC, 128 bits: the line of the mail is then short enough to stay whole.
fn tag(key: &[u8], purpose: Use, parts: &[&[u8]]) -> Result<String, Problem> {
    let whole = mac(key, purpose, parts)?.finalize().into_bytes();
    let half: Vec<u8> = whole.iter().copied().take(TAG_BYTES).collect();
    Ok(URL_SAFE_NO_PAD.encode(half))
}

/// No part but the last may hold a zero byte: it parts them.
fn mac(key: &[u8], purpose: Use, parts: &[&[u8]]) -> Result<Hmac<Sha256>, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|error| Problem::internal(error.to_string()))?;
    mac.update(purpose.label());
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            mac.update(&[0]);
        }
        mac.update(part);
    }
    Ok(mac)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::ids::Seeded;

    #[test]
    fn a_reset_token_holds_for_its_reset_and_key_only() {
        let reset = ResetId::from_bits(5);
        let token = reset_token(b"key", reset).unwrap();
        assert_eq!(reset_of(b"key", &token).unwrap(), Some(reset));
        assert_eq!(reset_of(b"other", &token).unwrap(), None);
        let forged = token.replacen('5', "6", 1);
        assert_eq!(reset_of(b"key", &forged).unwrap(), None);
        assert_eq!(reset_of(b"key", "nonsense").unwrap(), None);
    }

    #[test]
    fn an_email_token_holds_for_its_address_and_use_only() {
        let (one, other) = (EmailId::from_bits(5), EmailId::from_bits(6));
        let token = email_token(b"key", one, "Ada@example.org", None).unwrap();
        let holds = |key: &[u8], token: &str, email, address: &str, bounce| {
            is_email_token(key, token, email, address, bounce).unwrap()
        };
        assert_eq!(email_named(&token), Some(one));
        assert!(holds(b"key", &token, one, "ada@example.org", None));
        assert!(!holds(b"key", &token, one, "eve@example.org", None));
        assert!(!holds(b"key", &token, other, "ada@example.org", None));
        assert!(!holds(b"other", &token, one, "ada@example.org", None));
        let came_back = Some(BounceId::from_bits(7));
        assert!(!holds(b"key", &token, one, "ada@example.org", came_back));
        let since = email_token(b"key", one, "ada@example.org", came_back).unwrap();
        assert!(holds(b"key", &since, one, "ada@example.org", came_back));
        assert_eq!(email_named("nonsense"), None);
        assert_ne!(
            mac(b"key", Use::PasswordReset, &[b"x"]).unwrap().finalize().into_bytes(),
            mac(b"key", Use::Idempotency, &[b"x"]).unwrap().finalize().into_bytes()
        );
    }

    #[test]
    fn a_link_that_stops_mails_holds_for_its_notice_only() {
        let (one, other) = (NoticeId::from_bits(5), NoticeId::from_bits(6));
        let token = unsubscribe_token(b"key", one).unwrap();
        assert_eq!(unsubscribed(b"key", &token).unwrap(), Some(one));
        assert_eq!(unsubscribed(b"other", &token).unwrap(), None);
        let forged = token.replacen(&one.to_string(), &other.to_string(), 1);
        assert_eq!(unsubscribed(b"key", &forged).unwrap(), None);
        assert_eq!(unsubscribed(b"key", "nonsense").unwrap(), None);
    }

    #[test]
    fn secrets_differ_and_match_their_own_hash() {
        let chance = Seeded::new(1);
        let (one, two) = (make(CLIENT_PREFIX, &chance), make(CLIENT_PREFIX, &chance));
        assert_ne!(one, two);
        assert!(matches(&one, &hash(&one)) && !matches(&one, &hash(&two)));
    }
}
