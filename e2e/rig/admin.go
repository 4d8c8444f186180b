package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
)

// Operator types `kontor admin …` and `kontor audit …`. Beside a serving process it may be used at any time.
type Operator struct {
	Binary   string
	Data     string
	Database string // "" = SQLite in the data folder
	Keys     string // the key folder; "" = in the data folder
}

// RunE runs one command with --json and decodes what it prints; into may be nil.
func (o Operator) RunE(ctx context.Context, into any, args ...string) error {
	ctx, done := context.WithTimeout(ctx, Patience)
	defer done()
	all := append(append([]string{}, args...), storage(o.Data, o.Database)...)
	if o.Keys != "" {
		all = append(all, "--keys", o.Keys)
	}
	cmd := exec.CommandContext(ctx, o.Binary, append(all, "--json")...) //nolint:gosec // the binary under test
	cmd.Env = environment()
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("kontor %v: %w: %s%s", args[:min(3, len(args))], err, cutShort(said.Bytes()), cutShort(out.Bytes()))
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return fmt.Errorf("kontor %v: %w: %s", args[:min(3, len(args))], err, cutShort(out.Bytes()))
	}
	return nil
}

// Admin runs one `kontor admin` command and decodes what it prints; into may be nil.
func (o Operator) Admin(t testing.TB, into any, args ...string) {
	t.Helper()
	if err := o.RunE(t.Context(), into, append([]string{"admin"}, args...)...); err != nil {
		t.Fatal(err)
	}
}

// Chain is what verifying one audit chain found.
type Chain struct {
	Owner   string `json:"owner"`
	Chained int64  `json:"chained"`
	Pending int64  `json:"pending"`
	Fault   string `json:"fault"`
}

// VerifyAudit verifies all audit chains; a broken one ends the test.
func (o Operator) VerifyAudit(t testing.TB) []Chain {
	t.Helper()
	var found struct {
		Chains []Chain `json:"chains"`
	}
	if err := o.RunE(t.Context(), &found, "audit", "verify"); err != nil {
		t.Fatal(err)
	}
	if len(found.Chains) == 0 {
		t.Fatal("there is no audit chain")
	}
	return found.Chains
}

// Event is one step in the history of a payment file.
type Event struct {
	At             string `json:"at"`
	Actor          string `json:"actor"`
	Name           string `json:"name"`
	From           string `json:"from"`
	To             string `json:"to"`
	OrderID        string `json:"orderId"`
	Action         string `json:"action"`
	ReasonCode     string `json:"reasonCode"`
	Evidence       string `json:"evidence"`
	EvidenceSHA256 string `json:"evidenceSha256"`
}

// Events returns the history of a payment file.
func (o Operator) Events(t testing.TB, tenant, rID string) []Event {
	t.Helper()
	var found struct {
		Events []Event `json:"events"`
	}
	o.Admin(t, &found, "file", "events", "--tenant", tenant, rID)
	return found.Events
}

// Quarantined is one part of a delivery that waits for the operator.
type Quarantined struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
	Detail struct {
		FileName string `json:"fileName"`
		IBAN     string `json:"iban"`
		Key      string `json:"key"`
	} `json:"detail"`
}

// Quarantine lists what waits for the operator.
func (o Operator) Quarantine(t testing.TB) []Quarantined {
	t.Helper()
	var found struct {
		Quarantine []Quarantined `json:"quarantine"`
	}
	o.Admin(t, &found, "quarantine", "list")
	return found.Quarantine
}
