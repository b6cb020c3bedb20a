-- What a machine proves itself by is rows of its own, so that two secrets live while one replaces the other; what
-- programs it is confined to, and how many people it may read of in a day.
CREATE TABLE client_credentials (
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    secret_hash bytea,
    kid text COLLATE "C",
    jwk jsonb,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT client_credentials_pk PRIMARY KEY (id),
    CONSTRAINT client_credentials_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT client_credentials_kind_ck CHECK (kind IN ('secret', 'key')),
    CONSTRAINT client_credentials_secret_ck CHECK ((kind = 'secret') = (secret_hash IS NOT NULL)),
    CONSTRAINT client_credentials_key_ck CHECK ((kind = 'key') = (jwk IS NOT NULL) AND (kid IS NULL) = (jwk IS NULL)),
    CONSTRAINT client_credentials_hash_ck CHECK (octet_length(secret_hash) = 32)
);
CREATE INDEX client_credentials_by_client ON client_credentials (client_id, id);
CREATE UNIQUE INDEX client_credentials_kid ON client_credentials (client_id, kid) WHERE revoked_at IS NULL;
-- The secret that a client had goes on; its id has the bits of the client's.
INSERT INTO client_credentials (id, client_id, kind, label, secret_hash, created_at)
    SELECT id, id, 'secret', 'first secret', secret_hash, created_at FROM clients;

ALTER TABLE clients DROP COLUMN secret_hash;
ALTER TABLE clients DROP COLUMN generation;
ALTER TABLE clients ADD COLUMN programs jsonb NOT NULL DEFAULT '[]';
ALTER TABLE clients ALTER COLUMN programs DROP DEFAULT;
ALTER TABLE clients ADD COLUMN people_a_day bigint;
ALTER TABLE clients ADD COLUMN last_used_at timestamptz;
ALTER TABLE clients ADD COLUMN quota_tripped_at timestamptz;
ALTER TABLE clients ADD CONSTRAINT clients_people_ck CHECK (people_a_day >= 0);

-- Signed assertions that were used, until they would have ended anyway: each is good once.
CREATE TABLE used_assertions (
    client_id uuid NOT NULL,
    token_id text COLLATE "C" NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT used_assertions_pk PRIMARY KEY (client_id, token_id),
    CONSTRAINT used_assertions_client_fk FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE INDEX used_assertions_by_end ON used_assertions (until);

-- Of how many people a machine was told in an hour: what its daily quota is counted by.
CREATE TABLE client_read_hours (
    client_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    people bigint NOT NULL,
    CONSTRAINT client_read_hours_pk PRIMARY KEY (client_id, hour),
    CONSTRAINT client_read_hours_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT client_read_hours_people_ck CHECK (people > 0)
);
CREATE INDEX client_read_hours_by_hour ON client_read_hours (hour);

-- Every answer to a machine with personal data in it: of how many people, the first and the last by their ids.
CREATE TABLE client_reads (
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    at timestamptz NOT NULL,
    hour timestamptz NOT NULL,
    operation text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    people bigint NOT NULL,
    first_person_id uuid NOT NULL,
    last_person_id uuid NOT NULL,
    CONSTRAINT client_reads_pk PRIMARY KEY (id),
    CONSTRAINT client_reads_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT client_reads_people_ck CHECK (people > 0)
);
CREATE INDEX client_reads_by_client ON client_reads (client_id, id);
CREATE INDEX client_reads_by_hour ON client_reads (client_id, hour);
CREATE INDEX client_reads_by_time ON client_reads (at);

-- What a partner says of its account by SCIM, beside what the program knows of its person.
CREATE TABLE scim_users (
    account_id uuid NOT NULL,
    client_id uuid NOT NULL,
    user_name text COLLATE "C" NOT NULL,
    user_name_folded text COLLATE "C" NOT NULL,
    names_itself boolean NOT NULL,
    display_name text COLLATE "C",
    active boolean,
    changed_at timestamptz NOT NULL,
    CONSTRAINT scim_users_pk PRIMARY KEY (account_id),
    CONSTRAINT scim_users_account_fk FOREIGN KEY (account_id) REFERENCES external_ids (id) ON DELETE CASCADE,
    CONSTRAINT scim_users_client_fk FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE UNIQUE INDEX scim_users_name ON scim_users (client_id, user_name_folded);
