package verify_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/benchdata"
	"kontor/cmd/kontor/verify"
)

var today = time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC)

// payments is a payment file without findings.
func payments(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := benchdata.CreditTransfer(&b, n, benchdata.Layout{Indent: true}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func statement(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := benchdata.Statement(&b, 3, benchdata.Layout{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, files map[string][]byte, order ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range order {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// run verifies as the command does, with pipes for its streams.
func run(t *testing.T, o verify.Options) (status int, out string, err error) {
	t.Helper()
	sink, ferr := os.CreateTemp(t.TempDir(), "out")
	if ferr != nil {
		t.Fatal(ferr)
	}
	defer func() {
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
	}()
	o.Out, o.Err, o.Now = sink, sink, today
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	status, err = verify.Run(t.Context(), o)
	if _, serr := sink.Seek(0, io.SeekStart); serr != nil {
		t.Fatal(serr)
	}
	text, rerr := io.ReadAll(sink)
	if rerr != nil {
		t.Fatal(rerr)
	}
	return status, string(text), err
}

func TestStatusSaysHowItWent(t *testing.T) {
	good, entries := payments(t, 2), statement(t)
	bad := bytes.Replace(good, []byte("<EndToEndId>BENCH-E2E-1<"), []byte("<EndToEndId>/BENCH<"), 1)
	for _, row := range []struct {
		name    string
		file    string
		content []byte
		status  int
		shows   []string
	}{
		{"a clean payment file", "p.xml", good, verify.Clean, []string{"pain.001.001.09", "profile dk", "2 payments", "EUR", "no findings"}},
		{"a clean statement", "s.xml", entries, verify.Clean, []string{"camt.053.001.08", "1 statement", "3 entries", "no findings"}},
		{"a finding", "p.xml", bad, verify.Findings, []string{"PAIN-C2", "line ", "/BENCH", "CdtTrfTxInf[1]", "What to do:"}},
		{"a cut file", "p.xml", good[:len(good)/2], verify.Unreadable, []string{"PAIN-A1", "ends within"}},
		{"a statement that is no XML", "s.xml", append(entries[:len(entries)-30:len(entries)-30], "<&>"...), verify.Unreadable, []string{"CAMT-A1"}},
		{"something else", "x.pdf", []byte("%PDF-1.7"), verify.Unreadable, []string{"cannot be read", "PDF"}},
		{"nothing", "empty.xml", nil, verify.Unreadable, []string{"cannot be read", "empty"}},
		{"another namespace", "x.xml", []byte(`<a xmlns="urn:other"/>`), verify.Unreadable, []string{"urn:other"}},
		{"a container", "c.zip", zipped(t, map[string][]byte{"a.xml": entries, "b.xml": good}, "a.xml", "b.xml"), verify.Clean, []string{"c.zip > a.xml", "c.zip > b.xml", "files: 2, errors: 0"}},
		{"a container with a fault", "c.zip", zipped(t, map[string][]byte{"a.xml": entries, "b.xml": bad}, "a.xml", "b.xml"), verify.Findings, []string{"PAIN-C2"}},
		{"an empty container", "c.zip", zipped(t, nil), verify.Unreadable, []string{"no files"}},
		{"a damaged container", "c.zip", zipped(t, map[string][]byte{"a.xml": entries}, "a.xml")[:100], verify.Unreadable, []string{"damaged"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			status, out, err := run(t, verify.Options{Files: []string{file(t, row.file, row.content)}})
			if err != nil || status != row.status {
				t.Errorf("status %d, want %d, error %v", status, row.status, err)
			}
			for _, want := range row.shows {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not shown:\n%s", want, out)
				}
			}
			if strings.Contains(out, "\x1b") {
				t.Error("colours in a file")
			}
		})
	}
}

func TestSeveralFilesHaveTheWorstStatus(t *testing.T) {
	good := file(t, "p.xml", payments(t, 1))
	status, out, err := run(t, verify.Options{Files: []string{good, filepath.Join(t.TempDir(), "missing.xml"), good}})
	if err != nil || status != verify.Unreadable || strings.Count(out, "no findings") != 2 || !strings.Contains(out, "missing.xml") {
		t.Errorf("status %d, error %v:\n%s", status, err, out)
	}
	if status, out, err := run(t, verify.Options{Files: []string{t.TempDir()}}); err != nil || status != verify.Unreadable || !strings.Contains(out, "no file") {
		t.Errorf("a folder: status %d, error %v:\n%s", status, err, out)
	}
}

func TestItSpeaksThreeLanguages(t *testing.T) {
	bad := file(t, "p.xml", bytes.Replace(payments(t, 2), []byte("<EndToEndId>BENCH-E2E-1<"), []byte("<EndToEndId>/BENCH<"), 1))
	for language, want := range map[string][]string{
		"en": {"line ", "What to do:", "profile"}, "de": {"Zeile ", "Was tun:", "Profil", "Zahlungen"}, "sv": {"rad ", "Gör så här:", "betalningar"},
	} {
		_, named, err := run(t, verify.Options{Files: []string{bad}, Language: language})
		_, environment, eerr := run(t, verify.Options{Files: []string{bad}, Getenv: func(name string) string { return map[string]string{"LANG": language + "_XX.UTF-8"}[name] }})
		if err != nil || eerr != nil || named != environment {
			t.Errorf("%s: the flag and the environment differ, errors %v %v", language, err, eerr)
		}
		for _, text := range want {
			if !strings.Contains(named, text) {
				t.Errorf("%s: %q is not shown:\n%s", language, text, named)
			}
		}
	}
}

func TestJSONIsOneObjectAFile(t *testing.T) {
	good, bad := file(t, "good.xml", payments(t, 1)), file(t, "x.bin", []byte{0, 1, 2})
	status, out, err := run(t, verify.Options{Files: []string{good, bad}, JSON: true})
	if err != nil || status != verify.Unreadable {
		t.Fatalf("status %d, error %v", status, err)
	}
	type report struct {
		Name, Format, Profile, Error string
		Payments                     int
		Unreadable                   bool
		Findings                     []map[string]any
	}
	var got []report
	dec := json.NewDecoder(strings.NewReader(out))
	for dec.More() {
		var r report
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if len(got) != 2 || got[0].Format != "pain.001.001.09" || got[0].Payments != 1 || got[0].Unreadable || got[0].Findings == nil || !got[1].Unreadable || got[1].Error == "" {
		t.Errorf("%+v", got)
	}
}

func TestRulesProfileAndDayAreChosen(t *testing.T) {
	bad := file(t, "p.xml", bytes.Replace(payments(t, 2), []byte("<EndToEndId>BENCH-E2E-1<"), []byte("<EndToEndId>/BENCH<"), 1))
	for _, row := range []struct {
		name   string
		o      verify.Options
		status int
		fails  string
	}{
		{"off", verify.Options{Rules: map[string]string{"PAIN-C2": "off"}}, verify.Clean, ""},
		{"another profile", verify.Options{Profile: "iso"}, verify.Clean, ""},
		{"a day long after", verify.Options{Today: "2027-12-31"}, verify.Findings, ""},
		{"no such rule", verify.Options{Rules: map[string]string{"PAIN-X9": "off"}}, verify.Unreadable, "PAIN-X9"},
		{"a rule of the reader", verify.Options{Rules: map[string]string{"PAIN-Z1": "off"}}, verify.Unreadable, "PAIN-Z1"},
		{"no such severity", verify.Options{Rules: map[string]string{"PAIN-C2": "mild"}}, verify.Unreadable, "mild"},
		{"no such profile", verify.Options{Profile: "us"}, verify.Unreadable, "there are iso, epc, dk"},
		{"no such day", verify.Options{Today: "2026-02-30"}, verify.Unreadable, "--today"},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.o.Files = []string{bad}
			status, out, err := run(t, row.o)
			if row.fails != "" {
				if err == nil || !strings.Contains(err.Error(), row.fails) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || status != row.status {
				t.Errorf("status %d, error %v:\n%s", status, err, out)
			}
		})
	}
}

const ownSchema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own" xmlns="urn:own" elementFormDefault="qualified">
<xs:element name="Note" type="Note"/><xs:complexType name="Note"><xs:sequence><xs:element name="Text" type="Max5"/></xs:sequence></xs:complexType>
<xs:simpleType name="Max5"><xs:restriction base="xs:string"><xs:maxLength value="5"/></xs:restriction></xs:simpleType></xs:schema>`

func TestSchemasOfOnesOwn(t *testing.T) {
	schema := file(t, "own.xsd", []byte(ownSchema))
	right, wrong := file(t, "r.xml", []byte(`<Note xmlns="urn:own"><Text>short</Text></Note>`)), file(t, "w.xml", []byte(`<Note xmlns="urn:own"><Text>too long</Text></Note>`))
	for name, o := range map[string]verify.Options{"by file": {Schema: schema}, "by folder": {Schemas: filepath.Dir(schema)}} {
		o.Files = []string{right}
		if status, out, err := run(t, o); err != nil || status != verify.Clean {
			t.Errorf("%s, right: status %d, error %v:\n%s", name, status, err, out)
		}
		o.Files = []string{wrong}
		if status, out, err := run(t, o); err != nil || status != verify.Findings || !strings.Contains(out, "FILE-A3") || !strings.Contains(out, "maxLength 5") {
			t.Errorf("%s, wrong: status %d, error %v:\n%s", name, status, err, out)
		}
	}
	if _, _, err := run(t, verify.Options{Files: []string{right}, Schema: right}); err == nil || !strings.Contains(err.Error(), "--schema") {
		t.Errorf("what is no schema: %v", err)
	}
}

// A list of banks is read in the form of its publisher, or in our own, and several together.
func TestPaymentsAreComparedWithListsOfBanks(t *testing.T) {
	list := func(bic string) string {
		return file(t, "codes.csv", []byte("Bankleitzahl;Merkmal;BIC\n99999110;1;KNTRDEFF210\n99999592;1;"+bic+"\n"))
	}
	own := file(t, "own.txt", []byte("kontor bank directory 1\nversion 1\ndate 2026-11-01\nsource scl -\nbic KNTRDEFF210 2 - -\nbic KNTRDEFF292 3 - -\nend 2\n"))
	for _, row := range []struct {
		name  string
		files []string
		want  string // a code, "" = clean
		fails string
	}{
		{"none", nil, "", ""},
		{"the same banks", []string{list("KNTRDEFFXXX")}, "", ""},
		{"another bank", []string{list("ABCDDEFFXXX")}, "PAIN-E5", ""},
		{"a bank that is not reachable", []string{list("KNTRDEFFXXX"), own}, "PAIN-E13", ""},
		{"no list", []string{file(t, "x.csv", []byte("a;b\n"))}, "", "--directory"},
		{"no file", []string{"missing.csv"}, "", "missing.csv"},
	} {
		o := verify.Options{Files: []string{file(t, "p.xml", payments(t, 2))}, Directory: row.files}
		status, out, err := run(t, o)
		if row.fails != "" {
			if err == nil || !strings.Contains(err.Error(), row.fails) {
				t.Errorf("%s: error %v", row.name, err)
			}
			continue
		}
		if err != nil || (status == verify.Clean) != (row.want == "") || !strings.Contains(out, row.want) {
			t.Errorf("%s: status %d, error %v:\n%s", row.name, status, err, out)
		}
	}
}

// What a file says must not steer the terminal, and a thousand equal faults must not bury the others.
func TestTheScreenStaysReadable(t *testing.T) {
	content := bytes.ReplaceAll(payments(t, 60), []byte("<EndToEndId>BENCH-"), []byte("<EndToEndId>/\u202eX-"))
	status, out, err := run(t, verify.Options{Files: []string{file(t, "p.xml", content)}})
	if err != nil || status != verify.Findings || strings.ContainsRune(out, '\u202e') {
		t.Errorf("status %d, error %v", status, err)
	}
	if n := strings.Count(out, "PAIN-C2 line"); n > 5 || n == 0 || !strings.Contains(out, "more of PAIN-C2") {
		t.Errorf("PAIN-C2 is shown %d times:\n%s", n, out)
	}
}

// Hostile files end quickly, within little memory, with a status.
func TestHostileFilesAreUnreadable(t *testing.T) {
	head := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId`
	for name, content := range map[string]string{
		"an attribute of 100 MB": head + ` a="` + strings.Repeat("x", 100<<20),
		"a depth of a million":   `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">` + strings.Repeat("<a>", 1_000_000),
		"an entity bomb":         `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>` + head + `>&a;</MsgId>`,
		"zero bytes":             "<\x00D\x00o\x00c",
		"mixed encodings":        head + ">\xfc\xc3\xbc</MsgId>",
		"a field of 50 MB":       ":20:" + strings.Repeat("x", 50<<20) + "\n:60F:",
		"a DTAZV that goes on":   "0256Q" + strings.Repeat("9", 10<<20),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			status, out, err := run(t, verify.Options{Files: []string{file(t, "x", []byte(content))}})
			if err != nil || status == verify.Clean || len(out) > 64<<10 {
				t.Errorf("status %d, error %v, %d bytes shown", status, err, len(out))
			}
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
