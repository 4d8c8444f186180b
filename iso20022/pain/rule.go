package pain

import (
	"errors"
	"slices"
	"sync"

	"kontor/finding"
	"kontor/xmlscan"
)

// ruleIndex is the place of a rule in rules: what code that runs per payment uses
// instead of looking up a code.
type ruleIndex uint8

// The rules in the order of the catalogue's code list in code.go.
const (
	ruleSyntax ruleIndex = iota
	ruleUnknownMessage
	ruleStructure
	ruleMessageIDTwice
	ruleManyTransactions
	ruleByteOrderMark
	ruleCDATA
	ruleEmptyElement
	ruleFormatEnd
	ruleGroupCount
	ruleGroupSum
	ruleBatchCount
	ruleBatchSum
	ruleTotalForm
	ruleCreationTime
	ruleInitiatingParty
	ruleBatchIDTwice
	ruleInstructionIDTwice
	ruleEndToEndIDTwice
	ruleReference
	ruleReferenceSlashes
	ruleReferenceBlank
	ruleMandateBlank
	ruleName
	ruleRemittance
	ruleStructuredReference
	ruleCharacters
	ruleUnstructuredAddress
	rulePostcode
	ruleCountry
	ruleBothLevels
	rulePartyID
	ruleStandardCharacters
	ruleAddress
	ruleIBAN
	ruleNationalDigits
	ruleNotSEPACountry
	ruleBIC
	ruleAffiliation
	ruleAgent
	ruleBICRequired
	ruleSameAccount
	ruleBankCode
	ruleUnreachable
	ruleAmount
	ruleExecutionDate
	ruleCollectionDate
	ruleDatePast
	ruleDateFar
	ruleDateClosed
	ruleTimeOfDay
	ruleCollectionSoon
	rulePaymentMethod
	ruleInstant
	ruleCategoryPurpose
	ruleTransferCharges
	ruleLocalInstrument
	ruleSignedLate
	ruleHomogeneous
	ruleServiceLevel
	ruleOneScheme
	ruleSignatureDate
	ruleSequenceType
	ruleCreditorScheme
	ruleCreditorID
	ruleMandate
	ruleAmendment
	ruleDebtorAddress
	ruleMandateHistory
	ruleDebitCharges
	ruleQRReference
	ruleQRReferenceForm
	ruleSwissCharges
	ruleSwissEuro
	ruleForeignCreditor
	ruleSwissAgent
	rulePaymentTwice
	ruleMore
	ruleCount
)

// codes are the codes by index.
var codes = [ruleCount]finding.Code{
	CodeSyntax, CodeUnknownMessage, CodeStructure, CodeMessageIDTwice, CodeManyTransactions, CodeByteOrderMark, CodeCDATA, CodeEmptyElement, CodeFormatEnd,
	CodeGroupCount, CodeGroupSum, CodeBatchCount, CodeBatchSum, CodeTotalForm, CodeCreationTime, CodeInitiatingParty, CodeBatchIDTwice, CodeInstructionIDTwice, CodeEndToEndIDTwice,
	CodeReference, CodeReferenceSlashes, CodeReferenceBlank, CodeMandateBlank,
	CodeName, CodeRemittance, CodeStructuredReference, CodeCharacters, CodeUnstructuredAddress, CodePostcode, CodeCountry, CodeBothLevels, CodePartyID, CodeStandardCharacters, CodeAddress,
	CodeIBAN, CodeNationalDigits, CodeNotSEPACountry, CodeBIC, CodeAffiliation, CodeAgent, CodeBICRequired, CodeSameAccount, CodeBankCode, CodeUnreachable,
	CodeAmount, CodeExecutionDate, CodeCollectionDate, CodeDatePast, CodeDateFar, CodeDateClosed, CodeTimeOfDay, CodeCollectionSoon,
	CodePaymentMethod, CodeInstant, CodeCategoryPurpose, CodeTransferCharges,
	CodeLocalInstrument, CodeSignedLate, CodeHomogeneous, CodeServiceLevel, CodeOneScheme, CodeSignatureDate, CodeSequenceType, CodeCreditorScheme, CodeCreditorID, CodeMandate, CodeAmendment, CodeDebtorAddress, CodeMandateHistory, CodeDebitCharges,
	CodeQRReference, CodeQRReferenceForm, CodeSwissCharges, CodeSwissEuro, CodeForeignCreditor, CodeSwissAgent, CodePaymentTwice, CodeMore,
}

