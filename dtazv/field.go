package dtazv

import "kontor/finding"

// kind is how a field is filled.
type kind uint8

const (
	numeric kind = iota // right-justified, filled with zeros
	decimal             // left-justified, filled with zeros: decimals of an amount
	alpha               // left-justified, filled with blanks
	lines               // several lines of 35 characters
	reserve             // blank
)

// field is a place in a record, as the specification counts: the first byte is 1.
type field struct {
	number     string
	at, length int
	kind       kind
}

// of returns the bytes of the field in a whole record.
func (f *field) of(record []byte) []byte { return record[f.at-1 : f.at-1+f.length] }

const (
	shortRecord = 256 // Q, V, W, Z
	longRecord  = 768 // T
	lineLength  = 35
)

// lengthOf returns the length of a record of the type, 0 if there is no such record.
func lengthOf(recordType byte) int {
	switch recordType {
	case 'Q', 'V', 'W', 'Z':
		return shortRecord
	case 'T':
		return longRecord
	}
	return 0
}

var (
	q3  = field{"Q3", 6, 8, numeric}
	q4  = field{"Q4", 14, 10, numeric}
	q5  = field{"Q5", 24, 140, lines}
	q6  = field{"Q6", 164, 6, numeric}
	q7  = field{"Q7", 170, 2, numeric}
	q8  = field{"Q8", 172, 6, numeric}
	q9  = field{"Q9", 178, 1, alpha}
	q10 = field{"Q10", 179, 2, numeric}
	q11 = field{"Q11", 181, 8, numeric}
	q12 = field{"Q12", 189, 68, reserve}

	t3   = field{"T3", 6, 8, numeric}
	t4a  = field{"T4a", 14, 3, alpha}
	t4b  = field{"T4b", 17, 10, numeric}
	t5   = field{"T5", 27, 6, numeric}
	t6   = field{"T6", 33, 8, numeric}
	t7a  = field{"T7a", 41, 3, alpha}
	t7b  = field{"T7b", 44, 10, numeric}
	t8   = field{"T8", 54, 11, alpha}
	t9a  = field{"T9a", 65, 3, alpha}
	t9b  = field{"T9b", 68, 140, lines}
	t10a = field{"T10a", 208, 3, alpha}
	t10b = field{"T10b", 211, 140, lines}
	t11  = field{"T11", 351, 70, lines}
	t12  = field{"T12", 421, 35, alpha}
	t13  = field{"T13", 456, 3, alpha}
	t14a = field{"T14a", 459, 14, numeric}
	t14b = field{"T14b", 473, 3, decimal}
	t15  = field{"T15", 476, 140, lines}
	t16  = field{"T16", 616, 2, numeric}
	t17  = field{"T17", 618, 2, numeric}
	t18  = field{"T18", 620, 2, numeric}
	t19  = field{"T19", 622, 2, numeric}
	t20  = field{"T20", 624, 25, alpha}
	t21  = field{"T21", 649, 2, numeric}
	t22  = field{"T22", 651, 2, numeric}
	t23  = field{"T23", 653, 27, alpha}
	t24  = field{"T24", 680, 35, alpha}
	t25  = field{"T25", 715, 1, numeric}
	t26  = field{"T26", 716, 51, reserve}
	t27  = field{"T27", 767, 2, numeric}

	v3   = field{"V3", 6, 27, alpha}
	v4a  = field{"V4a", 33, 2, numeric}
	v4b  = field{"V4b", 35, 7, numeric}
	v5   = field{"V5", 42, 7, alpha}
	v6   = field{"V6", 49, 3, alpha}
	v7   = field{"V7", 52, 12, numeric}
	v8   = field{"V8", 64, 1, alpha}
	v9   = field{"V9", 65, 1, alpha}
	v10  = field{"V10", 66, 1, reserve}
	v11  = field{"V11", 67, 1, alpha}
	v12  = field{"V12", 68, 27, alpha}
	v13a = field{"V13a", 95, 2, numeric}
	v13b = field{"V13b", 97, 7, numeric}
	v14  = field{"V14", 104, 4, numeric}
	v15  = field{"V15", 108, 7, alpha}
	v16  = field{"V16", 115, 3, alpha}
	v17  = field{"V17", 118, 12, numeric}
	v18  = field{"V18", 130, 40, alpha}
	v19  = field{"V19", 170, 87, reserve}

	w3  = field{"W3", 6, 1, numeric}
	w4  = field{"W4", 7, 3, numeric}
	w5  = field{"W5", 10, 7, alpha}
	w6  = field{"W6", 17, 3, alpha}
	w7  = field{"W7", 20, 7, alpha}
	w8  = field{"W8", 27, 3, alpha}
	w9  = field{"W9", 30, 12, numeric}
	w10 = field{"W10", 42, 140, lines}
	w11 = field{"W11", 182, 75, reserve}

	z3 = field{"Z3", 6, 15, numeric}
	z4 = field{"Z4", 21, 15, numeric}
	z5 = field{"Z5", 36, 221, reserve}
)

