package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"kontor/e2e/rig"
	"kontor/finding"
	"kontor/internal/pgtest"
)

// An operator imports a list of banks while the hub serves; the next files are warned of where IBAN and BIC are of different banks, and go to
// the bank all the same. Cleared, nothing is said any more.
func TestImportedBankListIsUsedByARunningHub(t *testing.T) {
	t.Run("on SQLite", func(t *testing.T) { bankList(t, "") })
	t.Run("on PostgreSQL", func(t *testing.T) { bankList(t, pgtest.Database(t)) })
}

func bankList(t *testing.T, database string) {
	in := rig.Ceremony(t, rig.Plan{Database: database})
	in.Start(t)
	ctx, tenant := t.Context(), in.Tenants[0]
	erp := in.Hub.Client(tenant.Key)
	number := 0
	last := ""
	// warned submits a file whose creditor's BIC is of another bank than the list has for its IBAN, and says whether that was noticed.
	warned := func() (bool, error) {
		number++
		text := rig.PaymentFile(t, rig.PaymentPlan{MessageID: fmt.Sprintf("LIST-%d", number), Account: tenant.Accounts[0], Payments: 1})
		changed := bytes.Replace(text, []byte("<Cdtr>"), []byte("<CdtrAgt><FinInstnId><BICFI>QBNKDEFFXXX</BICFI></FinInstnId></CdtrAgt><Cdtr>"), 1)
		if bytes.Equal(text, changed) {
			t.Fatal("the file did not change")
		}
		p, err := erp.Submit(ctx, changed, "list.xml")
		if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
			return false, fmt.Errorf("submitted: %+v, error %w", p, err)
		}
		last = p.RID
		var file struct {
			Findings []finding.Finding `json:"findings"`
		}
		in.Admin(t, &file, "file", "findings", "--tenant", tenant.Handle, p.RID)
		for _, f := range file.Findings {
			if f.Code == "PAIN-E5" && f.Case == "bank" && f.Severity == finding.Warning {
				return true, nil
			}
		}
		return false, nil
	}
	if before, err := warned(); before || err != nil {
		t.Fatalf("before the import: %v %v", before, err)
	}
	list := filepath.Join(t.TempDir(), "codes.csv")
	if err := os.WriteFile(list, []byte("Bankleitzahl;Merkmal;BIC\n99900010;1;PBNKDEFFXXX\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.Admin(t, nil, "directory", "import", list)
	rig.Until(t, "the hub compares with the list", warned)
	await(t, erp, last, "FIN_VEU_FORWARDED")
	in.Admin(t, nil, "directory", "clear")
	rig.Until(t, "the hub compares with nothing", func() (bool, error) { w, err := warned(); return !w, err })
	in.Stop(t)
	checkAudit(t, in)
}
