package xsd

import (
	"fmt"
	"strings"

	"kontor/xmlscan"
)

// Kind says how a document breaks its schema.
type Kind uint8

// The kinds of violations.
const (
	Unexpected  Kind = iota + 1 // an element that may not stand here, or not once more
	Missing                     // an element that must stand before this one
	Incomplete                  // an element ends before all that it must hold
	TypeLength                  // a value is too short or too long
	TypePattern                 // a value does not match the pattern
	TypeEnum                    // a value is not one of the allowed ones
	TypeRange                   // a number is out of bounds
	TypeDigits                  // a number has too many digits
	TypeForm                    // a value is no number, date, boolean and so on
	Attribute                   // an attribute that is not known, or is missing, or has another value than the fixed one
	Text                        // text where only elements may stand
	Namespace                   // an element of another namespace
)

// String returns the name of the kind.
func (k Kind) String() string {
	switch k {
	case Unexpected:
		return "Unexpected"
	case Missing:
		return "Missing"
	case Incomplete:
		return "Incomplete"
	case TypeLength:
		return "TypeLength"
	case TypePattern:
		return "TypePattern"
	case TypeEnum:
		return "TypeEnum"
	case TypeRange:
		return "TypeRange"
	case TypeDigits:
		return "TypeDigits"
	case TypeForm:
		return "TypeForm"
	case Attribute:
		return "Attribute"
	case Text:
		return "Text"
	case Namespace:
		return "Namespace"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Violation is one breach of the schema. Text is personal data of the owner of the
// document; it is for them, never for a log.
type Violation struct {
	Kind   Kind
	Offset int64 // of the start tag concerned: for Missing that of the element that came instead, for Incomplete that of the element that ends
	Line   int   // of Offset, from 1; 0 if the tag is so far back that it is no more known
	Column int   // in characters, from 1
	// Path leads to the element concerned, with ordinals from 1 where elements repeat,
	// and to an attribute as ".../InstdAmt/@Ccy". It begins below the document element.
	// For Missing it is the path of the element that lacks the other.
	Path string
	// Name is the element or attribute concerned: the missing one for Missing, the
	// element that ends for Incomplete.
	Name     string
	Text     []byte   // the offending text, cut to 4 kB at a character; nil if there is none
	Expected []string // elements that may stand here, or the facet: "maxLength 35", a pattern, the enumeration; not to be changed
}

// wantedMost is how many of Violation.Expected a sentence names.
const wantedMost = 8

// Wanted joins the first eight of Expected for a sentence, with "…" for the rest.
func (v *Violation) Wanted() string {
	if len(v.Expected) <= wantedMost {
		return strings.Join(v.Expected, ", ")
	}
	return strings.Join(v.Expected[:wantedMost], ", ") + ", …"
}

// textLimit is how much of an offending text a Violation has.
const textLimit = 4 << 10

// Value is the text of one element or attribute. Its slices are valid during the call.
type Value struct {
	Text   []byte // references resolved, white space as the type says
	Offset int64  // of the start tag in the raw document; for an attribute that of its element
	End    int64  // just behind the end tag; for an attribute the same as Offset, for its element is still open
	Valid  bool   // false: a violation has been reported for it
	Attr   []byte // the value of the element's attribute, of the first one that its type knows; nil if it has none
}

// Handler gets the events of a document, all in document order. An error ends the walk
// and comes back from Validate, wrapped.
type Handler interface {
	Open(r Role, offset int64) error       // an element with child elements and a role starts
	Value(r Role, v *Value) error          // an element with text and a role has ended, or an attribute with a role has been read
	Close(r Role, offset, end int64) error // an element with child elements and a role has ended
	Violation(v *Violation) error
}

// Attacher is a Handler that wants to ask the Run for places and paths. Attach is
// called once, before the first event.
type Attacher interface{ Attach(r *Run) }

// Options are the settings of one run. The zero value is ready for use.
type Options struct {
	Limits        xmlscan.Limits
	MaxViolations int // reported to the handler; 0 = 100, the rest is counted only
	// Lenient is for bank documents: an element that the schema has not in its place is
	// still read by structure, so that values whose path below it has a role are found.
	Lenient bool
}

// defaultViolations is the default of Options.MaxViolations.
const defaultViolations = 100

// Summary is what Validate tells of the whole document.
type Summary struct {
	Violations int    // all of them, also those beyond MaxViolations
	Encoding   string // as xmlscan names it
	Bytes      int64  // raw bytes
	BOM        bool   // the document begins with a byte order mark
	CDATA      Mark   // CDATA sections; only the first one is counted
	Empty      Mark   // elements without child elements and text, valid or not
	Blank      Mark   // elements with text of white space only
}

// Mark is how often something occurs that only some rules mind, and where first.
type Mark struct {
	Count int
	At    xmlscan.Position // of the first one
	Path  string
}

// RootError says that the document element is none of the schema.
type RootError struct {
	Space, Local string // name of the document element, shortened to 200 bytes
	Want         string // namespace of the schema
	Position     xmlscan.Position
}

// Error returns the sentence.
func (e *RootError) Error() string {
	return fmt.Sprintf("the document element %q of namespace %q is none of the schema for namespace %q", e.Local, e.Space, e.Want)
}
