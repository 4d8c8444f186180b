-- +goose Up
-- Banks are asked what a contact may do (HTD), and for reports on direct debits (CDZ). Order attributes are set by order type.

CREATE TABLE poll_by_kind (
    contact_id  TEXT   NOT NULL REFERENCES contact (id),
    order_type  TEXT   NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN ('protocol', 'status', 'statement', 'master')),
    next_at     BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    last_result TEXT   NOT NULL,
    PRIMARY KEY (contact_id, order_type)
);
INSERT INTO poll_by_kind SELECT contact_id, order_type, kind, next_at, last_at, last_result FROM poll;
DROP TABLE poll;
ALTER TABLE poll_by_kind RENAME TO poll;
CREATE INDEX poll_next ON poll (next_at);

INSERT INTO poll SELECT id, 'HTD', 'master', 0, 0, '' FROM contact WHERE id NOT IN (SELECT contact_id FROM poll WHERE order_type = 'HTD');
INSERT INTO poll SELECT c.id, 'CDZ', 'status', 0, 0, '' FROM contact c JOIN bank b ON b.id = c.bank_id
    WHERE b.profile NOT LIKE '%"statusOrders"%' AND c.id NOT IN (SELECT contact_id FROM poll WHERE order_type = 'CDZ');
UPDATE bank SET profile = REPLACE(profile, '"uploadAttribute":"DZHNN"', '"uploadAttributes":{"CCT":"DZHNN"}');
UPDATE bank SET profile = REPLACE(REPLACE(profile, '"uploadAttribute":"OZHNN",', ''), '"uploadAttribute":"OZHNN"', '');

-- +goose Down
DELETE FROM poll WHERE kind = 'master' OR order_type = 'CDZ';
UPDATE bank SET profile = REPLACE(profile, '"uploadAttributes":{"CCT":"DZHNN"}', '"uploadAttribute":"DZHNN"');
