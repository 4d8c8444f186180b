package swiftmt

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"kontor/finding"
	"kontor/xmlscan"
)

// ConvertOptions changes how a document is converted.
type ConvertOptions struct {
	Charset          Charset        // of the MT document: to read (default: found out), to write (default: ISO-8859-1)
	Limits           xmlscan.Limits // of the camt document
	Bytes            int64          // most bytes of the MT document; 0: no limit
	CreationDateTime string         // of a camt.053, "2025-03-01T17:30:00Z"; default: the day of the closing balance
}

// Result says what a conversion did. Warnings are what is wrong with the source, as the
// reader of its format says it, at most 100 and then one MT-Z1; and after that what the
// target could not take over (codes MT-V…), each once, with the number of times and the
// first place.
type Result struct {
	Statements int
	Entries    int
	Warnings   []finding.Finding
}

// warningsMost bounds the kinds of warnings; names of foreign elements could be many.
// What is beyond is counted under one name.
const (
	warningsMost = 500
	furtherOnes  = "…"
)

// sourceMost bounds the findings about the source.
const sourceMost = 100

// notes collects warnings.
type notes struct {
	list   []note
	source []finding.Finding
	more   int // findings about the source beyond the limit
	result Result
}

// fault keeps a finding about the source.
func (n *notes) fault(f finding.Finding) error {
	if len(n.source) >= sourceMost {
		n.more++
		return nil
	}
	n.source = append(n.source, f)
	return nil
}

type note struct {
	code  finding.Code
	id    string
	what  string
	at    finding.Location
	count int
}

// add counts a warning; what names the field or element.
func (n *notes) add(code finding.Code, id, what string, at finding.Location) {
	same := func(o note) bool { return o.code == code && o.id == id && o.what == what }
	i := slices.IndexFunc(n.list, same)
	if i < 0 && len(n.list) >= warningsMost {
		what = furtherOnes
		i = slices.IndexFunc(n.list, same)
	}
	if i >= 0 {
		n.list[i].count++
		return
	}
	n.list = append(n.list, note{code, id, what, at, 1})
}

// lost says that a value has no place in the target.
func (n *notes) lost(what string, at finding.Location) { n.add(CodeNoHome, "element", what, at) }

// lostIf is lost for each value that is there.
func (n *notes) lostIf(at finding.Location, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			n.lost(pairs[i], at)
		}
	}
}

// finish makes findings of the warnings.
func (n *notes) finish() Result {
	n.result.Warnings = n.source
	if n.more > 0 {
		f := catalogue.Lookup(CodeMore).New("more", strconv.Itoa(n.more))
		f.At = n.source[len(n.source)-1].At
		n.result.Warnings = append(n.result.Warnings, f)
	}
	for _, w := range n.list {
		f := catalogue.Lookup(w.code).New(w.id, w.what, strconv.Itoa(w.count))
		f.At = w.at
		n.result.Warnings = append(n.result.Warnings, f)
	}
	return n.result
}

// cut shortens a text to a number of characters, blanks at the ends left out.
func (n *notes) cut(what, text string, most int, at finding.Location) string {
	runes := []rune(text)
	if len(runes) > most {
		n.add(CodeShortened, "cut", what, at)
		text = string(runes[:most])
	}
	return strings.TrimSpace(text)
}

// clean replaces what the charset of an MT document, or a single line, cannot hold:
// letters lose marks, anything else becomes a full stop.
func (n *notes) clean(what, text string, charset Charset, at finding.Location) string {
	table := charset.single()
	fits := func(r rune) bool {
		return r >= ' ' && (r < 0x7F || table == nil && r > 0x9F || table != nil && encodes(table, r))
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return !fits(r) }) {
		return strings.TrimSpace(text)
	}
	var b strings.Builder
	replaced := false
	for _, r := range text {
		switch {
		case fits(r):
			b.WriteRune(r)
		case r == '\n' || r == '\t' || r == '\r' || r == 0xA0:
			b.WriteByte(' ')
		default:
			replaced = true
			base := strings.Map(func(r rune) rune {
				if fits(r) {
					return r
				}
				return -1
			}, norm.NFKD.String(string(r)))
			b.WriteString(cmp.Or(base, "."))
		}
	}
	if replaced {
		n.add(CodeReplaced, "characters", what, at)
	}
	return strings.TrimSpace(b.String())
}

