-- Courses from the proposal to the roster, and recognition agreements with their graduates.

-- What a file is; its bytes lie in an object store. Never changed.
CREATE TABLE attachments (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid,
    organisation_id uuid,
    purpose text COLLATE "C" NOT NULL,
    file_name text COLLATE "C" NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    uploaded_by text COLLATE "C" NOT NULL,
    uploaded_at timestamptz NOT NULL,
    CONSTRAINT attachments_pk PRIMARY KEY (id),
    CONSTRAINT attachments_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT attachments_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT attachments_owner_ck CHECK ((person_id IS NULL) <> (organisation_id IS NULL)),
    CONSTRAINT attachments_size_ck CHECK (size_bytes > 0)
);
CREATE INDEX attachments_by_person ON attachments (person_id, id);
CREATE INDEX attachments_by_organisation ON attachments (organisation_id, id);
CREATE INDEX attachments_by_content ON attachments (sha256);

-- An organisation is a provider, a college or an institution: its id is in one of three tables.
CREATE TABLE colleges (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    place text COLLATE "C",
    website text COLLATE "C",
    contact_email text COLLATE "C",
    primary_contact_id uuid,
    deactivated_on date,
    deactivation_reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT colleges_pk PRIMARY KEY (id),
    CONSTRAINT colleges_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT colleges_contact_fk FOREIGN KEY (primary_contact_id) REFERENCES people (id)
);
CREATE UNIQUE INDEX colleges_name ON colleges (program, name_folded);

CREATE TABLE invitations (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    organisation_id uuid NOT NULL,
    role text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    invited_by text COLLATE "C" NOT NULL,
    invited_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_by uuid,
    accepted_at timestamptz,
    revoked_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT invitations_pk PRIMARY KEY (id),
    CONSTRAINT invitations_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT invitations_person_fk FOREIGN KEY (accepted_by) REFERENCES people (id),
    CONSTRAINT invitations_role_ck CHECK (role IN ('provider', 'college')),
    CONSTRAINT invitations_accepted_ck CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
);
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_by_organisation ON invitations (organisation_id, id);
CREATE INDEX grants_by_organisation ON grants (organisation_id, id) WHERE organisation_id IS NOT NULL;

CREATE TABLE bundles (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    provider_id uuid NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    courses jsonb NOT NULL,
    approved_on date,
    ends_on date,
    renewals bigint NOT NULL,
    ended_on date,
    ending text COLLATE "C",
    end_reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT bundles_pk PRIMARY KEY (id),
    CONSTRAINT bundles_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT bundles_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT bundles_state_ck CHECK (state IN ('draft', 'approved', 'withdrawn')),
    CONSTRAINT bundles_approval_ck CHECK ((state = 'approved') = (approved_on IS NOT NULL) AND (approved_on IS NULL) = (ends_on IS NULL))
);
CREATE INDEX bundles_by_set ON bundles (program, set_code, id);
CREATE INDEX bundles_by_provider ON bundles (provider_id, id);

CREATE TABLE course_proposals (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    provider_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    renews_id uuid,
    state text COLLATE "C" NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    bundle_id uuid,
    content jsonb NOT NULL,
    changes jsonb NOT NULL,
    invoice_id uuid,
    created_at timestamptz NOT NULL,
    submitted_on date,
    decision jsonb,
    course_id uuid,
    version bigint NOT NULL,
    CONSTRAINT course_proposals_pk PRIMARY KEY (id),
    CONSTRAINT course_proposals_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT course_proposals_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT course_proposals_person_fk FOREIGN KEY (proposed_by) REFERENCES people (id),
    CONSTRAINT course_proposals_renews_fk FOREIGN KEY (renews_id) REFERENCES courses (id),
    CONSTRAINT course_proposals_bundle_fk FOREIGN KEY (bundle_id) REFERENCES bundles (id),
    CONSTRAINT course_proposals_state_ck CHECK (state IN ('draft', 'submitted', 'in_review', 'changes_requested', 'approved', 'declined', 'withdrawn'))
);
CREATE UNIQUE INDEX course_proposals_one_renewal ON course_proposals (renews_id)
    WHERE state IN ('draft', 'submitted', 'in_review', 'changes_requested');
CREATE INDEX course_proposals_by_state ON course_proposals (program, state, id);
CREATE INDEX course_proposals_by_provider ON course_proposals (provider_id, id);
CREATE INDEX course_proposals_by_bundle ON course_proposals (bundle_id, id);
CREATE INDEX course_proposals_by_invoice ON course_proposals (invoice_id) WHERE invoice_id IS NOT NULL;

