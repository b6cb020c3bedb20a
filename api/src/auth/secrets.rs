//! Secrets that are handed out: refresh tokens, client secrets, reset tokens. Each has 256 bits of
//! chance or a MAC, so a plain hash is what is stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ResetId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ids::Chance, problem::Problem};

/// Prefix by which scanners of source code find a leaked refresh token.
pub const REFRESH_PREFIX: &str = "lssc_rt_";
/// Prefix by which scanners of source code find a leaked client secret.
pub const CLIENT_PREFIX: &str = "lssc_cs_";

/// Bytes of the MAC in a reset token.
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

/// The token of a reset: its id and a MAC of it. Nothing of it is stored.
pub fn reset_token(key: &[u8], reset: ResetId) -> Result<String, Problem> {
    // Half of the MAC, 128 bits: the line of the mail is then short enough to stay whole.
    let tag = mac(key, reset)?.finalize().into_bytes();
    let half: Vec<u8> = tag.iter().copied().take(TAG_BYTES).collect();
    Ok(format!("{reset}.{}", URL_SAFE_NO_PAD.encode(half)))
}

/// The reset of a token, if the token is genuine.
pub fn reset_of(key: &[u8], token: &str) -> Result<Option<ResetId>, Problem> {
    let Some((id, tag)) = token.split_once('.') else { return Ok(None) };
    let (Ok(id), Ok(tag)) = (id.parse::<ResetId>(), URL_SAFE_NO_PAD.decode(tag)) else {
        return Ok(None);
    };
    let genuine = tag.len() == TAG_BYTES && mac(key, id)?.verify_truncated_left(&tag).is_ok();
    Ok(genuine.then_some(id))
}

fn mac(key: &[u8], reset: ResetId) -> Result<Hmac<Sha256>, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|error| Problem::internal(error.to_string()))?;
    mac.update(b"password-reset:");
    mac.update(reset.to_string().as_bytes());
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
    fn secrets_differ_and_match_their_own_hash() {
        let chance = Seeded::new(1);
        let (one, two) = (make(CLIENT_PREFIX, &chance), make(CLIENT_PREFIX, &chance));
        assert_ne!(one, two);
        assert!(matches(&one, &hash(&one)) && !matches(&one, &hash(&two)));
    }
}
