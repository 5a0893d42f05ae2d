-- +goose Up

-- What people decided on stays, with its draft: the decision counts for as many
-- as the round has seats, and for nothing where it was a canary. The foreign
-- keys say so too, but not to the sqlite3 shell, where INSERT OR REPLACE also
-- deletes without a trigger.
-- +goose StatementBegin
CREATE TRIGGER reviews_no_replace BEFORE INSERT ON reviews
WHEN EXISTS (SELECT 1 FROM reviews r WHERE r.id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a review cannot be replaced');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews
WHEN EXISTS (SELECT 1 FROM decisions d JOIN reviews o ON o.id = d.review_id WHERE o.round = OLD.round AND o.round <> '' OR o.id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'a review of a round that was decided on cannot be deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER drafts_no_replace BEFORE INSERT ON drafts
WHEN EXISTS (SELECT 1 FROM drafts d WHERE d.id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a draft cannot be replaced');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER drafts_no_delete BEFORE DELETE ON drafts
WHEN EXISTS (SELECT 1 FROM reviews r WHERE r.draft_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'a draft that is reviewed cannot be deleted');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER canaries_no_replace BEFORE INSERT ON canaries
WHEN EXISTS (SELECT 1 FROM canaries c WHERE c.review_id = NEW.review_id OR c.case_id = NEW.case_id)
BEGIN
    SELECT RAISE(ABORT, 'a canary cannot be replaced');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER users_no_replace BEFORE INSERT ON users
WHEN EXISTS (SELECT 1 FROM users u WHERE u.id = NEW.id AND u.kind <> NEW.kind)
BEGIN
    SELECT RAISE(ABORT, 'a person stays a person');
END;
-- +goose StatementEnd
