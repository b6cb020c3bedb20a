-- From application to certificate.
CREATE TABLE applications (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    education text COLLATE "C",
    jobs jsonb NOT NULL,
    attachments jsonb NOT NULL,
    payment_choice text COLLATE "C",
    information_requested text COLLATE "C",
    invoice_id uuid,
    created_at timestamptz NOT NULL,
    submitted_on date,
    decision jsonb,
    candidacy_id uuid,
    version bigint NOT NULL,
    CONSTRAINT applications_pk PRIMARY KEY (id),
    CONSTRAINT applications_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT applications_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT applications_state_ck CHECK (state IN ('draft', 'submitted', 'in_review', 'needs_information', 'accepted', 'refused', 'withdrawn'))
);
CREATE UNIQUE INDEX applications_one_open ON applications (program, person_id)
    WHERE state IN ('draft', 'submitted', 'in_review', 'needs_information');
CREATE INDEX applications_by_state ON applications (program, state, id);
CREATE INDEX applications_by_person ON applications (person_id, id);

CREATE TABLE invoices (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    application_id uuid,
    lines jsonb NOT NULL,
    total_cents bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    voided_on date,
    refund_due_on date,
    version bigint NOT NULL,
    CONSTRAINT invoices_pk PRIMARY KEY (id),
    CONSTRAINT invoices_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT invoices_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT invoices_application_fk FOREIGN KEY (application_id) REFERENCES applications (id),
    CONSTRAINT invoices_total_ck CHECK (total_cents >= 0)
);
CREATE UNIQUE INDEX invoices_number ON invoices (program, number);
CREATE INDEX invoices_by_person ON invoices (person_id, id);

-- Append only: a correction is a reversal.
CREATE TABLE payments (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    invoice_id uuid NOT NULL,
    method text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    amount_cents bigint NOT NULL,
    received_on date NOT NULL,
    recorded_by text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT payments_pk PRIMARY KEY (id),
    CONSTRAINT payments_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT payments_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT payments_method_ck CHECK (method IN ('card', 'check', 'purchase_order', 'award')),
    CONSTRAINT payments_amount_ck CHECK (amount_cents > 0)
);
-- A processor's reference names one payment; one check or order may pay several invoices (FAQ 22).
CREATE UNIQUE INDEX payments_reference ON payments (program, method, reference) WHERE method = 'card';
CREATE UNIQUE INDEX payments_once ON payments (invoice_id, method, reference);
CREATE INDEX payments_by_invoice ON payments (invoice_id, id);

-- deadline and held_on are what the domain computed at the last change: lists filter by them.
CREATE TABLE candidacies (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    application_id uuid NOT NULL,
    admitted_on date NOT NULL,
    policy_version bigint NOT NULL,
    framework_version bigint NOT NULL,
    years bigint NOT NULL,
    holds jsonb NOT NULL,
    extensions jsonb NOT NULL,
    deadline date NOT NULL,
    held_on date,
    completed_on date,
    withdrawn_on date,
    version bigint NOT NULL,
    CONSTRAINT candidacies_pk PRIMARY KEY (id),
    CONSTRAINT candidacies_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT candidacies_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT candidacies_application_fk FOREIGN KEY (application_id) REFERENCES applications (id)
);
CREATE UNIQUE INDEX candidacies_application ON candidacies (application_id);
CREATE INDEX candidacies_by_person ON candidacies (person_id, id);
CREATE INDEX candidacies_running ON candidacies (program, id)
    WHERE completed_on IS NULL AND withdrawn_on IS NULL;
CREATE INDEX candidacies_completed ON candidacies (program, id) WHERE completed_on IS NOT NULL;

CREATE TABLE providers (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    place text COLLATE "C",
    website text COLLATE "C",
    contact_email text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT providers_pk PRIMARY KEY (id),
    CONSTRAINT providers_program_fk FOREIGN KEY (program) REFERENCES programs (code)
);
CREATE UNIQUE INDEX providers_name ON providers (program, name_folded);

CREATE TABLE courses (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    provider_id uuid NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    modes text COLLATE "C" NOT NULL,
    place text COLLATE "C",
    price text COLLATE "C",
    website text COLLATE "C",
    approved_on date NOT NULL,
    ends_on date NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT courses_pk PRIMARY KEY (id),
    CONSTRAINT courses_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT courses_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT courses_approval_ck CHECK (approved_on <= ends_on)
);
CREATE INDEX courses_by_set ON courses (program, set_code, id);
CREATE INDEX courses_by_provider ON courses (provider_id, id);

CREATE TABLE completions (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    candidacy_id uuid NOT NULL,
    course_id uuid NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    completed_on date NOT NULL,
    proof text COLLATE "C" NOT NULL,
    proof_url text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    decided_on date,
    reason text COLLATE "C",
    findings jsonb NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT completions_pk PRIMARY KEY (id),
    CONSTRAINT completions_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT completions_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT completions_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id),
    CONSTRAINT completions_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT completions_state_ck CHECK (state IN ('recorded', 'verified', 'refused', 'voided'))
);
CREATE UNIQUE INDEX completions_once ON completions (candidacy_id, course_id) WHERE state IN ('recorded', 'verified');
CREATE INDEX completions_by_state ON completions (program, state, id);
CREATE INDEX completions_by_person ON completions (person_id, id);
CREATE INDEX completions_by_candidacy ON completions (candidacy_id, id);

-- One standing achievement per candidate and set; voided, never deleted.
CREATE TABLE achievements (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    candidacy_id uuid NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    achieved_on date NOT NULL,
    evidence text COLLATE "C" NOT NULL,
    voided_on date,
    void_reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT achievements_pk PRIMARY KEY (id),
    CONSTRAINT achievements_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT achievements_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT achievements_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id),
    CONSTRAINT achievements_method_ck CHECK (method IN ('course', 'portfolio', 'recognition'))
);
CREATE UNIQUE INDEX achievements_one_standing ON achievements (candidacy_id, set_code) WHERE voided_on IS NULL;
-- Progress reads the voided ones too, which the partial index does not hold.
CREATE INDEX achievements_by_candidacy ON achievements (candidacy_id, id);

CREATE TABLE certifications (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    candidacy_id uuid NOT NULL,
    number text COLLATE "C" NOT NULL,
    holder_name text COLLATE "C" NOT NULL,
    completed_on date NOT NULL,
    awarded_on date NOT NULL,
    renewals bigint NOT NULL,
    expires_on date NOT NULL,
    renewal_opens_on date NOT NULL,
    grace_ends_on date NOT NULL,
    grace_is_certified boolean NOT NULL,
    achievements jsonb NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT certifications_pk PRIMARY KEY (id),
    CONSTRAINT certifications_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT certifications_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT certifications_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id)
);
CREATE UNIQUE INDEX certifications_number ON certifications (number);
CREATE UNIQUE INDEX certifications_candidacy ON certifications (candidacy_id);
CREATE INDEX certifications_by_person ON certifications (person_id, id);
CREATE INDEX certifications_by_expiry ON certifications (program, expires_on, id);
