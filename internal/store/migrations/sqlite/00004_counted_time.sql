-- +goose Up
-- The window of double submissions is measured by time that was counted, not by a clock that may be set. Files of before keep their repeats
-- off for one more window.
CREATE TABLE counted_time (
    id      BIGINT PRIMARY KEY CHECK (id = 1),
    counted BIGINT NOT NULL,
    witness TEXT   NOT NULL,
    up      BIGINT NOT NULL,
    wall    BIGINT NOT NULL
);
ALTER TABLE submission ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE submission DROP COLUMN counted;
DROP TABLE counted_time;
