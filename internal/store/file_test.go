package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// claim submits the bytes with a digest and returns the earlier file that they double.
func claim(t *testing.T, f *storetest.Fixture, tenant hub.TenantID, digest byte, file hub.FileID) (earlier hub.FileID) {
	t.Helper()
	f.Write(func(tx *store.Tx) (err error) {
		earlier, err = tx.ClaimSubmission(t.Context(), tenant, [32]byte{digest}, file, window)
		return err
	})
	return earlier
}

const window = 24 * time.Hour

func TestSameBytesOfATenantAreADoubleSubmission(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		a, b := f.NewTenant("alpha"), f.NewTenant("beta")
		first := f.NewFile(a.ID, "contact", hub.StateConfirmed, 1)
		later := f.NewFile(a.ID, "contact", hub.StateConfirmed, 1)
		for _, row := range []struct {
			name    string
			forward time.Duration
			tenant  hub.TenantID
			digest  byte
			file    hub.FileID
			earlier hub.FileID
		}{
			{"the first", 0, a.ID, 1, first.ID, ""},
			{"the same at once", 0, a.ID, 1, "second", first.ID},
			{"other bytes", 0, a.ID, 2, "third", ""},
			{"the same bytes of another tenant", 0, b.ID, 1, "fourth", ""},
			{"the same at the end of the window", window, a.ID, 1, "fifth", first.ID},
			{"the same after the window", time.Microsecond, a.ID, 1, later.ID, ""},
			{"the window begins with the last that was taken", window, a.ID, 1, "seventh", later.ID},
		} {
			t.Run(row.name, func(t *testing.T) {
				f.Forward(row.forward)
				if got := claim(t, f, row.tenant, row.digest, row.file); got != row.earlier {
					t.Errorf("earlier file %q, want %q", got, row.earlier)
				}
			})
		}
	})
}

// What will not be executed may be sent again at once; what may still be executed, not even after the window: a bank that is down over
// a weekend must not turn a repeated file into a second payment.
func TestFateOfTheFirstFileDecidesWhetherItBlocks(t *testing.T) {
	const (
		never = iota
		withinTheWindow
		always
	)
	blocks := map[hub.State]int{
		hub.StateRejected: never, hub.StateFailed: never, hub.StateCancelledAtBank: never, hub.StateRejectedByBank: never,
		hub.StateAccepted: withinTheWindow, hub.StatePartiallyAccepted: withinTheWindow, hub.StateConfirmed: withinTheWindow,
		hub.StateQueued: always, hub.StateSending: always, hub.StateUnclear: always, hub.StateSent: always, hub.StateForwarded: always,
	}
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		for i, state := range hub.States() {
			for _, late := range []bool{false, true} {
				t.Run(fmt.Sprint(state, " late ", late), func(t *testing.T) {
					rule, known := blocks[state]
					if !known {
						t.Fatal("a state that this test does not know")
					}
					digest := byte(2 * i)
					if late {
						digest++
					}
					first := f.NewFile(tenant.ID, "contact", state, 0).ID
					if got := claim(t, f, tenant.ID, digest, first); got != "" {
						t.Fatalf("the first doubles %s", got)
					}
					if late {
						f.Forward(window + time.Microsecond)
					}
					want := hub.FileID("")
					if rule == always || rule == withinTheWindow && !late {
						want = first
					}
					if got := claim(t, f, tenant.ID, digest, "second"); got != want {
						t.Errorf("the second doubles %q, want %q", got, want)
					}
				})
			}
		}
	})
}

func TestOfEqualFilesAtOnceExactlyOneWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		for round := range 10 {
			files := []hub.FileID{"one", "two", "three", "four"}
			earlier := make([]hub.FileID, len(files))
			errs := make([]error, len(files))
			var all sync.WaitGroup
			for i, file := range files {
				all.Go(func() {
					errs[i] = f.Store.Write(t.Context(), func(tx *store.Tx) (err error) {
						earlier[i], err = tx.ClaimSubmission(t.Context(), tenant.ID, [32]byte{byte(round)}, file, time.Hour)
						return err
					})
				})
			}
			all.Wait()
			must(t, errors.Join(errs...))
			winner := slices.Index(earlier, "")
			if winner < 0 {
				t.Fatal("nobody won")
			}
			for i, e := range earlier {
				if i != winner && e != files[winner] {
					t.Errorf("round %d: %s won, %s was told %q", round, files[winner], files[i], e)
				}
			}
		}
	})
}

func TestFileComesBackAsItWasWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant, other := f.NewTenant("alpha"), f.NewTenant("beta")
		want := hub.PaymentFile{
			ID: hub.FileID(store.NewID()), Tenant: tenant.ID, Contact: "contact", Key: "key", State: hub.StateQueued, Format: "pain.001.001.09",
			OrderType: "CCT", Count: 2, Currency: "EUR", Created: f.Store.Now(), Updated: f.Store.Now().Add(time.Microsecond),
			Detail: hub.FileDetail{
				MessageID: "MSG-1", FileName: "löhne.xml", ControlSum: "12.34", DuplicateOf: "x", OrderID: "A001", ReasonCode: "AM04", Reason: "r",
				AdditionalInformation: "a", Findings: []finding.Finding{{Code: "PAIN-B1", Severity: finding.Warning, Message: "m", Text: "t"}},
			},
		}
		insert := func(tx *store.Tx) error { return tx.InsertFile(ctx, want) }
		f.Write(insert)
		wantCode(t, f.Store.Write(ctx, insert), hub.CodeConflict)
		f.Reopen()
		f.Read(func(tx *store.Tx) error {
			got, err := tx.File(ctx, tenant.ID, want.ID)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, want %+v", got, want)
			}
			_, err2 := tx.File(ctx, other.ID, want.ID)
			wantCode(t, err2, hub.CodeNotFound)
			return err
		})
	})
}

func TestFilesAreFoundByMessageThroughTheirContact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		a, b := f.NewTenant("alpha"), f.NewTenant("beta")
		add := func(tenant hub.TenantID, contact hub.ContactID, state hub.State) hub.FileID {
			file := hub.PaymentFile{ID: hub.FileID(store.NewID()), Tenant: tenant, Contact: contact, State: state, Created: f.Now(), Updated: f.Now()}
			file.Detail.MessageID = "SAME"
			f.Write(func(tx *store.Tx) error { return tx.InsertFile(ctx, file) })
			return file.ID
		}
		old := add(a.ID, "one", hub.StateSent)
		newer := add(a.ID, "one", hub.StateQueued)
		add(a.ID, "one", hub.StateRejected)
		add(a.ID, "two", hub.StateSent)
		add(b.ID, "one", hub.StateSent)
		f.Read(func(tx *store.Tx) error {
			got, err := tx.FilesByMessage(ctx, a.ID, "one", "SAME")
			if len(got) != 2 || got[0].ID != newer || got[1].ID != old {
				t.Errorf("%+v, want %s, %s", got, newer, old)
			}
			none, err2 := tx.FilesByMessage(ctx, a.ID, "one", "same")
			if len(none) != 0 {
				t.Errorf("found %d of another message", len(none))
			}
			return errors.Join(err, err2)
		})
	})
}

// Many files for a bank that is down must not hide the others.
func TestFilesToSendAreThoseThatNobodyHasInHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		var files []hub.FileID
		for range 6 {
			files = append(files, f.NewFile(tenant.ID, "contact", hub.StateUnclear, 0).ID)
			f.Forward(time.Second)
		}
		f.NewFile(tenant.ID, "contact", hub.StateSent, 0)
		toSend := func(limit int) (ids []hub.FileID) {
			f.Read(func(tx *store.Tx) error {
				refs, err := tx.FilesToSend(ctx, limit, hub.StateUnclear)
				for _, r := range refs {
					ids = append(ids, r.File)
				}
				return err
			})
			return ids
		}
		if got := toSend(3); !slices.Equal(got, files[:3]) {
			t.Errorf("%v, want the three oldest %v", got, files[:3])
		}
		lease := f.Lease(store.FileResource(tenant.ID, files[0]), "worker", time.Minute)
		must(t, f.Store.Postpone(ctx, store.FileResource(tenant.ID, files[1]), "unavailable", time.Minute, time.Hour))
		if got := toSend(3); !slices.Equal(got, files[2:5]) {
			t.Errorf("%v, want the three oldest that nobody has in hand %v", got, files[2:5])
		}
		must(t, f.Store.Release(ctx, lease))
		f.Forward(time.Minute)
		if got := toSend(2); !slices.Equal(got, files[:2]) {
			t.Errorf("%v, want those whose time has come %v", got, files[:2])
		}
		f.Read(func(tx *store.Tx) error {
			open, err := tx.ContactHasOpenOrders(ctx, "contact", hub.StateForwarded, hub.StateSent)
			none, err2 := tx.ContactHasOpenOrders(ctx, "contact", hub.StateForwarded, hub.StateAccepted)
			if !open || none {
				t.Errorf("open orders: %v and %v", open, none)
			}
			return errors.Join(err, err2)
		})
	})
}

