//! Shapes of endpoints and deliveries.

use chrono::{DateTime, Utc};
use domain::{
    ClientId, EventId, PersonId, WebhookDeliveryId, WebhookEndpointId,
    id::{ClientKind, EventKind, PersonKind, WebhookDeliveryKind, WebhookEndpointKind},
    webhook::{
        Attempt, Cause, Delivery, DeliveryState, Disabling, Endpoint, EndpointState, Format,
        Outcome,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    auth::secrets,
    extract::{Cursor, Limit},
    flows::webhook::sign,
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    problem::Problem,
    v1::fields::{Line, given},
};

fn standard() -> Format {
    Format::Standard
}

/// What a new endpoint takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhookEndpoint {
    /// Where to: an address that begins with https:// and leads outside.
    #[schema(
        min_length = 1,
        max_length = 2000,
        format = "uri",
        example = "https://partner.example.com/hooks/lssc"
    )]
    pub url: String,
    /// Which types are sent; none for all that the token's scopes show.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub types: Vec<String>,
    /// How bodies are written.
    #[serde(default = "standard")]
    #[schema(schema_with = one_of::<Format>, required = false)]
    pub format: Format,
    /// What it is for.
    #[serde(default)]
    pub description: Option<Line>,
}

/// What of an endpoint changes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWebhookEndpoint {
    /// Where to.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000, format = "uri")]
    pub url: Option<String>,
    /// Which types are sent; none for all that the token's scopes show.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub types: Option<Vec<String>>,
    /// How bodies are written.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<Format>, required = false)]
    pub format: Option<Format>,
    /// What it is for; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub description: Option<Option<Line>>,
    /// Whether nothing is sent for now.
    #[serde(default)]
    pub paused: Option<bool>,
}

/// Which endpoints.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListWebhookEndpoints {
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// Which deliveries.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListWebhookDeliveries {
    /// Only those that stand there.
    #[param(schema_with = one_of::<DeliveryState>, required = false)]
    pub state: Option<DeliveryState>,
    /// Only those of an event.
    #[param(schema_with = id_of::<EventKind>, required = false)]
    pub event_id: Option<EventId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// What happened in a stretch of the log, to be sent again.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayWebhookEvents {
    /// After which position.
    #[schema(minimum = 0)]
    pub after_position: i64,
    /// Up to which position: at most 10000 later, and none that the endpoint has not come to.
    #[schema(minimum = 0)]
    pub until_position: i64,
}

/// How much is sent again.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookReplay)]
pub struct WebhookReplayView {
    /// How many deliveries were made.
    #[schema(minimum = 0)]
    pub deliveries: usize,
}

/// An endpoint of a webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub struct WebhookEndpointView {
    /// Its id.
    #[schema(schema_with = id_of::<WebhookEndpointKind>)]
    pub id: WebhookEndpointId,
    /// Whose.
    #[schema(schema_with = id_of::<ClientKind>)]
    pub client_id: ClientId,
    /// Where to.
    pub url: String,
    /// Which types are sent; none for all that its token's scopes showed.
    pub types: Vec<String>,
    /// How bodies are written.
    #[schema(schema_with = one_of::<Format>)]
    pub format: Format,
    /// What it is for.
    pub description: Option<String>,
    /// Where it stands.
    #[schema(schema_with = one_of::<EndpointState>)]
    pub state: EndpointState,
    /// When the server stopped it.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Why the server stopped it.
    #[schema(schema_with = one_of_or_null::<Disabling>)]
    pub disabled_because: Option<Disabling>,
    /// Since when every attempt failed; null while they succeed.
    pub failing_since: Option<DateTime<Utc>>,
    /// Up to which position of the log its deliveries are made.
    #[schema(minimum = 0)]
    pub position: i64,
    /// The public key of its signatures `v1a`.
    #[schema(
        pattern = "^whpk_[A-Za-z0-9+/]{43}=$",
        example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    )]
    pub public_key: String,
    /// When the last of the secrets that were replaced stops signing; null when only one signs.
    pub old_secret_ends_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The version; `If-Match` looks at it.
    pub version: i64,
}

impl WebhookEndpointView {
    pub(super) fn of(app: &App, endpoint: &Endpoint) -> Result<Self, Problem> {
        let seed = secrets::webhook_seed(app.auth.mac_key()?, endpoint.id)?;
        let now = app.machine();
        let ends = endpoint.secrets.iter().filter_map(|one| one.ends_at).filter(|end| now < *end);
        Ok(Self {
            id: endpoint.id,
            client_id: endpoint.client,
            url: endpoint.url.clone(),
            types: endpoint.types.clone(),
            format: endpoint.format,
            description: endpoint.description.clone(),
            state: endpoint.state(),
            disabled_at: endpoint.disabled_at,
            disabled_because: endpoint.disabling,
            failing_since: endpoint.failing_since,
            position: endpoint.position,
            public_key: sign::public_text(&sign::key_pair(&seed)?),
            old_secret_ends_at: ends.max(),
            created_at: endpoint.created_at,
            version: endpoint.version,
        })
    }
}

