package swiftmt

import "kontor/finding"

// The codes of the rules. Letters are groups: A structure, B values, C sums and numbers,
// V what a conversion cannot carry over, Z about the report itself.
const (
	CodeMissing       finding.Code = "MT-A1"
	CodeOrder         finding.Code = "MT-A2"
	CodeUnknownField  finding.Code = "MT-A3"
	CodeTooLong       finding.Code = "MT-A4"
	CodeOutside       finding.Code = "MT-A5"
	CodeCharacters    finding.Code = "MT-A6"
	CodeDate          finding.Code = "MT-B1"
	CodeAmount        finding.Code = "MT-B2"
	CodeCurrency      finding.Code = "MT-B3"
	CodeMark          finding.Code = "MT-B4"
	CodeType          finding.Code = "MT-B5"
	CodeReference     finding.Code = "MT-B6"
	CodeNumber        finding.Code = "MT-B7"
	CodeCreation      finding.Code = "MT-B8"
	CodeSupplementary finding.Code = "MT-B9"
	CodeInformation   finding.Code = "MT-B10"
	CodeTotal         finding.Code = "MT-B11"
	CodeBalance       finding.Code = "MT-C1"
	CodeContinuity    finding.Code = "MT-C2"
	CodeGap           finding.Code = "MT-C3"
	CodeCount         finding.Code = "MT-C4"
	CodeSum           finding.Code = "MT-C5"
	CodePageBalance   finding.Code = "MT-C6"
	CodeNoHome        finding.Code = "MT-V1"
	CodeShortened     finding.Code = "MT-V2"
	CodeReplaced      finding.Code = "MT-V3"
	CodeDerived       finding.Code = "MT-V4"
	CodeMore          finding.Code = "MT-Z1"
)

// Catalogue returns the rules of this package.
func Catalogue() finding.Catalogue {
	all := append(structureRules(), valueRules()...)
	all = append(append(all, sumRules()...), conversionRules()...)
	c, err := finding.NewCatalogue(all...)
	if err != nil {
		panic("swiftmt: " + err.Error()) // a test makes the catalogue
	}
	return c
}

var catalogue = Catalogue()

var askBank = finding.Texts{
	EN: "The bank made this document: ask it, if the fault matters. What could be read was taken over.",
	DE: "Die Bank hat dieses Dokument erstellt: Dort nachfragen, wenn der Fehler stört. Was lesbar war, wurde übernommen.",
	SV: "Banken har skapat dokumentet: fråga banken om felet har betydelse. Det som gick att läsa har tagits med.",
}

func texts(id, en, de, sv string) finding.Case {
	return finding.Case{ID: id, Text: finding.Texts{EN: en, DE: de, SV: sv}}
}

func structureRules() []finding.Rule {
	return []finding.Rule{
		{Code: CodeMissing, Severity: finding.Warning,
			Meaning: "A message has its mandatory fields: reference, account and number; an MT940 the opening and closing balance, an MT942 the floor limit and the time of creation.",
			Source:  "SWIFT MT940 and MT942 field specifications; DK Anlage 3 chapter 8", Example: ":20:, :25:, :28C:, :60F: without :62F:", Advice: askBank,
			Cases: []finding.Case{
				texts("field", "Field :{0}: is missing.", "Das Feld :{0}: fehlt.", "Fältet :{0}: saknas.")}},
		{Code: CodeOrder, Severity: finding.Warning,
			Meaning: "Fields stand in the order of the specification, those that may occur once only once, and none after the end of the message.",
			Source:  "SWIFT MT940 and MT942 field specifications; DK Anlage 3 chapter 8", Example: ":61: after :62F:", Advice: askBank,
			Cases: []finding.Case{
				texts("twice", "Field :{0}: occurs twice.", "Das Feld :{0}: kommt doppelt vor.", "Fältet :{0}: förekommer två gånger."),
				texts("late", "Field :{0}: stands after the closing balance.", "Das Feld :{0}: steht nach dem Schlusssaldo.", "Fältet :{0}: står efter utgående saldo."),
				texts("ended", "Field :{0}: stands after the end of the message; it was taken as part of it.", "Das Feld :{0}: steht hinter dem Ende der Nachricht; es wurde ihr zugerechnet.", "Fältet :{0}: står efter meddelandets slut; det har räknats dit.")}},
		{Code: CodeUnknownField, Severity: finding.Warning,
			Meaning: "Only fields of MT940 and MT942 occur. Others are passed over.",
			Source:  "SWIFT MT940 and MT942 field specifications", Example: ":79:FREE TEXT", Advice: askBank,
			Cases: []finding.Case{
				texts("unknown", "This field belongs to no statement; it was passed over.", "Dieses Feld gehört in keinen Kontoauszug; es wurde ignoriert.", "Fältet hör inte hemma i ett kontoutdrag; det har hoppats över.")}},
		{Code: CodeTooLong, Severity: finding.Warning,
			Meaning: "A line has at most 32 KiB, the lines of an entry together 64 KiB: far more than any specification allows. What is beyond is left out.",
			Source:  "limit of this program", Example: "a line of a million characters", Advice: askBank,
			Cases: []finding.Case{
				texts("line", "The line is longer than {0} bytes; its end was left out.", "Die Zeile ist länger als {0} Bytes; ihr Ende wurde weggelassen.", "Raden är längre än {0} byte; slutet har utelämnats."),
				texts("field", "The field is longer than {0} bytes; its end was left out.", "Das Feld ist länger als {0} Bytes; sein Ende wurde weggelassen.", "Fältet är längre än {0} byte; slutet har utelämnats.")}},
		{Code: CodeOutside, Severity: finding.Warning,
			Meaning: "Text belongs to a field. Lines between messages other than SWIFT and routing headers, and lines after fields of one line, are passed over.",
			Source:  "SWIFT MT940 and MT942 field specifications", Example: ":20:STARTUMS and a line of text below it", Advice: askBank,
			Cases: []finding.Case{
				texts("outside", "This line belongs to no field; it was passed over.", "Diese Zeile gehört zu keinem Feld; sie wurde ignoriert.", "Raden hör inte till något fält; den har hoppats över.")}},
		{Code: CodeCharacters, Severity: finding.Warning,
			Meaning: "Every byte is a character of the charset. What is none shows as U+FFFD.",
			Source:  "DK Anlage 3 chapter 8; the charset that was set or found out", Example: "byte FF in a document of UTF-8", Advice: askBank,
			Cases: []finding.Case{
				texts("invalid", "The text holds bytes that are no characters.", "Der Text enthält Bytes, die keine Zeichen sind.", "Texten innehåller byte som inte är några tecken.")}},
	}
}

