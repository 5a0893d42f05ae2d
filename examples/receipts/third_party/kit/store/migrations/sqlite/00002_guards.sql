-- +goose Up

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER cases_count_insert AFTER INSERT ON cases
BEGIN
    UPDATE case_counts SET n = n + 1 WHERE state = NEW.state;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER cases_count_update AFTER UPDATE OF state ON cases WHEN OLD.state <> NEW.state
BEGIN
    UPDATE case_counts SET n = n - 1 WHERE state = OLD.state;
    UPDATE case_counts SET n = n + 1 WHERE state = NEW.state;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER cases_count_delete AFTER DELETE ON cases
BEGIN
    UPDATE case_counts SET n = n - 1 WHERE state = OLD.state;
END;
-- +goose StatementEnd

-- A decision stands as it was made; only undoing it may be noted, once.
-- +goose StatementBegin
CREATE TRIGGER decisions_fixed BEFORE UPDATE ON decisions
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
  OR NEW.id <> OLD.id OR NEW.review_id <> OLD.review_id OR NEW.case_id <> OLD.case_id
  OR NEW.user_id <> OLD.user_id OR NEW.user_kind <> OLD.user_kind OR NEW.verdict <> OLD.verdict
  OR NEW.releases <> OLD.releases OR NEW.reason <> OLD.reason OR NEW.subject <> OLD.subject
  OR NEW.value <> OLD.value OR NEW.changed <> OLD.changed OR NEW.key <> OLD.key
  OR NEW.request <> OLD.request OR NEW.created_at <> OLD.created_at
BEGIN
    SELECT RAISE(ABORT, 'a decision cannot be altered');
END;
-- +goose StatementEnd

-- A decision that was undone releases nothing.
-- +goose StatementBegin
CREATE TRIGGER deliveries_standing BEFORE INSERT ON deliveries
WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.decision_id AND undone_at IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'a decision that was undone releases nothing');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_delivered BEFORE UPDATE OF undone_at ON decisions
WHEN NEW.undone_at IS NOT NULL AND EXISTS (SELECT 1 FROM deliveries WHERE decision_id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a decision cannot be undone once it was delivered');
END;
-- +goose StatementEnd

-- Nothing takes back what was decided or delivered. INSERT OR REPLACE deletes
-- too: the program's connections have recursive_triggers on, so it is refused.
-- +goose StatementBegin
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'a decision cannot be deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER deliveries_fixed
BEFORE UPDATE OF id, case_id, step, decision_id, releases, output, created_at ON deliveries
BEGIN
    SELECT RAISE(ABORT, 'a delivery cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER deliveries_no_delete BEFORE DELETE ON deliveries
BEGIN
    SELECT RAISE(ABORT, 'a delivery cannot be deleted');
END;
-- +goose StatementEnd
