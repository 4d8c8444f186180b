// Package directory knows which banks exist: which BIC belongs to a bank code, and by
// which SEPA schemes a BIC is reachable. A Table is built from files that an operator
// downloads from those who publish them (Deutsche Bundesbank, SIX, Oesterreichische
// Nationalbank), because the lists change monthly and may not be passed on by everybody:
// none is part of this package, and an empty Table answers that it does not know.
//
// A Table never changes; any number of goroutines may ask it.
package directory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kontor/account"
	"kontor/calendar"
)

// Reach is a set of SEPA schemes by which a bank is reachable.
type Reach uint8

// The schemes.
const (
	CreditTransfer        Reach = 1 << iota // SCT
	DirectDebitCore                         // SDD Core
	DirectDebitB2B                          // SDD B2B
	InstantCreditTransfer                   // SCT Inst
)

// Schemes lists them.
func Schemes() []Reach {
	return []Reach{CreditTransfer, InstantCreditTransfer, DirectDebitCore, DirectDebitB2B}
}

// String returns the short name of one scheme, "" of a set.
func (r Reach) String() string {
	switch r {
	case CreditTransfer:
		return "SCT"
	case InstantCreditTransfer:
		return "SCT Inst"
	case DirectDebitCore:
		return "SDD Core"
	case DirectDebitB2B:
		return "SDD B2B"
	}
	return ""
}

// Has reports whether all of the schemes are in the set.
func (r Reach) Has(schemes Reach) bool { return r&schemes == schemes }

// Bank says which BIC belongs to a bank code. BIC is empty where the publisher lists none.
// From is the first day, Until the first day after the last; a zero date is open.
type Bank struct {
	Country     string // ISO 3166-1 alpha-2; CH also for Liechtenstein, which shares the numbers
	Code        string // as in the IBAN, with leading zeros
	BIC         account.BIC
	From, Until calendar.Date
}

// Participant says by which schemes a BIC of 11 characters is reachable, from the day From
// to the day before Until; a zero date is open.
type Participant struct {
	BIC         account.BIC
	Reach       Reach
	From, Until calendar.Date
}

// Source is the content of one publisher's file. Skipped says which rows could not be
// used, at most maxSkipped of them.
type Source struct {
	Name         string        // "bundesbank", "scl", "six", "oenb", or an operator's own: a-z, 0-9 and hyphens
	Date         calendar.Date // from which day the file is valid
	Banks        []Bank
	Participants []Participant
	Skipped      []*RowError
}

// Table answers questions about banks. The zero value is an empty table.
type Table struct {
	version      string
	date         calendar.Date
	sources      []Source
	banks        []Bank // sorted by key, head offices before others
	byCode       slots
	participants []participation // sorted by key
	byBIC        slots
	covered      [26 * 26]bool // countries of which bank codes are known
}

// participation is a row of a source, and of which schemes that source tells anything: one
// without a column for instant payments does not say that nobody takes them.
type participation struct {
	Participant
	told Reach
}

// Limits of a table: ten times what all publishers together list.
const (
	maxBanks        = 500_000
	maxParticipants = 500_000
	maxSources      = 50
)

// ErrTable says that rows cannot make a table.
var ErrTable = errors.New("no bank directory")

// New builds a table. Version is the operator's name for it: 1 to 40 letters, digits,
// dots, hyphens and underscores. Of two sources with one name the later counts. The error
// is ErrTable, with the source and the row in its text.
func New(version string, date calendar.Date, sources ...Source) (*Table, error) {
	return (&Table{}).With(version, date, sources...)
}

// With returns a table with further sources; a source takes the place of the one that
// had its name. The receiver is unchanged.
func (t *Table) With(version string, date calendar.Date, sources ...Source) (*Table, error) {
	if !plain(version, "._-", 40) || date.IsZero() {
		return nil, fmt.Errorf("%w: it needs a version of letters, digits, dots and hyphens, and a date", ErrTable)
	}
	n := &Table{version: version, date: date, sources: slices.Clone(t.sources)}
	for _, s := range sources {
		if !plain(s.Name, "-", 40) || s.Name != strings.ToLower(s.Name) {
			return nil, fmt.Errorf("%w: the name of source %q", ErrTable, s.Name)
		}
		n.sources = slices.DeleteFunc(n.sources, func(old Source) bool { return old.Name == s.Name })
		n.sources = append(n.sources, s)
	}
	if len(n.sources) > maxSources {
		return nil, fmt.Errorf("%w: more than %d sources", ErrTable, maxSources)
	}
	if err := n.index(); err != nil {
		return nil, err
	}
	return n, nil
}

