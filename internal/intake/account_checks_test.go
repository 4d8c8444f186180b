package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// accountID is the id of the tenant's account with this IBAN.
func (d *desk) accountID(iban string) (id hub.AccountID) {
	d.t.Helper()
	d.Read(func(tx *store.Tx) error {
		all, err := tx.Accounts(d.t.Context(), d.tenant.ID)
		for _, a := range all {
			if a.IBAN == iban {
				id = a.ID
			}
		}
		return err
	})
	return id
}

// shown counts findings by code and severity.
func shown(f hub.PaymentFile) string {
	n := map[string]int{}
	for _, x := range f.Detail.Findings {
		n[string(x.Code)+" "+string(x.Severity)]++
	}
	return fmt.Sprint(f.State, n)
}

// ofSecond is a file of the second account with a character in each payment that banks do not take (PAIN-D4).
func ofSecond(payments int) string {
	return message{version: "09", id: "MANY", creditor: "Invented № Creditor", batches: []batch{{id: "P", iban: storetest.IBAN(2), payments: payments}}}.String()
}

// What one account wants for itself changes nothing for files of another, whatever they hold: each row judges a file with and without it.
func TestSeverityOfOneAccountChangesNothingForAnother(t *testing.T) {
	salary := salaries("M", 1).String()
	later := strings.Replace(salary, "<Dt>2026-03-05", "<Dt>2026-07-01", 1)
	header := strings.Replace(ofSecond(1), "<InitgPty><Nm>Invented Debtor</Nm></InitgPty>", "<InitgPty><Id><OrgId><Othr><Id>X</Id></Othr></OrgId></Id></InitgPty>", 1)
	address := "</Nm><PstlAdr><Ctry>DE</Ctry><AdrLine>Street 1</AdrLine><AdrLine>Town</AdrLine></PstlAdr></Cdtr>"
	wrong := strings.Replace(ofSecond(150), storetest.IBAN(1149), storetest.IBAN(1149)[:2]+"00"+storetest.IBAN(1149)[4:], 1)
	malformed := strings.Replace(ofSecond(1), storetest.IBAN(1000), "de00 not an IBAN", 1)
	for _, row := range []struct {
		name, text string
		base       hub.Verification
		other      int // whose account has the severities
		severities finding.Policy
		finds      string // what shows that the file has what the row is about; "" = nothing
	}{
		{"more warnings than are listed", ofSecond(150), hub.Verification{}, 1, finding.Policy{"PAIN-E5": finding.Off}, "PAIN-Z1 warning:1"},
		{"the other's errors do not fill the list", ofSecond(150), hub.Verification{Rules: finding.Policy{"PAIN-D4": finding.Off}}, 1, finding.Policy{"PAIN-D4": finding.Error}, ""},
		{"an error behind what fills the other's list", wrong, hub.Verification{Rules: finding.Policy{"PAIN-D4": finding.Off}}, 1, finding.Policy{"PAIN-D4": finding.Error}, "PAIN-E1 error:1"},
		{"what the profile SPS asks for", header, hub.Verification{Profile: "sps"}, 1, finding.Policy{"PAIN-B7": finding.Off}, "PAIN-B7"},
		{"what the profile DK asks for", header, hub.Verification{Profile: "dk"}, 1, finding.Policy{"PAIN-B7": finding.Off}, "PAIN-B7"},
		{"no BIC for Switzerland, mildly", strings.Replace(salary, storetest.IBAN(1000), "CH9300762011623852957", 1), hub.Verification{Profile: "epc"}, 2, finding.Policy{"PAIN-D4": finding.Error}, "PAIN-E7 warning"},
		{"no BIC for Switzerland, mildly, the rule itself", strings.Replace(salary, storetest.IBAN(1000), "CH9300762011623852957", 1), hub.Verification{Profile: "epc"}, 2, finding.Policy{"PAIN-E7": finding.Error}, "PAIN-E7 warning"},
		{"an address that ends later, mildly", strings.Replace(later, "</Nm></Cdtr>", address, 1), hub.Verification{Profile: "epc"}, 2, finding.Policy{"PAIN-D4": finding.Error}, "PAIN-D5 warning"},
		{"the schema, behind a rule that is off here", malformed, hub.Verification{Rules: finding.Policy{"PAIN-E1": finding.Off}}, 1, finding.Policy{"PAIN-E1": finding.Error}, "PAIN-A3 error"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			d.verify(row.base)
			before := d.taken(row.text)
			row.base.Accounts = map[hub.AccountID]finding.Policy{d.accountID(storetest.IBAN(row.other)): row.severities}
			d.verify(row.base)
			after := d.taken(row.text + "\n")
			if shown(before) != shown(after) || !strings.Contains(shown(before), row.finds) {
				t.Errorf("without %s\nwith    %s\nwant both, with %q", shown(before), shown(after), row.finds)
			}
		})
	}
}

// What stands in the group header is of all the file's accounts: the strictest of them judges it.
func TestGroupHeaderIsJudgedByTheStrictestAccountOfTheFile(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.verify(hub.Verification{Rules: finding.Policy{"PAIN-B1": finding.Off}, Accounts: map[hub.AccountID]finding.Policy{d.accountID(storetest.IBAN(1)): {"PAIN-B1": finding.Error}}})
	one, two := batch{id: "P-1", iban: storetest.IBAN(1), payments: 1}, batch{id: "P-2", iban: storetest.IBAN(2), payments: 1}
	for _, row := range []struct {
		name    string
		batches []batch
		want    hub.State
	}{
		{"its own file", []batch{one}, hub.StateRejected},
		{"with another", []batch{two, one}, hub.StateRejected},
		{"only the other", []batch{two}, hub.StateQueued},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := d.taken(message{version: "09", id: "M" + row.name, declared: 7, batches: row.batches}.String())
			if file.State != row.want {
				t.Errorf("%s, want %s", shown(file), row.want)
			}
		})
	}
}

// A tenant whose settings name PAIN-Z1 gains nothing by it: an error that is not listed rejects.
func TestAnErrorThatIsNotListedRejects(t *testing.T) {
	for _, severity := range []finding.Severity{finding.Warning, finding.Off} {
		d := newDesk(t, storetest.SQLite(t))
		first := d.accountID(storetest.IBAN(1))
		for _, v := range []hub.Verification{
			{Rules: finding.Policy{"PAIN-D4": finding.Error, "PAIN-Z1": severity}},
			{Rules: finding.Policy{"PAIN-D4": finding.Error}, Accounts: map[hub.AccountID]finding.Policy{first: {"PAIN-Z1": severity, "PAIN-D4": finding.Error}}},
		} {
			d.verify(v)
			file := d.taken(ofSecond(150))
			last := slices.IndexFunc(file.Detail.Findings, func(f finding.Finding) bool { return f.Code == "PAIN-Z1" })
			if file.State != hub.StateRejected || last < 0 || file.Detail.Findings[last].Severity != finding.Error || file.Detail.Findings[last].Args[0] != "50" {
				t.Errorf("PAIN-Z1 %s: %s", severity, shown(file))
			}
		}
	}
}
