// Package axz converts DTAZV, which German banks discontinue, into the credit transfer
// pain.001.001.09 of ISO 20022 that takes its place under the order type AXZ. The
// result follows the ISO schema and the mapping in docs/divergences/dtazv.md; banks may
// ask for more. What DTAZV says and pain.001 has no element for is reported, field by
// field, as findings with codes of the group AZV-K (see Rules): nothing is lost in
// silence.
package axz

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"kontor/account"
	"kontor/dtazv"
	"kontor/finding"
	"kontor/money"
)

// ErrFaulty says that the DTAZV file has findings that are errors; nothing was written.
var ErrFaulty = errors.New("the DTAZV file has errors")

// ErrContent says that what the options give cannot stand in the message; nothing was
// written. It is also returned where policies have turned rules off without which a
// payment cannot be converted; part of the message may have been written then.
var ErrContent = errors.New("content not valid in the message")

// GermanAccount is an account as DTAZV names it.
type GermanAccount struct {
	BankCode string // 8 digits
	Number   string // 10 digits
}

// Options of Convert.
type Options struct {
	// Read holds for reading the DTAZV file; its policies for the findings of the
	// conversion too.
	Read dtazv.Options
	// MessageID is GrpHdr/MsgId, at most 35 characters; "" = made of date, number and
	// customer number of the first logical file.
	MessageID string
	// Created is GrpHdr/CreDtTm, written to the second with its offset. Required.
	Created time.Time
	// IBAN returns the IBAN of an own account, false if it is not known. An unknown one,
	// and every one if the function is nil, is computed from bank code and number, with a
	// finding: some German banks do not issue IBANs in that way.
	IBAN func(GermanAccount) (account.IBAN, bool)
	// DebtorAgent is the BIC of the bank; "" = NOTPROVIDED, the IBAN tells it.
	DebtorAgent account.BIC
}

// Result is what Convert did.
type Result struct {
	Payments int
	Batches  int
	Sum      money.Total // of the amounts, irrespective of currency
	// Findings are those about the DTAZV file and those of the conversion, in document
	// order; places are places in the DTAZV file.
	Findings []finding.Finding
}

// Convert reads a DTAZV file from the reader's position and writes one pain.001.001.09,
// with a payment information (PmtInf) for each run of payments of one logical file, own
// account, charges account, day, contact and kind (transfer or cheque). The file is read
// twice, because the group header counts; memory is proportional to the number of
// payment informations. Errors are ErrFaulty, ErrContent, those of dtazv.Read, and those
// of reading and writing.
func Convert(w io.Writer, r io.ReadSeeker, options Options) (Result, error) {
	if clean, replaced := transcribe(options.MessageID); options.Created.IsZero() || replaced || len(clean) > 35 || reference(clean) != clean {
		return Result{}, fmt.Errorf("%w: the time of creation is missing, or the message identification has not the right form", ErrContent)
	}
	if options.DebtorAgent != "" {
		if _, err := account.ParseBIC(string(options.DebtorAgent)); err != nil {
			return Result{}, fmt.Errorf("%w: debtor agent: %w", ErrContent, err)
		}
	}
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return Result{}, fmt.Errorf("finding the beginning of the file: %w", err)
	}
	c := newConverter(options)
	result, err := c.survey(r)
	if err != nil || finding.HasError(result.Findings) {
		return result, cmp.Or(err, ErrFaulty)
	}
	if _, err := r.Seek(start, io.SeekStart); err != nil {
		return result, fmt.Errorf("returning to the beginning of the file: %w", err)
	}
	return result, c.write(w, r)
}

// batchKey is what all payments of one PmtInf have in common.
type batchKey struct {
	header   int
	debtor   GermanAccount
	currency money.Currency
	charges  GermanAccount
	chargesC money.Currency
	day      string
	contact  string
	cheque   bool
}

// batch is one PmtInf.
type batch struct {
	key   batchKey
	count int
	sum   money.Total
}

// converter is the state of one Convert.
type converter struct {
	options   Options
	messageID string
	initiator string // name of the first originator
	batches   []batch
	computed  map[GermanAccount]bool // accounts whose computed IBAN was reported
	notes     notes
}

func newConverter(options Options) *converter {
	c := &converter{options: options, messageID: options.MessageID, computed: map[GermanAccount]bool{}}
	c.notes.policies, c.notes.max = options.Read.Policies, cmp.Or(options.Read.MaxFindings, 100)
	return c
}

