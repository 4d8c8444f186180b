package banks

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"kontor/ebics/internal/strictyaml"
	"kontor/ebics/order"
)

// generic is the profile that every other one starts from in the end.
const generic = "generic"

//go:embed *.yaml
var files embed.FS

// Set is a set of profiles. It is immutable and may be used by several goroutines.
type Set struct {
	profiles map[string]Profile
}

// Embedded returns the profiles that are built in.
var Embedded = sync.OnceValue(func() *Set {
	s, err := Open(nil)
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return s
})

// Open reads the profiles that are built in and the *.yaml of an operator's folder,
// which replace those of the same name; nil is no folder. A replaced file may extend
// what it replaces only by another name. All faults come back joined, each with file
// and line.
func Open(operator fs.FS) (*Set, error) {
	sources := map[string]source{}
	err := collect(sources, files, "built-in ")
	if err == nil && operator != nil {
		err = collect(sources, operator, "")
	}
	if err != nil {
		return nil, fmt.Errorf("reading bank profiles: %w", err)
	}
	r := reader{sources: sources, done: map[string]Profile{}}
	var faults []error
	for _, id := range slices.Sorted(maps.Keys(sources)) {
		if _, err := r.profile(id, nil); err != nil {
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("reading bank profiles: %w", err)
	}
	return &Set{r.done}, nil
}

// Profile finds a profile by its id.
func (s *Set) Profile(id string) (Profile, bool) {
	p, ok := s.profiles[id]
	return p, ok
}

// Profiles lists all, templates first, then by country and name.
func (s *Set) Profiles() []Profile {
	return slices.SortedFunc(maps.Values(s.profiles), func(a, b Profile) int {
		if a.Template != b.Template {
			if a.Template {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Name, b.Name))
	})
}

type source struct {
	file string // for messages
	data []byte
}

// maxProfiles is how many files a folder may have: banks of a country, many times over.
const maxProfiles = 2000

func collect(sources map[string]source, folder fs.FS, prefix string) error {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return err
	}
	if len(names) > maxProfiles {
		return fmt.Errorf("%d files, at most %d", len(names), maxProfiles)
	}
	for _, name := range names {
		info, err := fs.Stat(folder, name)
		if err == nil && info.Size() > strictyaml.Limit {
			err = &strictyaml.Error{File: prefix + name, Message: fmt.Sprintf("is longer than %d bytes", strictyaml.Limit)}
		}
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		sources[strings.TrimSuffix(path.Base(name), ".yaml")] = source{prefix + name, data}
	}
	return nil
}

type reader struct {
	sources map[string]source
	done    map[string]Profile
}

// profile reads a profile after the one it extends. below are those that extend it.
func (r *reader) profile(id string, below []string) (Profile, error) {
	if p, ok := r.done[id]; ok {
		return p, nil
	}
	s := r.sources[id]
	var head Profile // what it extends decides what it starts from
	document, err := strictyaml.Decode(s.file, s.data, &head)
	if err != nil {
		return Profile{}, err
	}
	if head.ID != id {
		return Profile{}, document.Errorf([]any{"id"}, "the id %q is not the name of the file", head.ID)
	}
	p := Profile{}
	if id != generic {
		parent := cmp.Or(head.Extends, generic)
		if _, ok := r.sources[parent]; !ok || slices.Contains(append(below, id), parent) {
			return Profile{}, document.Errorf([]any{"extends"}, "there is no profile %q to start from, or it starts from this one", parent)
		}
		if p, err = r.profile(parent, append(below, id)); err != nil {
			return Profile{}, fmt.Errorf("%s starts from a faulty profile: %w", s.file, err)
		}
	}
	inherited := p
	p.Template, p.Extends, p.Sources, p.URL, p.HostID, p.Orders, p.Without = false, "", nil, "", "", nil, nil
	p.Attributes = maps.Clone(inherited.Attributes) // decoding merges into the map
	if document, err = strictyaml.Decode(s.file, s.data, &p); err != nil {
		return Profile{}, err
	}
	p.Orders = append(p.Orders, slices.DeleteFunc(slices.Clone(inherited.Orders), func(e order.Entry) bool {
		return slices.ContainsFunc(p.Orders, func(own order.Entry) bool { return own.Key() == e.Key() })
	})...)
	p.Without = append(p.Without, inherited.Without...)
	if err := r.finish(&p, document); err != nil {
		return Profile{}, err
	}
	r.done[id] = p
	return p, nil
}

// finish judges a profile that is read, and gives it its catalogue.
func (r *reader) finish(p *Profile, document *strictyaml.Document) error {
	all := p.faults()
	catalogue, err := order.Default().With(p.Orders, p.Without)
	if err != nil {
		all = append(all, fault{[]any{"orders"}, err.Error()})
	} else {
		p.catalogue = catalogue
		all = append(all, p.refers()...)
	}
	var located []error
	for _, f := range all {
		located = append(located, document.Errorf(f.path, "%s", f.text))
	}
	return errors.Join(located...)
}
