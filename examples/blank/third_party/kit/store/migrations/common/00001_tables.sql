-- +goose Up

-- Times are microseconds since 1970 in UTC; documents, drafts and answers are JSON text.
CREATE TABLE users (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('person', 'service')),
    name        TEXT NOT NULL,
    email       TEXT UNIQUE,
    role        TEXT NOT NULL CHECK (role IN ('admin', 'lead', 'reviewer', 'viewer', 'service')),
    created_at  BIGINT NOT NULL,
    disabled_at BIGINT,
    sessions_from BIGINT NOT NULL DEFAULT 0, -- sessions that began before count no more
    UNIQUE (id, kind),
    CHECK ((kind = 'service') = (role = 'service')),
    CHECK ((kind = 'person') = (email IS NOT NULL))
);
CREATE UNIQUE INDEX users_service_name ON users (name) WHERE kind = 'service';

-- A token is kept as its hash alone. A link token signs in once.
CREATE TABLE tokens (
    hash       TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    purpose    TEXT NOT NULL CHECK (purpose IN ('api', 'link')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at    BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE sessions (
    token      TEXT PRIMARY KEY,
    data       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE cases (
    id           TEXT PRIMARY KEY,
    workflow     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('drafting', 'review', 'delivering', 'delivered', 'rejected', 'failed')),
    step         TEXT NOT NULL,
    name         TEXT NOT NULL,
    input        TEXT NOT NULL,
    input_hash   TEXT NOT NULL,
    submitted_by TEXT REFERENCES users (id),
    version      BIGINT NOT NULL,
    error_code   TEXT NOT NULL DEFAULT '',
    error        TEXT NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX cases_state ON cases (state, id);

-- One row for each content that was imported once: a second import finds it.
CREATE TABLE contents (
    workflow TEXT NOT NULL,
    hash     TEXT NOT NULL,
    case_id  TEXT NOT NULL REFERENCES cases (id),
    PRIMARY KEY (workflow, hash)
);

CREATE TABLE idempotency (
    user_id    TEXT NOT NULL REFERENCES users (id),
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    state      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);

-- What a step of a case yielded. A redraft is a new row with the next number.
CREATE TABLE outputs (
    case_id     TEXT NOT NULL REFERENCES cases (id),
    step        TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    value       TEXT NOT NULL,
    decision_id TEXT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (case_id, step, seq)
);

CREATE TABLE drafts (
    id           TEXT PRIMARY KEY,
    case_id      TEXT NOT NULL REFERENCES cases (id),
    step         TEXT NOT NULL,
    value        TEXT NOT NULL,
    fields       TEXT NOT NULL,
    model_name   TEXT NOT NULL,
    model_digest TEXT NOT NULL,
    prompt_hash  TEXT NOT NULL,
    usage        TEXT NOT NULL,
    gave_up      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    UNIQUE (id, case_id)
);
CREATE INDEX drafts_case ON drafts (case_id, id);

CREATE TABLE reviews (
    id           TEXT PRIMARY KEY,
    case_id      TEXT NOT NULL REFERENCES cases (id),
    step         TEXT NOT NULL,
    draft_id     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'decided')),
    priority     BIGINT NOT NULL,
    confidence   DOUBLE PRECISION NOT NULL,
    created_at   BIGINT NOT NULL,
    escalated_at BIGINT,
    claimed_by   TEXT REFERENCES users (id),
    epoch        BIGINT NOT NULL,
    lease_until  BIGINT NOT NULL,
    decided_at   BIGINT,
    UNIQUE (id, case_id),
    FOREIGN KEY (draft_id, case_id) REFERENCES drafts (id, case_id)
);
CREATE INDEX reviews_case ON reviews (case_id, id);
CREATE INDEX reviews_queue ON reviews (priority DESC, created_at, id) WHERE state = 'open';
CREATE INDEX reviews_oldest ON reviews (created_at) WHERE state = 'open';
CREATE INDEX reviews_held ON reviews (claimed_by, lease_until) WHERE state = 'open';
-- One review of a case waits at a time.
CREATE UNIQUE INDEX reviews_one_open ON reviews (case_id, step) WHERE state = 'open';

CREATE TABLE skips (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    user_id   TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (review_id, user_id)
);

-- Only a person decides: user_kind is part of the key that points at the user.
CREATE TABLE decisions (
    id         TEXT PRIMARY KEY,
    review_id  TEXT NOT NULL,
    case_id    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    user_kind  TEXT NOT NULL CHECK (user_kind = 'person'),
    verdict    TEXT NOT NULL CHECK (verdict IN ('approve', 'edit', 'reject', 'return', 'skip')),
    releases   BOOLEAN NOT NULL,
    reason     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    value      TEXT NOT NULL,
    changed    TEXT NOT NULL,
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    undone_at  BIGINT,
    CHECK (releases = (verdict IN ('approve', 'edit'))),
    UNIQUE (review_id, user_id, key),
    UNIQUE (id, case_id, releases),
    FOREIGN KEY (review_id, case_id) REFERENCES reviews (id, case_id),
    FOREIGN KEY (user_id, user_kind) REFERENCES users (id, kind)
);
CREATE INDEX decisions_case ON decisions (case_id, id);
CREATE UNIQUE INDEX decisions_one_standing ON decisions (review_id) WHERE verdict <> 'skip' AND undone_at IS NULL;

-- A delivery needs a decision of the same case that releases it.
CREATE TABLE deliveries (
    id          TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL,
    step        TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    releases    BOOLEAN NOT NULL CHECK (releases),
    output      TEXT NOT NULL,
    receipt     TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (case_id, step, decision_id),
    FOREIGN KEY (decision_id, case_id, releases) REFERENCES decisions (id, case_id, releases)
);
CREATE INDEX deliveries_case ON deliveries (case_id);

-- How far each delivery has come with each target.
CREATE TABLE sends (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    target      TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    error       TEXT NOT NULL,
    done_at     BIGINT,
    PRIMARY KEY (delivery_id, target)
);

CREATE TABLE audit_events (
    seq     BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    case_id TEXT NOT NULL,
    data    TEXT NOT NULL,
    prev    TEXT NOT NULL,
    hash    TEXT NOT NULL UNIQUE
);
CREATE INDEX audit_events_case ON audit_events (case_id, seq);

-- The last event, in one row that appending locks.
CREATE TABLE audit_head (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);

-- Running programs, so that the jobs of one that died are taken up by others.
CREATE TABLE workers (
    id      TEXT PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- Kept counters: how many cases are in each state.
CREATE TABLE case_counts (
    state TEXT PRIMARY KEY,
    n     BIGINT NOT NULL
);
INSERT INTO case_counts (state, n) VALUES
    ('drafting', 0), ('review', 0), ('delivering', 0), ('delivered', 0), ('rejected', 0), ('failed', 0);
