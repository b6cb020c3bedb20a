DROP TABLE scim_users;
DROP TABLE client_reads;
DROP TABLE client_read_hours;
DROP TABLE used_assertions;
ALTER TABLE clients DROP COLUMN quota_tripped_at;
ALTER TABLE clients DROP COLUMN last_used_at;
ALTER TABLE clients DROP COLUMN people_a_day;
ALTER TABLE clients DROP COLUMN programs;
ALTER TABLE clients ADD COLUMN generation bigint NOT NULL DEFAULT 1;
ALTER TABLE clients ALTER COLUMN generation DROP DEFAULT;
ALTER TABLE clients ADD COLUMN secret_hash bytea;
-- A client without a secret gets a hash that no secret has.
UPDATE clients SET secret_hash = coalesce((SELECT c.secret_hash FROM client_credentials c
    WHERE c.client_id = clients.id AND c.kind = 'secret' AND c.revoked_at IS NULL
    ORDER BY c.id DESC LIMIT 1), decode(repeat('00', 32), 'hex'));
ALTER TABLE clients ALTER COLUMN secret_hash SET NOT NULL;
ALTER TABLE clients ADD CONSTRAINT clients_hash_ck CHECK (octet_length(secret_hash) = 32);
DROP TABLE client_credentials;
