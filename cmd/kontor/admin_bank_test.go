package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/internal/hub"
)

// What is set up by flags and changed later: what is not named stays, and the word default takes back.
func TestBankFlagsChangeWhatTheyName(t *testing.T) {
	before := hub.BankProfile{
		UploadAttributes: hub.Attributes{"CCT": "DZHNN"}, SignatureVersion: "A005", MasterOrder: "-", ProtocolOrder: "PTK",
		StatusOrders: []string{"CRZ"}, StatementOrders: []string{"C53"}, ConfirmingStatuses: []string{"ACSP"},
		ProtocolVersion: "H003", BankDigest: "key", Ways: "de", Pins: []string{strings.Repeat("ab", 32)},
	}
	with := func(change func(p *hub.BankProfile)) hub.BankProfile {
		p := before
		change(&p)
		return p
	}
	for _, tc := range []struct {
		name  string
		flags []string
		want  hub.BankProfile
	}{
		{"nothing", nil, before},
		{"attributes add up", []string{"--upload", "CCT=OZHNN,CDD=DZHNN"}, with(func(p *hub.BankProfile) { p.UploadAttributes = hub.Attributes{"CCT": "OZHNN", "CDD": "DZHNN"} })},
		{"one attribute leaves the others", []string{"--upload", "CDB=DZHNN"}, with(func(p *hub.BankProfile) { p.UploadAttributes = hub.Attributes{"CCT": "DZHNN", "CDB": "DZHNN"} })},
		{"signature", []string{"--signature", "A006"}, with(func(p *hub.BankProfile) { p.SignatureVersion = "A006" })},
		{"reports", []string{"--status", "CRZ,CDZ"}, with(func(p *hub.BankProfile) { p.StatusOrders = []string{"CRZ", "CDZ"} })},
		{"no reports", []string{"--status", "-"}, with(func(p *hub.BankProfile) { p.StatusOrders = []string{"-"} })},
		{"version, digest and ways", []string{"--protocol", "H005", "--bank-digest", "certificate", "--ways", "ubs"}, with(func(p *hub.BankProfile) {
			p.ProtocolVersion, p.BankDigest, p.Ways = "H005", "certificate", "ubs"
		})},
		{"pins as tools print them", []string{"--pin", strings.Repeat("CD:", 31) + "CD", "--pin", strings.Repeat("ef", 32)}, with(func(p *hub.BankProfile) {
			p.Pins = []string{strings.Repeat("cd", 32), strings.Repeat("ef", 32)}
		})},
		{"the line as nobody set it", []string{"--protocol", "default", "--bank-digest", "default", "--ways", "default", "--pin", "default"}, with(func(p *hub.BankProfile) {
			p.ProtocolVersion, p.BankDigest, p.Ways, p.Pins = "", "", "", nil
		})},
		{"back to the default", []string{"--status", "default", "--confirming", "default", "--master", "default"}, with(func(p *hub.BankProfile) {
			p.StatusOrders, p.ConfirmingStatuses, p.MasterOrder = nil, nil, ""
		})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := parse(t, append([]string{"admin", "bank", "set", "bank"}, tc.flags...)...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, c.Admin.Bank.Set.over(before)); diff != "" {
				t.Error(diff)
			}
			if before.UploadAttributes["CCT"] != "DZHNN" || len(before.UploadAttributes) != 1 {
				t.Errorf("the profile before was changed: %+v", before)
			}
		})
	}
}

func TestSignatureVersionsAreTwo(t *testing.T) {
	contact := []string{"admin", "contact", "add", "--bank", "b", "--partner", "P", "--user", "U"}
	for version, fine := range map[string]bool{"A005": true, "A006": true, "A004": false} {
		if _, err := parse(t, append(contact, "--signature", version)...); (err == nil) != fine {
			t.Errorf("%s: error %v", version, err)
		}
	}
}
