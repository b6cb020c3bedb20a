-- What is decided about certifications, their editions, and what becomes of their holders.

-- `measures` holds every suspension and revocation with its history, `editions` every print. The dates are what
-- the domain computed at the last change: lists filter by them. `stands_through` is the last day before the
-- certification lapses.
ALTER TABLE certifications ADD COLUMN measures jsonb NOT NULL DEFAULT '[]';
ALTER TABLE certifications ADD COLUMN editions jsonb NOT NULL DEFAULT '[]';
ALTER TABLE certifications ADD COLUMN revoked_on date;
ALTER TABLE certifications ADD COLUMN stands_through date;
UPDATE certifications SET
    editions = jsonb_build_array(jsonb_build_object('edition', 1, 'holder_name', holder_name, 'issued_on', awarded_on)),
    stands_through = CASE WHEN condition_met_on IS NULL AND provisional_until < grace_ends_on
        THEN provisional_until ELSE grace_ends_on END;
ALTER TABLE certifications ALTER COLUMN stands_through SET NOT NULL;
-- The dates after the id are compared before the row is read.
DROP INDEX certifications_by_expiry;
CREATE INDEX certifications_by_expiry ON certifications (program, expires_on, id, completed_on, stands_through);
CREATE INDEX certifications_by_end ON certifications (program, stands_through, id);
CREATE INDEX certifications_by_condition ON certifications (program, provisional_until, id)
    WHERE provisional_until IS NOT NULL;
CREATE INDEX certifications_by_revocation ON certifications (program, revoked_on, id)
    WHERE revoked_on IS NOT NULL;

-- The days of every suspension that stands; without `through_on` it is open.
CREATE TABLE certification_suspensions (
    certification_id uuid NOT NULL,
    number bigint NOT NULL,
    program text COLLATE "C" NOT NULL,
    from_on date NOT NULL,
    through_on date,
    CONSTRAINT certification_suspensions_pk PRIMARY KEY (certification_id, number),
    CONSTRAINT certification_suspensions_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT certification_suspensions_certification_fk FOREIGN KEY (certification_id) REFERENCES certifications (id),
    CONSTRAINT certification_suspensions_days_ck CHECK (through_on >= from_on)
);
CREATE INDEX certification_suspensions_by_days ON certification_suspensions (program, from_on, through_on, certification_id);

-- What became of a person, by day.
ALTER TABLE people ADD COLUMN retired_on date;
ALTER TABLE people ADD COLUMN deceased_on date;
ALTER TABLE people ADD COLUMN erased_on date;

-- People are not scoped to a program, and neither are their names.
CREATE TABLE name_changes (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    given_name text COLLATE "C" NOT NULL,
    family_name text COLLATE "C" NOT NULL,
    before jsonb NOT NULL,
    proof_id uuid,
    state text COLLATE "C" NOT NULL,
    requested_on date NOT NULL,
    decided_on date,
    reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT name_changes_pk PRIMARY KEY (id),
    CONSTRAINT name_changes_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT name_changes_proof_fk FOREIGN KEY (proof_id) REFERENCES attachments (id),
    CONSTRAINT name_changes_state_ck CHECK (state IN ('requested', 'approved', 'declined')),
    CONSTRAINT name_changes_decided_ck CHECK ((state = 'requested') = (decided_on IS NULL))
);
CREATE UNIQUE INDEX name_changes_one_open ON name_changes (person_id) WHERE state = 'requested';
CREATE INDEX name_changes_by_person ON name_changes (person_id, id);
CREATE INDEX name_changes_by_state ON name_changes (state, id);
