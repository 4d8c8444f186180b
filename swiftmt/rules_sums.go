package swiftmt

import "kontor/finding"

func sumRules() []finding.Rule {
	return []finding.Rule{
		{Code: CodeBalance, Severity: finding.Warning,
			Meaning: "Opening balance and booked entries give the closing balance, on each page.",
			Source:  "SWIFT MT940 usage of fields 60a, 61 and 62a", Example: ":60F: 100,00, one credit of 10,00, :62F: 120,00", Advice: askBank,
			Cases: []finding.Case{
				texts("sum", "Opening balance and entries give {0}, the closing balance says {1}.", "Anfangssaldo und Umsätze ergeben {0}, der Schlusssaldo lautet {1}.", "Ingående saldo och transaktioner ger {0}, utgående saldo är {1}.")}},
		{Code: CodeContinuity, Severity: finding.Warning,
			Meaning: "The closing balance of a statement is the opening balance of the next one of the same account in the document.",
			Source:  "SWIFT MT940 usage of fields 60a and 62a; DK Anlage 3 chapter 8", Example: ":62F: 100,00 of number 7, :60F: 90,00 of number 8", Advice: askBank,
			Cases: []finding.Case{
				texts("opening", "The opening balance is {0}, the statement before closed with {1}.", "Der Anfangssaldo ist {0}, der vorige Auszug endete mit {1}.", "Ingående saldo är {0}, föregående utdrag slutade på {1}.")}},
		{Code: CodeGap, Severity: finding.Warning,
			Meaning: "Statements of an account in one document are numbered one after another, from 1 in a new year; pages likewise. Number 0 is none.",
			Source:  "SWIFT field 28C; DK Anlage 3 chapter 8", Example: ":28C:7/1, then :28C:9/1", Advice: finding.Texts{
				EN: "A statement may be missing: compare with what the bank has delivered.",
				DE: "Möglicherweise fehlt ein Auszug: Mit den Lieferungen der Bank vergleichen.",
				SV: "Ett utdrag kan saknas: jämför med vad banken har levererat."},
			Cases: []finding.Case{
				texts("statement", "Statement {0} follows statement {1}.", "Auszug {0} folgt auf Auszug {1}.", "Utdrag {0} följer på utdrag {1}."),
				texts("page", "Page {0} follows page {1}.", "Blatt {0} folgt auf Blatt {1}.", "Sida {0} följer på sida {1}."),
				texts("unfinished", "The last page is missing: the statement ends with an intermediate balance.", "Das letzte Blatt fehlt: Der Auszug endet mit einem Zwischensaldo.", "Sista sidan saknas: utdraget slutar med ett mellansaldo.")}},
		{Code: CodeCount, Severity: finding.Warning,
			Meaning: "Fields 90D and 90C give the number of debit and credit entries.",
			Source:  "SWIFT fields 90D and 90C; DK Anlage 3 chapter 8", Example: ":90C:2EUR10,00 after one credit", Advice: askBank,
			Cases: []finding.Case{
				texts("debits", "Debit entries declared: {0}, found: {1}.", "Sollumsätze angegeben: {0}, vorhanden: {1}.", "Debettransaktioner angivna: {0}, funna: {1}."),
				texts("credits", "Credit entries declared: {0}, found: {1}.", "Habenumsätze angegeben: {0}, vorhanden: {1}.", "Kredittransaktioner angivna: {0}, funna: {1}.")}},
		{Code: CodeSum, Severity: finding.Warning,
			Meaning: "Fields 90D and 90C give the sums of debit and credit entries.",
			Source:  "SWIFT fields 90D and 90C; DK Anlage 3 chapter 8", Example: ":90C:1EUR11,00 after one credit of 10,00", Advice: askBank,
			Cases: []finding.Case{
				texts("debits", "{0} of debits are declared, the entries give {1}.", "{0} im Soll sind angegeben, die Umsätze ergeben {1}.", "{0} i debet anges, transaktionerna ger {1}."),
				texts("credits", "{0} of credits are declared, the entries give {1}.", "{0} im Haben sind angegeben, die Umsätze ergeben {1}.", "{0} i kredit anges, transaktionerna ger {1}.")}},
		{Code: CodePageBalance, Severity: finding.Warning,
			Meaning: "The intermediate closing balance of a page is the intermediate opening balance of the next.",
			Source:  "SWIFT fields 60M and 62M", Example: ":62M: 100,00, then :60M: 90,00", Advice: askBank,
			Cases: []finding.Case{
				texts("page", "The page begins with {0}, the page before ended with {1}.", "Das Blatt beginnt mit {0}, das vorige endete mit {1}.", "Sidan börjar med {0}, den föregående slutade på {1}.")}},
	}
}

