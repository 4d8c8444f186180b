package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// A look-up is not in a transaction: nothing would make its writes whole.
func TestGlanceReadsAndDoesNotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		var has bool
		err := f.Store.Glance(t.Context(), func(tx *store.Tx) (err error) {
			has, err = tx.HasOwner(t.Context(), hub.Operator)
			return err
		})
		if err != nil || !has {
			t.Errorf("found %v, error %v", has, err)
		}
		err = f.Store.Glance(t.Context(), func(tx *store.Tx) error {
			return tx.Audit(t.Context(), hub.AuditRow{Owner: hub.Operator, Action: "glance"})
		})
		if err == nil {
			t.Error("a look-up has written")
		}
	})
}

func TestErrorThatWasIgnoredDoesNotCommit(t *testing.T) {
	f := storetest.Postgres(t)
	err := f.Store.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Overtake(t.Context(), "ignored"); err != nil {
			return err
		}
		if err := store.FailStatement(t.Context(), tx); err == nil {
			t.Error("the invented statement works")
		}
		return nil
	})
	if !errors.Is(err, pgx.ErrTxCommitRollback) {
		t.Errorf("error %v", err)
	}
	if marked(t, f, "ignored") {
		t.Error("it was written")
	}
}

func TestTransactionWithoutAStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		nothing := func(*store.Tx) error { return nil }
		if err := errors.Join(f.Store.Write(t.Context(), nothing), f.Store.Read(t.Context(), nothing), f.Store.Glance(t.Context(), nothing)); err != nil {
			t.Error(err)
		}
	})
}

// Rows that wait for the next statement belong to the transaction: they go with it, and with its failure.
func TestRowsAreWrittenWithTheirTransactionOrNotAtAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		audit := func(tx *store.Tx, action string) error {
			return tx.Audit(t.Context(), hub.AuditRow{Owner: hub.Operator, Actor: "test", Action: action, Subject: action})
		}
		fault := errors.New("invented fault")
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error { return errors.Join(audit(tx, "undone"), fault) })
		if !errors.Is(err, fault) {
			t.Error(err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = f.Store.Write(t.Context(), func(tx *store.Tx) error { // it does not return
				if err := audit(tx, "panicked"); err != nil {
					return err
				}
				panic("invented")
			})
		}()
		must(t, f.Store.Write(t.Context(), func(tx *store.Tx) error { return audit(tx, "last") }))
		must(t, f.Store.Write(t.Context(), func(tx *store.Tx) error {
			return errors.Join(audit(tx, "before"), tx.Overtake(t.Context(), "between"), audit(tx, "after"))
		}))
		for action, want := range map[string]int{"undone": 0, "panicked": 0, "last": 1, "before": 1, "after": 1} {
			if n := len(query(t, f, "SELECT 1 FROM audit WHERE action = '"+action+"'")); n != want {
				t.Errorf("%s: %d rows, want %d", action, n, want)
			}
		}
	})
}

// What the database refuses may show only at the commit, and is the same error there.
func TestConflictIsTheSameErrorOnBothEngines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.CreateOwner(t.Context(), hub.Operator) })
		if hub.CodeOf(err) != hub.CodeConflict {
			t.Errorf("error %v", err)
		}
	})
}

// A process must end although somebody still waits for the database.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for five seconds: run without -short")
	}
	f := storetest.Postgres(t)
	s, _ := f.Another()
	begun, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.Read(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Tenants(t.Context()); err != nil {
				return err
			}
			close(begun)
			<-end
			return nil
		})
	}()
	<-begun
	if err := s.Close(); err == nil {
		t.Error("closed while a transaction runs")
	}
	close(end)
	if err := <-ended; err != nil {
		t.Errorf("the transaction that went on: %v", err)
	}
}

// What is presumed on PostgreSQL to spare a round trip must be as if it had been asked: the answer is right, and nothing stays of the try
// that was wrong.
func TestWrongPresumptionIsAskedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("acme")
		submit := func(file hub.FileID) (first hub.FileID, tries int) {
			t.Helper()
			f.Write(func(tx *store.Tx) (err error) {
				tries++
				if first, err = tx.ClaimSubmission(t.Context(), tenant.ID, [32]byte{1}, file, time.Hour); err != nil {
					return err
				}
				return tx.Audit(t.Context(), hub.AuditRow{Owner: tenant.ID.Owner(), Actor: "test", Action: "submit", Subject: string(file)})
			})
			return first, tries
		}
		if first, tries := submit("one"); first != "" || tries != 1 {
			t.Errorf("new bytes: first %q after %d tries", first, tries)
		}
		want := 1
		if f.Store.Engine() == store.Postgres {
			want = 2
		}
		if first, tries := submit("two"); first != "one" || tries != want {
			t.Errorf("the same bytes: first %q after %d tries, want %d", first, tries, want)
		}
		for _, file := range []string{"one", "two"} {
			if n := count(t, f, "SELECT count(*) FROM audit WHERE subject = '"+file+"'"); n != 1 {
				t.Errorf("%s: %d audit rows", file, n)
			}
		}
	})
}

// A presumption that was wrong must not be committed by a caller who does not look at errors.
func TestWrongPresumptionShowsAtTheNextStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("acme")
		claim := func(file hub.FileID, ignore bool) error {
			return f.Store.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.ClaimSubmission(t.Context(), tenant.ID, [32]byte{1}, file, time.Hour); err != nil {
					return err
				}
				err := tx.Overtake(t.Context(), string(file))
				if ignore {
					err = nil
				}
				return err
			})
		}
		must(t, claim("one", false))
		must(t, claim("two", false))
		if !marked(t, f, "two") {
			t.Error("the second try was not committed")
		}
		if err := claim("three", true); f.Store.Engine() == store.Postgres && !errors.Is(err, pgx.ErrTxCommitRollback) {
			t.Errorf("error %v", err)
		}
		if f.Store.Engine() == store.Postgres && marked(t, f, "three") {
			t.Error("a transaction was committed on a wrong presumption")
		}
	})
}
