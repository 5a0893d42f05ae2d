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

-- A delivery needs a decision of the same case that stands and releases it.
-- The foreign key says so too, but holds only for a program that asks for it:
-- a trigger holds for the sqlite3 shell as well. So it does against INSERT OR
-- REPLACE, which there deletes without a trigger.
-- +goose StatementBegin
CREATE TRIGGER deliveries_standing BEFORE INSERT ON deliveries
WHEN NOT EXISTS (SELECT 1 FROM decisions d JOIN users u ON u.id = d.user_id
    WHERE d.id = NEW.decision_id AND d.case_id = NEW.case_id AND d.releases AND d.undone_at IS NULL AND u.kind = 'person')
BEGIN
    SELECT RAISE(ABORT, 'a delivery needs a decision that stands and releases it');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER deliveries_no_replace BEFORE INSERT ON deliveries
WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.id = NEW.id
    OR d.case_id = NEW.case_id AND d.step = NEW.step AND d.decision_id = NEW.decision_id)
BEGIN
    SELECT RAISE(ABORT, 'a delivery cannot be replaced');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_by_person BEFORE INSERT ON decisions
WHEN NOT EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.user_id AND u.kind = 'person')
  OR NOT EXISTS (SELECT 1 FROM reviews r WHERE r.id = NEW.review_id AND r.case_id = NEW.case_id)
BEGIN
    SELECT RAISE(ABORT, 'a decision needs a person and a review');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions d WHERE d.id = NEW.id
    OR d.review_id = NEW.review_id AND d.user_id = NEW.user_id AND d.key = NEW.key
    OR d.review_id = NEW.review_id AND d.verdict <> 'skip' AND d.undone_at IS NULL AND NEW.verdict <> 'skip' AND NEW.undone_at IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'a decision cannot be replaced');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER users_kind BEFORE UPDATE OF id, kind ON users
WHEN NEW.id <> OLD.id OR NEW.kind <> OLD.kind
BEGIN
    SELECT RAISE(ABORT, 'a person stays a person');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events e WHERE e.seq = NEW.seq OR e.hash = NEW.hash)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
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
BEFORE UPDATE ON deliveries
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
