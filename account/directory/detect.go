package directory

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"kontor/calendar"
)

// Format names a kind of file that banks are read from.
type Format string

// The formats. The first four are those of publishers, FormatKontor is what Write writes.
const (
	FormatBundesbank Format = "bundesbank" // bank code file of the Deutsche Bundesbank
	FormatSCL        Format = "scl"        // SCL directory of the Bundesbank's SEPA clearer
	FormatSIX        Format = "six"        // bank master of SIX
	FormatOeNB       Format = "oenb"       // SEPA payment directory of the Oesterreichische Nationalbank
	FormatKontor     Format = "kontor"     // a table as Write writes it
)

// Formats lists all of them.
func Formats() []Format {
	return []Format{FormatBundesbank, FormatSCL, FormatSIX, FormatOeNB, FormatKontor}
}

// Import reads the sources of one file. Without a format it goes by the file's contents.
// From is the day from which the file counts, where the file does not tell it: that of the
// Bundesbank and of the OeNB. The error is ErrTooLarge, ErrForm (also for a file of another
// format than the one named), ErrFaulty, ErrFile or ErrTable, with the line, or that of the
// reader.
func Import(r io.Reader, format Format, from calendar.Date) ([]Source, error) {
	text, err := readAll(r)
	if err != nil {
		return nil, err
	}
	found := detect(text)
	switch {
	case format == "" && found == "":
		return nil, fmt.Errorf("%w: it is none of %s", ErrForm, joined(Formats()))
	case format == "":
		format = found
	case !slices.Contains(Formats(), format):
		return nil, fmt.Errorf("%w: there is no format %q; there are %s", ErrForm, format, joined(Formats()))
	case found != "" && found != format:
		return nil, fmt.Errorf("%w: by its contents it is of the format %s, not %s", ErrForm, found, format)
	}
	again := bytes.NewReader(text)
	var s Source
	switch format {
	case FormatKontor:
		t, err := Read(again)
		if err != nil {
			return nil, err
		}
		return t.Sources(), nil
	case FormatBundesbank:
		s, err = ReadBundesbank(again, from)
	case FormatSCL:
		s, err = ReadSCL(again)
	case FormatSIX:
		s, err = ReadSIX(again)
	case FormatOeNB:
		s, err = ReadOeNB(again, from)
	}
	if err != nil {
		return nil, err
	}
	return []Source{s}, nil
}

// headers are the columns by which formats of values are known, those with more first.
var headers = []struct {
	format  Format
	columns []string
}{
	{FormatSCL, []string{"BIC", "SERVICE SCT"}},
	{FormatSIX, []string{"IID/QR-IID", "BIC"}},
	{FormatOeNB, []string{"Bankleitzahl", "SWIFT-Code"}},
	{FormatBundesbank, []string{"Bankleitzahl", "BIC"}},
}

// detect finds the format by the first lines, "" if they show none.
func detect(text []byte) Format {
	const most = 20 // as many as readers look for their columns in
	number := 0
	for line := range bytes.Lines(text) {
		if number++; number > most {
			break
		}
		line = bytes.TrimRight(line, "\r\n\x1a")
		if number == 1 && strings.HasPrefix(string(line), strings.TrimRight(fileHead, "0123456789")) {
			return FormatKontor
		}
		if n := len([]rune(string(line))); number == 1 && isBLZ(line) && (n == blzRecord || n == blzRecordExtended) {
			return FormatBundesbank
		}
		names := strings.Split(string(line), ";")
		for i, name := range names {
			names[i] = strings.Trim(strings.TrimSpace(name), `"`)
		}
		for _, h := range headers {
			if !slices.ContainsFunc(h.columns, func(c string) bool { return !slices.Contains(names, c) }) {
				return h.format
			}
		}
	}
	return ""
}

// isBLZ reports whether a line begins like a record of the Bundesbank: eight digits and
// the mark of head office or branch.
func isBLZ(line []byte) bool {
	const mark = 8
	if len(line) <= mark || line[mark] != '1' && line[mark] != '2' {
		return false
	}
	return !slices.ContainsFunc(line[:mark], func(ch byte) bool { return ch < '0' || ch > '9' })
}

func joined(formats []Format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}
