package ebics

import (
	"bytes"
	"strings"
	"testing"

	"kontor/internal/hub"
)

func TestLetterIsMadeAsTextAndAsPagesForWhoSigns(t *testing.T) {
	w := newWire(t)
	c := Ceremony{w.Channel}
	made, err := c.GenerateKeys(w.link, "A006")
	must(t, err)
	w.link.Contact.Keys = made
	var text strings.Builder
	must(t, c.Letter(&text, w.link, hub.LetterForm{Language: "fr", Name: "Petra Probe"}, now()))
	if !strings.Contains(text.String(), "Petra Probe") || !strings.Contains(text.String(), "Lettre d’initialisation") {
		t.Errorf("the letter:\n%s", text.String())
	}
	var pages bytes.Buffer
	must(t, c.Letter(&pages, w.link, hub.LetterForm{Language: "fr", PDF: true}, now()))
	if !bytes.HasPrefix(pages.Bytes(), []byte("%PDF-")) {
		t.Errorf("no PDF: %.20q", pages.Bytes())
	}
	if err := c.Letter(&pages, w.link, hub.LetterForm{Language: "nl"}, now()); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("a language that does not exist: %v", err)
	}
}
