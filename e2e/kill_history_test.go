//go:build killpoints

package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/finding"
	"kontor/internal/killpoint"
	"kontor/internal/pgtest"
)

// A hub that is killed in the middle of an upload has written down payments that were never ordered: a later file must not meet them. Those
// of a file that was taken in it meets.
func TestPaymentsOfAKilledUploadAreNotMet(t *testing.T) {
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		t.Run(engine, func(t *testing.T) {
			plan := rig.Plan{Tags: []string{"killpoints"}}
			if engine == "PostgreSQL" {
				plan.Database = pgtest.Database(t)
			}
			in := rig.Ceremony(t, plan)
			tenant := in.Tenants[0]
			in.Admin(t, nil, "tenant", "checks", "acme", "--history")
			first := string(rig.PaymentFile(t, rig.PaymentPlan{MessageID: "UPLOAD-1", Account: tenant.Accounts[0], Payments: largeBody.payments, Padding: 110}))
			named := func(id string) []byte {
				return []byte(strings.Replace(first, "<MsgId>UPLOAD-1<", "<MsgId>"+id+"<", 1))
			}
			erp := in.Hub.Client(tenant.Key)
			ctx, done := context.WithTimeout(t.Context(), time.Minute)
			defer done()

			in.Hub.Env = append(in.Hub.Env, "KONTOR_KILLPOINT="+string(killpoint.IntakeMidStage))
			in.Hub.Start(t)
			if _, err := erp.Submit(ctx, named("UPLOAD-1"), "a.xml"); err == nil {
				t.Fatal("the hub took the file in and should have died")
			}
			<-in.Hub.Exited()
			if staged := kept(t, in, "SELECT COUNT(*) FROM history_print"); !in.Hub.Killed() || staged == 0 {
				t.Fatalf("killed: %t, with %d prints of a half file", in.Hub.Killed(), staged)
			}

			in.Hub.Env = nil
			in.Hub.Start(t)
			for _, row := range []struct {
				id    string
				known bool
			}{{"UPLOAD-2", false}, {"UPLOAD-3", true}} {
				p, err := erp.Submit(ctx, named(row.id), "a.xml")
				if err != nil {
					t.Fatal(err)
				}
				var shown struct {
					State    string            `json:"state"`
					Findings []finding.Finding `json:"findings"`
				}
				in.Admin(t, &shown, "file", "findings", "--tenant", "acme", p.RID)
				equal := 0
				for _, f := range shown.Findings {
					if f.Code == "PAIN-K1" {
						equal++
					}
				}
				if known := equal > 0; known != row.known || shown.State == "rejected" {
					t.Errorf("%s is %s, %d payments are known", row.id, shown.State, equal)
				}
			}
			in.Hub.Stop(t)
		})
	}
}

// kept asks the tables for a number.
func kept(t *testing.T, in *rig.Installation, query string) (n int64) {
	t.Helper()
	db, err := in.OpenTables()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