func valueRules() []finding.Rule {
	return []finding.Rule{
		{Code: CodeDate, Severity: finding.Warning,
			Meaning: "Dates have the form YYMMDD, the entry date MMDD, and exist.",
			Source:  "SWIFT field 61 subfields 1 and 2, fields 60a, 62a, 64, 65", Example: ":61:1602300301DR6,00N024NONREF", Advice: askBank,
			Cases: []finding.Case{
				texts("syntax", "This is not a date of the form YYMMDD.", "Das ist kein Datum der Form JJMMTT.", "Detta är inget datum på formen ÅÅMMDD."),
				texts("no-day", "The month has no such day; its last day was taken.", "Diesen Tag hat der Monat nicht; sein letzter Tag wurde genommen.", "Dagen finns inte i månaden; månadens sista dag har tagits.")}},
		{Code: CodeAmount, Severity: finding.Warning,
			Meaning: "Amounts are digits with one decimal comma, at most 15 characters, with no more decimals than the currency has.",
			Source:  "SWIFT field 61 subfield 5, fields 60a, 62a, 64, 65: 15d", Example: ":60F:C250301EUR1.000,00", Advice: askBank,
			Cases: []finding.Case{
				texts("syntax", "This is not an amount; the entry or balance has none.", "Das ist kein Betrag; Umsatz oder Saldo bleibt ohne Betrag.", "Detta är inget belopp; transaktionen eller saldot saknar belopp."),
				texts("comma", "The amount has no decimal comma.", "Dem Betrag fehlt das Dezimalkomma.", "Beloppet saknar decimalkomma."),
				texts("length", "The amount has more than 15 characters.", "Der Betrag hat mehr als 15 Zeichen.", "Beloppet har fler än 15 tecken."),
				texts("inexact", "The amount has more decimals than its currency, or is too large to be exact.", "Der Betrag hat mehr Nachkommastellen als seine Währung oder ist zu groß, um genau zu sein.", "Beloppet har fler decimaler än valutan eller är för stort för att vara exakt.")}},
		{Code: CodeCurrency, Severity: finding.Warning,
			Meaning: "Currencies are known codes of ISO 4217, and one statement has one currency.",
			Source:  "SWIFT fields 34F, 60a, 62a, 64, 65, 90a; ISO 4217", Example: ":62F:C250301EUX100,00", Advice: askBank,
			Cases: []finding.Case{
				texts("missing", "The currency is missing.", "Die Währung fehlt.", "Valutan saknas."),
				texts("unknown", "The currency is not known; amounts in it are not exact.", "Die Währung ist nicht bekannt; Beträge in ihr sind nicht genau.", "Valutan är okänd; belopp i den är inte exakta."),
				texts("differs", "The currency differs from {0}, that of the statement.", "Die Währung weicht von {0} ab, der des Auszugs.", "Valutan avviker från {0}, utdragets valuta.")}},
		{Code: CodeMark, Severity: finding.Warning,
			Meaning: "A balance is marked C or D; an entry C, D, RC or RD, in MT942 also EC or ED.",
			Source:  "SWIFT field 61 subfield 3; DK Anlage 3 chapter 8", Example: ":61:250301X10,00NTRFNONREF", Advice: askBank,
			Cases: []finding.Case{
				texts("entry", "The entry is not marked as credit or debit.", "Der Umsatz ist nicht als Soll oder Haben gekennzeichnet.", "Transaktionen är varken märkt som kredit eller debet."),
				texts("balance", "The balance is not marked as credit or debit.", "Der Saldo ist nicht als Soll oder Haben gekennzeichnet.", "Saldot är varken märkt som kredit eller debet."),
				texts("expected", "An expected entry stands in a statement of booked ones; it does not count in the balance.", "Ein vorgemerkter Umsatz steht in einem Auszug gebuchter; er zählt nicht im Saldo.", "En väntad transaktion står i ett utdrag över bokförda; den räknas inte i saldot.")}},
		{Code: CodeType, Severity: finding.Warning,
			Meaning: "The transaction type is N, F or S and three characters.",
			Source:  "SWIFT field 61 subfield 6", Example: ":61:250301D10,00MCI0NONREF", Advice: askBank,
			Cases: []finding.Case{
				texts("type", "The transaction type does not begin with N, F or S.", "Der Buchungsschlüssel beginnt nicht mit N, F oder S.", "Transaktionstypen börjar inte med N, F eller S."),
				texts("short", "The transaction type is missing or cut off.", "Der Buchungsschlüssel fehlt oder ist abgeschnitten.", "Transaktionstypen saknas eller är avkortad.")}},
		{Code: CodeReference, Severity: finding.Warning,
			Meaning: "References have at most 16 characters.",
			Source:  "SWIFT fields 20, 21, 61 subfields 7 and 8: 16x", Example: ":61:250301D10,00NTRF12345678901234567", Advice: askBank,
			Cases: []finding.Case{
				texts("length", "The reference has {0} characters; 16 are allowed.", "Die Referenz hat {0} Zeichen; erlaubt sind 16.", "Referensen har {0} tecken; 16 är tillåtna.")}},
		{Code: CodeNumber, Severity: finding.Warning,
			Meaning: "The statement number is up to five digits, with the page up to five more after a slash.",
			Source:  "SWIFT field 28C: 5n[/5n]", Example: ":28C:A1", Advice: askBank,
			Cases: []finding.Case{
				texts("number", "This is not a statement number of up to five digits with an optional page.", "Das ist keine Auszugsnummer aus bis zu fünf Ziffern mit optionaler Blattnummer.", "Detta är inget utdragsnummer på högst fem siffror med valfritt sidnummer.")}},
		{Code: CodeCreation, Severity: finding.Warning,
			Meaning: "The time of creation has the form YYMMDDhhmm with the offset from UTC, such as +0100. The older field :13: has no offset.",
			Source:  "SWIFT field 13D: 6!n4!n1!x4!n", Example: ":13D:250301", Advice: askBank,
			Cases: []finding.Case{
				texts("time", "This is not a time of the form YYMMDDhhmm+hhmm.", "Das ist keine Zeit der Form JJMMTThhmm+hhmm.", "Detta är ingen tid på formen ÅÅMMDDttmm+ttmm.")}},
		{Code: CodeSupplementary, Severity: finding.Warning,
			Meaning: "The second line of :61: has at most 34 characters; after /OCMT/ and /CHGS/ stand a currency and an amount.",
			Source:  "SWIFT field 61 subfield 9: 34x; DK Anlage 3 chapter 8", Example: "/OCMT/EUR12/", Advice: askBank,
			Cases: []finding.Case{
				texts("amount", "After {0} stands no currency with an amount.", "Nach {0} steht keine Währung mit Betrag.", "Efter {0} står ingen valuta med belopp."),
				texts("lines", "The field has more than two lines.", "Das Feld hat mehr als zwei Zeilen.", "Fältet har fler än två rader.")}},
		{Code: CodeInformation, Severity: finding.Off,
			Meaning: "The information of an entry has at most 390 characters, 6 lines of 65. Many banks write more, so this rule is off.",
			Source:  "SWIFT field 86: 6*65x; DK Anlage 3 chapter 8", Example: "an :86: of 400 characters", Advice: askBank,
			Cases: []finding.Case{
				texts("length", "The information has {0} characters; 390 are allowed.", "Das Mehrzweckfeld hat {0} Zeichen; erlaubt sind 390.", "Informationsfältet har {0} tecken; 390 är tillåtna.")}},
		{Code: CodeTotal, Severity: finding.Warning,
			Meaning: "A total is a number of up to five digits, a currency and an amount.",
			Source:  "SWIFT fields 90C and 90D: 5n3!a15d; DK Anlage 3 chapter 8", Example: ":90D:EUR100,00", Advice: askBank,
			Cases: []finding.Case{
				texts("total", "This is not a number of entries with currency and sum.", "Das ist keine Anzahl von Umsätzen mit Währung und Summe.", "Detta är inget antal transaktioner med valuta och summa."),
				texts("floor", "This is not a currency with a floor limit.", "Das ist keine Währung mit Mindestbetrag.", "Detta är ingen valuta med lägsta belopp.")}},
	}
}
