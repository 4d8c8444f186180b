package letter

// agreementWords are the fixed words of an agreement in one language. None is empty.
type agreementWords struct {
	title, subtitle                                string
	accountTitle, holder, address, account, bank   string
	ownPartner                                     string
	bureauTitle, name, access, host, partner, user string
	scopeTitle, scope                              string
	creditTransfers, directDebits, statements      string
	releaseTitle, release, signed, note            string
	endTitle, end                                  string
	place, holderSignature, secondSignature        string
	bankSignature, madeOn, ownForm                 string
}

var agreementLanguages = map[Language]agreementWords{
	English: {
		title: "Agreement on a service bureau", subtitle: "Order of the account holder to the bank, for EBICS",
		accountTitle: "Account", holder: "Account holder", address: "Address", account: "IBAN, currency", bank: "Bank",
		ownPartner:  "EBICS partner ID, if any",
		bureauTitle: "Service bureau", name: "Name", access: "EBICS access", host: "host ID", partner: "partner ID", user: "user ID",
		scopeTitle: "What the service bureau may do",
		scope: "For this account the service bureau may do over EBICS what is marked here. Its user transports orders only (signature class T): " +
			"it authorises nothing, and it needs no keys or passwords of the account holder.",
		creditTransfers: "Submit files of SEPA credit transfers, instant ones included, that debit this account",
		directDebits:    "Submit files of SEPA direct debits that credit this account (the bank's separate agreement on direct debits is needed)",
		statements:      "Collect statements, account reports and status reports of this account",
		releaseTitle:    "How the account holder authorises orders",
		release:         "The bank carries out an order that the service bureau has submitted only when the account holder has authorised it:",
		signed:          "by distributed electronic signatures (EDS) over EBICS, from the account holder's own access",
		note:            "by a signed accompanying note, or in another way agreed with the bank",
		endTitle:        "Beginning and end",
		end: "The agreement begins when the bank has set it up. The account holder may end it at any time by written notice to the bank, as may " +
			"the bank with due notice. Orders that were authorised before stay valid.",
		place: "Place, date", holderSignature: "Signature of the account holder", secondSignature: "Second signature, where needed",
		bankSignature: "The bank agrees: stamp and signature",
		madeOn:        "Form made on", ownForm: "The bank's terms apply. If the bank has a form of its own, this one serves to fill it in.",
	},
	German: {
		title: "Vereinbarung über ein Service-Rechenzentrum", subtitle: "Auftrag des Kontoinhabers an seine Bank, für EBICS",
		accountTitle: "Konto", holder: "Kontoinhaber", address: "Anschrift", account: "IBAN, Währung", bank: "Bank",
		ownPartner:  "EBICS-Kunden-ID, falls vorhanden",
		bureauTitle: "Service-Rechenzentrum", name: "Name", access: "EBICS-Zugang", host: "Host-ID", partner: "Kunden-ID", user: "Teilnehmer-ID",
		scopeTitle: "Was das Service-Rechenzentrum darf",
		scope: "Für dieses Konto darf das Service-Rechenzentrum über EBICS, was hier angekreuzt ist. Sein Teilnehmer übermittelt nur " +
			"(Unterschriftsklasse T): Er autorisiert nichts und benötigt keine Schlüssel oder Passwörter des Kontoinhabers.",
		creditTransfers: "Dateien mit SEPA-Überweisungen, auch Echtzeitüberweisungen, zulasten dieses Kontos einreichen",
		directDebits:    "Dateien mit SEPA-Lastschriften zugunsten dieses Kontos einreichen (setzt die gesonderte Inkassovereinbarung mit der Bank voraus)",
		statements:      "Kontoauszüge, Umsatzinformationen und Statusberichte dieses Kontos abholen",
		releaseTitle:    "Wie der Kontoinhaber Aufträge autorisiert",
		release:         "Die Bank führt einen vom Service-Rechenzentrum eingereichten Auftrag erst aus, wenn der Kontoinhaber ihn autorisiert hat:",
		signed:          "durch verteilte elektronische Unterschrift (VEU) über EBICS, mit eigenem Zugang des Kontoinhabers",
		note:            "durch unterschriebenen Begleitzettel oder auf anderem mit der Bank vereinbartem Weg",
		endTitle:        "Beginn und Ende",
		end: "Die Vereinbarung beginnt, wenn die Bank sie eingerichtet hat. Der Kontoinhaber kann sie jederzeit durch schriftliche Mitteilung an die " +
			"Bank beenden, die Bank mit angemessener Frist. Zuvor autorisierte Aufträge bleiben gültig.",
		place: "Ort, Datum", holderSignature: "Unterschrift des Kontoinhabers", secondSignature: "Zweite Unterschrift, falls nötig",
		bankSignature: "Die Bank stimmt zu: Stempel und Unterschrift",
		madeOn:        "Vordruck erstellt am", ownForm: "Es gelten die Bedingungen der Bank. Hat die Bank ein eigenes Formular, dient dieses zum Ausfüllen.",
	},
	French: {
		title: "Accord sur un centre de services", subtitle: "Ordre du titulaire du compte à sa banque, pour EBICS",
		accountTitle: "Compte", holder: "Titulaire du compte", address: "Adresse", account: "IBAN, devise", bank: "Banque",
		ownPartner:  "Partner ID EBICS, s’il y en a un",
		bureauTitle: "Centre de services", name: "Nom", access: "Accès EBICS", host: "Host ID", partner: "Partner ID", user: "User ID",
		scopeTitle: "Ce que le centre de services peut faire",
		scope: "Pour ce compte, le centre de services peut faire par EBICS ce qui est coché ici. Son utilisateur ne fait que transporter les ordres " +
			"(classe de signature T)\u00a0: il n’autorise rien et n’a besoin d’aucune clé ni d’aucun mot de passe du titulaire.",
		creditTransfers: "Remettre des fichiers de virements SEPA, y compris instantanés, au débit de ce compte",
		directDebits:    "Remettre des fichiers de prélèvements SEPA au crédit de ce compte (la convention de prélèvement avec la banque est nécessaire)",
		statements:      "Relever les extraits, les informations de compte et les rapports de statut de ce compte",
		releaseTitle:    "Comment le titulaire autorise les ordres",
		release:         "La banque n’exécute un ordre remis par le centre de services que si le titulaire du compte l’a autorisé\u00a0:",
		signed:          "par signatures électroniques distribuées (EDS) sur EBICS, avec l’accès propre du titulaire",
		note:            "par un bordereau d’accompagnement signé, ou d’une autre manière convenue avec la banque",
		endTitle:        "Début et fin",
		end: "L’accord prend effet quand la banque l’a mis en place. Le titulaire peut y mettre fin à tout moment par écrit adressé à la banque, et la " +
			"banque avec un préavis raisonnable. Les ordres autorisés auparavant restent valables.",
		place: "Lieu, date", holderSignature: "Signature du titulaire du compte", secondSignature: "Deuxième signature, si nécessaire",
		bankSignature: "Accord de la banque\u00a0: cachet et signature",
		madeOn:        "Formulaire établi le", ownForm: "Les conditions de la banque s’appliquent. Si la banque a son propre formulaire, celui-ci sert à le remplir.",
	},
	Swedish: {
		title: "Avtal om servicebyrå", subtitle: "Kontohavarens uppdrag till sin bank, för EBICS",
		accountTitle: "Konto", holder: "Kontohavare", address: "Adress", account: "IBAN, valuta", bank: "Bank",
		ownPartner:  "Kund-ID i EBICS, om det finns",
		bureauTitle: "Servicebyrå", name: "Namn", access: "EBICS-åtkomst", host: "värd-ID", partner: "kund-ID", user: "användar-ID",
		scopeTitle: "Vad servicebyrån får göra",
		scope: "För detta konto får servicebyrån göra det som är ikryssat här via EBICS. Dess användare förmedlar endast uppdrag (signaturklass T): den " +
			"godkänner ingenting och behöver varken nycklar eller lösenord från kontohavaren.",
		creditTransfers: "Lämna in filer med SEPA-betalningar, även direktbetalningar, som belastar kontot",
		directDebits:    "Lämna in filer med SEPA-direktdebiteringar som krediterar kontot (bankens särskilda avtal om direktdebitering krävs)",
		statements:      "Hämta kontoutdrag, kontoinformation och statusrapporter för kontot",
		releaseTitle:    "Hur kontohavaren godkänner uppdrag",
		release:         "Banken utför ett uppdrag som servicebyrån har lämnat in först när kontohavaren har godkänt det:",
		signed:          "med distribuerade elektroniska signaturer (EDS) via EBICS, från kontohavarens egen åtkomst",
		note:            "med en undertecknad följesedel eller på annat sätt som avtalats med banken",
		endTitle:        "Början och slut",
		end: "Avtalet börjar gälla när banken har lagt upp det. Kontohavaren kan när som helst säga upp det skriftligen hos banken, och banken med skälig " +
			"uppsägningstid. Uppdrag som godkänts dessförinnan förblir giltiga.",
		place: "Ort, datum", holderSignature: "Kontohavarens underskrift", secondSignature: "Andra underskrift, vid behov",
		bankSignature: "Banken godkänner: stämpel och underskrift",
		madeOn:        "Blankett upprättad", ownForm: "Bankens villkor gäller. Har banken en egen blankett används denna som underlag.",
	},
}
