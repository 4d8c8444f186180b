// Package finding holds what rules report about a document: a Finding is data about
// the document, with a permanent code, and never an error of the program. The rules
// themselves live beside their subject (iso20022/pain has those of credit transfers)
// and describe themselves as Rule.
package finding

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Code names a rule for ever, such as "PAIN-B1": subject, group letter, number. A
// code may be retired but is never given another meaning.
type Code string

// Severity says whether a document with the finding can go on.
type Severity string

// The severities. A document with an Error is not sent; a Warning is shown to people; a
// rule that is Off is not judged, so no Finding has this severity.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Off     Severity = "off"
)

// Location is a place in the received bytes. Line and Column count from 1, Column in
// characters; Offset is the distance in bytes from the start of the raw document. Path
// names the element from below the document element, with ordinals from 1 where an
// element repeats: "CstmrCdtTrfInitn/PmtInf[2]/CdtTrfTxInf[3]/Cdtr/Nm". The zero value
// is no place.
type Location struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Offset int64  `json:"offset"`
	Path   string `json:"path,omitempty"`
}

// String returns "line 12, column 5, Path".
func (l Location) String() string {
	if l.Path == "" {
		return fmt.Sprintf("line %d, column %d", l.Line, l.Column)
	}
	return fmt.Sprintf("line %d, column %d, %s", l.Line, l.Column, l.Path)
}

// Finding is one breach of one rule at one place. Message is a sentence for the
// person who wrote the document, without the offending text; Text is that text,
// shortened by Shorten. Text may hold personal data: it is for the owner of the
// document, never for a log. Case and Args say which of the rule's sentences Message is
// and what was put into it, so that Rule.Sentence can say it in another language.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	At       Location `json:"at"`
	Message  string   `json:"message"`
	Text     string   `json:"text,omitempty"`
	Case     string   `json:"case,omitempty"`
	Args     []string `json:"args,omitempty"`
}

// String leaves Text out, so that a finding that gets into a log tells no one's data.
func (f Finding) String() string {
	return fmt.Sprintf("%s %s at %s: %s", f.Code, f.Severity, f.At, f.Message)
}

// TextLimit is the number of characters to which Shorten cuts.
const TextLimit = 70

// Shorten returns a copy of the text with at most TextLimit characters, the last of
// them "…" when something was cut. Invalid UTF-8 is replaced.
func Shorten(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) <= TextLimit {
		return strings.Clone(text)
	}
	n := 0
	for i := range text {
		if n == TextLimit-1 {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// HasError reports whether any finding is an error.
func HasError(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Error {
			return true
		}
	}
	return false
}
