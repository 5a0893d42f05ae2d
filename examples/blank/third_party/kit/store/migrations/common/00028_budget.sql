-- +goose Up

-- The leads are told, too, that the month's budget for the model is spent.
CREATE TABLE notices_now (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('assigned', 'mentioned', 'escalated', 'lot', 'budget')),
    user_id   TEXT REFERENCES users (id), -- NULL: for the leads
    case_id   TEXT NOT NULL DEFAULT '',
    review_id TEXT NOT NULL DEFAULT '',
    at        BIGINT NOT NULL,
    taken_at  BIGINT -- when messages were made of it
);
INSERT INTO notices_now (id, kind, user_id, case_id, review_id, at, taken_at)
    SELECT id, kind, user_id, case_id, review_id, at, taken_at FROM notices;
DROP TABLE notices;
ALTER TABLE notices_now RENAME TO notices;
CREATE INDEX notices_waiting ON notices (at, id) WHERE taken_at IS NULL;

-- What people took before it was kept by verdict. Who takes a decision back has
-- spent the time all the same.
INSERT INTO tallies (day, name, key, n)
    SELECT created_at / 86400000000, 'work', verdict, SUM(seconds) FROM decisions WHERE seconds > 0 GROUP BY 1, 3;
