package store

import (
	"context"
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
func (s *Store) Migrate(ctx context.Context) error { return s.migrate(ctx, 0) }

// migrate brings the tables up to a version, 0 being the newest.
func (s *Store) migrate(ctx context.Context, version int64) error {
	return s.withMigrations(func(p *goose.Provider) (err error) {
		have, newest, err := versions(ctx, p)
		if err != nil {
			return err
		}
		if have > newest {
			return fmt.Errorf("the database is of version %d, this program knows %d: use the newer program", have, newest)
		}
		if version == 0 {
			_, err = p.Up(ctx)
		} else {
			_, err = p.UpTo(ctx, version)
		}
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return nil
	})
}

// versions returns which version the tables have, 0 if there are none, and which is this program's.
func (s *Store) versions(ctx context.Context) (have, newest int64, err error) {
	err = s.withMigrations(func(p *goose.Provider) (err error) {
		have, newest, err = versions(ctx, p)
		return err
	})
	return have, newest, err
}

func versions(ctx context.Context, p *goose.Provider) (have, newest int64, err error) {
	if have, err = p.GetDBVersion(ctx); err != nil {
		return 0, 0, fmt.Errorf("read database version: %w", err)
	}
	sources := p.ListSources()
	return have, sources[len(sources)-1].Version, nil
}

func (s *Store) withMigrations(do func(p *goose.Provider) error) (err error) {
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
	return do(p)
}
