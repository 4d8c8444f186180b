// Package swiftmt reads and writes account statements (MT940) and interim transaction
// reports (MT942) of SWIFT, as banks deliver them: annex 3 of the DFÜ agreement, chapter
// 8, its dialects, and the habits of banks elsewhere. It converts them from and to camt.
//
// A document of any size passes once, in constant memory. Banks' documents often break
// their own rules: what is wrong is a finding (codes MT-…, warnings), and everything
// that can be read is handed out. Amounts are exact or absent.
package swiftmt

import (
	"errors"
	"fmt"

	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
)

// Format is the kind of message.
type Format string

// The formats.
const (
	MT940 Format = "MT940" // statement with balances
	MT942 Format = "MT942" // interim report, without balances
)

// Options changes how Read reads. The zero value is right for most documents.
type Options struct {
	Charset  Charset          // default: found out while reading
	Bytes    int64            // most bytes of the document; 0: no limit
	Policies []finding.Policy // severities of rules; a rule that is Off is not judged
}

// Visitor receives what Read finds, in document order. A nil function is not called; an
// error that one returns ends Read and is returned as it is. What the pointers lead to
// is valid during the call only: Clone keeps an Entry. Without the function Entry the
// information of entries is not taken apart: no rule needs its parts.
type Visitor struct {
	Begin   func(*Statement) error // before its first entry: header and opening balance are known
	Entry   func(*Entry) error
	End     func(*Statement) error // after its last page: everything is known
	Finding func(finding.Finding) error
}

// Statement is one statement or report; messages that are pages of one statement are
// joined. Texts are UTF-8 and otherwise as written.
type Statement struct {
	Format           Format
	Reference        string // :20:
	RelatedReference string // :21:
	Account          string // :25: as written
	IBAN             string // of :25:, when there is one
	BankCode         string // of :25:, German bank code or BIC before the slash
	AccountNumber    string // of :25:, when it is no IBAN
	Currency         string // of the opening balance, the floor limit, or :25:
	Number           string // statement number of :28C:, as written
	Page             string // page (sequence number) of the first message, as written
	Pages            int    // messages that were joined
	Opening          Balance
	Closing          Balance
	Available        []Balance // :64:
	Forward          []Balance // :65:
	DebitFloor       Floor     // :34F:
	CreditFloor      Floor
	CreationDateTime string // :13D: "2025-03-01T17:30:00+01:00", of an old :13: without zone
	DeclaredDebits   Total  // :90D:
	DeclaredCredits  Total  // :90C:
	Information      string // :86: of the statement, lines separated by line feeds
	NonSWIFT         string // :NS: of the statement, likewise
	EntryCount       int
	DebitCount       int // entries that were read: D, RC, ED
	CreditCount      int // C, RD, EC
	DebitSum         money.Amount
	CreditSum        money.Amount
	Exact            bool  // every entry had an exact amount, hence the sums are right
	At, End          int64 // raw offsets: start of the first field, end of the last line
}

// Balance is one balance. The zero value is none.
type Balance struct {
	Present      bool
	Intermediate bool         // :60M:, :62M:: of a page, not of the statement
	Amount       money.Amount // negative for a debit balance; zero of no currency if not exact
	AmountText   string       // as written, without sign
	Debit        bool
	Currency     string // as written; "" where a bank left it out
	Date         calendar.Date
}

// Floor is the least amount of the entries that a report lists (:34F:).
type Floor struct {
	Present bool
	Amount  money.Amount // unsigned
}

// Total is a declared number and sum of entries (:90D:, :90C:).
type Total struct {
	Present bool
	Count   int
	Sum     money.Amount // unsigned; zero of no currency if not exact
}

// Mark is the debit or credit mark of an entry.
type Mark string

// The marks. The expected ones occur in MT942.
const (
	Credit         Mark = "C"
	Debit          Mark = "D"
	ReversedCredit Mark = "RC" // takes a credit back: the account is debited
	ReversedDebit  Mark = "RD" // takes a debit back: the account is credited
	ExpectedCredit Mark = "EC"
	ExpectedDebit  Mark = "ED"
)

// Credits reports whether the account gains.
func (m Mark) Credits() bool { return m == Credit || m == ReversedDebit || m == ExpectedCredit }

// Reverses reports whether an earlier entry is taken back.
func (m Mark) Reverses() bool { return m == ReversedCredit || m == ReversedDebit }

// Expected reports whether the entry is announced and not yet booked.
func (m Mark) Expected() bool { return m == ExpectedCredit || m == ExpectedDebit }

