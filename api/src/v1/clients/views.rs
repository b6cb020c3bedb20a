//! What is asked and shown of machine clients.

use chrono::{DateTime, Utc};
use domain::{
    ClientCredentialId, ClientId, ClientReadId, PersonId,
    client::{Client, ClientCredential, ClientRead, CredentialKind, Jwk, Proof},
    id::{ClientCredentialKind, ClientKind, ClientReadKind, PersonKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Terms;
use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::fields::{Line, given},
};

/// What a new client takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClient {
    /// Whose machine it is, for people: 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What its tokens may be given: `<resource>:<verb>`.
    #[schema(min_items = 1, max_items = 50)]
    pub scopes: Vec<String>,
    /// The programs that it is confined to; left out or empty, every one.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 50, example = json!(["lssc"]))]
    pub programs: Vec<ProgramCode>,
    /// Of how many people it may read in a day; left out, what the house allows.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub people_a_day: Option<i64>,
}

impl From<CreateClient> for Terms {
    fn from(body: CreateClient) -> Self {
        let CreateClient { name, scopes, programs, people_a_day } = body;
        Self { name, scopes, programs, people_a_day }
    }
}

/// What changes of a client; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateClient {
    /// Whose machine it is, for people: 1 to 100 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// What its tokens may be given.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    pub scopes: Option<Vec<String>>,
    /// The programs that it is confined to; empty, every one.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    pub programs: Option<Vec<ProgramCode>>,
    /// Of how many people it may read in a day; null, what the house allows.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000)]
    pub people_a_day: Option<Option<i64>>,
}

impl UpdateClient {
    pub(super) fn over(&self, client: &Client) -> Terms {
        Terms {
            name: self.name.clone().unwrap_or_else(|| client.name.clone()),
            scopes: self.scopes.clone().unwrap_or_else(|| client.scopes.clone()),
            programs: self.programs.clone().unwrap_or_else(|| client.programs.clone()),
            people_a_day: self.people_a_day.unwrap_or(client.people_a_day),
        }
    }
}

/// Which clients.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListClients {
    /// How many.
    #[param(value_type = Option<u16>)]
    pub limit: Option<Limit>,
    /// From where.
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

/// Which of a client's reads.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListClientReads {
    /// How many.
    #[param(value_type = Option<u16>)]
    pub limit: Option<Limit>,
    /// From where.
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

/// What happens to the secret before.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RotateClientSecret {
    /// Whether the secrets before the new one end at once, with their tokens.
    pub revoke_old: Option<bool>,
}

/// A machine client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientView {
    /// Its OAuth `client_id`.
    #[schema(schema_with = id_of::<ClientKind>)]
    pub id: ClientId,
    /// Whose machine it is.
    pub name: String,
    /// What its tokens may be given.
    pub scopes: Vec<String>,
    /// The programs that it is confined to; empty = every one.
    #[schema(value_type = Vec<String>)]
    pub programs: Vec<ProgramCode>,
    /// Of how many people it may read in a day; null = what the house allows.
    pub people_a_day: Option<i64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was disabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it last got a token, to five minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it last asked for more people than it may read of.
    pub quota_tripped_at: Option<DateTime<Utc>>,
    /// The version; its entity tag begins with `"v"` and this number.
    pub version: i64,
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id,
            name: client.name.clone(),
            scopes: client.scopes.clone(),
            programs: client.programs.clone(),
            people_a_day: client.people_a_day,
            created_at: client.created_at,
            disabled_at: client.disabled_at,
            last_used_at: client.last_used_at,
            quota_tripped_at: client.quota_tripped_at,
            version: client.version,
        }
    }
}

/// A machine client with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientWithSecret)]
pub struct ClientWithSecretView {
    /// The client.
    #[serde(flatten)]
    pub client: ClientView,
    /// Its OAuth `client_secret`: not stored, and not shown again.
    pub client_secret: String,
    /// The secret's own id, by which it is revoked.
    #[schema(schema_with = id_of::<ClientCredentialKind>)]
    pub credential_id: ClientCredentialId,
    /// When the secrets before this one end, or ended; null where there was none.
    pub old_secrets_end_at: Option<DateTime<Utc>>,
}

