-- Help with portfolios: guidance for each set, events, requests for help.

-- One for each competency set of a program; `content` is what it says.
CREATE TABLE guidance (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT guidance_pk PRIMARY KEY (id),
    CONSTRAINT guidance_program_fk FOREIGN KEY (program) REFERENCES programs (code)
);
CREATE UNIQUE INDEX guidance_set ON guidance (program, set_code);

-- `registered` counts those who registered and did not withdraw: it is what the last seat is fought for with.
CREATE TABLE support_events (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    sets jsonb NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    place text COLLATE "C",
    link text COLLATE "C",
    seats bigint,
    registered bigint NOT NULL,
    cancelled_on date,
    cancel_reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT support_events_pk PRIMARY KEY (id),
    CONSTRAINT support_events_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT support_events_kind_ck CHECK (kind IN ('webinar', 'preconference', 'presentation')),
    CONSTRAINT support_events_time_ck CHECK (starts_at < ends_at),
    CONSTRAINT support_events_seats_ck CHECK (seats > 0),
    CONSTRAINT support_events_registered_ck CHECK (registered >= 0 AND (seats IS NULL OR registered <= seats))
);
CREATE INDEX support_events_by_start ON support_events (program, starts_at, id);

CREATE TABLE support_registrations (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    person_id uuid NOT NULL,
    registered_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT support_registrations_pk PRIMARY KEY (id),
    CONSTRAINT support_registrations_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT support_registrations_event_fk FOREIGN KEY (event_id) REFERENCES support_events (id),
    CONSTRAINT support_registrations_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE UNIQUE INDEX support_registrations_once ON support_registrations (event_id, person_id) WHERE withdrawn_at IS NULL;
CREATE INDEX support_registrations_by_event ON support_registrations (event_id, id);
CREATE INDEX support_registrations_by_person ON support_registrations (person_id, id);

CREATE TABLE help_requests (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    set_code text COLLATE "C",
    question text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    asked_at timestamptz NOT NULL,
    answers jsonb NOT NULL,
    closed_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT help_requests_pk PRIMARY KEY (id),
    CONSTRAINT help_requests_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT help_requests_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT help_requests_state_ck CHECK (state IN ('open', 'answered', 'closed')),
    CONSTRAINT help_requests_closed_ck CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX help_requests_by_person ON help_requests (person_id, id);
CREATE INDEX help_requests_by_state ON help_requests (program, state, id);