// index sorts the rows of all sources and checks each of them.
func (t *Table) index() error {
	for _, s := range t.sources {
		t.banks = append(t.banks, s.Banks...)
		told := Reach(0)
		for _, p := range s.Participants {
			told |= p.Reach
		}
		for _, p := range s.Participants {
			t.participants = append(t.participants, participation{p, told})
		}
	}
	if len(t.banks) > maxBanks || len(t.participants) > maxParticipants {
		return fmt.Errorf("%w: %d bank codes and %d BICs are more than %d", ErrTable, len(t.banks), len(t.participants), maxBanks)
	}
	for _, b := range t.banks {
		if _, ok := bankKey(b.Country, b.Code); !ok || b.BIC != "" && account.CheckBIC([]byte(b.BIC)) != nil {
			return fmt.Errorf("%w: bank code %q of %q with BIC %q", ErrTable, b.Code, b.Country, b.BIC)
		}
	}
	for _, p := range t.participants {
		if account.CheckBIC([]byte(p.BIC)) != nil {
			return fmt.Errorf("%w: participant %q", ErrTable, p.BIC)
		}
	}
	slices.SortStableFunc(t.banks, func(a, b Bank) int {
		x, _ := bankKey(a.Country, a.Code)
		y, _ := bankKey(b.Country, b.Code)
		return cmp.Compare(x, y)
	})
	slices.SortStableFunc(t.participants, func(a, b participation) int { return cmp.Compare(bicKey(a.BIC), bicKey(b.BIC)) })
	keys := make([]uint64, len(t.banks))
	for i, b := range t.banks {
		keys[i], _ = bankKey(b.Country, b.Code)
		t.covered[countryAt(b.Country)] = true
	}
	t.byCode = newSlots(keys)
	keys = make([]uint64, len(t.participants))
	for i, p := range t.participants {
		keys[i] = bicKey(p.BIC)
	}
	t.byBIC = newSlots(keys)
	return nil
}

// Version returns the operator's name for the table, "" for an empty one.
func (t *Table) Version() string { return t.version }

// Date returns the day that the operator gave the table.
func (t *Table) Date() calendar.Date { return t.date }

// Size returns how many bank codes and how many reachable BICs the table lists.
func (t *Table) Size() (banks, participants int) { return len(t.banks), len(t.participants) }

// Sources returns what the table was built from, in order. The rows must not be changed.
func (t *Table) Sources() []Source { return slices.Clone(t.sources) }

// chars is what a number may come in, as in package account.
type chars interface{ ~string | ~[]byte }

// plain reports whether a text has 1 to most letters of ASCII, digits and characters of extra.
func plain(text, extra string, most int) bool {
	for i := range len(text) {
		ch := text[i] | 0x20
		if (ch < 'a' || ch > 'z') && text[i]-'0' > 9 && strings.IndexByte(extra, text[i]) < 0 {
			return false
		}
	}
	return len(text) > 0 && len(text) <= most
}

// maxCode is how many characters of a bank code fit into a key.
const maxCode = 10

// bankKey packs country and bank code into a number that sorts by country first. It is
// false for anything that is not two letters and 1 to 10 upper-case letters and digits.
func bankKey[A, B chars](country A, code B) (uint64, bool) {
	at := countryAt(country)
	if at < 0 || len(code) == 0 || len(code) > maxCode {
		return 0, false
	}
	key := uint64(at)
	for i := range maxCode {
		key *= 37
		if i < len(code) {
			d := rank(code[i])
			if d == 0 {
				return 0, false
			}
			key += d
		}
	}
	return key, true
}

// countryAt numbers the pairs of upper-case letters; Liechtenstein counts as Switzerland.
func countryAt[T chars](country T) int {
	if len(country) != 2 {
		return -1
	}
	first, second := country[0], country[1]
	if first == 'L' && second == 'I' {
		first, second = 'C', 'H'
	}
	first, second = first-'A', second-'A'
	if first >= 26 || second >= 26 {
		return -1
	}
	return int(first)*26 + int(second)
}

// rank is 1 to 10 for digits, 11 to 36 for upper-case letters, 0 for others.
func rank(ch byte) uint64 {
	switch {
	case ch >= '0' && ch <= '9':
		return uint64(ch-'0') + 1
	case ch >= 'A' && ch <= 'Z':
		return uint64(ch-'A') + 11
	}
	return 0
}

// bicKey packs a BIC; one of 8 characters is the head office, XXX. It is 0 for other
// lengths.
func bicKey[T chars](bic T) uint64 {
	if len(bic) != 8 && len(bic) != 11 {
		return 0
	}
	key := uint64(0)
	for i := range 11 {
		ch := byte('X')
		if i < len(bic) {
			ch = bic[i]
		}
		key = key*37 + rank(ch)
	}
	return key
}