/// A public key as a JSON Web Key (RFC 7517): P-256, Ed25519, or RSA of 2,048 to 4,096 bits. Private members are
/// refused.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublicJwk)]
pub struct JwkBody {
    /// `EC`, `OKP` or `RSA`.
    #[schema(max_length = 3, example = "OKP")]
    pub kty: String,
    /// `P-256` or `Ed25519`.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub crv: Option<String>,
    /// The point, or its first half.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub x: Option<String>,
    /// The point's second half.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub y: Option<String>,
    /// The modulus.
    #[serde(default)]
    #[schema(max_length = 700)]
    pub n: Option<String>,
    /// The exponent.
    #[serde(default)]
    #[schema(max_length = 16)]
    pub e: Option<String>,
    /// What the assertions call it; its thumbprint (RFC 7638) when left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub kid: Option<String>,
    /// What it signs with; has to be what its kind of key signs with.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub alg: Option<String>,
    /// `sig`.
    #[serde(default, rename = "use")]
    #[schema(max_length = 3)]
    pub used_for: Option<String>,
}

impl JwkBody {
    pub(super) fn jwk(&self) -> Jwk {
        Jwk {
            kty: self.kty.clone(),
            crv: self.crv.clone(),
            x: self.x.clone(),
            y: self.y.clone(),
            n: self.n.clone(),
            e: self.e.clone(),
        }
    }
}

/// Another secret or a key for a client.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddClientCredential {
    /// A secret, which is made here and shown once, or a key, whose private half stays with the machine.
    #[schema(schema_with = one_of::<CredentialKind>)]
    pub kind: CredentialKind,
    /// What tells it from the others.
    pub label: Line,
    /// When it ends by itself.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// The public key; for a key only.
    #[serde(default)]
    pub jwk: Option<JwkBody>,
}

/// A secret or a key of a client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientCredential)]
pub struct ClientCredentialView {
    /// Its id.
    #[schema(schema_with = id_of::<ClientCredentialKind>)]
    pub id: ClientCredentialId,
    /// Whose.
    #[schema(schema_with = id_of::<ClientKind>)]
    pub client_id: ClientId,
    /// What it is.
    #[schema(schema_with = one_of::<CredentialKind>)]
    pub kind: CredentialKind,
    /// What tells it from the others.
    pub label: String,
    /// Whether it is taken now.
    pub live: bool,
    /// What the assertions call a key.
    pub kid: Option<String>,
    /// What a key signs with.
    pub alg: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When a token was last issued for it, to five minutes.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl ClientCredentialView {
    pub(super) fn of(credential: &ClientCredential, now: DateTime<Utc>) -> Self {
        let key = match &credential.proof {
            Proof::Secret(_) => None,
            Proof::Key(key) => Some(key),
        };
        Self {
            id: credential.id,
            client_id: credential.client,
            kind: credential.kind(),
            label: credential.label.clone(),
            live: credential.stands(now),
            kid: key.map(|key| key.kid.clone()),
            alg: key.map(|key| key.algorithm.to_string()),
            created_at: credential.created_at,
            expires_at: credential.expires_at,
            revoked_at: credential.revoked_at,
            last_used_at: credential.last_used_at,
        }
    }
}

/// A new secret or key; the secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewClientCredential)]
pub struct NewClientCredentialView {
    /// What was added.
    #[serde(flatten)]
    pub credential: ClientCredentialView,
    /// The OAuth `client_secret`: not stored, and not shown again; null for a key.
    pub client_secret: Option<String>,
}

/// An answer to a machine that held personal data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientRead)]
pub struct ClientReadView {
    /// Its id.
    #[schema(schema_with = id_of::<ClientReadKind>)]
    pub id: ClientReadId,
    /// When, by the machine's clock.
    pub at: DateTime<Utc>,
    /// Which operation.
    #[schema(example = "list_people")]
    pub operation: String,
    /// The request's id, as in the log and in `X-Request-Id`.
    pub request_id: String,
    /// Of how many people it told.
    #[schema(minimum = 1)]
    pub people: i64,
    /// The first of them, in the order of ids.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub first_person_id: PersonId,
    /// The last of them, in the order of ids: the same one where it told of one.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub last_person_id: PersonId,
}

impl From<ClientRead> for ClientReadView {
    fn from(read: ClientRead) -> Self {
        Self {
            id: read.id,
            at: read.at,
            operation: read.operation,
            request_id: read.request_id,
            people: read.people,
            first_person_id: read.first_person,
            last_person_id: read.last_person,
        }
    }
}
