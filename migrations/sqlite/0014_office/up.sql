-- How far the clock of a sandbox is ahead of its machine's. One row, which says nothing anywhere but there.
CREATE TABLE sandbox_clock (
    name TEXT NOT NULL,
    ahead_us INTEGER NOT NULL,
    moved_at TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT sandbox_clock_pk PRIMARY KEY (name),
    CONSTRAINT sandbox_clock_one_ck CHECK (name = 'sandbox'),
    CONSTRAINT sandbox_clock_ahead_ck CHECK (ahead_us >= 0)
) STRICT;
INSERT INTO sandbox_clock (name, ahead_us, version) VALUES ('sandbox', 0, 1);

-- The calendar feeds of people, one a person: the SHA-256 of the token in its address in hexadecimal, none once it was ended.
CREATE TABLE calendar_feeds (
    person_id TEXT NOT NULL,
    token_hash TEXT,
    made_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT calendar_feeds_pk PRIMARY KEY (person_id),
    CONSTRAINT calendar_feeds_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT calendar_feeds_hash_ck CHECK (length(token_hash) = 64)
) STRICT;
