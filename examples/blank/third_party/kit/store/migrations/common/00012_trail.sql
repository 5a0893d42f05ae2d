-- +goose Up

-- Signed statements of where the trail stood. The event checkpoint.made that
-- follows each says that there is one.
CREATE TABLE checkpoints (
    seq       BIGINT PRIMARY KEY,
    hash      TEXT NOT NULL,
    at        BIGINT NOT NULL,
    workflow  TEXT NOT NULL,
    key_id    TEXT NOT NULL, -- the public key, base64
    signature TEXT NOT NULL
);

-- What was taken out of the trail: the events up to seq are in a file.
CREATE TABLE archives (
    seq         BIGINT PRIMARY KEY,
    hash        TEXT NOT NULL, -- of the last event in it
    file_sha256 TEXT NOT NULL,
    cases       BIGINT NOT NULL, -- that came in up to seq, in all archives
    at          BIGINT NOT NULL,
    workflow    TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    signature   TEXT NOT NULL
);

CREATE INDEX audit_events_carried ON audit_events (seq) WHERE kind = 'trail.archived';
