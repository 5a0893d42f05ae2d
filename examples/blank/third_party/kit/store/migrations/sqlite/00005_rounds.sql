-- +goose Up

-- What a review is for stays as it was opened.
-- +goose StatementBegin
CREATE TRIGGER reviews_fixed BEFORE UPDATE OF id, case_id, step, draft_id, round, seat, quorum, kind, created_at ON reviews
WHEN NEW.id <> OLD.id OR NEW.case_id <> OLD.case_id OR NEW.draft_id <> OLD.draft_id
  OR NEW.round <> OLD.round OR NEW.seat <> OLD.seat OR NEW.quorum <> OLD.quorum OR NEW.kind <> OLD.kind
  OR NEW.step <> OLD.step OR NEW.created_at <> OLD.created_at
BEGIN
    SELECT RAISE(ABORT, 'a review stays what it was opened for');
END;
-- +goose StatementEnd

-- A round is of one draft and has one quorum.
-- +goose StatementBegin
CREATE TRIGGER reviews_of_one_round BEFORE INSERT ON reviews
WHEN NEW.quorum < 1 OR EXISTS (SELECT 1 FROM reviews o WHERE o.round = NEW.round AND o.round <> '' AND (o.case_id <> NEW.case_id
    OR o.draft_id <> NEW.draft_id OR o.step <> NEW.step OR o.quorum <> NEW.quorum))
BEGIN
    SELECT RAISE(ABORT, 'the reviews of a round are of one draft, with one quorum');
END;
-- +goose StatementEnd

-- Who is kept from a review stays kept from it.
-- +goose StatementBegin
CREATE TRIGGER barred_no_update BEFORE UPDATE ON barred
BEGIN
    SELECT RAISE(ABORT, 'who is kept from a review stays so');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER barred_no_delete BEFORE DELETE ON barred
BEGIN
    SELECT RAISE(ABORT, 'who is kept from a review stays so');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER decisions_not_barred BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM barred b WHERE b.review_id = NEW.review_id AND b.user_id = NEW.user_id)
BEGIN
    SELECT RAISE(ABORT, 'the person is kept from this review');
END;
-- +goose StatementEnd

-- Each seat of a round is another person.
-- +goose StatementBegin
CREATE TRIGGER decisions_one_seat BEFORE INSERT ON decisions
WHEN NEW.verdict <> 'skip' AND NEW.undone_at IS NULL AND EXISTS (SELECT 1 FROM reviews r JOIN reviews o ON o.round = r.round AND (r.round <> '' OR o.id = r.id)
    JOIN decisions d ON d.review_id = o.id WHERE r.id = NEW.review_id AND d.user_id = NEW.user_id
      AND d.verdict <> 'skip' AND d.undone_at IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'each seat of a round is another person');
END;
-- +goose StatementEnd

DROP TRIGGER decisions_fixed;
-- +goose StatementBegin
CREATE TRIGGER decisions_fixed BEFORE UPDATE ON decisions
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
  OR NEW.id <> OLD.id OR NEW.review_id <> OLD.review_id OR NEW.case_id <> OLD.case_id
  OR NEW.user_id <> OLD.user_id OR NEW.user_kind <> OLD.user_kind OR NEW.verdict <> OLD.verdict
  OR NEW.releases <> OLD.releases OR NEW.reason <> OLD.reason OR NEW.subject <> OLD.subject
  OR NEW.value <> OLD.value OR NEW.changed <> OLD.changed OR NEW.key <> OLD.key
  OR NEW.request <> OLD.request OR NEW.created_at <> OLD.created_at
  OR NEW.fields <> OLD.fields OR NEW.redraft <> OLD.redraft OR NEW.stood <> OLD.stood OR NEW.seconds <> OLD.seconds
BEGIN
    SELECT RAISE(ABORT, 'a decision cannot be altered');
END;
-- +goose StatementEnd

-- A delivery needs a decision of the same case that stands and releases it,
-- and in its round, where nobody else is still to decide, as many people who
-- decided the same as the round has seats, or one who settled it. Where a second
-- look or a settling ended without a decision, only what was decided after it
-- had opened leaves: nobody looked at what was decided before.
DROP TRIGGER deliveries_standing;
-- +goose StatementBegin
CREATE TRIGGER deliveries_standing BEFORE INSERT ON deliveries
WHEN NOT EXISTS (SELECT 1 FROM decisions d JOIN users u ON u.id = d.user_id JOIN reviews r ON r.id = d.review_id
    WHERE d.id = NEW.decision_id AND d.case_id = NEW.case_id AND d.releases AND d.undone_at IS NULL AND u.kind = 'person'
      AND r.kind <> 'canary'
      AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.case_id = r.case_id AND o.id <> r.id AND o.state = 'open')
      AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = r.round AND r.round <> '' AND o.id <> r.id
        AND (o.ended = 'expired' OR o.kind IN ('second', 'adjudication') AND o.id > d.id AND o.created_at >= d.created_at
          AND NOT EXISTS (SELECT 1 FROM decisions e WHERE e.review_id = o.id AND e.verdict <> 'skip' AND e.undone_at IS NULL)))
      AND (r.kind = 'adjudication' OR r.quorum <= (SELECT COUNT(DISTINCT e.user_id) FROM decisions e JOIN reviews s ON s.id = e.review_id
        WHERE s.round = r.round AND (r.round <> '' OR s.id = r.id) AND s.kind IN ('first', 'second') AND e.releases AND e.undone_at IS NULL AND e.value = d.value)
        AND NOT EXISTS (SELECT 1 FROM decisions e JOIN reviews s ON s.id = e.review_id WHERE s.round = r.round AND r.round <> ''
          AND e.verdict <> 'skip' AND e.undone_at IS NULL AND NOT (e.releases AND e.value = d.value))))
BEGIN
    SELECT RAISE(ABORT, 'a delivery needs a decision that stands and releases it, by as many people as its round has seats');
END;
-- +goose StatementEnd

-- None of the decisions that a delivery rests on is taken back.
DROP TRIGGER decisions_delivered;
-- +goose StatementBegin
CREATE TRIGGER decisions_delivered BEFORE UPDATE OF undone_at ON decisions
WHEN NEW.undone_at IS NOT NULL AND EXISTS (SELECT 1 FROM reviews r JOIN reviews o ON o.round = r.round AND (r.round <> '' OR o.id = r.id)
    JOIN decisions d ON d.review_id = o.id JOIN deliveries x ON x.decision_id = d.id WHERE r.id = NEW.review_id)
BEGIN
    SELECT RAISE(ABORT, 'a decision cannot be undone once it was delivered');
END;
-- +goose StatementEnd
