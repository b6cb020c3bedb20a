-- Files that a worker takes row by row, and what became of each row.

CREATE TABLE imports (
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    form text COLLATE "C" NOT NULL,
    dry_run boolean NOT NULL,
    source text COLLATE "C" NOT NULL,
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    rows_total bigint NOT NULL,
    accepted bigint NOT NULL,
    skipped bigint NOT NULL,
    refused bigint NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    failed_at timestamptz,
    failure text COLLATE "C",
    undo_requested_at timestamptz,
    undo_requested_by text COLLATE "C",
    undone bigint NOT NULL,
    kept bigint NOT NULL,
    undo_finished_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT imports_pk PRIMARY KEY (id),
    CONSTRAINT imports_dry_run_ck CHECK (dry_run IN (false, true)),
    CONSTRAINT imports_rows_ck CHECK (rows_total > 0 AND accepted >= 0 AND skipped >= 0 AND refused >= 0
        AND accepted + skipped + refused <= rows_total),
    CONSTRAINT imports_undo_ck CHECK (undone >= 0 AND kept >= 0 AND undone + kept <= accepted),
    CONSTRAINT imports_failed_ck CHECK ((failed_at IS NULL) = (failure IS NULL)),
    CONSTRAINT imports_asked_ck CHECK ((undo_requested_at IS NULL) = (undo_requested_by IS NULL))
);
CREATE INDEX imports_by_requester ON imports (requested_by, id);

-- The file of a job in parts, until the job is over. It is an import's or a reconciliation's.
CREATE TABLE job_bodies (
    job_id uuid NOT NULL,
    part bigint NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT job_bodies_pk PRIMARY KEY (job_id, part)
);

-- What a row made is named by its id with the prefix: it may be of any kind.
CREATE TABLE import_rows (
    import_id uuid NOT NULL,
    line bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    pointer text COLLATE "C",
    message text COLLATE "C" NOT NULL,
    made text COLLATE "C",
    made_version bigint,
    source_key text COLLATE "C",
    undo_state text COLLATE "C",
    undo_reason text COLLATE "C",
    CONSTRAINT import_rows_pk PRIMARY KEY (import_id, line),
    CONSTRAINT import_rows_import_fk FOREIGN KEY (import_id) REFERENCES imports (id),
    CONSTRAINT import_rows_state_ck CHECK (state IN ('accepted', 'skipped', 'refused')),
    CONSTRAINT import_rows_undo_ck CHECK (undo_state IN ('undone', 'kept')),
    CONSTRAINT import_rows_undone_ck CHECK (undo_state IS NULL OR state = 'accepted')
);
CREATE INDEX import_rows_by_state ON import_rows (import_id, state, line);
CREATE INDEX import_rows_by_source ON import_rows (source_key) WHERE source_key IS NOT NULL;
CREATE INDEX import_rows_by_made ON import_rows (made) WHERE made IS NOT NULL;

-- A partner's list compared with what is here.
CREATE TABLE reconciliations (
    id uuid NOT NULL,
    form text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    rows_total bigint NOT NULL,
    rows_done bigint NOT NULL,
    refused bigint NOT NULL,
    matched bigint NOT NULL,
    differing bigint NOT NULL,
    missing_here bigint NOT NULL,
    missing_there bigint NOT NULL,
    swept_to text COLLATE "C",
    started_at timestamptz,
    finished_at timestamptz,
    failed_at timestamptz,
    failure text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT reconciliations_pk PRIMARY KEY (id),
    CONSTRAINT reconciliations_rows_ck CHECK (rows_total > 0 AND rows_done >= 0 AND rows_done <= rows_total),
    CONSTRAINT reconciliations_counts_ck CHECK (refused >= 0 AND matched >= 0 AND differing >= 0
        AND missing_here >= 0 AND missing_there >= 0),
    CONSTRAINT reconciliations_failed_ck CHECK ((failed_at IS NULL) = (failure IS NULL))
);
CREATE INDEX reconciliations_by_requester ON reconciliations (requested_by, id);

-- Whom the rows named: what the other side of the comparison leaves out.
CREATE TABLE reconciliation_links (
    reconciliation_id uuid NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    line bigint NOT NULL,
    CONSTRAINT reconciliation_links_pk PRIMARY KEY (reconciliation_id, external_id),
    CONSTRAINT reconciliation_links_reconciliation_fk FOREIGN KEY (reconciliation_id)
        REFERENCES reconciliations (id)
);

-- The event that explains a difference is named by its id: its position may come later.
CREATE TABLE reconciliation_differences (
    reconciliation_id uuid NOT NULL,
    place bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    line bigint,
    external_id text COLLATE "C",
    found_person_id uuid,
    field text COLLATE "C",
    here text COLLATE "C",
    there text COLLATE "C",
    code text COLLATE "C" NOT NULL,
    event_id uuid,
    CONSTRAINT reconciliation_differences_pk PRIMARY KEY (reconciliation_id, place),
    CONSTRAINT reconciliation_differences_reconciliation_fk FOREIGN KEY (reconciliation_id)
        REFERENCES reconciliations (id),
    CONSTRAINT reconciliation_differences_kind_ck
        CHECK (kind IN ('missing_here', 'missing_there', 'differs', 'unreadable'))
);
CREATE INDEX reconciliation_differences_by_kind ON reconciliation_differences (reconciliation_id, kind, place);
CREATE INDEX reconciliation_differences_by_person ON reconciliation_differences (found_person_id);

-- Whom a partner called so who is not called so any more: what explains an account that is missing here.
CREATE TABLE former_external_ids (
    client_id uuid NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT former_external_ids_pk PRIMARY KEY (client_id, external_id)
);
CREATE INDEX former_external_ids_by_person ON former_external_ids (person_id);
