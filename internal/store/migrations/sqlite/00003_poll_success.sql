-- +goose Up
-- When a poll was last answered, with data or with none: a contact that fails is noticed by the age of this.
ALTER TABLE poll ADD COLUMN succeeded_at BIGINT NOT NULL DEFAULT 0;
UPDATE poll SET succeeded_at = last_at WHERE last_result IN ('data', 'nothing');

-- +goose Down
ALTER TABLE poll DROP COLUMN succeeded_at;
