-- +goose Up

-- Nobody decides blind without having filled the fields in, in whichever seat of
-- the round.
-- +goose StatementBegin
CREATE TRIGGER decisions_blind BEFORE INSERT ON decisions
WHEN NEW.verdict IN ('approve', 'edit') AND EXISTS (SELECT 1 FROM reviews r WHERE r.id = NEW.review_id AND r.blind
  AND NOT EXISTS (SELECT 1 FROM reviews m JOIN blind_answers b ON b.review_id = m.id WHERE m.round = r.round AND b.user_id = NEW.user_id))
BEGIN
    SELECT RAISE(ABORT, 'a blind review is decided after its fields were filled in');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reviews_stay_blind BEFORE UPDATE OF blind ON reviews WHEN OLD.blind AND NOT NEW.blind
BEGIN
    SELECT RAISE(ABORT, 'a blind review stays blind');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER blind_answers_fixed BEFORE UPDATE ON blind_answers
BEGIN
    SELECT RAISE(ABORT, 'a blind answer cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER blind_answers_no_delete BEFORE DELETE ON blind_answers
BEGIN
    SELECT RAISE(ABORT, 'a blind answer cannot be deleted');
END;
-- +goose StatementEnd

-- Who filled in one seat of a round has seen the draft.
-- +goose StatementBegin
CREATE TRIGGER blind_answers_no_replace BEFORE INSERT ON blind_answers
WHEN EXISTS (SELECT 1 FROM reviews r JOIN reviews m ON m.round = r.round JOIN blind_answers b ON b.review_id = m.id
  WHERE r.id = NEW.review_id AND b.user_id = NEW.user_id)
BEGIN
    SELECT RAISE(ABORT, 'a person answers blind once a round, and that cannot be replaced');
END;
-- +goose StatementEnd

-- A canary is decided on as any draft is, and nothing ever leaves of it.
-- +goose StatementBegin
CREATE TRIGGER deliveries_no_canary BEFORE INSERT ON deliveries
WHEN EXISTS (SELECT 1 FROM decisions d JOIN reviews r ON r.id = d.review_id JOIN drafts f ON f.id = r.draft_id
    WHERE d.id = NEW.decision_id AND (r.kind = 'canary' OR f.canary))
BEGIN
    SELECT RAISE(ABORT, 'a canary is never delivered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER outputs_no_canary BEFORE INSERT ON outputs
WHEN NEW.decision_id IS NOT NULL AND EXISTS (SELECT 1 FROM decisions d JOIN reviews r ON r.id = d.review_id
    JOIN drafts f ON f.id = r.draft_id WHERE d.id = NEW.decision_id AND (r.kind = 'canary' OR f.canary))
BEGIN
    SELECT RAISE(ABORT, 'nothing comes of a canary');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER outputs_no_canary_later BEFORE UPDATE ON outputs
WHEN NEW.decision_id IS NOT NULL AND EXISTS (SELECT 1 FROM decisions d JOIN reviews r ON r.id = d.review_id
    JOIN drafts f ON f.id = r.draft_id WHERE d.id = NEW.decision_id AND (r.kind = 'canary' OR f.canary))
BEGIN
    SELECT RAISE(ABORT, 'nothing comes of a canary');
END;
-- +goose StatementEnd

-- The altered draft and the review of kind canary belong together.
-- +goose StatementBegin
CREATE TRIGGER reviews_canary BEFORE INSERT ON reviews
WHEN (NEW.kind = 'canary') <> EXISTS (SELECT 1 FROM drafts d WHERE d.id = NEW.draft_id AND d.canary)
BEGIN
    SELECT RAISE(ABORT, 'a canary is reviewed as a canary');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reviews_canary_stays BEFORE UPDATE OF kind, draft_id ON reviews
WHEN (NEW.kind = 'canary') <> EXISTS (SELECT 1 FROM drafts d WHERE d.id = NEW.draft_id AND d.canary)
BEGIN
    SELECT RAISE(ABORT, 'a canary is reviewed as a canary');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER drafts_canary_stays BEFORE UPDATE OF canary ON drafts WHEN NEW.canary <> OLD.canary
BEGIN
    SELECT RAISE(ABORT, 'a canary stays a canary');
END;
-- +goose StatementEnd

-- What was planted stands, and whether it was seen is noted once.
-- +goose StatementBegin
CREATE TRIGGER canaries_fixed BEFORE UPDATE ON canaries
WHEN OLD.decided_at IS NOT NULL OR NEW.decided_at IS NULL OR NEW.review_id <> OLD.review_id
  OR NEW.case_id <> OLD.case_id OR NEW.original <> OLD.original OR NEW.name <> OLD.name
  OR NEW.path <> OLD.path OR NEW.planted <> OLD.planted OR NEW.truth <> OLD.truth
BEGIN
    SELECT RAISE(ABORT, 'a canary cannot be altered');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER canaries_no_delete BEFORE DELETE ON canaries
BEGIN
    SELECT RAISE(ABORT, 'a canary cannot be deleted');
END;
-- +goose StatementEnd
