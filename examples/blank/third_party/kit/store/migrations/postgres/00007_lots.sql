-- +goose Up

-- Who accepted a lot decided on its unsampled cases, and nobody else did so
-- before the lot was decided. A rejected lot decides on nothing.
-- +goose StatementBegin
CREATE FUNCTION decisions_of_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.lot_id IS NULL THEN
        IF EXISTS (SELECT 1 FROM lot_cases c JOIN lots l ON l.id = c.lot_id
            WHERE c.review_id = NEW.review_id AND NOT c.sampled AND l.state IN ('gathering', 'sampling', 'ready')) THEN
            RAISE EXCEPTION 'the case lies in a lot that is not decided';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM 1 FROM lots WHERE id = NEW.lot_id FOR SHARE;
    IF NEW.verdict <> 'approve' OR NOT EXISTS (SELECT 1 FROM lots l JOIN lot_cases c ON c.lot_id = l.id
        WHERE l.id = NEW.lot_id AND l.state = 'accepted' AND l.decided_by = NEW.user_id
          AND c.case_id = NEW.case_id AND c.review_id = NEW.review_id AND c.subject = NEW.subject AND NOT c.sampled) THEN
        RAISE EXCEPTION 'a decision on a lot needs the lot accepted by that person, and the case in it';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_of_lots BEFORE INSERT ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_of_lots();

-- +goose StatementBegin
CREATE FUNCTION deliveries_of_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM decisions d JOIN lots l ON l.id = d.lot_id WHERE d.id = NEW.decision_id AND l.state <> 'accepted') THEN
        RAISE EXCEPTION 'a delivery under a lot needs the lot accepted';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_of_lots BEFORE INSERT ON deliveries
    FOR EACH ROW EXECUTE FUNCTION deliveries_of_lots();

-- A lot is accepted or rejected by a person, once its sample is decided. What
-- was drawn stays drawn, and what was decided stays decided.
-- +goose StatementBegin
CREATE FUNCTION lots_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NEW.state IN ('accepted', 'rejected') AND (OLD.state <> 'ready'
       OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.decided_by AND u.kind = 'person')
       OR EXISTS (SELECT 1 FROM lot_cases c WHERE c.lot_id = NEW.id AND c.sampled AND c.outcome = '')
       OR NEW.sample <> (SELECT COUNT(*) FROM lot_cases c WHERE c.lot_id = NEW.id AND c.sampled)
       OR NEW.wrong <> (SELECT COUNT(*) FROM lot_cases c WHERE c.lot_id = NEW.id AND c.outcome = 'wrong')
       OR NEW.state = 'accepted' AND EXISTS (SELECT 1 FROM bars b WHERE b.id = NEW.bar_id AND b.voided_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'a lot needs a person, its whole sample and its bar to be decided';
    END IF;
    IF NEW.id <> OLD.id OR NEW.step <> OLD.step OR NEW.bar_id <> OLD.bar_id OR NEW.error <> OLD.error
       OR NEW.confidence <> OLD.confidence OR NEW.roles <> OLD.roles
       OR OLD.state <> 'gathering' AND (NEW.seed <> OLD.seed OR NEW.sample <> OLD.sample OR NEW.size <> OLD.size OR NEW.state = 'gathering')
       OR OLD.state IN ('accepted', 'rejected', 'void') AND (NEW.state <> OLD.state OR NEW.decided_by IS DISTINCT FROM OLD.decided_by
         OR NEW.wrong <> OLD.wrong OR NEW.bound <> OLD.bound OR NEW.reason <> OLD.reason OR NEW.subject <> OLD.subject) THEN
        RAISE EXCEPTION 'a lot cannot be altered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lots_fixed BEFORE UPDATE ON lots FOR EACH ROW EXECUTE FUNCTION lots_fixed();

-- +goose StatementBegin
CREATE FUNCTION lots_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'gathering' THEN
        RAISE EXCEPTION 'a lot begins by gathering';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lots_begin BEFORE INSERT ON lots FOR EACH ROW EXECUTE FUNCTION lots_begin();

-- +goose StatementBegin
CREATE FUNCTION lots_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'neither a lot nor a bar can be deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER lots_no_delete BEFORE DELETE ON lots FOR EACH ROW EXECUTE FUNCTION lots_stay();
CREATE TRIGGER lots_no_truncate BEFORE TRUNCATE ON lots FOR EACH STATEMENT EXECUTE FUNCTION lots_stay();
CREATE TRIGGER lot_cases_no_delete BEFORE DELETE ON lot_cases FOR EACH ROW EXECUTE FUNCTION lots_stay();
CREATE TRIGGER lot_cases_no_truncate BEFORE TRUNCATE ON lot_cases FOR EACH STATEMENT EXECUTE FUNCTION lots_stay();
CREATE TRIGGER bars_no_delete BEFORE DELETE ON bars FOR EACH ROW EXECUTE FUNCTION lots_stay();
CREATE TRIGGER bars_no_truncate BEFORE TRUNCATE ON bars FOR EACH STATEMENT EXECUTE FUNCTION lots_stay();

-- A case joins a lot that gathers; the sample is fixed when it closes, and
-- what came of it when the lot is decided.
-- +goose StatementBegin
CREATE FUNCTION lot_cases_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_at TEXT;
BEGIN
    SELECT state INTO now_at FROM lots WHERE id = NEW.lot_id;
    IF TG_OP = 'INSERT' THEN
        IF NEW.sampled OR NEW.outcome <> '' OR now_at IS DISTINCT FROM 'gathering' THEN
            RAISE EXCEPTION 'a case joins a lot while it gathers';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.lot_id <> OLD.lot_id OR NEW.case_id <> OLD.case_id OR NEW.review_id <> OLD.review_id OR NEW.subject <> OLD.subject
       OR NEW.sampled <> OLD.sampled AND now_at <> 'gathering'
       OR NEW.outcome <> OLD.outcome AND (NOT NEW.sampled OR now_at NOT IN ('sampling', 'ready')) THEN
        RAISE EXCEPTION 'the sample of a lot cannot be altered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lot_cases_fixed BEFORE INSERT OR UPDATE ON lot_cases FOR EACH ROW EXECUTE FUNCTION lot_cases_fixed();

-- +goose StatementBegin
CREATE FUNCTION bars_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL
       OR (to_jsonb(NEW) - 'voided_at' - 'void_reason') <> (to_jsonb(OLD) - 'voided_at' - 'void_reason') THEN
        RAISE EXCEPTION 'a bar cannot be altered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER bars_fixed BEFORE UPDATE ON bars FOR EACH ROW EXECUTE FUNCTION bars_fixed();
