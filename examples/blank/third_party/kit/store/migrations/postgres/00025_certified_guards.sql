-- +goose Up

-- A calibration is ended, once, and nothing else becomes of it.
-- +goose StatementBegin
CREATE FUNCTION calibrations_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR (to_jsonb(NEW) - 'ended_at') <> (to_jsonb(OLD) - 'ended_at') THEN
        RAISE EXCEPTION 'a calibration cannot be altered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER calibrations_fixed BEFORE UPDATE ON calibrations FOR EACH ROW EXECUTE FUNCTION calibrations_fixed();

-- +goose StatementBegin
CREATE FUNCTION calibrations_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a calibration cannot be deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER calibrations_no_delete BEFORE DELETE ON calibrations FOR EACH ROW EXECUTE FUNCTION calibrations_stay();
CREATE TRIGGER calibrations_no_truncate BEFORE TRUNCATE ON calibrations FOR EACH STATEMENT EXECUTE FUNCTION calibrations_stay();
