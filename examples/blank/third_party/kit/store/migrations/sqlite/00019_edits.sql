-- +goose Up

-- What was typed goes with the decision.
-- +goose StatementBegin
CREATE TRIGGER edits_end AFTER UPDATE OF state ON reviews WHEN NEW.state = 'decided' AND OLD.state <> 'decided'
BEGIN
    DELETE FROM edits WHERE review_id = NEW.id;
END;
-- +goose StatementEnd
