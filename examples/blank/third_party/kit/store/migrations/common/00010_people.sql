-- +goose Up

-- signed_in_at is when the person last came in to the console, 0 for never.
-- Who was reset sees by whom and when. Who was deleted keeps the row, for their
-- decisions point at it, with a pseudonym for a name.
ALTER TABLE users ADD COLUMN lang TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN signed_in_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN reset_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN reset_by TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
-- Under it the trail has the name and the address; '' for who came before, and
-- for who was deleted.
ALTER TABLE users ADD COLUMN salt TEXT NOT NULL DEFAULT '';
UPDATE users SET signed_in_at = COALESCE((SELECT MAX(t.used_at) FROM tokens t
    WHERE t.user_id = users.id AND t.purpose = 'link'), 0);

-- What a token is for, in its owner's words, and when it was last shown.
ALTER TABLE tokens ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;

-- Whose session it is, '' while nobody is signed in, and from where.
ALTER TABLE sessions ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_user ON sessions (user_id);

-- Passwords as argon2id hashes. failures counts tries since the last that was
-- right; until locked_until none is looked at.
CREATE TABLE passwords (
    user_id      TEXT PRIMARY KEY REFERENCES users (id),
    hash         TEXT NOT NULL,
    set_at       BIGINT NOT NULL,
    failures     BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0
);

-- Who a person is at an OpenID provider.
CREATE TABLE identities (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, user_id)
);
