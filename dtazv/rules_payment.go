package dtazv

import "kontor/finding"

var partyRules = []finding.Rule{{
	Code: CodeAccount, Severity: finding.Error,
	Meaning: "The account that is debited is given.",
	Source:  spec + ", field T4b",
	Example: "T4b: 0000000000",
	Advice:  name("Enter the number of the account to be debited.", "Die Nummer des zu belastenden Kontos eintragen.", "Ange numret på kontot som ska debiteras."),
	Cases:   []finding.Case{say("missing", "the debited account is missing", "das Belastungskonto fehlt", "debiteringskontot saknas")},
}, {
	Code: CodeCurrency, Severity: finding.Error,
	Meaning: "T4a and T13, and T7a where a charges account is given, are currencies of ISO 4217.",
	Source:  spec + ", fields T4a, T7a and T13; ISO 4217",
	Example: "T13: EUX",
	Advice:  name("Enter the three letters of the currency.", "Die drei Buchstaben der Währung eintragen.", "Ange valutans tre bokstäver."),
	Cases: []finding.Case{
		say("missing", "the currency in {0} is missing", "die Währung in {0} fehlt", "valutan i {0} saknas"),
		say("unknown", "the code in {0} is not a currency", "der Schlüssel in {0} ist keine Währung", "koden i {0} är ingen valuta"),
	},
}, {
	Code: CodeChargesPart, Severity: finding.Error,
	Meaning: "Bank code, currency and number of the charges account are given together or not at all.",
	Source:  spec + ", fields T6, T7a and T7b",
	Example: "T6: 20050000, T7b: 0000000000",
	Advice:  name("Complete the charges account, or leave all of it out.", "Das Entgeltkonto vervollständigen oder ganz weglassen.", "Komplettera avgiftskontot eller utelämna det helt."),
	Cases: []finding.Case{say("missing", "field {0} of the charges account is missing", "Feld {0} des Entgeltkontos fehlt",
		"fält {0} för avgiftskontot saknas")},
}, {
	Code: CodeChargesSame, Severity: finding.Warning,
	Meaning: "A charges account is given only if it is not the debited account.",
	Source:  spec + ", fields T6 and T7",
	Example: "T6 and T7 equal to T3 and T4",
	Advice:  name("Write zeros and blanks: charges then go to the debited account.", "Nullen und Leerzeichen eintragen: Entgelte gehen dann zulasten des Belastungskontos.", "Skriv nollor och mellanslag: avgifterna tas då från debiteringskontot."),
	Cases:   []finding.Case{say("same", "the charges account is the debited account", "das Entgeltkonto ist das Belastungskonto", "avgiftskontot är detsamma som debiteringskontot")},
}, {
	Code: CodeBIC, Severity: finding.Error,
	Meaning: "T8, where given, is a BIC of 8 or 11 characters, or for a bank in Germany three slashes and its bank code.",
	Source:  spec + ", field T8; ISO 9362",
	Example: "T8: BANKDEFFXX",
	Advice: name("Enter the BIC of the beneficiary's bank, or leave the field blank and describe the bank in T9.", "Den BIC der Bank des Begünstigten eintragen, oder das Feld leer lassen und die Bank in T9 beschreiben.",
		"Ange BIC för mottagarens bank, eller lämna fältet blankt och beskriv banken i T9."),
	Cases: []finding.Case{
		say("bic", "the BIC does not have the right form", "der BIC hat nicht die richtige Form", "BIC har inte rätt form"),
		say("slashes", "a bank code in T8 stands behind three slashes", "eine Bankleitzahl in T8 steht hinter drei Schrägstrichen", "en bankkod i T8 föregås av tre snedstreck"),
	},
}, {
	Code: CodeBankCountry, Severity: finding.Error,
	Meaning: "The country of the beneficiary's bank is given if its BIC or bank code is not.",
	Source:  spec + ", field T9a",
	Example: "T8: blank, T9a: blank",
	Advice:  name("Enter the country of the bank.", "Das Land der Bank eintragen.", "Ange bankens land."),
	Cases:   []finding.Case{say("missing", "neither a BIC nor the country of the beneficiary's bank is given", "weder BIC noch Land der Bank des Begünstigten ist angegeben", "varken BIC eller land för mottagarens bank är angivet")},
}, {
	Code: CodeCountry, Severity: finding.Error,
	Meaning: "T9a and T10a, where given, are two letters of ISO 3166 and a blank. Country codes of reports are that, or three digits.",
	Source:  spec + ", fields T9a, T10a, V6, V16, W6 and W8; ISO 3166",
	Example: "T10a: D",
	Advice:  name("Enter the two letters of the country.", "Die zwei Buchstaben des Landes eintragen.", "Ange landets två bokstäver."),
	Cases:   []finding.Case{say("unknown", "the code in {0} is not a country", "der Schlüssel in {0} ist kein Land", "koden i {0} är inget land")},
}, {
	Code: CodeBankName, Severity: finding.Error,
	Meaning: "Name and address of the beneficiary's bank are given if T8 is neither a BIC nor a bank code; UNBEKANNT if they are not known.",
	Source:  spec + ", field T9b",
	Example: "T8: blank, T9b: blank",
	Advice:  name("Enter name and town of the bank, or UNBEKANNT.", "Name und Ort der Bank eintragen, oder UNBEKANNT.", "Ange bankens namn och ort, eller UNBEKANNT."),
	Cases:   []finding.Case{say("missing", "neither a BIC nor the name of the beneficiary's bank is given", "weder BIC noch Name der Bank des Begünstigten ist angegeben", "varken BIC eller namn för mottagarens bank är angivet")},
}, {
	Code: CodeNoCountry, Severity: finding.Warning,
	Meaning: "The country of the beneficiary is given: a structured address, which pain.001 needs, has one.",
	Source:  spec + ", field T10a; Kontor: needed for the conversion to AXZ",
	Example: "T10a: blank",
	Advice:  name("Enter the country of the beneficiary.", "Das Land des Begünstigten eintragen.", "Ange mottagarens land."),
	Cases:   []finding.Case{say("missing", "the country of the beneficiary is missing", "das Land des Begünstigten fehlt", "mottagarens land saknas")},
}, {
	Code: CodeBeneficiary, Severity: finding.Error,
	Meaning: "The first line of the beneficiary holds a name.",
	Source:  spec + ", field T10b",
	Example: "T10b: blank",
	Advice:  name("Enter the name of the beneficiary.", "Den Namen des Begünstigten eintragen.", "Ange mottagarens namn."),
	Cases:   []finding.Case{say("missing", "the name of the beneficiary is missing", "der Name des Begünstigten fehlt", "mottagarens namn saknas")},
}, {
	Code: CodeBeneficiaryNo, Severity: finding.Error,
	Meaning: "The account of the beneficiary is given unless the payment is a cheque, and begins with a slash.",
	Source:  spec + ", field T12",
	Example: "T12: PL61109010140000071219812874",
	Advice:  name("Enter a slash and the IBAN or account number.", "Einen Schrägstrich und die IBAN oder Kontonummer eintragen.", "Ange ett snedstreck följt av IBAN eller kontonummer."),
	Cases: []finding.Case{
		say("missing", "the account of the beneficiary is missing", "die Kontonummer des Begünstigten fehlt", "mottagarens konto saknas"),
		say("slash", "the account of the beneficiary does not begin with a slash", "die Kontonummer des Begünstigten beginnt nicht mit einem Schrägstrich", "mottagarens konto börjar inte med ett snedstreck"),
	},
}, {
	Code: CodeIBAN, Severity: finding.Error,
	Meaning: "An account number that begins like the IBAN of a country that has IBANs is one: right length, structure and check digits.",
	Source:  spec + ", field T12; ISO 13616",
	Example: "T12: /DE00200500001234567890",
	Advice:  name("Ask the beneficiary for the IBAN, and enter it without blanks.", "Die IBAN beim Begünstigten erfragen und ohne Leerzeichen eintragen.", "Fråga mottagaren efter IBAN och ange det utan mellanslag."),
	Cases: []finding.Case{
		say("length", "the IBAN does not have the length of its country", "die IBAN hat nicht die Länge ihres Landes", "IBAN har inte den längd som gäller i landet"),
		say("structure", "the IBAN does not have the structure of its country", "die IBAN hat nicht den Aufbau ihres Landes", "IBAN har inte den struktur som gäller i landet"),
		say("digits", "the check digits of the IBAN are wrong", "die Prüfziffern der IBAN sind falsch", "kontrollsiffrorna i IBAN är fel"),
	},
}}

