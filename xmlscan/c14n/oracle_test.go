package c14n_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"kontor/xmlscan"
	"kontor/xmlscan/c14n"
)

// missing ends a test that needs something from outside: a skip that says how to get
// it, but a failure where all must run.
func missing(t *testing.T, hint string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(hint)
	}
	t.Skip(hint)
}

// xmllint writes the canonical form of whole documents; ours is the same to the byte. It
// writes & in a namespace URI as it is, so that its output is not even XML: there the
// recommendation is on our side (clause 2.3, namespace nodes are processed as attributes).
func TestXmllintWritesTheSame(t *testing.T) {
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		missing(t, "xmllint is not installed: apt-get install libxml2-utils")
	}
	docs := map[string]string{}
	for _, d := range documents {
		if d.name != "namespace with characters to escape" {
			docs[d.name] = d.doc
		}
	}
	for _, s := range selections {
		docs["selection: "+s.name] = s.doc
	}
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(doc, "<!--") {
				// xmllint --c14n keeps comments; ours leaves them out
				doc = withoutComments(doc)
			}
			file := filepath.Join(t.TempDir(), "doc.xml")
			if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(tool, "--nonet", "--c14n", file)
			want, err := cmd.Output()
			if err != nil {
				t.Fatalf("xmllint: %v", err)
			}
			got, err := c14n.Document([]byte(doc), xmlscan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("\n%s, xmllint\n%s", got, want)
			}
		})
	}
}

func withoutComments(doc string) string {
	for {
		before, rest, found := strings.Cut(doc, "<!--")
		if !found {
			return doc
		}
		_, after, _ := strings.Cut(rest, "-->")
		doc = before + after
	}
}

// goxmldsig's inclusive canonicaliser, another implementation, writes picked elements
// the same, with two exceptions that it gets wrong; lxml judges those.
func TestGoxmldsigWritesTheSame(t *testing.T) {
	differs := map[string]bool{
		"default namespace taken away at the apex": true, // it writes xmlns="" where there is nothing to take away
		"own xml attribute wins":                   true, // it lets the ancestor win
	}
	for _, tt := range selections {
		t.Run(tt.name, func(t *testing.T) {
			doc := etree.NewDocument()
			if err := doc.ReadFromString(tt.doc); err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			for _, e := range pickedElements(doc.Root()) {
				text, err := dsig.MakeC14N10RecCanonicalizer().Canonicalize(e)
				if err != nil {
					t.Fatal(err)
				}
				got.Write(text)
			}
			if same := got.String() == tt.want; same == differs[tt.name] {
				t.Errorf("goxmldsig\n%s, want\n%s", got.String(), tt.want)
			}
		})
	}
}

// pickedElements returns the outermost elements with pick="1" in document order.
func pickedElements(e *etree.Element) (picked []*etree.Element) {
	if e.SelectAttrValue("pick", "") == "1" {
		return []*etree.Element{e}
	}
	for _, child := range e.ChildElements() {
		picked = append(picked, pickedElements(child)...)
	}
	return picked
}

// lxmlProgram reads a JSON list of [document, XPath] and writes for each the canonical
// forms of the elements as base64, null for a document that lxml refuses. lxml
// canonicalises an element as a document of its own that keeps the namespaces in scope,
// but not xml:* attributes of ancestors.
const lxmlProgram = `
import base64, json, sys
from io import BytesIO
from lxml import etree
out = []
for doc, path in json.load(sys.stdin):
    try:
        tree = etree.parse(BytesIO(base64.b64decode(doc)), etree.XMLParser(resolve_entities=False, no_network=True))
        text = b""
        if path == "":
            buffer = BytesIO()
            tree.write_c14n(buffer, exclusive=False, with_comments=False)
            text = buffer.getvalue()
        else:
            for e in tree.xpath(path):
                text += etree.tostring(e, method="c14n", exclusive=False, with_comments=False, with_tail=False)
        out.append(base64.b64encode(text).decode())
    except (etree.LxmlError, ValueError):
        out.append(None)
json.dump(out, sys.stdout)
`

// lxml runs lxmlProgram over documents; a nil answer is a refusal.
func lxml(t *testing.T, docs []string, path string) [][]byte {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import lxml").Run(); err != nil {
		missing(t, "python3 with lxml is not installed: apt-get install python3-lxml")
	}
	var questions [][2]string
	for _, doc := range docs {
		questions = append(questions, [2]string{base64.StdEncoding.EncodeToString([]byte(doc)), path})
	}
	input, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", lxmlProgram)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("lxml: %v\n%s", err, stderr.String())
	}
	var answers [][]byte
	if err := json.Unmarshal(output, &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(docs) {
		t.Fatalf("%d answers for %d documents", len(answers), len(docs))
	}
	return answers
}

