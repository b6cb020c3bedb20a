//! Signatures of Standard Webhooks: `v1` by each secret that lives, `v1a` by the endpoint's own key.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::problem::Problem;

/// A secret as it is shown.
#[must_use]
pub fn secret_text(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The key pair of a seed.
pub fn key_pair(seed: &[u8; 32]) -> Result<Ed25519KeyPair, Problem> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|error| Problem::internal(error.to_string()))
}

/// The public key of a pair as it is shown.
#[must_use]
pub fn public_text(pair: &Ed25519KeyPair) -> String {
    format!("whpk_{}", STANDARD.encode(pair.public_key().as_ref()))
}

/// `v1` of one secret.
pub fn v1(secret: &[u8], id: &str, timestamp: i64, body: &str) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)
        .map_err(|error| Problem::internal(error.to_string()))?;
    mac.update(signed(id, timestamp, body).as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// `v1a` of a key pair.
#[must_use]
pub fn v1a(pair: &Ed25519KeyPair, id: &str, timestamp: i64, body: &str) -> String {
    let signature = pair.sign(signed(id, timestamp, body).as_bytes());
    format!("v1a,{}", STANDARD.encode(signature.as_ref()))
}

fn signed(id: &str, timestamp: i64, body: &str) -> String {
    format!("{id}.{timestamp}.{body}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    /// The vector by which the libraries of the standard test themselves.
    #[test]
    fn the_known_vector_is_signed_as_the_standard_signs_it() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}");
        assert_eq!(
            v1(&secret, id, 1_614_265_330, body).unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(secret_text(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    /// RFC 8032, 7.1, test 1: the key of a seed; and a signature holds for what it signs only.
    #[test]
    fn the_key_is_the_one_of_its_seed_and_its_signatures_hold() {
        let hex = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let seed: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2).unwrap(), 16).unwrap())
            .collect();
        let pair = key_pair(&seed.try_into().unwrap()).unwrap();
        assert_eq!(public_text(&pair), "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        let text = v1a(&pair, "evt_1", 5, "{}");
        let signature = STANDARD.decode(text.strip_prefix("v1a,").unwrap()).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref());
        assert!(public.verify(b"evt_1.5.{}", &signature).is_ok());
        assert!(public.verify(b"evt_1.6.{}", &signature).is_err());
    }
}
