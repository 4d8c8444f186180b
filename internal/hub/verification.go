package hub

import (
	"maps"
	"slices"
	"strings"

	"kontor/finding"
)

// Check is one of the verifications of a payment file that a tenant may switch off, since banks differ. They are those of konfipay.
type Check string

// The checks.
const (
	CheckSEPACountry      Check = "sepa-country"      // the other party's account is in a SEPA country
	CheckIBAN             Check = "iban"              // IBANs are right
	CheckIBANBIC          Check = "iban-bic"          // IBAN and BIC belong together
	CheckSchema           Check = "schema"            // the XML keeps the schema of its profile
	CheckCharacterSet     Check = "character-set"     // texts have no characters that banks change or refuse
	CheckEPCDK            Check = "epc-dk"            // rules of the European Payments Council and Deutsche Kreditwirtschaft
	CheckControlValues    Check = "control-values"    // numbers of transactions and control sums
	CheckDTAZV            Check = "azv"               // structure and contents of DTAZV files
	CheckDoubleSubmission Check = "double-submission" // the same file again within the window
	CheckDebitAddress     Check = "debit-address"     // addresses of debtors outside the EEA in direct debits
)

// Checks lists all of them.
func Checks() []Check {
	return []Check{
		CheckSEPACountry, CheckIBAN, CheckIBANBIC, CheckSchema, CheckCharacterSet, CheckEPCDK, CheckControlValues, CheckDTAZV,
		CheckDoubleSubmission, CheckDebitAddress,
	}
}

// CharacterSet is the set of characters that texts of a SEPA payment may have.
type CharacterSet string

// The sets. The zero value is CharactersExtended: German banks have committed themselves to accept it.
const (
	CharactersExtended CharacterSet = "extended" // the standard set and what DK adds: umlauts, ß, & * $ %
	CharactersStandard CharacterSet = "standard" // the set of the EPC
)

// Verification says how payment files of a tenant are judged. The zero value is: everything, by the profile that the file shows.
type Verification struct {
	Off        []Check      `json:"off,omitempty"`        // checks that are not made
	Characters CharacterSet `json:"characters,omitempty"` // "" is CharactersExtended
	Profile    string       `json:"profile,omitempty"`    // of the rules; "" = what the file shows
	History    bool         `json:"history,omitempty"`    // compare with earlier payments: off until the tenant wants it

	HistoryDays int    `json:"historyDays,omitempty"` // for how long payments are compared: 1 to MaxHistoryDays; 0 means 30
	Schema      string `json:"schema,omitempty"`      // name of the schema, of the operator's folder, that files of its namespace are judged by; "" = the profile's

	Rules    finding.Policy               `json:"rules,omitempty"`    // severities of single rules: they beat the checks
	Accounts map[AccountID]finding.Policy `json:"accounts,omitempty"` // likewise for files of one account: they beat Rules
}

// IsOff says whether a check is not made.
func (v Verification) IsOff(c Check) bool { return slices.Contains(v.Off, c) }

// Validate refuses what is not known. Whether codes, profile and schema exist is for the caller, who knows them.
func (v Verification) Validate() error {
	for _, c := range v.Off {
		if !slices.Contains(Checks(), c) {
			return Errorf(CodeInvalid, "there is no check %q; the checks are %s", c, joined(Checks()))
		}
	}
	switch v.Characters {
	case "", CharactersExtended, CharactersStandard:
	default:
		return Errorf(CodeInvalid, "the character set is %s or %s, not %q", CharactersStandard, CharactersExtended, v.Characters)
	}
	if v.HistoryDays < 0 || v.HistoryDays > MaxHistoryDays {
		return Errorf(CodeInvalid, "payments are compared for 1 to %d days, not %d", MaxHistoryDays, v.HistoryDays)
	}
	policies := append(slices.Collect(maps.Values(v.Accounts)), v.Rules)
	for _, p := range policies {
		for code, severity := range p {
			switch severity {
			case finding.Error, finding.Warning, finding.Off:
			default:
				return Errorf(CodeInvalid, "rule %s is error, warning or off, not %q", code, severity)
			}
		}
	}
	return nil
}

// Switch turns a check on or off.
func (v *Verification) Switch(c Check, on bool) {
	v.Off = slices.DeleteFunc(slices.Clone(v.Off), func(o Check) bool { return o == c })
	if !on {
		v.Off = append(v.Off, c)
	}
}

func joined(checks []Check) string {
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}
