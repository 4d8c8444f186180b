// Package paper draws A4 pages that people print, sign and file: headings, tables of labels and values, digits in rows, boxes to tick and
// lines to sign on. The pages are PDF with their fonts inside.
//
// The same calls give the same bytes: there is no clock and no chance in it. Texts are in any of the scripts that Latin, Greek and
// Cyrillic alphabets need; see Printable.
package paper

import (
	"bytes"
	_ "embed" // the fonts
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// The fonts are Liberation 2.1.5 as its authors publish it; the licence is in fonts/LICENSE.
//
//go:embed fonts/LiberationSans-Regular.ttf
var regularFont []byte

//go:embed fonts/LiberationSans-Bold.ttf
var boldFont []byte

//go:embed fonts/LiberationMono-Regular.ttf
var fixedFont []byte

// Lengths in millimetres of the page and its parts. The left margin leaves room to punch the page.
const (
	pageWidth    = 210.0
	pageHeight   = 297.0
	leftMargin   = 25.0
	rightMargin  = 20.0
	topMargin    = 18.0
	bottomMargin = 20.0
	textWidth    = pageWidth - leftMargin - rightMargin
	labelWidth   = 48.0
)

// About says what a document is, for whoever opens it.
type About struct {
	Title    string
	Language string    // of the document, such as de
	Date     time.Time // of its contents; the zero time is written as 1 January 1970
	Footer   string    // at the foot of each page, left
	// Page writes the number of a page at its foot, right, such as "Page 1 of 3"; nil = no numbers.
	Page func(number, of int) string
}

// Document is a document in the making. Its methods draw from top to bottom and begin a new page when the old one is full. An error of the
// library is kept and returned by Write.
type Document struct {
	about   About
	pdf     *fpdf.Fpdf
	y       float64
	running string // what a page that continues another says at its top
}

// New returns an empty document. Draw begins with NewPage.
func New(about About) *Document {
	pdf := fpdf.New("P", "mm", "A4", "")
	date := about.Date.UTC()
	if about.Date.IsZero() {
		date = time.Unix(0, 0).UTC()
	}
	pdf.SetCreationDate(date)
	pdf.SetModificationDate(date)
	pdf.SetCatalogSort(true) // the same order of fonts each time
	pdf.SetProducer("Kontor", false)
	pdf.SetTitle(Printable(about.Title), true)
	pdf.SetLang(about.Language)
	pdf.SetDisplayMode("fullpage", "single")
	pdf.SetMargins(leftMargin, topMargin, rightMargin)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes(sans, "", regularFont)
	pdf.AddUTF8FontFromBytes(sans, bold, boldFont)
	pdf.AddUTF8FontFromBytes(fixed, "", fixedFont)
	return &Document{about: about, pdf: pdf}
}

// The names of the fonts in the document.
const (
	sans  = "sans"
	fixed = "fixed"
	bold  = "B"
)

// Colours, in shades of grey from 0 (black) to 255.
const (
	black     = 0
	soft      = 90  // labels, small print
	line      = 170 // rules in tables
	highlight = 240 // behind what must be compared
)

// NewPage begins a page with a title. running stands at the top of further pages if this one overflows.
func (d *Document) NewPage(title, subtitle, running string) {
	d.running = running
	d.pdf.AddPage()
	d.y = topMargin
	d.font(sans, bold, 17)
	d.ink(black)
	d.lines(title, leftMargin, textWidth, 7.5)
	if subtitle != "" {
		d.font(sans, "", 11.5)
		d.lines(subtitle, leftMargin, textWidth, 5.5)
	}
	d.y += 2.5
	d.rule(black, 0.4)
	d.y += 3.5
}

// Write finishes the document and writes it. The document must have a page, and is of no use afterwards.
func (d *Document) Write(w io.Writer) error {
	for n, of := 1, d.pdf.PageNo(); n <= of; n++ {
		d.pdf.SetPage(n)
		d.foot(n, of)
	}
	var out bytes.Buffer
	if err := d.pdf.Output(&out); err != nil {
		return fmt.Errorf("make a document of pages: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write a document of pages: %w", err)
	}
	return nil
}

func (d *Document) foot(n, of int) {
	d.pdf.SetFont(sans, "", 1) // the library leaves out a font that it believes is set, also on another page
	d.font(sans, "", 8)
	d.ink(soft)
	d.y = pageHeight - bottomMargin + 6
	d.pdf.SetDrawColor(line, line, line)
	d.pdf.SetLineWidth(0.2)
	d.pdf.Line(leftMargin, d.y, pageWidth-rightMargin, d.y)
	d.put(d.about.Footer, leftMargin, d.y+4)
	if d.about.Page != nil {
		text := Printable(d.about.Page(n, of))
		d.put(text, pageWidth-rightMargin-d.pdf.GetStringWidth(text), d.y+4)
	}
}

// need begins a new page unless height millimetres are left on this one.
func (d *Document) need(height float64) {
	if d.y+height <= pageHeight-bottomMargin {
		return
	}
	d.pdf.AddPage()
	d.y = topMargin
	d.font(sans, "", 9)
	d.ink(soft)
	d.lines(d.running, leftMargin, textWidth, 4.5)
	d.y++
	d.rule(line, 0.2)
	d.y += 3
}

// lines writes text in lines of the given height, broken at blanks, from d.y downwards.
func (d *Document) lines(text string, x, width, height float64) {
	for _, l := range d.wrap(text, width) {
		d.put(l, x, d.y+height*0.75)
		d.y += height
	}
}

// put writes one line with its base line at y.
func (d *Document) put(text string, x, y float64) {
	if text = Printable(text); text != "" {
		d.pdf.Text(x, y, text)
	}
}

// wrap breaks text at blanks so that each line fits; a word that is wider than a line is broken anywhere. A no-break space is no blank.
func (d *Document) wrap(text string, width float64) []string {
	var out []string
	current := ""
	for _, word := range strings.Split(Printable(text), " ") {
		next := word
		if current != "" {
			next = current + " " + word
		}
		if d.pdf.GetStringWidth(next) <= width {
			current = next
			continue
		}
		if current != "" {
			out = append(out, current)
		}
		current = ""
		for _, r := range word {
			if current != "" && d.pdf.GetStringWidth(current+string(r)) > width {
				out = append(out, current)
				current = ""
			}
			current += string(r)
		}
	}
	return append(out, current)
}

func (d *Document) font(family, style string, points float64) { d.pdf.SetFont(family, style, points) }

func (d *Document) ink(grey int) { d.pdf.SetTextColor(grey, grey, grey) }

// rule draws a line across the page at d.y.
func (d *Document) rule(grey int, width float64) {
	d.pdf.SetDrawColor(grey, grey, grey)
	d.pdf.SetLineWidth(width)
	d.pdf.Line(leftMargin, d.y, pageWidth-rightMargin, d.y)
}