var amountRules = []finding.Rule{{
	Code: CodeAmount, Severity: finding.Error,
	Meaning: "The amount is above zero, and has no more decimals than its currency; decimals stand at the left of T14b: 250 for 0.25.",
	Source:  spec + ", fields T14a and T14b; ISO 4217",
	Example: "T14a: 00000000000220, T14b: 025, T13: EUR",
	Advice:  name("Correct the amount; decimals begin at the left of the field.", "Den Betrag berichtigen; Nachkommastellen beginnen am linken Rand des Feldes.", "Rätta beloppet; decimalerna börjar till vänster i fältet."),
	Cases: []finding.Case{
		say("zero", "the amount is zero", "der Betrag ist null", "beloppet är noll"),
		say("decimals", "the amount has more decimals than {0} has", "der Betrag hat mehr Nachkommastellen als {0}", "beloppet har fler decimaler än {0}"),
	},
}, {
	Code: CodeSum, Severity: finding.Error,
	Meaning: "Z3 is the sum of T14a over all payments of the logical file, whatever their currency and without decimals.",
	Source:  spec + ", field Z3",
	Example: "Z3: 000000000000441 over amounts of 220.25 and 220.25",
	Advice:  name("Add up the amounts without their decimals.", "Die Beträge ohne Nachkommastellen addieren.", "Summera beloppen utan decimaler."),
	Cases: []finding.Case{
		say("sum", "the trailer's sum is {0}, the payments add up to {1}", "die Summe im Z-Satz ist {0}, die Zahlungen ergeben {1}", "summan i Z-posten är {0}, betalningarna ger {1}"),
		say("overflow", "the sum of the payments does not fit into 15 digits", "die Summe der Zahlungen passt nicht in 15 Stellen", "summan av betalningarna ryms inte i 15 siffror"),
	},
}, {
	Code: CodeCount, Severity: finding.Error,
	Meaning: "Z4 is the number of payments T of the logical file.",
	Source:  spec + ", field Z4",
	Example: "Z4: 000000000000002 after three T",
	Advice:  name("Count the payments again, or look for lost ones.", "Die Zahlungen neu zählen oder nach verlorenen suchen.", "Räkna betalningarna på nytt eller leta efter förlorade."),
	Cases:   []finding.Case{say("count", "the trailer counts {0} payments, there are {1}", "der Z-Satz zählt {0} Zahlungen, es sind {1}", "Z-posten anger {0} betalningar, det finns {1}")},
}, {
	Code: CodeReportCount, Severity: finding.Error,
	Meaning: "T27 is the number of reports V and W that follow the payment.",
	Source:  spec + ", field T27",
	Example: "T27: 01, followed by the next T",
	Advice:  name("Correct the number, or look for lost reports.", "Die Anzahl berichtigen oder nach verlorenen Meldesätzen suchen.", "Rätta antalet eller leta efter förlorade rapportposter."),
	Cases:   []finding.Case{say("count", "T27 announces {0} reports, {1} follow", "T27 kündigt {0} Meldesätze an, es folgen {1}", "T27 anger {0} rapportposter, {1} följer")},
}}

