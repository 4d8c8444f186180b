package pain

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/finding"
	"kontor/money"
	"kontor/xmlscan"
)

const (
	maxValue  = 4096 // bytes kept of one element's text; the longest known value has 140 characters
	maxFrames = 16   // deeper than any path of the content model
)

// frame is an open element of the content model.
type frame struct {
	el      *element
	ordinal int    // 1-based among elements of this name in the parent; 0 if it does not repeat
	at      int    // index of the last child in schema order
	seen    uint64 // bit per child
	counts  int    // occurrences of the child at index at
	texted  bool   // text between children was reported
}

// reader is the state of one Read.
type reader struct {
	scan    *xmlscan.Scanner
	visitor Visitor
	version *version
	found   collector

	frames  [maxFrames]frame
	depth   int // frames in use
	skipped int // open elements inside one that is not judged

	text    []byte // of the open leaf
	cut     bool   // text is longer than maxValue
	leafPos xmlscan.Position
	ccy     []byte // attribute Ccy of the open leaf
	hasCcy  bool

	message  Message
	batch    *Batch
	payment  Payment
	fields   fields
	debit    debit
	totals   totals
	batchIDs map[[16]byte]struct{}
}

// Read reads one credit transfer or direct debit. It holds one payment at a time, and a hash of 16 bytes
// per PmtInf to find equal identifications. What cannot be read at all is an error: XML
// that is not well-formed (*xmlscan.SyntaxError), another root or namespace
// (*UnreadableError), a read error, or an error of the visitor. Everything else is a
// finding, in document order. With an error, message and findings are those of the
// part before it.
func Read(r io.Reader, o Options, v Visitor) (Message, []finding.Finding, error) {
	d := &reader{
		scan:     xmlscan.NewScanner(r, o.Limits),
		visitor:  v,
		found:    collector{max: o.MaxFindings},
		batchIDs: map[[16]byte]struct{}{},
	}
	if o.MaxFindings <= 0 {
		d.found.max = defaultMaxFindings
	}
	err := d.run()
	end := location(d.scan.Position(), "")
	if err == nil {
		d.judgeGroupTotals()
	}
	return d.message, d.found.sorted(end), err
}

func (d *reader) run() error {
	for {
		kind, err := d.scan.Next()
		if err == io.EOF { //nolint:errorlint // the scanner's own end of document; a wrapped one is a read error
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading payment initiation: %w", err)
		}
		switch kind {
		case xmlscan.StartElement:
			err = d.start()
		case xmlscan.EndElement:
			err = d.end()
		case xmlscan.Text:
			d.characters(d.scan.Text())
		case xmlscan.Comment, xmlscan.ProcInst:
		}
		if err != nil {
			return err
		}
	}
}

// start judges the place of an element and opens it.
func (d *reader) start() error {
	if d.skipped > 0 {
		d.skipped++
		return nil
	}
	if d.depth == 0 {
		return d.root()
	}
	parent := &d.frames[d.depth-1]
	child, ordinal := d.place(parent, d.scan.Local())
	if child == nil || child.content == anything {
		d.skipped = 1
		return nil
	}
	d.frames[d.depth] = frame{el: child, at: -1}
	if child.many {
		d.frames[d.depth].ordinal = ordinal
	}
	d.depth++
	if child.content == textOnly {
		d.openLeaf(child)
		return nil
	}
	d.openContainer(child)
	return nil
}

// root accepts the document element of a known version.
func (d *reader) root() error {
	space, local := string(d.scan.Space()), string(d.scan.Local())
	if local == "Document" {
		for _, v := range versions {
			if v.namespace == space {
				d.version, d.message.Kind, d.message.Version = v, v.kind, v.name
				d.frames[0] = frame{el: v.document, at: -1}
				d.depth = 1
				return nil
			}
		}
	}
	return &UnreadableError{Code: CodeUnknownMessage, At: location(d.scan.Position(), ""),
		Message: fmt.Sprintf("the document element is %q in the namespace %q; credit transfers are read in pain.001.001.03 and pain.001.001.09, direct debits in pain.008.001.02 and pain.008.001.08", finding.Shorten(local), finding.Shorten(space))}
}

// place finds the child of that name, reports what is wrong with its place, and
// returns nil for one whose content must not be read.
func (d *reader) place(parent *frame, local []byte) (*element, int) {
	if parent.el.content == textOnly {
		d.misplaced(local, "no element may stand inside "+parent.el.name)
		return nil, 0
	}
	if string(d.scan.Space()) != d.version.namespace {
		d.misplaced(local, "it is not in the namespace of the message")
		return nil, 0
	}
	children := parent.el.children
	i := max(parent.at, 0)
	for n := 0; n < len(children); n, i = n+1, i+1 {
		if i == len(children) {
			i = 0
		}
		if children[i].name == string(local) {
			return d.occurrence(parent, i, local)
		}
	}
	if parent.el.content != open {
		d.misplaced(local, parent.el.name+" has no such element")
	}
	return nil, 0
}

