package letter_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kontor/account"
	"kontor/ebics"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/letter"
)

func run(t *testing.T, pages []byte, name string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pages.pdf")
	must(t, os.WriteFile(file, pages, 0o600))
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "FILE", file)
	}
	source := "poppler-utils"
	if name == "qpdf" {
		source = name
	}
	out, err := exec.CommandContext(t.Context(), witness.Tool(t, name, source), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

var blanks = regexp.MustCompile(`[ \x{a0}]+`)

// read returns the text of each page, blanks as one blank.
func read(t *testing.T, pages []byte) []string {
	t.Helper()
	text := blanks.ReplaceAllString(run(t, pages, "pdftotext", "-layout", "-enc", "UTF-8", "FILE", "-"), " ")
	text = strings.ReplaceAll(text, "\n ", "\n")
	return strings.Split(strings.TrimSuffix(text, "\f"), "\f")
}

// Each page must serve alone: some banks want one document per key.
func TestPDFHasAPagePerKeyThatIsCompleteInItself(t *testing.T) {
	keys := initialisation(letter.German).Keys
	for _, l := range letter.Languages() {
		pages := read(t, pdf(t, initialisation(l)))
		if len(pages) != len(keys) {
			t.Fatalf("%s: %d pages", l, len(pages))
		}
		for n, page := range pages {
			digest := keys[n].Digest()
			order := map[bool]string{true: " INI\n", false: " HIA\n"}[n == 0]
			want := []string{
				order, keys[n].Version, "Übungsbank AG", " HOST1\n", " K0012345\n", " U0001\n", " Petra Probe\n", "08:00:00 UTC+00:00",
				fmt.Sprintf("%d", n+1), strings.Join(rows(digest[:]), "\n"),
			}
			for _, part := range append(want, rows(keys[n].Key.N.Bytes())...) {
				if !strings.Contains(page, part) {
					t.Errorf("%s, page %d: no %q in\n%s", l, n+1, part, page)
				}
			}
			for m, other := range keys {
				if d := other.Digest(); m != n && strings.Contains(page, rows(d[:])[0]) {
					t.Errorf("%s, page %d: has the hash of %s", l, n+1, other.Version)
				}
			}
		}
	}
}

func TestPDFOfACertificateIsOnePageWithItAndBothHashes(t *testing.T) {
	key := certified()
	fingerprint, digest := sha256.Sum256(key.Certificate.Raw), key.Digest()
	pages := read(t, pdf(t, initialisation(letter.French, key)))
	if len(pages) != 1 {
		t.Fatalf("%d pages", len(pages))
	}
	var whole []string
	for line := range strings.Lines(text(t, initialisation(letter.French, key))) {
		if len(line) > 60 && !strings.Contains(line, " ") {
			whole = append(whole, strings.TrimSpace(line)) // of the certificate
		}
	}
	if len(whole) < 10 {
		t.Fatalf("only %d rows of a certificate", len(whole))
	}
	for _, part := range slices.Concat(whole, rows(fingerprint[:]), rows(digest[:]), []string{"Titulaire CN=Petra Probe,O=Probe GmbH"}) {
		if !strings.Contains(pages[0], part) {
			t.Errorf("no %q in\n%s", part, pages[0])
		}
	}
}

// fixedKey is no key anybody could use, but the same one always.
func fixedKey(version string, bytes int) ebics.PublicKey {
	var modulus []byte
	for i := byte(0); len(modulus) < bytes; i++ {
		part := sha256.Sum256([]byte{i})
		modulus = append(modulus, part[:]...)
	}
	modulus = modulus[:bytes]
	modulus[0] |= 0x80
	modulus[len(modulus)-1] |= 1
	return ebics.PublicKey{Version: version, Key: &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}}
}

func TestTheLargestKeyFitsOnAPage(t *testing.T) {
	key := fixedKey(ebics.A005, ebics.MaxKeyBits/8)
	pages := read(t, pdf(t, initialisation(letter.German, key)))
	if len(pages) != 1 || !strings.Contains(pages[0], "4096 Bit") || !strings.Contains(pages[0], "Unterschrift\n") {
		t.Errorf("%d pages:\n%s", len(pages), pages)
	}
}