func conversionRules() []finding.Rule {
	take := finding.Texts{
		EN: "Take this information from the original document.",
		DE: "Diese Angabe dem Originaldokument entnehmen.",
		SV: "Hämta uppgiften från originaldokumentet.",
	}
	return []finding.Rule{
		{Code: CodeNoHome, Severity: finding.Warning,
			Meaning: "What the source says has a place in the target of the conversion.",
			Source:  "SWIFT MT940 and MT942; ISO 20022 camt.052 and camt.053", Example: "NtryDtls/TxDtls/RltdPties/Dbtr/Pty/PstlAdr", Advice: take,
			Cases: []finding.Case{
				texts("element", "{0} has no place in the target; occurrences: {1}.", "{0} hat im Ziel keinen Platz; Anzahl: {1}.", "{0} saknar plats i målet; antal: {1}."),
				texts("batch", "{0}: the target holds only the sum of an entry that books several transactions; such entries: {1}.", "{0}: Von einem Umsatz, der mehrere Zahlungen zusammenfasst, enthält das Ziel nur die Summe; Anzahl: {1}.", "{0}: av en post som bokför flera betalningar innehåller målet bara summan; antal: {1}.")}},
		{Code: CodeShortened, Severity: finding.Warning,
			Meaning: "Texts fit into the field of the target.",
			Source:  "SWIFT MT940 field lengths; ISO 20022 Max…Text", Example: "a name of 70 characters in two subfields of 27", Advice: take,
			Cases: []finding.Case{
				texts("cut", "{0} was too long for the target and was cut; occurrences: {1}.", "{0} war für das Ziel zu lang und wurde gekürzt; Anzahl: {1}.", "{0} var för lång för målet och har kortats; antal: {1}.")}},
		{Code: CodeReplaced, Severity: finding.Warning,
			Meaning: "Texts have only characters that the target can hold.",
			Source:  "DK Anlage 3 chapter 8; SWIFT character set X", Example: "a name in Greek letters", Advice: take,
			Cases: []finding.Case{
				texts("characters", "Characters of {0} were replaced; occurrences: {1}.", "Zeichen in {0} wurden ersetzt; Anzahl: {1}.", "Tecken i {0} har ersatts; antal: {1}.")}},
		{Code: CodeDerived, Severity: finding.Warning,
			Meaning: "What the target demands is in the source. What is missing is derived, and named.",
			Source:  "SWIFT MT940 and MT942; ISO 20022 camt.053", Example: "a camt.053 without opening balance", Advice: finding.Texts{
				EN: "Check the derived value before you rely on it.",
				DE: "Den abgeleiteten Wert prüfen, bevor er verwendet wird.",
				SV: "Kontrollera det härledda värdet innan du litar på det."},
			Cases: []finding.Case{
				texts("derived", "{0} is not in the source and was derived; occurrences: {1}.", "{0} steht nicht in der Quelle und wurde abgeleitet; Anzahl: {1}.", "{0} finns inte i källan och har härletts; antal: {1}.")}},
		{Code: CodeMore, Severity: finding.Warning,
			Meaning: "The source of a conversion has no more than 100 findings; this says how many more there are.",
			Source:  "Kontor: the list is limited so that a broken document stays readable", Example: "101 entries without an amount", Advice: finding.Texts{
				EN: "Verify the source to see them.",
				DE: "Die Quelle prüfen lassen, um sie zu sehen.",
				SV: "Kontrollera källan för att se dem."},
			Cases: []finding.Case{
				texts("more", "The source has {0} more findings, which are not shown.", "Die Quelle hat {0} weitere Befunde, die nicht gezeigt werden.", "Källan har {0} anmärkningar till, som inte visas.")}},
	}
}
