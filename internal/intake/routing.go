package intake

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/iso20022/pain"
)

// The codes of findings that need to know the tenant or the order types; the message's own are in package pain.
const (
	CodeNotSEPA         finding.Code = "PAIN-G3"
	CodeUnknownAccount  finding.Code = "PAIN-E9"
	CodeSeveralContacts finding.Code = "PAIN-E10"
	CodeNotPermitted    finding.Code = "PAIN-E11"
	CodeMixedSchemes    finding.Code = "PAIN-H14"
)

var catalogue = []finding.Rule{
	{Code: CodeUnknownAccount, Severity: finding.Error,
		Meaning: "Every debtor account of a credit transfer, every creditor account of a direct debit, is an account of the tenant, in the currency the file names (EUR when it names none).",
		Source:  "Kontor: what a bank executes and reports must belong to whoever ordered it",
		Example: "<DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct> with no such account set up"},
	{Code: CodeSeveralContacts, Severity: finding.Error,
		Meaning: "All own accounts of a file are reached through one contact: a file is sent whole, to one bank.",
		Source:  "Kontor: EBICS transmits an order to one host",
		Example: "two PmtInf whose DbtrAcct are accounts at different banks"},
	{Code: CodeNotPermitted, Severity: finding.Error,
		Meaning: "The bank permits the contact to upload orders of the file's type, as far as it tells: CCT for credit transfers, CDD for direct debits of the scheme CORE, CDB for B2B.",
		Source:  "EBICS 2.5 chapter 9, order type HTD",
		Example: "a direct debit of the scheme B2B through a contact whose permissions do not list CDB"},
	{Code: CodeNotSEPA, Severity: finding.Error,
		Meaning: "Batch and transaction are plain SEPA credit transfers: service level SEPA or none, no local instrument. Instant and urgent payments have order types of their own.",
		Source:  "EBICS order type CCT; DK Anlage 3, credit transfer types",
		Example: "<LclInstrm><Cd>INST</Cd></LclInstrm>"},
	{Code: CodeMixedSchemes, Severity: finding.Error,
		Meaning: "All direct debits of a file are of one scheme, CORE or B2B: each has an order type of its own, and a file is sent whole.",
		Source:  "EBICS order types CDD and CDB; DK Anlage 3, usage rule of LclInstrm",
		Example: "a PmtInf with <LclInstrm><Cd>B2B</Cd></LclInstrm> after one with CORE"},
}

// Rules describes the findings of this package.
func Rules() []finding.Rule { return slices.Clone(catalogue) }

// accountKey is how a message names an account.
type accountKey struct{ iban, currency string }

// routing finds the one contact that reaches all own accounts of a file, and the order type under which it is sent.
type routing struct {
	accounts  map[accountKey]hub.Account
	contacts  map[hub.ContactID]hub.Contact
	contact   hub.ContactID
	orderType string
	scheme    string // of the direct debits so far: CORE or B2B
	batched   string // the scheme of the batch at hand, as its first payment says it
	found     []finding.Finding
}

func newRouting(accounts []hub.Account, contacts map[hub.ContactID]hub.Contact) routing {
	r := routing{accounts: make(map[accountKey]hub.Account, len(accounts)), contacts: contacts, orderType: hub.OrderCreditTransfer}
	for _, a := range accounts {
		r.accounts[accountKey{a.IBAN, a.Currency}] = a
	}
	return r
}

// maxRouting limits the findings of one file about its accounts.
const maxRouting = 100

// batch judges one payment information; it is a pain.Visitor.Batch.
func (r *routing) batch(b *pain.Batch) error {
	side := "debtor"
	switch b.Kind {
	case pain.KindCreditTransfer:
		if (b.ServiceLevel != "" && b.ServiceLevel != "SEPA") || b.LocalInstrument != "" {
			r.add(b.At, CodeNotSEPA, "only plain SEPA credit transfers can be sent", b.ServiceLevel+b.LocalInstrument)
		}
	case pain.KindDirectDebit:
		side = "creditor"
		r.oneScheme(b)
	}
	key := accountKey{b.OwnAccount(), cmp.Or(b.Currency, "EUR")}
	account, known := r.accounts[key]
	switch {
	case !known:
		r.add(b.At, CodeUnknownAccount, "the "+side+" account is not set up for this tenant", key.iban)
	case r.contact == "":
		r.contact = account.Contact
	case r.contact != account.Contact:
		r.add(b.At, CodeSeveralContacts, "the "+side+" account is reached through another contact than the first one of the file", key.iban)
	}
	return nil
}

// oneScheme compares a batch's scheme with that of the batches before it. Within a batch, and what is no scheme at all, is judged by pain.
func (r *routing) oneScheme(b *pain.Batch) {
	scheme := cmp.Or(r.batched, b.LocalInstrument) // a transaction's own overrules its batch's
	r.batched = ""
	orderType, known := orderTypes[scheme]
	switch {
	case !known:
	case r.scheme == "":
		r.scheme, r.orderType = scheme, orderType
	case r.scheme != scheme:
		r.add(b.At, CodeMixedSchemes, "direct debits of the schemes CORE and B2B cannot be sent in one file", scheme)
	}
}

// orderTypes are the order types of direct debits by scheme.
var orderTypes = map[string]string{"CORE": hub.OrderDirectDebitCore, "B2B": hub.OrderDirectDebitB2B}

// payment judges the payment type of a single transaction, which overrules its batch's.
func (r *routing) payment(p *pain.Payment) {
	switch p.Batch.Kind {
	case pain.KindCreditTransfer:
		if (p.ServiceLevel != "" && p.ServiceLevel != "SEPA") || p.LocalInstrument != "" {
			r.add(p.At, CodeNotSEPA, "only plain SEPA credit transfers can be sent", p.ServiceLevel+p.LocalInstrument)
		}
	case pain.KindDirectDebit:
		r.batched = cmp.Or(r.batched, p.LocalInstrument)
	}
}

// close judges, at the end of a file of this kind, whether the bank lets the contact send it. A bank that has not told forbids nothing.
func (r *routing) close(k pain.Kind) {
	if k == pain.KindDirectDebit && r.scheme == "" {
		r.orderType = hub.OrderDirectDebitCore // no scheme that can be read: the file is rejected
	}
	c, known := r.contacts[r.contact]
	if !known || c.Permits(r.orderType) {
		return
	}
	r.add(finding.Location{Line: 1, Column: 1}, CodeNotPermitted, fmt.Sprintf("the bank does not permit the contact to upload orders of type %s, as it said at %s",
		r.orderType, c.Master.Read.UTC().Format(time.RFC3339)), r.orderType)
}

func (r *routing) add(at finding.Location, code finding.Code, message, text string) {
	if len(r.found) < maxRouting {
		r.found = append(r.found, finding.Finding{Code: code, Severity: finding.Error, At: at, Message: message, Text: finding.Shorten(text)})
	}
}

func (r *routing) findings() []finding.Finding { return r.found }
