-- Renewals: the activities toward them, the renewals, their audits.
ALTER TABLE certifications ADD COLUMN renewed TEXT NOT NULL DEFAULT '[]';

-- renewal_activities says which of its activities a renewal uses: each is used once. A renewal that is refused
-- or withdrawn gives them free.
CREATE TABLE renewals (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    certification_id TEXT NOT NULL,
    term INTEGER NOT NULL,
    term_expires_on TEXT NOT NULL,
    submitted_on TEXT NOT NULL,
    lines TEXT NOT NULL,
    counted_minutes INTEGER NOT NULL,
    technology_minutes INTEGER NOT NULL,
    findings TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    invoice_id TEXT,
    state TEXT NOT NULL,
    decided_on TEXT,
    reason TEXT,
    renewed_until TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT renewals_pk PRIMARY KEY (id),
    CONSTRAINT renewals_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT renewals_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT renewals_certification_fk FOREIGN KEY (certification_id) REFERENCES certifications (id),
    CONSTRAINT renewals_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT renewals_state_ck CHECK (state IN ('submitted', 'granted', 'refused', 'withdrawn')),
    CONSTRAINT renewals_term_ck CHECK (term >= 2),
    CONSTRAINT renewals_minutes_ck CHECK (counted_minutes >= technology_minutes AND technology_minutes >= 0),
    CONSTRAINT renewals_decided_ck CHECK ((state = 'submitted') = (decided_on IS NULL)),
    CONSTRAINT renewals_granted_ck CHECK ((state = 'granted') = (renewed_until IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX renewals_once ON renewals (certification_id, term) WHERE state IN ('submitted', 'granted');
CREATE UNIQUE INDEX renewals_invoice ON renewals (invoice_id);
CREATE INDEX renewals_by_state ON renewals (program, state, id);
CREATE INDEX renewals_by_decision ON renewals (program, state, decided_on, id);
CREATE INDEX renewals_by_person ON renewals (person_id, id);
CREATE INDEX renewals_by_certification ON renewals (certification_id, id);

CREATE TABLE activities (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    certification_id TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    started_on TEXT,
    dated_on TEXT NOT NULL,
    minutes INTEGER,
    quantity INTEGER,
    technology INTEGER NOT NULL,
    sets TEXT NOT NULL,
    provider TEXT,
    document_id TEXT,
    document_url TEXT,
    logged_on TEXT NOT NULL,
    renewal_id TEXT,
    counted_minutes INTEGER,
    removed_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT activities_pk PRIMARY KEY (id),
    CONSTRAINT activities_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT activities_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT activities_certification_fk FOREIGN KEY (certification_id) REFERENCES certifications (id),
    CONSTRAINT activities_document_fk FOREIGN KEY (document_id) REFERENCES attachments (id),
    CONSTRAINT activities_renewal_fk FOREIGN KEY (renewal_id) REFERENCES renewals (id),
    CONSTRAINT activities_kind_ck CHECK (kind IN ('semester_credit', 'quarter_credit', 'conference_day', 'workshop', 'self_directed')),
    CONSTRAINT activities_amount_ck CHECK ((minutes IS NULL) <> (quantity IS NULL)),
    CONSTRAINT activities_used_ck CHECK ((renewal_id IS NULL) = (counted_minutes IS NULL)),
    CONSTRAINT activities_removed_ck CHECK (renewal_id IS NULL OR removed_on IS NULL)
) STRICT;
CREATE INDEX activities_by_program ON activities (program, id);
CREATE INDEX activities_by_person ON activities (person_id, id);
CREATE INDEX activities_by_certification ON activities (certification_id, id);
CREATE INDEX activities_by_renewal ON activities (renewal_id, id);

CREATE TABLE renewal_activities (
    activity_id TEXT NOT NULL,
    renewal_id TEXT NOT NULL,
    CONSTRAINT renewal_activities_pk PRIMARY KEY (activity_id),
    CONSTRAINT renewal_activities_activity_fk FOREIGN KEY (activity_id) REFERENCES activities (id),
    CONSTRAINT renewal_activities_renewal_fk FOREIGN KEY (renewal_id) REFERENCES renewals (id)
) STRICT;
CREATE INDEX renewal_activities_by_renewal ON renewal_activities (renewal_id, activity_id);

-- Audits: a draw from the renewals granted in a period, which are its tickets, and what becomes of those drawn.
CREATE TABLE renewal_audits (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    granted_from TEXT NOT NULL,
    granted_until TEXT NOT NULL,
    seed TEXT NOT NULL,
    seed_source TEXT NOT NULL,
    share_percent INTEGER,
    tickets INTEGER NOT NULL,
    drawn INTEGER NOT NULL,
    drawn_on TEXT NOT NULL,
    documents_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT renewal_audits_pk PRIMARY KEY (id),
    CONSTRAINT renewal_audits_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT renewal_audits_period_ck CHECK (granted_from <= granted_until),
    CONSTRAINT renewal_audits_drawn_ck CHECK (drawn BETWEEN 0 AND tickets)
) STRICT;
CREATE INDEX renewal_audits_by_program ON renewal_audits (program, id);

CREATE TABLE renewal_audit_tickets (
    audit_id TEXT NOT NULL,
    renewal_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    CONSTRAINT renewal_audit_tickets_pk PRIMARY KEY (audit_id, renewal_id),
    CONSTRAINT renewal_audit_tickets_audit_fk FOREIGN KEY (audit_id) REFERENCES renewal_audits (id),
    CONSTRAINT renewal_audit_tickets_renewal_fk FOREIGN KEY (renewal_id) REFERENCES renewals (id),
    CONSTRAINT renewal_audit_tickets_rank_ck CHECK (rank >= 1)
) STRICT;
CREATE UNIQUE INDEX renewal_audit_tickets_rank ON renewal_audit_tickets (audit_id, rank);

CREATE TABLE audit_cases (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    audit_id TEXT NOT NULL,
    renewal_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    certification_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    documents_by TEXT NOT NULL,
    documents TEXT NOT NULL,
    state TEXT NOT NULL,
    decided_on TEXT,
    reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT audit_cases_pk PRIMARY KEY (id),
    CONSTRAINT audit_cases_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT audit_cases_ticket_fk FOREIGN KEY (audit_id, renewal_id) REFERENCES renewal_audit_tickets (audit_id, renewal_id),
    CONSTRAINT audit_cases_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT audit_cases_certification_fk FOREIGN KEY (certification_id) REFERENCES certifications (id),
    CONSTRAINT audit_cases_state_ck CHECK (state IN ('open', 'documented', 'passed', 'failed')),
    CONSTRAINT audit_cases_decided_ck CHECK ((state IN ('passed', 'failed')) = (decided_on IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX audit_cases_once ON audit_cases (audit_id, renewal_id);
CREATE INDEX audit_cases_by_state ON audit_cases (program, state, id);
CREATE INDEX audit_cases_by_person ON audit_cases (person_id, id);
CREATE INDEX audit_cases_by_audit ON audit_cases (audit_id, id);

-- The refusal of a renewal can be appealed. SQLite cannot change a constraint: the table is made anew.
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
    CONSTRAINT appeals_kind_ck CHECK (decision_kind IN ('application_refused', 'completion_refused', 'portfolio_not_achieved', 'course_declined', 'agreement_sent_back', 'agreement_ended', 'renewal_refused')),
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
