package intake_test

import (
	"slices"
	"strings"
	"testing"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store/storetest"
)

// A payment abroad may be without fault and still has no way: under the order type of SEPA transfers a bank would refuse it, or worse, not.
func TestPaymentsAbroadAreNotSentAsSEPATransfers(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	for name, text := range map[string]string{
		"dollars":        strings.ReplaceAll(salaries("ABROAD-1", 2).String(), `Ccy="EUR"`, `Ccy="USD"`),
		"shared charges": strings.ReplaceAll(salaries("ABROAD-2", 2).String(), "</Amt>", "</Amt><ChrgBr>SHAR</ChrgBr>"),
		"another version": strings.ReplaceAll(strings.ReplaceAll(salaries("ABROAD-3", 2).String(), `Ccy="EUR"`, `Ccy="USD"`),
			"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09", "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"),
	} {
		file := d.file(d.taken(text).ID)
		told := slices.ContainsFunc(file.Detail.Findings, func(f finding.Finding) bool { return f.Code == intake.CodeNotSEPA && f.Case == "abroad" })
		if file.State != hub.StateRejected || !told {
			t.Errorf("%s: state %s, %v", name, file.State, file.Detail.Findings)
		}
	}
}
