package directory

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/account"
	"kontor/calendar"
)

// A table's own file is text, so that people can read and compare it:
//
//	kontor bank directory 1
//	version 2026-12
//	date 2026-12-07
//	source bundesbank 2026-12-07
//	bank DE 10000000 MARKDEF1100 - -
//	source scl 2026-12-07
//	bic MARKDEF1100 7 - -
//	end 2
//
// The last two words of a row are its days from and until, the number before them the set
// of schemes, and the last line counts the rows, so that a cut file is noticed.
const fileHead = "kontor bank directory 1"

// ErrFile says that a text is no bank directory as Write writes it.
var ErrFile = errors.New("not a bank directory of this program")

// Write writes the table in the form that Read reads. An empty table cannot be written.
func (t *Table) Write(w io.Writer) error {
	if t.version == "" {
		return fmt.Errorf("%w: it is empty", ErrTable)
	}
	b := bufio.NewWriter(w)
	line := func(words ...string) { // bufio keeps the first error for Flush
		for i, word := range words {
			if i > 0 {
				_ = b.WriteByte(' ')
			}
			_, _ = b.WriteString(word)
		}
		_ = b.WriteByte('\n')
	}
	line(fileHead)
	line("version", t.version)
	line("date", t.date.String())
	n := 0
	for _, s := range t.sources {
		line("source", s.Name, or(s.Date.String()))
		for _, r := range s.Banks {
			line("bank", r.Country, r.Code, or(string(r.BIC)), or(r.From.String()), or(r.Until.String()))
		}
		for _, r := range s.Participants {
			line("bic", string(r.BIC), strconv.Itoa(int(r.Reach)), or(r.From.String()), or(r.Until.String()))
		}
		n += len(s.Banks) + len(s.Participants)
	}
	line("end", strconv.Itoa(n))
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the bank directory: %w", err)
	}
	return nil
}

// or returns a hyphen for an empty text.
func or(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// Read reads what Write wrote. The error is ErrTooLarge, ErrFile with the line, or
// ErrTable.
func Read(r io.Reader) (*Table, error) {
	text, err := readAll(r)
	if err != nil {
		return nil, err
	}
	p := &fileReader{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if err := p.line(number, strings.TrimRight(line, "\r\n")); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFile, &RowError{Line: number, Err: err})
		}
	}
	if !p.ended {
		return nil, fmt.Errorf("%w: it is cut off", ErrFile)
	}
	return New(p.version, p.date, p.sources...)
}

// fileReader collects the lines of a table's file.
type fileReader struct {
	version string
	date    calendar.Date
	sources []Source
	rows    int
	ended   bool
}

var errLine = errors.New("this line does not belong here")

func (p *fileReader) line(number int, text string) (err error) {
	word := strings.Split(text, " ")
	switch {
	case p.ended:
		return errLine
	case number == 1:
		if text != fileHead {
			return errLine
		}
		return nil
	case number == 2 && word[0] == "version" && len(word) == 2:
		p.version = word[1]
		return nil
	case number == 3 && word[0] == "date" && len(word) == 2:
		p.date, err = calendar.Parse(word[1])
		return err
	case number <= 3:
		return errLine
	}
	switch {
	case word[0] == "source" && len(word) == 3 && len(p.sources) < maxSources:
		s := Source{Name: word[1]}
		s.Date, err = date(word[2])
		p.sources = append(p.sources, s)
		return err
	case word[0] == "end" && len(word) == 2:
		p.ended = true
		if word[1] != strconv.Itoa(p.rows) {
			return fmt.Errorf("%d rows were read, not %.10s", p.rows, word[1])
		}
		return nil
	case len(p.sources) == 0:
		return errLine
	}
	p.rows++
	return p.row(word)
}

// row reads a row of the source that was begun last.
func (p *fileReader) row(word []string) (err error) {
	s := &p.sources[len(p.sources)-1]
	from, until, err := days(word)
	if err != nil {
		return err
	}
	switch {
	case word[0] == "bank" && len(word) == 6:
		b := Bank{Country: word[1], Code: word[2], From: from, Until: until}
		if word[3] != "-" {
			b.BIC = account.BIC(word[3]) // New checks it
		}
		s.Banks = append(s.Banks, b)
	case word[0] == "bic" && len(word) == 5:
		reach, err := strconv.ParseUint(word[2], 10, 4)
		if err != nil {
			return errors.New("no set of schemes")
		}
		s.Participants = append(s.Participants, Participant{account.BIC(word[1]), Reach(reach), from, until})
	default:
		return errLine
	}
	return nil
}

// days reads the last two words of a row.
func days(word []string) (from, until calendar.Date, err error) {
	if len(word) < 2 {
		return from, until, errLine
	}
	if from, err = date(word[len(word)-2]); err != nil {
		return from, until, err
	}
	until, err = date(word[len(word)-1])
	return from, until, err
}

// date reads a date or the hyphen that stands for none.
func date(text string) (calendar.Date, error) {
	if text == "-" {
		return calendar.Date{}, nil
	}
	return calendar.Parse(text)
}
