package store_test

import (
	"errors"
	"testing"

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
