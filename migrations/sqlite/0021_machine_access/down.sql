PRAGMA defer_foreign_keys = ON;
DROP TABLE scim_users;
DROP TABLE client_reads;
DROP TABLE client_read_hours;
DROP TABLE used_assertions;
CREATE TABLE new_clients AS SELECT * FROM clients;
CREATE TABLE new_credentials AS SELECT * FROM client_credentials;
DROP TABLE client_credentials;
DROP TABLE clients;
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
-- A client without a secret gets a hash that no secret has.
INSERT INTO clients (id, name, secret_hash, scopes, created_at, disabled_at, generation, version)
    SELECT id, name, coalesce((SELECT c.secret_hash FROM new_credentials c
        WHERE c.client_id = new_clients.id AND c.kind = 'secret' AND c.revoked_at IS NULL
        ORDER BY c.id DESC LIMIT 1), zeroblob(32)), scopes, created_at, disabled_at, 1, version FROM new_clients;
DROP TABLE new_credentials;
DROP TABLE new_clients;
