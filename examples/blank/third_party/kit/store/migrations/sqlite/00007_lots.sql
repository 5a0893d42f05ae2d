-- +goose Up

-- Who accepted a lot decided on its unsampled cases, and nobody else did so
-- before the lot was decided. A rejected lot decides on nothing.
-- +goose StatementBegin
CREATE TRIGGER decisions_of_lots BEFORE INSERT ON decisions
WHEN NEW.lot_id IS NOT NULL AND (NEW.verdict <> 'approve' OR NOT EXISTS (SELECT 1 FROM lots l JOIN lot_cases c ON c.lot_id = l.id
    WHERE l.id = NEW.lot_id AND l.state = 'accepted' AND l.decided_by = NEW.user_id
      AND c.case_id = NEW.case_id AND c.review_id = NEW.review_id AND c.subject = NEW.subject AND NOT c.sampled))
BEGIN
    SELECT RAISE(ABORT, 'a decision on a lot needs the lot accepted by that person, and the case in it');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_around_lots BEFORE INSERT ON decisions
WHEN NEW.lot_id IS NULL AND EXISTS (SELECT 1 FROM lot_cases c JOIN lots l ON l.id = c.lot_id
    WHERE c.review_id = NEW.review_id AND NOT c.sampled AND l.state IN ('gathering', 'sampling', 'ready'))
BEGIN
    SELECT RAISE(ABORT, 'the case lies in a lot that is not decided');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_lot_fixed BEFORE UPDATE OF lot_id ON decisions WHEN NEW.lot_id IS NOT OLD.lot_id
BEGIN
    SELECT RAISE(ABORT, 'a decision cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER deliveries_of_lots BEFORE INSERT ON deliveries
WHEN EXISTS (SELECT 1 FROM decisions d JOIN lots l ON l.id = d.lot_id WHERE d.id = NEW.decision_id AND l.state <> 'accepted')
BEGIN
    SELECT RAISE(ABORT, 'a delivery under a lot needs the lot accepted');
END;
-- +goose StatementEnd

-- A lot is accepted or rejected by a person, once its sample is decided;
-- accepted while its bar holds.
-- +goose StatementBegin
CREATE TRIGGER lots_by_person BEFORE UPDATE ON lots
WHEN NEW.state <> OLD.state AND NEW.state IN ('accepted', 'rejected') AND (OLD.state <> 'ready'
  OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.decided_by AND u.kind = 'person')
  OR EXISTS (SELECT 1 FROM lot_cases c WHERE c.lot_id = NEW.id AND c.sampled AND c.outcome = '')
  OR NEW.sample <> (SELECT COUNT(*) FROM lot_cases c WHERE c.lot_id = NEW.id AND c.sampled)
  OR NEW.wrong <> (SELECT COUNT(*) FROM lot_cases c WHERE c.lot_id = NEW.id AND c.outcome = 'wrong')
  OR NEW.state = 'accepted' AND EXISTS (SELECT 1 FROM bars b WHERE b.id = NEW.bar_id AND b.voided_at IS NOT NULL))
BEGIN
    SELECT RAISE(ABORT, 'a lot needs a person, its whole sample and its bar to be decided');
END;
-- +goose StatementEnd

-- What was drawn stays drawn, and what was decided stays decided.
-- +goose StatementBegin
CREATE TRIGGER lots_fixed BEFORE UPDATE ON lots
WHEN NEW.id <> OLD.id OR NEW.step <> OLD.step OR NEW.bar_id <> OLD.bar_id OR NEW.error <> OLD.error
  OR NEW.confidence <> OLD.confidence OR NEW.roles <> OLD.roles
  OR OLD.state <> 'gathering' AND (NEW.seed <> OLD.seed OR NEW.sample <> OLD.sample OR NEW.size <> OLD.size OR NEW.state = 'gathering')
  OR OLD.state IN ('accepted', 'rejected', 'void') AND (NEW.state <> OLD.state OR NEW.decided_by IS NOT OLD.decided_by
    OR NEW.wrong <> OLD.wrong OR NEW.bound <> OLD.bound OR NEW.reason <> OLD.reason OR NEW.subject <> OLD.subject)
BEGIN
    SELECT RAISE(ABORT, 'a lot cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER lots_begin BEFORE INSERT ON lots
WHEN NEW.state <> 'gathering' OR EXISTS (SELECT 1 FROM lots WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a lot begins by gathering, once');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER lots_no_delete BEFORE DELETE ON lots
BEGIN
    SELECT RAISE(ABORT, 'a lot cannot be deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER lot_cases_no_delete BEFORE DELETE ON lot_cases
BEGIN
    SELECT RAISE(ABORT, 'a lot cannot be deleted');
END;
-- +goose StatementEnd

-- A case joins a lot that gathers; the sample is fixed when it closes, and
-- what came of it when the lot is decided.
-- +goose StatementBegin
CREATE TRIGGER lot_cases_join BEFORE INSERT ON lot_cases
WHEN NEW.sampled OR NEW.outcome <> '' OR NOT EXISTS (SELECT 1 FROM lots WHERE id = NEW.lot_id AND state = 'gathering')
  OR EXISTS (SELECT 1 FROM lot_cases c WHERE c.review_id = NEW.review_id OR c.lot_id = NEW.lot_id AND c.case_id = NEW.case_id)
BEGIN
    SELECT RAISE(ABORT, 'a case joins a lot while it gathers');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER lot_cases_fixed BEFORE UPDATE ON lot_cases
WHEN NEW.lot_id <> OLD.lot_id OR NEW.case_id <> OLD.case_id OR NEW.review_id <> OLD.review_id OR NEW.subject <> OLD.subject
  OR NEW.sampled <> OLD.sampled AND NOT EXISTS (SELECT 1 FROM lots WHERE id = NEW.lot_id AND state = 'gathering')
  OR NEW.outcome <> OLD.outcome AND (NOT NEW.sampled OR NOT EXISTS (SELECT 1 FROM lots WHERE id = NEW.lot_id AND state IN ('sampling', 'ready')))
BEGIN
    SELECT RAISE(ABORT, 'the sample of a lot cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bars_fixed BEFORE UPDATE ON bars
WHEN OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL OR NEW.id <> OLD.id OR NEW.step <> OLD.step
  OR NEW.threshold <> OLD.threshold OR NEW.error <> OLD.error OR NEW.confidence <> OLD.confidence
  OR NEW.labels <> OLD.labels OR NEW.wrong <> OLD.wrong OR NEW.model_digest <> OLD.model_digest
  OR NEW.prompt_hash <> OLD.prompt_hash OR NEW.schema_hash <> OLD.schema_hash
BEGIN
    SELECT RAISE(ABORT, 'a bar cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bars_no_delete BEFORE DELETE ON bars
BEGIN
    SELECT RAISE(ABORT, 'a bar cannot be deleted');
END;
-- +goose StatementEnd
