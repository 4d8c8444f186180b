package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/internal/vault"
)

// noise returns bytes that do not compress, the same for the same seed.
func noise(seed byte, n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(out) // never fails
	return out
}

func write(t *testing.T, st *store.Staging, data []byte, piece int) {
	t.Helper()
	for len(data) > 0 {
		n := min(piece, len(data))
		must(t, st.Write(t.Context(), data[:n]))
		data = data[n:]
	}
}

func TestBodyComesBackByteForByte(t *testing.T) {
	sizes := []int{0, 1, vault.ChunkSize - 1, vault.ChunkSize, vault.ChunkSize + 1, 4 * vault.ChunkSize, 5 << 20}
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		for i, size := range sizes {
			t.Run(fmt.Sprint(size), func(t *testing.T) {
				data := noise(byte(i), size)
				st, err := f.Store.Stage(ctx, hub.Operator, store.BodyDownload)
				must(t, err)
				write(t, st, data, 100_003)
				must(t, st.Close(ctx))
				_, err = f.Store.OpenBody(ctx, hub.Operator, hub.BodyID(st.ID()))
				wantCode(t, err, hub.CodeNotFound) // nothing is visible before it is published
				var id hub.BodyID
				f.Write(func(tx *store.Tx) (err error) { id, err = st.Publish(ctx, tx); return err })
				got, err := f.Store.ReadBody(ctx, hub.Operator, id, int64(size))
				must(t, err)
				if !bytes.Equal(got, data) || st.Size() != int64(size) {
					t.Errorf("%d bytes came back of %d, or others", len(got), size)
				}
				if size > 0 {
					if _, err := f.Store.ReadBody(ctx, hub.Operator, id, int64(size)-1); err == nil {
						t.Error("the limit does not hold")
					}
				}

				f.Write(func(tx *store.Tx) (err error) {
					id, err = tx.PublishBytes(ctx, hub.Operator, store.BodyProtocol, data)
					return err
				})
				got, err = f.Store.ReadBody(ctx, hub.Operator, id, int64(size))
				must(t, err)
				if !bytes.Equal(got, data) {
					t.Error("a body stored whole came back different")
				}
				f.Write(func(tx *store.Tx) error { return tx.DeleteBody(ctx, hub.Operator, id) })
				if n := count(t, f, `SELECT COUNT(*) FROM chunk WHERE body_id = $1`, string(id)); n != 0 {
					t.Errorf("%d chunks of a deleted body", n)
				}
			})
		}
	})
}

func TestBodyBelongsToItsOwner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		a, b := f.NewTenant("alpha"), f.NewTenant("beta")
		var id hub.BodyID
		f.Write(func(tx *store.Tx) (err error) {
			id, err = tx.PublishBytes(t.Context(), a.ID.Owner(), store.BodyDocument, []byte("mine"))
			return err
		})
		_, err := f.Store.OpenBody(t.Context(), b.ID.Owner(), id)
		wantCode(t, err, hub.CodeNotFound)
	})
}

func TestAlteredChunksDoNotOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		var id hub.BodyID
		f.Write(func(tx *store.Tx) (err error) {
			id, err = tx.PublishBytes(ctx, hub.Operator, store.BodyDocument, noise(1, 3*vault.ChunkSize))
			return err
		})
		for _, row := range []struct{ name, do, undo string }{
			{"two chunks changed places", `UPDATE chunk SET number = 3 - number WHERE number > 0`, `UPDATE chunk SET number = 3 - number WHERE number > 0`},
			{"the end is cut off", `UPDATE body SET chunks = 2`, `UPDATE body SET chunks = 3`},
			{"a chunk is missing", `UPDATE chunk SET number = 7 WHERE number = 1`, `UPDATE chunk SET number = 1 WHERE number = 7`},
		} {
			t.Run(row.name, func(t *testing.T) {
				if row.name == "two chunks changed places" { // in steps: the key must stay unique
					tamper(t, f, `UPDATE chunk SET number = 9 WHERE number = 1`)
					tamper(t, f, `UPDATE chunk SET number = 1 WHERE number = 2`)
					tamper(t, f, `UPDATE chunk SET number = 2 WHERE number = 9`)
					defer func() {
						tamper(t, f, `UPDATE chunk SET number = 9 WHERE number = 1`)
						tamper(t, f, `UPDATE chunk SET number = 1 WHERE number = 2`)
						tamper(t, f, `UPDATE chunk SET number = 2 WHERE number = 9`)
					}()
				} else {
					tamper(t, f, row.do)
					defer tamper(t, f, row.undo)
				}
				if _, err := f.Store.ReadBody(ctx, hub.Operator, id, 1<<30); err == nil {
					t.Error("it opened")
				}
			})
		}
		if _, err := f.Store.ReadBody(ctx, hub.Operator, id, 1<<30); err != nil {
			t.Errorf("the body itself: %v", err)
		}
	})
}

