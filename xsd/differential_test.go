package xsd

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The two sizes of the differential test.
const (
	shortMutants = 1_700
	longMutants  = 24_000
	batch        = 300 // documents per process of xmllint
)

// verdicts is what the differential test has seen.
type verdicts struct {
	mutants, rejected, exempted int
	transitions, facets         int
	byMutation                  map[string][2]int // accepted, rejected
	byDivergence                map[string]int
}

// The tables and xmllint must agree on every document, valid or not, in every schema of
// the core set. Seeds are fixed: the same documents every time.
func TestTablesJudgeLikeXmllint(t *testing.T) {
	folder := sharedSchemas(t)
	lint := xmllint(t)
	long := os.Getenv("KONTOR_LONG") == "1"
	total := newVerdicts()
	entries := coreEntries(t)
	names := foreignNames()
	for i, e := range entries {
		count := shortMutants / len(entries)
		if long {
			count = longMutants / len(entries)
		}
		s, _ := Core(e.name())
		differ(t, s, filepath.Join(folder, e.location), lint, rand.New(rand.NewPCG(4, uint64(i))), names, count, long, total)
	}
	total.report(t)
	if share := 100 * total.rejected / total.mutants; share < 30 || share > 70 {
		t.Errorf("%d %% of the mutants are rejected: the test says little", share)
	}
	if total.mutants < 1_500 || long && total.mutants < 20_000 {
		t.Errorf("only %d mutants", total.mutants)
	}
}

func newVerdicts() *verdicts {
	return &verdicts{byMutation: make(map[string][2]int), byDivergence: make(map[string]int)}
}

func (total *verdicts) report(t *testing.T) {
	t.Logf("%d mutants, %d rejected (%d %%), %d with a documented divergence; hit: %d transitions of content models, %d facets held and broken",
		total.mutants, total.rejected, 100*total.rejected/total.mutants, total.exempted, total.transitions, total.facets)
	for _, name := range slices.Sorted(maps.Keys(total.byMutation)) {
		t.Logf("  %-30s accepted %5d, rejected %5d", name, total.byMutation[name][0], total.byMutation[name][1])
	}
	for _, name := range slices.Sorted(maps.Keys(total.byDivergence)) {
		t.Logf("  divergence %q: %d", name, total.byDivergence[name])
	}
}