// rules are the descriptions by index.
var rules = func() (list [ruleCount]*finding.Rule) {
	all := slices.Concat(fileRules, headerRules, partyRules, accountRules, kindRules, debitRules)
	for i, code := range codes {
		at := slices.IndexFunc(all, func(r finding.Rule) bool { return r.Code == code })
		if at < 0 {
			panic("rule " + string(code) + " is not described")
		}
		list[i] = &all[at]
	}
	return list
}()

var catalogue = sync.OnceValue(func() finding.Catalogue {
	all := slices.Concat(fileRules, headerRules, partyRules, accountRules, kindRules, debitRules)
	c, err := finding.NewCatalogue(all...)
	if err != nil {
		panic(err) // a code twice in this package: no test passes
	}
	return c
})

// Catalogue returns the rules of this package.
func Catalogue() finding.Catalogue { return catalogue() }

// Rules returns the catalogue of this package's rules, sorted by code. The caller owns
// the slice.
func Rules() []finding.Rule { return catalogue().Rules() }

// LookupRule finds the description of a code.
func LookupRule(code finding.Code) (finding.Rule, bool) {
	c := catalogue()
	if r := c.Lookup(code); r != nil {
		return *r, true
	}
	return finding.Rule{}, false
}

// Switchable says whether a Policy changes the severity of a rule: not of what says that a document cannot be read, nor of what tells how many
// findings are not listed.
func Switchable(code finding.Code) bool {
	return code != CodeSyntax && code != CodeUnknownMessage && code != CodeMore
}

// SyntaxFinding makes a finding of an error by which Read gives up: PAIN-A1 of a wrapped
// *xmlscan.SyntaxError, PAIN-A2 of an *UnreadableError. Other errors are not about the
// document: false.
func SyntaxFinding(err error) (finding.Finding, bool) {
	if syntax, ok := errors.AsType[*xmlscan.SyntaxError](err); ok {
		f := rules[ruleSyntax].New("syntax", syntax.Message)
		f.At = location(syntax.Position, "")
		return f, true
	}
	if unreadable, ok := errors.AsType[*UnreadableError](err); ok {
		return finding.Finding{Code: unreadable.Code, Severity: finding.Error, At: unreadable.At, Message: unreadable.Message, Case: unreadable.Case, Args: unreadable.Args}, true
	}
	return finding.Finding{}, false
}

// severities resolves the severity of each rule once per document.
func severities(policies ...finding.Policy) (list [ruleCount]finding.Severity) {
	for i, r := range rules {
		list[i] = r.Of(policies...)
	}
	return list
}

// Groups names sets of rules that are switched together, after the verifications of
// payment gateways. A file check for DTAZV, and double submission of a file, are not of
// this package. The caller owns the map.
func Groups() map[string][]finding.Code {
	epc := []finding.Code{}
	for _, r := range Rules() {
		if !slices.ContainsFunc(grouped, func(c finding.Code) bool { return c == r.Code }) {
			epc = append(epc, r.Code)
		}
	}
	return map[string][]finding.Code{
		"sepa-country":           {CodeNotSEPACountry},
		"iban":                   {CodeIBAN, CodeNationalDigits},
		"iban-bic":               {CodeAffiliation, CodeBankCode},
		"schema":                 {CodeStructure},
		"character-set-standard": {CodeStandardCharacters},
		"character-set-extended": {CodeCharacters},
		"control-values":         {CodeGroupCount, CodeGroupSum, CodeBatchCount, CodeBatchSum},
		"debit-address":          {CodeDebtorAddress},
		"epc-dk":                 epc,
	}
}

// grouped are the codes that are in a group of their own, or in none: what cannot be
// switched, and what compares with history.
var grouped = []finding.Code{
	CodeSyntax, CodeUnknownMessage, CodeMore, CodeMessageIDTwice, CodeMandateHistory, CodePaymentTwice,
	CodeNotSEPACountry, CodeIBAN, CodeNationalDigits, CodeAffiliation, CodeBankCode, CodeStructure, CodeStandardCharacters, CodeCharacters,
	CodeGroupCount, CodeGroupSum, CodeBatchCount, CodeBatchSum, CodeDebtorAddress,
}

// fixed are the rules that no policy switches off: what they say is about the report or
// the reader, not about the payments.
func fixed(list *[ruleCount]finding.Severity) {
	list[ruleMore] = finding.Error
}
