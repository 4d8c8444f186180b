package c14n_test

import (
	"errors"
	"strings"
	"testing"

	"kontor/xmlscan"
	"kontor/xmlscan/c14n"
)

// documents are invented; want is written by hand from the recommendation, and xmllint
// confirms it.
var documents = []struct{ name, doc, want string }{
	{"declaration and comments go", "<?xml version='1.0'?><!--x--><a><!--y-->1<!--z-->2</a><!--w-->\n", "<a>12</a>"},
	{"instructions outside the root stand on lines", "<?p?>  <?q  r s?><a/>\n\n<?t?><?u v?>", "<?p?>\n<?q r s?>\n<a></a>\n<?t?>\n<?u v?>"},
	{"instructions inside stay where they are", "<a>1<?p  q ?>2<?r?></a>", "<a>1<?p q ?>2<?r?></a>"},
	{"empty-element tags are written out", "<a><b/><c /></a>", "<a><b></b><c></c></a>"},
	{"space in tags", "<a  b = '1'\n c='2' ></a\t>", `<a b="1" c="2"></a>`},
	{"space in content stays", "<a>\n <b> </b>\t</a>", "<a>\n <b> </b>\t</a>"},
	{"CDATA is text", "<a><![CDATA[<&>]]]]><![CDATA[>]]></a>", "<a>&lt;&amp;&gt;]]&gt;</a>"},
	{"line ends", "<a>1\r\n2\r3&#13;&#xD;\n</a>", "<a>1\n2\n3&#xD;&#xD;\n</a>"},
	{"text escapes", `<a>"'&lt;>&amp;` + "\t</a>", `<a>"'&lt;&gt;&amp;` + "\t</a>"},
	{"value escapes", `<a b='"&apos;&lt;>&amp;&#9;&#10;&#13;` + "\t\n" + `'/>`, `<a b="&quot;'&lt;>&amp;&#x9;&#xA;&#xD;  "></a>`},
	{"attributes by namespace, then name", `<a xmlns:z="urn:a" xmlns:y="urn:b" y:a="1" z:b="2" z:a="3" c="4" b="5" xml:lang="de"/>`,
		`<a xmlns:y="urn:b" xmlns:z="urn:a" b="5" c="4" xml:lang="de" z:a="3" z:b="2" y:a="1"></a>`},
	{"namespaces by prefix, default first", `<a xmlns:z="urn:a" xmlns="urn:x" xmlns:b="urn:y"/>`, `<a xmlns="urn:x" xmlns:b="urn:y" xmlns:z="urn:a"></a>`},
	{"superfluous declarations go", `<a xmlns="urn:x" xmlns:p="urn:p"><b xmlns="urn:x" xmlns:p="urn:p"><p:c xmlns:p="urn:p"/></b></a>`,
		`<a xmlns="urn:x" xmlns:p="urn:p"><b><p:c></p:c></b></a>`},
	{"redeclared prefix", `<a xmlns:p="urn:p"><b xmlns:p="urn:q"><c xmlns:p="urn:p"/></b><d xmlns:p="urn:q"/></a>`,
		`<a xmlns:p="urn:p"><b xmlns:p="urn:q"><c xmlns:p="urn:p"></c></b><d xmlns:p="urn:q"></d></a>`},
	{"default namespace taken away", `<a xmlns="urn:x"><b xmlns=""><c xmlns=""/></b><d/></a>`, `<a xmlns="urn:x"><b xmlns=""><c></c></b><d></d></a>`},
	{"nothing to take away", `<a xmlns=""><b xmlns=""/></a>`, `<a><b></b></a>`},
	{"unused prefix stays", `<a><b xmlns:p="urn:p">1</b></a>`, `<a><b xmlns:p="urn:p">1</b></a>`},
	{"declared prefix xml", `<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:space="preserve"/>`, `<a xml:space="preserve"></a>`},
	{"Latin-1 becomes UTF-8", "<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xE4'>\xF6\xDF</a>", "<a b=\"ä\">öß</a>"},
	{"byte order mark goes", "\uFEFF<a>€</a>", "<a>€</a>"},
	{"normalised line ends in instructions", "<a><?p x\r\ny?></a>", "<a><?p x\ny?></a>"},
	{"namespace with characters to escape", `<a xmlns:p="urn:x?a=1&amp;b=2"/>`, `<a xmlns:p="urn:x?a=1&amp;b=2"></a>`},
	{"elements of a message", `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<q xmlns:ds="urn:ds" xmlns="urn:e" Version="H004"><h authenticate="true"><s/></h><b><ds:v>1</ds:v></b></q>`,
		`<q xmlns="urn:e" xmlns:ds="urn:ds" Version="H004"><h authenticate="true"><s></s></h><b><ds:v>1</ds:v></b></q>`},
}

