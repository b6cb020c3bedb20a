-- Accounts: what partner systems call people, and what they ask to have an account for.

-- The system of an external id is the machine client. A merge may leave a person two ids of one system.
CREATE TABLE external_ids (
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    external_id_folded TEXT NOT NULL,
    person_id TEXT NOT NULL,
    linked_at TEXT NOT NULL,
    dormancy_told_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT external_ids_pk PRIMARY KEY (id),
    CONSTRAINT external_ids_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT external_ids_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT external_ids_length_ck CHECK (length(external_id) BETWEEN 1 AND 200)
) STRICT;
CREATE UNIQUE INDEX external_ids_once ON external_ids (client_id, external_id);
CREATE INDEX external_ids_by_person ON external_ids (person_id, client_id);
CREATE INDEX external_ids_by_client ON external_ids (client_id, id);
-- The office finds by the id alone, SCIM by a name however it is written.
CREATE INDEX external_ids_by_id ON external_ids (external_id);
CREATE INDEX external_ids_folded ON external_ids (client_id, external_id_folded, id);

-- A partner's own request id is unique in its system. What was asked stays as it came.
CREATE TABLE account_requests (
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    asked TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    person_id TEXT,
    findings TEXT NOT NULL,
    requested_on TEXT NOT NULL,
    decided_on TEXT,
    reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT account_requests_pk PRIMARY KEY (id),
    CONSTRAINT account_requests_client_fk FOREIGN KEY (client_id) REFERENCES clients (id),
    CONSTRAINT account_requests_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT account_requests_state_ck CHECK (state IN ('pending', 'completed', 'rejected')),
    CONSTRAINT account_requests_outcome_ck CHECK (outcome IN ('linked', 'created')),
    CONSTRAINT account_requests_person_ck CHECK ((state = 'completed') = (person_id IS NOT NULL)),
    CONSTRAINT account_requests_completed_ck CHECK ((state = 'completed') = (outcome IS NOT NULL)),
    CONSTRAINT account_requests_decided_ck CHECK ((state = 'pending') = (decided_on IS NULL))
) STRICT;
CREATE UNIQUE INDEX account_requests_once ON account_requests (client_id, request_id);
CREATE INDEX account_requests_by_state ON account_requests (state, id);
CREATE INDEX account_requests_by_client ON account_requests (client_id, id);
CREATE INDEX account_requests_by_person ON account_requests (person_id, id);
