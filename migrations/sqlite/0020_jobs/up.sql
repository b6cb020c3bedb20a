-- Files that a worker takes row by row, and what became of each row.

CREATE TABLE imports (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    form TEXT NOT NULL,
    dry_run INTEGER NOT NULL,
    source TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    rows_total INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    failed_at TEXT,
    failure TEXT,
    undo_requested_at TEXT,
    undo_requested_by TEXT,
    undone INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    undo_finished_at TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT imports_pk PRIMARY KEY (id),
    CONSTRAINT imports_dry_run_ck CHECK (dry_run IN (0, 1)),
    CONSTRAINT imports_rows_ck CHECK (rows_total > 0 AND accepted >= 0 AND skipped >= 0 AND refused >= 0
        AND accepted + skipped + refused <= rows_total),
    CONSTRAINT imports_undo_ck CHECK (undone >= 0 AND kept >= 0 AND undone + kept <= accepted),
    CONSTRAINT imports_failed_ck CHECK ((failed_at IS NULL) = (failure IS NULL)),
    CONSTRAINT imports_asked_ck CHECK ((undo_requested_at IS NULL) = (undo_requested_by IS NULL))
) STRICT;
CREATE INDEX imports_by_requester ON imports (requested_by, id);

-- The file of a job in parts, until the job is over. It is an import's or a reconciliation's.
CREATE TABLE job_bodies (
    job_id TEXT NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    CONSTRAINT job_bodies_pk PRIMARY KEY (job_id, part)
) STRICT;

-- What a row made is named by its id with the prefix: it may be of any kind.
CREATE TABLE import_rows (
    import_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    state TEXT NOT NULL,
    code TEXT NOT NULL,
    pointer TEXT,
    message TEXT NOT NULL,
    made TEXT,
    made_version INTEGER,
    source_key TEXT,
    undo_state TEXT,
    undo_reason TEXT,
    CONSTRAINT import_rows_pk PRIMARY KEY (import_id, line),
    CONSTRAINT import_rows_import_fk FOREIGN KEY (import_id) REFERENCES imports (id),
    CONSTRAINT import_rows_state_ck CHECK (state IN ('accepted', 'skipped', 'refused')),
    CONSTRAINT import_rows_undo_ck CHECK (undo_state IN ('undone', 'kept')),
    CONSTRAINT import_rows_undone_ck CHECK (undo_state IS NULL OR state = 'accepted')
) STRICT;
CREATE INDEX import_rows_by_state ON import_rows (import_id, state, line);
CREATE INDEX import_rows_by_source ON import_rows (source_key) WHERE source_key IS NOT NULL;
CREATE INDEX import_rows_by_made ON import_rows (made) WHERE made IS NOT NULL;

-- A partner's list compared with what is here.
CREATE TABLE reconciliations (
    id TEXT NOT NULL,
    form TEXT NOT NULL,
    source TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    rows_total INTEGER NOT NULL,
    rows_done INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    missing_here INTEGER NOT NULL,
    missing_there INTEGER NOT NULL,
    swept_to TEXT,
    started_at TEXT,
    finished_at TEXT,
    failed_at TEXT,
    failure TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT reconciliations_pk PRIMARY KEY (id),
    CONSTRAINT reconciliations_rows_ck CHECK (rows_total > 0 AND rows_done >= 0 AND rows_done <= rows_total),
    CONSTRAINT reconciliations_counts_ck CHECK (refused >= 0 AND matched >= 0 AND differing >= 0
        AND missing_here >= 0 AND missing_there >= 0),
    CONSTRAINT reconciliations_failed_ck CHECK ((failed_at IS NULL) = (failure IS NULL))
) STRICT;
CREATE INDEX reconciliations_by_requester ON reconciliations (requested_by, id);

-- Whom the rows named: what the other side of the comparison leaves out.
CREATE TABLE reconciliation_links (
    reconciliation_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    CONSTRAINT reconciliation_links_pk PRIMARY KEY (reconciliation_id, external_id),
    CONSTRAINT reconciliation_links_reconciliation_fk FOREIGN KEY (reconciliation_id)
        REFERENCES reconciliations (id)
) STRICT;

-- The event that explains a difference is named by its id: its position may come later.
CREATE TABLE reconciliation_differences (
    reconciliation_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    line INTEGER,
    external_id TEXT,
    found_person_id TEXT,
    field TEXT,
    here TEXT,
    there TEXT,
    code TEXT NOT NULL,
    event_id TEXT,
    CONSTRAINT reconciliation_differences_pk PRIMARY KEY (reconciliation_id, place),
    CONSTRAINT reconciliation_differences_reconciliation_fk FOREIGN KEY (reconciliation_id)
        REFERENCES reconciliations (id),
    CONSTRAINT reconciliation_differences_kind_ck
        CHECK (kind IN ('missing_here', 'missing_there', 'differs', 'unreadable'))
) STRICT;
CREATE INDEX reconciliation_differences_by_kind ON reconciliation_differences (reconciliation_id, kind, place);
CREATE INDEX reconciliation_differences_by_person ON reconciliation_differences (found_person_id);

-- Whom a partner called so who is not called so any more: what explains an account that is missing here.
CREATE TABLE former_external_ids (
    client_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    CONSTRAINT former_external_ids_pk PRIMARY KEY (client_id, external_id)
) STRICT;
CREATE INDEX former_external_ids_by_person ON former_external_ids (person_id);
