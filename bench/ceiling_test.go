package bench_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	vocabulary "kontor/internal/hub"
)

// The ceiling is what the database allows when nothing is done but to write: the rows of one submission, copied from those that the hub
// has written, with new ids, and the job, in one transaction that is as durable as the hub's, and soon afterwards the link that chains the
// audit row. No HTTP, no XML, no encryption, no look-ups.
// On SQLite writers share commits as those of the hub do; the rows' statements are prepared once, and the job is inserted by its library as
// it comes. Beside it stands a second figure, with the job's statement kept prepared, too, as only the hub's layer below database/sql does.

// tables are those in which a submission makes one row each, beside the job.
var tables = []string{"submission", "body", "chunk", "payment_page", "payment_file", "event", "audit"}

// row is a row to be written again and again with other ids.
type row struct {
	insert string
	values []any
	ids    []int // columns that hold an id of this submission or row
	hashes []int // columns that hold what must differ

	unchained int // the column that says whether an audit row is in the chain; 0 in other tables
}

// submissionRows reads the rows of the one submission that the hub has taken in.
func submissionRows(t testing.TB, db *sql.DB) []row {
	t.Helper()
	var out []row
	for _, table := range tables {
		filter := ""
		if table == "audit" {
			filter = " WHERE action = 'payment_file.receive'"
		}
		out = append(out, readRow(t, db, table, filter))
	}
	return out
}

func readRow(t testing.TB, db *sql.DB, table, filter string) row {
	t.Helper()
	found, err := db.QueryContext(t.Context(), "SELECT * FROM "+table+filter)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(found.Err(), found.Close()); err != nil {
			t.Error(err)
		}
	}()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	if !found.Next() {
		t.Fatalf("%s has no row", table)
	}
	r := row{values: make([]any, len(columns))}
	places, into := make([]string, len(columns)), make([]any, len(columns))
	for n, name := range columns {
		places[n], into[n] = fmt.Sprintf("$%d", n+1), &r.values[n]
		if slices.Contains([]string{"id", "file_id", "body_id", "subject"}, name) {
			r.ids = append(r.ids, n)
		}
		if name == "digest" || name == "message_fp" {
			r.hashes = append(r.hashes, n)
		}
		if name == "chained" {
			r.unchained = n
		}
	}
	if err := found.Scan(into...); err != nil {
		t.Fatal(err)
	}
	if found.Next() {
		t.Fatalf("%s has more than the one row of a submission", table)
	}
	if r.unchained > 0 { // the hub has chained its row since, a new one is to be
		r.values[r.unchained] = int64(0)
	}
	r.insert = "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
	return r
}

// fresh returns the values for another submission.
func (r row) fresh(id string) []any {
	values := slices.Clone(r.values)
	for _, n := range r.ids {
		values[n] = id
	}
	for _, n := range r.hashes {
		hash := make([]byte, 32)
		_, _ = rand.Read(hash) // never fails
		values[n] = hash
	}
	return values
}

// ceiling writes one submission; the returned function is for concurrent use.
type ceiling func(ctx context.Context) error

func newCeiling(t testing.TB, engine, address string, rows []row, writers int) ceiling {
	t.Helper()
	if engine == sqlite {
		return newSQLiteCeiling(t, open(t, sqlite, address), rows)
	}
	return newPostgresCeiling(t, address, rows, writers)
}

func newPostgresCeiling(t testing.TB, address string, rows []row, writers int) ceiling {
	t.Helper()
	settings, err := pgxpool.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	settings.MaxConns = int32(writers)
	pool, err := pgxpool.NewWithConfig(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, postgres, address)
	t.Cleanup(func() { closeDB(t, db) })
	chain := startChain(t, db, rows)
	return func(ctx context.Context) error {
		id := uuid.Must(uuid.NewV7()).String()
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			var all pgx.Batch
			for _, r := range rows {
				all.Queue(r.insert, r.fresh(id)...)
			}
			if err := tx.SendBatch(ctx, &all).Close(); err != nil {
				return err
			}
			_, err := jobs.InsertTx(ctx, tx, vocabulary.SendJob{Tenant: vocabulary.TenantID(id), File: vocabulary.FileID(id)}, nil)
			return err
		})
		if err == nil {
			chain.add(id)
		}
		return err
	}
}

// sqliteCeiling collects writers for its one committer: what has come while a commit ran shares the next one.
type sqliteCeiling struct {
	db         *sql.DB
	rows       []row
	statements []*sql.Stmt
	jobs       *river.Client[*sql.Tx]
	queue      chan chan error
	chain      *chain
}

// newSQLiteCeiling takes the database over.
func newSQLiteCeiling(t testing.TB, db *sql.DB, rows []row) ceiling {
	t.Helper()
	c := &sqliteCeiling{db: db, rows: rows, queue: make(chan chan error, 1024)}
	for _, r := range rows {
		s, err := c.db.PrepareContext(t.Context(), r.insert) //nolint:sqlclosecheck // closed by the cleanup
		if err != nil {
			t.Fatal(err)
		}
		c.statements = append(c.statements, s)
	}
	var err error
	if c.jobs, err = river.NewClient(riversqlite.New(c.db), &river.Config{}); err != nil {
		t.Fatal(err)
	}
	c.chain = startChain(t, db, rows)
	var committer sync.WaitGroup
	committer.Go(c.commit)
	t.Cleanup(func() {
		close(c.queue)
		committer.Wait()
		for _, s := range c.statements {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		closeDB(t, c.db)
	})
	return func(context.Context) error {
		done := make(chan error, 1)
		c.queue <- done
		return <-done
	}
}

func (c *sqliteCeiling) commit() {
	for first := range c.queue {
		waiting := []chan error{first}
		err := c.together(&waiting)
		for _, w := range waiting {
			w <- err
		}
	}
}

// together writes one submission for everybody who waits, in one transaction.
func (c *sqliteCeiling) together(waiting *[]chan error) error {
	ctx := context.Background()
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	var ids []string
	for written := 0; written < len(*waiting); written++ {
		id := uuid.Must(uuid.NewV7()).String()
		if err := c.write(ctx, tx, id); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		ids = append(ids, id)
		select {
		case next, open := <-c.queue:
			if open && len(*waiting) < 64 {
				*waiting = append(*waiting, next)
			}
		default:
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, id := range ids {
		c.chain.add(id)
	}
	return nil
}

func (c *sqliteCeiling) write(ctx context.Context, tx *sql.Tx, id string) error {
	for n, r := range c.rows {
		if _, err := tx.StmtContext(ctx, c.statements[n]).ExecContext(ctx, r.fresh(id)...); err != nil { //nolint:sqlclosecheck // by the commit
			return err
		}
	}
	_, err := c.jobs.InsertTx(ctx, tx, vocabulary.SendJob{Tenant: vocabulary.TenantID(id), File: vocabulary.FileID(id)}, nil)
	return err
}

// rowCounts counts the rows of all tables of a submission, and the jobs of its kind: the hub has others.
func rowCounts(t testing.TB, db *sql.DB) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	for _, table := range append(slices.Clone(tables), "river_job WHERE kind = '"+vocabulary.SendJob{}.Kind()+"'") {
		var n int64
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	return out
}

// growth says how many rows of each table were added, as text that can be compared.
func growth(before, after map[string]int64) string {
	grown := map[string]int64{}
	for table, n := range after {
		grown[table] = n - before[table]
	}
	text, err := json.Marshal(grown)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
