package intake_test

import (
	"strings"
	"testing"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store/storetest"
)

// A file whose BIC is of another bank than its IBAN is warned of once a list of banks is there, and not when the tenant has switched the
// check of IBAN and BIC off.
func TestFilesAreComparedWithTheBankDirectory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		var table *directory.Table
		d.Intake = intake.New(intake.Options{Store: f.Store, Jobs: d.jobs, Banks: func() *directory.Table { return table }})
		number := 0
		found := func() string {
			number++
			text := strings.Replace(salaries("MSG-"+string(rune('A'+number)), 2).String(),
				"</Amt><Cdtr>", "</Amt><CdtrAgt><FinInstnId><BICFI>QBNKDEFFXXX</BICFI></FinInstnId></CdtrAgt><Cdtr>", 1)
			file := d.taken(text)
			if file.State != hub.StateQueued {
				t.Errorf("%s: %v", file.State, file.Detail.Findings)
			}
			return codes(file.Detail.Findings)
		}
		if got := found(); strings.Contains(got, "PAIN-E5") {
			t.Errorf("without a directory: %s", got)
		}
		var err error
		table, err = directory.New("1", calendar.Date{Year: 2026, Month: 11, Day: 2}, directory.Source{Name: "x", Banks: []directory.Bank{{Country: "DE", Code: "10000000", BIC: "PBNKDEFFXXX"}}})
		f.Must(err)
		if got := found(); !strings.Contains(got, "PAIN-E5") {
			t.Errorf("with a directory: %q", got)
		}
		var off hub.Verification
		off.Switch(hub.CheckIBANBIC, false)
		d.verify(off)
		if got := found(); strings.Contains(got, "PAIN-E5") {
			t.Errorf("switched off: %s", got)
		}
	})
}
