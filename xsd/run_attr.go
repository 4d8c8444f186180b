package xsd

import (
	"kontor/xmlscan"
)

// schemaInstance is the namespace of xsi:schemaLocation and the like.
const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

// attributes judges the attributes of the element just opened.
func (r *Run) attributes(f *frame) error {
	var known []planAttr
	if f.node != nil {
		known = f.node.attrs
	}
	found := r.scan.Attrs()
	r.attr = r.attr[:0]
	for i := range found {
		if err := r.oneAttribute(f, known, &found[i]); err != nil {
			return err
		}
	}
	for i := range known {
		a := &known[i]
		if !a.required {
			continue
		}
		if _, ok := r.scan.Attr(a.label[1:]); ok {
			continue
		}
		f.flawed = true
		if err := r.badAttribute(f, a.label, nil, []string{"required"}); err != nil {
			return err
		}
	}
	return nil
}

// oneAttribute judges and tells an attribute.
func (r *Run) oneAttribute(f *frame, known []planAttr, got *xmlscan.Attr) error {
	if string(got.Space) == schemaInstance {
		return r.instanceAttribute(f, got)
	}
	for i := range known {
		a := &known[i]
		if len(got.Space) != 0 || a.label[1:] != string(got.Local) {
			continue
		}
		l := &r.plan.leaves[a.leaf]
		value := l.normalise(got.Value, &r.scratch)
		kind := l.check(value)
		if i == 0 {
			r.attr = append(r.attr[:0], value...)
			f.attr = r.attr
		}
		f.flawed = f.flawed || kind != 0
		if kind == 0 && a.fixed && string(value) != a.value {
			f.flawed = true
			if err := r.badAttribute(f, a.label, value, []string{a.value}); err != nil {
				return err
			}
		}
		if kind == 0 && a.role == 0 {
			return nil
		}
		return r.attribute(a, kind, value, f.offset)
	}
	f.flawed = true
	return r.badAttribute(f, "@"+string(cut(got.Local, labelLimit)), got.Value, nil)
}

// instanceAttribute judges an attribute of the namespace of schema instances: hints
// where schemas are may stand anywhere, a type may be named that is the right one
// anyway, and nothing may be nil.
func (r *Run) instanceAttribute(f *frame, got *xmlscan.Attr) error {
	switch string(got.Local) {
	case "schemaLocation", "noNamespaceSchemaLocation":
		return nil
	case "type":
		if r.ownType(f, got.Value) {
			return nil
		}
	}
	f.flawed = true
	return r.badAttribute(f, "@xsi:"+string(cut(got.Local, labelLimit)), got.Value, nil)
}

// ownType says whether a QName is the name of the type of f.
func (r *Run) ownType(f *frame, name []byte) bool {
	want := ""
	if f.node != nil {
		want = f.node.typ.name
	} else if f.leaf != nil {
		want = f.leaf.name
	}
	var prefix []byte
	for i, b := range name {
		if b == ':' {
			prefix, name = name[:i], name[i+1:]
			break
		}
	}
	return want != "" && string(name) == want && string(r.scan.Lookup(prefix)) == r.plan.schema.namespace
}

// badAttribute reports an attribute that is unknown, missing or not as fixed.
func (r *Run) badAttribute(f *frame, label string, value []byte, expected []string) error {
	r.label = label
	err := r.violate(Violation{Kind: Attribute, Offset: f.offset, Name: label[1:], Expected: expected}, nil, value...)
	r.label = ""
	return err
}
