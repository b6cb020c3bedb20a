-- People, how they sign in, what they may do; machines; keys.
CREATE TABLE people (
    id uuid NOT NULL,
    given_name text COLLATE "C" NOT NULL,
    family_name text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT people_pk PRIMARY KEY (id)
);
CREATE INDEX people_by_name ON people (family_name, given_name, id);

CREATE TABLE emails (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    address_folded text COLLATE "C" NOT NULL,
    verified_at timestamptz,
    is_primary boolean NOT NULL,
    CONSTRAINT emails_pk PRIMARY KEY (id),
    CONSTRAINT emails_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT emails_is_primary_ck CHECK (is_primary IN (false, true))
);
CREATE UNIQUE INDEX emails_one_address ON emails (address_folded);
CREATE UNIQUE INDEX emails_one_primary ON emails (person_id) WHERE is_primary;
CREATE INDEX emails_by_person ON emails (person_id, id);

-- The program's table comes with the next migration: its code is no foreign key here.
CREATE TABLE memberships (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    number_folded text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    claimed_at timestamptz NOT NULL,
    decided_at timestamptz,
    valid_from date,
    valid_until date,
    version bigint NOT NULL,
    CONSTRAINT memberships_pk PRIMARY KEY (id),
    CONSTRAINT memberships_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT memberships_state_ck CHECK (state IN ('claimed', 'verified', 'rejected')),
    CONSTRAINT memberships_period_ck CHECK (state <> 'verified' OR (valid_from IS NOT NULL AND valid_until >= valid_from))
);
CREATE INDEX memberships_by_person ON memberships (person_id, id);
CREATE INDEX memberships_by_state ON memberships (state, id);
CREATE INDEX memberships_by_number ON memberships (number_folded, id);

CREATE TABLE credentials (
    person_id uuid NOT NULL,
    password_hash text COLLATE "C" NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT credentials_pk PRIMARY KEY (person_id),
    CONSTRAINT credentials_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
);

-- Kept for addresses that nobody has as well: the answers must not tell which.
CREATE TABLE sign_in_failures (
    address_key text COLLATE "C" NOT NULL,
    failures bigint NOT NULL,
    last_at timestamptz NOT NULL,
    locked_until timestamptz,
    CONSTRAINT sign_in_failures_pk PRIMARY KEY (address_key),
    CONSTRAINT sign_in_failures_positive CHECK (failures > 0)
);
CREATE INDEX sign_in_failures_by_last ON sign_in_failures (last_at);

CREATE TABLE grants (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text COLLATE "C" NOT NULL,
    organisation_id uuid,
    program text COLLATE "C",
    granted_at timestamptz NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    ended_at timestamptz,
    CONSTRAINT grants_pk PRIMARY KEY (id),
    CONSTRAINT grants_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT grants_role_ck CHECK (role IN ('evaluator', 'provider', 'college', 'institution', 'staff', 'admin', 'auditor'))
);
CREATE INDEX grants_by_person ON grants (person_id, id);
CREATE INDEX grants_standing ON grants (role) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text COLLATE "C",
    CONSTRAINT sessions_pk PRIMARY KEY (id),
    CONSTRAINT sessions_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT sessions_end_ck CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_by_person ON sessions (person_id, id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_pk PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_session_fk FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_hash_ck CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- The secret of a reset is not here: it is computed from the id by a key of the table secrets.
CREATE TABLE password_resets (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT password_resets_pk PRIMARY KEY (id),
    CONSTRAINT password_resets_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX password_resets_by_person ON password_resets (person_id, requested_at);
CREATE INDEX password_resets_by_end ON password_resets (expires_at);

CREATE TABLE clients (
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    secret_hash bytea NOT NULL,
    scopes jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    generation bigint NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT clients_pk PRIMARY KEY (id),
    CONSTRAINT clients_hash_ck CHECK (octet_length(secret_hash) = 32)
);

-- Single access tokens that were revoked, until they would have ended anyway.
CREATE TABLE revoked_tokens (
    token_id text COLLATE "C" NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT revoked_tokens_pk PRIMARY KEY (token_id)
);
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (until);

-- Keys that sign access tokens (ES256). A key is published when it is made, signs from signs_from and
-- is published on until its last token has ended.
CREATE TABLE signing_keys (
    kid text COLLATE "C" NOT NULL,
    private_key bytea NOT NULL,
    public_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    CONSTRAINT signing_keys_pk PRIMARY KEY (kid),
    CONSTRAINT signing_keys_point_ck CHECK (octet_length(public_key) = 65)
);

CREATE TABLE secrets (
    name text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT secrets_pk PRIMARY KEY (name)
);
