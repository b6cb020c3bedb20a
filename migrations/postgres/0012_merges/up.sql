-- Merging people who were two. The merged-away one leaves the table people, so that by every foreign key
-- nothing can be theirs any more; merged_people tells who they are now, and person_merge_moves holds the rows
-- as they were, for the way back. Ids of merges are history: no foreign keys.
CREATE TABLE person_merges (
    id uuid NOT NULL,
    from_person_id uuid NOT NULL,
    into_person_id uuid NOT NULL,
    reason text COLLATE "C" NOT NULL,
    merged_at timestamptz NOT NULL,
    merged_by text COLLATE "C" NOT NULL,
    moved jsonb NOT NULL,
    reversed_at timestamptz,
    reversed_by text COLLATE "C",
    reversal_reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT person_merges_pk PRIMARY KEY (id),
    CONSTRAINT person_merges_two_ck CHECK (from_person_id <> into_person_id),
    CONSTRAINT person_merges_reversal_ck CHECK (
        (reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reversal_reason IS NULL)
    )
);
CREATE UNIQUE INDEX person_merges_standing ON person_merges (from_person_id) WHERE reversed_at IS NULL;
CREATE INDEX person_merges_by_from ON person_merges (from_person_id, id);
CREATE INDEX person_merges_by_into ON person_merges (into_person_id, id);

-- payer is the old id as the ledger writes it.
CREATE TABLE merged_people (
    person_id uuid NOT NULL,
    into_person_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    payer text COLLATE "C" NOT NULL,
    CONSTRAINT merged_people_pk PRIMARY KEY (person_id),
    CONSTRAINT merged_people_into_fk FOREIGN KEY (into_person_id) REFERENCES people (id),
    CONSTRAINT merged_people_merge_fk FOREIGN KEY (merge_id) REFERENCES person_merges (id)
);
CREATE UNIQUE INDEX merged_people_payer ON merged_people (payer);
CREATE INDEX merged_people_by_into ON merged_people (into_person_id);

-- image is the row before the merge; a row that was set aside is in its table no more.
CREATE TABLE person_merge_moves (
    merge_id uuid NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    column_name text COLLATE "C" NOT NULL,
    row_key text COLLATE "C" NOT NULL,
    image jsonb NOT NULL,
    CONSTRAINT person_merge_moves_pk PRIMARY KEY (merge_id, table_name, column_name, row_key),
    CONSTRAINT person_merge_moves_merge_fk FOREIGN KEY (merge_id) REFERENCES person_merges (id)
);

-- What was submitted stays as it was, but whose it is follows a merge and its reversal.
CREATE FUNCTION portfolio_attempts_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.person_id IS DISTINCT FROM NEW.person_id AND NOT EXISTS (
        SELECT 1 FROM person_merges m
        WHERE (m.from_person_id = OLD.person_id AND m.into_person_id = NEW.person_id)
            OR (m.from_person_id = NEW.person_id AND m.into_person_id = OLD.person_id)
    ) THEN
        RAISE EXCEPTION 'what was submitted is never changed or deleted';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER portfolio_attempts_sealed ON portfolio_attempts;
CREATE TRIGGER portfolio_attempts_sealed BEFORE UPDATE ON portfolio_attempts
    FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id
        OR OLD.program IS DISTINCT FROM NEW.program
        OR OLD.portfolio_id IS DISTINCT FROM NEW.portfolio_id
        OR OLD.set_code IS DISTINCT FROM NEW.set_code
        OR OLD.number IS DISTINCT FROM NEW.number
        OR OLD.content IS DISTINCT FROM NEW.content
        OR OLD.content_hash IS DISTINCT FROM NEW.content_hash
        OR OLD.submitted_at IS DISTINCT FROM NEW.submitted_at)
    EXECUTE FUNCTION portfolio_attempts_stay();
CREATE TRIGGER portfolio_attempts_owned BEFORE UPDATE ON portfolio_attempts
    FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id)
    EXECUTE FUNCTION portfolio_attempts_follow();