/// An endpoint with its secret, which is shown this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookEndpointWithSecret)]
pub struct WebhookEndpointWithSecretView {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: WebhookEndpointView,
    /// The secret of its signatures `v1`: not stored, and not shown again.
    #[schema(
        pattern = "^whsec_[A-Za-z0-9+/]{43}=$",
        example = "whsec_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    )]
    pub secret: String,
}

impl WebhookEndpointWithSecretView {
    pub(super) fn of(app: &App, endpoint: &Endpoint) -> Result<Self, Problem> {
        let key = app.auth.mac_key()?;
        let secret = secrets::webhook_secret(key, endpoint.id, endpoint.current())?;
        Ok(Self {
            endpoint: WebhookEndpointView::of(app, endpoint)?,
            secret: sign::secret_text(&secret),
        })
    }
}

/// Something that was sent, or is to be.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct WebhookDeliveryView {
    /// Its id.
    #[schema(schema_with = id_of::<WebhookDeliveryKind>)]
    pub id: WebhookDeliveryId,
    /// To which endpoint.
    #[schema(schema_with = id_of::<WebhookEndpointKind>)]
    pub endpoint_id: WebhookEndpointId,
    /// The event: the `webhook-id`.
    #[schema(schema_with = id_of::<EventKind>)]
    pub event_id: EventId,
    /// The event's type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The event's position; null of a ping.
    pub position: Option<i64>,
    /// Whom it is about.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Its number among what the endpoint is told about the person, from 1; null where there is none.
    pub sequence: Option<i64>,
    /// Why it is sent.
    #[schema(schema_with = one_of::<Cause>)]
    pub cause: Cause,
    /// Where it stands.
    #[schema(schema_with = one_of::<DeliveryState>)]
    pub state: DeliveryState,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How many attempts there were.
    #[schema(minimum = 0)]
    pub attempts: i64,
    /// When the next attempt is due; null when none is.
    pub next_at: Option<DateTime<Utc>>,
    /// When it was taken.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub given_up_at: Option<DateTime<Utc>>,
}

impl From<&Delivery> for WebhookDeliveryView {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id,
            endpoint_id: delivery.endpoint,
            event_id: delivery.event,
            event_type: delivery.event_type.clone(),
            position: delivery.position,
            person_id: delivery.person,
            sequence: delivery.sequence,
            cause: delivery.cause,
            state: delivery.state(),
            made_at: delivery.made_at,
            attempts: delivery.attempts,
            next_at: delivery.next_at,
            delivered_at: delivery.delivered_at,
            given_up_at: delivery.given_up_at,
        }
    }
}

/// A header.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookHeader)]
pub struct HeaderView {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

fn headers(list: &[(String, String)]) -> Vec<HeaderView> {
    let view =
        |(name, value): &(String, String)| HeaderView { name: name.clone(), value: value.clone() };
    list.iter().map(view).collect()
}

/// One attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub struct WebhookAttemptView {
    /// Its number, from 1.
    pub number: i64,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took. Milliseconds.
    pub took_ms: i64,
    /// Where to.
    pub url: String,
    /// The headers that were sent.
    pub request_headers: Vec<HeaderView>,
    /// The body that was sent.
    pub request_body: String,
    /// The status that was answered; null without an answer.
    pub status: Option<u16>,
    /// The headers that were answered.
    pub response_headers: Vec<HeaderView>,
    /// The beginning of the body that was answered: 4096 bytes.
    pub response_body: Option<String>,
    /// Why there is no answer.
    pub failure: Option<String>,
}

impl From<&Attempt> for WebhookAttemptView {
    fn from(attempt: &Attempt) -> Self {
        let (answer, failure) = match &attempt.outcome {
            Outcome::Answered(answer) => (Some(answer), None),
            Outcome::Failed(why) => (None, Some(why.clone())),
        };
        Self {
            number: attempt.number,
            at: attempt.at,
            took_ms: attempt.took_ms,
            url: attempt.url.clone(),
            request_headers: headers(&attempt.headers),
            request_body: attempt.body.clone(),
            status: answer.map(|answer| answer.status),
            response_headers: answer.map(|answer| headers(&answer.headers)).unwrap_or_default(),
            response_body: answer.map(|answer| answer.body.clone()),
            failure,
        }
    }
}

/// A delivery with its attempts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WebhookDeliveryWithAttempts)]
pub struct DeliveryWithAttemptsView {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: WebhookDeliveryView,
    /// Every attempt, the first one first.
    pub log: Vec<WebhookAttemptView>,
}

impl DeliveryWithAttemptsView {
    pub(super) fn of(delivery: &Delivery, attempts: &[Attempt]) -> Self {
        Self { delivery: delivery.into(), log: attempts.iter().map(Into::into).collect() }
    }
}
