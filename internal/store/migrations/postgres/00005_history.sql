-- +goose Up
-- What later payment files are compared with, for tenants that want that: keyed fingerprints, which say nothing without the tenant's key. They
-- are staged with their file; history_file says that a file has some, and how old they are. Rows with one number were written together, and are
-- deleted together. A fingerprint is one tenant's already: in its index the tenant would only take room, of which there is much.
CREATE TABLE history_file (
    tenant_id TEXT   NOT NULL,
    kind      TEXT   NOT NULL CHECK (kind IN ('message', 'payment', 'mandate')),
    file_id   TEXT   NOT NULL,
    staged    BIGINT NOT NULL CHECK (staged IN (0, 1)),
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, file_id)
);
CREATE INDEX history_file_age ON history_file (tenant_id, kind, staged, at);

CREATE TABLE history_print (
    tenant_id   TEXT   NOT NULL,
    fingerprint BYTEA  NOT NULL,
    file_id     TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    number      BIGINT NOT NULL
);
CREATE INDEX history_print_value ON history_print (fingerprint);
CREATE INDEX history_print_file ON history_print (tenant_id, file_id, kind, number);

-- +goose Down
DROP TABLE history_print;
DROP TABLE history_file;
