-- +goose Up

-- A person stays a person, whether or not a decision points at them.
-- +goose StatementBegin
CREATE FUNCTION users_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.kind <> OLD.kind THEN
        RAISE EXCEPTION 'a person stays a person';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER users_kind BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION users_kind();

-- What people set, and what was approved, is not emptied.
-- +goose StatementBegin
CREATE FUNCTION not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % is not emptied', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER locks_no_truncate BEFORE TRUNCATE ON locks FOR EACH STATEMENT EXECUTE FUNCTION not_emptied();
CREATE TRIGGER outputs_no_truncate BEFORE TRUNCATE ON outputs FOR EACH STATEMENT EXECUTE FUNCTION not_emptied();
