-- Appeals against decisions. decision_id is the event that tells the decision, subject the id of what it was
-- about; documents_by is stored for lists of what is forfeited on a day.
CREATE TABLE appeals (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    decision_id uuid NOT NULL,
    decision_kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    decision jsonb NOT NULL,
    person_id uuid,
    organisation_id uuid,
    state text COLLATE "C" NOT NULL,
    grounds text COLLATE "C" NOT NULL,
    policy jsonb NOT NULL,
    noticed_on date NOT NULL,
    documents_by date NOT NULL,
    documents jsonb NOT NULL,
    response jsonb,
    meeting jsonb,
    outcome jsonb,
    withdrawal text COLLATE "C",
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT appeals_pk PRIMARY KEY (id),
    CONSTRAINT appeals_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT appeals_decision_fk FOREIGN KEY (decision_id) REFERENCES events (id),
    CONSTRAINT appeals_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT appeals_state_ck CHECK (state IN ('noticed', 'documented', 'answered', 'meeting_set', 'upheld', 'remanded', 'withdrawn')),
    CONSTRAINT appeals_kind_ck CHECK (decision_kind IN ('application_refused', 'completion_refused', 'portfolio_not_achieved', 'course_declined', 'agreement_sent_back', 'agreement_ended')),
    CONSTRAINT appeals_appellant_ck CHECK ((person_id IS NULL) <> (organisation_id IS NULL)),
    CONSTRAINT appeals_outcome_ck CHECK ((state IN ('upheld', 'remanded')) = (outcome IS NOT NULL))
);
CREATE UNIQUE INDEX appeals_once ON appeals (decision_id);
CREATE INDEX appeals_by_state ON appeals (program, state, id);
CREATE INDEX appeals_by_person ON appeals (person_id, id);
CREATE INDEX appeals_by_organisation ON appeals (organisation_id, id);
CREATE INDEX appeals_by_subject ON appeals (subject);
