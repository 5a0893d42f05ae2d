-- +goose Up

-- Who was deleted does not come back, under any name.
-- +goose StatementBegin
CREATE FUNCTION users_stay_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.deleted_at > 0 THEN
        RAISE EXCEPTION 'a deleted person stays deleted';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER users_stay_deleted BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION users_stay_deleted();

-- +goose StatementBegin
CREATE FUNCTION tokens_of_the_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.user_id AND u.deleted_at > 0) THEN
        RAISE EXCEPTION 'a deleted person gets no token';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tokens_of_the_deleted BEFORE INSERT ON tokens FOR EACH ROW EXECUTE FUNCTION tokens_of_the_deleted();

-- A password belongs to a person, as decisions do.
-- +goose StatementBegin
CREATE FUNCTION only_of_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.user_id AND u.kind = 'person' AND u.deleted_at = 0) THEN
        RAISE EXCEPTION 'a password or identity needs a person';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER passwords_of_people BEFORE INSERT ON passwords FOR EACH ROW EXECUTE FUNCTION only_of_people();
CREATE TRIGGER identities_of_people BEFORE INSERT ON identities FOR EACH ROW EXECUTE FUNCTION only_of_people();
