-- +goose Up

-- What a review is for stays as it was opened, and a round is of one draft and
-- has one quorum.
-- +goose StatementBegin
CREATE FUNCTION reviews_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.case_id, NEW.step, NEW.draft_id, NEW.round, NEW.seat, NEW.quorum, NEW.kind, NEW.created_at)
           IS DISTINCT FROM (OLD.id, OLD.case_id, OLD.step, OLD.draft_id, OLD.round, OLD.seat, OLD.quorum, OLD.kind, OLD.created_at) THEN
            RAISE EXCEPTION 'a review stays what it was opened for';
        END IF;
    ELSIF NEW.quorum < 1 OR EXISTS (SELECT 1 FROM reviews o WHERE o.round = NEW.round AND o.round <> ''
        AND (o.case_id, o.draft_id, o.step, o.quorum) IS DISTINCT FROM (NEW.case_id, NEW.draft_id, NEW.step, NEW.quorum)) THEN
        RAISE EXCEPTION 'the reviews of a round are of one draft, with one quorum';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_fixed BEFORE INSERT OR UPDATE OF id, case_id, step, draft_id, round, seat, quorum, kind, created_at ON reviews
    FOR EACH ROW EXECUTE FUNCTION reviews_fixed();

-- A review stays, once somebody decided in its round: whoever was still to look
-- was.
-- +goose StatementBegin
CREATE FUNCTION reviews_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM decisions d JOIN reviews o ON o.id = d.review_id WHERE o.round = OLD.round AND o.round <> '' OR o.id = OLD.id) THEN
        RAISE EXCEPTION 'a review of a round that was decided on cannot be deleted';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION reviews_no_delete();

-- Who is kept from a review stays kept from it.
CREATE TRIGGER barred_stays BEFORE UPDATE OR DELETE ON barred
    FOR EACH ROW EXECUTE FUNCTION decided_stays();
CREATE TRIGGER barred_no_truncate BEFORE TRUNCATE ON barred
    FOR EACH STATEMENT EXECUTE FUNCTION decided_stays();

-- Each seat of a round is another person, and none who is kept from it. The
-- lock makes two decisions of one round wait for each other.
-- +goose StatementBegin
CREATE FUNCTION decisions_one_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM reviews r JOIN reviews o ON o.round = r.round AND (r.round <> '' OR o.id = r.id) WHERE r.id = NEW.review_id ORDER BY o.id FOR UPDATE OF o;
    IF EXISTS (SELECT 1 FROM barred b WHERE b.review_id = NEW.review_id AND b.user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'the person is kept from this review';
    END IF;
    IF NEW.verdict <> 'skip' AND NEW.undone_at IS NULL AND EXISTS (SELECT 1 FROM reviews r JOIN reviews o ON o.round = r.round AND (r.round <> '' OR o.id = r.id)
        JOIN decisions d ON d.review_id = o.id WHERE r.id = NEW.review_id AND d.user_id = NEW.user_id
          AND d.verdict <> 'skip' AND d.undone_at IS NULL) THEN
        RAISE EXCEPTION 'each seat of a round is another person';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_one_seat BEFORE INSERT ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_one_seat();

-- None of the decisions that a delivery rests on is taken back.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION decisions_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
       OR (to_jsonb(NEW) - 'undone_at') <> (to_jsonb(OLD) - 'undone_at') THEN
        RAISE EXCEPTION 'a decision cannot be altered';
    END IF;
    IF EXISTS (SELECT 1 FROM reviews r JOIN reviews o ON o.round = r.round AND (r.round <> '' OR o.id = r.id) JOIN decisions d ON d.review_id = o.id
        JOIN deliveries x ON x.decision_id = d.id WHERE r.id = NEW.review_id) THEN
        RAISE EXCEPTION 'a decision cannot be undone once it was delivered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- A delivery needs a decision of the same case that stands and releases it,
-- and in its round, where nobody else is still to decide, as many people who
-- decided the same as the round has seats, or one who settled it. Where a second
-- look or a settling ended without a decision, only what was decided after it
-- had opened leaves: nobody looked at what was decided before. The locks keep an
-- undo that runs at the same time from slipping between.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deliveries_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM decisions d JOIN reviews r ON r.id = d.review_id JOIN reviews o ON o.round = r.round AND (r.round <> '' OR o.id = r.id)
        JOIN decisions e ON e.review_id = o.id WHERE d.id = NEW.decision_id ORDER BY e.id FOR UPDATE OF e;
    IF NOT EXISTS (SELECT 1 FROM decisions d JOIN users u ON u.id = d.user_id JOIN reviews r ON r.id = d.review_id
        WHERE d.id = NEW.decision_id AND d.case_id = NEW.case_id AND d.releases AND d.undone_at IS NULL AND u.kind = 'person'
          AND r.kind <> 'canary'
          AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.case_id = r.case_id AND o.id <> r.id AND o.state = 'open')
          AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = r.round AND r.round <> '' AND o.id <> r.id
            AND (o.ended = 'expired' OR o.kind IN ('second', 'adjudication') AND o.id > d.id AND o.created_at >= d.created_at
              AND NOT EXISTS (SELECT 1 FROM decisions e WHERE e.review_id = o.id AND e.verdict <> 'skip' AND e.undone_at IS NULL)))
          AND (r.kind = 'adjudication' OR r.quorum <= (SELECT COUNT(DISTINCT e.user_id) FROM decisions e
            JOIN reviews s ON s.id = e.review_id WHERE s.round = r.round AND (r.round <> '' OR s.id = r.id) AND s.kind IN ('first', 'second')
              AND e.releases AND e.undone_at IS NULL AND e.value = d.value)
            AND NOT EXISTS (SELECT 1 FROM decisions e JOIN reviews s ON s.id = e.review_id WHERE s.round = r.round AND r.round <> ''
              AND e.verdict <> 'skip' AND e.undone_at IS NULL AND NOT (e.releases AND e.value = d.value)))) THEN
        RAISE EXCEPTION 'a delivery needs a decision that stands and releases it, by as many people as its round has seats';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
