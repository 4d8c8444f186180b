package paper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"kontor/paper"
)

func sample(t *testing.T, rows int) []byte {
	t.Helper()
	d := paper.New(paper.About{
		Title: "Sample", Language: "en", Date: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), Footer: "at the foot",
		Page: func(n, of int) string { return strings.Repeat("I", n) + " of " + strings.Repeat("I", of) },
	})
	d.NewPage("Sample", "of everything", "Sample, continued")
	d.Heading("Heading")
	d.Paragraph(strings.Repeat("some words ", 60))
	d.Rows(paper.Row{Label: "Name", Value: "Zoë Łęcka, Σοφία"}, paper.Row{Label: "By hand"})
	lines := make([]string, rows)
	for i := range lines {
		lines[i] = "0123456789"
	}
	d.Digits("Digits", lines, false)
	d.Digits("Compare", []string{"FEDCBA"}, true)
	d.Choice("ticked", true)
	d.Choice("open", false)
	d.Note(strings.Repeat("W", 400)) // wider than any line
	d.Signatures(12, "Place, date", "Signature")
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheSameCallsGiveTheSameBytes(t *testing.T) {
	first := sample(t, 100)
	for range 5 { // the library keeps fonts in maps
		if !bytes.Equal(first, sample(t, 100)) {
			t.Fatal("two documents of the same calls differ")
		}
	}
}

func TestRowsGoOnOnTheNextPage(t *testing.T) {
	for name, row := range map[string]struct{ rows, pages int }{"one page": {5, 1}, "two pages": {80, 2}, "five pages": {300, 5}} {
		pages := bytes.Count(sample(t, row.rows), []byte("<</Type /Page\n"))
		if pages != row.pages {
			t.Errorf("%s: %d pages, want %d", name, pages, row.pages)
		}
	}
}
