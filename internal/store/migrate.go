package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
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
		return patiently(ctx, func() (err error) {
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
	})
}

// While a change of a table waits for those who use it, a backup of another node for example, everybody else's statements wait behind it. So
// on PostgreSQL it waits for a moment only, lets the line pass, and tries again.
const (
	lockTimeout  = "1500ms"
	lockPause    = time.Second
	lockPatience = 10 * time.Minute
)

// patiently repeats what fails because a table is in use, until lockPatience is over.
func patiently(ctx context.Context, migrate func() error) error {
	end := time.NewTimer(lockPatience)
	defer end.Stop()
	for {
		err := migrate()
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "55P03" { // lock_not_available
			return err
		}
		pause := time.NewTimer(lockPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(ctx.Err(), err)
		case <-end.C:
			pause.Stop()
			return fmt.Errorf("a table was in use for %s, by a backup or another long transaction: %w", lockPatience, err)
		case <-pause.C:
		}
	}
}

// ErrNewerTables says that a newer program has migrated the database while this one was running: what this one reads and writes may mean
// something else now.
var ErrNewerTables = errors.New("the tables are of a newer version than this program")

// TablesFit fails with ErrNewerTables when the tables are newer than this program. It is one look-up, for a process that runs.
func (s *Store) TablesFit(ctx context.Context) error {
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	var have int64
	err = s.Glance(ctx, func(tx *Tx) error {
		_, err := tx.one(ctx, `SELECT MAX(version_id) FROM goose_db_version`, nil, &have)
		return err
	})
	if err != nil {
		return fmt.Errorf("read version of the tables: %w", err)
	}
	if have > newest {
		return fmt.Errorf("%w: they are of version %d, it knows %d", ErrNewerTables, have, newest)
	}
	return nil
}

// newestMigration is the version that this program's migrations lead to.
func newestMigration() (int64, error) {
	files, err := fs.ReadDir(migrations, "migrations/sqlite") // sorted; both engines have the same
	if err != nil {
		return 0, err
	}
	number, _, _ := strings.Cut(files[len(files)-1].Name(), "_")
	return strconv.ParseInt(number, 10, 64)
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

// openPatient opens connections whose statements do not wait for locks for longer than lockTimeout.
func (s *Store) openPatient() *sql.DB {
	settings := s.pool.Config().ConnConfig
	settings.RuntimeParams["lock_timeout"] = lockTimeout
	return stdlib.OpenDB(*settings)
}

func (s *Store) withMigrations(do func(p *goose.Provider) error) (err error) {
	dialect, folder, db := goose.DialectSQLite3, "migrations/sqlite", s.write
	var options []goose.ProviderOption
	if s.engine == Postgres {
		dialect, folder, db = goose.DialectPostgres, "migrations/postgres", s.openPatient()
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
