package intake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/iso20022/pain"
	"kontor/money"
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
		Example: "<DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct> with no such account set up",
		Advice: finding.Texts{
			EN: "Have the account set up, or correct the account in the file.",
			DE: "Das Konto einrichten lassen oder das Konto in der Datei berichtigen.",
			SV: "Låt lägga upp kontot, eller rätta kontot i filen."},
		Cases: []finding.Case{
			say("debtor", "the debtor account is not set up for this tenant",
				"das Auftraggeberkonto ist für diesen Mandanten nicht eingerichtet",
				"betalarens konto är inte upplagt för den här kunden"),
			say("creditor", "the creditor account is not set up for this tenant",
				"das Gläubigerkonto ist für diesen Mandanten nicht eingerichtet",
				"borgenärens konto är inte upplagt för den här kunden"),
		}},
	{Code: CodeSeveralContacts, Severity: finding.Error,
		Meaning: "All own accounts of a file are reached through one contact: a file is sent whole, to one bank.",
		Source:  "Kontor: EBICS transmits an order to one host",
		Example: "two PmtInf whose DbtrAcct are accounts at different banks",
		Advice: finding.Texts{
			EN: "Send one file per bank.",
			DE: "Je Bank eine Datei senden.",
			SV: "Skicka en fil per bank."},
		Cases: []finding.Case{
			say("debtor", "the debtor account is reached through another contact than the first one of the file",
				"das Auftraggeberkonto wird über einen anderen Kontakt erreicht als das erste der Datei",
				"betalarens konto nås via en annan kontakt än filens första"),
			say("creditor", "the creditor account is reached through another contact than the first one of the file",
				"das Gläubigerkonto wird über einen anderen Kontakt erreicht als das erste der Datei",
				"borgenärens konto nås via en annan kontakt än filens första"),
		}},
	{Code: CodeNotPermitted, Severity: finding.Error,
		Meaning: "The bank permits the contact to upload orders of the file's type, as far as it tells: CCT for credit transfers, CDD for direct debits of the scheme CORE, CDB for B2B.",
		Source:  "EBICS 2.5 chapter 9, order type HTD",
		Example: "a direct debit of the scheme B2B through a contact whose permissions do not list CDB",
		Advice: finding.Texts{
			EN: "Ask the bank to permit this order type for the contact.",
			DE: "Die Bank bitten, diese Auftragsart für den Kontakt freizuschalten.",
			SV: "Be banken att tillåta ordertypen för kontakten."},
		Cases: []finding.Case{
			say("type", "the bank does not permit the contact to upload orders of type {0}, as it said at {1}",
				"die Bank erlaubt dem Kontakt keine Aufträge der Art {0}, wie sie am {1} mitgeteilt hat",
				"banken tillåter inte kontakten att skicka order av typen {0}, enligt besked {1}"),
		}},
	{Code: CodeNotSEPA, Severity: finding.Error,
		Meaning: "Batch and transaction are plain SEPA credit transfers: service level SEPA or none, no local instrument, and in euro. Instant and urgent payments, and those abroad (AXZ), have order types of their own.",
		Source:  "EBICS order type CCT; DK Anlage 3, credit transfer types",
		Example: "<LclInstrm><Cd>INST</Cd></LclInstrm>",
		Advice: finding.Texts{
			EN: "Send instant and urgent payments, and payments abroad, by another way.",
			DE: "Echtzeit-, Eil- und Auslandszahlungen auf anderem Weg senden.",
			SV: "Skicka omedelbara och brådskande betalningar och utlandsbetalningar på annat sätt."},
		Cases: []finding.Case{
			say("abroad", "payments abroad and in other currencies than the euro cannot be sent",
				"Zahlungen ins Ausland und in anderen Währungen als Euro können nicht gesendet werden",
				"betalningar till utlandet och i andra valutor än euro kan inte skickas"),
			say("plain", "only plain SEPA credit transfers can be sent",
				"es können nur einfache SEPA-Überweisungen gesendet werden",
				"bara vanliga SEPA-betalningar kan skickas"),
		}},
	{Code: CodeMixedSchemes, Severity: finding.Error,
		Meaning: "All direct debits of a file are of one scheme, CORE or B2B: each has an order type of its own, and a file is sent whole.",
		Source:  "EBICS order types CDD and CDB; DK Anlage 3, usage rule of LclInstrm",
		Example: "a PmtInf with <LclInstrm><Cd>B2B</Cd></LclInstrm> after one with CORE",
		Advice: finding.Texts{
			EN: "Send one file per scheme.",
			DE: "Je Verfahren eine Datei senden.",
			SV: "Skicka en fil per slag."},
		Cases: []finding.Case{
			say("mixed", "direct debits of the schemes CORE and B2B cannot be sent in one file",
				"Lastschriften der Verfahren CORE und B2B können nicht in einer Datei gesendet werden",
				"direktdebiteringar av slagen CORE och B2B kan inte skickas i en fil"),
		}},
}

