-- The refusal of a graduate can be appealed. SQLite cannot change a constraint: the table is made anew.
CREATE TABLE old_appeals AS SELECT * FROM appeals;
DROP TABLE appeals;
CREATE TABLE appeals (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    decision_kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    decision TEXT NOT NULL,
    person_id TEXT,
    organisation_id TEXT,
    state TEXT NOT NULL,
    grounds TEXT NOT NULL,
    policy TEXT NOT NULL,
    noticed_on TEXT NOT NULL,
    documents_by TEXT NOT NULL,
    documents TEXT NOT NULL,
    response TEXT,
    meeting TEXT,
    outcome TEXT,
    withdrawal TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT appeals_pk PRIMARY KEY (id),
    CONSTRAINT appeals_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT appeals_decision_fk FOREIGN KEY (decision_id) REFERENCES events (id),
    CONSTRAINT appeals_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT appeals_state_ck CHECK (state IN ('noticed', 'documented', 'answered', 'meeting_set', 'upheld', 'remanded', 'withdrawn')),
    CONSTRAINT appeals_kind_ck CHECK (decision_kind IN ('application_refused', 'completion_refused', 'portfolio_not_achieved', 'course_declined', 'agreement_sent_back', 'agreement_ended', 'renewal_refused', 'graduate_refused')),
    CONSTRAINT appeals_appellant_ck CHECK ((person_id IS NULL) <> (organisation_id IS NULL)),
    CONSTRAINT appeals_outcome_ck CHECK ((state IN ('upheld', 'remanded')) = (outcome IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX appeals_once ON appeals (decision_id);
CREATE INDEX appeals_by_state ON appeals (program, state, id);
CREATE INDEX appeals_by_person ON appeals (person_id, id);
CREATE INDEX appeals_by_organisation ON appeals (organisation_id, id);
CREATE INDEX appeals_by_subject ON appeals (subject);
INSERT INTO appeals (id, program, decision_id, decision_kind, subject, decision, person_id, organisation_id, state, grounds, policy, noticed_on, documents_by, documents, response, meeting, outcome, withdrawal, created_at, version)
    SELECT id, program, decision_id, decision_kind, subject, decision, person_id, organisation_id, state, grounds, policy, noticed_on, documents_by, documents, response, meeting, outcome, withdrawal, created_at, version FROM old_appeals;
DROP TABLE old_appeals;
