package account

import (
	"errors"
	"slices"
	"strings"
)

// BIC is a Business Identifier Code of 8 or 11 characters, checked in form and country:
// whether it exists is for a directory to say.
type BIC string

// ErrBIC says that a text has not the form of a BIC.
var ErrBIC = errors.New("not of the form of a BIC: 4 characters, 2 letters for the country, 2 characters, and optionally 3 for the branch")

// ErrClassicBIC is ErrBIC for the narrower form of messages before 2014.
var ErrClassicBIC = errors.New("not of the form of a BIC: 6 letters, of A-Z and 2-9, then one of A-N, P-Z and 0-9, and optionally 3 for the branch")

// ErrBICCountry says that a text has the form of a BIC but no country in it.
var ErrBICCountry = errors.New("no BIC: characters 5 and 6 are not the code of a country")

// ErrNotProvided says that NOTPROVIDED stands where a BIC is expected. It has the form of
// one, of a bank in Romania; in SEPA files it belongs into FinInstnId/Othr/Id.
var ErrNotProvided = errors.New("NOTPROVIDED is no BIC: leave the BIC out and put it into Othr/Id")

// notProvided is what SEPA files say instead of a BIC.
const notProvided = "NOTPROVIDED"

// ParseBIC accepts ISO 9362:2014 as messages use it since pain.001.001.08
// (BICFIDec2014Identifier): [A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?, with a country
// that exists. The error is ErrBIC, ErrBICCountry or ErrNotProvided.
func ParseBIC(text string) (BIC, error) {
	if err := checkBIC(text); err != nil {
		return "", err
	}
	return BIC(strings.Clone(text)), nil
}

// CheckBIC is ParseBIC for callers that keep the text themselves; it does not allocate.
func CheckBIC(text []byte) error { return checkBIC(text) }

func checkBIC[T chars](text T) error {
	if !bicForm(text) || class(text[4]) != 'a' || class(text[5]) != 'a' {
		return ErrBIC
	}
	return bicMeaning(text)
}

// ParseClassicBIC accepts the form of older messages such as pain.001.001.03
// (BICIdentifier): [A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?, with a country that exists.
// The error is ErrClassicBIC, ErrBICCountry or ErrNotProvided.
func ParseClassicBIC(text string) (BIC, error) {
	if err := checkClassicBIC(text); err != nil {
		return "", err
	}
	return BIC(strings.Clone(text)), nil
}

// CheckClassicBIC is ParseClassicBIC for callers that keep the text themselves; it does
// not allocate.
func CheckClassicBIC(text []byte) error { return checkClassicBIC(text) }

func checkClassicBIC[T chars](text T) error {
	if !bicForm(text) || text[6] == '0' || text[6] == '1' || text[7] == 'O' {
		return ErrClassicBIC
	}
	for i := range 6 {
		if class(text[i]) != 'a' {
			return ErrClassicBIC
		}
	}
	return bicMeaning(text)
}

// Country returns the ISO 3166 code inside the BIC.
func (b BIC) Country() string {
	if len(b) < 6 {
		return ""
	}
	return string(b[4:6])
}

// Institution returns the first 8 characters, which name the institution without its
// branch.
func (b BIC) Institution() string { return string(b[:min(8, len(b))]) }

// bicForm reports whether the length is 8 or 11 and all characters are A-Z or 0-9.
func bicForm[T chars](text T) bool {
	if len(text) != 8 && len(text) != 11 {
		return false
	}
	for i := range len(text) {
		if value[text[i]] == none {
			return false
		}
	}
	return true
}

// bicMeaning looks at what a text of the right form says.
func bicMeaning[T chars](text T) error {
	if !isoCountry[place(text[4], text[5])] {
		return ErrBICCountry
	}
	if text[0] == 'N' && string(text) == notProvided {
		return ErrNotProvided
	}
	return nil
}

// SameCountry reports whether an account and a bank can belong together by their country
// codes. Some countries hold accounts under the prefix, or at banks, of another:
//
//   - GB accounts at banks of Guernsey, Jersey and the Isle of Man
//   - FR accounts at banks of Monaco and of the French territories, and the reverse
//   - FI accounts at banks of Åland
//   - SM and VA accounts at IT banks
//
// Both texts are of the right form; of others the answer is false.
func SameCountry[A, B chars](iban A, bic B) bool {
	if len(iban) < 2 || len(bic) < 6 {
		return false
	}
	of, at := place(iban[0], iban[1]), place(bic[4], bic[5])
	if of < 0 || at < 0 {
		return false
	}
	if of == at {
		return true
	}
	return slices.Contains(affiliated, pair(of, at))
}

// affiliated holds the pairs of different countries that belong together: account before
// bank.
var affiliated = func() (pairs []uint32) {
	add := func(account, banks string) {
		for _, bank := range strings.Fields(banks) {
			pairs = append(pairs, pair(place(account[0], account[1]), place(bank[0], bank[1])))
		}
	}
	add("GB", "GG IM JE")
	add("FI", "AX")
	add("FR", "BL GF GP MC MF MQ NC PF PM RE TF WF YT")
	for _, territory := range strings.Fields("BL GF GP MC MF MQ NC PF PM RE TF WF YT") {
		add(territory, "FR")
	}
	add("SM", "IT")
	add("VA", "IT")
	return pairs
}()

func pair(account, bank int) uint32 { return uint32(account)<<16 | uint32(bank) }
