package camt

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"sync"

	"kontor/finding"
	"kontor/xmlscan"
	"kontor/xsd"
)

// headSize is how much of a document is looked at for its document element.
const headSize = 16 << 10

// choose looks at the document element and returns the plan for its version: that of
// its schema, or one that goes by structure. r is replaced by a reader from the start.
func (d *reader) choose(r *io.Reader, l xmlscan.Limits) (*xsd.Plan, error) {
	buffered := bufio.NewReaderSize(*r, headSize)
	*r = buffered
	head, _ := buffered.Peek(headSize) // an error comes again with the next read
	space, err := message(head, l)
	if err != nil {
		return nil, err
	}
	d.version = version(space)
	if d.version != "" {
		if plan, err := schemaPlan(d.version); plan != nil || err != nil {
			return plan, err
		}
	}
	if number, err := strconv.Atoi(d.version[strings.LastIndexByte(d.version, '.')+1:]); err == nil && number < codedStatus {
		return structureOld(), nil
	}
	return structure(), nil
}

// codedStatus is the version from which on Sts is an element with a code inside.
const codedStatus = 7

// message returns the namespace of a document, and an *UnreadableError if it is not
// Document with one of the three messages inside; their names grew suffixes in the first
// version (BkToCstmrAcctRptV01). What is wrong with the XML is not judged here.
func message(head []byte, l xmlscan.Limits) (space string, err error) {
	scan := xmlscan.NewScanner(bytes.NewReader(head), l)
	for names := []string(nil); ; {
		kind, err := scan.Next()
		if err == io.EOF { //nolint:errorlint // the scanner's own end of document
			return "", unreadable(scan, names)
		}
		if err != nil {
			return space, nil //nolint:nilerr // it comes again when the document is read
		}
		if kind != xmlscan.StartElement {
			continue
		}
		names = append(names, string(scan.Local()))
		switch {
		case len(names) == 1:
			space = string(scan.Space())
			if names[0] != "Document" {
				return "", unreadable(scan, names)
			}
		case !strings.HasPrefix(names[1], "BkToCstmr"):
			return "", unreadable(scan, names)
		default:
			return space, nil
		}
	}
}

func unreadable(scan *xmlscan.Scanner, names []string) error {
	p := scan.Position()
	begins := finding.Shorten(strings.Join(names, "/"))
	return &UnreadableError{
		Code: CodeUnknown, At: finding.Location{Line: p.Line, Column: p.Column, Offset: p.Offset},
		Message: fmt.Sprintf("the document is not an account report, statement or notification: it begins with %q", begins),
		Begins:  begins,
	}
}

// version returns "camt.053.001.08" of a namespace, "" if that says nothing.
func version(space string) string {
	name := space[strings.LastIndexByte(space, ':')+1:]
	if !strings.HasPrefix(name, "camt.05") || len(name) > 40 {
		return ""
	}
	return name
}

// plans are made once for each schema.
var plans sync.Map // of string to *xsd.Plan

// schemaPlan returns the plan of a version whose schema is in the program, else nil.
func schemaPlan(version string) (*xsd.Plan, error) {
	if p, ok := plans.Load(version); ok {
		return p.(*xsd.Plan), nil //nolint:forcetypeassert // nothing else is stored
	}
	schema, ok := xsd.Core(version)
	if !ok {
		return nil, nil
	}
	bound, unknown := schema.Bind(roles())
	if len(unknown) == len(roles()) {
		return nil, fmt.Errorf("reading statement: the schema %s has none of the elements of a statement", version)
	}
	p, _ := plans.LoadOrStore(version, bound)
	return p.(*xsd.Plan), nil //nolint:forcetypeassert // as above
}

var structure = sync.OnceValue(func() *xsd.Plan {
	all := maps.Clone(roles())
	maps.DeleteFunc(all, func(path string, _ xsd.Role) bool { return strings.HasSuffix(path, "Ntry/Sts") })
	return xsd.Structure(all)
})

// structureOld is for versions in which Sts is a text.
var structureOld = sync.OnceValue(func() *xsd.Plan {
	all := maps.Clone(roles())
	maps.DeleteFunc(all, func(path string, _ xsd.Role) bool { return strings.Contains(path, "/Ntry/Sts/") })
	return xsd.Structure(all)
})

// lastElement is the last name of a path, without its ordinal.
func lastElement(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if i := strings.IndexByte(name, '['); i >= 0 {
		name = name[:i]
	}
	return name
}
