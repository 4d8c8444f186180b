package xmlscan

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

// verdict is all that a scanner tells of a document, in a form that can be compared:
// adjacent texts joined, since their borders depend on the window.
type verdict struct {
	tokens []string
	code   Code
	at     Position
}

func judge(t testing.TB, s *Scanner) verdict {
	t.Helper()
	var v verdict
	text := ""
	flush := func() {
		if text != "" {
			v.tokens = append(v.tokens, "text "+text)
			text = ""
		}
	}
	var last int64
	for {
		kind, err := s.Next()
		if err != nil {
			if err == io.EOF { // how much of a text is delivered before an error is free
				flush()
			}
			if _, again := s.Next(); !errors.Is(again, err) {
				t.Fatalf("a second Next after %v returns %v", err, again)
			}
			var syntax *SyntaxError
			switch {
			case err == io.EOF:
			case errors.As(err, &syntax):
				v.code, v.at = syntax.Code, syntax.Position
			default:
				t.Fatalf("error that is no SyntaxError: %v", err)
			}
			return v
		}
		begin, end := s.Position().Offset, s.EndOffset()
		if begin < last && kind != EndElement || end <= begin {
			t.Fatalf("offsets go back: %s from %d to %d after %d", kind, begin, end, last)
		}
		last = end
		if kind == Text {
			if len(s.Text()) == 0 {
				t.Fatal("empty text")
			}
			text += string(s.Text())
			continue
		}
		flush()
		v.tokens = append(v.tokens, describe(s, kind))
	}
}

func describe(s *Scanner, kind Kind) string {
	switch kind {
	case StartElement:
		b := fmt.Sprintf("start {%s}%s", s.Space(), s.Local())
		for _, n := range s.Namespaces() {
			b += fmt.Sprintf(" ns %s=%q", n.Prefix, n.URI)
		}
		for _, a := range s.Attrs() {
			b += fmt.Sprintf(" {%s}%s=%q", a.Space, a.Local, a.Value)
		}
		return b
	case EndElement:
		return fmt.Sprintf("end {%s}%s", s.Space(), s.Local())
	case ProcInst:
		return fmt.Sprintf("pi %s %q", s.Local(), s.Text())
	case Comment:
		return fmt.Sprintf("comment %q", s.Text())
	case Text:
	}
	return "text"
}

func judgeText(t testing.TB, doc string) verdict {
	t.Helper()
	return judge(t, NewScanner(strings.NewReader(doc), Limits{}))
}

// Every document of the table is judged as the table says.
func TestVerdicts(t *testing.T) {
	if len(rows) < 80 {
		t.Fatalf("only %d rows", len(rows))
	}
	seen := map[Code]bool{}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			seen[r.code] = true
			if v := judgeText(t, r.doc); v.code != r.code {
				t.Errorf("%q: code %q at %+v, want %q", r.doc, v.code, v.at, r.code)
			}
		})
	}
	for _, c := range Codes() {
		if !seen[c] {
			t.Errorf("no row has code %s", c)
		}
	}
}

// What is read must not depend on how the bytes arrive, or on where the window ends.
func TestVerdictDoesNotDependOnDelivery(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			want := judgeText(t, r.doc)
			readers := map[string]io.Reader{
				"one byte": iotest.OneByteReader(strings.NewReader(r.doc)),
				"with EOF": iotest.DataErrReader(strings.NewReader(r.doc)),
				"halves":   iotest.HalfReader(strings.NewReader(r.doc)),
			}
			for name, reader := range readers {
				if diff := diffVerdict(want, judge(t, NewScanner(reader, Limits{}))); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
			for size := 1; size < 40; size++ {
				small := newScanner(iotest.OneByteReader(strings.NewReader(r.doc)), Limits{}, size)
				if diff := diffVerdict(want, judge(t, small)); diff != "" {
					t.Errorf("window %d: %s", size, diff)
				}
				whole := newScanner(strings.NewReader(r.doc), Limits{}, size)
				if diff := diffVerdict(want, judge(t, whole)); diff != "" {
					t.Errorf("window %d, whole: %s", size, diff)
				}
			}
		})
	}
}

