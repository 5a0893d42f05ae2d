-- +goose Up

-- What somebody is to be told of. It is written together with the fact, and
-- taken into a message later.
CREATE TABLE notices (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('assigned', 'mentioned', 'escalated', 'lot')),
    user_id   TEXT REFERENCES users (id), -- NULL: for the leads
    case_id   TEXT NOT NULL DEFAULT '',
    review_id TEXT NOT NULL DEFAULT '',
    at        BIGINT NOT NULL,
    taken_at  BIGINT -- when messages were made of it
);
CREATE INDEX notices_waiting ON notices (at, id) WHERE taken_at IS NULL;

-- Messages on their way out, each for one channel and reader.
CREATE TABLE messages (
    id         TEXT PRIMARY KEY,
    channel    TEXT NOT NULL,
    user_id    TEXT REFERENCES users (id), -- NULL: for a group
    body       TEXT NOT NULL,
    digest     TEXT NOT NULL, -- of what it says, to tell whether anything changed
    created_at BIGINT NOT NULL,
    sent_at    BIGINT,
    attempts   BIGINT NOT NULL DEFAULT 0,
    error      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX messages_channel ON messages (channel, id);
CREATE INDEX messages_unsent ON messages (id) WHERE sent_at IS NULL;

-- When messages were last made, in one row that making locks.
CREATE TABLE message_rounds (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    at BIGINT NOT NULL
);
INSERT INTO message_rounds (id, at) VALUES (1, 0);