func TestSkipToReadsFromAnyOffset(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		const chunk = vault.ChunkSize
		data := noise(3, 3*chunk+1000)
		var id hub.BodyID
		f.Write(func(tx *store.Tx) (err error) {
			id, err = tx.PublishBytes(ctx, hub.Operator, store.BodySpool, data)
			return err
		})
		size := len(data)
		walks := [][]int{
			{0}, {1}, {chunk - 1}, {chunk}, {chunk + 1}, {2 * chunk}, {3 * chunk}, {3*chunk + 999}, {size - 1}, {size},
			{0, 0, 1, 1, 2}, {5, chunk - 10, chunk - 1, chunk, chunk + 20}, {10, 2 * chunk, 2*chunk + 5, size - 5},
			{3 * chunk, 3*chunk + 1, 3*chunk + 50, 3*chunk + 100}, {size - 10, size - 3, size}, {chunk - 1, 3*chunk - 1, 3 * chunk, size},
			{10, 20, size, size},
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			walk := []int{random.IntN(chunk)}
			for walk[len(walk)-1] < size-chunk/2 {
				walk = append(walk, min(size, walk[len(walk)-1]+random.IntN(chunk)))
			}
			walks = append(walks, walk)
		}
		for _, walk := range walks {
			body, err := f.Store.OpenBody(ctx, hub.Operator, id)
			must(t, err)
			at := 0
			for _, offset := range walk {
				if offset < at { // the reading of the step before went further
					continue
				}
				if err := body.SkipTo(int64(offset)); err != nil {
					t.Fatalf("walk %v: skip to %d: %v", walk, offset, err)
				}
				want := data[offset:min(size, offset+1+offset%7)]
				got := make([]byte, len(want))
				if _, err := io.ReadFull(body, got); err != nil {
					t.Fatalf("walk %v: read at %d: %v", walk, offset, err)
				}
				if !bytes.Equal(got, want) {
					t.Fatalf("walk %v: wrong bytes at %d", walk, offset)
				}
				at = offset + len(want)
			}
			rest, err := io.ReadAll(body)
			must(t, err)
			if !bytes.Equal(rest, data[at:]) {
				t.Fatalf("walk %v: wrong bytes after it", walk)
			}
		}
	})
}

func TestSkipToRefusesBackwardsAndBeyondTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		var id hub.BodyID
		f.Write(func(tx *store.Tx) (err error) {
			id, err = tx.PublishBytes(t.Context(), hub.Operator, store.BodySpool, noise(3, vault.ChunkSize+10))
			return err
		})
		for _, row := range []struct {
			name     string
			from, to int64
		}{
			{"negative", 0, -1}, {"one back", 100, 99}, {"a chunk back", vault.ChunkSize + 5, 3}, {"beyond the end", 0, vault.ChunkSize + 11},
			{"chunks beyond the end", 0, 5 * vault.ChunkSize}, {"back in the last chunk", vault.ChunkSize + 5, vault.ChunkSize + 4},
		} {
			t.Run(row.name, func(t *testing.T) {
				body, err := f.Store.OpenBody(t.Context(), hub.Operator, id)
				must(t, err)
				must(t, body.SkipTo(row.from))
				if err := body.SkipTo(row.to); err == nil {
					t.Error("no error")
				}
			})
		}
	})
}

// A transaction that publishes may run twice; the first run must leave nothing.
func TestPublishRunsAgainWhenItsTransactionDoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		for i, size := range []int{10, 3 << 20} {
			data := noise(byte(i), size)
			st, err := f.Store.Stage(ctx, hub.Operator, store.BodyDownload)
			must(t, err)
			write(t, st, data, 1<<20)
			must(t, st.Close(ctx))
			again := errors.New("again")
			publish := func(then error) error {
				return f.Store.Write(ctx, func(tx *store.Tx) error {
					_, err := st.Publish(ctx, tx)
					return errors.Join(err, then)
				})
			}
			if err := publish(again); !errors.Is(err, again) {
				t.Fatal(err)
			}
			_, err = f.Store.OpenBody(ctx, hub.Operator, hub.BodyID(st.ID()))
			wantCode(t, err, hub.CodeNotFound)
			must(t, publish(nil))
			got, err := f.Store.ReadBody(ctx, hub.Operator, hub.BodyID(st.ID()), 1<<30)
			must(t, err)
			if !bytes.Equal(got, data) {
				t.Error("wrong bytes")
			}
		}
	})
}

