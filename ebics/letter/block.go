package letter

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"kontor/paper"
)

// block is a part of a paper: drawn on a page, or written as text for a terminal.
type block interface {
	draw(d *paper.Document)
	text(b *bytes.Buffer)
}

type (
	heading   string
	paragraph string
	note      string      // in small print
	gap       float64     // millimetres, on pages only
	keep      float64     // millimetres of what follows that must stay on one page
	rows      []paper.Row // a row without a value is filled in by hand
	digits    struct {
		label   string
		rows    []string
		compare bool // this is what somebody compares
	}
	choice struct {
		what   string
		ticked bool
	}
	signatures struct {
		room   float64 // millimetres to write in
		labels []string
	}
)

func draw(d *paper.Document, blocks []block) {
	for _, b := range blocks {
		b.draw(d)
	}
}

func writeText(w io.Writer, title string, blocks []block) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n", title)
	for _, b := range blocks {
		b.text(&out)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	return nil
}

func (h heading) draw(d *paper.Document) { d.Heading(string(h)) }
func (h heading) text(b *bytes.Buffer)   { fmt.Fprintf(b, "\n%s\n", h) }

func (p paragraph) draw(d *paper.Document) { d.Paragraph(string(p)) }
func (p paragraph) text(b *bytes.Buffer)   { fmt.Fprintf(b, "\n%s\n", p) }

func (n note) draw(d *paper.Document) { d.Note(string(n)) }
func (n note) text(b *bytes.Buffer)   { fmt.Fprintf(b, "\n%s\n", n) }

func (g gap) draw(d *paper.Document) { d.Gap(float64(g)) }
func (gap) text(*bytes.Buffer)       {}

func (k keep) draw(d *paper.Document) { d.Keep(float64(k)) }
func (keep) text(*bytes.Buffer)       {}

func (r rows) draw(d *paper.Document) { d.Rows(r...) }

func (r rows) text(b *bytes.Buffer) {
	width := 0
	for _, row := range r {
		width = max(width, utf8.RuneCountInString(row.Label))
	}
	b.WriteByte('\n')
	for _, row := range r {
		value := paper.Printable(row.Value) // a terminal must not be steered by a name
		if value == "" {
			value = blankLine
		}
		fmt.Fprintf(b, "%s%s  %s\n", row.Label, strings.Repeat(" ", width-utf8.RuneCountInString(row.Label)), value)
	}
}

const blankLine = "______________________________"

func (g digits) draw(d *paper.Document) { d.Digits(g.label, g.rows, g.compare) }
func (g digits) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n%s\n%s\n", g.label, strings.Join(g.rows, "\n"))
}

func (c choice) draw(d *paper.Document) { d.Choice(c.what, c.ticked) }

func (c choice) text(b *bytes.Buffer) {
	mark := ' '
	if c.ticked {
		mark = 'X'
	}
	fmt.Fprintf(b, "[%c] %s\n", mark, c.what)
}

func (s signatures) draw(d *paper.Document) { d.Signatures(s.room, s.labels...) }

func (s signatures) text(b *bytes.Buffer) {
	b.WriteByte('\n')
	for _, label := range s.labels {
		fmt.Fprintf(b, "\n%s\n%s\n", blankLine, paper.Printable(label))
	}
}