CREATE TABLE course_reviews (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    proposal_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    reviewer_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    assigned_on date NOT NULL,
    submitted_on date,
    rubric jsonb,
    note text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT course_reviews_pk PRIMARY KEY (id),
    CONSTRAINT course_reviews_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT course_reviews_proposal_fk FOREIGN KEY (proposal_id) REFERENCES course_proposals (id),
    CONSTRAINT course_reviews_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT course_reviews_reviewer_fk FOREIGN KEY (reviewer_id) REFERENCES people (id),
    CONSTRAINT course_reviews_state_ck CHECK (state IN ('assigned', 'submitted', 'released', 'conflicted')),
    CONSTRAINT course_reviews_rubric_ck CHECK ((state = 'submitted') = (rubric IS NOT NULL))
);
CREATE UNIQUE INDEX course_reviews_once ON course_reviews (proposal_id, reviewer_id);
CREATE INDEX course_reviews_by_reviewer ON course_reviews (reviewer_id, id);

CREATE TABLE offerings (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    course_id uuid NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    mode text COLLATE "C" NOT NULL,
    place text COLLATE "C",
    place_folded text COLLATE "C" NOT NULL,
    link text COLLATE "C",
    seats bigint,
    price text COLLATE "C",
    contact text COLLATE "C",
    registration_url text COLLATE "C",
    cancelled_on date,
    cancel_reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT offerings_pk PRIMARY KEY (id),
    CONSTRAINT offerings_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT offerings_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT offerings_mode_ck CHECK (mode IN ('face_to_face', 'online', 'hybrid')),
    CONSTRAINT offerings_days_ck CHECK (starts_on <= ends_on),
    CONSTRAINT offerings_seats_ck CHECK (seats > 0)
);
CREATE INDEX offerings_by_course ON offerings (course_id, starts_on, id);
CREATE INDEX offerings_by_start ON offerings (program, starts_on, id);

CREATE TABLE course_requests (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    course_id uuid,
    set_code text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    place_folded text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    note text COLLATE "C",
    person_id uuid,
    requested_at timestamptz NOT NULL,
    CONSTRAINT course_requests_pk PRIMARY KEY (id),
    CONSTRAINT course_requests_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT course_requests_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT course_requests_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX course_requests_by_set ON course_requests (program, set_code, place_folded);
CREATE INDEX course_requests_by_course ON course_requests (course_id, id);

-- Completions of people who are no candidates yet, kept under their folded address and name.
CREATE TABLE waiting_completions (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    provider_id uuid NOT NULL,
    course_id uuid NOT NULL,
    identity_key text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    completed_on date NOT NULL,
    state text COLLATE "C" NOT NULL,
    posted_at timestamptz NOT NULL,
    completion_id uuid,
    reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT waiting_completions_pk PRIMARY KEY (id),
    CONSTRAINT waiting_completions_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT waiting_completions_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT waiting_completions_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT waiting_completions_completion_fk FOREIGN KEY (completion_id) REFERENCES completions (id),
    CONSTRAINT waiting_completions_state_ck CHECK (state IN ('waiting', 'claimed', 'withdrawn')),
    CONSTRAINT waiting_completions_claim_ck CHECK ((state = 'claimed') = (completion_id IS NOT NULL))
);
CREATE UNIQUE INDEX waiting_completions_once ON waiting_completions (course_id, identity_key) WHERE state = 'waiting';
CREATE INDEX waiting_completions_by_key ON waiting_completions (program, identity_key) WHERE state = 'waiting';
CREATE INDEX waiting_completions_by_provider ON waiting_completions (provider_id, id);
CREATE INDEX waiting_completions_by_course ON waiting_completions (course_id, id);

-- program_kind and program_title are those of the text in force last, or of the draft.
CREATE TABLE agreements (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    college_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    program_kind text COLLATE "C" NOT NULL,
    program_title text COLLATE "C" NOT NULL,
    pending jsonb,
    versions jsonb NOT NULL,
    signed_on date,
    ends_on date,
    ended_on date,
    end_reason text COLLATE "C",
    yearly_reviews jsonb NOT NULL,
    next_review_on date,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT agreements_pk PRIMARY KEY (id),
    CONSTRAINT agreements_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT agreements_college_fk FOREIGN KEY (college_id) REFERENCES colleges (id),
    CONSTRAINT agreements_state_ck CHECK (state IN ('draft', 'in_review', 'signed', 'ended', 'withdrawn')),
    CONSTRAINT agreements_kind_ck CHECK (program_kind IN ('associate_degree', 'certificate', 'diploma')),
    CONSTRAINT agreements_signed_ck CHECK ((state IN ('signed', 'ended')) = (signed_on IS NOT NULL) AND (signed_on IS NULL) = (ends_on IS NULL))
);
CREATE INDEX agreements_by_state ON agreements (program, state, id);
CREATE INDEX agreements_by_college ON agreements (college_id, id);

CREATE TABLE graduates (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    agreement_id uuid NOT NULL,
    college_id uuid NOT NULL,
    identity_key text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    graduated_on date NOT NULL,
    state text COLLATE "C" NOT NULL,
    person_id uuid,
    transcript_id uuid,
    recorded_at timestamptz NOT NULL,
    decided_on date,
    decided_by text COLLATE "C",
    reason text COLLATE "C",
    findings jsonb NOT NULL,
    candidacy_id uuid,
    version bigint NOT NULL,
    CONSTRAINT graduates_pk PRIMARY KEY (id),
    CONSTRAINT graduates_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT graduates_agreement_fk FOREIGN KEY (agreement_id) REFERENCES agreements (id),
    CONSTRAINT graduates_college_fk FOREIGN KEY (college_id) REFERENCES colleges (id),
    CONSTRAINT graduates_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT graduates_transcript_fk FOREIGN KEY (transcript_id) REFERENCES attachments (id),
    CONSTRAINT graduates_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id),
    CONSTRAINT graduates_state_ck CHECK (state IN ('posted', 'claimed', 'verified', 'refused', 'withdrawn')),
    CONSTRAINT graduates_credit_ck CHECK (candidacy_id IS NULL OR state = 'verified')
);
CREATE UNIQUE INDEX graduates_once ON graduates (agreement_id, identity_key)
    WHERE state IN ('posted', 'claimed', 'verified');
