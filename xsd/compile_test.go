package xsd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// inSchema wraps global components of a schema, the first of them on line 2.
func inSchema(components string) string {
	return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">` + "\n" + components + "\n</xs:schema>"
}

// inType wraps the content of the type of the document element.
func inType(content string) string {
	return inSchema(`<xs:element name="R"><xs:complexType>` + content + `</xs:complexType></xs:element>`)
}

// inRestriction wraps facets of the type of the document element.
func inRestriction(base, facets string) string {
	return inSchema(`<xs:element name="R"><xs:simpleType><xs:restriction base="` + base + `">` + facets + `</xs:restriction></xs:simpleType></xs:element>`)
}

func compileText(text string) (*Schema, error) {
	return Compile(openerFS(fstest.MapFS{
		"s.xsd":     {Data: []byte(text)},
		"other.xsd": {Data: []byte(strings.ReplaceAll(inSchema(`<xs:simpleType name="T"><xs:restriction base="xs:string"/></xs:simpleType>`), "urn:t", "urn:other"))},
		"part.xsd":  {Data: []byte(inSchema(`<xs:simpleType name="T"><xs:restriction base="xs:string"/></xs:simpleType>`))},
	}), "s.xsd")
}

// What a schema says and the tables cannot hold must stop the compiler: a rule that is
// silently dropped would let wrong payments pass.
func TestWhatIsNotSupportedIsAnErrorWithItsPlace(t *testing.T) {
	const word = `<xs:element name="A" type="xs:string"/>`
	rows := []struct{ name, schema, says string }{
		{"xs:all", inType(`<xs:all/>`), "xs:all is not supported"},
		{"a list", inSchema(`<xs:simpleType name="T"><xs:list itemType="xs:string"/></xs:simpleType>`), "xs:list"},
		{"a union", inSchema(`<xs:simpleType name="T"><xs:union/></xs:simpleType>`), "xs:union"},
		{"an import", inSchema(`<xs:import namespace="urn:o"/>`), "xs:import"},
		{"an assertion", inType(`<xs:sequence/><xs:assert test="true()"/>`), "xs:assert"},
		{"a key", inSchema(`<xs:element name="R"><xs:key name="k"/></xs:element>`), "xs:key"},
		{"anyAttribute", inType(`<xs:anyAttribute/>`), "xs:anyAttribute"},
		{"a substitution group", inSchema(`<xs:element name="R" substitutionGroup="Q" type="xs:string"/>`), "substitutionGroup"},
		{"a default value", inType(`<xs:sequence><xs:element name="A" type="xs:string" default="x"/></xs:sequence>`), "default"},
		{"a fixed value", inType(`<xs:sequence><xs:element name="A" type="xs:string" fixed="x"/></xs:sequence>`), "fixed"},
		{"a default attribute", inType(`<xs:attribute name="a" type="xs:string" default="x"/>`), "default"},
		{"a fixed number", inType(`<xs:attribute name="a" type="xs:decimal" fixed="1"/>`), "fixed attribute"},
		{"a nillable element", inType(`<xs:sequence><xs:element name="A" type="xs:string" nillable="true"/></xs:sequence>`), "nillable"},
		{"an abstract type", inSchema(`<xs:element name="R" type="T"/><xs:complexType name="T" abstract="true"/>`), "abstract"},
		{"an unqualified element", inType(`<xs:sequence><xs:element name="A" type="xs:string" form="unqualified"/></xs:sequence>`), "form"},
		{"a qualified attribute", inType(`<xs:attribute name="a" type="xs:string" form="qualified"/>`), "form"},
		{"an attribute reference", inType(`<xs:attribute ref="a"/>`), "ref"},
		{"an element without type", inType(`<xs:sequence><xs:element name="A"/></xs:sequence>`), "without a type"},
		{"a floating point number", inType(`<xs:sequence><xs:element name="A" type="xs:double"/></xs:sequence>`), "xs:double"},
		{"an ID", inType(`<xs:attribute name="a" type="xs:ID"/>`), "xs:ID"},
		{"a bound of a date", inRestriction("xs:date", `<xs:minInclusive value="2025-01-01"/>`), "minInclusive"},
		{"an enumeration of numbers", inRestriction("xs:decimal", `<xs:enumeration value="1"/>`), "enumeration"},
		{"a length of a number", inRestriction("xs:decimal", `<xs:length value="1"/>`), "no length"},
		{"digits of a text", inRestriction("xs:string", `<xs:totalDigits value="1"/>`), "not a decimal"},
		{"a bound that is no number", inRestriction("xs:decimal", `<xs:minInclusive value="1,5"/>`), "not a decimal"},
		{"a length that is no number", inRestriction("xs:string", `<xs:maxLength value="x"/>`), "not a number"},
		{"lengths that exclude each other", inRestriction("xs:string", `<xs:minLength value="3"/><xs:maxLength value="2"/>`), "at least 3"},
		{"bounds that exclude each other", inRestriction("xs:decimal", `<xs:minInclusive value="10"/><xs:maxInclusive value="9.5"/>`), "at least 10"},
		{"a broken pattern", inRestriction("xs:string", `<xs:pattern value="[a"/>`), "class that is not closed"},
		{"a pattern that is too large", inRestriction("xs:string", `<xs:pattern value="(a|b)*a(a|b){20}"/>`), "too large"},
		{"a facet of version 1.1", inRestriction("xs:dateTime", `<xs:explicitTimezone value="required"/>`), "explicitTimezone"},
		{"conditional inclusion", inSchema(`<xs:element xmlns:vc="http://www.w3.org/2007/XMLSchema-versioning" vc:minVersion="1.1" name="R" type="xs:string"/>`), "vc:minVersion"},
		{"two declarations for one element", inType(`<xs:choice><xs:sequence>` + word + word + `</xs:sequence><xs:sequence>` + word + `</xs:sequence></xs:choice>`), "not deterministic"},
		{"an optional element before the same", inType(`<xs:sequence><xs:element name="A" type="xs:string" minOccurs="0"/>` + word + `</xs:sequence>`), "not deterministic"},
		{"a wildcard beside an element", inType(`<xs:choice>` + word + `<xs:any/></xs:choice>`), "not deterministic"},
		{"one name with two types", inType(`<xs:sequence>` + word + `<xs:element name="B" type="xs:string"/><xs:element name="A" type="xs:date"/></xs:sequence>`), "two types"},
		{"a list of namespaces", inType(`<xs:sequence><xs:any namespace="urn:a urn:b"/></xs:sequence>`), "namespace"},
		{"a number of occurrences that is none", inType(`<xs:sequence maxOccurs="many"/>`), "maxOccurs"},
		{"more at least than at most", inType(`<xs:sequence minOccurs="2"/>`), "minOccurs"},
		{"too many occurrences", inType(`<xs:sequence><xs:element name="A" type="xs:string" maxOccurs="1000000"/></xs:sequence>`), "maxOccurs"},
		{"a type of the same name", inSchema(`<xs:complexType name="T"/><xs:complexType name="T"/>`), "twice"},
		{"a type that is not there", inType(`<xs:sequence><xs:element name="A" type="Missing"/></xs:sequence>`), "not defined"},
		{"a prefix that is not there", inType(`<xs:sequence><xs:element name="A" type="p:T"/></xs:sequence>`), "not declared"},
		{"a type derived from itself", inSchema(`<xs:element name="R" type="T"/><xs:simpleType name="T"><xs:restriction base="T"/></xs:simpleType>`), "derived from itself"},
		{"types derived from each other", inSchema(`<xs:element name="R" type="T"/><xs:complexType name="T"><xs:complexContent><xs:extension base="U"/></xs:complexContent></xs:complexType>` +
			`<xs:complexType name="U"><xs:complexContent><xs:extension base="T"/></xs:complexContent></xs:complexType>`), "derived from itself"},
		{"a group within itself", inSchema(`<xs:element name="R"><xs:complexType><xs:group ref="G"/></xs:complexType></xs:element><xs:group name="G"><xs:sequence><xs:group ref="G"/></xs:sequence></xs:group>`), "nested"},
		{"another namespace included", inSchema(`<xs:include schemaLocation="other.xsd"/>`), "another target namespace"},
		{"a file that is not there", inSchema(`<xs:include schemaLocation="missing.xsd"/>`), "cannot be opened"},
		{"a URL", inSchema(`<xs:include schemaLocation="http://localhost/x.xsd"/>`), "not a relative path"},
		{"an absolute path", inSchema(`<xs:include schemaLocation="/etc/passwd"/>`), "not a relative path"},
		{"a redefinition of nothing", inSchema(`<xs:redefine schemaLocation="part.xsd"><xs:simpleType name="U"><xs:restriction base="U"/></xs:simpleType></xs:redefine>`), "not defined"},
		{"text between", inSchema(`text`), "text within"},
		{"a foreign element", inSchema(`<x xmlns="urn:x"/>`), "not one of XML Schema"},
		{"an unknown attribute", inSchema(`<xs:element name="R" type="xs:string" typ="x"/>`), "typ"},
		{"no element", inSchema(``), "no global element"},
		{"not well-formed", inSchema(`<xs:element`), "not well-formed"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := compileText(row.schema)
			var schemaErr *SchemaError
			if !errors.As(err, &schemaErr) {
				t.Fatalf("got %v, want a *SchemaError", err)
			}
			if schemaErr.File != "s.xsd" || schemaErr.Line < 1 || schemaErr.Line > 3 || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want %q and line 1 to 3 of s.xsd", err, row.says)
			}
		})
	}
}

