-- Webhooks: addresses of partners' machines, what they are sent, and what they answered.

CREATE TABLE webhook_endpoints (
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    url TEXT NOT NULL,
    types TEXT NOT NULL,
    scopes TEXT NOT NULL,
    format TEXT NOT NULL,
    description TEXT,
    secrets TEXT NOT NULL,
    created_at TEXT NOT NULL,
    paused_at TEXT,
    disabled_at TEXT,
    disabling TEXT,
    failing_since TEXT,
    position INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT webhook_endpoints_pk PRIMARY KEY (id),
    CONSTRAINT webhook_endpoints_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT webhook_endpoints_format_ck CHECK (format IN ('standard', 'cloudevents')),
    CONSTRAINT webhook_endpoints_disabled_ck CHECK ((disabled_at IS NULL) = (disabling IS NULL)),
    CONSTRAINT webhook_endpoints_position_ck CHECK (position >= 0 AND turns >= 0)
) STRICT;
CREATE INDEX webhook_endpoints_by_client ON webhook_endpoints (client_id, id);

CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    turn INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    position INTEGER,
    person_id TEXT,
    sequence INTEGER,
    cause TEXT NOT NULL,
    made_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at TEXT,
    delivered_at TEXT,
    given_up_at TEXT,
    claimed_by TEXT,
    claimed_until TEXT,
    CONSTRAINT webhook_deliveries_pk PRIMARY KEY (id),
    CONSTRAINT webhook_deliveries_endpoint_fk FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id),
    CONSTRAINT webhook_deliveries_event_fk FOREIGN KEY (event_id) REFERENCES events (id),
    CONSTRAINT webhook_deliveries_cause_ck CHECK (cause IN ('event', 'replay', 'ping')),
    CONSTRAINT webhook_deliveries_settled_ck CHECK ((next_at IS NULL) = (delivered_at IS NOT NULL OR given_up_at IS NOT NULL)),
    CONSTRAINT webhook_deliveries_once_ck CHECK (delivered_at IS NULL OR given_up_at IS NULL),
    CONSTRAINT webhook_deliveries_claim_ck CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
) STRICT;
CREATE UNIQUE INDEX webhook_deliveries_turn ON webhook_deliveries (endpoint_id, turn);
-- What happened is sent to an endpoint by itself once.
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (endpoint_id, event_id) WHERE cause = 'event';
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id, endpoint_id);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, id) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_given_up ON webhook_deliveries (endpoint_id, id) WHERE given_up_at IS NOT NULL;
-- What is due, the longest due first: what waits for its time or for another is never looked at.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_at, turn) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_person ON webhook_deliveries (endpoint_id, person_id, turn) WHERE next_at IS NOT NULL;
-- What was settled long ago is found without a look at the rest.
CREATE INDEX webhook_deliveries_taken_at ON webhook_deliveries (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX webhook_deliveries_given_up_at ON webhook_deliveries (given_up_at) WHERE given_up_at IS NOT NULL;

-- The last number that an endpoint was told about a person.
CREATE TABLE webhook_sequences (
    endpoint_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT webhook_sequences_pk PRIMARY KEY (endpoint_id, person_id),
    CONSTRAINT webhook_sequences_endpoint_fk FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id)
) STRICT;

CREATE TABLE webhook_attempts (
    delivery_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    took_ms INTEGER NOT NULL,
    url TEXT NOT NULL,
    request_headers TEXT NOT NULL,
    request_body TEXT NOT NULL,
    status INTEGER,
    response_headers TEXT,
    response_body TEXT,
    failure TEXT,
    CONSTRAINT webhook_attempts_pk PRIMARY KEY (delivery_id, number),
    CONSTRAINT webhook_attempts_delivery_fk FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries (id),
    CONSTRAINT webhook_attempts_outcome_ck CHECK ((status IS NULL) = (failure IS NOT NULL))
) STRICT;