func form(l letter.Language) letter.Agreement {
	return letter.Agreement{
		Language: l, Bank: "Übungsbank AG", Host: "HOST1", Bureau: "Kontor Betrieb GmbH", Transport: ebics.Subscriber{Partner: "K0012345", User: "U0001"},
		Holder: "Probe & Söhne GmbH", IBAN: account.IBAN("DE28999000010007654321"), Currency: "EUR",
		CreditTransfers: true, Statements: true, Release: letter.ReleaseSigned, At: moment,
	}
}

func agreement(t *testing.T, a letter.Agreement) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, a.PDF(&b))
	return b.Bytes()
}

func TestAgreementIsFilledInOnOnePage(t *testing.T) {
	for l, words := range map[letter.Language][]string{
		letter.German:  {"Vereinbarung über ein Service-Rechenzentrum", "Kontoinhaber Probe & Söhne GmbH", "Unterschriftsklasse T", "Seite 1 von 1", "25.11.2026"},
		letter.English: {"Agreement on a service bureau", "Account holder Probe & Söhne GmbH", "signature class T", "Page 1 of 1", "25 November 2026"},
		letter.French:  {"Accord sur un centre de services", "Titulaire du compte Probe & Söhne GmbH", "classe de signature T", "Page 1 sur 1", "25/11/2026"},
		letter.Swedish: {"Avtal om servicebyrå", "Kontohavare Probe & Söhne GmbH", "signaturklass T", "Sida 1 av 1", "2026-11-25"},
	} {
		pages := read(t, agreement(t, form(l)))
		if len(pages) != 1 {
			t.Fatalf("%s: %d pages", l, len(pages))
		}
		for _, part := range append(words, "DE28 9990 0001 0007 6543 21, EUR", "Übungsbank AG", "Kontor Betrieb GmbH", "HOST1", "K0012345", "U0001") {
			if !strings.Contains(pages[0], part) {
				t.Errorf("%s: no %q in\n%s", l, part, pages[0])
			}
		}
	}
}

// Other programs must find nothing wrong with the file.
func TestOtherProgramsAcceptTheFiles(t *testing.T) {
	for name, pages := range map[string][]byte{
		"letter": pdf(t, initialisation(letter.Swedish)), "certificate": pdf(t, initialisation(letter.English, certified())), "agreement": agreement(t, form(letter.French)),
	} {
		t.Run(name+" by pdfinfo", func(t *testing.T) {
			out := run(t, pages, "pdfinfo", "FILE")
			for _, want := range []string{"(A4)", "2026", "Producer:        Kontor"} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
		t.Run(name+" by qpdf", func(t *testing.T) {
			if out := run(t, pages, "qpdf", "--check", "FILE"); strings.Contains(out, "WARNING") {
				t.Error(out)
			}
		})
		t.Run(name+" has its fonts inside", func(t *testing.T) {
			list := strings.Split(strings.TrimSpace(run(t, pages, "pdffonts", "FILE")), "\n")[2:]
			if len(list) < 2 {
				t.Errorf("fonts: %q", list)
			}
			for _, font := range list {
				if !strings.Contains(font, "yes ") {
					t.Errorf("not embedded: %s", font)
				}
			}
		})
	}
}

// The digests change when the layout, a word, a font, the library or the compression of the Go release changes: look at the pages then,
// and note the new ones.
func TestTheSameDataGiveTheSameBytes(t *testing.T) {
	i := initialisation(letter.German, fixedKey(ebics.A006, 256), fixedKey(ebics.X002, 256), fixedKey(ebics.E002, 256))
	for name, row := range map[string]struct {
		first, second []byte
		digest        string
	}{
		"letter":    {pdf(t, i), pdf(t, i), "4e9415a427c7e3774983865a5489c8e642f5c04ca00dd4f24ce3864c464c9ce6"},
		"agreement": {agreement(t, form(letter.English)), agreement(t, form(letter.English)), "08bce30836205dcbcbaa91b7a78a991624ff9b7a1eec7dc5dfc679cfdab87c4b"},
	} {
		if !bytes.Equal(row.first, row.second) {
			t.Errorf("%s: two of the same data differ", name)
		}
		sum := sha256.Sum256(row.first)
		if got := hex.EncodeToString(sum[:]); got != row.digest {
			t.Errorf("%s: digest %s, want %s", name, got, row.digest)
		}
	}
	before := pdf(t, i)
	i.At = moment.AddDate(0, 0, 1)
	if bytes.Equal(before, pdf(t, i)) {
		t.Error("another date gives the same bytes")
	}
}
