package xsd

import (
	"fmt"
	"io"

	"kontor/xmlscan"
)

// mode says how the content of an open element is read.
type mode uint8

const (
	byStates mode = iota // child elements, by the automaton
	asText               // text of a simple type or of simple content
	byTree               // by structure: not in the schema, but some path below has a role
	treeText             // the same, text
	skipped              // not at all
	laxly                // only elements that the schema has as roots
)

// frame is an open element.
type frame struct {
	mode    mode
	flawed  bool   // a value that a violation was reported for
	forgive bool   // an unknown element may have stood for one that is now missing
	jumped  bool   // elements were missing; they may still come: from tells whence
	filled  bool   // it has child elements or text
	repeats bool   // its path has an ordinal
	role    Role   // of the element
	last    uint32 // name of the last child, as index into Schema.names
	count   uint32 // how many of that name came in a row
	ordinal uint32 // among its siblings
	state   uint32 // of the automaton
	from    uint32 // state before the elements that were missing
	node    *planNode
	leaf    *leaf  // of text
	label   string // local name, of an element that the schema has not
	branch  int32  // of Plan.tree, or none
	name    uint32 // index into Schema.names
	offset  int64  // of the start tag
	attr    []byte // value of its attribute; a part of Run.attr
}

// Run is one document on its way through a Plan. It belongs to one goroutine; a Handler
// may ask it during its calls.
type Run struct {
	plan    *Plan
	scan    *xmlscan.Scanner
	handler Handler
	most    int // violations to report
	lenient bool
	slowly  bool // for tests: by Next only

	frames  []frame
	tags    []xmlscan.Tag
	prefix  string
	guesses []uint16 // by state: index of the move that was taken last; its count: the end
	course  course
	leapsAt []uint16 // by state behind a leaf: index into leaps, which begins with one that is for no state
	leaps   []leaps
	hits    []uint16 // by leaf: the value of the enumeration that was met last

	value    Value
	current  *planMove // the element whose value or attribute is being told, without a frame
	label    string    // attribute being told, with its @
	text     []byte    // of the element that is open as text
	attr     []byte
	scratch  []byte
	queue    []hop    // of search
	seen     []uint32 // by state: the search that has come to it
	searches uint32
	astray   planMove // of staying
	sum      Summary
}

// maxValue bounds the text of one element. No facet of an official schema allows more
// than 10,240 characters; what is longer is told cut, with a violation.
const maxValue = 256 << 10

// Validate reads one document to its end and tells the handler what has a role and
// every breach of the schema. It returns an error, and what it has counted up to there,
// for a document that is not well-formed or beyond the limits (*xmlscan.SyntaxError), a
// document element that is none of the schema (*RootError), a failing reader and a
// failing handler (wrapped). Memory is bounded by Options.Limits: some 300 kB for an
// ordinary document of any length. It may be called any number of times, from any
// number of goroutines.
func (p *Plan) Validate(r io.Reader, o Options, h Handler) (Summary, error) {
	run := newRun(p, xmlscan.NewScanner(r, o.Limits), o, h)
	return run.document()
}

func newRun(p *Plan, s *xmlscan.Scanner, o Options, h Handler) *Run {
	run := &Run{
		plan: p, scan: s, handler: h, most: o.MaxViolations, lenient: o.Lenient,
		frames: make([]frame, 0, 24), guesses: make([]uint16, len(p.states)), leapsAt: make([]uint16, len(p.states)), leaps: make([]leaps, 1, 16), hits: make([]uint16, len(p.leaves)),
	}
	if run.most <= 0 {
		run.most = defaultViolations
	}
	return run
}

// document reads the whole document.
func (r *Run) document() (Summary, error) {
	if a, ok := r.handler.(Attacher); ok {
		a.Attach(r)
	}
	err := r.walk()
	r.summarise()
	return r.sum, unlessEnd(err)
}

// unlessEnd returns nil for the end of a complete document. A handler's io.EOF comes
// wrapped and stays an error.
func unlessEnd(err error) error {
	if err == io.EOF { //nolint:errorlint // that of xmlscan itself, not one that is wrapped
		return nil
	}
	return err
}

// summarise fills in what the scanner knows.
func (r *Run) summarise() {
	r.sum.Encoding, r.sum.BOM = r.scan.Encoding(), r.scan.Marked()
	r.sum.Bytes = r.scan.EndOffset()
}

// walk alternates between the fast path and single tokens, until io.EOF.
func (r *Run) walk() error {
	for {
		if n := len(r.frames); n > 0 && !r.slowly && r.frames[n-1].mode == byStates && r.scan.Plain(r.prefix) {
			if err := r.sprint(); err != nil {
				return err
			}
		}
		if err := r.step(); err != nil {
			return err
		}
	}
}

// Position returns the place of an offset that an event has told. It is known for the
// start tags of open elements and, as a rule, for the last 64 KiB; beyond that line and
// column are 0. Keep the Position of a value of the header when it comes.
func (r *Run) Position(offset int64) xmlscan.Position { return r.scan.PositionAt(offset) }

// Path returns the path of the element or attribute of the event, with ordinals from 1
// where elements repeat, as finding.Location has it. The ordinal counts elements of one
// name in a row.
func (r *Run) Path() string {
	b := make([]byte, 0, 128)
	for i := 1; i < len(r.frames); i++ {
		f := &r.frames[i]
		b = appendStep(b, r.labelOf(f), f.ordinal, f.repeats)
	}
	if r.current != nil {
		f := &r.frames[len(r.frames)-1]
		b = appendStep(b, r.plan.schema.names[r.current.name], f.count, r.current.repeats)
	}
	if r.label != "" {
		b = appendStep(b, r.label, 1, false)
	}
	return string(b)
}

// appendStep appends one step of a path.
func appendStep(b []byte, label string, ordinal uint32, repeats bool) []byte {
	if len(b) > 0 {
		b = append(b, '/')
	}
	b = append(b, label...)
	if repeats || ordinal > 1 {
		b = fmt.Appendf(b, "[%d]", ordinal)
	}
	return b
}

// handled wraps an error of the handler.
func handled(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("handling the document: %w", err)
}