CREATE INDEX graduates_by_key ON graduates (program, identity_key);
CREATE INDEX graduates_by_person ON graduates (person_id, id);
CREATE INDEX graduates_by_college ON graduates (college_id, id);
CREATE INDEX graduates_by_agreement ON graduates (agreement_id, id);
CREATE INDEX graduates_by_state ON graduates (program, state, id);

-- What searches read is folded: lower case, words of letters and digits. Older rows are nearly so.
ALTER TABLE providers ADD COLUMN search_text text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE providers ADD COLUMN primary_contact_id uuid CONSTRAINT providers_contact_fk REFERENCES people (id);
ALTER TABLE providers ADD COLUMN deactivated_on date;
ALTER TABLE providers ADD COLUMN deactivation_reason text COLLATE "C";
UPDATE providers SET search_text = lower(name || ' ' || coalesce(place, ''));

ALTER TABLE courses ADD COLUMN search_text text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE courses ADD COLUMN place_folded text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE courses ADD COLUMN price_cents bigint;
ALTER TABLE courses ADD COLUMN renewals bigint NOT NULL DEFAULT 0;
ALTER TABLE courses ADD COLUMN ended_on date;
ALTER TABLE courses ADD COLUMN ending text COLLATE "C";
ALTER TABLE courses ADD COLUMN end_reason text COLLATE "C";
ALTER TABLE courses ADD COLUMN bundle_id uuid CONSTRAINT courses_bundle_fk REFERENCES bundles (id);
ALTER TABLE courses ADD COLUMN proposal_id uuid CONSTRAINT courses_proposal_fk REFERENCES course_proposals (id);
UPDATE courses SET search_text = lower(title || ' ' || coalesce(place, '')), place_folded = lower(coalesce(place, ''));
CREATE INDEX courses_by_bundle ON courses (bundle_id) WHERE bundle_id IS NOT NULL;
CREATE INDEX courses_by_program ON courses (program, id);

ALTER TABLE completions ADD COLUMN form_id uuid CONSTRAINT completions_form_fk REFERENCES attachments (id);
CREATE INDEX completions_by_course ON completions (course_id, id);

-- A recognised graduate who was admitted short of the hours of work.
ALTER TABLE candidacies ADD COLUMN graduate_id uuid CONSTRAINT candidacies_graduate_fk REFERENCES graduates (id);
ALTER TABLE candidacies ADD COLUMN hours_shown_on date;
ALTER TABLE certifications ADD COLUMN provisional_until date;
ALTER TABLE certifications ADD COLUMN condition_met_on date;
