package xsd

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// Schemas of one namespace differ in what they allow: the documents of each are judged by
// all the others. An element that the tables of one have lost shows here, because those of
// another still write it.
func TestSchemasOfOneNamespaceJudgeEachOthersDocuments(t *testing.T) {
	folder, lint := sharedSchemas(t), xmllint(t)
	documents := make(map[string][][]byte) // by namespace
	for i, e := range coreEntries(t) {
		s, _ := Core(e.name())
		g := newGenerator(s, rand.New(rand.NewPCG(3, uint64(i))))
		for _, budget := range []int{1, 15, 60} {
			for range 6 {
				documents[s.namespace] = append(documents[s.namespace], g.document(budget).document(s.namespace, writing{indented: true}))
			}
		}
	}
	accepted, rejected := 0, 0
	for _, e := range coreEntries(t) {
		s, _ := Core(e.name())
		plan, _ := s.Bind(nil)
		docs := documents[s.namespace]
		valid, says := judge(t, lint, filepath.Join(folder, e.location), docs)
		for i, doc := range docs {
			if valid[i] {
				accepted++
			} else {
				rejected++
			}
			if ok, why := own(plan, doc); ok != valid[i] && !onlyProhibited(s, why) {
				t.Errorf("%s: tables %v %.400q, xmllint %v %.400q%s", s.Name(), ok, why, valid[i], says[i], keep(t, s, doc))
			}
		}
	}
	t.Logf("%d documents accepted, %d rejected", accepted, rejected)
	if accepted < 500 || rejected < 300 {
		t.Errorf("%d documents accepted, %d rejected: the test says little", accepted, rejected)
	}
}

// Many goroutines ask for the same schema at once when a hub starts.
func TestCoreSchemasAreSharedByAllWhoAsk(t *testing.T) {
	got := make(chan *Schema)
	for range 8 {
		go func() {
			s, _ := Core("camt.053.001.08")
			got <- s
		}()
	}
	first := <-got
	for range 7 {
		if s := <-got; s == nil || s != first {
			t.Error("two copies of one schema")
		}
	}
}
