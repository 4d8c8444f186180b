package xsd

import (
	"errors"
	"io"
	"io/fs"
	"strings"
)

// LoadDirectory compiles the schemas that an operator has installed: every file *.xsd of
// the directory itself. Files that others include may lie beside them or in folders
// below; one without a target namespace is only ever included. The schemas come sorted
// by name. Of files that cannot be used the errors (*SchemaError) are joined; the other
// schemas are returned all the same, and the caller decides whether that will do.
func LoadDirectory(dir fs.FS) ([]*Schema, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	open := func(location string) (io.ReadCloser, error) { return dir.Open(location) }
	var schemas []*Schema
	var failures []error
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".xsd") {
			continue
		}
		s, err := Compile(open, entry.Name())
		switch {
		case errors.Is(err, errNoTarget):
		case err != nil:
			failures = append(failures, err)
		default:
			schemas = append(schemas, s)
		}
	}
	return schemas, errors.Join(failures...)
}
