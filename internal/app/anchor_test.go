package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/store"
)

// Whoever can write to the database can cut a chain and have the hub seal it anew: the chain is whole then, but not what it was.
func TestChainThatDoesNotFitItsAnchorIsNamed(t *testing.T) {
	s := config.Storage{Data: t.TempDir()}
	h, err := Open(t.Context(), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	tenant, err := h.Onboard.AddTenant(t.Context(), hub.OperatorActor("test"), "acme", "Acme GmbH", hub.TenantSettings{})
	if err != nil {
		t.Fatal(err)
	}
	owner := tenant.ID.Owner()
	seal := func() {
		t.Helper()
		if err := (&sealer{store: h.Store, anchors: newAnchors(s.KeyFolder()), node: "n"}).sealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fault := func() string {
		t.Helper()
		results, err := h.VerifyAudit(t.Context(), owner)
		if err != nil || len(results) != 1 {
			t.Fatalf("%+v, %v", results, err)
		}
		return results[0].Fault
	}
	seal()
	if f := fault(); f != "" {
		t.Fatalf("a whole chain: %s", f)
	}
	right, err := h.anchors.read(owner)
	if err != nil || right.Number != 1 {
		t.Fatalf("anchor %+v, %v", right, err)
	}
	for name, tc := range map[string]struct {
		was  anchor
		says string
	}{
		"cut":       {anchor{right.Number + 2, right.Link}, "is gone"},
		"rewritten": {anchor{right.Number, bytes.Repeat([]byte{7}, 32)}, "rewritten"},
	} {
		if err := h.anchors.write(owner, tc.was); err != nil {
			t.Fatal(err)
		}
		if f := fault(); !strings.Contains(f, tc.says) {
			t.Errorf("%s: fault %q", name, f)
		}
		// The sealer does not make the anchor fit.
		if err := h.anchors.advance(t.Context(), h.Store, owner, h.Store.Now()); err == nil {
			t.Errorf("%s: the anchor moved", name)
		}
		if now, err := h.anchors.read(owner); err != nil || now.Number != tc.was.Number {
			t.Errorf("%s: anchor %+v, %v", name, now, err)
		}
	}
	// A person who restored an older backup says so, and that is an audit row.
	by := hub.OperatorActor("test")
	if _, err := h.Restored(t.Context(), by, "short"); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := h.Restored(t.Context(), by, "the backup of 1 March was restored"); err != nil {
		t.Fatal(err)
	}
	if f := fault(); f != "" {
		t.Errorf("after it was accepted: %s", f)
	}
	seal()
	results, err := h.VerifyAudit(t.Context(), hub.Operator)
	if err != nil || len(results) != 1 || results[0].Chained == 0 {
		t.Errorf("the operator's chain: %+v, %v", results, err)
	}
}

// A node that starts while others are busy sees a chain that grows and an anchor that moves: it must not take that for an older database.
func TestStartingNodeIsNotDeceivedByAMovingAnchor(t *testing.T) {
	s := config.Storage{Data: t.TempDir(), Database: pgtest.Database(t)}
	h, err := Open(t.Context(), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	// With many owners the check takes a while; the last of them is the busy one.
	var busy hub.Owner
	for n := range 60 {
		tenant, err := h.Onboard.AddTenant(t.Context(), hub.OperatorActor("test"), fmt.Sprintf("tenant%d", n), "Tenant", hub.TenantSettings{})
		if err != nil {
			t.Fatal(err)
		}
		busy = tenant.ID.Owner()
	}
	seal := func(ctx context.Context) error {
		row := hub.AuditRow{Owner: busy, Actor: hub.OperatorActor("test"), Action: "test.row", Subject: "test"}
		if err := h.Store.Write(ctx, func(tx *store.Tx) error { return tx.Audit(ctx, row) }); err != nil {
			return err
		}
		// A sealer of its own every time: its anchor moves at once.
		return (&sealer{store: h.Store, anchors: newAnchors(s.KeyFolder()), node: "busy"}).sealAll(ctx)
	}
	if err := seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	sealed := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			if err := seal(ctx); err != nil && ctx.Err() == nil {
				sealed <- err
				return
			}
		}
		sealed <- nil
	}()
	for range 40 {
		if err := h.anchors.fits(t.Context(), h.Store); err != nil {
			t.Errorf("a database that grows: %v", err)
			break
		}
	}
	stop()
	if err := <-sealed; err != nil {
		t.Error(err)
	}
}

// A standby that had not received everything may take the primary's place under a process at work: it must not go on from there.
func TestProcessStopsWhenItsDatabaseIsNotWhatItWas(t *testing.T) {
	s := settings(t.TempDir())
	h, err := Open(t.Context(), s.Storage, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	p := serve(t, s)
	// What was done and is not in the database.
	if err := h.anchors.write(hub.Operator, anchor{1000, bytes.Repeat([]byte{7}, 32)}); err != nil {
		t.Fatal(err)
	}
	row := hub.AuditRow{Owner: hub.Operator, Actor: hub.OperatorActor("test"), Action: "test.row", Subject: "test"}
	if err := h.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.Audit(t.Context(), row) }); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if !errors.Is(err, errOtherDatabase) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it goes on")
	}
}

