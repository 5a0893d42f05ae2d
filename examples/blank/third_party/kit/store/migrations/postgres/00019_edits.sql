-- +goose Up

-- What was typed goes with the decision.
-- +goose StatementBegin
CREATE FUNCTION edits_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM edits WHERE review_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER edits_end AFTER UPDATE OF state ON reviews
    FOR EACH ROW WHEN (NEW.state = 'decided' AND OLD.state <> 'decided') EXECUTE FUNCTION edits_end();