// lxml (libxml2) canonicalises the picked subtrees the same, except for inherited xml:*
// attributes, which goxmldsig judges.
func TestLxmlWritesTheSame(t *testing.T) {
	var docs []string
	for _, s := range selections {
		docs = append(docs, s.doc)
	}
	for i, answer := range lxml(t, docs, "//*[@pick='1'][not(ancestor::*[@pick='1'])]") {
		s := selections[i]
		if same := string(answer) == s.want; same == (s.name == "xml attributes are inherited") {
			t.Errorf("%s: lxml\n%s, want\n%s", s.name, answer, s.want)
		}
	}
}

// Of documents changed at random places, those that have a canonical form have the same
// one by lxml: so what the scanner tells of names, namespaces, values and text is right.
func TestLxmlWritesTheSameOfMutations(t *testing.T) {
	const number = 1500
	rnd := random(20240301)
	var docs, forms []string
	for tries := 0; len(docs) < number && tries < 100*number; tries++ {
		doc := rnd.mutate()
		form, err := c14n.Document([]byte(doc), xmlscan.Limits{})
		if err == nil {
			docs, forms = append(docs, doc), append(forms, string(form))
		}
	}
	if len(docs) < number {
		t.Fatalf("only %d documents", len(docs))
	}
	compared := 0
	for i, answer := range lxml(t, docs, "") {
		if answer == nil {
			continue // whether documents are refused is compared in package xmlscan
		}
		compared++
		// libxml2 keeps & in namespace URIs as it holds it, &#38; this can come from nothing else.
		answer = bytes.ReplaceAll(answer, []byte("&#38;"), []byte("&amp;"))
		if string(answer) != forms[i] {
			t.Errorf("%q: lxml\n%q, ours\n%q", docs[i], answer, forms[i])
		}
	}
	if compared < number*8/10 {
		t.Errorf("only %d of %d documents compared", compared, number)
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

// mutate changes one document of the tables at up to three places.
func (r *random) mutate() string {
	pieces := []string{"<", ">", "/", "'", `"`, "&amp;", "&#13;", "&#9;", " ", "\t", "\r", "\n", "p:", "a", "<b/>", "<!--x-->", "<?p?>",
		"<![CDATA[<]]>", " xmlns=''", " xmlns='urn:x'", " xmlns:p='urn:p'", " p:z='1'", " xml:b='2'", "ö", "&gt;"}
	i := r.below(len(documents) + len(selections))
	var doc string
	if i < len(documents) {
		doc = documents[i].doc
	} else {
		doc = selections[i-len(documents)].doc
	}
	for range 1 + r.below(3) {
		i := r.below(len(doc) + 1)
		j := min(len(doc), i+r.below(3))
		if r.below(3) == 0 {
			doc = doc[:i] + doc[j:]
		} else {
			doc = doc[:i] + pieces[r.below(len(pieces))] + doc[i:]
		}
	}
	return doc
}

// The recorded EBICS messages of other programs carry the digest of their authenticated
// elements: ours is the same, in every one of them.
func TestDigestsOfRecordedMessages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t), "data", "ebics", "captures", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		missing(t, "no recorded messages: set KONTOR_SHARED to the folder that has data/ebics/captures")
	}
	requests, responses := 0, 0
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := digestValue(t, doc)
		if want == "" {
			continue // unsigned: INI, HIA, and answers of key management
		}
		name := filepath.Base(file)
		canonical, picked, err := c14n.Select(nil, doc, xmlscan.Limits{}, func(e c14n.Element) bool {
			value, ok := e.Attr("authenticate")
			return ok && string(value) == "true"
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if picked == 0 {
			t.Errorf("%s is signed and has no authenticated element", name)
		}
		sum := sha256.Sum256(canonical)
		if got := base64.StdEncoding.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: digest %s, want %s", name, got, want)
		}
		if strings.Contains(name, ".req.") {
			requests++
		} else {
			responses++
		}
	}
	if requests+responses <= 50 || requests == 0 || responses == 0 {
		t.Errorf("only %d signed requests and %d signed responses", requests, responses)
	}
	t.Logf("%d signed requests and %d signed responses agree", requests, responses)
}

// digestValue reads the text of the DigestValue of a message, empty without one.
func digestValue(t *testing.T, doc []byte) string {
	t.Helper()
	s := xmlscan.NewScanner(bytes.NewReader(doc), xmlscan.Limits{})
	within, digest := false, ""
	for {
		kind, err := s.Next()
		if err == io.EOF {
			return digest
		}
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case xmlscan.StartElement:
			within = string(s.Local()) == "DigestValue" && string(s.Space()) == "http://www.w3.org/2000/09/xmldsig#"
		case xmlscan.EndElement:
			within = false
		case xmlscan.Text:
			if within {
				digest += strings.TrimSpace(string(s.Text()))
			}
		case xmlscan.Comment, xmlscan.ProcInst:
		}
	}
}

// shared returns the folder of shared data beside the module.
func shared(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("KONTOR_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared")
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal(fmt.Errorf("no go.mod above the test"))
		}
		dir = parent
	}
}
