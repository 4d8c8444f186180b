package main

import (
	"testing"

	"kontor/finding"
	"kontor/internal/hub"
)

// One IBAN may be two accounts of different currencies: files of both are files of that IBAN.
func TestSeverityIsForAllAccountsOfAnIBAN(t *testing.T) {
	const iban = "DE87200500001234567890"
	accounts := []hub.Account{{ID: "eur", IBAN: iban, Currency: "EUR"}, {ID: "other", IBAN: "DE62200500001234567891", Currency: "EUR"}, {ID: "usd", IBAN: iban, Currency: "USD"}}
	for _, row := range []struct {
		name, account, currency string
		want                    []hub.AccountID
		code                    hub.Code
	}{
		{"both", iban, "", []hub.AccountID{"eur", "usd"}, ""},
		{"with blanks", "DE87 2005 0000 1234 5678 90", "", []hub.AccountID{"eur", "usd"}, ""},
		{"that of a currency", iban, "usd", []hub.AccountID{"usd"}, ""},
		{"none of that currency", iban, "CHF", nil, hub.CodeNotFound},
		{"none of that IBAN", "DE02120300000000202051", "", nil, hub.CodeNotFound},
		{"a currency of no account", "", "EUR", nil, hub.CodeInvalid},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := tenantChecks{Account: row.account, Currency: row.currency, Rule: map[string]string{"PAIN-D4": "error"}}
			var v hub.Verification
			if err := c.change(&v, accounts); hub.CodeOf(err) != row.code {
				t.Fatalf("error %v", err)
			}
			for _, id := range row.want {
				if v.Accounts[id]["PAIN-D4"] != finding.Error {
					t.Errorf("account %s has %v", id, v.Accounts[id])
				}
			}
			if len(v.Accounts) != len(row.want) {
				t.Errorf("%d accounts have a severity, want %d", len(v.Accounts), len(row.want))
			}
			c.Rule = map[string]string{"PAIN-D4": "default"}
			if row.code == "" {
				if err := c.change(&v, accounts); err != nil || len(v.Accounts) != 0 {
					t.Errorf("after default: %v %v", v.Accounts, err)
				}
			}
		})
	}
}

// What says that a file cannot be read, and what tells how many findings are not listed, is as severe as it is.
func TestSeverityOfWhatIsNoRuleOfPaymentsStays(t *testing.T) {
	for _, code := range []string{"PAIN-Z1", "PAIN-A1", "PAIN-A2", "CAMT-Z1", "AZV-Z1", "FILE-Z1"} {
		for severity, want := range map[string]hub.Code{"off": hub.CodeInvalid, "warning": hub.CodeInvalid, "default": ""} {
			c := tenantChecks{Rule: map[string]string{code: severity}}
			var v hub.Verification
			if err := c.change(&v, nil); hub.CodeOf(err) != want {
				t.Errorf("%s=%s: %v", code, severity, err)
			}
		}
	}
}
