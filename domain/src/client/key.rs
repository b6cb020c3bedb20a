//! Public keys of machines (RFC 7517): which are taken, and what of them is kept.

use serde::{Deserialize, Serialize};

use crate::{BadFact, words};

words! {
    /// An algorithm that a machine may sign with.
    pub enum KeyAlgorithm {
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// RSA PKCS #1 with SHA-256.
        Rs256 = "RS256",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

/// A public key as a JSON Web Key: the members that make it one, and no private ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `EC`, `RSA` or `OKP`.
    pub kty: String,
    /// `P-256` or `Ed25519`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The point, or its first half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The point's second half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The exponent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
}

/// A public key that signatures are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// What the header of a signed assertion calls it.
    pub kid: String,
    /// What it signs with: follows from the key, never from what is signed.
    pub algorithm: KeyAlgorithm,
    /// The key.
    pub jwk: Jwk,
}

/// Base64url digits of an RSA modulus of 2,048 and of 4,096 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 342..=683;
/// Base64url digits of 32 bytes.
const POINT: usize = 43;

impl Jwk {
    /// What it signs with, or what is wrong with it. Only members that the kind of key has are taken.
    pub fn algorithm(&self) -> Result<KeyAlgorithm, BadFact> {
        let bad = |member: &str, detail: &str| {
            Err(BadFact::at(format!("/jwk/{member}"), "format", detail.to_owned()))
        };
        let digits = |member: &Option<String>| {
            let text = member.as_deref().unwrap_or_default();
            let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            if fits { text.len() } else { 0 }
        };
        let algorithm = match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some("P-256")) => KeyAlgorithm::Es256,
            ("OKP", Some("Ed25519")) => KeyAlgorithm::EdDsa,
            ("RSA", None) => KeyAlgorithm::Rs256,
            ("EC" | "OKP", _) => return bad("crv", "The curves are P-256 and Ed25519."),
            _ => return bad("kty", "The kinds of keys are EC, RSA and OKP."),
        };
        let of_curve = algorithm != KeyAlgorithm::Rs256;
        if of_curve != (digits(&self.x) == POINT) {
            return bad("x", "The point has 32 bytes in base64url.");
        }
        if (algorithm == KeyAlgorithm::Es256) != (digits(&self.y) == POINT) {
            return bad("y", "The point's second half has 32 bytes in base64url.");
        }
        if of_curve != (self.n.is_none() && self.e.is_none()) {
            return bad("n", "A modulus and an exponent are what an RSA key has.");
        }
        if !of_curve && !MODULUS.contains(&digits(&self.n)) {
            return bad("n", "The modulus has 2,048 to 4,096 bits.");
        }
        if !of_curve && self.e.as_deref() != Some("AQAB") {
            return bad("e", "The exponent is AQAB.");
        }
        Ok(algorithm)
    }

    /// The text whose SHA-256 names the key (RFC 7638): the members that make it one, in their order.
    #[must_use]
    pub fn thumbprint_text(&self) -> String {
        let text = |member: &Option<String>| member.clone().unwrap_or_default();
        match self.kty.as_str() {
            "RSA" => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(&self.e), text(&self.n))
            }
            "OKP" => {
                format!(r#"{{"crv":"{}","kty":"OKP","x":"{}"}}"#, text(&self.crv), text(&self.x))
            }
            _ => format!(
                r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#,
                text(&self.crv),
                text(&self.x),
                text(&self.y)
            ),
        }
    }
}
