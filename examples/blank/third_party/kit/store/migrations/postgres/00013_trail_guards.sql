-- +goose Up

-- An event leaves the trail only once a signed archive has it.
-- +goose StatementBegin
CREATE FUNCTION audit_archived_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM archives a WHERE a.seq >= OLD.seq) THEN
        RAISE EXCEPTION 'the audit trail is append-only';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
DROP TRIGGER audit_append_only ON audit_events;
CREATE TRIGGER audit_append_only BEFORE UPDATE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_archived_only();

-- +goose StatementBegin
CREATE FUNCTION trail_signed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what the trail signed cannot be altered or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER checkpoints_fixed BEFORE UPDATE OR DELETE ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION trail_signed_stays();
CREATE TRIGGER checkpoints_no_truncate BEFORE TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION trail_signed_stays();
CREATE TRIGGER archives_fixed BEFORE UPDATE OR DELETE ON archives
    FOR EACH ROW EXECUTE FUNCTION trail_signed_stays();
CREATE TRIGGER archives_no_truncate BEFORE TRUNCATE ON archives
    FOR EACH STATEMENT EXECUTE FUNCTION trail_signed_stays();
