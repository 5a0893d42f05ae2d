-- +goose Up

-- Models that were made for this service, each with what it came from. The
-- event model.registered in the trail says the same.
CREATE TABLE models (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL, -- as its server lists it
    digest          TEXT NOT NULL,
    base            TEXT NOT NULL, -- "" where none was named
    file_sha256     TEXT NOT NULL,
    size            BIGINT NOT NULL, -- bytes
    manifest_sha256 TEXT NOT NULL, -- of the training data; "" where none was named
    recipe          TEXT NOT NULL,
    made_at         BIGINT NOT NULL,
    made_by         TEXT NOT NULL
);
CREATE INDEX models_name ON models (name, id);

-- Which model drafted after which. What was rolled back stays, and does not
-- count.
CREATE TABLE model_switches (
    id        TEXT PRIMARY KEY,
    model     TEXT NOT NULL,
    picked    TEXT NOT NULL, -- nail.yaml's figures of it as JSON, or null
    at        BIGINT NOT NULL,
    undone_at BIGINT
);
