-- +goose Up

-- An event leaves the trail only once a signed archive has it.
DROP TRIGGER audit_no_delete;
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_events
WHEN NOT EXISTS (SELECT 1 FROM archives a WHERE a.seq >= OLD.seq)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint cannot be deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_no_replace BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints c WHERE c.seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint cannot be replaced');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER archives_no_update BEFORE UPDATE ON archives
BEGIN
    SELECT RAISE(ABORT, 'the record of an archive cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER archives_no_delete BEFORE DELETE ON archives
BEGIN
    SELECT RAISE(ABORT, 'the record of an archive cannot be deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER archives_no_replace BEFORE INSERT ON archives
WHEN EXISTS (SELECT 1 FROM archives a WHERE a.seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'the record of an archive cannot be replaced');
END;
-- +goose StatementEnd
