package directory

import (
	"kontor/account"
	"kontor/calendar"
)

// Match says how the BIC beside an IBAN compares with the table.
type Match uint8

// The answers of Compare. Only Differs speaks against a payment, and not as proof: banks
// merge, and lists are late.
const (
	NoData   Match = iota // nothing is known of banks of this country
	Unlisted              // the country's banks are known, this bank code is not among them
	NoBIC                 // the bank code is listed without a BIC
	Same                  // the BIC is of the institution that has the bank code
	Differs               // the bank code belongs to another institution
)

// String names the answer.
func (m Match) String() string {
	switch m {
	case NoData:
		return "no data"
	case Unlisted:
		return "unlisted"
	case NoBIC:
		return "no BIC"
	case Same:
		return "same"
	case Differs:
		return "differs"
	}
	return "unknown"
}

// Compare says whether a BIC belongs to the bank code inside an IBAN on a day. Branches
// do not count: the first 8 characters are compared. Both are of the right form; it does
// not allocate.
func Compare[A, B chars](t *Table, iban A, bic B, on calendar.Date) Match {
	if len(iban) < 2 || len(bic) < 8 {
		return NoData
	}
	if at := countryAt(iban[:2]); at < 0 || !t.covered[at] {
		return NoData
	}
	match := Unlisted
	first, last := t.find(bankKey(iban[:2], account.BankCode(iban)))
	for _, b := range t.banks[first:last] {
		switch {
		case !valid(b.From, b.Until, on):
		case b.BIC == "":
			match = max(match, NoBIC)
		case string(b.BIC[:8]) == string(bic[:8]):
			return Same
		default:
			match = Differs
		}
	}
	return match
}

// BICOf returns the BIC of the bank that holds an account on a day; false if the table
// does not know it. It does not allocate.
func BICOf[T chars](t *Table, iban T, on calendar.Date) (account.BIC, bool) {
	if len(iban) < 2 {
		return "", false
	}
	return Lookup(t, iban[:2], account.BankCode(iban), on)
}

// Lookup returns the BIC of a bank code on a day; false if the table does not list the
// code or lists it without a BIC. Of several it is the first that the source names: the
// head office. It does not allocate.
func Lookup[A, B chars](t *Table, country A, code B, on calendar.Date) (account.BIC, bool) {
	first, last := t.find(bankKey(country, code))
	for _, b := range t.banks[first:last] {
		if b.BIC != "" && valid(b.From, b.Until, on) {
			return b.BIC, true
		}
	}
	return "", false
}

// ReachOf returns by which schemes a BIC is reachable on a day; false if neither it nor
// the head office of its institution is listed, which does not mean that it cannot be
// reached: lists have the participants of one clearing house. It does not allocate.
func ReachOf[T chars](t *Table, bic T, on calendar.Date) (Reach, bool) {
	key := bicKey(bic)
	if key == 0 {
		return 0, false
	}
	if reach, ok := t.reach(key, on); ok || len(bic) == 8 {
		return reach, ok
	}
	return t.reach(bicKey(bic[:8]), on)
}

// Refuses reports whether the table says that a bank is not reachable by a scheme on a
// day: its BIC, or that of the head office, is listed, by a source that has the scheme for
// some bank, and not for this one. Where nothing is listed it is false. It does not
// allocate.
func Refuses[T chars](t *Table, bic T, scheme Reach, on calendar.Date) bool {
	key := bicKey(bic)
	if key == 0 {
		return false
	}
	if takes, told := t.takes(key, scheme, on); told || len(bic) == 8 {
		return told && !takes
	}
	takes, told := t.takes(bicKey(bic[:8]), scheme, on)
	return told && !takes
}

// takes says whether one BIC takes a scheme, and whether any source tells.
func (t *Table) takes(key uint64, scheme Reach, on calendar.Date) (takes, told bool) {
	first, last := t.byBIC.find(key)
	for i := range t.participants[first:last] {
		if p := &t.participants[first+i]; p.told.Has(scheme) && valid(p.From, p.Until, on) {
			takes, told = takes || p.Reach.Has(scheme), true
		}
	}
	return takes, told
}

// Listed reports whether the bank code inside an IBAN is listed on a day; covered is
// whether the table knows bank codes of the country at all. It does not allocate.
func Listed[T chars](t *Table, iban T, on calendar.Date) (listed, covered bool) {
	if len(iban) < 2 {
		return false, false
	}
	if at := countryAt(iban[:2]); at < 0 || !t.covered[at] {
		return false, false
	}
	first, last := t.find(bankKey(iban[:2], account.BankCode(iban)))
	for i := range t.banks[first:last] {
		if b := &t.banks[first+i]; valid(b.From, b.Until, on) {
			return true, true
		}
	}
	return false, true
}

// reach unites what the rows of one BIC say.
func (t *Table) reach(key uint64, on calendar.Date) (reach Reach, listed bool) {
	first, last := t.byBIC.find(key)
	for _, p := range t.participants[first:last] {
		if valid(p.From, p.Until, on) {
			reach, listed = reach|p.Reach, true
		}
	}
	return reach, listed
}

// find returns the range of rows of a bank code; ok says whether the key is one.
func (t *Table) find(key uint64, ok bool) (first, last int) {
	if !ok {
		return 0, 0
	}
	return t.byCode.find(key)
}

// valid reports whether a day lies between from and the day before until.
func valid(from, until, on calendar.Date) bool {
	return !on.Before(from) && (until.IsZero() || on.Before(until))
}
