-- People, how they sign in, what they may do; machines; keys.
CREATE TABLE people (
    id TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT people_pk PRIMARY KEY (id)
) STRICT;
CREATE INDEX people_by_name ON people (family_name, given_name, id);

CREATE TABLE emails (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    address TEXT NOT NULL,
    address_folded TEXT NOT NULL,
    verified_at TEXT,
    is_primary INTEGER NOT NULL,
    CONSTRAINT emails_pk PRIMARY KEY (id),
    CONSTRAINT emails_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT emails_is_primary_ck CHECK (is_primary IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX emails_one_address ON emails (address_folded);
CREATE UNIQUE INDEX emails_one_primary ON emails (person_id) WHERE is_primary;
CREATE INDEX emails_by_person ON emails (person_id, id);

-- The program's table comes with the next migration: its code is no foreign key here.
CREATE TABLE memberships (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    program TEXT NOT NULL,
    number TEXT NOT NULL,
    number_folded TEXT NOT NULL,
    state TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    decided_at TEXT,
    valid_from TEXT,
    valid_until TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT memberships_pk PRIMARY KEY (id),
    CONSTRAINT memberships_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT memberships_state_ck CHECK (state IN ('claimed', 'verified', 'rejected')),
    CONSTRAINT memberships_period_ck CHECK (state <> 'verified' OR (valid_from IS NOT NULL AND valid_until >= valid_from))
) STRICT;
CREATE INDEX memberships_by_person ON memberships (person_id, id);
CREATE INDEX memberships_by_state ON memberships (state, id);
CREATE INDEX memberships_by_number ON memberships (number_folded, id);

CREATE TABLE credentials (
    person_id TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CONSTRAINT credentials_pk PRIMARY KEY (person_id),
    CONSTRAINT credentials_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;

-- Kept for addresses that nobody has as well: the answers must not tell which.
CREATE TABLE sign_in_failures (
    address_key TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    locked_until TEXT,
    CONSTRAINT sign_in_failures_pk PRIMARY KEY (address_key),
    CONSTRAINT sign_in_failures_positive CHECK (failures > 0)
) STRICT;
CREATE INDEX sign_in_failures_by_last ON sign_in_failures (last_at);

CREATE TABLE grants (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    organisation_id TEXT,
    program TEXT,
    granted_at TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    ended_at TEXT,
    CONSTRAINT grants_pk PRIMARY KEY (id),
    CONSTRAINT grants_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT grants_role_ck CHECK (role IN ('evaluator', 'provider', 'college', 'institution', 'staff', 'admin', 'auditor'))
) STRICT;
CREATE INDEX grants_by_person ON grants (person_id, id);
CREATE INDEX grants_standing ON grants (role) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    started_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT,
    end_reason TEXT,
    CONSTRAINT sessions_pk PRIMARY KEY (id),
    CONSTRAINT sessions_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT sessions_end_ck CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX sessions_by_person ON sessions (person_id, id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    token_hash BLOB NOT NULL,
    session_id TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    CONSTRAINT refresh_tokens_pk PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_session_fk FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_hash_ck CHECK (length(token_hash) = 32)
) STRICT;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- The secret of a reset is not here: it is computed from the id by a key of the table secrets.
CREATE TABLE password_resets (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    address TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    CONSTRAINT password_resets_pk PRIMARY KEY (id),
    CONSTRAINT password_resets_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
CREATE INDEX password_resets_by_person ON password_resets (person_id, requested_at);
CREATE INDEX password_resets_by_end ON password_resets (expires_at);

CREATE TABLE clients (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    disabled_at TEXT,
    generation INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT clients_pk PRIMARY KEY (id),
    CONSTRAINT clients_hash_ck CHECK (length(secret_hash) = 32)
) STRICT;

-- Single access tokens that were revoked, until they would have ended anyway.
CREATE TABLE revoked_tokens (
    token_id TEXT NOT NULL,
    until TEXT NOT NULL,
    CONSTRAINT revoked_tokens_pk PRIMARY KEY (token_id)
) STRICT;
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (until);

-- Keys that sign access tokens (ES256). A key is published when it is made, signs from signs_from and
-- is published on until its last token has ended.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL,
    private_key BLOB NOT NULL,
    public_key BLOB NOT NULL,
    created_at TEXT NOT NULL,
    signs_from TEXT NOT NULL,
    CONSTRAINT signing_keys_pk PRIMARY KEY (kid),
    CONSTRAINT signing_keys_point_ck CHECK (length(public_key) = 65)
) STRICT;

CREATE TABLE secrets (
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT secrets_pk PRIMARY KEY (name)
) STRICT;