var typeRules = []finding.Rule{{
	Code: CodeType, Severity: finding.Error,
	Meaning: "T22 is a known type of payment: 00, 10, 11, 13, 15, 20 to 23, 30 to 33, or one of the bank's own from 34 on.",
	Source:  spec + ", field T22",
	Example: "T22: 12",
	Advice:  name("Enter 00 for an ordinary payment.", "Für eine gewöhnliche Zahlung 00 eintragen.", "Ange 00 för en vanlig betalning."),
	Cases:   []finding.Case{say("unknown", "there is no such type of payment", "diese Zahlungsart gibt es nicht", "betalningsslaget finns inte")},
}, {
	Code: CodeBankType, Severity: finding.Warning,
	Meaning: "Types of payment from 34 on are reserved, or agreed with one bank.",
	Source:  spec + ", field T22",
	Example: "T22: 40",
	Advice:  name("Ask your bank whether it knows the type.", "Die Bank fragen, ob sie die Zahlungsart kennt.", "Fråga banken om den känner till betalningsslaget."),
	Cases:   []finding.Case{say("agreed", "the type of payment is one to be agreed with the bank", "die Zahlungsart bedarf einer Absprache mit der Bank", "betalningsslaget kräver överenskommelse med banken")},
}, {
	Code: CodeCharges, Severity: finding.Error,
	Meaning: "T21 is 00 (shared), 01 (all to the originator) or 02 (all to the beneficiary).",
	Source:  spec + ", field T21",
	Example: "T21: 03",
	Advice:  name("Enter 00, 01 or 02.", "00, 01 oder 02 eintragen.", "Ange 00, 01 eller 02."),
	Cases:   []finding.Case{say("unknown", "T21 is not 00, 01 or 02", "T21 ist nicht 00, 01 oder 02", "T21 är inte 00, 01 eller 02")},
}, {
	Code: CodeEuroExpress, Severity: finding.Error,
	Meaning: "A same-day euro payment (T22 is 11) is in euro, from an account in euro.",
	Source:  spec + ", field T22, type 11",
	Example: "T22: 11, T13: USD",
	Advice:  name("Choose another type of payment, or euro.", "Eine andere Zahlungsart oder Euro wählen.", "Välj ett annat betalningsslag, eller euro."),
	Cases:   []finding.Case{say("euro", "field {0} of a same-day euro payment is not EUR", "Feld {0} einer Euro-Eilzahlung ist nicht EUR", "fält {0} i en expressbetalning i euro är inte EUR")},
}, {
	Code: CodeEUTransfer, Severity: finding.Error,
	Meaning: "An EU standard transfer (T22 is 13) is at most 50,000 euro in euro, to a BIC in the EEA and an IBAN, with charges shared and no instruction keys.",
	Source:  spec + ", field T22, type 13",
	Example: "T22: 13, T21: 01",
	Advice:  name("Choose another type of payment, or send the payment as a SEPA credit transfer.", "Eine andere Zahlungsart wählen oder die Zahlung als SEPA-Überweisung senden.", "Välj ett annat betalningsslag eller sänd betalningen som SEPA-betalning."),
	Cases: []finding.Case{
		say("currency", "an EU standard transfer is in euro", "eine EU-Standardüberweisung lautet auf Euro", "en EU-standardöverföring är i euro"),
		say("amount", "an EU standard transfer is at most 50,000 euro", "eine EU-Standardüberweisung beträgt höchstens 50.000 Euro", "en EU-standardöverföring är högst 50 000 euro"),
		say("bic", "an EU standard transfer has a BIC in T8", "eine EU-Standardüberweisung hat einen BIC in T8", "en EU-standardöverföring har en BIC i T8"),
		say("country", "the bank of an EU standard transfer is in the EEA", "die Bank einer EU-Standardüberweisung liegt im EWR", "banken i en EU-standardöverföring finns inom EES"),
		say("iban", "an EU standard transfer has an IBAN in T12", "eine EU-Standardüberweisung hat eine IBAN in T12", "en EU-standardöverföring har ett IBAN i T12"),
		say("charges", "charges of an EU standard transfer are shared", "Entgelte einer EU-Standardüberweisung werden geteilt", "avgifterna för en EU-standardöverföring delas"),
		say("empty", "field {0} of an EU standard transfer must be empty", "Feld {0} einer EU-Standardüberweisung muss leer sein", "fält {0} i en EU-standardöverföring ska vara tomt"),
	},
}, {
	Code: CodeCheque, Severity: finding.Error,
	Meaning: "A cheque (T22 is 20 to 23 or 30 to 33) has no bank and no account of the beneficiary, shared charges, and no instruction but 91 in T19.",
	Source:  spec + ", field T22, types 20 to 23 and 30 to 33",
	Example: "T22: 20, T12: /12345",
	Advice:  name("Empty the field, or choose another type of payment.", "Das Feld leeren oder eine andere Zahlungsart wählen.", "Töm fältet eller välj ett annat betalningsslag."),
	Cases: []finding.Case{
		say("empty", "field {0} of a cheque must be empty", "Feld {0} eines Schecks muss leer sein", "fält {0} för en check ska vara tomt"),
		say("charges", "charges of a cheque are shared", "Entgelte eines Schecks werden geteilt", "avgifterna för en check delas"),
		say("key", "the only instruction key of a cheque is 91", "der einzige Weisungsschlüssel eines Schecks ist 91", "den enda instruktionskoden för en check är 91"),
	},
}, {
	Code: CodeRemark, Severity: finding.Error,
	Meaning: "An order remark is given for cheques only.",
	Source:  spec + ", field T11",
	Example: "T22: 00, T11: ORDER",
	Advice:  name("Empty T11.", "T11 leeren.", "Töm T11."),
	Cases:   []finding.Case{say("remark", "an order remark is for cheques only", "ein Ordervermerk steht nur bei Schecks", "en ordernotering är bara till för checkar")},
}, {
	Code: CodeEEACharges, Severity: finding.Error,
	Meaning: "Charges are shared where a payment goes to a bank in the EEA, in a currency of the EEA, and from an account in that currency.",
	Source:  spec + ", field T21; Directive (EU) 2015/2366 article 62 (2)",
	Example: "T8: BIC in France, T4a and T13: EUR, T21: 01",
	Advice:  name("Enter 00 in T21.", "In T21 00 eintragen.", "Ange 00 i T21."),
	Cases:   []finding.Case{say("shared", "charges of a payment within the EEA are shared", "Entgelte einer Zahlung innerhalb des EWR werden geteilt", "avgifterna för en betalning inom EES delas")},
}}