func diffVerdict(a, b verdict) string {
	return cmp.Diff(fmt.Sprintf("%q %v\n%s", a.code, a.at, strings.Join(a.tokens, "\n")),
		fmt.Sprintf("%q %v\n%s", b.code, b.at, strings.Join(b.tokens, "\n")))
}

// encoding/xml is lax, but what we accept it must read with the same content; it does
// not normalise white space in values, so that is made alike on both sides.
func TestEncodingXMLReadsTheSame(t *testing.T) {
	older := map[string]bool{"fifth edition name": true} // encoding/xml has the names of the fourth edition
	compared := 0
	for _, r := range rows {
		if r.code != "" || older[r.name] {
			continue
		}
		compared++
		t.Run(r.name, func(t *testing.T) {
			want, err := readEncodingXML(r.doc)
			if err != nil {
				t.Fatalf("encoding/xml refuses %q: %v", r.doc, err)
			}
			got := alike(strings.Join(judgeText(t, r.doc).tokens, "\n"))
			if diff := cmp.Diff(alike(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if compared < 30 {
		t.Errorf("only %d documents compared", compared)
	}
}

func alike(s string) string { return strings.NewReplacer(`\n`, " ", `\r`, " ", `\t`, " ").Replace(s) }

func readEncodingXML(doc string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(doc, "\uFEFF")))
	d.CharsetReader = func(name string, r io.Reader) (io.Reader, error) {
		switch strings.ToLower(name) {
		case "iso-8859-1":
			return charmap.ISO8859_1.NewDecoder().Reader(r), nil
		case "iso-8859-15":
			return charmap.ISO8859_15.NewDecoder().Reader(r), nil
		case "windows-1252":
			return charmap.Windows1252.NewDecoder().Reader(r), nil
		}
		return r, nil
	}
	var out []string
	text, depth := "", 0
	flush := func() {
		if text != "" {
			out = append(out, "text "+text)
			text = ""
		}
	}
	for {
		token, err := d.Token()
		if err == io.EOF {
			flush()
			return strings.Join(out, "\n"), nil
		}
		if err != nil {
			return "", err
		}
		if chars, ok := token.(xml.CharData); ok {
			if depth > 0 {
				text += string(chars)
			}
			continue
		}
		flush()
		switch k := token.(type) {
		case xml.StartElement:
			depth++
			out = append(out, describeStart(k))
		case xml.EndElement:
			depth--
			out = append(out, fmt.Sprintf("end {%s}%s", k.Name.Space, k.Name.Local))
		case xml.Comment:
			out = append(out, fmt.Sprintf("comment %q", lineEnds(k)))
		case xml.ProcInst:
			if k.Target != "xml" {
				out = append(out, fmt.Sprintf("pi %s %q", k.Target, lineEnds(k.Inst)))
			}
		}
	}
}

// lineEnds does what encoding/xml leaves undone in comments and instructions.
func lineEnds(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
}

func describeStart(k xml.StartElement) string {
	b := fmt.Sprintf("start {%s}%s", k.Name.Space, k.Name.Local)
	for _, a := range k.Attr {
		switch {
		case a.Name.Space == "xmlns":
			b += fmt.Sprintf(" ns %s=%q", a.Name.Local, a.Value)
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			b += fmt.Sprintf(" ns =%q", a.Value)
		}
	}
	for _, a := range k.Attr {
		if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) {
			b += fmt.Sprintf(" {%s}%s=%q", a.Name.Space, a.Name.Local, a.Value)
		}
	}
	return b
}

// xmllint and we must agree on every document of the table.
func TestXmllintAgreesOnTheTable(t *testing.T) {
	docs := make([]string, len(rows))
	for i, r := range rows {
		docs[i] = r.doc
	}
	for i, message := range lint(t, docs) {
		r := rows[i]
		refused, ours := message != "", r.code != ""
		if r.differs == "" && r.code != CodeLimit && refused != ours {
			t.Errorf("%s: %q: xmllint says %q, we say %q", r.name, r.doc, message, r.code)
		}
	}
}

// xmllint and we must agree on documents changed at random places.
func TestXmllintAgreesOnMutations(t *testing.T) {
	const number = 2000
	rnd := random(20240229)
	var docs []string
	var verdicts []verdict
	accepted := 0
	for len(docs) < number {
		doc := rnd.mutate()
		if strings.Contains(doc, "\x00") {
			continue // xmllint stops reading at NUL
		}
		v := judgeText(t, doc)
		switch v.code {
		case CodeDoctype, CodeVersion, CodeLimit:
			continue // there we are stricter on purpose
		case CodeEncoding:
			if strings.Contains(doc, "encoding") || strings.HasPrefix(doc, "\xFE\xFF") || strings.HasPrefix(doc, "\xFF\xFE") {
				continue // and there we know fewer encodings
			}
		case CodeNamespace:
			if strings.Contains(doc, "<xmlns:") {
				continue
			}
		case "":
			accepted++
		}
		docs, verdicts = append(docs, doc), append(verdicts, v)
	}
	if accepted < number/20 || accepted > number*19/20 {
		t.Fatalf("%d of %d mutations accepted: they prove little", accepted, number)
	}
	for i, message := range lint(t, docs) {
		if v := verdicts[i]; (message != "") != (v.code != "") {
			t.Errorf("%q: xmllint says %q, we say %q at %+v", docs[i], message, v.code, v.at)
		}
	}
}

// random is a small generator of numbers (xorshift), so that a seed fixes the test.
type random uint64

func (r *random) below(n int) int {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return int(uint64(*r) >> 11 % uint64(n))
}

// mutate changes one document of the table once or twice.
func (r *random) mutate() string {
	pieces := []string{"<", ">", "/", "'", `"`, "&", ";", "=", " ", ":", "]]>", "--", "<!--", "?>", "<?", "a", "p:", "x", "\n", "\r",
		"é", "&#", "&lt;", "xmlns", "<![CDATA[", "1", "-", "\x00", "\xC3", "]"}
	doc := rows[r.below(len(rows))].doc
	for range 1 + r.below(2) {
		i := r.below(len(doc) + 1)
		j := min(len(doc), i+r.below(3))
		switch r.below(4) {
		case 0: // delete
			doc = doc[:i] + doc[j:]
		case 1: // insert
			doc = doc[:i] + pieces[r.below(len(pieces))] + doc[i:]
		case 2: // replace
			doc = doc[:i] + pieces[r.below(len(pieces))] + doc[j:]
		case 3: // repeat
			doc = doc[:j] + doc[i:]
		}
	}
	return doc
}

// lint runs xmllint over all documents and returns its first error for each.
func lint(t *testing.T, docs []string) []string {
	t.Helper()
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		const hint = "xmllint is not installed: apt-get install libxml2-utils"
		if os.Getenv("CI") == "true" {
			t.Fatal(hint)
		}
		t.Skip(hint)
	}
	dir := t.TempDir()
	args := []string{"--noout", "--nonet"}
	for i, doc := range docs {
		name := fmt.Sprintf("d%d.xml", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatalf("running xmllint: %v", err)
		}
	}
	messages := make([]string, len(docs))
	found := 0
	for line := range strings.Lines(stderr.String()) {
		var i int
		if _, err := fmt.Sscanf(line, "d%d.xml:", &i); err == nil && strings.Contains(line, "error :") &&
			!strings.Contains(line, "is not a valid URI") && messages[i] == "" { // that URIs be valid is no constraint of Namespaces in XML
			messages[i] = strings.TrimSpace(line)
			found++
		}
	}
	if found == 0 || found == len(docs) {
		t.Fatalf("xmllint refused %d of %d documents; its output is not understood: %.300s", found, len(docs), stderr.String())
	}
	return messages
}
