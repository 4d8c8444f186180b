package intake

import (
	"maps"
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
			strictest[code] = stricter(severity, stricter(c.anyProfile(rule, general), strictest[code]))
		}
	}
	return append(general, strictest)
}

// anyProfile is the strictest that a rule may be without an account's word. By which profile a file is judged is not known before it is read.
func (c *checks) anyProfile(rule finding.Rule, general []finding.Policy) (out finding.Severity) {
	for _, p := range pain.Profiles() {
		if c.verification.Profile == "" || c.verification.Profile == string(p.ID) {
			out = stricter(out, rule.Of(append([]finding.Policy{p.Policy}, general...)...))
		}
	}
	return out
}

// contested are the rules that any account has a severity of its own for.
func (c *checks) contested() (codes []finding.Code) {
	for _, of := range c.verification.Accounts {
		codes = slices.AppendSeq(codes, maps.Keys(of))
	}
	return codes
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
	if c.verification.History {
		for _, code := range historyCodes {
			switched[code] = finding.Warning
		}
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

// settle gives the findings of contested rules the severity that holds for the account of their batch, and drops those that are off there. The
// others were read by the severity that holds. None becomes more than it was read as: some findings are milder than their rule.
func (c *checks) settle(found []finding.Finding, profile *pain.Profile) []finding.Finding {
	if len(c.verification.Accounts) == 0 {
		return found
	}
	general := c.general()
	if profile != nil {
		general = append([]finding.Policy{profile.Policy}, general...)
	}
	contested := c.contested()
	kept := found[:0]
	for _, f := range found {
		rule, known := pain.LookupRule(f.Code)
		if known && slices.Contains(contested, f.Code) && pain.Switchable(f.Code) { // PAIN-Z1 is as severe as what it stands for
			if s := c.severity(rule, f, general); stricter(f.Severity, s) == f.Severity {
				f.Severity = s
			}
		}
		if f.Severity != finding.Off {
			kept = append(kept, f)
		}
	}
	return kept
}

// severity is what holds for one finding: what stands outside of the batches is judged by the strictest of the file's accounts.
func (c *checks) severity(rule finding.Rule, f finding.Finding, general []finding.Policy) (out finding.Severity) {
	accounts := c.accounts
	if n := batchOf(f.At.Path); n > 0 && n <= len(c.accounts) {
		accounts = c.accounts[n-1 : n]
	}
	if len(accounts) == 0 {
		return rule.Of(general...)
	}
	for _, a := range accounts {
		out = stricter(out, rule.Of(append(slices.Clip(general), c.verification.Accounts[a])...))
	}
	return out
}

// mostListed is how many errors of a file are listed, and how many warnings; a closing PAIN-Z1 tells how many more there were. mostRead is how
// many are read where some are dropped afterwards: whatever is beyond it counts by the strictest severity.
const (
	mostListed = 100
	mostRead   = 10_000
)

func (c *checks) most() int {
	if len(c.verification.Accounts) == 0 {
		return mostListed
	}
	return mostRead
}

// shorten cuts a list in document order down to mostListed, and counts the rest with what PAIN-Z1 has counted so far.
func shorten(found []finding.Finding) []finding.Finding {
	kept, n, dropped, worst := found[:0], map[finding.Severity]int{}, 0, finding.Warning
	for _, f := range found {
		switch {
		case f.Code == pain.CodeMore:
			dropped, worst = dropped+count(f), stricter(worst, f.Severity)
		case n[f.Severity] >= mostListed:
			dropped, worst = dropped+1, stricter(worst, f.Severity)
		default:
			n[f.Severity]++
			kept = append(kept, f)
		}
	}
	if dropped == 0 {
		return kept
	}
	rule, _ := pain.LookupRule(pain.CodeMore)
	f := rule.New("more", strconv.Itoa(dropped))
	f.Severity = worst
	if len(kept) > 0 {
		f.At = kept[len(kept)-1].At
	}
	return append(kept, f)
}

// count is how many findings a PAIN-Z1 stands for.
func count(f finding.Finding) int {
	if len(f.Args) == 1 {
		if n, err := strconv.Atoi(f.Args[0]); err == nil {
			return n
		}
	}
	return 1
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
