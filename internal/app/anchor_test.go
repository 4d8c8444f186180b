package app

import (
	"bytes"
	"strings"
	"testing"

	"kontor/internal/config"
	"kontor/internal/hub"
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
		if err := h.anchors.advance(t.Context(), h.Store, owner, h.Store.Now(), true); err == nil {
			t.Errorf("%s: the anchor moved", name)
		}
		if now, err := h.anchors.read(owner); err != nil || now.Number != tc.was.Number {
			t.Errorf("%s: anchor %+v, %v", name, now, err)
		}
	}
	// A person who restored an older backup says so, and that is an audit row.
	by := hub.OperatorActor("test")
	if err := h.ReanchorAudit(t.Context(), by, owner, "short"); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("without a reason: %v", err)
	}
	if err := h.ReanchorAudit(t.Context(), by, owner, "the backup of 1 March was restored"); err != nil {
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
