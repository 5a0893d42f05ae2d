-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

-- +goose StatementBegin
CREATE FUNCTION cases_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE case_counts SET n = n - 1 WHERE state = OLD.state;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE case_counts SET n = n + 1 WHERE state = NEW.state;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER cases_count AFTER INSERT OR DELETE ON cases
    FOR EACH ROW EXECUTE FUNCTION cases_count();
CREATE TRIGGER cases_count_state AFTER UPDATE OF state ON cases
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION cases_count();

-- A decision stands as it was made; only undoing it may be noted, once, and
-- not after its delivery.
-- +goose StatementBegin
CREATE FUNCTION decisions_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
       OR (to_jsonb(NEW) - 'undone_at') <> (to_jsonb(OLD) - 'undone_at') THEN
        RAISE EXCEPTION 'a decision cannot be altered';
    END IF;
    IF EXISTS (SELECT 1 FROM deliveries WHERE decision_id = NEW.id) THEN
        RAISE EXCEPTION 'a decision cannot be undone once it was delivered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_fixed BEFORE UPDATE ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_fixed();

-- A decision that was undone releases nothing. The lock keeps an undo that
-- runs at the same time from slipping between.
-- +goose StatementBegin
CREATE FUNCTION deliveries_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM decisions WHERE id = NEW.decision_id AND undone_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a decision that was undone releases nothing';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_standing BEFORE INSERT ON deliveries
    FOR EACH ROW EXECUTE FUNCTION deliveries_standing();

-- Nothing takes back what was decided or delivered.
-- +goose StatementBegin
CREATE FUNCTION decided_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was decided or delivered cannot be altered or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION decided_stays();
CREATE TRIGGER decisions_no_truncate BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION decided_stays();
CREATE TRIGGER deliveries_fixed
    BEFORE UPDATE ON deliveries
    FOR EACH ROW EXECUTE FUNCTION decided_stays();
CREATE TRIGGER deliveries_no_delete BEFORE DELETE ON deliveries
    FOR EACH ROW EXECUTE FUNCTION decided_stays();
CREATE TRIGGER deliveries_no_truncate BEFORE TRUNCATE ON deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION decided_stays();
