-- +goose Up

-- Each way to narrow the queue down that leaves few of many has its own index
-- in the queue's order; the others look at a bounded stretch of it.
CREATE INDEX reviews_assigned_queue ON reviews (assigned_to, priority DESC, due_at, id)
    WHERE state = 'open' AND waits AND assigned_to IS NOT NULL;
CREATE INDEX reviews_tier_queue ON reviews (tier, priority DESC, due_at, id) WHERE state = 'open' AND waits AND tier <> '';
CREATE INDEX reviews_escalated_queue ON reviews (priority DESC, due_at, id)
    WHERE state = 'open' AND waits AND escalated_at IS NOT NULL;

-- Kept counter: how many rounds wait, in one seat or several.
CREATE TABLE review_counts (
    name TEXT PRIMARY KEY,
    n    BIGINT NOT NULL
);
INSERT INTO review_counts (name, n) SELECT 'waiting', COUNT(*) FROM reviews WHERE state = 'open' AND waits;

-- A list as a person likes to see it: the address of its filters under a name.
CREATE TABLE views (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    page       TEXT NOT NULL CHECK (page IN ('inbox', 'cases')),
    name       TEXT NOT NULL,
    query      TEXT NOT NULL,
    shared     BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, page, name)
);
CREATE INDEX views_shared ON views (page) WHERE shared;

-- What people say of a case. A comment is never altered; one that its author
-- took back keeps its place without its words.
CREATE TABLE comments (
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    user_id    TEXT NOT NULL REFERENCES users (id),
    text       TEXT NOT NULL,
    key        TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    UNIQUE (user_id, key)
);
CREATE INDEX comments_case ON comments (case_id, id);

-- Whom a comment calls, and since when they know.
CREATE TABLE mentions (
    comment_id TEXT NOT NULL REFERENCES comments (id),
    user_id    TEXT NOT NULL REFERENCES users (id),
    seen_at    BIGINT,
    PRIMARY KEY (comment_id, user_id)
);
CREATE INDEX mentions_user ON mentions (user_id, comment_id);
CREATE INDEX mentions_unseen ON mentions (user_id) WHERE seen_at IS NULL;
