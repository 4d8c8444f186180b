package xmlscan

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// told is what a scanner tells of a document, as far as the fast path tells the same:
// white space before a tag is no part of it.
type told struct {
	tokens []string
	err    string
	plain  int // pieces that the fast path took
}

func (d *told) text(s string) { d.tokens = append(d.tokens, "text "+s) }

// join makes one token of texts in a row and drops white space before the next token.
func (d *told) join() {
	var out []string
	for i := 0; i < len(d.tokens); {
		text := ""
		for i < len(d.tokens) && strings.HasPrefix(d.tokens[i], "text ") {
			text += d.tokens[i][len("text "):]
			i++
		}
		if text = strings.TrimRight(text, " \t\r\n"); text != "" {
			out = append(out, "text "+text)
		}
		if i < len(d.tokens) {
			out = append(out, d.tokens[i])
			i++
		}
	}
	d.tokens = out
}

func (d *told) start(s *Scanner, what string, at int64) {
	p := s.PositionAt(at)
	d.tokens = append(d.tokens, fmt.Sprintf("%s at %d:%d:%d", what, p.Offset, p.Line, p.Column))
}

func (d *told) end(name string, end int64) {
	d.tokens = append(d.tokens, fmt.Sprintf("end %s at %d", name, end))
}

// tell reads a document by Next and, where choose allows it, by the fast path.
func tell(s *Scanner, prefix string, choose func() bool) told {
	var d told
	everything := NewClass(false, func(byte) bool { return true })
	values := NewClass(true, func(byte) bool { return true })
	attr := NewAttrName("b")
	for {
		if choose != nil && s.Plain(prefix) && choose() && d.plainStep(s, prefix, choose, everything, values, &attr) {
			d.plain++
			continue
		}
		kind, err := s.Next()
		if err != nil {
			var syntax *SyntaxError
			if errors.As(err, &syntax) {
				d.err = syntax.Error()
				// How much of the text before an error is told is free.
				for len(d.tokens) > 0 && strings.HasPrefix(d.tokens[len(d.tokens)-1], "text ") {
					d.tokens = d.tokens[:len(d.tokens)-1]
				}
			} else if err != io.EOF {
				d.err = "no syntax error: " + err.Error()
			}
			d.join()
			return d
		}
		name := string(s.Local())
		if len(s.Prefix()) > 0 {
			name = string(s.Prefix()) + ":" + name
		}
		switch kind {
		case Text:
			d.text(string(s.Text()))
		case StartElement:
			d.start(s, "start {"+string(s.Space())+"}"+name, s.Position().Offset)
			for _, a := range s.Attrs() {
				d.tokens = append(d.tokens, fmt.Sprintf("attr %s %q", a.Local, a.Value))
			}
		case EndElement:
			d.end(name, s.EndOffset())
		default:
			d.tokens = append(d.tokens, describe(s, kind))
		}
	}
}

// plainStep tries what the fast path offers for the tag that comes next.
func (d *told) plainStep(s *Scanner, prefix string, choose func() bool, texts, values *Class, attr *AttrName) bool {
	if choose() {
		s.Fill()
	}
	if choose() && d.skipStep(s) {
		return true
	}
	name, end := s.PeekName()
	if name == nil {
		return false
	}
	qualified := string(name)
	p, local, found := strings.Cut(qualified, ":")
	if !found {
		p, local = "", p
	}
	t := NewTag(p, local)
	space := s.Lookup([]byte(p))
	if end {
		at, ok := s.Leave(&t)
		if ok {
			d.end(qualified, at)
		}
		return ok
	}
	what := "start {" + string(space) + "}" + qualified
	leaf := func(text []byte, at int64, attrs ...string) bool {
		content := string(text)
		d.start(s, what, at)
		d.tokens = append(d.tokens, attrs...)
		d.text(content)
		d.end(qualified, s.EndOffset())
		return true
	}
	if text, at, ok := s.Leaf(&t, texts); ok && p == prefix {
		return leaf(text, at)
	}
	if value, text, at, ok := s.LeafAttr(&t, attr, values, texts); ok {
		return leaf(text, at, fmt.Sprintf("attr b %q", value))
	}
	if choose() {
		if text, at, ok := s.LeafText(&t); ok {
			return leaf(text, at)
		}
	}
	at, ok := s.Enter(&t)
	if ok {
		d.start(s, what, at)
	}
	return ok
}