// occurrence judges order and number of a known child.
func (d *reader) occurrence(parent *frame, i int, local []byte) (*element, int) {
	child := parent.el.children[i]
	switch before := parent.seen&(1<<i) != 0; {
	case parent.el.content == choice && parent.seen != 0:
		d.misplaced(local, parent.el.name+" holds one element only")
		return nil, 0
	case before && !child.many:
		d.misplaced(local, "it stands here a second time")
		return nil, 0
	case i < parent.at:
		d.misplaced(local, "it must stand before "+parent.el.children[parent.at].name)
	case i > parent.at:
		parent.at, parent.counts = i, 0
	}
	parent.seen |= 1 << i
	parent.counts++
	return child, parent.counts
}

func (d *reader) misplaced(local []byte, why string) {
	d.add(finding.Finding{Code: CodeStructure, At: d.here(d.scan.Position(), string(local)), Message: "the element is out of place: " + why})
}

// end closes an element.
func (d *reader) end() error {
	if d.skipped > 0 {
		d.skipped--
		return nil
	}
	f := &d.frames[d.depth-1]
	if f.el.content == textOnly {
		d.closeLeaf(f.el)
		d.depth--
		return nil
	}
	d.missing(f)
	err := d.closeContainer(f)
	d.depth--
	return err
}

// missing reports required children that did not appear.
func (d *reader) missing(f *frame) {
	if f.el.content == choice {
		if f.seen == 0 {
			names := make([]string, 0, len(f.el.children))
			for _, c := range f.el.children {
				names = append(names, c.name)
			}
			d.add(finding.Finding{Code: CodeStructure, At: d.here(d.scan.Position(), ""), Message: "one of these elements is missing: " + strings.Join(names, ", ")})
		}
		return
	}
	for i, c := range f.el.children {
		if !c.optional && f.seen&(1<<i) == 0 {
			d.add(finding.Finding{Code: CodeStructure, At: d.here(d.scan.Position(), c.name), Message: "the required element " + c.name + " is missing"})
		}
	}
}

// characters collects the text of a leaf and reports text between elements.
func (d *reader) characters(text []byte) {
	if d.skipped > 0 || d.depth == 0 {
		return
	}
	f := &d.frames[d.depth-1]
	if f.el.content == textOnly {
		room := maxValue - len(d.text)
		if len(text) > room {
			d.cut, text = true, text[:room]
		}
		d.text = append(d.text, text...)
		return
	}
	if f.el.content == open || f.texted {
		return
	}
	if text = bytes.Trim(text, blanks); len(text) > 0 {
		f.texted = true
		d.add(finding.Finding{Code: CodeStructure, At: d.here(d.scan.Position(), ""), Message: "there is text between the elements of " + f.el.name, Text: string(text[:min(len(text), maxValue)])})
	}
}

// blanks are the white space characters of XML.
const blanks = " \t\r\n"

// openLeaf prepares for a value.
func (d *reader) openLeaf(el *element) {
	d.text, d.cut = d.text[:0], false
	if el.role == roleNone {
		return
	}
	d.leafPos = d.scan.Position()
	if el.role == roleAmount {
		d.ccy, d.hasCcy = d.ccy[:0], false
		for _, a := range d.scan.Attrs() {
			if string(a.Local) == "Ccy" && len(a.Space) == 0 {
				d.ccy, d.hasCcy = append(d.ccy, a.Value...), true
			}
		}
	}
}

// add completes a finding with the severity of its rule.
func (d *reader) add(f finding.Finding) {
	rule, _ := LookupRule(f.Code)
	f.Severity = rule.Severity
	d.found.add(f, false)
}

// fault reports something about the value of the open leaf.
func (d *reader) fault(code finding.Code, message string) {
	d.add(finding.Finding{Code: code, At: d.here(d.leafPos, ""), Message: message, Text: string(d.text)})
}

// here is a position with the path of the open element, and a child's name if given.
func (d *reader) here(p xmlscan.Position, child string) finding.Location {
	path := d.appendPath(nil)
	if child != "" {
		if len(path) > 0 {
			path = append(path, '/')
		}
		path = append(path, finding.Shorten(child)...)
	}
	return location(p, string(path))
}

// appendPath appends the names of the open elements below Document.
func (d *reader) appendPath(path []byte) []byte {
	for i := 1; i < d.depth; i++ {
		if i > 1 {
			path = append(path, '/')
		}
		path = append(path, d.frames[i].el.name...)
		if n := d.frames[i].ordinal; n > 0 {
			path = append(path, '[')
			path = strconv.AppendInt(path, int64(n), 10)
			path = append(path, ']')
		}
	}
	return path
}

func location(p xmlscan.Position, path string) finding.Location {
	return finding.Location{Line: p.Line, Column: p.Column, Offset: p.Offset, Path: path}
}

// currency returns the code without allocating for one met before.
func (d *reader) currency(code []byte) money.Currency {
	for _, c := range d.message.Currencies {
		if string(c) == string(code) {
			return c
		}
	}
	return money.Currency(code)
}
