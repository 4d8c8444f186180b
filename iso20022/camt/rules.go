package camt

import (
	"kontor/finding"
)

// The codes of this package.
const (
	CodeSyntax       finding.Code = "CAMT-A1"
	CodeUnknown      finding.Code = "CAMT-A2"
	CodeSchema       finding.Code = "CAMT-A3"
	CodeBalance      finding.Code = "CAMT-B1"
	CodeSummary      finding.Code = "CAMT-B2"
	CodeDetailsSum   finding.Code = "CAMT-B3"
	CodeDetailsCount finding.Code = "CAMT-B4"
	CodeAccount      finding.Code = "CAMT-C1"
	CodeCounterparty finding.Code = "CAMT-C2"
	CodeAmount       finding.Code = "CAMT-D1"
	CodeDirection    finding.Code = "CAMT-D2"
	CodeCurrency     finding.Code = "CAMT-D3"
	CodePages        finding.Code = "CAMT-E1"
	CodeMore         finding.Code = "CAMT-Z1"
)

// adviceBank is what to do about most faults of a bank's document.
var adviceBank = finding.Texts{
	EN: "The document has been read all the same. Tell the bank if the fault comes again.",
	DE: "Das Dokument wurde trotzdem gelesen. Kommt der Fehler wieder, ihn der Bank melden.",
	SV: "Dokumentet har ändå lästs. Säg till banken om felet återkommer.",
}

var adviceAmounts = finding.Texts{
	EN: "Do not post the statement before the difference is explained: entries may be missing. Fetch the statement again, or ask the bank.",
	DE: "Den Auszug erst buchen, wenn die Differenz geklärt ist: Umsätze können fehlen. Den Auszug erneut abrufen oder die Bank fragen.",
	SV: "Bokför inte utdraget förrän skillnaden är utredd: poster kan saknas. Hämta utdraget igen eller fråga banken.",
}

