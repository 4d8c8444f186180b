package pain

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"kontor/xsd"
)

// boundSchemas keeps schemas that are not part of the program bound, too. Whoever hands them in has few, and always the same.
var boundSchemas sync.Map // schemaUse → bound

type schemaUse struct {
	schema *xsd.Schema
	kind   Kind
}

type bound struct {
	plan    *xsd.Plan
	unknown []string // paths that the schema does not have
}

func bind(s *xsd.Schema, k Kind) bound {
	if b, ok := boundSchemas.Load(schemaUse{s, k}); ok {
		return b.(bound) //nolint:forcetypeassert // nothing else is stored
	}
	plan, unknown := s.Bind(rolePaths(k))
	b, _ := boundSchemas.LoadOrStore(schemaUse{s, k}, bound{plan, unknown})
	return b.(bound) //nolint:forcetypeassert // as above
}

// chosen returns the schema that the caller wants a document to be judged by, nil for the profile's.
func (o *Options) chosen(namespace, name string) *xsd.Schema {
	if o.Choose == nil {
		return nil
	}
	if s := o.Choose(namespace, name); s != nil && s.Namespace() == namespace {
		return s
	}
	return nil
}

// adopted is what a schema says of a message that no profile knows.
type adopted struct {
	name    string
	kind    Kind
	classic bool
}

// adopt has a document read whose namespace no profile knows, if the caller has a schema for it that is one of a payment initiation.
func (p *peeked) adopt(o *Options) bool {
	if p.local != "Document" {
		return false
	}
	s := o.chosen(p.space, "")
	if s == nil {
		return false
	}
	for _, k := range []Kind{KindCreditTransfer, KindDirectDebit} {
		b := bind(s, k)
		if len(b.unknown) == len(rolePaths(k)) {
			continue
		}
		p.adopted = adopted{name: cmp.Or(p.name(), s.Name()), kind: k,
			classic: slices.ContainsFunc(b.unknown, func(path string) bool { return strings.HasSuffix(path, "/BICFI") })}
		return true
	}
	return false
}
