package prepared

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"testing"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := Open("file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	run(t, db, `CREATE TABLE n (id INTEGER PRIMARY KEY, word TEXT UNIQUE)`)
	return db
}

func run(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func closing(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// words reads all words in order.
func words(t *testing.T, db *sql.DB) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT word FROM n ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		var w string
		if err := rows.Scan(&w); err != nil {
			t.Fatal(err)
		}
		out = append(out, w)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// kept counts the texts that the one connection knows, and those of them that are prepared.
func kept(t *testing.T, db *sql.DB) (known, ready int) {
	t.Helper()
	one, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, one)
	err = one.Raw(func(below any) error {
		for _, s := range below.(*conn).known {
			known++
			if s.inner != nil {
				ready++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return known, ready
}

func TestStatementIsPreparedWhenItComesAgain(t *testing.T) {
	db := open(t)
	for n := range 5 {
		run(t, db, `INSERT INTO n (word) VALUES ($1)`, fmt.Sprint("w", n))
		if _, ready := kept(t, db); ready != min(n, 1) {
			t.Errorf("after %d uses %d are prepared", n+1, ready)
		}
	}
	if w := words(t, db); len(w) != 5 || w[4] != "w4" {
		t.Errorf("%v", w)
	}
	if w := words(t, db); len(w) != 5 {
		t.Errorf("%v", w)
	}
}

func TestPreparedStatementSeesAChangedTable(t *testing.T) {
	db := open(t)
	for n := range 3 {
		run(t, db, `INSERT INTO n (word) VALUES ($1)`, fmt.Sprint("w", n))
		if w := words(t, db); len(w) != n+1 {
			t.Fatalf("%v", w)
		}
	}
	run(t, db, `ALTER TABLE n ADD COLUMN more TEXT NOT NULL DEFAULT 'm'`)
	run(t, db, `INSERT INTO n (word) VALUES ($1)`, "after")
	if w := words(t, db); len(w) != 4 || w[3] != "after" {
		t.Errorf("%v", w)
	}
}

// Rows of a statement are open while the same text is asked again: each must see its own.
func TestSameTextInsideItself(t *testing.T) {
	db := open(t)
	for n := range 3 {
		run(t, db, `INSERT INTO n (word) VALUES ($1)`, fmt.Sprint("w", n))
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const query = `SELECT id FROM n WHERE id > $1 ORDER BY id`
	var pairs int
	for range 3 {
		pairs = 0
		each(t, tx, query, 0, func(int64) {
			each(t, tx, query, 1, func(int64) { pairs++ })
		})
	}
	if pairs != 6 {
		t.Errorf("%d pairs, want 3 times 2", pairs)
	}
}

func each(t *testing.T, tx *sql.Tx, query string, after int64, visit func(id int64)) {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), query, after)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		visit(id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestStatementWorksAgainAfterAnError(t *testing.T) {
	db := open(t)
	for n := range 3 {
		run(t, db, `INSERT INTO n (word) VALUES ($1)`, fmt.Sprint("w", n))
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		word  string
		fails bool
	}{{"w1", true}, {"w3", false}, {"w3", true}, {"w4", false}} {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO n (word) VALUES ($1)`, row.word)
		if (err != nil) != row.fails {
			t.Errorf("%s: %v", row.word, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if w := words(t, db); len(w) != 5 {
		t.Errorf("%v", w)
	}
}

// A kept statement that still held its snapshot would keep the write-ahead log growing for ever.
func TestKeptStatementHoldsNoSnapshot(t *testing.T) {
	db := open(t)
	for n := range 3 {
		run(t, db, `INSERT INTO n (word) VALUES ($1)`, fmt.Sprint("w", n))
		// Only the first row is read.
		var w string
		if err := db.QueryRowContext(t.Context(), `SELECT word FROM n ORDER BY id`).Scan(&w); err != nil {
			t.Fatal(err)
		}
	}
	var busy, log, moved int
	if err := db.QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved); err != nil {
		t.Fatal(err)
	}
	if busy != 0 || log != 0 {
		t.Errorf("busy %d, %d frames left", busy, log)
	}
}

func TestTextsAreForgottenWhenThereAreTooMany(t *testing.T) {
	db := open(t)
	run(t, db, `INSERT INTO n (word) VALUES ($1)`, "w")
	for n := range 3 * Limit {
		words(t, db) // used all the time, so never the one to go
		var id int64
		if err := db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT id + %d FROM n`, n)).Scan(&id); err != nil {
			t.Fatal(err)
		}
	}
	known, ready := kept(t, db)
	if known > Limit || ready != 1 {
		t.Errorf("%d texts are known, %d prepared", known, ready)
	}
}

func TestEndedContextLeavesTheConnectionUsable(t *testing.T) {
	db := open(t)
	for n := range 3 {
		run(t, db, `INSERT INTO n (word) VALUES ($1)`, fmt.Sprint("w", n))
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := db.ExecContext(ctx, `INSERT INTO n (word) VALUES ($1)`, "late"); err == nil {
		t.Error("an ended context was no error")
	}
	run(t, db, `INSERT INTO n (word) VALUES ($1)`, "next")
	if w := words(t, db); len(w) != 4 {
		t.Errorf("%v", w)
	}
}