// plainDocuments are documents of which the fast path reads a part.
func plainDocuments() []string {
	pad := strings.Repeat("<e>1</e>", 20)
	return []string{
		"<a>" + pad + "<c> <d>x</d>\n <d b=\"y\">z</d></c>" + pad + "</a>",
		"<a xmlns='urn:x'>" + pad + "<c><d>x &amp; y</d><d>Jörg</d><d>]]&gt;</d><d/><d>1<!--x-->2</d></c>" + pad + "</a>",
		"<p:a xmlns:p='urn:p' xmlns='urn:x'><p:c><p:d>1</p:d></p:c><c><d>2</d></c>" + pad + strings.ReplaceAll(pad, "e>", "p:e>") + "</p:a>",
		"<a xmlns='urn:x'>" + pad + "<c xmlns='urn:y'><d>1</d></c><d>2</d>" + pad + pad + "<p:c xmlns:p='urn:p'><d>3</d></p:c></a>",
		"<a>\r\n <c>\r\n<d>1\r\n2</d>\r</c>\r\n" + pad + "\r<d b=\"1\r\n2\">3</d>" + pad + "</a>",
		"<a>" + pad + "<d>x]]>y</d>" + pad + "</a>",
		"<a>" + pad + "<d>x\x01y</d>" + pad + "</a>",
		"<a>" + pad + "<c>" + pad + "</a>" + pad,
		"<a>" + pad + "text" + pad + " text\n" + pad + "<![CDATA[<c>]]>" + pad + "</a>" + pad,
		"<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>" + pad + "<d>J\xF6rg</d>" + pad + "<d b=\"\xE4\">1</d>" + pad + "</a>",
		"<a>" + pad + "<very_long_name_of_an_element.of-43-characters>" + pad + "<d b=\"&amp;\">&#65;</d></very_long_name_of_an_element.of-43-characters>" + pad + "</a>\n",
	}
}

// The fast path tells the same document as Next: names, namespaces, attributes, text,
// offsets, lines and columns, and errors, wherever the window ends and however calls of
// both kinds are mixed.
func TestFastPathTellsWhatNextTells(t *testing.T) {
	docs := append(plainDocuments(), seeds()...)
	taken := 0
	for _, doc := range docs {
		for _, prefix := range []string{"", "p"} {
			want := tell(newScanner(strings.NewReader(doc), Limits{}, 1<<16), prefix, nil)
			for _, size := range []int{16, 32, 48, 61, 64, 77, 100, 128, 200, 256, 1 << 12} {
				seed := random(size)
				rnd := &seed
				choices := []func() bool{
					func() bool { return true },
					func() bool { return rnd.below(3) > 0 },
				}
				for _, choose := range choices {
					got := tell(newScanner(strings.NewReader(doc), Limits{}, size), prefix, choose)
					taken += got.plain
					if diff := cmp.Diff(known(want.tokens, got.tokens), got.tokens); diff != "" || got.err != want.err {
						t.Fatalf("window %d, prefix %q, %q:\n%s error %q, want %q", size, prefix, doc, diff, got.err, want.err)
					}
				}
			}
		}
	}
	if taken < 10_000 {
		t.Errorf("the fast path took only %d pieces", taken)
	}
}

// known drops from want the lines and columns that a small window no longer knew.
func known(want, got []string) []string {
	out := append([]string(nil), want...)
	for i := range min(len(out), len(got)) {
		if place, unknown := strings.CutSuffix(got[i], ":0:0"); unknown && strings.HasPrefix(out[i], place+":") {
			out[i] = got[i]
		}
	}
	return out
}

// A document whose window moves often: the places of open elements stay known.
func TestPositionsOfOpenElementsStayKnown(t *testing.T) {
	doc := "<a>\n<b>\n <c>" + strings.Repeat("\n<d>text</d>", 2000) + "</c></b></a>"
	s := newScanner(strings.NewReader(doc), Limits{}, 256)
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == EndElement && string(s.Local()) == "c" {
			break
		}
	}
	for offset, want := range map[int64]Position{0: {0, 1, 1}, 4: {4, 2, 1}, 9: {9, 3, 2}, 5: {5, 0, 0}} {
		if got := s.PositionAt(offset); got != want {
			t.Errorf("offset %d: %+v, want %+v", offset, got, want)
		}
	}
}

// A tag that is not plain never matches, and limits hold on the fast path as well.
func TestFastPathKeepsLimits(t *testing.T) {
	pad := strings.Repeat(" ", 100)
	for _, row := range []struct {
		name   string
		tag    Tag
		limits Limits
		want   bool
	}{
		{"plain", NewTag("", "b"), Limits{}, true},
		{"depth", NewTag("", "b"), Limits{Depth: 1}, false},
		{"small tokens", NewTag("", "b"), Limits{Token: 100}, false},
		{"other prefix", NewTag("p", "b"), Limits{}, false},
		{"no name", NewTag("", ""), Limits{}, false},
		{"not ASCII", NewTag("", "ä"), Limits{}, false},
		{"markup", NewTag("", "b><c"), Limits{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := NewScanner(strings.NewReader("<a><b></b><b><c></b>"+pad), row.limits)
			if _, err := s.Next(); err != nil {
				t.Fatal(err)
			}
			s.Plain("")
			if _, _, ok := s.Leaf(&row.tag, NewClass(false, func(byte) bool { return true })); ok != row.want {
				t.Errorf("taken: %v", ok)
			}
		})
	}
}

// Columns count characters, also in long lines where they are counted by words.
func TestContinuationsAreTheBytesThatBeginNoCharacter(t *testing.T) {
	text := strings.Repeat("abcdefghijklmnopqrstuvwxyz 0123456789", 3) + "ä€𝄞x" + strings.Repeat("ö", 40) + strings.Repeat("z", 70)
	for i := range text {
		b := []byte(text[i:])
		if got, want := continuations(b), len(b)-utf8.RuneCount(b); got != want {
			t.Fatalf("from %d: %d, want %d", i, got, want)
		}
	}
}
