-- +goose Up

-- The keys of receipts are events of the trail. Each start of a service asks
-- for them, and must not read the whole trail for it.
CREATE INDEX audit_events_keys ON audit_events (seq) WHERE kind = 'key.added';
