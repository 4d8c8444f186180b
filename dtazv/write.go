package dtazv

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
)

// ErrContent says that what should be written has no place in the format: a text too
// long or of other characters, an amount or date out of range.
var ErrContent = errors.New("content not valid in DTAZV")

// File is a whole DTAZV file in memory.
type File struct {
	Files []LogicalFile
}

// LogicalFile is a header with its payments. The trailer follows from them.
type LogicalFile struct {
	Header   Header
	Payments []Payment
}

// ReadAll is Read that keeps everything it reads: memory is a multiple of the file's
// length. Payments of a logical file without a header are given an empty one.
func ReadAll(in io.Reader, options Options) (File, []finding.Finding, error) {
	var file File
	_, findings, err := Read(in, options, Visitor{
		Header: func(h *Header) error {
			file.Files = append(file.Files, LogicalFile{Header: *h})
			return nil
		},
		Payment: func(p *Payment) error {
			if p.Header == nil && (len(file.Files) == 0 || file.Files[len(file.Files)-1].headed()) {
				file.Files = append(file.Files, LogicalFile{})
			}
			kept := *p
			kept.Reports = append([]Report(nil), p.Reports...)
			last := &file.Files[len(file.Files)-1]
			last.Payments = append(last.Payments, kept)
			return nil
		},
	})
	return file, findings, err
}

func (l *LogicalFile) headed() bool { return l.Header.At.Line > 0 }

