-- The house: the one event log, leases and cursors of background work, counters, idempotency keys.
CREATE TABLE events (
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    program TEXT,
    subject TEXT NOT NULL,
    person TEXT,
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    data TEXT NOT NULL,
    position INTEGER,
    hash BLOB,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_position_positive CHECK (position > 0),
    CONSTRAINT events_hash_with_position CHECK ((position IS NULL) = (hash IS NULL)),
    CONSTRAINT events_hash_length CHECK (length(hash) = 32)
) STRICT;
CREATE UNIQUE INDEX events_position_key ON events (position);
CREATE INDEX events_unpositioned_idx ON events (at, id) WHERE position IS NULL;
CREATE INDEX events_subject_idx ON events (subject, at, id);
CREATE INDEX events_person_idx ON events (person, position);
CREATE INDEX events_program_idx ON events (program, position);

CREATE TABLE leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until TEXT NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (name)
) STRICT;

CREATE TABLE cursors (
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT cursors_pkey PRIMARY KEY (name),
    CONSTRAINT cursors_position_not_negative CHECK (position >= 0)
) STRICT;

CREATE TABLE counters (
    program TEXT NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    CONSTRAINT counters_pkey PRIMARY KEY (program, name),
    CONSTRAINT counters_value_positive CHECK (value > 0)
) STRICT;

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    operation TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_keys_answer_whole CHECK (
        (status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)
    ),
    CONSTRAINT idempotency_keys_status_http CHECK (status BETWEEN 100 AND 599)
) STRICT;
CREATE INDEX idempotency_keys_expires_idx ON idempotency_keys (expires_at);