// stageLarge stages a body and an index that are too large for memory: parts are in the database already.
func stageLarge(t *testing.T, f *storetest.Fixture, tenant hub.TenantID) *store.Staging {
	t.Helper()
	st, err := f.Store.Stage(t.Context(), tenant.Owner(), store.BodyPaymentFile)
	must(t, err)
	write(t, st, noise(9, 2<<20), 1<<20)
	for i := range 17 * hub.PageSize {
		must(t, st.AddPayment(t.Context(), hub.Payment{Ordinal: i}))
	}
	return st
}

func leftovers(t *testing.T, f *storetest.Fixture, id string) (bodies, chunks, pages int64) {
	t.Helper()
	return count(t, f, `SELECT COUNT(*) FROM body WHERE id = $1`, id),
		count(t, f, `SELECT COUNT(*) FROM chunk WHERE body_id = $1`, id),
		count(t, f, `SELECT COUNT(*) FROM payment_page WHERE file_id = $1`, id)
}

func TestKilledStagingIsSweptWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		st := stageLarge(t, f, tenant.ID)
		if b, c, p := leftovers(t, f, st.ID()); b != 1 || c == 0 || p == 0 {
			t.Fatalf("nothing is staged: %d bodies, %d chunks, %d pages", b, c, p)
		}
		visible := f.NewFile(tenant.ID, "contact", hub.StateRejected, 1)
		n, err := f.Store.SweepStaged(ctx, f.Now())
		if n != 0 || err != nil {
			t.Errorf("swept %d of this moment: %v", n, err)
		}
		f.Forward(time.Hour)
		n, err = f.Store.SweepStaged(ctx, f.Now())
		if n != 1 || err != nil {
			t.Errorf("swept %d: %v", n, err)
		}
		if b, c, p := leftovers(t, f, st.ID()); b+c+p != 0 {
			t.Errorf("left: %d bodies, %d chunks, %d pages", b, c, p)
		}
		if b, c, p := leftovers(t, f, string(visible.ID)); b*c*p != 1 {
			t.Errorf("the visible file has %d bodies, %d chunks, %d pages", b, c, p)
		}

		// The process was not dead, only slow: it must notice, and leave nothing behind either.
		err = st.Write(ctx, noise(8, 2<<20))
		wantCode(t, err, hub.CodeConflict)
		must(t, st.Close(ctx))
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { _, err := st.Publish(ctx, tx); return err }), hub.CodeConflict)
		if b, c, p := leftovers(t, f, st.ID()); b+c+p != 0 {
			t.Errorf("left by the slow one: %d bodies, %d chunks, %d pages", b, c, p)
		}
	})
}

func TestDiscardedStagingLeavesNothingButSparesWhatIsVisible(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		st := stageLarge(t, f, tenant.ID)
		given, cancel := context.WithCancel(ctx)
		cancel() // the caller has hung up: that is when it is discarded
		st.Discard(given)
		if b, c, p := leftovers(t, f, st.ID()); b+c+p != 0 {
			t.Errorf("left: %d bodies, %d chunks, %d pages", b, c, p)
		}
		visible := stageLarge(t, f, tenant.ID)
		must(t, visible.Close(ctx))
		f.Write(func(tx *store.Tx) error { _, err := visible.Publish(ctx, tx); return err })
		visible.Discard(ctx)
		if b, c, p := leftovers(t, f, visible.ID()); b != 1 || c != 8 || p != 17 {
			t.Errorf("the visible body has %d rows, %d chunks, %d pages", b, c, p)
		}
	})
}

// The sweep and the commit that makes a file visible may meet. Whoever comes first wins; never is a visible body removed.
func TestSweepSparesABodyThatIsPublishedMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		st := stageLarge(t, f, f.NewTenant("alpha").ID)
		must(t, st.Close(ctx))
		f.Forward(time.Hour)
		published, commit := make(chan struct{}), make(chan struct{})
		publishing := background(t, func(ctx context.Context) error {
			return f.Store.Write(ctx, func(tx *store.Tx) error {
				if _, err := st.Publish(ctx, tx); err != nil {
					return err
				}
				close(published)
				<-commit
				return nil
			})
		})
		<-published
		sweeping := background(t, func(ctx context.Context) error {
			_, err := f.Store.SweepStaged(ctx, f.Now())
			return err
		})
		waitForBlockedWriter(t, f)
		close(commit)
		must(t, result(t, publishing))
		must(t, result(t, sweeping))
		if b, c, p := leftovers(t, f, st.ID()); b != 1 || c != 8 || p != 17 {
			t.Errorf("the visible body has %d rows, %d chunks, %d pages", b, c, p)
		}
	})
}

