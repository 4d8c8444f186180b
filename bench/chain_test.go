package bench_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// chain does for the ceiling what the hub's sealer does soon after a submission: it marks the audit row and adds its link to the chain,
// many with one statement. A submission costs the database these rows, too.
type chain struct {
	db    *sql.DB
	owner any

	mu     sync.Mutex
	ids    []string // of audit rows that wait
	number int64
}

const (
	chainEvery    = 500 * time.Millisecond // as the hub
	chainTogether = 50
)

// startChain works beside the writers until the test ends; before that it must not be used.
func startChain(t testing.TB, db *sql.DB, rows []row) *chain {
	t.Helper()
	audit := rows[slices.Index(tables, "audit")]
	c := &chain{db: db, owner: audit.values[0], number: time.Now().UnixNano()} // above every number of an earlier one
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(chainEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := c.seal(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	t.Cleanup(func() {
		end()
		wait.Wait()
	})
	return c
}

// add hands a committed audit row over.
func (c *chain) add(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids = append(c.ids, id)
}

func (c *chain) seal(ctx context.Context) error {
	c.mu.Lock()
	ids := c.ids
	c.ids = nil
	c.mu.Unlock()
	for batch := range slices.Chunk(ids, 4*chainTogether) {
		tx, err := c.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(batch, chainTogether) {
			if err := c.link(ctx, tx, some); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) link(ctx context.Context, tx *sql.Tx, ids []string) error {
	marked, marks := []any{c.owner}, []string{}
	links, places := []any{}, []string{}
	for n, id := range ids {
		marked, marks = append(marked, id), append(marks, fmt.Sprintf("$%d", n+2))
		hash := make([]byte, 32)
		_, _ = rand.Read(hash) // never fails
		c.number++
		links = append(links, c.owner, c.number, id, hash, hash)
		places = append(places, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d)", 5*n+1, 5*n+2, 5*n+3, 5*n+4, 5*n+5))
	}
	done, err := tx.ExecContext(ctx, "UPDATE audit SET chained = 1 WHERE chained = 0 AND owner = $1 AND id IN ("+strings.Join(marks, ", ")+")", marked...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n != int64(len(ids)) {
		return fmt.Errorf("%d of %d audit rows were marked", n, len(ids))
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO audit_link (owner, number, row_id, digest, link) VALUES "+strings.Join(places, ", "), links...)
	return err
}
