package xsd

import (
	"archive/zip"
	"bytes"
	_ "embed" // the tables of the core set
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ../scripts/schemas core/schemas.zip core/schemas.txt

// coreArchive is the tables of the core set, one member per schema, as scripts/schemas
// makes them of the official files.
//
//go:embed core/schemas.zip
var coreArchive []byte

// tableSuffix ends the names of the members.
const tableSuffix = ".tables"

// coreSet returns, by name, what decodes a schema of the core set once.
var coreSet = sync.OnceValue(func() map[string]func() *Schema {
	archive, err := zip.NewReader(bytes.NewReader(coreArchive), int64(len(coreArchive)))
	if err != nil {
		panic(fmt.Sprintf("xsd: the core set in this binary is damaged: %v", err))
	}
	set := make(map[string]func() *Schema, len(archive.File))
	for _, f := range archive.File {
		set[strings.TrimSuffix(f.Name, tableSuffix)] = sync.OnceValue(func() *Schema {
			s, err := decodeMember(f)
			if err != nil {
				panic(fmt.Sprintf("xsd: the schema %s in this binary is damaged: %v", f.Name, err))
			}
			return s
		})
	}
	return set
})

func decodeMember(f *zip.File) (*Schema, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxTableBytes+1))
	if err == nil {
		err = r.Close()
	}
	if err != nil {
		return nil, err
	}
	return Unmarshal(data)
}

// Core returns a schema of the core set, which is part of the binary. It is decoded when
// it is first asked for, and shared by all that ask.
func Core(name string) (*Schema, bool) {
	decode, ok := coreSet()[name]
	if !ok {
		return nil, false
	}
	return decode(), true
}

// CoreNames returns the names of the core set, sorted.
func CoreNames() []string {
	var names []string
	for name := range coreSet() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
