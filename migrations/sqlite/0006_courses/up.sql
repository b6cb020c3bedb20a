-- Courses from the proposal to the roster, and recognition agreements with their graduates.

-- What a file is; its bytes lie in an object store. Never changed.
CREATE TABLE attachments (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT,
    organisation_id TEXT,
    purpose TEXT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at TEXT NOT NULL,
    CONSTRAINT attachments_pk PRIMARY KEY (id),
    CONSTRAINT attachments_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT attachments_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT attachments_owner_ck CHECK ((person_id IS NULL) <> (organisation_id IS NULL)),
    CONSTRAINT attachments_size_ck CHECK (size_bytes > 0)
) STRICT;
CREATE INDEX attachments_by_person ON attachments (person_id, id);
CREATE INDEX attachments_by_organisation ON attachments (organisation_id, id);
CREATE INDEX attachments_by_content ON attachments (sha256);

-- An organisation is a provider, a college or an institution: its id is in one of three tables.
CREATE TABLE colleges (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    place TEXT,
    website TEXT,
    contact_email TEXT,
    primary_contact_id TEXT,
    deactivated_on TEXT,
    deactivation_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT colleges_pk PRIMARY KEY (id),
    CONSTRAINT colleges_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT colleges_contact_fk FOREIGN KEY (primary_contact_id) REFERENCES people (id)
) STRICT;
CREATE UNIQUE INDEX colleges_name ON colleges (program, name_folded);

