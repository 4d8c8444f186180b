package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"kontor/internal/store"
)

// Damage changes the last byte of a sealed value of a table on SQLite, as a disk may do.
func Damage(ctx context.Context, s *store.Store, table string) error {
	db, ok := s.Native().(*sql.DB)
	if !ok {
		return errors.New("only SQLite's files are damaged here")
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf(
		`UPDATE %s SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || CASE WHEN substr(sealed, -1) = X'00' THEN X'01' ELSE X'00' END AS BLOB)
		WHERE rowid = (SELECT MIN(rowid) FROM %s)`, table, table))
	return err
}
