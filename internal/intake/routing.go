package intake

import (
	"slices"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/iso20022/pain"
)

// The codes of findings that need to know the tenant; the message's own are in package pain.
const (
	CodeNotSEPA         finding.Code = "PAIN-G3"
	CodeUnknownAccount  finding.Code = "PAIN-E9"
	CodeSeveralContacts finding.Code = "PAIN-E10"
)

var catalogue = []finding.Rule{
	{Code: CodeUnknownAccount, Severity: finding.Error,
		Meaning: "Every debtor account is an account of the tenant, in the currency the file names (EUR when it names none).",
		Source:  "Kontor: what a bank executes and reports must belong to whoever ordered it",
		Example: "<DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct> with no such account set up"},
	{Code: CodeSeveralContacts, Severity: finding.Error,
		Meaning: "All debtor accounts of a file are reached through one contact: a file is sent whole, to one bank.",
		Source:  "Kontor: EBICS transmits an order to one host",
		Example: "two PmtInf whose DbtrAcct are accounts at different banks"},
	{Code: CodeNotSEPA, Severity: finding.Error,
		Meaning: "Batch and transaction are plain SEPA credit transfers: service level SEPA or none, no local instrument. Instant and urgent payments have order types of their own.",
		Source:  "EBICS order type CCT; DK Anlage 3, credit transfer types",
		Example: "<LclInstrm><Cd>INST</Cd></LclInstrm>"},
}

// Rules describes the findings of this package.
func Rules() []finding.Rule { return slices.Clone(catalogue) }

// accountKey is how a message names an account.
type accountKey struct{ iban, currency string }

// routing finds the one contact that reaches all debtor accounts of a file.
type routing struct {
	accounts map[accountKey]hub.Account
	contact  hub.ContactID
	found    []finding.Finding
}

func newRouting(accounts []hub.Account) routing {
	r := routing{accounts: make(map[accountKey]hub.Account, len(accounts))}
	for _, a := range accounts {
		r.accounts[accountKey{a.IBAN, a.Currency}] = a
	}
	return r
}

// maxRouting limits the findings of one file about its accounts.
const maxRouting = 100

// batch judges one payment information; it is a pain.Visitor.Batch.
func (r *routing) batch(b *pain.Batch) error {
	if (b.ServiceLevel != "" && b.ServiceLevel != "SEPA") || b.LocalInstrument != "" {
		r.add(b, CodeNotSEPA, "only plain SEPA credit transfers can be sent", b.ServiceLevel+b.LocalInstrument)
	}
	key := accountKey{b.DebtorAccount, b.Currency}
	if key.currency == "" {
		key.currency = "EUR"
	}
	account, known := r.accounts[key]
	switch {
	case !known:
		r.add(b, CodeUnknownAccount, "the debtor account is not set up for this tenant", b.DebtorAccount)
	case r.contact == "":
		r.contact = account.Contact
	case r.contact != account.Contact:
		r.add(b, CodeSeveralContacts, "the debtor account is reached through another contact than the first one of the file", b.DebtorAccount)
	}
	return nil
}

// payment judges the payment type of a single transaction, which overrules its batch's.
func (r *routing) payment(p *pain.Payment) {
	if (p.ServiceLevel != "" && p.ServiceLevel != "SEPA") || p.LocalInstrument != "" {
		r.addAt(p.At, CodeNotSEPA, "only plain SEPA credit transfers can be sent", p.ServiceLevel+p.LocalInstrument)
	}
}

func (r *routing) add(b *pain.Batch, code finding.Code, message, text string) {
	r.addAt(b.At, code, message, text)
}

func (r *routing) addAt(at finding.Location, code finding.Code, message, text string) {
	if len(r.found) < maxRouting {
		r.found = append(r.found, finding.Finding{Code: code, Severity: finding.Error, At: at, Message: message, Text: finding.Shorten(text)})
	}
}

func (r *routing) findings() []finding.Finding { return r.found }