// survey reads the file for its findings, counts and sums.
func (c *converter) survey(r io.Reader) (Result, error) {
	var result Result
	_, findings, err := dtazv.Read(r, c.options.Read, dtazv.Visitor{
		Header: func(h *dtazv.Header) error {
			d := newDebtor(h, &c.notes)
			if c.initiator == "" {
				c.initiator = d.name
				c.messageID = cmp.Or(c.messageID, fmt.Sprintf("AZV-%02d%02d%02d-%02d-%s", h.Created.Year%100, h.Created.Month, h.Created.Day, h.Sequence, h.Account))
			}
			c.noteHeader(h)
			return nil
		},
		Payment: func(p *dtazv.Payment) error {
			t := convert(p, &c.notes)
			c.noteAccounts(p)
			return c.count(keyOf(p), &t, &result.Sum)
		},
	})
	if err != nil {
		return result, fmt.Errorf("reading DTAZV: %w", err)
	}
	for _, b := range c.batches {
		result.Payments += b.count
	}
	result.Batches = len(c.batches)
	result.Findings = c.notes.merge(findings)
	return result, nil
}

func (c *converter) count(key batchKey, t *transaction, sum *money.Total) error {
	if n := len(c.batches); n == 0 || c.batches[n-1].key != key {
		c.batches = append(c.batches, batch{key: key})
	}
	b := &c.batches[len(c.batches)-1]
	b.count++
	if err := b.sum.Add(t.amount.Decimal()); err != nil {
		return fmt.Errorf("adding amounts: %w", err)
	}
	if err := sum.Add(t.amount.Decimal()); err != nil {
		return fmt.Errorf("adding amounts: %w", err)
	}
	return nil
}

func keyOf(p *dtazv.Payment) batchKey {
	contact, _ := splitContact(p.Contact)
	key := batchKey{
		debtor: GermanAccount{p.BankCode, p.Account}, currency: p.AccountCurrency,
		charges: GermanAccount{p.ChargesBankCode, p.ChargesAccount}, chargesC: p.ChargesCurrency,
		day: p.Date().String(), contact: contact, cheque: p.Cheque(),
	}
	if p.Header != nil {
		key.header = p.Header.Ordinal
	}
	return key
}

// iban returns the IBAN of an own account, and whether it was computed.
func (c *converter) iban(a GermanAccount) (account.IBAN, bool) {
	if c.options.IBAN != nil {
		if known, ok := c.options.IBAN(a); ok {
			return known, false
		}
	}
	return account.IBAN("DE" + account.CheckDigits("DE", a.BankCode+a.Number) + a.BankCode + a.Number), true
}

// mostComputed limits how many accounts are remembered; beyond it findings may repeat.
const mostComputed = 10_000

func (c *converter) noteAccounts(p *dtazv.Payment) {
	numbers := [...]string{"T4b", "T7b"}
	for i, a := range [...]GermanAccount{{p.BankCode, p.Account}, {p.ChargesBankCode, p.ChargesAccount}} {
		if a.BankCode == "" || c.computed[a] {
			continue
		}
		iban, computed := c.iban(a)
		if !computed {
			continue
		}
		if len(c.computed) < mostComputed {
			c.computed[a] = true
		}
		c.notes.add(CodeComputedIBAN, "computed", p.At, numbers[i], string(iban))
	}
}

// notes collects the findings of the conversion.
type notes struct {
	policies []finding.Policy
	max      int
	list     []finding.Finding
	dropped  int
	worst    finding.Severity
}

// add notes something about a field of a record; further arguments fill the sentence.
// Nil takes nothing.
func (n *notes) add(code finding.Code, id string, record finding.Location, number, text string, args ...string) {
	if n == nil {
		return
	}
	rule := lookup(code)
	severity := rule.Of(n.policies...)
	if severity == finding.Off {
		return
	}
	at := dtazv.FieldLocation(record, number)
	if last := len(n.list) - 1; last >= 0 && n.list[last].Code == code && n.list[last].Case == id && n.list[last].At == at {
		return // of a field of several lines, once is enough
	}
	if len(n.list) >= n.max {
		n.dropped++
		if n.worst != finding.Error {
			n.worst = severity
		}
		return
	}
	f := rule.New(id, append([]string{number}, args...)...)
	f.Severity, f.Text, f.At = severity, finding.Shorten(text), at
	n.list = append(n.list, f)
}

// merge returns these findings and those of reading, in document order, with one AZV-Z1
// for what is left out of both.
func (n *notes) merge(read []finding.Finding) []finding.Finding {
	dropped, worst := n.dropped, n.worst
	if last := len(read) - 1; last >= 0 && read[last].Code == dtazv.CodeMore {
		if more, err := strconv.Atoi(read[last].Args[0]); err == nil {
			dropped += more
		}
		if read[last].Severity == finding.Error || worst == "" {
			worst = read[last].Severity
		}
		read = read[:last]
	}
	all := slices.Concat(read, n.list)
	slices.SortStableFunc(all, func(a, b finding.Finding) int { return cmp.Compare(a.At.Offset, b.At.Offset) })
	if rule, ok := dtazv.LookupRule(dtazv.CodeMore); ok && dropped > 0 {
		f := rule.New("more", strconv.Itoa(dropped))
		f.Severity = worst
		all = append(all, f)
	}
	return all
}