// The fields of each record after length and type, in order and without gaps.
var (
	headerFields  = []*field{&q3, &q4, &q5, &q6, &q7, &q8, &q9, &q10, &q11, &q12}
	paymentFields = []*field{&t3, &t4a, &t4b, &t5, &t6, &t7a, &t7b, &t8, &t9a, &t9b, &t10a, &t10b, &t11, &t12, &t13, &t14a, &t14b, &t15,
		&t16, &t17, &t18, &t19, &t20, &t21, &t22, &t23, &t24, &t25, &t26, &t27}
	transitFields = []*field{&v3, &v4a, &v4b, &v5, &v6, &v7, &v8, &v9, &v10, &v11, &v12, &v13a, &v13b, &v14, &v15, &v16, &v17, &v18, &v19}
	serviceFields = []*field{&w3, &w4, &w5, &w6, &w7, &w8, &w9, &w10, &w11}
	trailerFields = []*field{&z3, &z4, &z5}
)

// fieldsOf returns the fields of a record type, nil if there is no such record.
func fieldsOf(recordType byte) []*field {
	switch recordType {
	case 'Q':
		return headerFields
	case 'T':
		return paymentFields
	case 'V':
		return transitFields
	case 'W':
		return serviceFields
	case 'Z':
		return trailerFields
	}
	return nil
}

// FieldName says what a field is, by its number as the last part of Location.Path has
// it: "T12". The zero value means that there is no such field.
func FieldName(number string) finding.Texts { return fieldNames[number] }

func name(en, de, sv string) finding.Texts { return finding.Texts{EN: en, DE: de, SV: sv} }