// foreignNames returns element names of all schemas, so that names which the tables of
// one have lost are tried there too.
func foreignNames() []string {
	all := make(map[string]bool)
	for _, name := range CoreNames() {
		s, _ := Core(name)
		for _, n := range s.names {
			all[n] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// differ runs the differential test for one schema.
func differ(t *testing.T, s *Schema, file, lint string, rng *rand.Rand, names []string, count int, long bool, total *verdicts) {
	t.Helper()
	m := &mutator{generator: newGenerator(s, rng), foreign: names}
	bases := m.covering()
	if m.err != nil || len(m.open) > 0 {
		t.Fatalf("%s: %d transitions are in no document (%v): %v", s.Name(), len(m.open), slices.Collect(maps.Keys(m.open)), m.err)
	}
	h := newHits(s)
	queue := m.queue(bases, count, long, h)
	if m.err != nil {
		t.Fatalf("%s: %v", s.Name(), m.err)
	}
	plan, _ := s.Bind(nil)
	valid := make([][]byte, len(bases))
	for i, b := range bases {
		valid[i] = b.document(s.namespace, writing{indented: i%2 == 0})
	}
	if long {
		unmutated(t, s, plan, file, lint, valid)
	} else {
		unmutated(t, s, plan, file, lint, valid[:min(5, len(valid))])
	}
	for part := range slices.Chunk(queue, batch) {
		compare(t, s, plan, file, lint, part, total)
	}
	total.transitions += len(h.taken)
	for key := range h.inside {
		if h.beyond[key] > 0 {
			total.facets++
		}
	}
	if missed := h.missed(); long && len(missed) > 0 {
		t.Errorf("%s: no mutant hits %d things, among them %q", s.Name(), len(missed), missed[:min(5, len(missed))])
	}
}

// queue makes the mutants: count by chance, and in the long test also a value for every
// edge of every facet, and more by chance until every transition is in one.
func (m *mutator) queue(bases []*instance, count int, long bool, h *hits) []*mutant {
	var queue []*mutant
	add := func(x *mutant) {
		queue = append(queue, x)
		h.count(x)
	}
	for i := range count {
		add(m.mutate(bases[i%len(bases)]))
	}
	if !long {
		return queue
	}
	for _, x := range m.systematic(bases) {
		add(x)
	}
	for round := 0; round < 10 && len(h.missedTransitions()) > 0; round++ {
		for _, base := range bases {
			add(m.mutate(base))
		}
	}
	return queue
}

// unmutated sees that both take the documents that the mutants are made of.
func unmutated(t *testing.T, s *Schema, p *Plan, file, lint string, docs [][]byte) {
	t.Helper()
	valid, says := judge(t, lint, file, docs)
	for i, doc := range docs {
		if ok, why := own(p, doc); !ok || !valid[i] {
			t.Errorf("%s: a document that should be valid: tables %.300q, xmllint %.300q", s.Name(), why, says[i])
		}
	}
}

// compare judges mutants by the tables and by xmllint.
func compare(t *testing.T, s *Schema, p *Plan, file, lint string, part []*mutant, total *verdicts) {
	t.Helper()
	docs := make([][]byte, len(part))
	for i, x := range part {
		docs[i] = x.doc.document(s.namespace, x.form)
	}
	valid, says := judge(t, lint, file, docs)
	for i, x := range part {
		ok, why := own(p, docs[i])
		total.mutants++
		n := total.byMutation[x.what]
		if valid[i] {
			n[0]++
		} else {
			n[1]++
			total.rejected++
		}
		total.byMutation[x.what] = n
		if ok == valid[i] {
			continue
		}
		name := divergence(s, x, ok)
		if onlyProhibited(s, why) {
			name = "element with maxOccurs=0"
		}
		if name != "" {
			total.exempted++
			total.byDivergence[name]++
			continue
		}
		t.Errorf("%s, %s (value %.60q): tables %v %.400q, xmllint %v %.400q%s", s.Name(), x.what, x.value, ok, why, valid[i], says[i], keep(t, s, docs[i]))
	}
}

// keep writes a document on which the two disagree to the folder $KONTOR_DIVERGENT, if
// that is set, and says where.
func keep(t *testing.T, s *Schema, doc []byte) string {
	folder := os.Getenv("KONTOR_DIVERGENT")
	if folder == "" {
		return ""
	}
	f, err := os.CreateTemp(folder, s.Name()+"-*.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(doc); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(", document %s", f.Name())
}

// base64Alphabet is what a base64Binary may consist of, white space included.
const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\n\r"

// prohibitedElements are the elements that official schemas name with maxOccurs=0. xmllint
// takes them for allowed.
var prohibitedElements = map[string][]string{
	"pain.001.001.09_GBIC_5": {"Prtry"}, "pain.008.001.08_GBIC_4": {"AdrLine"},
}

// onlyProhibited says whether all that the tables refuse is a prohibited element.
func onlyProhibited(s *Schema, why string) bool {
	for refusal := range strings.SplitSeq(why, "; ") {
		if !strings.HasPrefix(refusal, "Unexpected ") ||
			!slices.ContainsFunc(prohibitedElements[s.Name()], func(name string) bool { return strings.Contains(refusal, `"`+name+`"`) }) {
			return false
		}
	}
	return true
}

// blankInEmpty says whether an element of empty content has white space in it.
func blankInEmpty(s *Schema, e *instance) bool {
	if e.typ < 0 || e.text+e.mixed == "" || strings.TrimSpace(e.text+e.mixed) != "" {
		return false
	}
	c := &s.complex[e.typ]
	return c.text == none && !c.mixed && len(c.states) == 1 && len(c.states[0].moves)+len(c.states[0].any) == 0
}

// divergence names a documented difference to xmllint (docs/divergences/xml-schema.md)
// that explains why the tables judge otherwise; empty if there is none.
func divergence(s *Schema, x *mutant, ok bool) string {
	switch {
	case x.what == attributeOfType && !ok:
		return "xsi:type"
	case ok && slices.ContainsFunc(x.doc.all(), func(e *instance) bool { return blankInEmpty(s, e) }):
		return "white space in empty content"
	}
	if x.typ == none {
		return ""
	}
	t := &s.simple[x.typ]
	trimmed := normalised(x.value, t.space)
	foreign := func(r rune) bool { return !strings.ContainsRune(base64Alphabet, r) }
	switch {
	case t.primitive == primBase64:
		if !ok && strings.ContainsFunc(x.value, foreign) {
			return "foreign characters in base64"
		}
	case t.primitive == primString || !ok || !fits(s, t, trimmed):
	case trimmed != x.value:
		return "white space around a value"
	case t.primitive == primInteger && len(strings.TrimLeft(trimmed, "+-0")) > 24:
		return "integer of more than 24 digits"
	}
	return ""
}