// encodes reports whether a charset has a character beyond ASCII that can be printed.
func encodes(table *charmap.Charmap, r rune) bool {
	ch, ok := table.EncodeRune(r)
	return ok && r >= 0xA0 && ch >= 0x80
}

// gvc pairs business transaction codes of DK with the bank transaction codes of ISO
// 20022, the usual code first; the reverse goes by the first pair.
var gvc = []struct{ code, domain, swift string }{
	{"166", "PMNT/RCDT/ESCT", "NTRF"}, {"116", "PMNT/ICDT/ESCT", "NTRF"}, {"117", "PMNT/ICDT/STDO", "NSTO"}, {"152", "PMNT/RCDT/STDO", "NSTO"},
	{"153", "PMNT/RCDT/SALA", "NTRF"}, {"168", "PMNT/RRCT/ESCT", "NTRF"}, {"118", "PMNT/IRCT/ESCT", "NTRF"}, {"159", "PMNT/RCDT/RRTN", "NRTI"},
	{"105", "PMNT/RDDT/ESDD", "NDDT"}, {"104", "PMNT/RDDT/BBDD", "NDDT"}, {"171", "PMNT/IDDT/ESDD", "NDDT"}, {"174", "PMNT/IDDT/BBDD", "NDDT"},
	{"109", "PMNT/IDDT/UPDD", "NRTI"}, {"181", "PMNT/RDDT/UPDD", "NRTI"},
	{"191", "PMNT/ICDT/ESCT", "NTRF"}, {"194", "PMNT/RCDT/ESCT", "NTRF"}, {"192", "PMNT/IDDT/ESDD", "NDDT"}, {"196", "PMNT/IDDT/BBDD", "NDDT"},
}

// domainOf returns the code of ISO 20022 for one of DK, "" if none is known.
func domainOf(code string) string {
	for _, p := range gvc {
		if p.code == code {
			return p.domain
		}
	}
	return ""
}

// otherCode is DK's code for other bookings, without a text key.
const otherCode = "835"

// codeOf returns DK's code and the type of :61: for one of ISO 20022.
func codeOf(domain string) (code, swift string, known bool) {
	for _, p := range gvc {
		if p.domain == domain {
			return p.code, p.swift, true
		}
	}
	return otherCode, "NMSC", false
}

// returnPrefix begins the remittance of a return, before the reason.
const returnPrefix = "RETURN/REFUND "

// splitReturn takes the reason line off a remittance.
func splitReturn(remittance, reason string) string {
	if reason == "" {
		return remittance
	}
	line, rest, _ := strings.Cut(remittance, "\n")
	if line == returnPrefix+reason {
		return rest
	}
	return remittance
}

// rewind goes back to the start, for another pass.
func rewind(src io.ReadSeeker) error {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("reading the document again: %w", err)
	}
	return nil
}

// bytesOf makes a view of a string; nil of nothing.
func bytesOf(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

// lines140 cuts each line into pieces of 140 characters, the length of Ustrd.
func lines140(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		runes := []rune(strings.TrimSpace(line))
		for len(runes) > 140 {
			out = append(out, string(runes[:140]))
			runes = runes[140:]
		}
		if len(runes) > 0 {
			out = append(out, string(runes))
		}
	}
	return strings.Join(out, "\n")
}

// printable replaces characters that XML cannot hold, and says so.
func (n *notes) printable(what string, b []byte, at finding.Location) string {
	if bytes.IndexFunc(b, func(r rune) bool { return r < ' ' && r != '\n' }) < 0 {
		return string(b)
	}
	n.add(CodeReplaced, "characters", what, at)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' {
			return ' '
		}
		return r
	}, string(b))
}
