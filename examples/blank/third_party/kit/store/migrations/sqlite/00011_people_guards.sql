-- +goose Up

-- Who was deleted does not come back, under any name.
-- +goose StatementBegin
CREATE TRIGGER users_stay_deleted BEFORE UPDATE ON users
WHEN OLD.deleted_at > 0
BEGIN
    SELECT RAISE(ABORT, 'a deleted person stays deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tokens_of_the_deleted BEFORE INSERT ON tokens
WHEN EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.user_id AND u.deleted_at > 0)
BEGIN
    SELECT RAISE(ABORT, 'a deleted person gets no token');
END;
-- +goose StatementEnd

-- A password belongs to a person, as decisions do.
-- +goose StatementBegin
CREATE TRIGGER passwords_of_people BEFORE INSERT ON passwords
WHEN NOT EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.user_id AND u.kind = 'person' AND u.deleted_at = 0)
BEGIN
    SELECT RAISE(ABORT, 'a password needs a person');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER identities_of_people BEFORE INSERT ON identities
WHEN NOT EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.user_id AND u.kind = 'person' AND u.deleted_at = 0)
BEGIN
    SELECT RAISE(ABORT, 'an identity needs a person');
END;
-- +goose StatementEnd