var keyRules = []finding.Rule{{
	Code: CodeKey, Severity: finding.Error,
	Meaning: "An instruction key is 02, 04, 06, 07, 09, 10, 11 or 12, in T19 also 91.",
	Source:  spec + ", fields T16 to T19",
	Example: "T16: 03",
	Advice:  name("Enter a key of the list, or 00.", "Einen Schlüssel der Liste eintragen oder 00.", "Ange en kod ur listan, eller 00."),
	Cases: []finding.Case{
		say("unknown", "the key in {0} is not an instruction", "der Schlüssel in {0} ist keine Weisung", "koden i {0} är ingen instruktion"),
		say("place", "key 91 stands in T19 only", "der Schlüssel 91 steht nur in T19", "kod 91 står bara i T19"),
	},
}, {
	Code: CodeKeyPair, Severity: finding.Error,
	Meaning: "Instruction keys do not contradict each other: not 02 or 04 with each other or with 11 or 12, not 06 with 07, not 09 with 10.",
	Source:  spec + ", fields T16 to T19, keys that do not combine",
	Example: "T16: 06, T17: 07",
	Advice:  name("Decide for one of the two keys.", "Sich für einen der beiden Schlüssel entscheiden.", "Välj en av de två koderna."),
	Cases:   []finding.Case{say("pair", "the instruction keys {0} and {1} do not go together", "die Weisungsschlüssel {0} und {1} vertragen sich nicht", "instruktionskoderna {0} och {1} går inte ihop")},
}, {
	Code: CodeCounterValue, Severity: finding.Error,
	Meaning: "A payment of the counter-value of a euro amount (T19 is 91) goes from an account in euro and is not of type 11 or 13.",
	Source:  spec + ", field T19, key 91",
	Example: "T19: 91, T4a: USD",
	Advice:  name("Debit an account in euro, and choose type 00; or leave 91 out.", "Ein Euro-Konto belasten und Zahlungsart 00 wählen, oder 91 weglassen.", "Debitera ett eurokonto och välj slag 00, eller utelämna 91."),
	Cases: []finding.Case{
		say("account", "key 91 needs an account in euro", "der Schlüssel 91 verlangt ein Euro-Konto", "kod 91 kräver ett konto i euro"),
		say("type", "key 91 does not go with type of payment {0}", "der Schlüssel 91 verträgt sich nicht mit Zahlungsart {0}", "kod 91 går inte ihop med betalningsslag {0}"),
	},
}}
