package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"kontor/internal/store"
)

// Behind runs one statement behind the store's back and returns the number that it selects; 0 for a statement that selects none.
func Behind(ctx context.Context, s *store.Store, statement string) (n int64, err error) {
	selects := strings.HasPrefix(statement, "SELECT")
	switch db := s.Native().(type) {
	case *pgxpool.Pool:
		if selects {
			err = db.QueryRow(ctx, statement).Scan(&n)
			return n, err
		}
		_, err = db.Exec(ctx, statement)
	case *sql.DB:
		if selects {
			err = db.QueryRowContext(ctx, statement).Scan(&n)
			return n, err
		}
		_, err = db.ExecContext(ctx, statement)
	default:
		err = fmt.Errorf("the store is on a %T", db)
	}
	return 0, err
}
