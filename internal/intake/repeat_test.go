package intake_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/job"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// Many submit the same bytes at once, on PostgreSQL on two nodes, new ones and ones that are known not to be executed: one is taken.
func TestOfManyEqualFilesAtOnceOneIsTaken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		desks := []*intake.Intake{d.Intake}
		if f.Store.Engine() == store.Postgres {
			s, _ := f.Another()
			defer func() { f.Must(s.Close()) }()
			jobs, err := job.New(s, nil, 0)
			f.Must(err)
			desks = append(desks, intake.New(intake.Options{Store: s, Jobs: jobs}))
		}
		for round := range 6 {
			text := salaries(fmt.Sprint("M", round), 1).String()
			if round%2 == 1 {
				file := d.taken(text)
				d.Write(func(tx *store.Tx) error {
					if err := tx.Transit(t.Context(), d.tenant.ID, file.ID, hub.Send(), store.Change{Actor: "test"}); err != nil {
						return err
					}
					return tx.Transit(t.Context(), d.tenant.ID, file.ID, hub.Fail(), store.Change{Actor: "test"})
				})
			}
			const many = 10
			var wg sync.WaitGroup
			files, errs := make([]hub.PaymentFile, many), make([]error, many)
			for i := range many {
				wg.Go(func() {
					one := *d
					one.Intake = desks[i%len(desks)]
					files[i], errs[i] = one.submit(text)
				})
			}
			wg.Wait()
			states, firsts, taken := map[hub.State]int{}, map[hub.FileID]int{}, hub.FileID("")
			for i, file := range files {
				f.Must(errs[i])
				states[file.State]++
				firsts[file.Detail.DuplicateOf]++
				if file.State == hub.StateQueued {
					taken = file.ID
				}
			}
			if states[hub.StateQueued] != 1 || states[hub.StateRejected] != many-1 || firsts[taken] != many-1 {
				t.Errorf("round %d: %v, doubles of %v, %s is taken", round, states, firsts, taken)
			}
		}
	})
}

// A repeat of a file so large that it was staged in batches is found out in the middle of the last transaction, which then runs again.
func TestRepeatOfALargeFileIsKeptWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		const payments = 9000
		text := salaries("BIG", payments).String()
		first, again := d.taken(text), d.taken(text)
		if first.State != hub.StateQueued || again.State != hub.StateRejected || again.Detail.DuplicateOf != first.ID {
			t.Errorf("%s, then %s, a double of %q", first.State, again.State, again.Detail.DuplicateOf)
		}
		if string(d.body(again.ID)) != text || len(d.payments(again.ID)) != payments {
			t.Error("the repeat is not kept whole")
		}
		if n, err := f.Store.SweepStaged(t.Context(), f.Now().Add(time.Hour)); err != nil || n != 0 {
			t.Errorf("%d bodies are left staged (%v)", n, err)
		}
	})
}
