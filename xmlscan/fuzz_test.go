package xmlscan

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// seeds are documents for fuzzing: the table and the mutations that xmllint judges.
func seeds() []string {
	var docs []string
	for _, r := range rows {
		docs = append(docs, r.doc)
	}
	rnd := random(7)
	for range 50 {
		docs = append(docs, rnd.mutate())
	}
	return docs
}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if n := len(seeds()); n < 130 {
		t.Fatalf("%d seeds", n)
	}
}

// Whatever the document: no panic, offsets that only grow (judge checks), and the same
// verdict however the bytes arrive and wherever the window ends.
func FuzzScanner(f *testing.F) {
	for _, doc := range seeds() {
		f.Add(doc, 16)
	}
	f.Fuzz(func(t *testing.T, doc string, size int) {
		want := judgeText(t, doc)
		if diff := diffVerdict(want, judge(t, NewScanner(iotest.OneByteReader(strings.NewReader(doc)), Limits{}))); diff != "" {
			t.Errorf("%q one byte at a time: %s", doc, diff)
		}
		size = 1 + int(uint(size)%256)
		if diff := diffVerdict(want, judge(t, newScanner(strings.NewReader(doc), Limits{}, size))); diff != "" {
			t.Errorf("%q with a window of %d: %s", doc, size, diff)
		}
	})
}

// Whatever the document and however calls are mixed: the fast path tells what Next tells.
func FuzzFastPath(f *testing.F) {
	for i, doc := range append(plainDocuments(), seeds()...) {
		f.Add(doc, i, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, doc string, seed int, prefixed bool) {
		prefix := ""
		if prefixed {
			prefix = "p"
		}
		want := tell(newScanner(strings.NewReader(doc), Limits{}, 1<<16), prefix, nil)
		rnd := random(seed)
		got := tell(newScanner(strings.NewReader(doc), Limits{}, 1+int(uint(seed)%300)), prefix, func() bool { return rnd.below(3) > 0 })
		if diff := cmp.Diff(known(want.tokens, got.tokens), got.tokens); diff != "" || got.err != want.err {
			t.Errorf("%q: %s error %q, want %q", doc, diff, got.err, want.err)
		}
	})
}
