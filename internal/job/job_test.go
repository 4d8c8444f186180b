package job_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// patience is how long a test waits for something that happens in another goroutine.
const patience = 30 * time.Second

// canary stands for what belongs to a tenant.
const canary = "Kanarienvogel7391"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func each(t *testing.T, test func(t *testing.T, f *storetest.Fixture)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		must(t, job.Migrate(t.Context(), f.Store))
		test(t, f)
	})
}

func newClient(t *testing.T, f *storetest.Fixture, w *job.Workers) *job.Client {
	t.Helper()
	c, err := job.New(f.Store, w, 4)
	must(t, err)
	return c
}

// start starts a client that is stopped, at the latest, when the test ends.
func start(t *testing.T, c *job.Client) {
	t.Helper()
	must(t, c.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func enqueue(t *testing.T, f *storetest.Fixture, c *job.Client, args job.Args) {
	t.Helper()
	f.Write(func(tx *store.Tx) error { return c.Enqueue(t.Context(), tx, args) })
}

// columns returns all columns of all jobs as text.
func columns(t *testing.T, f *storetest.Fixture) (jobs []map[string]string) {
	t.Helper()
	switch db := f.Store.Native().(type) {
	case *pgxpool.Pool:
		rows, err := db.Query(t.Context(), `SELECT to_jsonb(j)::text AS all, j.state::text, coalesce(j.errors::text, '') FROM river_job j ORDER BY id`)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var all, state, failures string
			must(t, rows.Scan(&all, &state, &failures))
			jobs = append(jobs, map[string]string{"all": all, "state": state, "errors": failures})
		}
		must(t, rows.Err())
	case *sql.DB:
		rows, err := db.QueryContext(t.Context(), `SELECT * FROM river_job ORDER BY id`)
		must(t, err)
		defer rows.Close() //nolint:errcheck // Err is checked below
		names, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			values, pointers := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				pointers[i] = &values[i]
			}
			must(t, rows.Scan(pointers...))
			one := map[string]string{}
			for i, name := range names {
				text := fmt.Sprint(values[i])
				if b, ok := values[i].([]byte); ok {
					text = string(b)
				}
				one[name] = text
				one["all"] += name + "=" + text + " "
			}
			jobs = append(jobs, one)
		}
		must(t, rows.Err())
	}
	return jobs
}

// waitForState returns the jobs when all of them are in a state.
func waitForState(t *testing.T, f *storetest.Fixture, state string) []map[string]string {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		jobs := columns(t, f)
		there := len(jobs) > 0
		for _, j := range jobs {
			there = there && j["state"] == state
		}
		if there {
			return jobs
		}
		if time.Now().After(end) {
			t.Fatalf("not all are %s: %v", state, jobs)
		}
	}
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s does not come", what)
		panic("unreachable")
	}
}

