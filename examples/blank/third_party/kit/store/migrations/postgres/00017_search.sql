-- +goose Up

-- The words by which each case is found, numbered in the order in which the
-- cases came. Those not filled yet are filled by the running program, which
-- cuts texts into words, the same for both engines.
CREATE TABLE search_cases (
    n       BIGSERIAL PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    filled  BOOLEAN NOT NULL DEFAULT FALSE,
    words   TSVECTOR NOT NULL DEFAULT ''
);
CREATE INDEX search_unfilled ON search_cases (n) WHERE NOT filled;
INSERT INTO search_cases (case_id) SELECT id FROM cases ORDER BY id;
CREATE INDEX search_words ON search_cases USING gin (words) WITH (fastupdate = off);

-- +goose StatementBegin
CREATE FUNCTION search_cases_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO search_cases (case_id) VALUES (NEW.id);
    ELSE
        DELETE FROM search_cases WHERE case_id = OLD.id;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_cases_keep AFTER INSERT OR DELETE ON cases FOR EACH ROW EXECUTE FUNCTION search_cases_keep();

-- A round is counted while any of its seats waits: the first one counts it, and
-- the last one takes it off. Before each row, what the statement did to the
-- rows before it is seen; after it, all of them would be.
-- +goose StatementBegin
CREATE FUNCTION reviews_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d BIGINT := 0;
    r reviews := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'open' AND OLD.waits THEN d := d - 1; END IF;
    IF TG_OP <> 'DELETE' AND NEW.state = 'open' AND NEW.waits THEN d := d + 1; END IF;
    IF d <> 0 AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = r.round AND o.round <> '' AND o.id <> r.id
        AND o.state = 'open' AND o.waits) THEN
        UPDATE review_counts SET n = n + d WHERE name = 'waiting';
    END IF;
    RETURN r;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_count BEFORE INSERT OR DELETE OR UPDATE OF state, waits ON reviews
    FOR EACH ROW EXECUTE FUNCTION reviews_count();

-- A comment stands as it was written; only taking it back may be noted, once.
-- +goose StatementBegin
CREATE FUNCTION comments_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.deleted_at IS NOT NULL OR NEW.deleted_at IS NULL OR NEW.text <> '' OR NEW.id <> OLD.id
        OR NEW.case_id <> OLD.case_id OR NEW.user_id <> OLD.user_id OR NEW.created_at <> OLD.created_at THEN
        RAISE EXCEPTION 'a comment cannot be altered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER comments_fixed BEFORE UPDATE ON comments FOR EACH ROW EXECUTE FUNCTION comments_fixed();
