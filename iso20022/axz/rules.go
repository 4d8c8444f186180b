package axz

import (
	"slices"

	"kontor/finding"
)

// The codes of the conversion, group K of the rules about DTAZV.
const (
	CodeComputedIBAN finding.Code = "AZV-K1"
	CodeAddress      finding.Code = "AZV-K2"
	CodeReplaced     finding.Code = "AZV-K3"
	CodeNoHome       finding.Code = "AZV-K4"
	CodeMoved        finding.Code = "AZV-K5"
)

// Rules returns the catalogue of the conversion, sorted by code. The caller owns the
// slice.
func Rules() []finding.Rule { return slices.Clone(catalogue) }

func lookup(code finding.Code) *finding.Rule {
	return &catalogue[slices.IndexFunc(catalogue, func(r finding.Rule) bool { return r.Code == code })]
}

func texts(en, de, sv string) finding.Texts { return finding.Texts{EN: en, DE: de, SV: sv} }

func say(id, en, de, sv string) finding.Case { return finding.Case{ID: id, Text: texts(en, de, sv)} }

var catalogue = []finding.Rule{{
	Code: CodeComputedIBAN, Severity: finding.Warning,
	Meaning: "The IBAN of an own account is known. Without that it is computed from bank code and account number, which most German banks do, but not all.",
	Source:  "Bundesbank: IBAN rules; Kontor: conversion to AXZ",
	Example: "T3: 20050000, T4b: 0123456789",
	Advice: texts("Compare the IBAN with your account statement.", "Die IBAN mit dem Kontoauszug vergleichen.",
		"Jämför IBAN med kontoutdraget."),
	Cases: []finding.Case{say("computed", "the IBAN of the account in {0} was computed from bank code and account number",
		"die IBAN des Kontos in {0} wurde aus Bankleitzahl und Kontonummer berechnet", "IBAN för kontot i {0} har beräknats av bankkod och kontonummer")},
}, {
	Code: CodeAddress, Severity: finding.Warning,
	Meaning: "An address can be given with town and country. Lines 1 and 2 of a DTAZV address are taken as the name, line 3 as the street, line 4 as postal code and town.",
	Source:  "EPC rulebooks 2025 and CBPR+: end of unstructured addresses in November 2026; Kontor: conversion to AXZ",
	Example: "T10b: street in line 3, line 4 blank",
	Advice: texts("Complete the address in the software that writes the file.", "Die Anschrift in der schreibenden Software vervollständigen.",
		"Komplettera adressen i programmet som skapar filen."),
	Cases: []finding.Case{
		say("town", "the address in {0} has no town in line 4; what there is was taken over as lines", "die Anschrift in {0} hat keinen Ort in Zeile 4; das Vorhandene wurde als Zeilen übernommen",
			"adressen i {0} har ingen ort på rad 4; det som finns fördes över som rader"),
		say("hybrid", "line 4 of the address in {0} holds more than a town; the rest was taken over as a line", "Zeile 4 der Anschrift in {0} enthält mehr als einen Ort; der Rest wurde als Zeile übernommen",
			"rad 4 i adressen i {0} innehåller mer än en ort; resten fördes över som en rad"),
		say("country", "the address in {0} has no country", "die Anschrift in {0} hat kein Land", "adressen i {0} saknar land"),
	},
}, {
	Code: CodeReplaced, Severity: finding.Warning,
	Meaning: "Texts hold only characters that payments abroad can carry: letters without accents, digits, blanks and / - ? : ( ) . , ' +. Others are replaced: umlauts by AE, OE, UE, SS; & by +; ; by a comma; the rest by a full stop.",
	Source:  "SWIFT character set x; EPC217-08",
	Example: "T10b: MEIER & SOHN",
	Advice: texts("Check that the text is still understood.", "Prüfen, ob der Text noch verständlich ist.",
		"Kontrollera att texten fortfarande går att förstå."),
	Cases: []finding.Case{
		say("replaced", "characters of {0} were replaced", "Zeichen in {0} wurden ersetzt", "tecken i {0} har bytts ut"),
		say("cut", "the text of {0} got too long by the replacement and was cut to {1} characters", "der Text in {0} wurde durch die Ersetzung zu lang und auf {1} Zeichen gekürzt",
			"texten i {0} blev för lång genom ersättningen och kortades till {1} tecken"),
	},
}, {
	Code: CodeNoHome, Severity: finding.Warning,
	Meaning: "Everything that the DTAZV file says has an element in pain.001. What has none is left out.",
	Source:  "ISO 20022 pain.001.001.09; Kontor: conversion to AXZ",
	Example: "T27: 01, followed by a record V",
	Advice: texts("Decide whether the payment may go without it; reports can be sent to the Bundesbank directly.", "Entscheiden, ob die Zahlung ohne diese Angabe gesendet werden kann; Meldungen können unmittelbar an die Bundesbank gehen.",
		"Avgör om betalningen kan sändas utan uppgiften; rapporter kan sändas direkt till Bundesbank."),
	Cases: []finding.Case{
		say("report", "the {1} reports to the Bundesbank are left out", "die {1} Meldungen an die Bundesbank entfallen", "de {1} rapporterna till Bundesbank utelämnas"),
		say("field", "field {0} is left out", "Feld {0} entfällt", "fält {0} utelämnas"),
		say("type", "type of payment {1} has no counterpart and becomes an ordinary payment", "die Zahlungsart {1} hat keine Entsprechung und wird zur gewöhnlichen Zahlung",
			"betalningsslag {1} har ingen motsvarighet och blir en vanlig betalning"),
		say("eu", "an EU standard transfer has no counterpart in AXZ and becomes an ordinary payment; a SEPA credit transfer would be the better choice",
			"eine EU-Standardüberweisung hat in AXZ keine Entsprechung und wird zur gewöhnlichen Zahlung; besser ist eine SEPA-Überweisung",
			"en EU-standardöverföring har ingen motsvarighet i AXZ och blir en vanlig betalning; en SEPA-betalning vore bättre"),
	},
}, {
	Code: CodeMoved, Severity: finding.Warning,
	Meaning: "A field keeps its meaning. Some stand in the nearest element there is, which banks may treat otherwise.",
	Source:  "ISO 20022 pain.001.001.09; Kontor: conversion to AXZ",
	Example: "T23: MIETE MAERZ",
	Advice:  texts("Ask your bank how it treats the element.", "Die Bank fragen, wie sie das Element behandelt.", "Fråga banken hur den hanterar elementet."),
	Cases: []finding.Case{
		say("reference", "the text for the originator's statement became the instruction identification (InstrId)", "der Text für den Auszug des Auftraggebers wurde zur Auftragsreferenz (InstrId)",
			"texten för uppdragsgivarens kontoutdrag blev instruktionens referens (InstrId)"),
		say("instruction", "instruction key {1} became the word {2} in the instruction for the debtor's bank (InstrForDbtrAgt)", "der Weisungsschlüssel {1} wurde zum Wort {2} in der Anweisung an die Bank des Auftraggebers (InstrForDbtrAgt)",
			"instruktionskod {1} blev ordet {2} i instruktionen till uppdragsgivarens bank (InstrForDbtrAgt)"),
		say("info", "the further information became part of the instruction for the debtor's bank (InstrForDbtrAgt)", "die Zusatzinformation wurde Teil der Anweisung an die Bank des Auftraggebers (InstrForDbtrAgt)",
			"tilläggsuppgiften blev en del av instruktionen till uppdragsgivarens bank (InstrForDbtrAgt)"),
		say("cheque", "the cheque became a cheque instruction (ChqInstr); not every bank takes them in AXZ", "der Scheck wurde zur Scheckanweisung (ChqInstr); nicht jede Bank nimmt sie in AXZ an",
			"checken blev en checkinstruktion (ChqInstr); alla banker tar inte emot sådana i AXZ"),
	},
}}
