package pain

import "kontor/finding"

// partyRules are group D: parties, text, addresses.
var partyRules = []finding.Rule{
	{Code: CodeName, Severity: finding.Error,
		Meaning: "Debtor and creditor have a name, which is not blank and has at most 70 characters in SEPA, at most 140 otherwise.",
		Source:  "EPC132-08 AT-P001, AT-E001; EPC130-08; ISO 20022 Max140Text",
		Example: `<Cdtr></Cdtr>`,
		Advice:  in("Enter the name as the account is held; shorten it to the length given.", "Den Namen des Kontoinhabers eintragen; auf die genannte Länge kürzen.", "Ange kontohavarens namn; korta det till angiven längd."),
		Cases: []finding.Case{
			say("missing", "the name is missing", "der Name fehlt", "namnet saknas"),
			say("party", "the creditor is missing", "der Zahlungsempfänger fehlt", "betalningsmottagaren saknas"),
			say("empty", "the name is empty", "der Name ist leer", "namnet är tomt"),
			say("long", "the name has {0} characters; at most {1} are allowed", "der Name hat {0} Zeichen; erlaubt sind höchstens {1}", "namnet har {0} tecken; högst {1} är tillåtna")}},
	{Code: CodeRemittance, Severity: finding.Error,
		Meaning: "An unstructured remittance information has 1 to 140 characters, and SEPA payments have at most one.",
		Source:  "ISO 20022 Max140Text; EPC132-08 and EPC130-08, usage rules of RmtInf",
		Example: `<Ustrd></Ustrd>`,
		Advice:  in("Shorten the text to at most 140 characters.", "Den Verwendungszweck auf höchstens 140 Zeichen kürzen.", "Korta texten till högst 140 tecken."),
		Cases: []finding.Case{
			say("length", "the remittance information has {0} characters instead of 1 to 140", "der Verwendungszweck hat {0} Zeichen statt 1 bis 140", "meddelandet till mottagaren har {0} tecken i stället för 1 till 140"),
			say("several", "a SEPA payment has one unstructured remittance information at most", "eine SEPA-Zahlung hat höchstens einen unstrukturierten Verwendungszweck", "en SEPA-betalning har högst ett ostrukturerat meddelande")}},
	{Code: CodeStructuredReference, Severity: finding.Error,
		Meaning: "A structured remittance information of a SEPA payment holds a creditor reference of the type SCOR and no unstructured text beside it, and has at most 140 characters with its tags; a reference of ISO 11649 (issuer ISO, or beginning with RF) has right check digits.",
		Source:  "EPC132-08 and EPC130-08, usage rules of RmtInf; ISO 11649; DK Anlage 3, usage rules of RmtInf",
		Example: `<Ref>RF18539007547035</Ref>`,
		Advice:  in("Copy the reference from the invoice again, without blanks.", "Die Referenz noch einmal von der Rechnung übernehmen, ohne Leerzeichen.", "Skriv av referensen från fakturan igen, utan mellanslag."),
		Cases: []finding.Case{
			say("check-digits", "the creditor reference is not one of ISO 11649, or its check digits do not fit", "die Gläubigerreferenz ist keine nach ISO 11649, oder ihre Prüfziffern stimmen nicht", "referensen följer inte ISO 11649, eller så stämmer inte kontrollsiffrorna"),
			say("type", "the type of a creditor reference is not SCOR", "der Typ der Gläubigerreferenz ist nicht SCOR", "referenstypen är inte SCOR"),
			say("both", "the payment has a structured and an unstructured remittance information", "die Zahlung hat einen strukturierten und einen unstrukturierten Verwendungszweck", "betalningen har både ett strukturerat och ett ostrukturerat meddelande"),
			say("long", "the structured remittance information has more than 140 characters with its tags", "der strukturierte Verwendungszweck hat mit seinen Tags mehr als 140 Zeichen", "det strukturerade meddelandet har mer än 140 tecken med sina taggar")}},
	{Code: CodeCharacters, Severity: finding.Warning,
		Meaning: "Names, addresses and remittance information of SEPA payments consist of the characters that every German bank takes: a-z A-Z 0-9 blank / - ? : ( ) . , ' + and Ä Ö Ü ä ö ü ß & * $ %. In Switzerland, all of ASCII, Latin-1 and Latin Extended-A, and Ș ș Ț ț €.",
		Source:  "EPC217-08; DK Anlage 3 chapter 2.1, extended character set",
		Example: `<Nm>Café Łódź</Nm>`,
		Advice:  adviceCharacters,
		Cases:   []finding.Case{casesCharacters}},
	{Code: CodeUnstructuredAddress, Severity: finding.Error,
		Meaning: "From 2026-11-15 a postal address has a town and a country; address lines alone are not permitted. Before, it is a warning. Judged only if the day of judgement is given.",
		Source:  "EPC rulebooks 2025 version 1.1 and EPC153-22; DK Anlage 3; SPS 2025",
		Example: `<PstlAdr><AdrLine>Example Street 1</AdrLine><AdrLine>12345 Town</AdrLine></PstlAdr>`,
		Advice:  in("Give town and country in fields of their own, or leave the address out.", "Ort und Land in eigenen Feldern angeben oder die Adresse weglassen.", "Ange ort och land i egna fält, eller utelämna adressen."),
		Cases: []finding.Case{
			say("ended", "the address has no town and country of its own; such addresses are refused from 2026-11-15", "die Adresse hat keinen Ort und kein Land in eigenen Feldern; solche Adressen werden ab 15.11.2026 abgelehnt", "adressen saknar ort och land i egna fält; sådana adresser avvisas från 2026-11-15"),
			say("ending", "the address has no town and country of its own; from 2026-11-15 it will be refused", "die Adresse hat keinen Ort und kein Land in eigenen Feldern; ab 15.11.2026 wird sie abgelehnt", "adressen saknar ort och land i egna fält; från 2026-11-15 kommer den att avvisas")}},
	{Code: CodePostcode, Severity: finding.Warning,
		Meaning: "A postcode has the form that its country uses.",
		Source:  "UPU postal addressing systems",
		Example: `<PstCd>1234</PstCd> with <Ctry>DE</Ctry>`,
		Advice:  in("Check postcode and country.", "Postleitzahl und Land prüfen.", "Kontrollera postnummer och land."),
		Cases: []finding.Case{
			say("form", "the postcode has not the form of {0}", "die Postleitzahl hat nicht die Form von {0}", "postnumret har inte den form som används i {0}")}},
	{Code: CodeCountry, Severity: finding.Error,
		Meaning: "A country is a code of ISO 3166.",
		Source:  "ISO 3166-1; ISO 20022 CountryCode",
		Example: `<Ctry>UK</Ctry>`,
		Advice:  in("Use the two-letter code, such as GB for the United Kingdom.", "Den zweistelligen Code verwenden, etwa GB für das Vereinigte Königreich.", "Använd tvåbokstavskoden, till exempel GB för Storbritannien."),
		Cases: []finding.Case{
			say("unknown", "there is no country with this code", "es gibt kein Land mit diesem Code", "det finns inget land med den koden")}},
	{Code: CodeBothLevels, Severity: finding.Warning,
		Meaning: "Payment type, charges and ultimate party are given for the payment information or for its transactions, not for both.",
		Source:  "EPC132-08 and EPC130-08, usage rules; DK Anlage 3",
		Example: `<ChrgBr>SLEV</ChrgBr> in PmtInf and in CdtTrfTxInf`,
		Advice:  in("Give it at one place.", "Es an einer Stelle angeben.", "Ange det på ett ställe."),
		Cases: []finding.Case{
			say("both", "{0} is given by the payment information already", "{0} ist schon im Sammler angegeben", "{0} anges redan i betalningsbunten")}},
	{Code: CodePartyID, Severity: finding.Error,
		Meaning: "A party of a SEPA payment has one identification of its own at most, and a legal entity identifier has right check digits.",
		Source:  "EPC132-08 and EPC130-08, usage rules of OrgId and PrvtId; ISO 17442",
		Example: `<LEI>529900T8BM49AURSDO56</LEI>`,
		Advice:  in("Leave one of the identifications out; copy the LEI again.", "Eine der Identifikationen weglassen; die LEI neu übernehmen.", "Utelämna en av identiteterna; skriv av LEI igen."),
		Cases: []finding.Case{
			say("several", "the party has more than one identification", "der Beteiligte hat mehr als eine Identifikation", "parten har mer än en identitet"),
			say("lei", "the check digits of the LEI do not fit", "die Prüfziffern der LEI stimmen nicht", "kontrollsiffrorna i LEI stämmer inte")}},
	{Code: CodeStandardCharacters, Severity: finding.Off,
		Meaning: "Names, addresses and remittance information of SEPA payments consist of the characters that every bank in Europe takes: a-z A-Z 0-9 blank / - ? : ( ) . , ' +.",
		Source:  "EPC132-08 section 1; DK Anlage 3 chapter 2.1, standard character set",
		Example: `<Nm>Müller & Söhne</Nm>`,
		Advice:  adviceCharacters,
		Cases:   []finding.Case{casesCharacters}},
	{Code: CodeAddress, Severity: finding.Warning,
		Meaning: "A structured address has town and country, no more than two address lines, and no line that repeats the town.",
		Source:  "EPC153-22; DK Anlage 3, usage rules of PstlAdr; SPS implementation guidelines",
		Example: `<PstlAdr><StrtNm>Example Street</StrtNm><Ctry>DE</Ctry></PstlAdr>`,
		Advice:  in("Complete the address, or leave it out.", "Die Adresse vervollständigen oder weglassen.", "Komplettera adressen, eller utelämna den."),
		Cases: []finding.Case{
			say("town", "the address has no town", "die Adresse hat keinen Ort", "adressen saknar ort"),
			say("country", "the address has no country", "die Adresse hat kein Land", "adressen saknar land"),
			say("lines", "the address has {0} address lines; at most two are allowed", "die Adresse hat {0} Adresszeilen; erlaubt sind höchstens zwei", "adressen har {0} adressrader; högst två är tillåtna"),
			say("twice", "an address line repeats the town", "eine Adresszeile wiederholt den Ort", "en adressrad upprepar orten")}},
}

var adviceCharacters = in("Write the text with other characters. Otherwise banks replace these, or refuse the file.",
	"Den Text mit anderen Zeichen schreiben. Sonst ersetzen Banken diese oder lehnen die Datei ab.",
	"Skriv texten med andra tecken. Annars ersätter bankerna dem, eller avvisar filen.")

var casesCharacters = say("character", "the text has a character that the set does not allow: {0}", "der Text enthält ein Zeichen, das der Zeichensatz nicht erlaubt: {0}", "texten innehåller ett tecken som inte ingår i teckenuppsättningen: {0}")
