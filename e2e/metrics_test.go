package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"kontor/e2e/rig"
)

// metricsOf returns what a hub's metrics address shows.
func metricsOf(t *testing.T, h *rig.Hub) string {
	t.Helper()
	ctx, done := context.WithTimeout(t.Context(), 10*time.Second)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.Ready().Metrics+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("metrics: %d, %v", answer.StatusCode, err)
	}
	return string(raw)
}

// An operator sees on the metrics what happened, and nothing of whom it happened to.
func TestMetricsTellTheStory(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, database string) {
		in := rig.Ceremony(t, rig.Plan{Database: database, Settings: severalSegments})
		in.Start(t)
		tenant := in.Tenants[0]
		erp := in.Hub.Client(tenant.Key)
		file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "METRICS-1", Account: tenant.Accounts[0], Payments: 40, Padding: 100})
		p, err := erp.Submit(t.Context(), file, "salaries.xml")
		if err != nil {
			t.Fatal(err)
		}
		await(t, erp, p.RID, "FIN_VEU_FORWARDED")
		if again, err := erp.Submit(t.Context(), file, "salaries.xml"); err != nil || again.Item.Status != "KON_REJECTED" {
			t.Fatalf("a double submission: %+v, %v", again, err)
		}
		bank := ""
		for line := range strings.Lines(metricsOf(t, in.Hub)) {
			if rest, ok := strings.CutPrefix(line, `kontor_orders_total{bank="`); ok {
				bank, _, _ = strings.Cut(rest, `"`)
			}
		}
		want := []string{
			`kontor_submissions_total{result="queued"} 1`,
			`kontor_submissions_total{result="rejected"} 1`,
			`kontor_payment_file_transitions_total{from="",to="queued"} 1`,
			`kontor_payment_file_transitions_total{from="queued",to="sending"} 1`,
			`kontor_payment_files{state="forwarded"} 1`,
			`kontor_payment_files{state="rejected"} 1`,
			`kontor_payment_file_oldest_seconds{state="queued"} 0`,
			fmt.Sprintf(`kontor_orders_total{bank="%s",direction="upload",order_type="CCT",outcome="delivered"} 1`, bank),
			fmt.Sprintf(`kontor_bank_request_duration_seconds_count{bank="%s",outcome="done",step="initialise"} 1`, bank),
			`kontor_jobs_finished_total{kind="dispatch.send",result="done"}`,
			`kontor_audit_unsealed_rows 0`,
			`kontor_census_success 1`,
			`order_type="HAC",result="data"}`,
			`kontor_poll_success_age_seconds{contact="`,
		}
		shown := ""
		rig.Until(t, "the metrics to show what happened", func() (bool, error) {
			shown = metricsOf(t, in.Hub)
			for _, w := range want {
				if !strings.Contains(shown, w) {
					return false, fmt.Errorf("%s is not shown", w)
				}
			}
			return true, nil
		})
		for _, secret := range []string{tenant.ID, tenant.Handle, tenant.Accounts[0].IBAN, tenant.Accounts[0].Holder, p.RID, "METRICS-1", in.Partner} {
			if secret == "" || strings.Contains(shown, secret) {
				t.Errorf("the metrics show %q", secret)
			}
		}
	})
}
