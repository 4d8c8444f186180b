package intake

import (
	"slices"
	"strconv"
	"strings"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/iso20022/pain"
)

// own is what this package says itself, better, of a file that is to be sent: PAIN-H14 has the order types.
var own = finding.Policy{pain.CodeOneScheme: finding.Off}

// checks judges by the settings of a tenant.
type checks struct {
	verification hub.Verification
	accounts     []hub.AccountID // of the batches read so far, "" for one that is no account of the tenant
}

// policies returns the severities for reading a file: those of the tenant, and where accounts have severities of their own the
// strictest of all, so that nothing is overlooked; settle then gives each finding that of its account.
func (c *checks) policies() []finding.Policy {
	general := c.general()
	if len(c.verification.Accounts) == 0 {
		return general
	}
	strictest := finding.Policy{}
	for _, of := range c.verification.Accounts {
		for code, severity := range of {
			rule, known := pain.LookupRule(code)
			if !known {
				continue
			}
			strictest[code] = stricter(severity, stricter(rule.Of(general...), strictest[code]))
		}
	}
	return append(general, strictest)
}

// general returns the severities for files of accounts without settings of their own.
func (c *checks) general() []finding.Policy {
	switched := finding.Policy{}
	groups := pain.Groups()
	for _, check := range hub.Checks() {
		if !c.verification.IsOff(check) {
			continue
		}
		for _, code := range slices.Concat(groups[string(check)], groups[string(check)+"-standard"], groups[string(check)+"-extended"]) {
			switched[code] = finding.Off
		}
	}
	if !c.verification.IsOff(hub.CheckCharacterSet) && c.verification.Characters == hub.CharactersStandard {
		switched[pain.CodeStandardCharacters] = finding.Warning
	}
	return []finding.Policy{own, switched, c.verification.Rules}
}

// stricter returns the one that lets less pass.
func stricter(a, b finding.Severity) finding.Severity {
	order := []finding.Severity{"", finding.Off, finding.Warning, finding.Error}
	if slices.Index(order, a) > slices.Index(order, b) {
		return a
	}
	return b
}

// settle gives findings the severity that holds for the account of their batch, and drops those that are off there.
func (c *checks) settle(found []finding.Finding, profile *pain.Profile) []finding.Finding {
	if len(c.verification.Accounts) == 0 {
		return found
	}
	general := c.general()
	if profile != nil {
		general = append([]finding.Policy{profile.Policy}, general...)
	}
	kept := found[:0]
	for _, f := range found {
		if _, known := pain.LookupRule(f.Code); known {
			f.Severity = c.severity(f, general)
		}
		if f.Severity != finding.Off {
			kept = append(kept, f)
		}
	}
	return kept
}

// severity is what holds for one finding.
func (c *checks) severity(f finding.Finding, general []finding.Policy) finding.Severity {
	rule, _ := pain.LookupRule(f.Code)
	if n := batchOf(f.At.Path); n > 0 && n <= len(c.accounts) {
		general = append(slices.Clone(general), c.verification.Accounts[c.accounts[n-1]])
	}
	return rule.Of(general...)
}

// batchOf returns the number of the payment information in a path, from 1; 0 if there is none.
func batchOf(path string) int {
	_, rest, found := strings.Cut(path, "/PmtInf[")
	if !found {
		return 0
	}
	number, _, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n
}
