-- +goose Up

-- The number of each case in the full-text index, in the order in which they
-- came. Those not filled yet are filled by the running program.
CREATE TABLE search_cases (
    n       INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    filled  BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX search_unfilled ON search_cases (n) WHERE NOT filled;
INSERT INTO search_cases (case_id) SELECT id FROM cases ORDER BY id;

-- The program cuts texts into words, the same for both engines: here only
-- spaces part them. Prefixes of these lengths are words of their own, so that a
-- frequent one is read from its newest case on.
CREATE VIRTUAL TABLE search_words USING fts5 (words, content='', contentless_delete=1, detail=none,
    tokenize="ascii tokenchars '.'", prefix='1 2 3 4 5 6 7 8');

-- +goose StatementBegin
CREATE TRIGGER search_cases_insert AFTER INSERT ON cases
BEGIN
    INSERT INTO search_cases (case_id) VALUES (NEW.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER search_cases_delete AFTER DELETE ON cases
BEGIN
    DELETE FROM search_words WHERE rowid = (SELECT n FROM search_cases WHERE case_id = OLD.id);
    DELETE FROM search_cases WHERE case_id = OLD.id;
END;
-- +goose StatementEnd

-- A round is counted while any of its seats waits: the first one counts it, and
-- the last one takes it off.
-- +goose StatementBegin
CREATE TRIGGER reviews_count_insert AFTER INSERT ON reviews WHEN NEW.state = 'open' AND NEW.waits
  AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = NEW.round AND o.round <> '' AND o.id <> NEW.id AND o.state = 'open' AND o.waits)
BEGIN
    UPDATE review_counts SET n = n + 1 WHERE name = 'waiting';
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reviews_count_update AFTER UPDATE OF state, waits ON reviews
WHEN (OLD.state = 'open' AND OLD.waits) <> (NEW.state = 'open' AND NEW.waits)
  AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = NEW.round AND o.round <> '' AND o.id <> NEW.id AND o.state = 'open' AND o.waits)
BEGIN
    UPDATE review_counts SET n = n + CASE WHEN NEW.state = 'open' AND NEW.waits THEN 1 ELSE -1 END WHERE name = 'waiting';
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reviews_count_delete AFTER DELETE ON reviews WHEN OLD.state = 'open' AND OLD.waits
  AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = OLD.round AND o.round <> '' AND o.id <> OLD.id AND o.state = 'open' AND o.waits)
BEGIN
    UPDATE review_counts SET n = n - 1 WHERE name = 'waiting';
END;
-- +goose StatementEnd

-- A comment stands as it was written; only taking it back may be noted, once.
-- +goose StatementBegin
CREATE TRIGGER comments_fixed BEFORE UPDATE ON comments
WHEN OLD.deleted_at IS NOT NULL OR NEW.deleted_at IS NULL OR NEW.text <> '' OR NEW.id <> OLD.id
  OR NEW.case_id <> OLD.case_id OR NEW.user_id <> OLD.user_id OR NEW.created_at <> OLD.created_at
BEGIN
    SELECT RAISE(ABORT, 'a comment cannot be altered');
END;
-- +goose StatementEnd
