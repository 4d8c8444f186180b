package dtazv

import "kontor/finding"

var reportRules = []finding.Rule{{
	Code: CodeReportKey, Severity: finding.Error,
	Meaning: "The report key is 0 or 1.",
	Source:  spec + ", field T25",
	Example: "T25: 2",
	Advice:  name("Enter 0 or 1.", "0 oder 1 eintragen.", "Ange 0 eller 1."),
	Cases:   []finding.Case{say("key", "T25 is neither 0 nor 1", "T25 ist weder 0 noch 1", "T25 är varken 0 eller 1")},
}, {
	Code: CodeFlag, Severity: finding.Error,
	Meaning: "V8, V9 and V11 are J or N.",
	Source:  spec + ", fields V8, V9 and V11",
	Example: "V9: X",
	Advice:  name("Enter J or N.", "J oder N eintragen.", "Ange J eller N."),
	Cases:   []finding.Case{say("flag", "field {0} is neither J nor N", "Feld {0} ist weder J noch N", "fält {0} är varken J eller N")},
}, {
	Code: CodeSale, Severity: finding.Error,
	Meaning: "The sale (V12 to V17) is described if and only if goods were sold to non-residents (V8 is J).",
	Source:  spec + ", fields V12 to V17",
	Example: "V8: N, V17: 000000001000",
	Advice:  name("Describe the sale, or enter N in V8.", "Den Verkauf beschreiben oder N in V8 eintragen.", "Beskriv försäljningen eller ange N i V8."),
	Cases: []finding.Case{
		say("missing", "field {0} is missing though V8 is J", "Feld {0} fehlt, obwohl V8 J ist", "fält {0} saknas fastän V8 är J"),
		say("empty", "field {0} must be empty because V8 is not J", "Feld {0} muss leer sein, weil V8 nicht J ist", "fält {0} ska vara tomt eftersom V8 inte är J"),
	},
}, {
	Code: CodeKind, Severity: finding.Error,
	Meaning: "The kind of a report W is 2 (services) or 4 (capital).",
	Source:  spec + ", field W3",
	Example: "W3: 3",
	Advice:  name("Enter 2 or 4.", "2 oder 4 eintragen.", "Ange 2 eller 4."),
	Cases:   []finding.Case{say("kind", "W3 is neither 2 nor 4", "W3 ist weder 2 noch 4", "W3 är varken 2 eller 4")},
}, {
	Code: CodeInvestment, Severity: finding.Error,
	Meaning: "The country of an investment (W7, W8) is given for capital (W3 is 4) only.",
	Source:  spec + ", fields W7 and W8",
	Example: "W3: 2, W8: FR",
	Advice:  name("Empty the field, or enter 4 in W3.", "Das Feld leeren oder 4 in W3 eintragen.", "Töm fältet eller ange 4 i W3."),
	Cases:   []finding.Case{say("empty", "field {0} must be empty because W3 is not 4", "Feld {0} muss leer sein, weil W3 nicht 4 ist", "fält {0} ska vara tomt eftersom W3 inte är 4")},
}, {
	Code: CodeReportValue, Severity: finding.Error,
	Meaning: "A report has its goods, chapter, purchase price and countries, or its code number, countries and amount; V4b and V13b are zeros.",
	Source:  spec + ", records V and W",
	Example: "W4: 000",
	Advice:  name("Complete the report.", "Den Meldesatz vervollständigen.", "Komplettera rapportposten."),
	Cases: []finding.Case{
		say("missing", "field {0} of the report is missing", "Feld {0} der Meldung fehlt", "fält {0} i rapporten saknas"),
		say("zeros", "field {0} must be zeros", "Feld {0} muss Nullen enthalten", "fält {0} ska innehålla nollor"),
	},
}, {
	Code: CodeThreshold, Severity: finding.Warning,
	Meaning: "A payment above the reporting threshold carries a report: 12,500 euro until the end of 2024, 50,000 euro since 2025, by execution date. Judged for amounts in euro. Both values are to be verified against the Außenwirtschaftsverordnung in force.",
	Source:  "AWV section 67; " + spec + " (12,500 euro)",
	Example: "T13: EUR, T14a: 00000000060000, T27: 00",
	Advice: name("Check whether the payment has to be reported; reports can also be sent to the Bundesbank directly.",
		"Prüfen, ob die Zahlung zu melden ist; Meldungen können auch unmittelbar an die Bundesbank gehen.",
		"Kontrollera om betalningen ska rapporteras; rapporter kan också sändas direkt till Bundesbank."),
	Cases: []finding.Case{say("due", "the payment is above {0} euro and has no report to the Bundesbank", "die Zahlung liegt über {0} Euro und hat keine Meldung an die Bundesbank",
		"betalningen överstiger {0} euro och saknar rapport till Bundesbank")},
}, {
	Code: CodeReporting, Severity: finding.Error,
	Meaning: "INVF in the contact, for a payment that is reported for another party, is followed by two digits of the federal state and eight of the company.",
	Source:  spec + ", field T24",
	Example: "T24: MEIER INVF5",
	Advice:  name("Enter INVF and ten digits, or leave INVF out.", "INVF und zehn Ziffern eintragen oder INVF weglassen.", "Ange INVF och tio siffror, eller utelämna INVF."),
	Cases:   []finding.Case{say("form", "INVF in T24 is not followed by ten digits", "auf INVF in T24 folgen nicht zehn Ziffern", "INVF i T24 följs inte av tio siffror")},
}}
