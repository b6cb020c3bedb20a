-- Notices: what people are told, by which text, what they want to be told, and mails that came back.

-- The texts of a program, a row for each version; the last one is used.
CREATE TABLE notice_templates (
    program TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    CONSTRAINT notice_templates_pk PRIMARY KEY (program, kind, version),
    CONSTRAINT notice_templates_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT notice_templates_version_ck CHECK (version > 0)
) STRICT;

-- fact_id is the id of a candidacy, a certification or an event: it cannot be a foreign key.
CREATE TABLE notices (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    kind TEXT NOT NULL,
    person_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    fact_id TEXT NOT NULL,
    fact_on TEXT NOT NULL,
    months INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    made_at TEXT NOT NULL,
    state TEXT NOT NULL,
    settled_at TEXT,
    template_version INTEGER,
    email_id TEXT,
    reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT notices_pk PRIMARY KEY (id),
    CONSTRAINT notices_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT notices_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT notices_months_ck CHECK (months >= 0),
    CONSTRAINT notices_state_ck CHECK (state IN ('due', 'sent', 'dropped')),
    CONSTRAINT notices_settled_ck CHECK ((state = 'due') = (settled_at IS NULL)),
    CONSTRAINT notices_sent_ck CHECK ((state = 'sent') = (template_version IS NOT NULL)),
    CONSTRAINT notices_dropped_ck CHECK ((state = 'dropped') = (reason IS NOT NULL))
) STRICT;
-- Each fact is told once.
CREATE UNIQUE INDEX notices_once ON notices (fact_id, kind, months, fact_on);
CREATE INDEX notices_by_person ON notices (person_id, id);
CREATE INDEX notices_by_program ON notices (program, id);
CREATE INDEX notices_by_state ON notices (program, state, id);
CREATE INDEX notices_by_due ON notices (program, due_on, id);

-- What nobody holds and nobody left: their deadlines are looked through every day.
CREATE INDEX candidacies_by_deadline ON candidacies (program, deadline, id)
    WHERE completed_on IS NULL AND withdrawn_on IS NULL AND held_on IS NULL;

CREATE TABLE notice_preferences (
    person_id TEXT NOT NULL,
    muted TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT notice_preferences_pk PRIMARY KEY (person_id),
    CONSTRAINT notice_preferences_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;

-- The address of a person, or of an organisation.
CREATE TABLE bounces (
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    address_folded TEXT NOT NULL,
    person_id TEXT,
    notice_id TEXT,
    sort TEXT NOT NULL,
    detail TEXT,
    recorded_at TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    lifted_at TEXT,
    lift_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT bounces_pk PRIMARY KEY (id),
    CONSTRAINT bounces_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT bounces_notice_fk FOREIGN KEY (notice_id) REFERENCES notices (id),
    CONSTRAINT bounces_sort_ck CHECK (sort IN ('hard', 'soft')),
    CONSTRAINT bounces_lifted_ck CHECK ((lifted_at IS NULL) = (lift_reason IS NULL))
) STRICT;
CREATE INDEX bounces_by_address ON bounces (address_folded, id);
CREATE UNIQUE INDEX bounces_standing ON bounces (address_folded) WHERE sort = 'hard' AND lifted_at IS NULL;
CREATE INDEX bounces_by_person ON bounces (person_id, id);
CREATE INDEX bounces_by_notice ON bounces (notice_id, id);