// A batch that commits while the sweep removes its body must not be left behind.
func TestSweepTakesABatchThatCommitsMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		owner := f.NewTenant("alpha").ID
		st := stageLarge(t, f, owner)
		f.Forward(time.Hour)
		stop := make(chan struct{})
		writing := background(t, func(ctx context.Context) error {
			for {
				select {
				case <-stop:
					return nil
				default:
				}
				if err := st.Write(ctx, noise(7, 1<<20)); err != nil {
					return err
				}
			}
		})
		n, err := f.Store.SweepStaged(ctx, f.Now())
		if n != 1 || err != nil {
			t.Errorf("swept %d: %v", n, err)
		}
		err = result(t, writing)
		close(stop)
		wantCode(t, err, hub.CodeConflict)
		if b, c, p := leftovers(t, f, st.ID()); b+c+p != 0 {
			t.Errorf("left: %d bodies, %d chunks, %d pages", b, c, p)
		}
	})
}

func TestPaymentsComeBackInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		for _, n := range []int{0, 1, 256, 257, 1000} {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				file := f.NewFile(tenant.ID, "contact", hub.StateQueued, n)
				f.Write(func(tx *store.Tx) error {
					return updateAll(ctx, tx, tenant.ID, file.ID, func(p *hub.Payment) bool {
						if p.Ordinal%300 != 0 {
							return false
						}
						p.BankStatus, p.BankReason = "RJCT", "AC04"
						return true
					})
				})
				next := 0
				f.Read(func(tx *store.Tx) error {
					return tx.Payments(ctx, tenant.ID, file.ID, func(p hub.Payment) error {
						want := storetest.Payment(next)
						if next%300 == 0 {
							want.BankStatus, want.BankReason = "RJCT", "AC04"
						}
						if p != want {
							t.Fatalf("%+v, want %+v", p, want)
						}
						next++
						return nil
					})
				})
				if next != n {
					t.Errorf("%d payments, want %d", next, n)
				}
			})
		}
	})
}

// Two status reports about one file may be indexed at the same moment: neither may undo what the other wrote.
func TestConcurrentUpdatesOfPaymentsBothCount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		file := f.NewFile(tenant.ID, "contact", hub.StateSent, 2)
		update := func(ordinal int, changed func()) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				return f.Store.Write(ctx, func(tx *store.Tx) error {
					err := updateAll(ctx, tx, tenant.ID, file.ID, func(p *hub.Payment) bool {
						if p.Ordinal == ordinal {
							p.BankStatus = "ACSC"
						}
						return p.Ordinal == ordinal
					})
					changed()
					return err
				})
			}
		}
		changed, commit := make(chan struct{}), make(chan struct{})
		first := background(t, update(0, func() { close(changed); <-commit }))
		<-changed
		second := background(t, update(1, func() {}))
		waitForBlockedWriter(t, f)
		close(commit)
		must(t, result(t, first))
		must(t, result(t, second))
		f.Read(func(tx *store.Tx) error {
			return tx.Payments(t.Context(), tenant.ID, file.ID, func(p hub.Payment) error {
				if p.BankStatus != "ACSC" {
					t.Errorf("the status of payment %d is lost", p.Ordinal)
				}
				return nil
			})
		})
	})
}

// A panic in one transaction must not keep the only writing connection.
func TestPanicInATransactionRollsItBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := context.WithoutCancel(t.Context()) // whose end would roll back, too
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = f.Store.Write(ctx, func(tx *store.Tx) error {
				must(t, tx.InsertBank(ctx, hub.Bank{ID: "half", Created: f.Now()}))
				panic("a fault in the program")
			})
		}()
		done := background(t, func(ctx context.Context) error {
			return f.Store.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Bank(ctx, "half")
				wantCode(t, err, hub.CodeNotFound)
				return nil
			})
		})
		must(t, result(t, done))
	})
}

func TestReadTransactionWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		err := f.Store.Read(t.Context(), func(tx *store.Tx) error { return tx.InsertBank(t.Context(), hub.Bank{ID: "bank"}) })
		if err == nil {
			t.Error("a read-only transaction wrote")
		}
	})
}
