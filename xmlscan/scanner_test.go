package xmlscan

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// Positions are those of the raw bytes, in every encoding and with every line end:
// people look there with an editor, and payments are cut out by offset.
func TestPositions(t *testing.T) {
	tests := []struct {
		name, doc, local string
		want             Position
	}{
		{"start", "<x/>", "x", Position{0, 1, 1}},
		{"after a byte order mark", "\uFEFF<x/>", "x", Position{3, 1, 1}},
		{"after a declaration", "<?xml version='1.0'?>\n<x/>", "x", Position{22, 2, 1}},
		{"LF", "<a>\n\n <x/></a>", "x", Position{6, 3, 2}},
		{"CR LF", "<a>\r\n\r\n <x/></a>", "x", Position{8, 3, 2}},
		{"CR", "<a>\r\r <x/></a>", "x", Position{6, 3, 2}},
		{"CR and LF apart", "<a>\r<b/>\n <x/></a>", "x", Position{10, 3, 2}},
		{"column counts characters of UTF-8", "<a>€ä𝄞<x/></a>", "x", Position{12, 1, 7}},
		{"column counts characters of Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4\xF6<x/></a>", "x", Position{48, 1, 49}},
		{"within a tag of several lines", "<a b='1'\nc='2'><x/></a>", "x", Position{15, 2, 7}},
		{"CDATA of several lines", "<a><![CDATA[\n\n]]> <x/></a>", "x", Position{18, 3, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 7, windowSize} {
				s := newScanner(iotest.OneByteReader(strings.NewReader(tt.doc)), Limits{}, size)
				seek(t, s, tt.local)
				if got := s.Position(); got != tt.want {
					t.Errorf("window %d: %+v, want %+v", size, got, tt.want)
				}
			}
		})
	}
}

// seek reads to the start tag of an element.
func seek(t *testing.T, s *Scanner, local string) {
	t.Helper()
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatalf("no element %s: %v", local, err)
		}
		if kind == StartElement && string(s.Local()) == local {
			return
		}
	}
}

