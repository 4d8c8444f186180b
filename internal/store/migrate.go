package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables to this program's version. A database that is newer than the program is refused.
func (s *Store) Migrate(ctx context.Context) (err error) {
	dialect, folder, db := goose.DialectSQLite3, "migrations/sqlite", s.write
	var options []goose.ProviderOption
	if s.engine == Postgres {
		dialect, folder, db = goose.DialectPostgres, "migrations/postgres", stdlib.OpenDBFromPool(s.pool)
		defer func() { err = errors.Join(err, db.Close()) }()
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600)) // nodes that start at once ask again every second
		if err != nil {
			return fmt.Errorf("prepare migration: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return fmt.Errorf("prepare migration: %w", err)
	}
	if err := refuseNewer(ctx, p, db); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func refuseNewer(ctx context.Context, p *goose.Provider, _ *sql.DB) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read database version: %w", err)
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	if have > newest {
		return fmt.Errorf("the database is of version %d, this program knows %d: use the newer program", have, newest)
	}
	return nil
}
