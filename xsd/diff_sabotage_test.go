package xsd

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A differential test is worth what it would notice: each facet, each move, each end and
// each attribute of one schema is spoilt in turn, and the documents must show it. The
// short form takes every twentieth fault, the long one, KONTOR_LONG=1, all of them.
func TestSpoiltTablesWouldBeNoticed(t *testing.T) {
	every := 20
	if os.Getenv("KONTOR_LONG") == "1" {
		every = 1
	}
	folder, lint := sharedSchemas(t), xmllint(t)
	const name = "pain.001.001.09_GBIC_5"
	s, _ := Core(name)
	m := &mutator{generator: newGenerator(s, rand.New(rand.NewPCG(9, 9))), foreign: foreignNames()}
	bases := m.covering()
	queue := m.queue(bases, 2_000, true, newHits(s))
	sound, _ := s.Bind(nil)
	var docs [][]byte
	var valid []bool
	for part := range slices.Chunk(queue, batch) {
		from := len(docs)
		for _, x := range part {
			docs = append(docs, x.doc.document(s.namespace, x.form))
		}
		v, _ := judge(t, lint, filepath.Join(folder, name+".xsd"), docs[from:])
		for i, x := range part {
			ok, why := own(sound, docs[from+i])
			if ok != v[i] && divergence(s, x, ok) == "" && !onlyProhibited(s, why) {
				t.Fatalf("the sound tables judge %v, xmllint %v", ok, v[i])
			}
			v[i] = ok // so that only the fault shows
		}
		valid = append(valid, v...)
	}
	spoilt, implied, unnoticed := 0, 0, []string(nil)
	for n, what := range sabotage(t, s) {
		if n%every != 0 {
			continue
		}
		spoilt++
		plan, _ := what.schema.Bind(nil)
		noticed := slices.ContainsFunc(rand.New(rand.NewPCG(1, uint64(spoilt))).Perm(len(docs)), func(i int) bool {
			ok, _ := own(plan, docs[i])
			return ok != valid[i]
		})
		switch {
		case noticed:
		case what.implied:
			implied++
		default:
			unnoticed = append(unnoticed, what.name)
		}
	}
	t.Logf("%d documents; %d spoilt tables: %d change nothing, because another facet says the same, %d go unnoticed: %q",
		len(docs), spoilt, implied, len(unnoticed), unnoticed)
	if spoilt < 500/every || implied > 20 || len(unnoticed) > 0 {
		t.Errorf("%d of %d spoilt tables go unnoticed", len(unnoticed), spoilt)
	}
}

// spoilt is a schema with one fault.
type spoilt struct {
	name    string
	schema  *Schema
	implied bool // another facet of the type probably says as much: the fault need not show
}

// sabotage makes one faulty schema after the other.
func sabotage(t *testing.T, s *Schema) (out []spoilt) {
	data := tablesOf(t, s)
	implied := false
	add := func(name string, change func(*Schema)) {
		c, err := Unmarshal(data)
		if err != nil {
			t.Fatal(err)
		}
		change(c)
		out = append(out, spoilt{name, c, implied})
	}
	for i := range s.simple {
		old := &s.simple[i]
		name := fmt.Sprintf("%s %d: ", old.name, i)
		implied = len(old.patterns) > 0 || old.enumeration != nil
		if old.minLength > 0 {
			add(name+"minLength", func(c *Schema) { c.simple[i].minLength-- })
		}
		if old.maxLength != none {
			add(name+"maxLength", func(c *Schema) { c.simple[i].maxLength++ })
		}
		implied = old.maximum.text != "" && old.fractionDigits != none
		if old.totalDigits != none {
			add(name+"totalDigits", func(c *Schema) { c.simple[i].totalDigits++ })
		}
		implied = false
		if old.fractionDigits != none {
			add(name+"fractionDigits", func(c *Schema) { c.simple[i].fractionDigits++ })
		}
		if old.minimum.text != "" {
			add(name+"minimum", func(c *Schema) { c.simple[i].minimum.exclusive = !c.simple[i].minimum.exclusive })
		}
		if old.maximum.text != "" {
			add(name+"maximum", func(c *Schema) { c.simple[i].maximum.exclusive = !c.simple[i].maximum.exclusive })
		}
		implied = old.enumeration != nil
		if len(old.patterns) > 0 {
			add(name+"pattern", func(c *Schema) { c.simple[i].patterns = nil })
		}
		implied = false
		for k := range old.enumeration {
			add(name+"enumeration "+old.enumeration[k], func(c *Schema) { c.simple[i].enumeration = slices.Delete(c.simple[i].enumeration, k, k+1) })
		}
	}
	for i := range s.complex {
		name := fmt.Sprintf("%s %d: ", s.complex[i].name, i)
		for k := range s.complex[i].attributes {
			add(name+"attribute", func(c *Schema) { c.complex[i].attributes[k].required = !c.complex[i].attributes[k].required })
		}
		for k := range s.complex[i].states {
			if s.complex[i].text == none {
				add(fmt.Sprint(name, "end of state ", k), func(c *Schema) { c.complex[i].states[k].final = !c.complex[i].states[k].final })
			}
			for n := range s.complex[i].states[k].moves {
				add(fmt.Sprint(name, "move ", n, " of state ", k), func(c *Schema) {
					c.complex[i].states[k].moves = slices.Delete(c.complex[i].states[k].moves, n, n+1)
				})
			}
		}
	}
	return out
}
