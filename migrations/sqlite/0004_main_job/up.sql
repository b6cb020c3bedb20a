-- From application to certificate.
CREATE TABLE applications (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    state TEXT NOT NULL,
    education TEXT,
    jobs TEXT NOT NULL,
    attachments TEXT NOT NULL,
    payment_choice TEXT,
    information_requested TEXT,
    invoice_id TEXT,
    created_at TEXT NOT NULL,
    submitted_on TEXT,
    decision TEXT,
    candidacy_id TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT applications_pk PRIMARY KEY (id),
    CONSTRAINT applications_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT applications_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT applications_state_ck CHECK (state IN ('draft', 'submitted', 'in_review', 'needs_information', 'accepted', 'refused', 'withdrawn'))
) STRICT;
CREATE UNIQUE INDEX applications_one_open ON applications (program, person_id)
    WHERE state IN ('draft', 'submitted', 'in_review', 'needs_information');
CREATE INDEX applications_by_state ON applications (program, state, id);
CREATE INDEX applications_by_person ON applications (person_id, id);

CREATE TABLE invoices (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    number TEXT NOT NULL,
    person_id TEXT NOT NULL,
    application_id TEXT,
    lines TEXT NOT NULL,
    total_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    voided_on TEXT,
    refund_due_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT invoices_pk PRIMARY KEY (id),
    CONSTRAINT invoices_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT invoices_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT invoices_application_fk FOREIGN KEY (application_id) REFERENCES applications (id),
    CONSTRAINT invoices_total_ck CHECK (total_cents >= 0)
) STRICT;
CREATE UNIQUE INDEX invoices_number ON invoices (program, number);
CREATE INDEX invoices_by_person ON invoices (person_id, id);

-- Append only: a correction is a reversal.
CREATE TABLE payments (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    received_on TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    CONSTRAINT payments_pk PRIMARY KEY (id),
    CONSTRAINT payments_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT payments_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT payments_method_ck CHECK (method IN ('card', 'check', 'purchase_order', 'award')),
    CONSTRAINT payments_amount_ck CHECK (amount_cents > 0)
) STRICT;
-- A processor's reference names one payment; one check or order may pay several invoices (FAQ 22).
CREATE UNIQUE INDEX payments_reference ON payments (program, method, reference) WHERE method = 'card';
CREATE UNIQUE INDEX payments_once ON payments (invoice_id, method, reference);
CREATE INDEX payments_by_invoice ON payments (invoice_id, id);

-- deadline and held_on are what the domain computed at the last change: lists filter by them.
CREATE TABLE candidacies (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    admitted_on TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    framework_version INTEGER NOT NULL,
    years INTEGER NOT NULL,
    holds TEXT NOT NULL,
    extensions TEXT NOT NULL,
    deadline TEXT NOT NULL,
    held_on TEXT,
    completed_on TEXT,
    withdrawn_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT candidacies_pk PRIMARY KEY (id),
    CONSTRAINT candidacies_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT candidacies_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT candidacies_application_fk FOREIGN KEY (application_id) REFERENCES applications (id)
) STRICT;
CREATE UNIQUE INDEX candidacies_application ON candidacies (application_id);
CREATE INDEX candidacies_by_person ON candidacies (person_id, id);
CREATE INDEX candidacies_running ON candidacies (program, id)
    WHERE completed_on IS NULL AND withdrawn_on IS NULL;
CREATE INDEX candidacies_completed ON candidacies (program, id) WHERE completed_on IS NOT NULL;

CREATE TABLE providers (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    place TEXT,
    website TEXT,
    contact_email TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT providers_pk PRIMARY KEY (id),
    CONSTRAINT providers_program_fk FOREIGN KEY (program) REFERENCES programs (code)
) STRICT;
CREATE UNIQUE INDEX providers_name ON providers (program, name_folded);

CREATE TABLE courses (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    set_code TEXT NOT NULL,
    title TEXT NOT NULL,
    modes TEXT NOT NULL,
    place TEXT,
    price TEXT,
    website TEXT,
    approved_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT courses_pk PRIMARY KEY (id),
    CONSTRAINT courses_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT courses_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT courses_approval_ck CHECK (approved_on <= ends_on)
) STRICT;
CREATE INDEX courses_by_set ON courses (program, set_code, id);
CREATE INDEX courses_by_provider ON courses (provider_id, id);

CREATE TABLE completions (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    candidacy_id TEXT NOT NULL,
    course_id TEXT NOT NULL,
    set_code TEXT NOT NULL,
    completed_on TEXT NOT NULL,
    proof TEXT NOT NULL,
    proof_url TEXT,
    state TEXT NOT NULL,
    decided_on TEXT,
    reason TEXT,
    findings TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT completions_pk PRIMARY KEY (id),
    CONSTRAINT completions_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT completions_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT completions_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id),
    CONSTRAINT completions_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT completions_state_ck CHECK (state IN ('recorded', 'verified', 'refused', 'voided'))
) STRICT;
CREATE UNIQUE INDEX completions_once ON completions (candidacy_id, course_id) WHERE state IN ('recorded', 'verified');
CREATE INDEX completions_by_state ON completions (program, state, id);
CREATE INDEX completions_by_person ON completions (person_id, id);
CREATE INDEX completions_by_candidacy ON completions (candidacy_id, id);

-- One standing achievement per candidate and set; voided, never deleted.
CREATE TABLE achievements (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    candidacy_id TEXT NOT NULL,
    set_code TEXT NOT NULL,
    method TEXT NOT NULL,
    achieved_on TEXT NOT NULL,
    evidence TEXT NOT NULL,
    voided_on TEXT,
    void_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT achievements_pk PRIMARY KEY (id),
    CONSTRAINT achievements_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT achievements_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT achievements_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id),
    CONSTRAINT achievements_method_ck CHECK (method IN ('course', 'portfolio', 'recognition'))
) STRICT;
CREATE UNIQUE INDEX achievements_one_standing ON achievements (candidacy_id, set_code) WHERE voided_on IS NULL;
-- Progress reads the voided ones too, which the partial index does not hold.
CREATE INDEX achievements_by_candidacy ON achievements (candidacy_id, id);

CREATE TABLE certifications (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    candidacy_id TEXT NOT NULL,
    number TEXT NOT NULL,
    holder_name TEXT NOT NULL,
    completed_on TEXT NOT NULL,
    awarded_on TEXT NOT NULL,
    renewals INTEGER NOT NULL,
    expires_on TEXT NOT NULL,
    renewal_opens_on TEXT NOT NULL,
    grace_ends_on TEXT NOT NULL,
    grace_is_certified INTEGER NOT NULL,
    achievements TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT certifications_pk PRIMARY KEY (id),
    CONSTRAINT certifications_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT certifications_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT certifications_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id)
) STRICT;
CREATE UNIQUE INDEX certifications_number ON certifications (number);
CREATE UNIQUE INDEX certifications_candidacy ON certifications (candidacy_id);
CREATE INDEX certifications_by_person ON certifications (person_id, id);
CREATE INDEX certifications_by_expiry ON certifications (program, expires_on, id);
