package main

import (
	"strings"
	"testing"

	"kontor/finding"
	"kontor/internal/app"
	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/store"
)

func TestOperatorSeesWhatIsWrongWithDocumentsAndFiles(t *testing.T) {
	data, tenant, _ := busyFolder(t)
	wrong := finding.Finding{Code: "CAMT-A3", Severity: finding.Warning, At: finding.Location{Line: 4, Column: 7}, Message: "an element may not stand here"}
	id, file := hub.DocumentID(store.NewID()), hub.FileID(store.NewID())
	h, err := app.Open(t.Context(), config.Storage{Data: data}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	err = h.Store.Write(t.Context(), func(tx *store.Tx) error {
		for i, d := range []hub.Document{
			{ID: id, Detail: hub.DocumentDetail{IBAN: "DE02120300000000202051", EntryCount: 3, FindingCount: 21, Findings: []finding.Finding{wrong}}},
			{ID: hub.DocumentID(store.NewID())},
		} {
			d.Tenant, d.Kind, d.Format, d.Created = tenant, hub.DocumentCamt, "camt.053", h.Store.Now()
			if _, err := tx.InsertDocument(t.Context(), d, [32]byte{byte(i)}); err != nil {
				return err
			}
		}
		return tx.InsertFile(t.Context(), hub.PaymentFile{
			ID: file, Tenant: tenant, Contact: "contact", State: hub.StateQueued, Created: h.Store.Now(), Updated: h.Store.Now(),
			Detail: hub.FileDetail{Findings: []finding.Finding{{Code: "PAIN-K1", Severity: finding.Warning, Message: "an equal payment was ordered before"}}},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		command []string
		lines   int // of the text
		want    []string
	}{
		{[]string{"admin", "document", "list", "--tenant", "acme"}, 3, []string{"camt.053", "21", string(id)}},
		{[]string{"admin", "document", "list", "--tenant", "acme", "--wrong"}, 2, []string{string(id)}},
		{[]string{"admin", "document", "list", "--tenant", "acme", "--limit", "1"}, 2, nil},
		{[]string{"admin", "document", "show", "--tenant", "acme", string(id)}, 5, []string{"DE02120300000000202051", "CAMT-A3", "line 4, column 7", "may not stand here", "20 more"}},
		{[]string{"admin", "file", "findings", "--tenant", "acme", string(file)}, 3, []string{"queued, 1 findings", "PAIN-K1", "warning"}},
	} {
		text, _ := says(t, data, row.command...)
		if lines := strings.Count(text, "\n"); lines != row.lines {
			t.Errorf("%v: %d lines, want %d:\n%s", row.command, lines, row.lines, text)
		}
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%v: lacks %q:\n%s", row.command, want, text)
			}
		}
	}
	if _, err := typed(t, "admin", "document", "show", "--tenant", "acme", "--data", data, "nothing"); hub.CodeOf(err) != hub.CodeNotFound {
		t.Errorf("error %v", err)
	}
}

func TestHistoryAndSchemaAreSettingsOfATenant(t *testing.T) {
	data, _, _ := busyFolder(t)
	text, v := says(t, data, "admin", "tenant", "checks", "acme", "--history", "--history-days", "45", "--schema", "house")
	if !strings.Contains(text, "on, for 45 days") || !strings.Contains(text, "house") {
		t.Errorf("shown: %s", text)
	}
	if got, ok := v["verification"].(map[string]any); !ok || got["historyDays"] != 45.0 || got["history"] != true || got["schema"] != "house" {
		t.Errorf("settings %v", v)
	}
	if _, err := typed(t, "admin", "tenant", "checks", "acme", "--history-days", "91", "--data", data); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("error %v", err)
	}
	if text, _ := says(t, data, "admin", "tenant", "checks", "acme", "--no-history", "--schema", ""); !strings.Contains(text, "earlier payments  off") || strings.Contains(text, "house") {
		t.Errorf("shown: %s", text)
	}
}
