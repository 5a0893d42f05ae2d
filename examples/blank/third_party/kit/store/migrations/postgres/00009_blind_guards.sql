-- +goose Up

-- Nobody decides blind without having filled the fields in, in whichever seat of
-- the round.
-- +goose StatementBegin
CREATE FUNCTION decisions_blind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.releases AND EXISTS (SELECT 1 FROM reviews r WHERE r.id = NEW.review_id AND r.blind
       AND NOT EXISTS (SELECT 1 FROM reviews m JOIN blind_answers b ON b.review_id = m.id
                       WHERE m.round = r.round AND b.user_id = NEW.user_id)) THEN
        RAISE EXCEPTION 'a blind review is decided after its fields were filled in';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_blind BEFORE INSERT ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_blind();

-- +goose StatementBegin
CREATE FUNCTION reviews_stay_blind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a blind review stays blind';
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_stay_blind BEFORE UPDATE OF blind ON reviews
    FOR EACH ROW WHEN (OLD.blind AND NOT NEW.blind) EXECUTE FUNCTION reviews_stay_blind();

-- +goose StatementBegin
CREATE FUNCTION blind_answers_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a blind answer cannot be altered or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER blind_answers_fixed BEFORE UPDATE OR DELETE ON blind_answers
    FOR EACH ROW EXECUTE FUNCTION blind_answers_fixed();
CREATE TRIGGER blind_answers_no_truncate BEFORE TRUNCATE ON blind_answers
    FOR EACH STATEMENT EXECUTE FUNCTION blind_answers_fixed();

-- Who filled in one seat of a round has seen the draft.
-- +goose StatementBegin
CREATE FUNCTION blind_answers_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reviews r JOIN reviews m ON m.round = r.round JOIN blind_answers b ON b.review_id = m.id
               WHERE r.id = NEW.review_id AND b.user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'a person answers blind once a round';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER blind_answers_once BEFORE INSERT ON blind_answers
    FOR EACH ROW EXECUTE FUNCTION blind_answers_once();

-- A canary is decided on as any draft is, and nothing ever leaves of it.
-- +goose StatementBegin
CREATE FUNCTION never_of_a_canary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM decisions d JOIN reviews r ON r.id = d.review_id JOIN drafts f ON f.id = r.draft_id
               WHERE d.id = NEW.decision_id AND (r.kind = 'canary' OR f.canary)) THEN
        RAISE EXCEPTION 'nothing comes of a canary: it is never delivered';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_no_canary BEFORE INSERT ON deliveries
    FOR EACH ROW EXECUTE FUNCTION never_of_a_canary();
CREATE TRIGGER outputs_no_canary BEFORE INSERT OR UPDATE ON outputs
    FOR EACH ROW WHEN (NEW.decision_id IS NOT NULL) EXECUTE FUNCTION never_of_a_canary();

-- The altered draft and the review of kind canary belong together.
-- +goose StatementBegin
CREATE FUNCTION reviews_canary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.kind = 'canary') <> EXISTS (SELECT 1 FROM drafts d WHERE d.id = NEW.draft_id AND d.canary) THEN
        RAISE EXCEPTION 'a canary is reviewed as a canary';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_canary BEFORE INSERT OR UPDATE OF kind, draft_id ON reviews
    FOR EACH ROW EXECUTE FUNCTION reviews_canary();

-- What was planted stands, and whether it was seen is noted once.
-- +goose StatementBegin
CREATE FUNCTION canaries_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a canary cannot be altered or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER drafts_canary_stays BEFORE UPDATE OF canary ON drafts
    FOR EACH ROW WHEN (NEW.canary <> OLD.canary) EXECUTE FUNCTION canaries_fixed();
CREATE TRIGGER canaries_fixed BEFORE UPDATE ON canaries
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL OR NEW.decided_at IS NULL OR NEW.review_id <> OLD.review_id
        OR NEW.case_id <> OLD.case_id OR NEW.original <> OLD.original OR NEW.name <> OLD.name
        OR NEW.path <> OLD.path OR NEW.planted <> OLD.planted OR NEW.truth <> OLD.truth)
    EXECUTE FUNCTION canaries_fixed();
CREATE TRIGGER canaries_no_delete BEFORE DELETE ON canaries
    FOR EACH ROW EXECUTE FUNCTION canaries_fixed();
CREATE TRIGGER canaries_no_truncate BEFORE TRUNCATE ON canaries
    FOR EACH STATEMENT EXECUTE FUNCTION canaries_fixed();
