package account

import (
	"errors"
	"strings"
	"testing"

	"kontor/finding"
)

// Each sentence is said by an error that a check really gives, in three languages.
func TestEveryErrorHasASentence(t *testing.T) {
	parse := map[string]func(string) error{
		"IBAN":        func(s string) error { return CheckIBAN([]byte(s)) },
		"BIC":         func(s string) error { return CheckBIC([]byte(s)) },
		"classic BIC": func(s string) error { return CheckClassicBIC([]byte(s)) },
		"creditor":    func(s string) error { return CheckCreditorID([]byte(s)) },
	}
	cases := map[string][]finding.Case{"IBAN": IBANCases(), "BIC": BICCases(), "classic BIC": BICCases(), "creditor": CreditorIDCases()}
	said := map[string]bool{}
	for _, row := range []struct{ check, text, id, args string }{
		{"IBAN", "DE87 200500001234567890", "space", "5"},
		{"IBAN", "DE87200500001234567890\u00a0", "space", "23"},
		{"IBAN", "DE87-200500001234567890", "character", "5"},
		{"IBAN", "DE8", "short", ""},
		{"IBAN", "1287200500001234567890", "no-country", ""},
		{"IBAN", "US87200500001234567890", "country", "US"},
		{"IBAN", "DE8720050000123456789", "length", "DE 22 21"},
		{"IBAN", "DEX7200500001234567890", "not-digits", ""},
		{"IBAN", "DE8720050000123456789A", "digit", "22 DE"},
		{"IBAN", "GB291WBK60161331926819", "letter", "5 GB"},
		{"IBAN", "DE00200500001234567890", "never-issued", ""},
		{"IBAN", "DE88200500001234567890", "check-digits", ""},
		{"BIC", "PBNK", "form", ""},
		{"BIC", "PBNKZZFF", "country", ""},
		{"BIC", "NOTPROVIDED", "not-provided", ""},
		{"classic BIC", "1BNKDEFF", "classic-form", ""},
		{"creditor", "", "length", ""},
		{"creditor", "1298ZZZ09999999999", "start", ""},
		{"creditor", "DE98ZZZ0999999999 ", "character", ""},
		{"creditor", "DE98ZZZ0999999999", "germany", ""},
		{"creditor", "DE98ZZZ09999999998", "check-digits", ""},
	} {
		err := parse[row.check](row.text)
		id, args := CaseOf(err)
		if id != row.id || strings.Join(args, " ") != row.args {
			t.Errorf("%s %q: case %q with %q, want %q with %q", row.check, row.text, id, args, row.id, row.args)
			continue
		}
		said[row.check[len(row.check)-3:]+id] = true
		rule := finding.Rule{Cases: cases[row.check]}
		for _, language := range []string{"en", "de", "sv"} {
			sentence := rule.Sentence(finding.Finding{Case: id, Args: args}, language)
			if strings.ContainsAny(sentence, "{}") {
				t.Errorf("%s: %s", language, sentence)
			}
			if language == "en" && !strings.HasSuffix(err.Error(), sentence) {
				t.Errorf("the error says %q, the sentence %q", err, sentence)
			}
		}
	}
	for check, list := range cases {
		for _, c := range list {
			if !said[check[len(check)-3:]+c.ID] {
				t.Errorf("%s: nothing says %q", check, c.ID)
			}
			if c.Text.DE == "" || c.Text.SV == "" || c.Text.DE == c.Text.EN || c.Text.SV == c.Text.EN {
				t.Errorf("%s: %q is not translated", check, c.ID)
			}
		}
	}
	if id, args := CaseOf(errors.New("another")); id != "" || args != nil {
		t.Errorf("another error is %q", id)
	}
}