func say(id, en, de, sv string) finding.Case {
	return finding.Case{ID: id, Text: finding.Texts{EN: en, DE: de, SV: sv}}
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
	german    bool   // an own account is German
	found     []finding.Finding
}

func newRouting(accounts []hub.Account, contacts map[hub.ContactID]hub.Contact) routing {
	r := routing{accounts: make(map[accountKey]hub.Account, len(accounts)), contacts: contacts, orderType: hub.OrderCreditTransfer}
	for _, a := range accounts {
		r.accounts[accountKey{a.IBAN, a.Currency}] = a
	}
	return r
}

// account returns the tenant's account that a batch names; "" if it has no such account.
func (r *routing) account(b *pain.Batch) hub.AccountID {
	return r.accounts[accountKey{b.OwnAccount(), cmp.Or(b.Currency, "EUR")}].ID
}

// maxRouting limits the findings of one file about its accounts.
const maxRouting = 100

// batch judges one payment information; it is a pain.Visitor.Batch.
func (r *routing) batch(b *pain.Batch) error {
	side := "debtor"
	switch b.Kind {
	case pain.KindCreditTransfer:
		if (b.ServiceLevel != "" && b.ServiceLevel != "SEPA") || b.LocalInstrument != "" {
			r.add(b.At, CodeNotSEPA, "plain", b.ServiceLevel+b.LocalInstrument)
		}
	case pain.KindDirectDebit:
		side = "creditor"
		r.oneScheme(b)
	}
	key := accountKey{b.OwnAccount(), cmp.Or(b.Currency, "EUR")}
	r.german = r.german || strings.HasPrefix(key.iban, "DE")
	account, known := r.accounts[key]
	switch {
	case !known:
		r.add(b.At, CodeUnknownAccount, side, key.iban)
	case r.contact == "":
		r.contact = account.Contact
	case r.contact != account.Contact:
		r.add(b.At, CodeSeveralContacts, side, key.iban)
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
		r.add(b.At, CodeMixedSchemes, "mixed", scheme)
	}
}

// orderTypes are the order types of direct debits by scheme.
var orderTypes = map[string]string{"CORE": hub.OrderDirectDebitCore, "B2B": hub.OrderDirectDebitB2B}

// payment judges the payment type of a single transaction, which overrules its batch's.
func (r *routing) payment(p *pain.Payment) {
	switch p.Batch.Kind {
	case pain.KindCreditTransfer:
		if (p.ServiceLevel != "" && p.ServiceLevel != "SEPA") || p.LocalInstrument != "" {
			r.add(p.At, CodeNotSEPA, "plain", p.ServiceLevel+p.LocalInstrument)
		}
	case pain.KindDirectDebit:
		r.batched = cmp.Or(r.batched, p.LocalInstrument)
	}
}

// close judges, at the end of a file of this kind, whether the bank lets the contact send it. A bank that has not told forbids nothing.
func (r *routing) close(m *pain.Message) {
	if r.abroad(m) {
		r.add(finding.Location{Line: 1, Column: 1}, CodeNotSEPA, "abroad", "")
	}
	if m.Kind == pain.KindDirectDebit && r.scheme == "" {
		r.orderType = hub.OrderDirectDebitCore // no scheme that can be read: the file is rejected
	}
	c, known := r.contacts[r.contact]
	if !known || c.Permits(r.orderType) {
		return
	}
	r.add(finding.Location{Line: 1, Column: 1}, CodeNotPermitted, "type", r.orderType, r.orderType, c.Master.Read.UTC().Format(time.RFC3339))
}

// abroad reports whether a file is one of payments abroad or in another currency, which may be faultless and has no order type here: CCT would carry
// it to a bank that expects SEPA payments.
func (r *routing) abroad(m *pain.Message) bool {
	if m.Kind != pain.KindCreditTransfer {
		return false
	}
	other := slices.ContainsFunc(m.Currencies, func(c money.Currency) bool { return c != "EUR" })
	return m.Profile == pain.ProfileDKAXZ || other && (m.Profile == pain.ProfileEPC || r.german)
}

func (r *routing) add(at finding.Location, code finding.Code, sentence, text string, args ...string) {
	if len(r.found) >= maxRouting {
		return
	}
	rule := &catalogue[slices.IndexFunc(catalogue, func(x finding.Rule) bool { return x.Code == code })]
	f := rule.New(sentence, args...)
	f.At, f.Text = at, finding.Shorten(text)
	r.found = append(r.found, f)
}

func (r *routing) findings() []finding.Finding { return r.found }
