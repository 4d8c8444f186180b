package intake_test

import (
	"strings"
	"testing"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// verify changes how the tenant's files are judged.
func (d *desk) verify(v hub.Verification) {
	d.t.Helper()
	d.Must(d.Store.Write(d.t.Context(), func(tx *store.Tx) error {
		return tx.SetTenantSettings(d.t.Context(), d.tenant.ID, hub.TenantSettings{Verification: v})
	}))
}

// Each of konfipay's verifications finds its fault, and lets the file pass once the tenant has switched it off. Double submission has
// its own test; DTAZV files come in by another endpoint.
func TestEachCheckIsMadeUntilItIsSwitchedOff(t *testing.T) {
	swap := func(from, to string) func(string) string {
		return func(text string) string { return strings.Replace(text, from, to, 1) }
	}
	foreign := "BR1500000000000010932840814P2" // an IBAN of a country outside SEPA, from the registry's example
	for _, row := range []struct {
		check  hub.Check
		code   finding.Code
		debit  bool
		change func(string) string
	}{
		{hub.CheckSEPACountry, "PAIN-E3", false, swap(storetest.IBAN(1000), foreign)},
		{hub.CheckIBAN, "PAIN-E1", false, func(text string) string {
			return strings.Replace(text, storetest.IBAN(1000), storetest.IBAN(1000)[:2]+"00"+storetest.IBAN(1000)[4:], 1)
		}},
		{hub.CheckIBANBIC, "PAIN-E5", false, swap("</Amt><Cdtr>", "</Amt><CdtrAgt><FinInstnId><BICFI>BANKFRPPXXX</BICFI></FinInstnId></CdtrAgt><Cdtr>")},
		{hub.CheckSchema, "PAIN-A3", false, swap("<PmtId>", "<PmtId><Unknown>1</Unknown>")},
		{hub.CheckCharacterSet, "PAIN-D4", false, swap("invoice 0", "invoice № 0")},
		{hub.CheckEPCDK, "PAIN-C2", false, swap("<EndToEndId>PMT-1-0<", "<EndToEndId>/PMT-1-0<")},
		{hub.CheckControlValues, "PAIN-B1", false, swap("<NbOfTxs>2<", "<NbOfTxs>3<")},
		{hub.CheckDebitAddress, "PAIN-H7", true, swap(storetest.IBAN(2000), "CH9300762011623852957")},
	} {
		t.Run(string(row.check), func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			text := salaries("MSG", 2).String()
			if row.debit {
				text = debits("08", "MSG", collection{id: "C-1", iban: storetest.IBAN(1), scheme: "CORE", debits: 1})
			}
			changed := row.change(text)
			if changed == text {
				t.Fatal("the sample did not change")
			}
			if got := codes(d.taken(changed).Detail.Findings); !strings.Contains(got, string(row.code)) {
				t.Errorf("on: found %q, want %s", got, row.code)
			}
			var off hub.Verification
			off.Switch(row.check, false)
			d.verify(off)
			if got := codes(d.taken(changed + "\n").Detail.Findings); strings.Contains(got, string(row.code)) {
				t.Errorf("off: found %q", got)
			}
		})
	}
}

func TestDoubleSubmissionIsLookedForUntilItIsSwitchedOff(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	text := salaries("MSG", 1).String()
	d.taken(text)
	if again := d.taken(text); again.State != hub.StateRejected {
		t.Errorf("the same file is %s", again.State)
	}
	var off hub.Verification
	off.Switch(hub.CheckDoubleSubmission, false)
	d.verify(off)
	if again := d.taken(text); again.State != hub.StateQueued {
		t.Errorf("the same file is %s though nobody looks", again.State)
	}
}

func TestTheStandardSetAllowsLess(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	text := strings.Replace(salaries("MSG", 1).String(), "Invented Creditor", "Bäckerei", 1)
	if got := codes(d.taken(text).Detail.Findings); strings.Contains(got, "PAIN-D") {
		t.Errorf("extended: %q", got)
	}
	d.verify(hub.Verification{Characters: hub.CharactersStandard})
	if got := codes(d.taken(text + "\n").Detail.Findings); !strings.Contains(got, "PAIN-D11") {
		t.Errorf("standard: %q", got)
	}
}

// The severity of a rule may be set for all files and for those of one account, which wins, in both directions.
func TestSeverityIsThatOfTheAccount(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	var first hub.AccountID
	d.Read(func(tx *store.Tx) error {
		all, err := tx.Accounts(t.Context(), d.tenant.ID)
		for _, a := range all {
			if a.IBAN == storetest.IBAN(1) {
				first = a.ID
			}
		}
		return err
	})
	text := func(id string, batches ...batch) string {
		m := message{version: "09", id: id, creditor: "Invented № Creditor", batches: batches}
		return m.String()
	}
	one, two := batch{id: "P-1", iban: storetest.IBAN(1), payments: 1}, batch{id: "P-2", iban: storetest.IBAN(2), payments: 1}
	severities := func(file hub.PaymentFile) string {
		var out []string
		for _, f := range file.Detail.Findings {
			if f.Code == "PAIN-D4" {
				out = append(out, string(f.Severity))
			}
		}
		return strings.Join(out, " ")
	}
	for _, row := range []struct {
		name    string
		all     finding.Severity
		account finding.Severity
		want    string // of both batches, in order
		state   hub.State
	}{
		{"as the rule has it", "", "", "warning warning", hub.StateQueued},
		{"stricter for the account", "", finding.Error, "error warning", hub.StateRejected},
		{"off for the account", "", finding.Off, "warning", hub.StateQueued},
		{"off for all but the account", finding.Off, finding.Warning, "warning", hub.StateQueued},
		{"an error for all but the account", finding.Error, finding.Off, "error", hub.StateRejected},
	} {
		t.Run(row.name, func(t *testing.T) {
			var v hub.Verification
			if row.all != "" {
				v.Rules = finding.Policy{"PAIN-D4": row.all}
			}
			if row.account != "" {
				v.Accounts = map[hub.AccountID]finding.Policy{first: {"PAIN-D4": row.account}}
			}
			d.verify(v)
			file := d.taken(text(strings.ReplaceAll(row.name, " ", "-"), one, two))
			if got := severities(file); got != row.want || file.State != row.state {
				t.Errorf("severities %q, file %s: %v", got, file.State, file.Detail.Findings)
			}
		})
	}
}

// Also while nobody looks for double submissions it is noted who brought the bytes: switched on again, the check knows of a file whose fate is
// open.
func TestDoubleSubmissionSwitchedOnAgainKnowsWhatCameBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		var off hub.Verification
		off.Switch(hub.CheckDoubleSubmission, false)
		d.verify(off)
		text := salaries("MSG", 1).String()
		d.taken(text)
		second := d.taken(text)
		d.verify(hub.Verification{})
		if again := d.taken(text); again.State != hub.StateRejected || again.Detail.DuplicateOf != second.ID {
			t.Errorf("the repeat is %s, a double of %q; want one of %s", again.State, again.Detail.DuplicateOf, second.ID)
		}
	})
}
