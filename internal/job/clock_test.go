package job_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

// R9: jobs that a clock which has been set back since has written into the future are nobody's to take up: were they counted as waiting,
// the sweep would give no hints for as long as the clock was wrong.
func TestR9JobsOfTheFutureDoNotWait(t *testing.T) {
	each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		c := newClient(t, f, nil)
		waiting := func() int {
			n, err := c.Waiting(ctx)
			must(t, err)
			return n
		}
		for n := range 3 {
			enqueue(t, f, c, hub.PollJob{Contact: hub.ContactID(fmt.Sprint(n))})
		}
		if n := waiting(); n != 3 {
			t.Fatalf("%d jobs wait, want 3", n)
		}
		var err error
		switch db := f.Store.Native().(type) {
		case *pgxpool.Pool:
			_, err = db.Exec(ctx, `UPDATE river_job SET scheduled_at = scheduled_at + interval '26 hours' WHERE id <> (SELECT MIN(id) FROM river_job)`)
		case *sql.DB:
			_, err = db.ExecContext(ctx, `UPDATE river_job SET scheduled_at = strftime('%Y-%m-%d %H:%M:%f', scheduled_at, '+26 hours') WHERE id <> (SELECT MIN(id) FROM river_job)`)
		}
		must(t, err)
		if n := waiting(); n != 1 {
			t.Errorf("%d jobs wait, want 1", n)
		}
	})
}
