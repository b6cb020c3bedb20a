-- What a machine proves itself by is rows of its own, so that two secrets live while one replaces the other; what
-- programs it is confined to, and how many people it may read of in a day. SQLite cannot drop a column that a
-- constraint names: the table is made anew, and what refers to it is looked at when all of it is there again.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE old_clients AS SELECT * FROM clients;
DROP TABLE clients;
CREATE TABLE clients (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    programs TEXT NOT NULL,
    people_a_day INTEGER,
    created_at TEXT NOT NULL,
    disabled_at TEXT,
    last_used_at TEXT,
    quota_tripped_at TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT clients_pk PRIMARY KEY (id),
    CONSTRAINT clients_people_ck CHECK (people_a_day >= 0)
) STRICT;
INSERT INTO clients (id, name, scopes, programs, created_at, disabled_at, version)
    SELECT id, name, scopes, '[]', created_at, disabled_at, version FROM old_clients;

CREATE TABLE client_credentials (
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    secret_hash BLOB,
    kid TEXT,
    jwk TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    last_used_at TEXT,
    CONSTRAINT client_credentials_pk PRIMARY KEY (id),
    CONSTRAINT client_credentials_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT client_credentials_kind_ck CHECK (kind IN ('secret', 'key')),
    CONSTRAINT client_credentials_secret_ck CHECK ((kind = 'secret') = (secret_hash IS NOT NULL)),
    CONSTRAINT client_credentials_key_ck CHECK ((kind = 'key') = (jwk IS NOT NULL) AND (kid IS NULL) = (jwk IS NULL)),
    CONSTRAINT client_credentials_hash_ck CHECK (length(secret_hash) = 32)
) STRICT;
CREATE INDEX client_credentials_by_client ON client_credentials (client_id, id);
CREATE UNIQUE INDEX client_credentials_kid ON client_credentials (client_id, kid) WHERE revoked_at IS NULL;
-- The secret that a client had goes on; its id has the bits of the client's.
INSERT INTO client_credentials (id, client_id, kind, label, secret_hash, created_at)
    SELECT id, id, 'secret', 'first secret', secret_hash, created_at FROM old_clients;
DROP TABLE old_clients;

-- Signed assertions that were used, until they would have ended anyway: each is good once.
CREATE TABLE used_assertions (
    client_id TEXT NOT NULL,
    token_id TEXT NOT NULL,
    until TEXT NOT NULL,
    CONSTRAINT used_assertions_pk PRIMARY KEY (client_id, token_id),
    CONSTRAINT used_assertions_client_fk FOREIGN KEY (client_id) REFERENCES clients (id)
) STRICT;
CREATE INDEX used_assertions_by_end ON used_assertions (until);

-- Of how many people a machine was told in an hour: what its daily quota is counted by.
CREATE TABLE client_read_hours (
    client_id TEXT NOT NULL,
    hour TEXT NOT NULL,
    people INTEGER NOT NULL,
    CONSTRAINT client_read_hours_pk PRIMARY KEY (client_id, hour),
    CONSTRAINT client_read_hours_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT client_read_hours_people_ck CHECK (people > 0)
) STRICT;
CREATE INDEX client_read_hours_by_hour ON client_read_hours (hour);

-- Every answer to a machine with personal data in it: of how many people, the first and the last by their ids.
CREATE TABLE client_reads (
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    at TEXT NOT NULL,
    hour TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_id TEXT NOT NULL,
    people INTEGER NOT NULL,
    first_person_id TEXT NOT NULL,
    last_person_id TEXT NOT NULL,
    CONSTRAINT client_reads_pk PRIMARY KEY (id),
    CONSTRAINT client_reads_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT client_reads_people_ck CHECK (people > 0)
) STRICT;
CREATE INDEX client_reads_by_client ON client_reads (client_id, id);
CREATE INDEX client_reads_by_hour ON client_reads (client_id, hour);
CREATE INDEX client_reads_by_time ON client_reads (at);

-- What a partner says of its account by SCIM, beside what the program knows of its person.
CREATE TABLE scim_users (
    account_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    user_name_folded TEXT NOT NULL,
    names_itself INTEGER NOT NULL,
    display_name TEXT,
    active INTEGER,
    changed_at TEXT NOT NULL,
    CONSTRAINT scim_users_pk PRIMARY KEY (account_id),
    CONSTRAINT scim_users_account_fk FOREIGN KEY (account_id) REFERENCES external_ids (id) ON DELETE CASCADE,
    CONSTRAINT scim_users_client_fk FOREIGN KEY (client_id) REFERENCES clients (id)
) STRICT;
CREATE UNIQUE INDEX scim_users_name ON scim_users (client_id, user_name_folded);
