package xsd

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Needles that repeat themselves, and texts made of their parts, are where skipping ahead goes wrong.
func TestSeekerFindsTheLast(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for _, needle := range []string{"<P>", "<PmtInf>", "<PmtInf><PmtInfId>", "<PmtInf>\n  <PmtInfId>", "<aaaaaa><aaaaaab>", "<ns:PmtInf><ns:PmtInfId>"} {
		s := newSeeker([]byte(needle))
		for range 5_000 {
			var b []byte
			for len(b) < 60 {
				from := random.IntN(len(needle))
				b = append(b, needle[from:from+random.IntN(len(needle)-from+1)]...)
				if random.IntN(8) == 0 {
					b = append(b, needle...)
				}
			}
			want := bytes.LastIndex(b, []byte(needle))
			if got := s.last(b); got != want {
				t.Fatalf("last of %q in %q: %d, want %d", needle, b, got, want)
			}
			if want >= 0 {
				found++
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d texts hold their needle", found)
	}
}

func TestNeedleGoesOnWithAPlainTagOnly(t *testing.T) {
	for text, want := range map[string]string{
		"<P><I>1</I>":         "<P><I>",
		"<P>\n <I>1</I>":      "<P>\n <I>",
		"<P><I a='1'>1</I>":   "<P>",
		"<P></P><P>":          "<P>",
		"<P><!-- x --><I>":    "<P>",
		"<P>text<I>":          "<P>",
		"<P>":                 "<P>",
		"<P>                ": "<P>",
	} {
		if got := string(longer([]byte(text), 3)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