func TestASchemaThatIsNotOneIsRefused(t *testing.T) {
	rows := map[string]string{
		"empty":                    ``,
		"a document type":          `<!DOCTYPE schema><schema/>`,
		"another document element": `<Document xmlns="urn:t"/>`,
		"no schema":                `<xs:element xmlns:xs="http://www.w3.org/2001/XMLSchema" name="R"/>`,
		"no namespace":             `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R" type="xs:string"/></xs:schema>`,
		"unqualified elements":     `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"><xs:element name="R" type="xs:string"/></xs:schema>`,
	}
	for name, text := range rows {
		var schemaErr *SchemaError
		if s, err := compileText(text); !errors.As(err, &schemaErr) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if _, err := Compile(openerFS(fstest.MapFS{}), "missing.xsd"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// The traps of the official files, each of which has let wrong amounts or too many
// elements pass in some program.
func TestTrapsOfTheOfficialSchemas(t *testing.T) {
	gbic, _ := Core("pain.001.001.09_GBIC_5")
	iso, _ := Core("pain.001.001.09")
	rows := []struct {
		name, path, value string
		valid             bool
		s                 *Schema
	}{
		{"a cent", "InstdAmt", "0.01", true, gbic},
		{"less than a cent", "InstdAmt", "0.00", false, gbic},
		{"the largest amount", "InstdAmt", "999999999.99", true, gbic},
		{"more than that", "InstdAmt", "1000000000.00", false, gbic},
		{"three decimals", "InstdAmt", "1.001", false, gbic},
		{"three decimals in ISO", "InstdAmt", "1.001", true, iso},
		{"six decimals in ISO", "InstdAmt", "1.000001", false, iso},
		{"a bar in a reference of DK", "EndToEndId", "A|B", true, gbic},
		{"a semicolon in a reference of DK", "EndToEndId", "A;B", false, gbic},
		{"a name of 70", "Nm", strings.Repeat("ä", 70), true, gbic},
		{"a name of 71", "Nm", strings.Repeat("n", 71), false, gbic},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			found := false
			for name, typ := range valueTypes(row.s) {
				if name != "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/"+map[string]string{"InstdAmt": "Amt/InstdAmt", "EndToEndId": "PmtId/EndToEndId", "Nm": "Cdtr/Nm"}[row.path] {
					continue
				}
				found = true
				if got := fits(row.s, &row.s.simple[typ], row.value); got != row.valid {
					t.Errorf("%s = %q: %v", name, row.value, got)
				}
			}
			if !found {
				t.Errorf("no path ends with %s", row.path)
			}
		})
	}
}

// xmllint lets them pass, so nothing else shows that these elements are refused.
func TestElementsWithMaxOccursZeroAreRefused(t *testing.T) {
	for schema, names := range prohibitedElements {
		s, _ := Core(schema)
		in := map[string]string{"AdrLine": "PostalAddress24_SDD_2025", "Prtry": "LocalInstrument2Choice_SCT_SCTinst"}[names[0]]
		checked := 0
		for i := range s.complex {
			if s.complex[i].name != in {
				continue
			}
			checked++
			for _, st := range s.complex[i].states {
				for _, m := range st.moves {
					if s.names[m.name] == names[0] {
						t.Errorf("%s: %s may have %s", schema, in, names[0])
					}
				}
			}
		}
		if checked != 1 {
			t.Errorf("%s has %d types %s", schema, checked, in)
		}
	}
}

// valueTypes returns the simple type of each path below the document element that has text.
func valueTypes(s *Schema) map[string]int {
	out := make(map[string]int)
	var walk func(path string, t typeRef, depth int)
	walk = func(path string, t typeRef, depth int) {
		if i, simple := t.simple(); simple {
			out[strings.TrimPrefix(path, "/")] = i
			return
		}
		if s.complex[t].text != none {
			out[strings.TrimPrefix(path, "/")] = int(s.complex[t].text)
		}
		for _, st := range s.complex[t].states {
			for _, m := range st.moves {
				if depth < 8 {
					walk(path+"/"+s.names[m.name], m.typ, depth+1)
				}
			}
		}
	}
	walk("", s.roots[0].typ, 0)
	return out
}

func TestLoadDirectoryTakesWhatCompilesAndNamesTheRest(t *testing.T) {
	good := inSchema(`<xs:element name="R" type="xs:string"/>`)
	dir := fstest.MapFS{
		"b.xsd":           {Data: []byte(inSchema(`<xs:include schemaLocation="lists/codes.xsd"/><xs:include schemaLocation="codes.xsd"/><xs:element name="R" type="Code"/>`))},
		"a.xsd":           {Data: []byte(good)},
		"bad.xsd":         {Data: []byte(inType(`<xs:all/>`))},
		"worse.xsd":       {Data: []byte(`<`)},
		"codes.xsd":       {Data: []byte(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"><xs:simpleType name="Code"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>`)},
		"lists/codes.xsd": {Data: []byte(inSchema(`<xs:simpleType name="Other"><xs:restriction base="xs:string"/></xs:simpleType>`))},
		"readme.txt":      {Data: []byte("not a schema")},
		"folder/c.xsd":    {Data: []byte(good)},
	}
	schemas, err := LoadDirectory(dir)
	if len(schemas) != 2 || schemas[0].Name() != "a" || schemas[1].Name() != "b" || schemas[0].Namespace() != "urn:t" {
		t.Errorf("loaded %v", schemas)
	}
	if err == nil || !strings.Contains(err.Error(), "bad.xsd:2") || !strings.Contains(err.Error(), "worse.xsd") || strings.Contains(err.Error(), "codes") {
		t.Errorf("the error is %v", err)
	}
	if schemas, err := LoadDirectory(fstest.MapFS{}); len(schemas) != 0 || err != nil {
		t.Errorf("an empty directory: %v, %v", schemas, err)
	}
}

// An operator installs the folder as the authority publishes it.
func TestLoadDirectoryTakesTheAustrianFolder(t *testing.T) {
	folder := filepath.Join(sharedSchemas(t), "at")
	schemas, err := LoadDirectory(os.DirFS(folder))
	if err != nil {
		t.Error(err)
	}
	var names []string
	for _, s := range schemas {
		names = append(names, s.Name())
	}
	if got := fmt.Sprint(names); !strings.Contains(got, "pain.001.001.09.at.005") || !strings.Contains(got, "pain.008.001.02.at.004") {
		t.Errorf("loaded %v", got)
	}
}

// compileSeeds are what FuzzCompile begins with.
func compileSeeds() []string {
	return []string{
		string(invented["invented.xsd"].Data), string(invented["part.xsd"].Data), inType(`<xs:sequence><xs:any/></xs:sequence>`),
		inRestriction("xs:decimal", `<xs:minInclusive value="0.01"/><xs:fractionDigits value="2"/>`), inRestriction("xs:string", `<xs:pattern value="[a-z-[x]]{1,3}"/>`),
		inSchema(`<xs:redefine schemaLocation="part.xsd"><xs:simpleType name="T"><xs:restriction base="T"><xs:length value="3"/></xs:restriction></xs:simpleType></xs:redefine><xs:element name="R" type="T"/>`),
	}
}

// Whatever file an operator installs: tables that hold together, or a *SchemaError.
func FuzzCompileSchema(f *testing.F) {
	if len(compileSeeds()) < 6 {
		f.Fatal("no seeds")
	}
	for _, s := range compileSeeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := compileText(text)
		var schemaErr *SchemaError
		if err != nil && !errors.As(err, &schemaErr) {
			t.Fatalf("%v is no *SchemaError", err)
		}
		if err == nil {
			if _, err := Unmarshal(tablesOf(t, s)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