// Entry is one entry: :61: and the :86: and :NS: that follow it. Its slices are views,
// UTF-8, nil where the field is absent.
type Entry struct {
	Ordinal           int           // 0-based within the statement
	ValueDate         calendar.Date // zero if it cannot be read
	EntryDate         calendar.Date // zero if absent; its year is the one nearest to the value date
	Mark              Mark          // "" if it cannot be read: nothing may be concluded then
	Amount            money.Amount  // unsigned; zero of no currency if not exact
	AmountText        []byte        // as written
	FundsCode         byte          // third letter of the currency ("R" for EUR), 0 if absent
	Type              []byte        // "NTRF": transaction type and identification code
	CustomerReference []byte        // "NONREF" as written; "KREF+": see Information.CustomerReference
	BankReference     []byte
	Supplementary     []byte // second line of :61:
	OriginalAmount    money.Amount
	Charges           money.Amount
	Information       Information
	NonSWIFT          []byte // :NS:, lines separated by line feeds
	Line              int    // of :61:
	At, Length        int64  // raw bytes of :61: and what belongs to it
}

// Dialect is the way in which the information of an entry (:86:) is written.
type Dialect string

// The dialects.
const (
	Unstructured Dialect = ""           // free text
	Structured   Dialect = "structured" // DK: business transaction code, separator, numbered subfields
	Slashed      Dialect = "slashed"    // /EREF/…/REMI/…, as in the Netherlands
	NonSWIFT     Dialect = "non-swift"  // numbered lines of :NS:
)

// Information is what :86:, or :NS: in its place, says about an entry. Slices are
// views, UTF-8, nil where absent.
type Information struct {
	Dialect            Dialect
	Text               []byte // as written, lines separated by line feeds
	Code               []byte // business transaction code (GVC) of three digits
	BookingText        []byte // subfield 00
	Primanota          []byte // 10
	Extension          []byte // 34: text key extension, return code
	BankCode           []byte // 30: German bank code or BIC
	Account            []byte // 31: account number or IBAN
	IBAN               []byte // 38, or keyword IBAN+
	Name               []byte // 32 and 33
	EndToEndID         []byte // EREF+
	CustomerReference  []byte // KREF+
	MandateID          []byte // MREF+
	CreditorID         []byte // CRED+
	OriginatorID       []byte // DEBT+
	InterchangeAmount  []byte // COAM+
	OriginalAmount     []byte // OAMT+
	UltimateOriginator []byte // ABWA+
	UltimateRecipient  []byte // ABWE+
	BIC                []byte // BIC+
	Purpose            []byte // PURP+
	Remittance         []byte // SVWZ+, or what no keyword claims
	ReturnReason       []byte // four letters after RETURN/REFUND
	Other              []byte // subfields that DK does not name, as written
}

// Views calls f with every view of an information; f may replace it.
func (i *Information) views(f func(*[]byte)) {
	for _, v := range []*[]byte{&i.Text, &i.Code, &i.BookingText, &i.Primanota, &i.Extension, &i.BankCode, &i.Account, &i.IBAN, &i.Name,
		&i.EndToEndID, &i.CustomerReference, &i.MandateID, &i.CreditorID, &i.OriginatorID, &i.InterchangeAmount, &i.OriginalAmount,
		&i.UltimateOriginator, &i.UltimateRecipient, &i.BIC, &i.Purpose, &i.Remittance, &i.ReturnReason, &i.Other} {
		f(v)
	}
}

// Clone returns an entry that outlives the call.
func (e *Entry) Clone() *Entry {
	c := *e
	var total int
	count := func(v *[]byte) { total += len(*v) }
	own := []*[]byte{&c.AmountText, &c.Type, &c.CustomerReference, &c.BankReference, &c.Supplementary, &c.NonSWIFT}
	for _, v := range own {
		count(v)
	}
	c.Information.views(count)
	memory := make([]byte, 0, total)
	move := func(v *[]byte) {
		if *v != nil {
			from := len(memory)
			memory = append(memory, *v...)
			*v = memory[from:len(memory):len(memory)]
		}
	}
	for _, v := range own {
		move(v)
	}
	c.Information.views(move)
	return &c
}

// UnreadableError says that a document holds no field of an MT940 or MT942.
type UnreadableError struct{ Message string }

// Error implements error.
func (e *UnreadableError) Error() string { return e.Message }

// ErrTooLarge says that the document has more bytes than Options.Bytes.
var ErrTooLarge = errors.New("document too large")

func tooLarge(limit int64) error { return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit) }