// A backup does not know what was sent after it was made. Served as if nothing had happened, it would send payments a second time.
func TestRestoredBackupSendsNothingByItself(t *testing.T) {
	s := settings(t.TempDir())
	h, err := Open(t.Context(), s.Storage, quiet)
	if err != nil {
		t.Fatal(err)
	}
	var tenant hub.Tenant
	if tenant, err = h.Onboard.AddTenant(t.Context(), hub.OperatorActor("test"), "acme", "Acme GmbH", hub.TenantSettings{}); err != nil {
		t.Fatal(err)
	}
	queued := queue(t, h.Store, tenant.ID)
	if err := (&sealer{store: h.Store, anchors: h.anchors, node: "n"}).sealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	was, err := h.anchors.read(tenant.ID.Owner())
	if err != nil {
		t.Fatal(err)
	}
	// What the hub did after the backup was made.
	if err := h.anchors.write(tenant.ID.Owner(), anchor{was.Number + 3, was.Link}); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), s, io.Discard, quiet); err == nil || !strings.Contains(err.Error(), "kontor admin restored") {
		t.Fatalf("serving the backup: %v", err)
	}
	if h, err = Open(t.Context(), s.Storage, quiet); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	by := hub.OperatorActor("test")
	files, err := h.Restored(t.Context(), by, "the backup of 1 March was restored")
	if err != nil || len(files) != 1 || files[0].File != queued {
		t.Fatalf("unclear %+v, %v; want the queued file", files, err)
	}
	state := func() hub.State {
		t.Helper()
		file, _, err := h.File(t.Context(), tenant.ID, queued)
		if err != nil {
			t.Fatal(err)
		}
		return file.State
	}
	if got := state(); got != hub.StateUnclear {
		t.Errorf("the file is %s, want unclear", got)
	}
	if err := h.anchors.fits(t.Context(), h.Store); err != nil {
		t.Errorf("after it was said: %v", err)
	}
	if err := h.SettleByHand(t.Context(), by, tenant.ID, queued, false, "the bank has no such order, telephone"); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != hub.StateQueued {
		t.Errorf("the file is %s, want queued", got)
	}
}

// queue adds a queued file of a contact that does not exist.
func queue(t *testing.T, s *store.Store, tenant hub.TenantID) hub.FileID {
	t.Helper()
	file := hub.PaymentFile{
		ID: hub.FileID(store.NewID()), Tenant: tenant, Contact: "contact", Key: "key", State: hub.StateQueued, Format: "pain.001.001.09", OrderType: "CCT",
		Created: s.Now(), Updated: s.Now(), Detail: hub.FileDetail{MessageID: "MSG"},
	}
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertFile(t.Context(), file) }); err != nil {
		t.Fatal(err)
	}
	return file.ID
}

// The last rows of a burst must not stay behind their anchor: a backup made before them would look current.
func TestAnchorFollowsWithoutFurtherRows(t *testing.T) {
	s := config.Storage{Data: t.TempDir()}
	h, err := Open(t.Context(), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	seal := &sealer{store: h.Store, anchors: h.anchors, node: "n"}
	note := func() {
		t.Helper()
		err := h.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Audit(t.Context(), hub.AuditRow{Owner: hub.Operator, Actor: "operator:test", Action: "a", Subject: "s"})
		})
		if err == nil {
			err = seal.sealAll(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	behind := func() int64 {
		t.Helper()
		var head store.AuditHead
		err := h.Store.Read(t.Context(), func(tx *store.Tx) (err error) {
			head, err = tx.AuditHead(t.Context(), hub.Operator)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		was, err := h.anchors.read(hub.Operator)
		if err != nil {
			t.Fatal(err)
		}
		return head.Number - was.Number
	}
	note()
	note() // within the time in which an anchor is not moved again
	if behind() != 1 {
		t.Fatalf("the anchor is %d behind", behind())
	}
	h.anchors.written[hub.Operator] = time.Now().Add(-anchorEvery)
	if err := seal.sealAll(t.Context()); err != nil || behind() != 0 {
		t.Errorf("later it is still %d behind, error %v", behind(), err)
	}
	note()
	if err := h.anchors.follow(t.Context(), h.Store, h.Store.Now(), true); err != nil || behind() != 0 {
		t.Errorf("at the stop it is %d behind, error %v", behind(), err)
	}
}
