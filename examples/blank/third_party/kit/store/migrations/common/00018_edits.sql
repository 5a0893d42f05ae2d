-- +goose Up

-- What a person typed into a review and has not sent yet: one row for each
-- person, shown to nobody else, and no part of the trail.
CREATE TABLE edits (
    review_id  TEXT NOT NULL REFERENCES reviews (id),
    user_id    TEXT NOT NULL REFERENCES users (id),
    value      TEXT NOT NULL CHECK (LENGTH(value) <= 300000),
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (review_id, user_id)
);
CREATE INDEX edits_user ON edits (user_id);
