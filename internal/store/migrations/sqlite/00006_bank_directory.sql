-- +goose Up
-- Which banks exist: one list for the installation, of what an operator has imported. It is public, hence not sealed. The row says what the
-- parts, compressed, add up to.
CREATE TABLE bank_directory (
    id           BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version      TEXT   NOT NULL,
    date         TEXT   NOT NULL,
    sha256       TEXT   NOT NULL,
    banks        BIGINT NOT NULL,
    participants BIGINT NOT NULL,
    at           BIGINT NOT NULL
);
CREATE TABLE bank_directory_part (
    number  BIGINT NOT NULL PRIMARY KEY,
    content BLOB   NOT NULL
);

-- +goose Down
DROP TABLE bank_directory_part;
DROP TABLE bank_directory;