var fieldNames = map[string]finding.Texts{
	"Q1":  name("record length", "Satzlänge", "postlängd"),
	"Q2":  name("record type", "Satzart", "posttyp"),
	"Q3":  name("bank code of the receiving bank", "Bankleitzahl des Kreditinstituts", "bankkod för mottagande bank"),
	"Q4":  name("account or customer number", "Konto- oder Kundennummer", "konto- eller kundnummer"),
	"Q5":  name("originator", "Auftraggeber", "uppdragsgivare"),
	"Q6":  name("date of creation", "Erstellungsdatum", "datum då filen skapades"),
	"Q7":  name("number of the file of that day", "laufende Nummer des Tages", "dagens löpnummer"),
	"Q8":  name("execution date of the file", "Ausführungstermin der Datei", "filens utförandedag"),
	"Q9":  name("report to the Bundesbank", "Weiterleitung der Meldedaten an die Bundesbank", "rapport till Bundesbank"),
	"Q10": name("federal state", "Bundesland-Nummer", "delstatsnummer"),
	"Q11": name("company number or bank code", "Firmennummer oder Bankleitzahl", "företagsnummer eller bankkod"),
	"Q12": name("reserve", "Reserve", "reserv"),

	"T1":   name("record length", "Satzlänge", "postlängd"),
	"T2":   name("record type", "Satzart", "posttyp"),
	"T3":   name("bank code of the debited account", "Bankleitzahl des Belastungskontos", "bankkod för debiteringskontot"),
	"T4a":  name("currency of the debited account", "Währung des Belastungskontos", "debiteringskontots valuta"),
	"T4b":  name("debited account", "Belastungskonto", "debiteringskonto"),
	"T5":   name("execution date of the payment", "Ausführungstermin der Zahlung", "betalningens utförandedag"),
	"T6":   name("bank code of the charges account", "Bankleitzahl des Entgeltkontos", "bankkod för avgiftskontot"),
	"T7a":  name("currency of the charges account", "Währung des Entgeltkontos", "avgiftskontots valuta"),
	"T7b":  name("charges account", "Entgeltkonto", "avgiftskonto"),
	"T8":   name("BIC of the beneficiary's bank", "BIC der Bank des Begünstigten", "BIC för mottagarens bank"),
	"T9a":  name("country of the beneficiary's bank", "Land der Bank des Begünstigten", "land för mottagarens bank"),
	"T9b":  name("name and address of the beneficiary's bank", "Name und Anschrift der Bank des Begünstigten", "namn och adress för mottagarens bank"),
	"T10a": name("country of the beneficiary", "Land des Begünstigten", "mottagarens land"),
	"T10b": name("beneficiary", "Begünstigter", "mottagare"),
	"T11":  name("order remark", "Ordervermerk", "ordernotering"),
	"T12":  name("account of the beneficiary", "Kontonummer des Begünstigten", "mottagarens konto"),
	"T13":  name("currency of the payment", "Auftragswährung", "betalningens valuta"),
	"T14a": name("amount before the decimal point", "Betrag vor dem Komma", "belopp, heltal"),
	"T14b": name("decimals of the amount", "Nachkommastellen des Betrags", "belopp, decimaler"),
	"T15":  name("remittance information", "Verwendungszweck", "meddelande till mottagaren"),
	"T16":  name("first instruction key", "Weisungsschlüssel 1", "instruktionskod 1"),
	"T17":  name("second instruction key", "Weisungsschlüssel 2", "instruktionskod 2"),
	"T18":  name("third instruction key", "Weisungsschlüssel 3", "instruktionskod 3"),
	"T19":  name("fourth instruction key", "Weisungsschlüssel 4", "instruktionskod 4"),
	"T20":  name("further information on the instruction", "Zusatzinformation zum Weisungsschlüssel", "tilläggsuppgift till instruktionen"),
	"T21":  name("who bears the charges", "Entgeltregelung", "avgiftsfördelning"),
	"T22":  name("type of payment", "Kennzeichnung der Zahlungsart", "betalningsslag"),
	"T23":  name("text for the originator's statement", "Text für den Auszug des Auftraggebers", "text på uppdragsgivarens kontoutdrag"),
	"T24":  name("contact", "Ansprechpartner", "kontaktperson"),
	"T25":  name("report key", "Meldeschlüssel", "rapportkod"),
	"T26":  name("reserve", "Reserve", "reserv"),
	"T27":  name("number of reports that follow", "Anzahl der folgenden Meldesätze", "antal efterföljande rapportposter"),

	"V1":   name("record length", "Satzlänge", "postlängd"),
	"V2":   name("record type", "Satzart", "posttyp"),
	"V3":   name("goods bought", "eingekaufte Ware", "inköpt vara"),
	"V4a":  name("chapter of the goods bought", "Kapitelnummer der eingekauften Ware", "kapitel för inköpt vara"),
	"V4b":  name("zeros after the chapter", "Nullen nach der Kapitelnummer", "nollor efter kapitlet"),
	"V5":   name("country of the purchase", "Einkaufsland", "inköpsland"),
	"V6":   name("code of the country of the purchase", "Schlüssel des Einkaufslands", "inköpslandets kod"),
	"V7":   name("purchase price", "Einkaufspreis", "inköpspris"),
	"V8":   name("sold to non-residents", "Verkauf an Gebietsfremde", "såld till utländska köpare"),
	"V9":   name("sold to residents", "Verkauf an Gebietsansässige", "såld till inhemska köpare"),
	"V10":  name("reserve", "Reserve", "reserv"),
	"V11":  name("unsold abroad", "unverkauft im Ausland", "osåld i utlandet"),
	"V12":  name("goods sold", "verkaufte Ware", "såld vara"),
	"V13a": name("chapter of the goods sold", "Kapitelnummer der verkauften Ware", "kapitel för såld vara"),
	"V13b": name("zeros after the chapter", "Nullen nach der Kapitelnummer", "nollor efter kapitlet"),
	"V14":  name("due month of the sale", "Fälligkeit des Verkaufserlöses", "försäljningens förfallomånad"),
	"V15":  name("country of the buyer", "Käuferland", "köparens land"),
	"V16":  name("code of the country of the buyer", "Schlüssel des Käuferlands", "köparlandets kod"),
	"V17":  name("sale price", "Verkaufspreis", "försäljningspris"),
	"V18":  name("note", "Bemerkung", "anmärkning"),
	"V19":  name("reserve", "Reserve", "reserv"),

	"W1":  name("record length", "Satzlänge", "postlängd"),
	"W2":  name("record type", "Satzart", "posttyp"),
	"W3":  name("kind of report", "Belegart", "slag av rapport"),
	"W4":  name("code number", "Kennzahl", "kodnummer"),
	"W5":  name("country", "Land", "land"),
	"W6":  name("code of the country", "Länderschlüssel", "landets kod"),
	"W7":  name("country of the investment", "Anlageland", "investeringsland"),
	"W8":  name("code of the country of the investment", "Schlüssel des Anlagelands", "investeringslandets kod"),
	"W9":  name("amount", "Betrag", "belopp"),
	"W10": name("details", "nähere Angaben", "närmare uppgifter"),
	"W11": name("reserve", "Reserve", "reserv"),

	"Z1": name("record length", "Satzlänge", "postlängd"),
	"Z2": name("record type", "Satzart", "posttyp"),
	"Z3": name("sum of the amounts", "Summe der Beträge", "summa av beloppen"),
	"Z4": name("number of payments", "Anzahl der Zahlungen", "antal betalningar"),
	"Z5": name("reserve", "Reserve", "reserv"),
}
