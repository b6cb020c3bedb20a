-- Webhooks: addresses of partners' machines, what they are sent, and what they answered.

CREATE TABLE webhook_endpoints (
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    url text COLLATE "C" NOT NULL,
    types jsonb NOT NULL,
    scopes jsonb NOT NULL,
    format text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    secrets jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    paused_at timestamptz,
    disabled_at timestamptz,
    disabling text COLLATE "C",
    failing_since timestamptz,
    position bigint NOT NULL,
    turns bigint NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT webhook_endpoints_pk PRIMARY KEY (id),
    CONSTRAINT webhook_endpoints_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT webhook_endpoints_format_ck CHECK (format IN ('standard', 'cloudevents')),
    CONSTRAINT webhook_endpoints_disabled_ck CHECK ((disabled_at IS NULL) = (disabling IS NULL)),
    CONSTRAINT webhook_endpoints_position_ck CHECK (position >= 0 AND turns >= 0)
);
CREATE INDEX webhook_endpoints_by_client ON webhook_endpoints (client_id, id);

CREATE TABLE webhook_deliveries (
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    turn bigint NOT NULL,
    event_id uuid NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    position bigint,
    person_id uuid,
    sequence bigint,
    cause text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL,
    attempts bigint NOT NULL,
    next_at timestamptz,
    delivered_at timestamptz,
    given_up_at timestamptz,
    claimed_by text COLLATE "C",
    claimed_until timestamptz,
    CONSTRAINT webhook_deliveries_pk PRIMARY KEY (id),
    CONSTRAINT webhook_deliveries_endpoint_fk FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id),
    CONSTRAINT webhook_deliveries_event_fk FOREIGN KEY (event_id) REFERENCES events (id),
    CONSTRAINT webhook_deliveries_cause_ck CHECK (cause IN ('event', 'replay', 'ping')),
    CONSTRAINT webhook_deliveries_settled_ck CHECK ((next_at IS NULL) = (delivered_at IS NOT NULL OR given_up_at IS NOT NULL)),
    CONSTRAINT webhook_deliveries_once_ck CHECK (delivered_at IS NULL OR given_up_at IS NULL),
    CONSTRAINT webhook_deliveries_claim_ck CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
);
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
    endpoint_id uuid NOT NULL,
    person_id uuid NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT webhook_sequences_pk PRIMARY KEY (endpoint_id, person_id),
    CONSTRAINT webhook_sequences_endpoint_fk FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id)
);

CREATE TABLE webhook_attempts (
    delivery_id uuid NOT NULL,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    took_ms bigint NOT NULL,
    url text COLLATE "C" NOT NULL,
    request_headers jsonb NOT NULL,
    request_body text COLLATE "C" NOT NULL,
    status bigint,
    response_headers jsonb,
    response_body text COLLATE "C",
    failure text COLLATE "C",
    CONSTRAINT webhook_attempts_pk PRIMARY KEY (delivery_id, number),
    CONSTRAINT webhook_attempts_delivery_fk FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries (id),
    CONSTRAINT webhook_attempts_outcome_ck CHECK ((status IS NULL) = (failure IS NOT NULL))
);
