-- +goose Up

-- A threshold on the confidence of the least sure field, above which a measured
-- share of drafts is wrong. It holds for one model, prompt and schema.
CREATE TABLE bars (
    id           TEXT PRIMARY KEY,
    step         TEXT NOT NULL, -- the draft step
    threshold    DOUBLE PRECISION NOT NULL CHECK (threshold >= 0 AND threshold <= 1),
    error        DOUBLE PRECISION NOT NULL CHECK (error > 0 AND error < 1),
    confidence   DOUBLE PRECISION NOT NULL CHECK (confidence > 0 AND confidence < 1),
    labels       BIGINT NOT NULL CHECK (labels > 0),
    wrong        BIGINT NOT NULL CHECK (wrong >= 0 AND wrong <= labels),
    model_name   TEXT NOT NULL,
    model_digest TEXT NOT NULL,
    prompt_hash  TEXT NOT NULL,
    schema_hash  TEXT NOT NULL,
    certified_at BIGINT NOT NULL,
    certified_by TEXT NOT NULL REFERENCES users (id),
    voided_at    BIGINT,
    void_reason  TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX bars_one_holds ON bars (step, model_digest, prompt_hash, schema_hash) WHERE voided_at IS NULL;

-- Cases that pass a bar together. sample and seed are drawn when it closes;
-- subject is the hash of what the person who decided on it saw; settled_at is
-- when the last of its cases followed.
CREATE TABLE lots (
    id         TEXT PRIMARY KEY,
    step       TEXT NOT NULL, -- the review step
    bar_id     TEXT NOT NULL REFERENCES bars (id),
    state      TEXT NOT NULL CHECK (state IN ('gathering', 'sampling', 'ready', 'accepted', 'rejected', 'void')),
    roles      BIGINT NOT NULL, -- who may decide, as in reviews
    full_at    BIGINT NOT NULL CHECK (full_at > 0),
    size       BIGINT NOT NULL DEFAULT 0,
    sample     BIGINT NOT NULL DEFAULT 0,
    seed       TEXT NOT NULL DEFAULT '',
    error      DOUBLE PRECISION NOT NULL CHECK (error > 0 AND error < 1),
    confidence DOUBLE PRECISION NOT NULL CHECK (confidence > 0 AND confidence < 1),
    opened_at  BIGINT NOT NULL,
    closes_at  BIGINT NOT NULL,
    closed_at  BIGINT,
    wrong      BIGINT NOT NULL DEFAULT 0,
    bound      DOUBLE PRECISION NOT NULL DEFAULT 1,
    decided_by TEXT REFERENCES users (id),
    decided_at BIGINT,
    reason     TEXT NOT NULL DEFAULT '',
    subject    TEXT NOT NULL DEFAULT '',
    key        TEXT NOT NULL DEFAULT '',
    request    TEXT NOT NULL DEFAULT '',
    undo       BIGINT NOT NULL DEFAULT 0, -- microseconds that what was accepted waits
    settled_at BIGINT,
    CHECK (state IN ('gathering', 'void') OR sample >= 1 AND sample <= size AND seed <> ''),
    CHECK ((state IN ('accepted', 'rejected')) = (decided_by IS NOT NULL)),
    CHECK (state <> 'accepted' OR bound <= error)
);
CREATE UNIQUE INDEX lots_one_gathers ON lots (step, bar_id, roles, full_at, error, confidence) WHERE state = 'gathering';
CREATE INDEX lots_open ON lots (state, closes_at) WHERE settled_at IS NULL;

-- subject is the hash of what there was to see of the case when it was gathered.
CREATE TABLE lot_cases (
    lot_id    TEXT NOT NULL REFERENCES lots (id),
    case_id   TEXT NOT NULL REFERENCES cases (id),
    review_id TEXT NOT NULL UNIQUE REFERENCES reviews (id),
    subject   TEXT NOT NULL,
    sampled   BOOLEAN NOT NULL DEFAULT FALSE,
    outcome   TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'right', 'wrong')),
    PRIMARY KEY (lot_id, case_id)
);
CREATE INDEX lot_cases_case ON lot_cases (case_id);

ALTER TABLE reviews ADD COLUMN lot_id TEXT REFERENCES lots (id);
ALTER TABLE decisions ADD COLUMN lot_id TEXT REFERENCES lots (id);