// Write writes canonical records: texts left-justified and filled with blanks, numbers
// right-justified and filled with zeros, the trailer computed, nothing between records.
// Header, At, Length and the Ordinals of the content do not matter. A numeric field
// without a value is written as zeros. What the format has no place for is ErrContent;
// part of the file may have been written then. Rules other than form and length are for
// Read to judge.
func Write(w io.Writer, file File) error {
	if len(file.Files) == 0 {
		return fmt.Errorf("%w: no logical file", ErrContent)
	}
	out := bufio.NewWriter(w)
	for i := range file.Files {
		if err := writeLogicalFile(out, &file.Files[i]); err != nil {
			return fmt.Errorf("writing logical file %d: %w", i+1, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing DTAZV: %w", err)
	}
	return nil
}

func writeLogicalFile(out *bufio.Writer, file *LogicalFile) error {
	if len(file.Payments) == 0 {
		return fmt.Errorf("%w: no payment", ErrContent)
	}
	b := record{out: out}
	b.header(&file.Header)
	sum := uint64(0)
	for i := range file.Payments {
		p := &file.Payments[i]
		whole := b.payment(p)
		if sum += whole; sum > largestSum {
			b.fail("the sum of the payments", "has more than 15 digits")
		}
		for j := range p.Reports {
			b.report(&p.Reports[j])
		}
		if b.err != nil {
			return fmt.Errorf("payment %d: %w", i+1, b.err)
		}
	}
	b.begin('Z')
	b.number(&z3, strconv.FormatUint(sum, 10))
	b.number(&z4, strconv.Itoa(len(file.Payments)))
	b.end()
	return b.err
}

// record is the record being written. The first error stays.
type record struct {
	out  *bufio.Writer
	text [longRecord]byte
	size int
	err  error
}

func (b *record) header(h *Header) {
	b.begin('Q')
	b.number(&q3, h.BankCode)
	b.number(&q4, h.Account)
	b.lines(&q5, h.Originator[:])
	b.date(&q6, h.Created)
	b.number(&q7, strconv.Itoa(h.Sequence))
	b.date(&q8, h.ExecutionDate)
	b.flag(&q9, h.Report)
	b.number(&q10, h.FederalState)
	b.number(&q11, h.Company)
	b.end()
}

// payment writes a T and returns the amount's whole part.
func (b *record) payment(p *Payment) uint64 {
	b.begin('T')
	b.number(&t3, p.BankCode)
	b.string(&t4a, string(p.AccountCurrency))
	b.number(&t4b, p.Account)
	b.date(&t5, p.ExecutionDate)
	b.number(&t6, p.ChargesBankCode)
	b.string(&t7a, string(p.ChargesCurrency))
	b.number(&t7b, p.ChargesAccount)
	b.string(&t8, p.CreditorAgent)
	b.string(&t9a, p.CreditorAgentCountry)
	b.lines(&t9b, p.CreditorAgentAddress[:])
	b.string(&t10a, p.CreditorCountry)
	b.lines(&t10b, p.Creditor[:])
	b.lines(&t11, p.OrderRemark[:])
	if p.CreditorAccount != "" {
		b.string(&t12, "/"+p.CreditorAccount)
	}
	b.string(&t13, string(p.Currency))
	whole := b.amount(p.Amount)
	b.lines(&t15, p.Remittance[:])
	for i, f := range keyFields {
		b.number(f, p.Instructions[i])
	}
	b.string(&t20, p.InstructionInfo)
	b.number(&t21, p.Charges)
	b.number(&t22, p.Type)
	b.string(&t23, p.StatementText)
	b.string(&t24, p.Contact)
	b.number(&t25, p.ReportKey)
	b.number(&t27, strconv.Itoa(len(p.Reports)))
	if len(p.Reports) > MaxReports {
		b.fail(t27.number, "more than 8 reports")
	}
	b.end()
	return whole
}

func (b *record) report(r *Report) {
	switch {
	case r.Transit != nil && r.Service == nil:
		b.transit(r.Transit)
	case r.Service != nil && r.Transit == nil:
		b.service(r.Service)
	default:
		b.fail("a report", "is not one of transit trade and services")
	}
}

func (b *record) transit(v *Transit) {
	b.begin('V')
	b.string(&v3, v.Goods)
	b.number(&v4a, v.Chapter)
	b.number(&v4b, "")
	b.string(&v5, v.Country)
	b.string(&v6, v.CountryCode)
	b.number(&v7, v.Price)
	b.flag(&v8, v.SoldToNonResidents)
	b.flag(&v9, v.SoldToResidents)
	b.flag(&v11, v.UnsoldAbroad)
	b.string(&v12, v.SoldGoods)
	b.number(&v13a, v.SoldChapter)
	b.number(&v13b, "")
	b.number(&v14, v.Due)
	b.string(&v15, v.BuyerCountry)
	b.string(&v16, v.BuyerCountryCode)
	b.number(&v17, v.SalePrice)
	b.string(&v18, v.Note)
	b.end()
}

func (b *record) service(w *Service) {
	b.begin('W')
	b.number(&w3, w.Kind)
	b.number(&w4, w.Code)
	b.string(&w5, w.Country)
	b.string(&w6, w.CountryCode)
	b.string(&w7, w.InvestmentCountry)
	b.string(&w8, w.InvestmentCountryCode)
	b.number(&w9, w.Amount)
	b.string(&w10, w.Details)
	b.end()
}

func (b *record) begin(recordType byte) {
	b.size = lengthOf(recordType)
	copy(b.text[:b.size], blanks)
	copy(b.text[:], fmt.Sprintf("%04d", b.size))
	b.text[4] = recordType
}

func (b *record) end() {
	if b.err != nil {
		return
	}
	if _, err := b.out.Write(b.text[:b.size]); err != nil {
		b.err = fmt.Errorf("writing DTAZV: %w", err)
	}
}

func (b *record) fail(what, why string) {
	if b.err == nil {
		b.err = fmt.Errorf("%w: %s: %s", ErrContent, what, why)
	}
}

// string writes a text at the left of its field.
func (b *record) string(f *field, text string) {
	if len(text) > f.length {
		b.fail(f.number, fmt.Sprintf("more than %d characters", f.length))
		return
	}
	if classesOf([]byte(text))&^classGood != 0 {
		b.fail(f.number, "a character outside the character set")
		return
	}
	copy(f.of(b.text[:b.size]), text)
}

func (b *record) lines(f *field, texts []string) {
	for i, text := range texts {
		line := *f
		line.at, line.length = f.at+i*lineLength, lineLength
		b.string(&line, text)
	}
}

// number writes digits at the right of their field, with zeros before them.
func (b *record) number(f *field, digits string) {
	if len(digits) > f.length || !allDigits([]byte(digits)) {
		b.fail(f.number, fmt.Sprintf("not a number of at most %d digits", f.length))
		return
	}
	copy(f.of(b.text[:b.size]), strings.Repeat("0", f.length-len(digits))+digits)
}

func (b *record) flag(f *field, set bool) {
	f.of(b.text[:b.size])[0] = 'N'
	if set {
		f.of(b.text[:b.size])[0] = 'J'
	}
}

// date writes YYMMDD, zeros for no date.
func (b *record) date(f *field, d calendar.Date) {
	if d.IsZero() {
		b.number(f, "")
		return
	}
	if d.Year < 1980 || d.Year > 2079 {
		b.fail(f.number, "a year that two digits do not tell")
		return
	}
	b.number(f, fmt.Sprintf("%02d%02d%02d", d.Year%100, int(d.Month), d.Day))
}

// amount writes T14 and returns its whole part.
func (b *record) amount(a money.Amount) uint64 {
	whole, fraction, _ := strings.Cut(a.Decimal(), ".")
	if a.Minor <= 0 || len(fraction) > t14b.length {
		b.fail(t14a.number, "not a positive amount with at most three decimals")
		return 0
	}
	b.number(&t14a, whole)
	copy(t14b.of(b.text[:b.size]), fraction+"000"[len(fraction):])
	n, err := strconv.ParseUint(whole, 10, 64)
	if err != nil {
		b.fail(t14a.number, "not a number")
	}
	return n
}
