-- +goose Up

DROP TRIGGER bars_fixed;
-- +goose StatementBegin
CREATE TRIGGER bars_fixed BEFORE UPDATE ON bars
WHEN OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL OR NEW.id <> OLD.id OR NEW.step <> OLD.step
  OR NEW.threshold <> OLD.threshold OR NEW.error <> OLD.error OR NEW.confidence <> OLD.confidence
  OR NEW.labels <> OLD.labels OR NEW.wrong <> OLD.wrong OR NEW.model_digest <> OLD.model_digest
  OR NEW.prompt_hash <> OLD.prompt_hash OR NEW.schema_hash <> OLD.schema_hash OR NEW.model_name <> OLD.model_name
  OR NEW.server <> OLD.server OR NEW.calibration <> OLD.calibration OR NEW.cases <> OLD.cases OR NEW.share <> OLD.share
  OR NEW.certified_at <> OLD.certified_at OR NEW.certified_by <> OLD.certified_by
BEGIN
    SELECT RAISE(ABORT, 'a bar cannot be altered');
END;
-- +goose StatementEnd

-- A calibration is ended, once, and nothing else becomes of it.
-- +goose StatementBegin
CREATE TRIGGER calibrations_fixed BEFORE UPDATE ON calibrations
WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.id <> OLD.id OR NEW.step <> OLD.step
  OR NEW.model_name <> OLD.model_name OR NEW.model_digest <> OLD.model_digest OR NEW.prompt_hash <> OLD.prompt_hash
  OR NEW.schema_hash <> OLD.schema_hash OR NEW.server <> OLD.server OR NEW.hash <> OLD.hash OR NEW.body <> OLD.body
  OR NEW.labels <> OLD.labels OR NEW.made_at <> OLD.made_at OR NEW.made_by <> OLD.made_by
BEGIN
    SELECT RAISE(ABORT, 'a calibration cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER calibrations_no_delete BEFORE DELETE ON calibrations
BEGIN
    SELECT RAISE(ABORT, 'a calibration cannot be deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER calibrations_no_replace BEFORE INSERT ON calibrations
WHEN EXISTS (SELECT 1 FROM calibrations c WHERE c.id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a calibration cannot be replaced');
END;
-- +goose StatementEnd
