package letter

import "fmt"

// letterWords are the fixed words of an initialisation letter in one language. None is empty.
type letterWords struct {
	title                                              string
	bank, host, partner, user, name, at                string
	forSignature, forAuthentication, forEncryption     string
	version, length, bits                              string
	exponent, modulus, keyHash                         string
	certificate, certificateHash                       string
	subject, issuer, serial, valid                     string
	confirmation, place, inCapitals, signature, toBank string
	pageOf                                             string // format: number, of
	date                                               string // layout of package time
}

func (w letterWords) page(number, of int) string { return fmt.Sprintf(w.pageOf, number, of) }

var letterLanguages = map[Language]letterWords{
	English: {
		title: "EBICS initialisation letter",
		bank:  "Bank", host: "Host ID", partner: "Partner ID", user: "User ID", name: "Name", at: "Date and time",
		forSignature: "Public key for the electronic signature", forAuthentication: "Public key for authentication", forEncryption: "Public key for encryption",
		version: "Version", length: "Key length", bits: "bits",
		exponent: "Exponent", modulus: "Modulus", keyHash: "Hash of the public key (SHA-256)",
		certificate: "Certificate", certificateHash: "Hash of the certificate (SHA-256)",
		subject: "Subject", issuer: "Issuer", serial: "Serial number", valid: "Valid",
		confirmation: "I confirm that the key data above belong to my EBICS access.",
		place:        "Place, date", inCapitals: "Name in capitals", signature: "Signature",
		toBank: "For the bank: please compare the hash with that of the key received electronically before you activate the user.",
		pageOf: "Page %d of %d", date: "2 January 2006",
	},
	German: {
		title: "EBICS-Initialisierungsbrief",
		bank:  "Bank", host: "Host-ID", partner: "Kunden-ID", user: "Teilnehmer-ID", name: "Name", at: "Datum und Uhrzeit",
		forSignature:      "Öffentlicher Schlüssel für die elektronische Unterschrift",
		forAuthentication: "Öffentlicher Authentifikationsschlüssel", forEncryption: "Öffentlicher Verschlüsselungsschlüssel",
		version: "Version", length: "Schlüssellänge", bits: "Bit",
		exponent: "Exponent", modulus: "Modulus", keyHash: "Hashwert des öffentlichen Schlüssels (SHA-256)",
		certificate: "Zertifikat", certificateHash: "Hashwert des Zertifikats (SHA-256)",
		subject: "Inhaber", issuer: "Aussteller", serial: "Seriennummer", valid: "Gültig",
		confirmation: "Ich bestätige, dass die obigen Schlüsseldaten zu meinem EBICS-Zugang gehören.",
		place:        "Ort, Datum", inCapitals: "Name in Druckbuchstaben", signature: "Unterschrift",
		toBank: "Für die Bank: Bitte vergleichen Sie den Hashwert mit dem des elektronisch empfangenen Schlüssels, bevor Sie den Teilnehmer freischalten.",
		pageOf: "Seite %d von %d", date: "02.01.2006",
	},
	French: {
		title: "Lettre d’initialisation EBICS",
		bank:  "Banque", host: "Identifiant de l’hôte (Host ID)", partner: "Identifiant client (Partner ID)", user: "Identifiant utilisateur (User ID)",
		name: "Nom", at: "Date et heure",
		forSignature: "Clé publique de signature électronique", forAuthentication: "Clé publique d’authentification", forEncryption: "Clé publique de chiffrement",
		version: "Version", length: "Longueur de la clé", bits: "bits",
		exponent: "Exposant", modulus: "Module", keyHash: "Empreinte de la clé publique (SHA-256)",
		certificate: "Certificat", certificateHash: "Empreinte du certificat (SHA-256)",
		subject: "Titulaire", issuer: "Émetteur", serial: "Numéro de série", valid: "Validité",
		confirmation: "Je confirme que les données de clé ci-dessus sont celles de mon accès EBICS.",
		place:        "Lieu, date", inCapitals: "Nom en capitales", signature: "Signature",
		toBank: "Pour la banque\u00a0: veuillez comparer l’empreinte avec celle de la clé reçue par voie électronique avant d’activer l’utilisateur.",
		pageOf: "Page %d sur %d", date: "02/01/2006",
	},
	Swedish: {
		title: "EBICS-initieringsbrev",
		bank:  "Bank", host: "Värd-ID", partner: "Kund-ID", user: "Användar-ID", name: "Namn", at: "Datum och tid",
		forSignature: "Publik nyckel för elektronisk signatur", forAuthentication: "Publik nyckel för autentisering", forEncryption: "Publik nyckel för kryptering",
		version: "Version", length: "Nyckellängd", bits: "bitar",
		exponent: "Exponent", modulus: "Modulus", keyHash: "Hashvärde för den publika nyckeln (SHA-256)",
		certificate: "Certifikat", certificateHash: "Hashvärde för certifikatet (SHA-256)",
		subject: "Innehavare", issuer: "Utfärdare", serial: "Serienummer", valid: "Giltigt",
		confirmation: "Jag bekräftar att nyckeluppgifterna ovan hör till min EBICS-åtkomst.",
		place:        "Ort, datum", inCapitals: "Namnförtydligande", signature: "Underskrift",
		toBank: "Till banken: jämför hashvärdet med det för nyckeln som ni har tagit emot elektroniskt innan ni aktiverar användaren.",
		pageOf: "Sida %d av %d", date: "2006-01-02",
	},
}