CREATE TABLE invitations (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    role TEXT NOT NULL,
    email TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    invited_by TEXT NOT NULL,
    invited_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    accepted_by TEXT,
    accepted_at TEXT,
    revoked_at TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT invitations_pk PRIMARY KEY (id),
    CONSTRAINT invitations_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT invitations_person_fk FOREIGN KEY (accepted_by) REFERENCES people (id),
    CONSTRAINT invitations_role_ck CHECK (role IN ('provider', 'college')),
    CONSTRAINT invitations_accepted_ck CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_by_organisation ON invitations (organisation_id, id);
CREATE INDEX grants_by_organisation ON grants (organisation_id, id) WHERE organisation_id IS NOT NULL;

CREATE TABLE bundles (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    set_code TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    courses TEXT NOT NULL,
    approved_on TEXT,
    ends_on TEXT,
    renewals INTEGER NOT NULL,
    ended_on TEXT,
    ending TEXT,
    end_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT bundles_pk PRIMARY KEY (id),
    CONSTRAINT bundles_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT bundles_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT bundles_state_ck CHECK (state IN ('draft', 'approved', 'withdrawn')),
    CONSTRAINT bundles_approval_ck CHECK ((state = 'approved') = (approved_on IS NOT NULL) AND (approved_on IS NULL) = (ends_on IS NULL))
) STRICT;
CREATE INDEX bundles_by_set ON bundles (program, set_code, id);
CREATE INDEX bundles_by_provider ON bundles (provider_id, id);

CREATE TABLE course_proposals (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    renews_id TEXT,
    state TEXT NOT NULL,
    set_code TEXT NOT NULL,
    bundle_id TEXT,
    content TEXT NOT NULL,
    changes TEXT NOT NULL,
    invoice_id TEXT,
    created_at TEXT NOT NULL,
    submitted_on TEXT,
    decision TEXT,
    course_id TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT course_proposals_pk PRIMARY KEY (id),
    CONSTRAINT course_proposals_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT course_proposals_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT course_proposals_person_fk FOREIGN KEY (proposed_by) REFERENCES people (id),
    CONSTRAINT course_proposals_renews_fk FOREIGN KEY (renews_id) REFERENCES courses (id),
    CONSTRAINT course_proposals_bundle_fk FOREIGN KEY (bundle_id) REFERENCES bundles (id),
    CONSTRAINT course_proposals_state_ck CHECK (state IN ('draft', 'submitted', 'in_review', 'changes_requested', 'approved', 'declined', 'withdrawn'))
) STRICT;
CREATE UNIQUE INDEX course_proposals_one_renewal ON course_proposals (renews_id)
    WHERE state IN ('draft', 'submitted', 'in_review', 'changes_requested');
CREATE INDEX course_proposals_by_state ON course_proposals (program, state, id);
CREATE INDEX course_proposals_by_provider ON course_proposals (provider_id, id);
CREATE INDEX course_proposals_by_bundle ON course_proposals (bundle_id, id);
CREATE INDEX course_proposals_by_invoice ON course_proposals (invoice_id) WHERE invoice_id IS NOT NULL;

CREATE TABLE course_reviews (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    proposal_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    reviewer_id TEXT NOT NULL,
    state TEXT NOT NULL,
    assigned_on TEXT NOT NULL,
    submitted_on TEXT,
    rubric TEXT,
    note TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT course_reviews_pk PRIMARY KEY (id),
    CONSTRAINT course_reviews_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT course_reviews_proposal_fk FOREIGN KEY (proposal_id) REFERENCES course_proposals (id),
    CONSTRAINT course_reviews_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT course_reviews_reviewer_fk FOREIGN KEY (reviewer_id) REFERENCES people (id),
    CONSTRAINT course_reviews_state_ck CHECK (state IN ('assigned', 'submitted', 'released', 'conflicted')),
    CONSTRAINT course_reviews_rubric_ck CHECK ((state = 'submitted') = (rubric IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX course_reviews_once ON course_reviews (proposal_id, reviewer_id);
CREATE INDEX course_reviews_by_reviewer ON course_reviews (reviewer_id, id);

CREATE TABLE offerings (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    course_id TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    mode TEXT NOT NULL,
    place TEXT,
    place_folded TEXT NOT NULL,
    link TEXT,
    seats INTEGER,
    price TEXT,
    contact TEXT,
    registration_url TEXT,
    cancelled_on TEXT,
    cancel_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT offerings_pk PRIMARY KEY (id),
    CONSTRAINT offerings_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT offerings_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT offerings_mode_ck CHECK (mode IN ('face_to_face', 'online', 'hybrid')),
    CONSTRAINT offerings_days_ck CHECK (starts_on <= ends_on),
    CONSTRAINT offerings_seats_ck CHECK (seats > 0)
) STRICT;
CREATE INDEX offerings_by_course ON offerings (course_id, starts_on, id);
CREATE INDEX offerings_by_start ON offerings (program, starts_on, id);

CREATE TABLE course_requests (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    course_id TEXT,
    set_code TEXT NOT NULL,
    place TEXT NOT NULL,
    place_folded TEXT NOT NULL,
    email TEXT,
    note TEXT,
    person_id TEXT,
    requested_at TEXT NOT NULL,
    CONSTRAINT course_requests_pk PRIMARY KEY (id),
    CONSTRAINT course_requests_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT course_requests_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT course_requests_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
CREATE INDEX course_requests_by_set ON course_requests (program, set_code, place_folded);
CREATE INDEX course_requests_by_course ON course_requests (course_id, id);

-- Completions of people who are no candidates yet, kept under their folded address and name.
CREATE TABLE waiting_completions (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    course_id TEXT NOT NULL,
    identity_key TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    completed_on TEXT NOT NULL,
    state TEXT NOT NULL,
    posted_at TEXT NOT NULL,
    completion_id TEXT,
    reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT waiting_completions_pk PRIMARY KEY (id),
    CONSTRAINT waiting_completions_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT waiting_completions_provider_fk FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT waiting_completions_course_fk FOREIGN KEY (course_id) REFERENCES courses (id),
    CONSTRAINT waiting_completions_completion_fk FOREIGN KEY (completion_id) REFERENCES completions (id),
    CONSTRAINT waiting_completions_state_ck CHECK (state IN ('waiting', 'claimed', 'withdrawn')),
    CONSTRAINT waiting_completions_claim_ck CHECK ((state = 'claimed') = (completion_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX waiting_completions_once ON waiting_completions (course_id, identity_key) WHERE state = 'waiting';
CREATE INDEX waiting_completions_by_key ON waiting_completions (program, identity_key) WHERE state = 'waiting';
CREATE INDEX waiting_completions_by_provider ON waiting_completions (provider_id, id);
CREATE INDEX waiting_completions_by_course ON waiting_completions (course_id, id);

-- program_kind and program_title are those of the text in force last, or of the draft.
CREATE TABLE agreements (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    college_id TEXT NOT NULL,
    state TEXT NOT NULL,
    program_kind TEXT NOT NULL,
    program_title TEXT NOT NULL,
    pending TEXT,
    versions TEXT NOT NULL,
    signed_on TEXT,
    ends_on TEXT,
    ended_on TEXT,
    end_reason TEXT,
    yearly_reviews TEXT NOT NULL,
    next_review_on TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT agreements_pk PRIMARY KEY (id),
    CONSTRAINT agreements_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT agreements_college_fk FOREIGN KEY (college_id) REFERENCES colleges (id),
    CONSTRAINT agreements_state_ck CHECK (state IN ('draft', 'in_review', 'signed', 'ended', 'withdrawn')),
    CONSTRAINT agreements_kind_ck CHECK (program_kind IN ('associate_degree', 'certificate', 'diploma')),
    CONSTRAINT agreements_signed_ck CHECK ((state IN ('signed', 'ended')) = (signed_on IS NOT NULL) AND (signed_on IS NULL) = (ends_on IS NULL))
) STRICT;
CREATE INDEX agreements_by_state ON agreements (program, state, id);
CREATE INDEX agreements_by_college ON agreements (college_id, id);

CREATE TABLE graduates (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    agreement_id TEXT NOT NULL,
    college_id TEXT NOT NULL,
    identity_key TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    graduated_on TEXT NOT NULL,
    state TEXT NOT NULL,
    person_id TEXT,
    transcript_id TEXT,
    recorded_at TEXT NOT NULL,
    decided_on TEXT,
    decided_by TEXT,
    reason TEXT,
    findings TEXT NOT NULL,
    candidacy_id TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT graduates_pk PRIMARY KEY (id),
    CONSTRAINT graduates_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT graduates_agreement_fk FOREIGN KEY (agreement_id) REFERENCES agreements (id),
    CONSTRAINT graduates_college_fk FOREIGN KEY (college_id) REFERENCES colleges (id),
    CONSTRAINT graduates_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT graduates_transcript_fk FOREIGN KEY (transcript_id) REFERENCES attachments (id),
    CONSTRAINT graduates_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id),
    CONSTRAINT graduates_state_ck CHECK (state IN ('posted', 'claimed', 'verified', 'refused', 'withdrawn')),
    CONSTRAINT graduates_credit_ck CHECK (candidacy_id IS NULL OR state = 'verified')
) STRICT;
CREATE UNIQUE INDEX graduates_once ON graduates (agreement_id, identity_key)
    WHERE state IN ('posted', 'claimed', 'verified');
CREATE INDEX graduates_by_key ON graduates (program, identity_key);
CREATE INDEX graduates_by_person ON graduates (person_id, id);
CREATE INDEX graduates_by_college ON graduates (college_id, id);
CREATE INDEX graduates_by_agreement ON graduates (agreement_id, id);
CREATE INDEX graduates_by_state ON graduates (program, state, id);

-- What searches read is folded: lower case, words of letters and digits. Older rows are nearly so.
ALTER TABLE providers ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE providers ADD COLUMN primary_contact_id TEXT CONSTRAINT providers_contact_fk REFERENCES people (id);
ALTER TABLE providers ADD COLUMN deactivated_on TEXT;
ALTER TABLE providers ADD COLUMN deactivation_reason TEXT;
UPDATE providers SET search_text = lower(name || ' ' || coalesce(place, ''));

ALTER TABLE courses ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE courses ADD COLUMN place_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE courses ADD COLUMN price_cents INTEGER;
ALTER TABLE courses ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE courses ADD COLUMN ended_on TEXT;
ALTER TABLE courses ADD COLUMN ending TEXT;
ALTER TABLE courses ADD COLUMN end_reason TEXT;
ALTER TABLE courses ADD COLUMN bundle_id TEXT CONSTRAINT courses_bundle_fk REFERENCES bundles (id);
ALTER TABLE courses ADD COLUMN proposal_id TEXT CONSTRAINT courses_proposal_fk REFERENCES course_proposals (id);
UPDATE courses SET search_text = lower(title || ' ' || coalesce(place, '')), place_folded = lower(coalesce(place, ''));
CREATE INDEX courses_by_bundle ON courses (bundle_id) WHERE bundle_id IS NOT NULL;
CREATE INDEX courses_by_program ON courses (program, id);

ALTER TABLE completions ADD COLUMN form_id TEXT CONSTRAINT completions_form_fk REFERENCES attachments (id);
CREATE INDEX completions_by_course ON completions (course_id, id);

-- A recognised graduate who was admitted short of the hours of work.
ALTER TABLE candidacies ADD COLUMN graduate_id TEXT CONSTRAINT candidacies_graduate_fk REFERENCES graduates (id);
ALTER TABLE candidacies ADD COLUMN hours_shown_on TEXT;
ALTER TABLE certifications ADD COLUMN provisional_until TEXT;
ALTER TABLE certifications ADD COLUMN condition_met_on TEXT;