var catalogue = mustCatalogue(
	finding.Rule{Code: CodeSyntax, Severity: finding.Error,
		Meaning: "The document is well-formed XML 1.0 with namespaces and has no document type declaration.",
		Source:  "XML 1.0, fifth edition; Namespaces in XML 1.0", Example: `<Stmt><Id>1</Stmt>`,
		Advice: finding.Texts{
			EN: "Fetch the document again. If it is the same again, the bank has to send it anew.",
			DE: "Das Dokument erneut abrufen. Ist es wieder dasselbe, muss die Bank es neu senden.",
			SV: "Hämta dokumentet igen. Är det likadant måste banken skicka det på nytt.",
		},
		Cases: []finding.Case{{ID: "syntax", Text: finding.Texts{EN: "the XML is broken: {0}", DE: "Das XML ist fehlerhaft: {0}", SV: "XML-koden är felaktig: {0}"}}}},
	finding.Rule{Code: CodeUnknown, Severity: finding.Error,
		Meaning: "The document is an account report, statement or notification (camt.052, camt.053, camt.054).",
		Source:  "ISO 20022, Bank-to-Customer Cash Management", Example: `<Document xmlns="urn:x"><Stmt/></Document>`,
		Advice: finding.Texts{
			EN: "See that this is the file that you mean.", DE: "Prüfen, ob dies die gemeinte Datei ist.", SV: "Kontrollera att det är rätt fil."},
		Cases: []finding.Case{{ID: "unknown", Text: finding.Texts{EN: "the document is no statement: it begins with {0}", DE: "Das Dokument ist kein Kontoauszug: Es beginnt mit {0}", SV: "Dokumentet är inget kontoutdrag: det börjar med {0}"}}}},
	finding.Rule{Code: CodeSchema, Severity: finding.Warning,
		Meaning: "The document keeps the schema of its version. Real banks' documents often do not; they are read all the same.",
		Source:  "ISO 20022 schemas camt.052, camt.053, camt.054", Example: `<Sts>BOOK</Sts> in camt.053.001.08`, Advice: adviceBank,
		Cases: []finding.Case{
			{ID: "element", Text: finding.Texts{EN: "the element {0} may not stand here; allowed are: {1}", DE: "Das Element {0} darf hier nicht stehen; erlaubt sind: {1}", SV: "Elementet {0} får inte stå här; tillåtna är: {1}"}},
			{ID: "missing", Text: finding.Texts{EN: "before {0} an element is missing: {1}", DE: "Vor {0} fehlt ein Element: {1}", SV: "Före {0} saknas ett element: {1}"}},
			{ID: "incomplete", Text: finding.Texts{EN: "{0} is not complete; missing is: {1}", DE: "{0} ist unvollständig; es fehlt: {1}", SV: "{0} är ofullständigt; det saknas: {1}"}},
			{ID: "value", Text: finding.Texts{EN: "the value of {0} is not allowed; the schema says: {1}", DE: "Der Wert von {0} ist nicht erlaubt; das Schema sagt: {1}", SV: "Värdet på {0} är inte tillåtet; schemat säger: {1}"}},
		}},
	finding.Rule{Code: CodeBalance, Severity: finding.Warning,
		Meaning: "The opening balance and all booked entries add up to the closing balance, in a statement (camt.053) that is whole.",
		Source:  "ISO 20022 camt.053, balances OPBD, PRCD, CLBD", Example: "PRCD 100.00, one credit of 10.00, CLBD 120.00", Advice: adviceAmounts,
		Cases: []finding.Case{{ID: "balance", Text: finding.Texts{
			EN: "the opening balance and the entries add up to {0}, the closing balance is {1}",
			DE: "Anfangssaldo und Umsätze ergeben {0}, der Schlusssaldo ist {1}",
			SV: "ingående saldo och poster blir {0}, utgående saldo är {1}"}}}},
	finding.Rule{Code: CodeSummary, Severity: finding.Warning,
		Meaning: "The numbers and sums of the summary are those of the entries.",
		Source:  "ISO 20022 camt.052, camt.053, camt.054: TxsSummry", Example: "<NbOfNtries>2</NbOfNtries> with three entries", Advice: adviceAmounts,
		Cases: []finding.Case{
			{ID: "count", Text: finding.Texts{EN: "the summary says {0} entries, there are {1}", DE: "Die Zusammenfassung nennt {0} Umsätze, vorhanden sind {1}", SV: "sammanfattningen anger {0} poster, det finns {1}"}},
			{ID: "sum", Text: finding.Texts{EN: "the summary says a sum of {0}, the entries add up to {1}", DE: "Die Zusammenfassung nennt die Summe {0}, die Umsätze ergeben {1}", SV: "sammanfattningen anger summan {0}, posterna blir {1}"}},
		}},
	finding.Rule{Code: CodeDetailsSum, Severity: finding.Warning,
		Meaning: "The transactions of an entry, before or after their charges, add up to its amount, when all of them are there in its currency.",
		Source:  "DK Anlage 3, chapter 7; ISO 20022 camt: TxDtls/Amt", Example: "an entry of 30.00 with transactions of 10.00 and 10.00", Advice: adviceAmounts,
		Cases: []finding.Case{{ID: "sum", Text: finding.Texts{
			EN: "the transactions of the entry add up to {0}, the entry has {1}", DE: "Die Einzelumsätze ergeben {0}, der Umsatz hat {1}", SV: "transaktionerna blir {0}, posten är på {1}"}}}},
	finding.Rule{Code: CodeDetailsCount, Severity: finding.Warning,
		Meaning: "An entry with details has as many transactions as its batches say.",
		Source:  "ISO 20022 camt: NtryDtls/Btch/NbOfTxs", Example: "<NbOfTxs>3</NbOfTxs> with two TxDtls", Advice: adviceAmounts,
		Cases: []finding.Case{{ID: "count", Text: finding.Texts{
			EN: "the batch says {0} transactions, there are {1}", DE: "Der Sammler nennt {0} Einzelumsätze, vorhanden sind {1}", SV: "bunten anger {0} transaktioner, det finns {1}"}}}},
	finding.Rule{Code: CodeAccount, Severity: finding.Warning,
		Meaning: "A statement names its account, and an IBAN has the form of its country and right check digits.",
		Source:  "ISO 20022 camt: Acct/Id; ISO 13616", Example: "<IBAN>DE00…</IBAN>", Advice: adviceBank,
		Cases: []finding.Case{
			{ID: "missing", Text: finding.Texts{EN: "the statement names no account", DE: "Der Auszug nennt kein Konto", SV: "utdraget anger inget konto"}},
			{ID: "iban", Text: finding.Texts{EN: "the IBAN of the account is wrong: {0}", DE: "Die IBAN des Kontos ist falsch: {0}", SV: "kontots IBAN är fel: {0}"}},
		}},
	finding.Rule{Code: CodeCounterparty, Severity: finding.Warning,
		Meaning: "The IBAN of the other side has the form of its country and right check digits.",
		Source:  "ISO 13616", Example: "<CdtrAcct><Id><IBAN>DE00…</IBAN></Id></CdtrAcct>", Advice: adviceBank,
		Cases: []finding.Case{{ID: "iban", Text: finding.Texts{EN: "the IBAN of the other side is wrong: {0}", DE: "Die IBAN der Gegenseite ist falsch: {0}", SV: "motpartens IBAN är fel: {0}"}}}},
	finding.Rule{Code: CodeAmount, Severity: finding.Warning,
		Meaning: "Amounts are decimal numbers of a known currency, with no more decimals than it has.",
		Source:  "ISO 20022 camt: Amt; ISO 4217", Example: `<Amt Ccy="EUR">1.00001</Amt>`, Advice: adviceBank,
		Cases: []finding.Case{
			{ID: "missing", Text: finding.Texts{EN: "the amount is missing", DE: "Der Betrag fehlt", SV: "beloppet saknas"}},
			{ID: "inexact", Text: finding.Texts{EN: "the amount is not an exact amount of the currency {0}", DE: "Der Betrag ist kein genauer Betrag der Währung {0}", SV: "beloppet är inget exakt belopp i valutan {0}"}},
		}},
	finding.Rule{Code: CodeDirection, Severity: finding.Warning,
		Meaning: "A balance and an entry say whether they are credit or debit.",
		Source:  "ISO 20022 camt: CdtDbtInd", Example: "<Ntry> without CdtDbtInd", Advice: adviceBank,
		Cases: []finding.Case{{ID: "unknown", Text: finding.Texts{EN: "neither CRDT nor DBIT is said", DE: "Weder CRDT noch DBIT ist angegeben", SV: "varken CRDT eller DBIT är angivet"}}}},
	finding.Rule{Code: CodeCurrency, Severity: finding.Warning,
		Meaning: "Entries and booked balances are in the currency of the account.",
		Source:  "DK Anlage 3, chapter 7: Acct/Ccy", Example: `<Acct><Ccy>EUR</Ccy></Acct> and an entry in USD`, Advice: adviceBank,
		Cases: []finding.Case{{ID: "currency", Text: finding.Texts{EN: "the currency is {0}, that of the account is {1}", DE: "Die Währung ist {0}, die des Kontos {1}", SV: "valutan är {0}, kontots är {1}"}}}},
	finding.Rule{Code: CodePages, Severity: finding.Warning,
		Meaning: "A statement in several pages is whole when all its pages are there.",
		Source:  "ISO 20022 camt: MsgPgntn, StmtPgntn", Example: "<PgNb>1</PgNb><LastPgInd>false</LastPgInd>",
		Advice: finding.Texts{
			EN: "Fetch the other pages before you post the statement.", DE: "Die weiteren Seiten abrufen, bevor der Auszug gebucht wird.", SV: "Hämta övriga sidor innan du bokför utdraget."},
		Cases: []finding.Case{{ID: "more", Text: finding.Texts{EN: "this is page {0}, and more follow", DE: "Dies ist Seite {0}, weitere folgen", SV: "detta är sida {0}, fler följer"}}}},
	finding.Rule{Code: CodeMore, Severity: finding.Warning,
		Meaning: "The document has more findings than are listed.",
		Source:  "Kontor: the list is limited so that a broken document stays readable", Example: "101 entries without an amount", Advice: adviceBank,
		Cases: []finding.Case{{ID: "more", Text: finding.Texts{EN: "{0} more findings are not listed", DE: "{0} weitere Befunde sind nicht aufgeführt", SV: "det finns {0} anmärkningar till, som inte visas"}}}},
)

func mustCatalogue(rules ...finding.Rule) finding.Catalogue {
	c, err := finding.NewCatalogue(rules...)
	if err != nil {
		panic(err) // a code twice in the list above: no test would pass
	}
	return c
}

// Catalogue returns the rules of this package.
func Catalogue() finding.Catalogue { return catalogue }
