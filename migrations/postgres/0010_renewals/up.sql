-- Renewals: the activities toward them, the renewals, their audits.
ALTER TABLE certifications ADD COLUMN renewed jsonb NOT NULL DEFAULT '[]';

-- renewal_activities says which of its activities a renewal uses: each is used once. A renewal that is refused
-- or withdrawn gives them free.
CREATE TABLE renewals (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    certification_id uuid NOT NULL,
    term bigint NOT NULL,
    term_expires_on date NOT NULL,
    submitted_on date NOT NULL,
    lines jsonb NOT NULL,
    counted_minutes bigint NOT NULL,
    technology_minutes bigint NOT NULL,
    findings jsonb NOT NULL,
    policy_version bigint NOT NULL,
    invoice_id uuid,
    state text COLLATE "C" NOT NULL,
    decided_on date,
    reason text COLLATE "C",
    renewed_until date,
    version bigint NOT NULL,
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
);
CREATE UNIQUE INDEX renewals_once ON renewals (certification_id, term) WHERE state IN ('submitted', 'granted');
CREATE UNIQUE INDEX renewals_invoice ON renewals (invoice_id);
CREATE INDEX renewals_by_state ON renewals (program, state, id);
CREATE INDEX renewals_by_decision ON renewals (program, state, decided_on, id);
CREATE INDEX renewals_by_person ON renewals (person_id, id);
CREATE INDEX renewals_by_certification ON renewals (certification_id, id);

CREATE TABLE activities (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    certification_id uuid NOT NULL,
    title text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    started_on date,
    dated_on date NOT NULL,
    minutes bigint,
    quantity bigint,
    technology boolean NOT NULL,
    sets jsonb NOT NULL,
    provider text COLLATE "C",
    document_id uuid,
    document_url text COLLATE "C",
    logged_on date NOT NULL,
    renewal_id uuid,
    counted_minutes bigint,
    removed_on date,
    version bigint NOT NULL,
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
);
CREATE INDEX activities_by_program ON activities (program, id);
CREATE INDEX activities_by_person ON activities (person_id, id);
CREATE INDEX activities_by_certification ON activities (certification_id, id);
CREATE INDEX activities_by_renewal ON activities (renewal_id, id);

CREATE TABLE renewal_activities (
    activity_id uuid NOT NULL,
    renewal_id uuid NOT NULL,
    CONSTRAINT renewal_activities_pk PRIMARY KEY (activity_id),
    CONSTRAINT renewal_activities_activity_fk FOREIGN KEY (activity_id) REFERENCES activities (id),
    CONSTRAINT renewal_activities_renewal_fk FOREIGN KEY (renewal_id) REFERENCES renewals (id)
);
CREATE INDEX renewal_activities_by_renewal ON renewal_activities (renewal_id, activity_id);

-- Audits: a draw from the renewals granted in a period, which are its tickets, and what becomes of those drawn.
CREATE TABLE renewal_audits (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    granted_from date NOT NULL,
    granted_until date NOT NULL,
    seed text COLLATE "C" NOT NULL,
    seed_source text COLLATE "C" NOT NULL,
    share_percent bigint,
    tickets bigint NOT NULL,
    drawn bigint NOT NULL,
    drawn_on date NOT NULL,
    documents_by date NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT renewal_audits_pk PRIMARY KEY (id),
    CONSTRAINT renewal_audits_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT renewal_audits_period_ck CHECK (granted_from <= granted_until),
    CONSTRAINT renewal_audits_drawn_ck CHECK (drawn BETWEEN 0 AND tickets)
);
CREATE INDEX renewal_audits_by_program ON renewal_audits (program, id);

CREATE TABLE renewal_audit_tickets (
    audit_id uuid NOT NULL,
    renewal_id uuid NOT NULL,
    rank bigint NOT NULL,
    CONSTRAINT renewal_audit_tickets_pk PRIMARY KEY (audit_id, renewal_id),
    CONSTRAINT renewal_audit_tickets_audit_fk FOREIGN KEY (audit_id) REFERENCES renewal_audits (id),
    CONSTRAINT renewal_audit_tickets_renewal_fk FOREIGN KEY (renewal_id) REFERENCES renewals (id),
    CONSTRAINT renewal_audit_tickets_rank_ck CHECK (rank >= 1)
);
CREATE UNIQUE INDEX renewal_audit_tickets_rank ON renewal_audit_tickets (audit_id, rank);

CREATE TABLE audit_cases (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    audit_id uuid NOT NULL,
    renewal_id uuid NOT NULL,
    person_id uuid NOT NULL,
    certification_id uuid NOT NULL,
    rank bigint NOT NULL,
    documents_by date NOT NULL,
    documents jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    decided_on date,
    reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT audit_cases_pk PRIMARY KEY (id),
    CONSTRAINT audit_cases_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT audit_cases_ticket_fk FOREIGN KEY (audit_id, renewal_id) REFERENCES renewal_audit_tickets (audit_id, renewal_id),
    CONSTRAINT audit_cases_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT audit_cases_certification_fk FOREIGN KEY (certification_id) REFERENCES certifications (id),
    CONSTRAINT audit_cases_state_ck CHECK (state IN ('open', 'documented', 'passed', 'failed')),
    CONSTRAINT audit_cases_decided_ck CHECK ((state IN ('passed', 'failed')) = (decided_on IS NOT NULL))
);
CREATE UNIQUE INDEX audit_cases_once ON audit_cases (audit_id, renewal_id);
CREATE INDEX audit_cases_by_state ON audit_cases (program, state, id);
CREATE INDEX audit_cases_by_person ON audit_cases (person_id, id);
CREATE INDEX audit_cases_by_audit ON audit_cases (audit_id, id);

-- The refusal of a renewal can be appealed.
ALTER TABLE appeals DROP CONSTRAINT appeals_kind_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_kind_ck CHECK (decision_kind IN ('application_refused', 'completion_refused', 'portfolio_not_achieved', 'course_declined', 'agreement_sent_back', 'agreement_ended', 'renewal_refused'));
