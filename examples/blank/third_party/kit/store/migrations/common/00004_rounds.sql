-- +goose Up

-- A draft is looked at in a round: one review for each seat, and each seat a
-- person who sees nothing of the others. waits is false for a review that no
-- single person is to claim, as while its case lies in a lot. roles is the sum
-- of who may claim: 1 reviewer, 2 lead, 4 admin.
ALTER TABLE reviews ADD COLUMN round TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN seat BIGINT NOT NULL DEFAULT 1;
ALTER TABLE reviews ADD COLUMN quorum BIGINT NOT NULL DEFAULT 1;
ALTER TABLE reviews ADD COLUMN kind TEXT NOT NULL DEFAULT 'first' CHECK (kind IN ('first', 'second', 'adjudication', 'canary'));
ALTER TABLE reviews ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN besides TEXT NOT NULL DEFAULT ''; -- tiers that a draft in doubt might belong to, each behind a comma
ALTER TABLE reviews ADD COLUMN waits BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE reviews ADD COLUMN roles BIGINT NOT NULL DEFAULT 7;
ALTER TABLE reviews ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN assigned_to TEXT REFERENCES users (id);
ALTER TABLE reviews ADD COLUMN claimed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN ended TEXT NOT NULL DEFAULT ''; -- why it is over though nobody decided: expired, withdrawn
-- What waits already is due when it escalates by default, after 72 hours, and
-- was claimed no earlier than its lease of 10 minutes says.
UPDATE reviews SET round = id, due_at = created_at + 259200000000,
    claimed_at = CASE WHEN lease_until - 600000000 > created_at THEN lease_until - 600000000 ELSE created_at END;

DROP INDEX reviews_queue;
DROP INDEX reviews_one_open;
CREATE INDEX reviews_queue ON reviews (priority DESC, due_at, id) WHERE state = 'open' AND waits;
CREATE INDEX reviews_due ON reviews (due_at, id) WHERE state = 'open' AND waits;
CREATE INDEX reviews_round ON reviews (round, seat);
CREATE UNIQUE INDEX reviews_one_open ON reviews (case_id, step, seat) WHERE state = 'open';

-- Who may not look at a review: who brought the case in, or looked at it
-- before. A skip is one's own choice and can be taken back; this cannot.
CREATE TABLE barred (
    review_id TEXT NOT NULL REFERENCES reviews (id),
    user_id   TEXT NOT NULL REFERENCES users (id),
    why       TEXT NOT NULL CHECK (why IN ('submitted', 'reviewed', 'seated')),
    PRIMARY KEY (review_id, user_id)
);

-- What a person did with single fields ({"total":"changed"}), which fields a
-- return asks the model for again, and whose decisions stood when a third
-- person settled a disagreement (their ids).
ALTER TABLE decisions ADD COLUMN fields TEXT NOT NULL DEFAULT '{}';
ALTER TABLE decisions ADD COLUMN redraft TEXT NOT NULL DEFAULT '[]';
ALTER TABLE decisions ADD COLUMN stood TEXT NOT NULL DEFAULT '[]';
ALTER TABLE decisions ADD COLUMN seconds DOUBLE PRECISION NOT NULL DEFAULT 0; -- from the claim to the decision
CREATE INDEX decisions_user ON decisions (user_id, created_at);

-- A field of a case that a person set. No draft overwrites it.
CREATE TABLE locks (
    case_id     TEXT NOT NULL REFERENCES cases (id),
    step        TEXT NOT NULL, -- the draft step
    path        TEXT NOT NULL,
    value       TEXT NOT NULL,
    user_id     TEXT NOT NULL REFERENCES users (id),
    decision_id TEXT NOT NULL REFERENCES decisions (id),
    PRIMARY KEY (case_id, step, path)
);

-- The seed of every sample that is drawn by case: the trail has it too.
CREATE TABLE sampling (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    seed TEXT NOT NULL
);

-- Kept counters by day (since 1970, UTC), what is counted and of what: pages
-- with figures read these and never count.
CREATE TABLE tallies (
    day  BIGINT NOT NULL,
    name TEXT NOT NULL,
    key  TEXT NOT NULL,
    n    DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (day, name, key)
);
CREATE INDEX tallies_name ON tallies (name, day);

-- What happened before the counters were kept. How long people took is not
-- known of it: what they decided is left out, for minutes are told by decision.
INSERT INTO tallies (day, name, key, n)
    SELECT created_at / 86400000000, 'case.submitted', '', COUNT(*) FROM cases GROUP BY 1
    UNION ALL SELECT created_at / 86400000000, 'draft.made', model_name, COUNT(*) FROM drafts GROUP BY 1, 3
    UNION ALL SELECT created_at / 86400000000, 'review.opened', '', COUNT(*) FROM reviews GROUP BY 1
    UNION ALL SELECT decided_at / 86400000000, 'review.ended', CAST(created_at / 86400000000 AS TEXT), COUNT(*)
        FROM reviews WHERE state = 'decided' GROUP BY 1, 3
    UNION ALL SELECT created_at / 86400000000, 'human', CASE WHEN changed IN ('null', '[]') THEN 'unchanged' ELSE 'changed' END, COUNT(*)
        FROM decisions WHERE undone_at IS NULL AND releases GROUP BY 1, 3
    UNION ALL SELECT updated_at / 86400000000, 'delivered', '', COUNT(*) FROM cases WHERE state = 'delivered' GROUP BY 1;
