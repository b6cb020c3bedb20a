-- The house: the one event log, leases and cursors of background work, counters, idempotency keys.
CREATE TABLE events (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    program text COLLATE "C",
    subject text COLLATE "C" NOT NULL,
    person uuid,
    type text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    data jsonb NOT NULL,
    position bigint,
    hash bytea,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_position_positive CHECK (position > 0),
    CONSTRAINT events_hash_with_position CHECK ((position IS NULL) = (hash IS NULL)),
    CONSTRAINT events_hash_length CHECK (octet_length(hash) = 32)
);
CREATE UNIQUE INDEX events_position_key ON events (position);
CREATE INDEX events_unpositioned_idx ON events (at, id) WHERE position IS NULL;
CREATE INDEX events_subject_idx ON events (subject, at, id);
CREATE INDEX events_person_idx ON events (person, position);
CREATE INDEX events_program_idx ON events (program, position);

CREATE TABLE leases (
    name text COLLATE "C" NOT NULL,
    holder text COLLATE "C" NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (name)
);

CREATE TABLE cursors (
    name text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT cursors_pkey PRIMARY KEY (name),
    CONSTRAINT cursors_position_not_negative CHECK (position >= 0)
);

CREATE TABLE counters (
    program text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value bigint NOT NULL,
    CONSTRAINT counters_pkey PRIMARY KEY (program, name),
    CONSTRAINT counters_value_positive CHECK (value > 0)
);

CREATE TABLE idempotency_keys (
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    operation text COLLATE "C" NOT NULL,
    status bigint,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_keys_answer_whole CHECK (
        (status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)
    ),
    CONSTRAINT idempotency_keys_status_http CHECK (status BETWEEN 100 AND 599)
);
CREATE INDEX idempotency_keys_expires_idx ON idempotency_keys (expires_at);