func TestJobExistsIfAndOnlyIfItsTransactionCommits(t *testing.T) {
	each(t, func(t *testing.T, f *storetest.Fixture) {
		c := newClient(t, f, nil)
		broken := errors.New("broken off")
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error {
			return errors.Join(c.Enqueue(t.Context(), tx, hub.SendJob{Tenant: "t", File: "rolled back"}), broken)
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if jobs := columns(t, f); len(jobs) != 0 {
			t.Errorf("jobs of a transaction that rolled back: %v", jobs)
		}
		enqueue(t, f, c, hub.SendJob{Tenant: "t", File: "committed"})
		jobs := columns(t, f)
		if len(jobs) != 1 || !strings.Contains(jobs[0]["all"], "committed") || jobs[0]["state"] != "available" {
			t.Errorf("jobs %v", jobs)
		}
	})
}

func TestWorkerGetsTheArgumentsOfItsKind(t *testing.T) {
	each(t, func(t *testing.T, f *storetest.Fixture) {
		w := job.NewWorkers(slog.New(slog.DiscardHandler))
		sent, polled, indexed := make(chan hub.SendJob, 1), make(chan hub.PollJob, 1), make(chan hub.IndexJob, 1)
		job.Handle(w, func(_ context.Context, a hub.SendJob) error { sent <- a; return nil })
		job.Handle(w, func(_ context.Context, a hub.PollJob) error { polled <- a; return nil })
		job.Handle(w, func(_ context.Context, a hub.IndexJob) error { indexed <- a; return nil })
		c := newClient(t, f, w)
		start(t, c)
		send, poll, index := hub.SendJob{Tenant: "t", File: "f"}, hub.PollJob{Contact: "c"}, hub.IndexJob{Contact: "c", Download: "d"}
		for _, args := range []job.Args{send, poll, index} {
			enqueue(t, f, c, args)
		}
		if a := receive(t, sent, "the sending"); a != send {
			t.Errorf("%+v", a)
		}
		if a := receive(t, polled, "the poll"); a != poll {
			t.Errorf("%+v", a)
		}
		if a := receive(t, indexed, "the indexing"); a != index {
			t.Errorf("%+v", a)
		}
		waitForState(t, f, "completed")
	})
}

// What a job failed of may quote a tenant's data: it goes to the log, and River keeps a code.
func TestFailedJobKeepsOnlyItsCode(t *testing.T) {
	for _, row := range []struct {
		name string
		fail func() error
		want string
	}{
		{"coded", func() error { return hub.Errorf(hub.CodeUnavailable, "no answer about %s", canary) }, "unavailable"},
		{"wrapped", func() error { return fmt.Errorf("%s: %w", canary, hub.Errorf(hub.CodeConflict, "%s", canary)) }, "conflict"},
		{"internal", func() error { return errors.New(canary) }, "internal"},
		{"panic", func() error { panic(canary) }, "internal"},
		{"panic with an error", func() error { panic(errors.New(canary)) }, "internal"},
	} {
		t.Run(row.name, func(t *testing.T) {
			each(t, func(t *testing.T, f *storetest.Fixture) {
				var log lockedBuffer
				w := job.NewWorkers(slog.New(slog.NewTextHandler(&log, nil)))
				job.Handle(w, func(context.Context, hub.SendJob) error { return row.fail() })
				c := newClient(t, f, w)
				enqueue(t, f, c, hub.SendJob{Tenant: "t", File: "f"})
				start(t, c)
				// One try: what is still open is found by the sweep.
				stored := waitForState(t, f, "discarded")[0]
				if strings.Contains(stored["all"], canary) || !strings.Contains(stored["errors"], row.want) {
					t.Errorf("stored: %v", stored)
				}
				if !strings.Contains(log.String(), canary) || !strings.Contains(log.String(), "dispatch.send") {
					t.Errorf("the log does not tell: %s", log.String())
				}
			})
		})
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestStopWaitsForTheWorkInHand(t *testing.T) {
	each(t, func(t *testing.T, f *storetest.Fixture) {
		began, finish := make(chan struct{}), make(chan struct{})
		var done atomic.Bool
		w := job.NewWorkers(slog.New(slog.DiscardHandler))
		job.Handle(w, func(ctx context.Context, _ hub.SendJob) error {
			close(began)
			<-finish
			if ctx.Err() != nil {
				t.Error("the work was cancelled though there was time")
			}
			done.Store(true)
			return nil
		})
		c := newClient(t, f, w)
		must(t, c.Start(context.WithoutCancel(t.Context())))
		enqueue(t, f, c, hub.SendJob{})
		receive(t, began, "the work")
		stopped := make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			stopped <- c.Stop(ctx)
		}()
		select {
		case err := <-stopped:
			t.Errorf("stopped with work in hand: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
		close(finish)
		must(t, receive(t, stopped, "the stop"))
		if !done.Load() {
			t.Error("the work was left")
		}
		waitForState(t, f, "completed")
	})
}

func TestStopCancelsTheWorkWhenTimeIsUp(t *testing.T) {
	each(t, func(t *testing.T, f *storetest.Fixture) {
		began := make(chan struct{})
		w := job.NewWorkers(slog.New(slog.DiscardHandler))
		job.Handle(w, func(ctx context.Context, _ hub.SendJob) error {
			close(began)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(patience):
				return errors.New("never cancelled")
			}
		})
		c := newClient(t, f, w)
		must(t, c.Start(context.WithoutCancel(t.Context())))
		enqueue(t, f, c, hub.SendJob{})
		receive(t, began, "the work")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		must(t, c.Stop(ctx))
		// Work that was cancelled did not fail: the tables say that it is open.
		waitForState(t, f, "completed")
	})
}

func TestClientThatWasNeverStartedStops(t *testing.T) {
	each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		must(t, newClient(t, f, nil).Stop(ctx))
	})
}

func TestKindIsRegisteredOnce(t *testing.T) {
	w := job.NewWorkers(slog.New(slog.DiscardHandler))
	work := func(context.Context, hub.SendJob) error { return nil }
	job.Handle(w, work)
	defer func() {
		if recover() == nil {
			t.Error("the second function replaced the first without a word")
		}
	}()
	job.Handle(w, work)
}

func TestTablesOfJobsMayBeMigratedAgain(t *testing.T) {
	each(t, func(t *testing.T, f *storetest.Fixture) { must(t, job.Migrate(t.Context(), f.Store)) })
}

// Several nodes of one installation are started at the same moment.
func TestNodesMayMigrateJobsAtOnce(t *testing.T) {
	for range 3 {
		f := storetest.Postgres(t)
		start := make(chan struct{})
		var done []chan error
		for range 4 {
			s, _ := f.Another()
			d := make(chan error, 1)
			done = append(done, d)
			go func() {
				<-start
				d <- errors.Join(job.Migrate(context.WithoutCancel(t.Context()), s), s.Close())
			}()
		}
		close(start)
		for _, d := range done {
			if err := receive(t, d, "the migration"); err != nil {
				t.Error(err)
			}
		}
	}
}

// River keeps arguments in clear. So they are ids, made by us, and nothing else.
func TestArgumentsAreIDsOnly(t *testing.T) {
	all := map[string]job.Args{"SendJob": hub.SendJob{}, "PollJob": hub.PollJob{}, "IndexJob": hub.IndexJob{}}
	ids := []reflect.Type{
		reflect.TypeFor[hub.TenantID](), reflect.TypeFor[hub.FileID](), reflect.TypeFor[hub.ContactID](), reflect.TypeFor[hub.DownloadID](),
		reflect.TypeFor[hub.DocumentID](),
	}
	for name, args := range all {
		typ := reflect.TypeOf(args)
		if typ.NumField() == 0 {
			t.Errorf("%s has no fields", name)
		}
		for field := range typ.Fields() {
			known := false
			for _, id := range ids {
				known = known || field.Type == id
			}
			if !known {
				t.Errorf("%s.%s is a %s", name, field.Name, field.Type)
			}
		}
	}
	// Every kind of job that there is was looked at.
	file, err := parser.ParseFile(token.NewFileSet(), "../hub/job.go", nil, 0)
	must(t, err)
	found := 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Name.Name != "Kind" {
			continue
		}
		found++
		if receiver, ok := f.Recv.List[0].Type.(*ast.Ident); !ok || all[receiver.Name] == nil {
			t.Errorf("a kind of job that this test does not know: %v", f.Recv.List[0].Type)
		}
	}
	if found != len(all) {
		t.Errorf("%d kinds found", found)
	}
}
