package dtazv

import (
	"slices"

	"kontor/finding"
)

// The codes of the rules that Read checks. Letters are groups: A file and records, B
// characters and the filling of fields, C header, D accounts and parties, E amounts and
// totals, F types of payment and charges, G instruction keys, H reports to the
// Bundesbank, Z about the report itself. Package iso20022/axz has group K.
const (
	CodeUnreadable    finding.Code = "AZV-A1"
	CodeLength        finding.Code = "AZV-A2"
	CodeOrder         finding.Code = "AZV-A3"
	CodeIncomplete    finding.Code = "AZV-A4"
	CodeSeparator     finding.Code = "AZV-A5"
	CodeDiscontinued  finding.Code = "AZV-A6"
	CodeUnusual       finding.Code = "AZV-B1"
	CodeCharacter     finding.Code = "AZV-B2"
	CodeNumeric       finding.Code = "AZV-B3"
	CodeFilling       finding.Code = "AZV-B4"
	CodeAlignment     finding.Code = "AZV-B5"
	CodeReserve       finding.Code = "AZV-B6"
	CodeBankCode      finding.Code = "AZV-C1"
	CodeCustomer      finding.Code = "AZV-C2"
	CodeOriginator    finding.Code = "AZV-C3"
	CodeDate          finding.Code = "AZV-C4"
	CodeFileDate      finding.Code = "AZV-C5"
	CodePaymentDate   finding.Code = "AZV-C6"
	CodeSequence      finding.Code = "AZV-C7"
	CodeReportFlag    finding.Code = "AZV-C8"
	CodeReporter      finding.Code = "AZV-C9"
	CodeAccount       finding.Code = "AZV-D1"
	CodeCurrency      finding.Code = "AZV-D2"
	CodeChargesPart   finding.Code = "AZV-D3"
	CodeChargesSame   finding.Code = "AZV-D4"
	CodeBIC           finding.Code = "AZV-D5"
	CodeBankCountry   finding.Code = "AZV-D6"
	CodeCountry       finding.Code = "AZV-D7"
	CodeBankName      finding.Code = "AZV-D8"
	CodeNoCountry     finding.Code = "AZV-D9"
	CodeBeneficiary   finding.Code = "AZV-D10"
	CodeBeneficiaryNo finding.Code = "AZV-D11"
	CodeIBAN          finding.Code = "AZV-D12"
	CodeAmount        finding.Code = "AZV-E1"
	CodeSum           finding.Code = "AZV-E2"
	CodeCount         finding.Code = "AZV-E3"
	CodeReportCount   finding.Code = "AZV-E4"
	CodeType          finding.Code = "AZV-F1"
	CodeBankType      finding.Code = "AZV-F2"
	CodeCharges       finding.Code = "AZV-F3"
	CodeEuroExpress   finding.Code = "AZV-F4"
	CodeEUTransfer    finding.Code = "AZV-F5"
	CodeCheque        finding.Code = "AZV-F6"
	CodeRemark        finding.Code = "AZV-F7"
	CodeEEACharges    finding.Code = "AZV-F8"
	CodeKey           finding.Code = "AZV-G1"
	CodeKeyPair       finding.Code = "AZV-G2"
	CodeCounterValue  finding.Code = "AZV-G3"
	CodeReportKey     finding.Code = "AZV-H1"
	CodeFlag          finding.Code = "AZV-H2"
	CodeSale          finding.Code = "AZV-H3"
	CodeKind          finding.Code = "AZV-H4"
	CodeInvestment    finding.Code = "AZV-H5"
	CodeReportValue   finding.Code = "AZV-H6"
	CodeThreshold     finding.Code = "AZV-H7"
	CodeReporting     finding.Code = "AZV-H8"
	CodeMore          finding.Code = "AZV-Z1"
)

// Rules returns the catalogue of this package's rules, group by group. The caller owns
// the slice.
func Rules() []finding.Rule { return slices.Clone(catalogue) }

// LookupRule finds the description of a code.
func LookupRule(code finding.Code) (finding.Rule, bool) {
	if i, ok := ruleIndex[code]; ok {
		return catalogue[i], true
	}
	return finding.Rule{}, false
}

var (
	catalogue = slices.Concat(fileRules, fieldRules, headerRules, partyRules, amountRules, typeRules, keyRules, reportRules, closingRules)
	ruleIndex = func() map[finding.Code]int {
		m := make(map[finding.Code]int, len(catalogue))
		for i := range catalogue {
			m[catalogue[i].Code] = i
		}
		return m
	}()
)

// say is one case of a rule.
func say(id, en, de, sv string) finding.Case {
	return finding.Case{ID: id, Text: finding.Texts{EN: en, DE: de, SV: sv}}
}

// spec is where most rules come from.
const spec = "DTAZV record description (Bundesbank 2009)"

var closingRules = []finding.Rule{{
	Code: CodeMore, Severity: finding.Error,
	Meaning: "The file has more findings than are listed; the message says how many more.",
	Source:  "Kontor: the list is limited so that a broken file stays readable",
	Example: "101 payments without an amount",
	Advice:  name("Correct what is listed and check the file again.", "Das Aufgeführte berichtigen und die Datei erneut prüfen.", "Rätta det som anges och kontrollera filen igen."),
	Cases: []finding.Case{say("more", "there are {0} more findings, which are not shown", "{0} weitere Befunde werden nicht gezeigt",
		"det finns {0} anmärkningar till, som inte visas")},
}}
