// Package strictyaml reads small YAML files that people write, so that a slip of
// the pen is an error with a line, never a setting that is silently not there.
//
// It takes plain YAML only: one document, no anchors, aliases, merge keys or tags,
// no key twice, no key that the target does not have.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limit is the longest file that is read, in bytes.
const Limit = 1 << 20

// Error is one fault of a file.
type Error struct {
	File    string
	Line    int // 0 = the file as a whole
	Message string
}

// Error returns "file:line: message".
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return e.File + ":" + strconv.Itoa(e.Line) + ": " + e.Message
}

// Document remembers where the values of a decoded file stand.
type Document struct {
	file string
	root *yaml.Node
}

// Decode reads the one document of a file into a pointer to a struct with yaml
// tags. All faults come back joined, each an *Error with its line. What was decoded
// before a fault is not to be used.
func Decode(file string, data []byte, into any) (*Document, error) {
	if len(data) > Limit {
		return nil, &Error{File: file, Message: fmt.Sprintf("is longer than %d bytes", Limit)}
	}
	var root yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &Error{File: file, Message: "is empty"}
		}
		return nil, located(file, err.Error())
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Error{File: file, Message: "has more than one document"}
	}
	if err := plain(file, &root); err != nil {
		return nil, err
	}
	strict := yaml.NewDecoder(bytes.NewReader(data))
	strict.KnownFields(true)
	if err := strict.Decode(into); err != nil {
		return nil, faults(file, err)
	}
	return &Document{file: file, root: &root}, nil
}

// Errorf returns an error at a place: a path of keys (string) and positions (int)
// from the root. A path that leads nowhere is located at its last part that exists.
func (d *Document) Errorf(path []any, format string, args ...any) error {
	node := d.root
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for _, step := range path {
		next := child(node, step)
		if next == nil {
			break
		}
		node = next
	}
	return &Error{File: d.file, Line: node.Line, Message: fmt.Sprintf(format, args...)}
}

func child(node *yaml.Node, step any) *yaml.Node {
	switch s := step.(type) {
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == s {
				return node.Content[i+1]
			}
		}
	case int:
		if node.Kind == yaml.SequenceNode && s < len(node.Content) {
			return node.Content[s]
		}
	}
	return nil
}

// plain refuses what lets a file say something else than it shows.
func plain(file string, node *yaml.Node) error {
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return &Error{File: file, Line: node.Line, Message: "anchors and aliases are not read here: write the value out"}
	case node.Style&yaml.TaggedStyle != 0:
		return &Error{File: file, Line: node.Line, Message: "tags are not read here"}
	}
	for i, c := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && c.Tag == "!!merge" {
			return &Error{File: file, Line: c.Line, Message: "merge keys are not read here"}
		}
		if err := plain(file, c); err != nil {
			return err
		}
	}
	return nil
}

var (
	lineOf  = regexp.MustCompile(`(?s)^(?:yaml: )?(?:line (\d+): )?(.*)$`)
	unknown = regexp.MustCompile(`(?s)^field (.+) not found in type .+$`)
	twice   = regexp.MustCompile(`(?s)^mapping key (.+) already defined at line (\d+)$`)
	kind    = regexp.MustCompile(`(?s)^cannot unmarshal .+ into \S+$`)
)

// faults turns the library's list, which names types of our program, into words
// about the file.
func faults(file string, err error) error {
	var list *yaml.TypeError
	if !errors.As(err, &list) {
		return located(file, err.Error())
	}
	var all []error
	for _, text := range list.Errors {
		all = append(all, located(file, text))
	}
	return errors.Join(all...)
}

func located(file, text string) error {
	m := lineOf.FindStringSubmatch(strings.TrimSpace(text))
	line, _ := strconv.Atoi(m[1]) // "" is 0: the file as a whole
	message := m[2]
	if u := unknown.FindStringSubmatch(message); u != nil {
		message = fmt.Sprintf("unknown key %q", u[1])
	} else if u := twice.FindStringSubmatch(message); u != nil {
		message = fmt.Sprintf("key %s stands in line %s already", u[1], u[2])
	} else if kind.MatchString(message) {
		message = "this is no value of the kind that belongs here"
	}
	return &Error{File: file, Line: line, Message: message}
}
