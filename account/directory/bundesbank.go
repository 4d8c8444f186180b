package directory

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"kontor/account"
	"kontor/calendar"
)

// blzRecord is how long a record of the Bundesbank's bank code file is, without line end;
// the extended file has 6 characters more, which name the rule that makes IBANs.
const (
	blzRecord         = 168
	blzRecordExtended = 174
)

// ReadBundesbank reads the bank code file (Bankleitzahlendatei) of the Deutsche
// Bundesbank, which is valid from a day that only its name and the web page tell: fixed
// records of 168 bytes in ISO 8859-1, in lines, or the same as values separated by
// semicolons. A code that the file adds is valid from that day, one that it deletes until
// then. Branches that have the BIC of their head office are left out.
//
// The error is ErrTooLarge, ErrForm or ErrFaulty, or that of the reader.
func ReadBundesbank(r io.Reader, from calendar.Date) (Source, error) {
	text, err := readAll(r)
	if err != nil {
		return Source{}, err
	}
	b := &blz{source: Source{Name: "bundesbank", Date: from}, seen: map[string]bool{}}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.IndexByte(line, ';') >= 0 {
		err = b.readValues(text)
	} else {
		err = b.readRecords(text)
	}
	if err != nil {
		return Source{}, err
	}
	return b.source.done()
}

// blz collects the banks of a bank code file.
type blz struct {
	source Source
	seen   map[string]bool // code and institution
}

func (b *blz) readRecords(text []byte) error {
	number := 0
	for line := range bytes.Lines(text) {
		number++
		line = bytes.TrimRight(line, "\r\n\x1a") // old copies end with a control character
		if len(line) == 0 {
			continue
		}
		// A copy in UTF-8 has two bytes for an umlaut: count characters there.
		field := func(from, to int) string { return string(line[from:to]) }
		if n := len(line); n != blzRecord && n != blzRecordExtended {
			runes := []rune(string(line))
			if n := len(runes); !utf8.Valid(line) || n != blzRecord && n != blzRecordExtended {
				return fmt.Errorf("%w: %w", ErrForm, &RowError{Line: number, Err: fmt.Errorf("%d bytes instead of %d", len(line), blzRecord)})
			}
			field = func(from, to int) string { return string(runes[from:to]) }
		}
		if err := b.add(number, field(0, 8), strings.TrimSpace(field(139, 150)), field(158, 159)); err != nil {
			return err
		}
	}
	return nil
}

func (b *blz) readValues(text []byte) error {
	rows, err := openRows(text, []string{"Bankleitzahl", "BIC"}, nil)
	if err != nil {
		return err
	}
	// The name of the column of changes has an umlaut, in whatever encoding.
	change := ""
	for name := range rows.column {
		if strings.HasSuffix(name, "nderungskennzeichen") {
			change = name
		}
	}
	return rows.each(func() error {
		return b.add(rows.line, rows.get("Bankleitzahl"), rows.get("BIC"), rows.get(change))
	})
}

// add takes one record. Of a head office (mark 1) the BIC may be missing; a branch
// repeats or lacks it.
func (b *blz) add(line int, code, bic, change string) error {
	if full, err := bankCode(code, 8); err != nil || full != code {
		return b.source.skip(line, "Bankleitzahl", errCode)
	}
	parsed, err := parseBIC(bic)
	if err != nil {
		return b.source.skip(line, "BIC", err)
	}
	bank := Bank{Country: "DE", Code: code, BIC: parsed}
	switch change {
	case "A":
		bank.From = b.source.Date
	case "D":
		bank.Until = b.source.Date
		if bank.Until.IsZero() {
			return nil // gone, since when nobody says
		}
	}
	if key := code + parsed.Institution(); b.seen[key] || parsed == "" && b.seen[code] {
		return nil
	}
	b.seen[code], b.seen[code+parsed.Institution()] = true, true
	b.source.Banks = append(b.source.Banks, bank)
	return nil
}

// ReadSCL reads the SCL directory of the Bundesbank's SEPA clearer: values separated by
// semicolons, a first line with the day from which it is valid ("valid from 17.08.2026"),
// and per BIC a 1 for each scheme by which it is reachable. A column for instant payments
// is read where there is one.
//
// The error is ErrTooLarge, ErrForm or ErrFaulty, or that of the reader.
func ReadSCL(r io.Reader) (Source, error) {
	text, err := readAll(r)
	if err != nil {
		return Source{}, err
	}
	s := Source{Name: "scl"}
	rows, err := openRows(text, []string{"BIC", "SERVICE SCT"}, func(first string) {
		for word := range strings.FieldsSeq(first) {
			if d, err := germanDate(word); err == nil && s.Date.IsZero() {
				s.Date = d
			}
		}
	})
	if err != nil {
		return Source{}, err
	}
	if err := rows.each(func() error {
		p, column, err := participant(rows)
		if err != nil {
			return s.skip(rows.line, column, err)
		}
		s.Participants = append(s.Participants, p)
		return nil
	}); err != nil {
		return Source{}, err
	}
	return s.done()
}

// services names the columns of the SCL directory.
var services = []struct {
	column string
	scheme Reach
}{
	{"SERVICE SCT", CreditTransfer}, {"SERVICE COR", DirectDebitCore}, {"SERVICE B2B", DirectDebitB2B}, {"SERVICE INST", InstantCreditTransfer},
}

// participant reads a row of the SCL directory; with an error comes the column's name.
func participant(rows *rows) (p Participant, column string, err error) {
	if p.BIC, err = parseBIC(rows.get("BIC")); err != nil || p.BIC == "" {
		return p, "BIC", account.ErrBIC
	}
	for _, s := range services {
		switch rows.get(s.column) {
		case "1":
			p.Reach |= s.scheme
		case "0", "":
		default:
			return p, s.column, errAnswer
		}
	}
	return p, "", nil
}
