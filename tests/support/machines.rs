//! Machines in tests: how they sign, what they are confined to.

use domain::program::{Program, ProgramCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer},
    world::{ISSUER, World},
};

const PUBLIC: &str = include_str!("../keys/public.json");

/// What a machine can sign with.
pub(crate) const ALGORITHMS: [Algorithm; 3] =
    [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA];

/// The public key of an algorithm, as an admin registers it.
pub(crate) fn public_key(algorithm: Algorithm) -> Value {
    let all: Value = serde_json::from_str(PUBLIC).expect("public keys");
    all[format!("{algorithm:?}")].clone()
}

fn private_key(algorithm: Algorithm) -> EncodingKey {
    let key = match algorithm {
        Algorithm::ES256 => EncodingKey::from_ec_pem(include_bytes!("../keys/es256.pem")),
        Algorithm::RS256 => EncodingKey::from_rsa_pem(include_bytes!("../keys/rs256.pem")),
        _ => EncodingKey::from_ed_pem(include_bytes!("../keys/eddsa.pem")),
    };
    key.expect("a private key")
}

/// What a machine says of itself for the next minute.
pub(crate) fn claims(world: &World, client: &str, jti: &str) -> Value {
    json!({"iss": client, "sub": client, "aud": format!("{ISSUER}/oauth/token"), "jti": jti,
        "iat": world.seconds(), "exp": world.seconds() + 60})
}

/// A signed assertion.
pub(crate) fn assertion(algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    encode(&header, claims, &private_key(algorithm)).expect("an assertion")
}

/// Asks for a token with an assertion.
pub(crate) async fn asserts(anyone: &Actor, assertion: &str) -> Answer {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", kind),
        ("client_assertion", assertion),
    ];
    anyone.form("/oauth/token", &form).await
}

impl World {
    /// A second program with the policy and the sets of the first.
    pub(crate) async fn adapts_program(&self, code: &str) {
        let app = self.app();
        let code: ProgramCode = code.parse().expect("a code");
        let made: Result<(), persistence::Error> = app
            .store
            .write(app.stamp_of("test", "program"), move |tx| {
                let first = tx.programs().get(&ProgramCode::lssc())?;
                tx.programs().insert(&Program {
                    code: code.clone(),
                    name: "Adapted".to_owned(),
                    zone: first.zone,
                    parent: Some(first.code.clone()),
                })?;
                let versions = tx.programs().policies(&first.code)?;
                let sets = tx.programs().framework(&first.code, 1)?;
                if let Some(earliest) = versions.first() {
                    tx.programs().insert_framework(&code, &sets, earliest.effective_on)?;
                }
                for mut version in versions {
                    version.id = tx.new_id();
                    version.program = code.clone();
                    tx.programs().insert_policy(&version)?;
                }
                Ok(())
            })
            .await;
        made.expect("a program is adapted");
    }
    /// A machine with terms of its own, made by an admin, signed in with its secret.
    pub(crate) async fn machine(&self, admin: &Actor, terms: Value) -> Actor {
        let made = admin.post("/v1/clients", terms).await.expect(201);
        let (id, secret) = (made.id(), made.text("client_secret"));
        let form =
            [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
        let answer = self.anyone().form("/oauth/token", &form).await.expect(200);
        self.anyone().with_token(&answer.text("access_token"), &id)
    }
}
