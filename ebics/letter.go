package ebics

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// LetterData is what an initialisation letter tells the bank.
type LetterData struct {
	Language   string // en, de or sv
	Bank       string // name of the bank, free text
	Host       HostID
	Subscriber Subscriber
	Name       string    // of the person who signs; optional
	At         time.Time // printed in its own zone
	// Keys in the letter: the signature key (INI), the authentication and
	// encryption key (HIA), or all three in one letter.
	Keys []PublicKey
}

// letterWords are the fixed words of a letter in one language.
type letterWords struct {
	title, bank, host, partner, user, name, at       string
	signature, authentication, encryption            string
	version, exponent, modulus, digest, bits         string
	confirmation, place, signatureLine, pageSentence string
}

var letterLanguages = map[string]letterWords{
	"en": {
		title: "EBICS initialisation letter", bank: "Bank", host: "Host ID", partner: "Partner ID", user: "User ID", name: "Name", at: "Date and time",
		signature: "Public key for the electronic signature", authentication: "Public key for authentication", encryption: "Public key for encryption",
		version: "Version", exponent: "Exponent", modulus: "Modulus", digest: "Hash (SHA-256)", bits: "bits",
		confirmation: "I confirm these public keys for my electronic banking.", place: "Place, date", signatureLine: "Signature",
		pageSentence: "Please compare the hashes with those that you received electronically, and then activate the subscriber.",
	},
	"de": {
		title: "EBICS-Initialisierungsbrief", bank: "Bank", host: "Host-ID", partner: "Kunden-ID", user: "Teilnehmer-ID", name: "Name", at: "Datum und Uhrzeit",
		signature: "Öffentlicher Schlüssel für die elektronische Unterschrift", authentication: "Öffentlicher Authentifikationsschlüssel", encryption: "Öffentlicher Verschlüsselungsschlüssel",
		version: "Version", exponent: "Exponent", modulus: "Modulus", digest: "Hashwert (SHA-256)", bits: "Bit",
		confirmation: "Ich bestätige die obigen öffentlichen Schlüssel für meinen EBICS-Zugang.", place: "Ort, Datum", signatureLine: "Unterschrift",
		pageSentence: "Bitte vergleichen Sie die Hashwerte mit den elektronisch empfangenen und schalten Sie den Teilnehmer danach frei.",
	},
	"sv": {
		title: "EBICS-initieringsbrev", bank: "Bank", host: "Värd-ID", partner: "Kund-ID", user: "Användar-ID", name: "Namn", at: "Datum och tid",
		signature: "Publik nyckel för elektronisk signatur", authentication: "Publik nyckel för autentisering", encryption: "Publik nyckel för kryptering",
		version: "Version", exponent: "Exponent", modulus: "Modulus", digest: "Hashvärde (SHA-256)", bits: "bitar",
		confirmation: "Jag bekräftar de publika nycklarna ovan för min EBICS-åtkomst.", place: "Ort, datum", signatureLine: "Underskrift",
		pageSentence: "Jämför hashvärdena med dem som ni har tagit emot elektroniskt och aktivera därefter användaren.",
	},
}

// Letter writes the INI or HIA letter as UTF-8 text: who it is for, and for
// every key its version, exponent, modulus (16 bytes a line) and SHA-256 hash
// (two rows of 16 bytes), in upper-case hexadecimal. It refuses an unknown
// language and unusable keys.
func Letter(w io.Writer, d LetterData) error {
	words, ok := letterLanguages[d.Language]
	if !ok {
		return fmt.Errorf("letter in language %q: want en, de or sv", clip(d.Language))
	}
	if len(d.Keys) == 0 {
		return errors.New("letter without keys")
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s\n\n", words.title)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&text, "%-20s %s\n", name, oneLine(value))
		}
	}
	row(words.bank, d.Bank)
	row(words.host, string(d.Host))
	row(words.partner, string(d.Subscriber.Partner))
	row(words.user, string(d.Subscriber.User))
	row(words.name, d.Name)
	row(words.at, d.At.Format("2006-01-02 15:04:05 -07:00"))
	for _, key := range d.Keys {
		if err := key.Check(); err != nil {
			return fmt.Errorf("letter: %w", err)
		}
		heading, err := words.heading(key.Version)
		if err != nil {
			return err
		}
		digest := key.Digest()
		fmt.Fprintf(&text, "\n%s\n\n%s %s\n", heading, words.version, key.Version)
		fmt.Fprintf(&text, "\n%s\n%s", words.exponent, hexRows(bigEndian(key.Key.E)))
		fmt.Fprintf(&text, "\n%s (%d %s)\n%s", words.modulus, key.Key.N.BitLen(), words.bits, hexRows(key.Key.N.Bytes()))
		fmt.Fprintf(&text, "\n%s\n%s", words.digest, hexRows(digest[:]))
	}
	fmt.Fprintf(&text, "\n%s\n\n\n%s: ____________________   %s: ____________________\n\n%s\n",
		words.confirmation, words.place, words.signatureLine, words.pageSentence)
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	return nil
}

// heading names the purpose of a key version.
func (w letterWords) heading(version string) (string, error) {
	switch version {
	case A005, A006:
		return w.signature, nil
	case X002:
		return w.authentication, nil
	case E002:
		return w.encryption, nil
	}
	return "", fmt.Errorf("letter: key version %q is not known", clip(version))
}

// hexRows prints pairs of upper-case digits, 16 to a row.
func hexRows(data []byte) string {
	var text strings.Builder
	for i, b := range data {
		switch {
		case i == 0:
		case i%16 == 0:
			text.WriteByte('\n')
		default:
			text.WriteByte(' ')
		}
		fmt.Fprintf(&text, "%02X", b)
	}
	text.WriteByte('\n')
	return text.String()
}

// bigEndian gives the bytes of a positive number without leading zeros.
func bigEndian(n int) []byte {
	var out []byte
	for ; n > 0; n >>= 8 {
		out = append([]byte{byte(n)}, out...)
	}
	return out
}

// oneLine keeps free text from starting rows of its own.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
