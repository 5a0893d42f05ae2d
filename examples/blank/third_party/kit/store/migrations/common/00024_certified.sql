-- +goose Up

-- How the confidence of drafts becomes a probability. It holds for the drafts
-- of one step, model, prompt, schema and server. hash is that of body, which is
-- JSON.
CREATE TABLE calibrations (
    id           TEXT PRIMARY KEY,
    step         TEXT NOT NULL, -- the draft step
    model_name   TEXT NOT NULL,
    model_digest TEXT NOT NULL,
    prompt_hash  TEXT NOT NULL,
    schema_hash  TEXT NOT NULL,
    server       TEXT NOT NULL,
    hash         TEXT NOT NULL,
    body         TEXT NOT NULL,
    labels       BIGINT NOT NULL CHECK (labels > 0), -- fields with a known answer
    made_at      BIGINT NOT NULL,
    made_by      TEXT NOT NULL REFERENCES users (id),
    ended_at     BIGINT
);
CREATE UNIQUE INDEX calibrations_one_holds ON calibrations (step, model_digest, prompt_hash, schema_hash, server) WHERE ended_at IS NULL;

-- Empty where a draft or a bar knows of none.
ALTER TABLE drafts ADD COLUMN server TEXT NOT NULL DEFAULT '';
ALTER TABLE drafts ADD COLUMN calibration TEXT NOT NULL DEFAULT '';
ALTER TABLE bars ADD COLUMN server TEXT NOT NULL DEFAULT '';
ALTER TABLE bars ADD COLUMN calibration TEXT NOT NULL DEFAULT '';

-- Of the labelled cases that a bar was measured on, how many there were and the
-- share that passed it; 0 where that was not noted.
ALTER TABLE bars ADD COLUMN cases BIGINT NOT NULL DEFAULT 0 CHECK (cases >= 0);
ALTER TABLE bars ADD COLUMN share DOUBLE PRECISION NOT NULL DEFAULT 0 CHECK (share >= 0 AND share <= 1);

DROP INDEX bars_one_holds;
CREATE UNIQUE INDEX bars_one_holds ON bars (step, model_digest, prompt_hash, schema_hash, server, calibration) WHERE voided_at IS NULL;
