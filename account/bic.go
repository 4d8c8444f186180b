package account

import (
	"errors"
	"strings"
)

// BIC is a Business Identifier Code of 8 or 11 characters, checked in form only:
// whether it exists is for a directory to say.
type BIC string

// ErrBIC says that a text has not the form of a BIC.
var ErrBIC = errors.New("not of the form of a BIC: 4 characters, 2 letters for the country, 2 characters, and optionally 3 for the branch")

// ErrClassicBIC is ErrBIC for the narrower form of messages before 2014.
var ErrClassicBIC = errors.New("not of the form of a BIC: 6 letters, of A-Z and 2-9, then one of A-N, P-Z and 0-9, and optionally 3 for the branch")

// ParseBIC accepts ISO 9362:2014 as messages use it since pain.001.001.08
// (BICFIDec2014Identifier): [A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?. The error is
// ErrBIC.
func ParseBIC(text string) (BIC, error) {
	if err := CheckBIC([]byte(text)); err != nil {
		return "", err
	}
	return BIC(strings.Clone(text)), nil
}

// CheckBIC is ParseBIC for callers that keep the text themselves; it does not allocate.
func CheckBIC(text []byte) error {
	if !bicForm(text) || class(text[4]) != 'a' || class(text[5]) != 'a' {
		return ErrBIC
	}
	return nil
}

// ParseClassicBIC accepts the form of older messages such as pain.001.001.03
// (BICIdentifier): [A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?. The error is
// ErrClassicBIC.
func ParseClassicBIC(text string) (BIC, error) {
	if err := CheckClassicBIC([]byte(text)); err != nil {
		return "", err
	}
	return BIC(strings.Clone(text)), nil
}

// CheckClassicBIC is ParseClassicBIC for callers that keep the text themselves; it does
// not allocate.
func CheckClassicBIC(text []byte) error {
	if !bicForm(text) || text[6] == '0' || text[6] == '1' || text[7] == 'O' {
		return ErrClassicBIC
	}
	for i := range 6 {
		if class(text[i]) != 'a' {
			return ErrClassicBIC
		}
	}
	return nil
}

// Country returns the ISO 3166 code inside the BIC.
func (b BIC) Country() string {
	if len(b) < 6 {
		return ""
	}
	return string(b[4:6])
}

// bicForm reports whether the length is 8 or 11 and all characters are A-Z or 0-9.
func bicForm(text []byte) bool {
	if len(text) != 8 && len(text) != 11 {
		return false
	}
	for i := range len(text) {
		if class(text[i]) == 0 {
			return false
		}
	}
	return true
}