// An error stands at the byte that is wrong, not where its tag begins.
func TestErrorPositions(t *testing.T) {
	tests := []struct {
		name, doc string
		want      Position
	}{
		{"control character", "<a>\n12\x0134</a>", Position{6, 2, 3}},
		{"attribute twice", "<a>\n<b c='1'\nc='2'/></a>", Position{13, 3, 1}},
		{"reference in a value", "<a b='&x;'/>", Position{6, 1, 7}},
		{"reference in a Latin-1 value", "<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xE4\xE4&x;'/>", Position{51, 1, 52}},
		{"reference in Latin-1 text", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4\xE4&x;</a>", Position{48, 1, 49}},
		{"]]> after umlauts", "<a>ää]]></a>", Position{7, 1, 6}},
		{"invalid UTF-8", "<a>ä\xFF</a>", Position{5, 1, 5}},
		{"end of input", "<a>\n<b>", Position{7, 2, 4}},
		{"prefix not declared", "<a>\n<b p:c='1'/></a>", Position{7, 2, 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if v := judgeText(t, tt.doc); v.code == "" || v.at != tt.want {
				t.Errorf("%s at %+v, want %+v", v.code, v.at, tt.want)
			}
		})
	}
}

// The raw bytes of an element lie between the start of its start tag and the end of
// its end tag.
func TestOffsetsCutOutAnElement(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"with content", "<a>1<x b='>'>2<!--3--></x >4</a>", "<x b='>'>2<!--3--></x >"},
		{"empty-element tag", "<a>1<x b='2' />3</a>", "<x b='2' />"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewScanner(strings.NewReader(tt.doc), Limits{})
			seek(t, s, "x")
			from := s.Position().Offset
			for {
				kind, err := s.Next()
				if err != nil {
					t.Fatal(err)
				}
				if kind == EndElement && string(s.Local()) == "x" {
					break
				}
			}
			if got := tt.doc[from:s.EndOffset()]; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// The whole of what a scanner tells of a document.
func TestTokens(t *testing.T) {
	const doc = `<?xml version="1.0"?><?p  q ?><d:a xmlns:d="urn:d" xmlns="urn:x" b="1&#10;2` + "\n" + `3" d:c="&quot;">` +
		`x&amp;<![CDATA[<y>]]>` + "\r\n" + `<b xmlns=""/><!-- c --></d:a>`
	want := []string{
		`1 pi p "q "`,
		`start {urn:d}a ns d="urn:d" ns ="urn:x" {}b="1\n2 3" {urn:d}c="\""`,
		"text x&<y>\n",
		`start {}b ns =""`,
		`end {}b`,
		`comment " c "`,
		`end {urn:d}a`,
	}
	want[0] = strings.TrimPrefix(want[0], "1 ")
	if diff := cmp.Diff(want, judgeText(t, doc).tokens); diff != "" {
		t.Error(diff)
	}
}

// Depth, parent and namespaces in scope follow the elements.
func TestScope(t *testing.T) {
	const doc = `<p:a xmlns="urn:x" xmlns:p="urn:1"><b xmlns="" xmlns:p="urn:2" c="1" p:d="2"><e/></b>t</p:a>`
	var got []string
	s := NewScanner(strings.NewReader(doc), Limits{})
	for {
		kind, err := s.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var scope []string
		for _, n := range s.InScope(nil) {
			scope = append(scope, fmt.Sprintf("%s=%s", n.Prefix, n.URI))
		}
		got = append(got, fmt.Sprintf("%s %s:%s %d in %q p=%s outside=%s scope %v",
			kind, s.Prefix(), s.Local(), s.Depth(), s.ParentLocal(), s.Lookup([]byte("p")), s.Inherited([]byte("p")), scope))
	}
	want := []string{
		`StartElement p:a 1 in "" p=urn:1 outside= scope [p=urn:1 =urn:x]`,
		`StartElement :b 2 in "a" p=urn:2 outside=urn:1 scope [p=urn:2]`,
		`StartElement :e 3 in "b" p=urn:2 outside=urn:2 scope [p=urn:2]`,
		`EndElement :e 3 in "b" p=urn:2 outside=urn:2 scope [p=urn:2]`,
		`EndElement :b 2 in "a" p=urn:2 outside=urn:1 scope [p=urn:2]`,
		`Text :b 1 in "" p=urn:1 outside= scope [p=urn:1 =urn:x]`,
		`EndElement p:a 1 in "" p=urn:1 outside= scope [p=urn:1 =urn:x]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if uri := s.Lookup([]byte("xml")); string(uri) != XMLNamespace {
		t.Errorf("xml is bound to %q", uri)
	}
	if uri := s.Inherited([]byte("p")); uri != nil {
		t.Errorf("outside the root p is bound to %q", uri)
	}
}

// Attr finds attributes without namespace only.
func TestAttrIgnoresPrefixedAttributes(t *testing.T) {
	s := NewScanner(strings.NewReader(`<a xmlns:p="urn:p" p:b="1" c="2"/>`), Limits{})
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	if value, ok := s.Attr("b"); ok {
		t.Errorf("b = %q", value)
	}
	if value, ok := s.Attr("c"); !ok || string(value) != "2" {
		t.Errorf("c = %q, %v", value, ok)
	}
}

// Encoding names the encoding in one spelling.
func TestEncodingName(t *testing.T) {
	tests := map[string]string{
		"<a/>": "UTF-8",
		"<?xml version='1.0' encoding='utf8'?><a/>":            "UTF-8",
		"<?xml version='1.0' encoding='latin1'?><a/>":          "ISO-8859-1",
		"<?xml version='1.0' encoding='iso-8859-15'?><a/>":     "ISO-8859-15",
		"<?xml version='1.0' encoding='WINDOWS-1252'?><a/>":    "windows-1252",
		"<?xml version='1.0' encoding='ascii'?><a/>":           "US-ASCII",
		"\uFEFF<?xml version='1.0' encoding='UTF-8'?><a></a>":  "UTF-8",
		"<?xml version='1.0' standalone='no'?><a>\u00e4ä€</a>": "UTF-8",
	}
	for doc, want := range tests {
		s := NewScanner(strings.NewReader(doc), Limits{})
		if _, err := s.Next(); err != nil {
			t.Errorf("%q: %v", doc, err)
		}
		if got := s.Encoding(); got != want {
			t.Errorf("%q: %s, want %s", doc, got, want)
		}
	}
}

// A failure of the reader is not the document's fault and stays recognisable.
func TestReadErrorsPassThrough(t *testing.T) {
	cause := errors.New("connection lost")
	for _, doc := range []string{"", "<a", "<a>", "<a>text", "<a><![CDATA[x", "<a/>", "<a><!--"} {
		s := NewScanner(io.MultiReader(strings.NewReader(doc), iotest.ErrReader(cause)), Limits{})
		var err error
		for err == nil {
			_, err = s.Next()
		}
		var syntax *SyntaxError
		if !errors.Is(err, cause) || errors.As(err, &syntax) {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

// A reader that wraps io.EOF has failed: its document must not pass for complete.
func TestWrappedEOFIsNoEnd(t *testing.T) {
	cause := fmt.Errorf("inflating: %w", io.EOF)
	for _, doc := range []string{"", "<a>", "<a/>"} {
		_, err := drain(NewScanner(io.MultiReader(strings.NewReader(doc), iotest.ErrReader(cause)), Limits{}))
		if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

// stuck is a reader that delivers nothing, without an error.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// liar is a reader that claims more than it was given room for.
type liar struct{}

func (liar) Read(b []byte) (int, error) { return len(b) + 1, nil }

// Readers that break the contract of io.Reader are errors, not loops or panics.
func TestBadReaders(t *testing.T) {
	if _, err := NewScanner(stuck{}, Limits{}).Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("stuck reader: %v", err)
	}
	if _, err := NewScanner(liar{}, Limits{}).Next(); !errors.Is(err, errReader) {
		t.Errorf("lying reader: %v", err)
	}
}

// A text longer than the window comes in pieces, cut between characters.
func TestLongTextComesInPieces(t *testing.T) {
	want := strings.Repeat("0123456789ä€", 200_000)
	s := NewScanner(strings.NewReader("<a>"+want+"</a>"), Limits{})
	var got strings.Builder
	pieces := 0
	for {
		kind, err := s.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if kind == Text {
			pieces++
			got.Write(s.Text())
			if len(s.Text()) > windowMost {
				t.Fatalf("a piece of %d bytes", len(s.Text()))
			}
		}
	}
	if got.String() != want {
		t.Error("the pieces are not the text")
	}
	if pieces < 10 {
		t.Errorf("%d pieces", pieces)
	}
}

// The message may quote names, but never text or values: it goes to logs.
func TestMessagesKeepContentSecret(t *testing.T) {
	for _, doc := range []string{
		"<a>CANARY]]></a>", "<a>CANARY&x;</a>", "<a b='CANARY&x;'/>", "<a b='CANARY' b='CANARY'/>",
		"<a>CANARY", "<a b='CANARY", "<a xmlns:xml='CANARY'/>", "<a><!--CANARY-- --></a>", "<a>&CANARY;</a>",
	} {
		_, err := drain(NewScanner(strings.NewReader(doc), Limits{}))
		if err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

// drain reads all tokens and returns their number; a complete document is no error.
func drain(s *Scanner) (int, error) {
	for n := 0; ; n++ {
		_, err := s.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