// Every rule of clause 2 and 3 on a document of its own.
func TestDocument(t *testing.T) {
	for _, tt := range documents {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c14n.Document([]byte(tt.doc), xmlscan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

// selections pick the elements with pick="1".
var selections = []struct {
	name, doc, want string
	picked          int
}{
	{"namespaces of ancestors, also unused", `<a xmlns="urn:x" xmlns:p="urn:p"><b pick="1"><c/></b></a>`, `<b xmlns="urn:x" xmlns:p="urn:p" pick="1"><c></c></b>`, 1},
	{"several, in document order", `<a xmlns="urn:x">1<b pick="1">2</b>3<c><d pick="1"/></c></a>`, `<b xmlns="urn:x" pick="1">2</b><d xmlns="urn:x" pick="1"></d>`, 2},
	{"within a picked one nothing is picked", `<a><b pick="1"><b pick="1"/></b></a>`, `<b pick="1"><b pick="1"></b></b>`, 1},
	{"nearest declaration", `<a xmlns:p="urn:1"><b xmlns:p="urn:2"><c pick="1"/></b><c pick="1"/></a>`, `<c xmlns:p="urn:2" pick="1"></c><c xmlns:p="urn:1" pick="1"></c>`, 2},
	{"default namespace taken away above", `<a xmlns="urn:x"><b xmlns=""><c pick="1"/></b></a>`, `<c pick="1"></c>`, 1},
	{"default namespace taken away at the apex", `<a xmlns="urn:x"><c xmlns="" pick="1"/></a>`, `<c pick="1"></c>`, 1},
	{"default namespace taken away within", `<a xmlns="urn:x"><c pick="1"><d xmlns=""/></c></a>`, `<c xmlns="urn:x" pick="1"><d xmlns=""></d></c>`, 1},
	{"superfluous within", `<a xmlns:p="urn:p"><c pick="1"><d xmlns:p="urn:p"/></c></a>`, `<c xmlns:p="urn:p" pick="1"><d></d></c>`, 1},
	{"xml attributes are inherited", `<a xml:lang="de" xml:space="preserve"><b xml:lang="sv"><c pick="1" z="2"/></b></a>`, `<c pick="1" z="2" xml:lang="sv" xml:space="preserve"></c>`, 1},
	{"own xml attribute wins", `<a xml:lang="de"><c xml:lang="en" pick="1"/></a>`, `<c pick="1" xml:lang="en"></c>`, 1},
	{"xml attributes end with their element", `<a><b xml:lang="de"/><c pick="1"/></a>`, `<c pick="1"></c>`, 1},
	{"comments and instructions within", `<a><c pick="1"><!--x--><?p q?>1</c></a>`, `<c pick="1"><?p q?>1</c>`, 1},
	{"the root itself", `<?p?><a pick="1">1</a><?q?>`, `<a pick="1">1</a>`, 1},
	{"nothing", `<a/>`, ``, 0},
}

// An apex carries its context; the rest of the document leaves no trace.
func TestSelect(t *testing.T) {
	for _, tt := range selections {
		t.Run(tt.name, func(t *testing.T) {
			got, picked, err := c14n.Select([]byte("before "), []byte(tt.doc), xmlscan.Limits{}, marked)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != "before "+tt.want || picked != tt.picked {
				t.Errorf("\n%s, want\n%s; %d picked, want %d", got, tt.want, picked, tt.picked)
			}
		})
	}
}

func marked(e c14n.Element) bool {
	value, ok := e.Attr("pick")
	return ok && string(value) == "1"
}

// pick sees name, namespace, depth, parent and the attributes without namespace.
func TestElement(t *testing.T) {
	var seen []string
	_, _, err := c14n.Select(nil, []byte(`<p:a xmlns:p="urn:p"><b p:pick="1"/></p:a>`), xmlscan.Limits{}, func(e c14n.Element) bool {
		if _, ok := e.Attr("pick"); ok {
			t.Error("an attribute with namespace is found as one without")
		}
		seen = append(seen, string(e.Space())+"|"+string(e.Local())+"|"+string(e.ParentLocal())+"|"+strings.Repeat("x", e.Depth()))
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(seen, " "), "urn:p|a||x |b|a|xx"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What is wrong anywhere makes the whole document worthless, also behind what was picked.
func TestRefused(t *testing.T) {
	tests := []struct {
		name, doc string
		code      xmlscan.Code
	}{
		{"not well-formed behind the picked element", `<a><b pick="1"/><c></a>`, xmlscan.CodeMalformed},
		{"cut", `<a><b pick="1"/>`, xmlscan.CodeTruncated},
		{"DOCTYPE", `<!DOCTYPE a><a pick="1"/>`, xmlscan.CodeDoctype},
		{"too deep", strings.Repeat("<a>", 100), xmlscan.CodeLimit},
		{"many picked elements inherit much", heavy(), xmlscan.CodeLimit},
		{"too much to inherit", manyInherited(), xmlscan.CodeLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, picked, err := c14n.Select(nil, []byte(tt.doc), xmlscan.Limits{}, marked)
			var syntax *xmlscan.SyntaxError
			if !errors.As(err, &syntax) || syntax.Code != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
			if out != nil || picked != 0 {
				t.Errorf("%d bytes and %d picked beside the error", len(out), picked)
			}
		})
	}
}

// heavy makes a document whose selection would be far longer than itself.
func heavy() string {
	return `<a xmlns:p="urn:` + strings.Repeat("x", 10_000) + `">` + strings.Repeat(`<b pick="1"/>`, 10_000) + `</a>`
}

func manyInherited() string {
	var b strings.Builder
	for range 30 {
		b.WriteString(`<a xml:a="" xml:b="" xml:c="" xml:d="" xml:e="" xml:f="" xml:g="" xml:h="" xml:i="" xml:j="">`)
	}
	return b.String()
}

// Clause 1.3: a relative namespace URI has no canonical form.
func TestRelativeNamespaceIsRefused(t *testing.T) {
	for _, doc := range []string{`<a xmlns="x"/>`, `<a><b xmlns:p="../x"/></a>`, `<a xmlns="1:x"/>`, `<a xmlns="#x"/>`, `<a xmlns=":x"/>`} {
		if _, err := c14n.Document([]byte(doc), xmlscan.Limits{}); !errors.Is(err, c14n.ErrRelativeNamespace) {
			t.Errorf("%s: %v", doc, err)
		}
		if _, _, err := c14n.Select(nil, []byte(doc), xmlscan.Limits{}, marked); !errors.Is(err, c14n.ErrRelativeNamespace) {
			t.Errorf("%s: %v", doc, err)
		}
	}
	for _, doc := range []string{`<a xmlns="x:"/>`, `<a xmlns="http://localhost/"/>`, `<a xmlns="a+b-c.1:x"/>`} {
		if _, err := c14n.Document([]byte(doc), xmlscan.Limits{}); err != nil {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if len(documents) < 20 || len(selections) < 10 {
		t.Fatalf("%d documents and %d selections", len(documents), len(selections))
	}
}

// The canonical form is well-formed and its own canonical form, and selecting the root
// gives the document without what surrounds the root.
func FuzzC14N(f *testing.F) {
	for _, d := range documents {
		f.Add(d.doc)
	}
	for _, s := range selections {
		f.Add(s.doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		once, err := c14n.Document([]byte(doc), xmlscan.Limits{})
		if err != nil {
			return
		}
		twice, err := c14n.Document(once, xmlscan.Limits{})
		if err != nil {
			t.Fatalf("%q becomes %q: %v", doc, once, err)
		}
		if string(once) != string(twice) {
			t.Errorf("%q becomes %q becomes %q", doc, once, twice)
		}
		first, picked, err := c14n.Select(nil, []byte(doc), xmlscan.Limits{}, func(e c14n.Element) bool { return e.Depth() == 1 })
		if err != nil || picked != 1 || !strings.Contains(string(once), string(first)) {
			t.Errorf("%q: root %q (%d, %v) is not in %q", doc, first, picked, err, once)
		}
	})
}
