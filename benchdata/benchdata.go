// Package benchdata writes large payment files and statements of invented contents, the
// same bytes for the same number, in memory that does not grow with it: what benchmarks
// of readers read, and what a person tries a million payments with.
//
// Everything in them is made up; accounts have right check digits and numbers that
// banks do not give out to anyone who is known here.
package benchdata

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"kontor/account"
)

// writer counts nothing and decides nothing: it appends to a buffer and remembers the
// first error.
type writer struct {
	*bufio.Writer
}

func newWriter(w io.Writer) *writer { return &writer{Writer: bufio.NewWriterSize(w, 1<<16)} }

func (w *writer) text(parts ...string) {
	for _, p := range parts {
		_, _ = w.WriteString(p) // bufio keeps the error for Flush
	}
}

// flush returns the first error of writing.
func (w *writer) flush() error {
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing benchmark data: %w", err)
	}
	return nil
}

// number is a fixed function of n that looks like chance (splitmix64).
func number(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// pick returns one of the texts.
func pick(n uint64, of []string) string { return of[n%uint64(len(of))] }

// cents is an amount between 0.01 and 9,999.99.
func cents(n int) int64 { return int64(number(uint64(n)*4+1)%999_999) + 1 }

func decimal(cents int64, comma string) string {
	digits := strconv.FormatInt(cents, 10)
	for len(digits) < 3 {
		digits = "0" + digits
	}
	return digits[:len(digits)-2] + comma + digits[len(digits)-2:]
}

// OwnAccount is the IBAN from which all payments of CreditTransfer come, and whose
// statements Statement and MT940 write.
var OwnAccount = german(7_000_000_000)

// german is an IBAN of a bank code that the Bundesbank has not given out.
func german(n uint64) string {
	bban := fmt.Sprintf("99999%03d%010d", n%1000, number(n)%10_000_000_000)
	return "DE" + account.CheckDigits("DE", bban) + bban
}

// dutch is an IBAN of a bank that does not exist.
func dutch(n uint64) string {
	bban := fmt.Sprintf("KNTR%010d", number(n)%10_000_000_000)
	return "NL" + account.CheckDigits("NL", bban) + bban
}

var (
	forms = []string{"GmbH", "AG", "KG", "e.K.", "SE", "OHG", "eG", "mbH"}
	names = []string{
		"Nordlicht Handels", "Muster Werkzeugbau", "Beispiel Logistik", "Hafenkontor Umschlag", "Elbtal Feinkost", "Heide Gartenbau",
		"Suedwind Energie", "Altmark Baustoffe", "Kiesel und Sand", "Drei Linden Druck", "Bergmann Modell", "Fernblick Optik", "Seidel Papier",
	}
	towns   = []string{"Hamburg", "Bremen", "Leipzig", "Kassel", "Erfurt", "Mainz", "Ulm", "Kiel"}
	reasons = []string{"Rechnung", "Abschlag", "Gutschrift", "Lieferung", "Wartung", "Miete", "Lizenz", "Fracht"}
)

func name(n uint64) string {
	return pick(n, names) + " " + strconv.FormatUint(n>>8%997+1, 10) + " " + pick(n>>20, forms)
}
