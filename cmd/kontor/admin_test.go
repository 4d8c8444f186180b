package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"kontor/internal/app"
	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/store"
)

var quiet = slog.New(slog.DiscardHandler)

// typed runs one command in this process and returns what it prints.
func typed(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = out
	defer func() { os.Stdout = stdout }()
	var c cli
	k, err := newParser(&c, kong.Exit(func(int) { panic("exit") })).Parse(args)
	if err != nil {
		return "", err
	}
	k.BindTo(t.Context(), (*context.Context)(nil))
	err = k.Run(quiet)
	if _, serr := out.Seek(0, io.SeekStart); serr != nil {
		t.Fatal(serr)
	}
	text, rerr := io.ReadAll(out)
	if rerr != nil {
		t.Fatal(rerr)
	}
	if cerr := out.Close(); cerr != nil {
		t.Fatal(cerr)
	}
	return string(text), err
}

// says runs a command once for people and once as JSON, and returns both.
func says(t *testing.T, data string, args ...string) (text string, v map[string]any) {
	t.Helper()
	args = append(args, "--data", data)
	text, err := typed(t, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	raw, err := typed(t, append(args, "--json")...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		t.Fatalf("%v: %v: %s", args, err, raw)
	}
	return text, v
}

// busyFolder is an installation with a tenant, a queued file that failed once, and a lease in somebody's hand.
func busyFolder(t *testing.T) (data string, tenant hub.TenantID, file hub.FileID) {
	t.Helper()
	data = t.TempDir()
	if _, err := typed(t, "admin", "tenant", "add", "acme", "--name", "Acme GmbH", "--data", data); err != nil {
		t.Fatal(err)
	}
	h, err := app.Open(t.Context(), config.Storage{Data: data}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	acme, err := h.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	file = hub.FileID(store.NewID())
	err = h.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.InsertFile(t.Context(), hub.PaymentFile{
			ID: file, Tenant: acme.ID, Contact: "contact", State: hub.StateQueued, Format: "pain.001.001.09", OrderType: "CCT", Count: 7, Currency: "EUR",
			Created: h.Store.Now(), Updated: h.Store.Now(),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Store.Postpone(t.Context(), store.FileResource(acme.ID, file), "silent", time.Hour, time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Store.Acquire(t.Context(), "contact:contact", "node-7/x", time.Minute); err != nil {
		t.Fatal(err)
	}
	return data, acme.ID, file
}

func TestOperatorSeesWhatWaitsAndWhatFails(t *testing.T) {
	data, tenant, file := busyFolder(t)
	resource := "file:" + string(tenant) + "/" + string(file)
	for _, tc := range []struct {
		command []string
		text    []string
		key     string // of the JSON
	}{
		{[]string{"admin", "status"}, []string{"queued", "node-7", resource, "silent"}, "trouble"},
		{[]string{"admin", "file", "list"}, []string{string(file), "silent", "CCT"}, "files"},
		{[]string{"admin", "file", "list", "--tenant", "acme", "--state", "queued"}, []string{string(file)}, "files"},
		{[]string{"admin", "lease", "list"}, []string{"contact:contact", "node-7"}, "leases"},
		{[]string{"admin", "job", "list"}, []string{"KIND"}, "jobs"},
		{[]string{"admin", "tenant", "show", "acme"}, []string{"Acme GmbH", "queued"}, "files"},
	} {
		t.Run(strings.Join(tc.command, " "), func(t *testing.T) {
			text, v := says(t, data, tc.command...)
			for _, want := range tc.text {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
			if v[tc.key] == nil {
				t.Errorf("the JSON has no %s: %v", tc.key, v)
			}
		})
	}
	if text, _ := says(t, data, "admin", "file", "list", "--state", "confirmed"); strings.Contains(text, string(file)) {
		t.Errorf("a queued file among the confirmed:\n%s", text)
	}
	if _, err := typed(t, "admin", "file", "list", "--state", "lost", "--data", data); err == nil {
		t.Error("a state that does not exist is accepted")
	}
}

// What an operator changes is in the audit chain, with who did it.
func TestOperatorsInterventionsAreAudited(t *testing.T) {
	data, _, file := busyFolder(t)
	for _, command := range [][]string{
		{"admin", "file", "retry", string(file), "--tenant", "acme", "--data", data},
		{"admin", "lease", "release", "contact:contact", "--reason", "node-7 has burnt down", "--data", data},
	} {
		if _, err := typed(t, command...); err != nil {
			t.Fatalf("%v: %v", command, err)
		}
	}
	if text, _ := says(t, data, "admin", "status"); strings.Contains(text, "silent") || strings.Contains(text, "node-7") {
		t.Errorf("status still shows them:\n%s", text)
	}
	for _, command := range [][]string{
		{"admin", "lease", "release", "contact:contact", "--reason", "node-7 has burnt down", "--data", data}, // nobody holds it
		{"admin", "lease", "release", "contact:contact", "--reason", "no", "--data", data},
	} {
		if _, err := typed(t, command...); err == nil {
			t.Errorf("%v: no error", command)
		}
	}
	h, err := app.Open(t.Context(), config.Storage{Data: data}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	acme, err := h.Tenant(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for owner, action := range map[hub.Owner]string{acme.ID.Owner(): "payment_file.hasten", hub.Operator: "lease.break"} {
		if n := audited(t, h, owner, action); n != 1 {
			t.Errorf("%d rows %s", n, action)
		}
	}
}

// audited seals an owner's rows and counts those of an action.
func audited(t *testing.T, h *app.Hub, owner hub.Owner, action string) int {
	t.Helper()
	l, held, err := h.Store.Acquire(t.Context(), "audit:"+string(owner), "test", time.Minute)
	if err != nil || !held {
		t.Fatal(held, err)
	}
	if _, err := h.Store.SealAudit(t.Context(), owner, l, 1000); err != nil {
		t.Fatal(err)
	}
	var chain bytes.Buffer
	if err := h.ExportAudit(t.Context(), owner, &chain); err != nil {
		t.Fatal(err)
	}
	return strings.Count(chain.String(), `"`+action+`"`)
}
