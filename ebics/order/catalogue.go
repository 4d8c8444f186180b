package order

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"

	"kontor/ebics"
	"kontor/ebics/internal/strictyaml"
)

// Catalogue is a set of orders, each key once. It is immutable and may be used by
// several goroutines.
type Catalogue struct {
	entries []Entry
	byType  map[ebics.OrderType][]int
}

//go:embed catalogue.yaml
var embedded []byte

// Default returns the catalogue that is built in.
var Default = sync.OnceValue(func() *Catalogue {
	c, err := Read("catalogue.yaml", embedded)
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return c
})

// Read reads a catalogue: a YAML file with the list orders. All faults come back
// joined, each with its line.
func Read(name string, data []byte) (*Catalogue, error) {
	var file struct {
		Orders []Entry `yaml:"orders"`
	}
	document, err := strictyaml.Decode(name, data, &file)
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue of orders: %w", err)
	}
	var faults []error
	for i, e := range file.Orders {
		for _, fault := range e.faults() {
			faults = append(faults, document.Errorf([]any{"orders", i, fault.key}, "%s: %s", e.Key(), fault.text))
		}
	}
	c, err := newCatalogue(file.Orders)
	if faults = append(faults, err); errors.Join(faults...) != nil {
		return nil, fmt.Errorf("reading the catalogue of orders: %w", errors.Join(faults...))
	}
	return c, nil
}

func newCatalogue(entries []Entry) (*Catalogue, error) {
	c := &Catalogue{entries: entries, byType: map[ebics.OrderType][]int{}}
	keys, twins := map[string]bool{}, map[string]string{}
	for i, e := range entries {
		if keys[e.Key()] {
			return nil, fmt.Errorf("order %s stands in the catalogue twice", e.Key())
		}
		keys[e.Key()] = true
		for _, t := range e.Twins {
			way := string(e.Direction) + " " + t.BTF.String()
			if other, taken := twins[way]; taken {
				return nil, fmt.Errorf("orders %s and %s have the same BTF %s", other, e.Key(), FormatBTF(t.BTF))
			}
			twins[way] = e.Key()
		}
		if e.Type != "" {
			c.byType[e.Type] = append(c.byType[e.Type], i)
		}
	}
	return c, nil
}

// With returns a catalogue in which entries with the same key are replaced, others
// added before all, and the keys of without removed. A key of without that is not
// there is an error: the profile that names it means something else. An added entry
// takes its BTF away from the entry that had it.
func (c *Catalogue) With(entries []Entry, without []string) (*Catalogue, error) {
	taken := map[string]bool{}
	replaced := map[string]bool{}
	for _, e := range entries {
		replaced[e.Key()] = true
		for _, t := range e.Twins {
			taken[string(e.Direction)+" "+t.BTF.String()] = true
		}
	}
	for _, key := range without {
		if _, ok := c.ByKey(key); !ok {
			return nil, fmt.Errorf("order %s is to be removed, but the catalogue has none of that name", key)
		}
		replaced[key] = true
	}
	all := slices.Clone(entries)
	for _, e := range c.entries {
		if replaced[e.Key()] {
			continue
		}
		e.Twins = slices.DeleteFunc(slices.Clone(e.Twins), func(t Twin) bool { return taken[string(e.Direction)+" "+t.BTF.String()] })
		all = append(all, e)
	}
	return newCatalogue(all)
}

// Entries returns all entries in the order of the catalogue. The caller owns the
// slice, not what entries point to.
func (c *Catalogue) Entries() []Entry { return slices.Clone(c.entries) }

// ByKey finds an entry by its Key.
func (c *Catalogue) ByKey(key string) (Entry, bool) {
	at := slices.IndexFunc(c.entries, func(e Entry) bool { return e.Key() == key })
	if at < 0 {
		return Entry{}, false
	}
	return c.entries[at], true
}

// ByType finds an entry by its order type, and for FUL and FDL by the file format. A
// file format that the catalogue has not finds the frame, FUL or FDL itself.
func (c *Catalogue) ByType(t ebics.OrderType, fileFormat string) (Entry, bool) {
	var frame *Entry
	for _, i := range c.byType[t] {
		switch e := &c.entries[i]; e.FileFormat {
		case fileFormat:
			return *e, true
		case "":
			frame = e
		}
	}
	if frame == nil || fileFormat != "" && t != "FUL" && t != "FDL" {
		return Entry{}, false
	}
	return *frame, true
}

// Match says how well ByBTF found.
type Match uint8

// The matches.
const (
	NoMatch    Match = iota
	LooseMatch       // the same service and message, but scope, option or container differ or are not said
	NearMatch        // they differ in version, variant or format of the message only
	ExactMatch
)

// String names the match in lower case.
func (m Match) String() string {
	switch m {
	case ExactMatch:
		return "exact"
	case NearMatch:
		return "near"
	case LooseMatch:
		return "loose"
	case NoMatch:
	}
	return "none"
}

// ByBTF finds the entry that a business transaction format means: exact first, then
// without regard to version, variant and format of the message, then with scope,
// container or option said on one side only or, scope and container, differing. An
// option never stands for another: COR and B2B are different orders. Where two
// entries fit equally well there is no match. A loose match is good enough to show
// to people; before payments go out under it a person or HTD confirms it.
func (c *Catalogue) ByBTF(b ebics.BTF, d Direction) (Entry, Match) {
	const far = 1 << 20
	best, at, tie := far, -1, false
	for i, e := range c.entries {
		if e.Direction != d {
			continue
		}
		own := far
		for _, t := range e.Twins {
			own = min(own, distance(t.BTF, b))
		}
		switch {
		case own < best:
			best, at, tie = own, i, false
		case own == best && own < far:
			tie = true
		}
	}
	switch {
	case at < 0 || tie:
		return Entry{}, NoMatch
	case best == 0:
		return c.entries[at], ExactMatch
	case best < 10:
		return c.entries[at], NearMatch
	}
	return c.entries[at], LooseMatch
}

// distance tells how far a BTF is from a twin: 0 the same, below 10 another version
// of the message, beyond any limit another order.
func distance(twin, asked ebics.BTF) int {
	const never = 1 << 20
	if twin.ServiceName != asked.ServiceName || twin.MsgName != asked.MsgName ||
		twin.Option != asked.Option && twin.Option != "" && asked.Option != "" {
		return never
	}
	differ := func(a, b string, unsaid, other int) int {
		switch {
		case a == b:
			return 0
		case a == "" || b == "":
			return unsaid
		}
		return other
	}
	return differ(twin.Version, asked.Version, 1, 2) + differ(twin.Variant, asked.Variant, 1, 2) + differ(twin.Format, asked.Format, 1, 2) +
		differ(twin.Container, asked.Container, 10, 20) + scopeDistance(twin.Scope, asked.Scope) + differ(twin.Option, asked.Option, 300, never)
}

// scopeDistance lets the German list stand for countries without one of their own,
// as Austria's banks use it; any other scope stands for itself, Liechtenstein's banks
// following the Swiss one.
func scopeDistance(twin, asked string) int {
	switch {
	case twin == asked:
		return 0
	case twin == "" || twin == "GLB" || twin == "DE" && (asked == "" || asked == "GLB") || twin == "CH" && asked == "LI":
		return 40
	case twin == "DE" && asked != "CH" && asked != "FR":
		return 80
	}
	return 1 << 20
}
