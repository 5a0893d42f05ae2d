-- +goose Up

-- The person of a blind review fills the fields in before the draft is shown.
ALTER TABLE reviews ADD COLUMN blind BOOLEAN NOT NULL DEFAULT FALSE;

-- What a person filled in, once, without having seen the draft.
CREATE TABLE blind_answers (
    review_id  TEXT NOT NULL REFERENCES reviews (id),
    user_id    TEXT NOT NULL REFERENCES users (id),
    value      TEXT NOT NULL,
    differs    TEXT NOT NULL, -- paths in which the draft says something else
    created_at BIGINT NOT NULL,
    PRIMARY KEY (review_id, user_id)
);

-- A canary is a copy of a draft with an error put in on purpose. original is
-- the draft that it was made of, and the one that it is shown as.
ALTER TABLE drafts ADD COLUMN canary BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE drafts ADD COLUMN original TEXT NOT NULL DEFAULT '';

-- Each canary, and whether the person saw it. A case carries one at most.
CREATE TABLE canaries (
    review_id  TEXT PRIMARY KEY REFERENCES reviews (id),
    case_id    TEXT NOT NULL UNIQUE REFERENCES cases (id),
    original   TEXT NOT NULL REFERENCES drafts (id),
    name       TEXT NOT NULL,
    path       TEXT NOT NULL,
    planted    TEXT NOT NULL, -- JSON of the wrong value
    truth      TEXT NOT NULL, -- JSON of what the draft said
    user_id    TEXT REFERENCES users (id),
    caught     BOOLEAN,
    decided_at BIGINT,
    CHECK ((user_id IS NULL) = (caught IS NULL)),
    CHECK ((user_id IS NULL) = (decided_at IS NULL))
);
