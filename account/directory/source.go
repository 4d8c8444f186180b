package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kontor/account"
	"kontor/calendar"
)

// RowError says what is wrong with one row of a publisher's file.
type RowError struct {
	Line  int    // from 1
	Field string // the publisher's name for it, "" for the row as a whole
	Err   error
}

// Error names line and field.
func (e *RowError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("line %d: %v", e.Line, e.Err)
	}
	return fmt.Sprintf("line %d, %s: %v", e.Line, e.Field, e.Err)
}

// Unwrap returns what is wrong.
func (e *RowError) Unwrap() error { return e.Err }

// Faults of a file as a whole; test with errors.Is.
var (
	ErrTooLarge = errors.New("the file is larger than 64 MB")
	ErrForm     = errors.New("the file has not the form of this publisher")
	ErrFaulty   = errors.New("too many rows of the file cannot be used")
)

const (
	maxFile    = 64 << 20
	maxSkipped = 100 // more than that is no slip of the publisher but another format
)

// readAll reads a file within the limit and drops a byte order mark.
func readAll(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the bank directory: %w", err)
	}
	if len(text) > maxFile {
		return nil, ErrTooLarge
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

// skip records a row that cannot be used; an error when there are too many.
func (s *Source) skip(line int, field string, err error) error {
	if len(s.Skipped) == maxSkipped {
		return fmt.Errorf("%w: the last was %w", ErrFaulty, s.Skipped[maxSkipped-1])
	}
	s.Skipped = append(s.Skipped, &RowError{line, field, err})
	return nil
}

// done refuses a file without any row: a list of banks is never empty.
func (s *Source) done() (Source, error) {
	if len(s.Banks) == 0 && len(s.Participants) == 0 {
		return Source{}, fmt.Errorf("%w: it lists nothing", ErrForm)
	}
	return *s, nil
}

// rows is a file of values separated by semicolons. Only ASCII columns are read, so that
// its encoding (ISO 8859-1 or UTF-8) does not matter.
type rows struct {
	csv    *csv.Reader
	line   int
	record []string
	column map[string]int // of the header, by name
}

// openRows reads up to the header: the first row that has all needed columns. Rows before
// it are handed to preamble.
func openRows(text []byte, needed []string, preamble func(first string)) (*rows, error) {
	const most = 20 // publishers put a few lines of notice above
	r := &rows{csv: csv.NewReader(bytes.NewReader(text))}
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.ReuseRecord, r.csv.LazyQuotes = ';', -1, true, true
	for range most {
		if err := r.next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		column := make(map[string]int, len(r.record))
		for i, name := range r.record {
			if _, twice := column[strings.TrimSpace(name)]; !twice {
				column[strings.TrimSpace(name)] = i
			}
		}
		if !slices.ContainsFunc(needed, func(n string) bool { _, ok := column[n]; return !ok }) {
			r.column = column
			return r, nil
		}
		if preamble != nil {
			preamble(r.record[0])
		}
	}
	return nil, fmt.Errorf("%w: no row names the columns %s", ErrForm, strings.Join(needed, ", "))
}

// next reads a row; io.EOF behind the last.
func (r *rows) next() error {
	record, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	r.record = record
	r.line, _ = r.csv.FieldPos(0)
	// A quotation mark that nobody closed would swallow the rows behind it.
	if slices.ContainsFunc(record, func(v string) bool { return strings.Contains(v, "\n") }) {
		return fmt.Errorf("%w: %w", ErrForm, &RowError{Line: r.line, Err: csv.ErrQuote})
	}
	return nil
}

// get returns a column's value without blanks at its ends, "" where the row is short.
func (r *rows) get(name string) string {
	i, ok := r.column[name]
	if !ok || i >= len(r.record) {
		return ""
	}
	return strings.TrimSpace(r.record[i])
}

// each hands over every row behind the header that is not empty.
func (r *rows) each(take func() error) error {
	for {
		err := r.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case r.blank():
			continue
		}
		if err := take(); err != nil {
			return err
		}
	}
}

// bank reads bank code and BIC of a row; with an error comes the column's name.
func (r *rows) bank(country, code string, length int, bic string) (b Bank, column string, err error) {
	b.Country = country
	if b.Code, err = bankCode(r.get(code), length); err != nil {
		return b, code, err
	}
	b.BIC, err = parseBIC(r.get(bic))
	return b, bic, err
}

// blank reports whether all values of the row are empty, as behind the last bank.
func (r *rows) blank() bool {
	return !slices.ContainsFunc(r.record, func(v string) bool { return strings.TrimSpace(v) != "" })
}

var (
	errCode   = errors.New("no bank code")
	errDate   = errors.New("no date")
	errAnswer = errors.New("neither 0 nor 1")
)

// bankCode fills a number up to its length in the IBAN.
func bankCode(text string, length int) (string, error) {
	for i := range len(text) {
		if text[i]-'0' > 9 {
			return "", errCode
		}
	}
	if len(text) == 0 || len(text) > length {
		return "", errCode
	}
	return strings.Repeat("0", length-len(text)) + text, nil
}

// parseBIC reads a publisher's BIC, "" if there is none.
func parseBIC(text string) (account.BIC, error) {
	if text == "" {
		return "", nil
	}
	return account.ParseBIC(strings.ToUpper(text))
}

// germanDate reads the form 02.01.2006.
func germanDate(text string) (calendar.Date, error) {
	if len(text) != 10 || text[2] != '.' || text[5] != '.' {
		return calendar.Date{}, errDate
	}
	d, err := calendar.Parse(text[6:] + "-" + text[3:5] + "-" + text[:2])
	if err != nil {
		return calendar.Date{}, errDate
	}
	return d, nil
}
