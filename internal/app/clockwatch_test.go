package app

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// R9: after a leap of the clock nothing is cleared that may only look old by it: what is being staged, and tokens that live.
func TestR9NothingIsClearedByAClockThatLeapt(t *testing.T) {
	for _, row := range []struct {
		name    string
		forward time.Time // when the clock was set forward
		cleared bool
	}{
		{"the clock was set a moment ago", time.Now(), false},
		{"the clock was set long ago", time.Now().Add(-stagedFor - time.Second), true},
		{"the clock was never set", time.Time{}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx := t.Context()
			b := newBroom(t, storetest.SQLite(t))
			key := b.NewKey(b.tenant, []byte("the key's hash"))
			b.Write(func(tx *store.Tx) error {
				return tx.InsertToken(ctx, []byte("hash"), b.tenant, key.ID, b.Now().Add(30*time.Minute))
			})
			staging, err := b.Store.Stage(ctx, b.tenant.Owner(), store.BodyPaymentFile)
			b.Must(err)
			b.Must(staging.Write(ctx, make([]byte, 2<<20))) // the first batch is in the database
			b.clock = &clockWatch{store: b.Store, wall: b.Now().Add(26 * time.Hour), forward: row.forward}
			b.Must(b.tidy(ctx))
			b.Read(func(tx *store.Tx) error {
				if _, found, err := tx.PrincipalByToken(ctx, []byte("hash")); found == row.cleared || err != nil {
					t.Errorf("token found %t, %v", found, err)
				}
				return nil
			})
			b.Must(staging.Close(ctx))
			err = b.Store.Write(ctx, func(tx *store.Tx) error { _, err := staging.Publish(ctx, tx); return err })
			if gone := hub.CodeOf(err) == hub.CodeConflict; gone != row.cleared {
				t.Errorf("publishing what was staged: %v", err)
			}
		})
	}
}

// R9: a token that was made by a clock which has been set back since does not come to life when its time comes.
func TestR9TokensFromTheFutureAreCleared(t *testing.T) {
	ctx := t.Context()
	b := newBroom(t, storetest.SQLite(t))
	key := b.NewKey(b.tenant, []byte("the key's hash"))
	b.Forward(26 * time.Hour)
	b.Write(func(tx *store.Tx) error {
		return tx.InsertToken(ctx, []byte("hash"), b.tenant, key.ID, b.Now().Add(30*time.Minute))
	})
	b.Forward(-26 * time.Hour)
	b.wants(0, "sweep")
	b.Forward(26 * time.Hour)
	b.Read(func(tx *store.Tx) error {
		if _, found, err := tx.PrincipalByToken(ctx, []byte("hash")); found || err != nil {
			t.Errorf("found %t, %v", found, err)
		}
		return nil
	})
}

// R9: a clock that was set while no process ran is noticed at the next start, as far as the machine can tell, and counts as set.
func TestR9LeapWhileNothingRanIsNoticed(t *testing.T) {
	if uptime("node").Witness == "" {
		t.Skip("this system does not say how long it has been up: run this on Linux")
	}
	f := storetest.SQLite(t)
	begin := func() (*clockWatch, string) {
		s, err := store.Open(t.Context(), store.Options{Database: f.Database, Vault: f.Vault, Now: f.Now, Steady: steady})
		f.Must(err)
		t.Cleanup(func() { f.Must(s.Close()) })
		var log bytes.Buffer
		c := newClockWatch(s, config.Serve{}, slog.New(slog.NewTextHandler(&log, nil)))
		f.Must(c.begin(t.Context()))
		return c, log.String()
	}
	if c, log := begin(); !c.trusts(stagedFor) || log != "" {
		t.Errorf("at the first start: %s", log)
	}
	if c, log := begin(); !c.trusts(stagedFor) || log != "" {
		t.Errorf("after a short stop: %s", log)
	}
	f.Forward(26 * time.Hour)
	if c, log := begin(); c.trusts(stagedFor) || log == "" {
		t.Error("a leap of 26 hours was not noticed")
	}
}
