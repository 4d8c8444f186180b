package intake

import (
	"io/fs"

	"kontor/internal/hub"
	"kontor/xsd"
)

// Schemas are schemas that the operator has installed, for payment files. One with the name of a core schema takes its place. The others
// are for tenants that choose them by name, and for files of namespaces that no core schema has. The zero value has none.
type Schemas struct {
	byName      map[string]*xsd.Schema
	byNamespace map[string]*xsd.Schema // of several the first by name
}

// LoadSchemas compiles the schemas of a folder. A file that cannot be used is an error that names it and the line.
func LoadSchemas(folder fs.FS) (Schemas, error) {
	all, err := xsd.LoadDirectory(folder)
	if err != nil {
		return Schemas{}, err
	}
	s := Schemas{byName: map[string]*xsd.Schema{}, byNamespace: map[string]*xsd.Schema{}}
	for _, one := range all {
		s.byName[one.Name()] = one
		if s.byNamespace[one.Namespace()] == nil {
			s.byNamespace[one.Namespace()] = one
		}
	}
	return s, nil
}

// Has says whether files can be judged by a schema of this name: an installed one, or one of the program.
func (s Schemas) Has(name string) bool { return s.named(name) != nil }

func (s Schemas) named(name string) *xsd.Schema {
	if own := s.byName[name]; own != nil {
		return own
	}
	core, _ := xsd.Core(name)
	return core
}

// chooser returns what package pain asks for the schema of a tenant's file; nil if it need not ask. A schema that the tenant wants and that
// is not installed here is an error: to judge by another one would let pass what is not to pass.
func (s Schemas) chooser(v hub.Verification) (func(namespace, name string) *xsd.Schema, error) {
	var wanted *xsd.Schema
	if v.Schema != "" {
		if wanted = s.named(v.Schema); wanted == nil {
			return nil, hub.Errorf(hub.CodeUnavailable, "the schema %q, by which your files are to be judged, is not installed; nothing was kept, send the file again later", v.Schema)
		}
	}
	if wanted == nil && len(s.byName) == 0 {
		return nil, nil
	}
	return func(namespace, name string) *xsd.Schema {
		switch {
		case wanted != nil && wanted.Namespace() == namespace:
			return wanted
		case name != "":
			return s.byName[name]
		}
		return s.byNamespace[namespace]
	}, nil
}