// history counts what a transition writes besides the state.
func history(t *testing.T, f *storetest.Fixture, id hub.FileID) (events, audits int64) {
	t.Helper()
	return count(t, f, `SELECT COUNT(*) FROM event WHERE subject = $1`, string(id)), count(t, f, `SELECT COUNT(*) FROM audit WHERE subject = $1`, string(id))
}

func TestTransitionsHappenFromTheirStatesOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		for _, from := range hub.States() {
			for _, step := range hub.Transitions() {
				t.Run(string(from)+" "+step.Name, func(t *testing.T) {
					file := f.NewFile(tenant.ID, "contact", from, 0)
					f.Forward(time.Second)
					uploaded := f.Store.Now()
					err := f.Store.Write(ctx, func(tx *store.Tx) error {
						return tx.Transit(ctx, tenant.ID, file.ID, step, store.Change{
							Actor: tester, Evidence: "body", Event: hub.EventDetail{OrderID: "A001", Reason: "because"}, Uploaded: uploaded,
							Update: func(d *hub.FileDetail) { d.OrderID = "A001" },
						})
					})
					want := file
					events, audits := history(t, f, file.ID)
					if slices.Contains(step.From, from) {
						must(t, err)
						want.State, want.Updated, want.Uploaded, want.Detail.OrderID = step.To, f.Store.Now(), uploaded, "A001"
						if events != 1 || audits != 1 {
							t.Errorf("%d events and %d audit rows", events, audits)
						}
					} else {
						wantCode(t, err, hub.CodeConflict)
						if events+audits != 0 {
							t.Errorf("a refused transition left %d events and %d audit rows", events, audits)
						}
					}
					f.Read(func(tx *store.Tx) error {
						got, err := tx.File(ctx, tenant.ID, file.ID)
						if !reflect.DeepEqual(got, want) {
							t.Errorf("%+v, want %+v", got, want)
						}
						all, err2 := tx.Events(ctx, tenant.ID, string(file.ID))
						for _, e := range all {
							e.ID = ""
							if e != (hub.Event{
								Tenant: tenant.ID, Subject: string(file.ID), At: f.Store.Now(), Actor: tester, Name: step.Name, From: from, To: step.To,
								Evidence: "body", Detail: hub.EventDetail{OrderID: "A001", Reason: "because"},
							}) {
								t.Errorf("event %+v", e)
							}
						}
						return errors.Join(err, err2)
					})
				})
			}
		}
	})
}

func TestRolledBackTransitionLeavesNoTrace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		file := f.NewFile(tenant.ID, "contact", hub.StateQueued, 0)
		broken := errors.New("broken off")
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.Transit(t.Context(), tenant.ID, file.ID, hub.Send(), store.Change{Actor: tester}), broken)
		})
		if !errors.Is(err, broken) || hub.CodeOf(err) != "" {
			t.Fatal(err)
		}
		if events, audits := history(t, f, file.ID); events+audits != 0 {
			t.Errorf("%d events, %d audit rows", events, audits)
		}
		f.Read(func(tx *store.Tx) error {
			got, err := tx.File(t.Context(), tenant.ID, file.ID)
			if got.State != hub.StateQueued {
				t.Errorf("state %s", got.State)
			}
			return err
		})
	})
}

func TestUnknownFileCannotChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		a, b := f.NewTenant("alpha"), f.NewTenant("beta")
		file := f.NewFile(a.ID, "contact", hub.StateQueued, 0)
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Transit(t.Context(), b.ID, file.ID, hub.Send(), store.Change{Actor: tester})
		})
		wantCode(t, err, hub.CodeNotFound)
	})
}

// On PostgreSQL both have read the same state before either writes: the guarded UPDATE decides, not the read.
func TestOfTwoTransitionsAtOnceOneWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		file := f.NewFile(tenant.ID, "contact", hub.StateSending, 0)
		moved, commit := make(chan struct{}), make(chan struct{})
		transit := func(step hub.Transition, then func()) <-chan error {
			return background(t, func(ctx context.Context) error {
				return f.Store.Write(ctx, func(tx *store.Tx) error {
					err := tx.Transit(ctx, tenant.ID, file.ID, step, store.Change{Actor: tester})
					then()
					return err
				})
			})
		}
		first := transit(hub.Deliver(), func() { close(moved); <-commit })
		<-moved
		second := transit(hub.Fail(), func() {})
		waitForBlockedWriter(t, f)
		close(commit)
		must(t, result(t, first))
		wantCode(t, result(t, second), hub.CodeConflict)
		if events, audits := history(t, f, file.ID); events != 1 || audits != 1 {
			t.Errorf("%d events, %d audit rows", events, audits)
		}
	})
}
