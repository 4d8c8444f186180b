package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// Damage that nobody has read is told by the daily look, in the log and as a metric.
func TestDamageIsLoggedAndCounted(t *testing.T) {
	f := storetest.SQLite(t)
	tenant := f.NewTenant("alpha")
	file := f.NewFile(tenant.ID, "contact", hub.StateConfirmed, 3)
	var log bytes.Buffer
	m := newMetrics("test")
	s := &scrubber{store: f.Store, node: "n", log: slog.New(slog.NewJSONHandler(&log, nil)), damaged: m.damaged}
	f.Must(s.scrub(t.Context()))
	if got := damagedMetric(t, m); got != 0 || strings.Contains(log.String(), "ERROR") {
		t.Fatalf("without damage: %v, %s", got, log.String())
	}
	f.Must(storetest.Damage(t.Context(), f.Store, "payment_page"))
	f.Must(s.scrub(t.Context()))
	if got := damagedMetric(t, m); got != 1 || !strings.Contains(log.String(), `"table":"payment_page","id":"`+string(file.ID)) {
		t.Errorf("damaged values: %v, log %s", got, log.String())
	}
	if found, err := (&Hub{Store: f.Store}).Scrub(t.Context()); err != nil || len(found.Damaged) != 1 || found.Damaged[0] != (store.Damage{Owner: tenant.ID.Owner(), Table: "payment_page", ID: string(file.ID)}) {
		t.Errorf("found %+v, %v", found, err)
	}
}

// damagedMetric is what a scrape would show.
func damagedMetric(t *testing.T, m *metrics) float64 {
	t.Helper()
	all, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range all {
		if family.GetName() == "kontor_damaged_values" {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatal("there is no such metric")
	return 0
}
