package inspect_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"kontor/benchdata"
	"kontor/calendar"
	"kontor/finding"
	"kontor/inspect"
)

var day = calendar.Date{Year: 2026, Month: time.November, Day: 21}

func payments(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	if err := benchdata.CreditTransfer(&b, n, benchdata.Layout{Indent: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func judge(t *testing.T, content string, o inspect.Options) inspect.Report {
	t.Helper()
	o.Today = day
	r, err := inspect.Verify(strings.NewReader(content), "x", o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// XML that breaks at its very beginning is told with the place, not as a file of an unknown kind.
func TestXMLThatBreaksAtItsBeginningIsUnreadableWithThePlace(t *testing.T) {
	good := payments(t, 1)
	_, body, _ := strings.Cut(good, "?>")
	wide := utf16.Encode([]rune(good))
	utf16be := []byte{0xfe, 0xff}
	for _, u := range wide {
		utf16be = append(utf16be, byte(u>>8), byte(u))
	}
	for _, row := range []struct {
		name, content string
		line          int
		says          string
	}{
		{"a line before the declaration", "\n" + good, 2, ""},
		{"a document type", `<?xml version="1.0"?>` + "\n<!DOCTYPE Document>" + body, 2, "document type"},
		{"a page of the web", "<!DOCTYPE html>\n<html><body>Session expired</body></html>", 1, "document type"},
		{"UTF-16", string(utf16be), 1, "UTF-16"},
		{"XML 1.1", `<?xml version="1.1"?>` + body, 1, "XML 1.0"},
		{"Latin 1 with the mark of UTF-8", "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + body, 1, "mark of UTF-8"},
		{"an attribute without end", `<Document xmlns="` + strings.Repeat("x", 3<<20), 1, "within 1048576 bytes"},
		{"cut in its first element", `<Document xmlns="urn:iso`, 1, "ends within"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := judge(t, row.content, inspect.Options{})
			if !r.Unreadable || len(r.Findings) != 1 {
				t.Fatalf("%+v", r)
			}
			if f := r.Findings[0]; f.Code != inspect.CodeUnreadable || f.At.Line != row.line || !strings.Contains(f.Message, row.says) {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestAFileIsToldBehindALongComment(t *testing.T) {
	declaration, body, _ := strings.Cut(payments(t, 1), "?>")
	for _, length := range []int{20_000, 200_000, 900_000} {
		r := judge(t, declaration+"?><!--"+strings.Repeat(" made by a program", length/18)+"-->"+body, inspect.Options{})
		if r.Format != "pain.001.001.09" || r.Payments != 1 || len(r.Findings) > 0 {
			t.Errorf("%d bytes: %+v", length, r)
		}
	}
}

func TestWhatAFileIsInsteadIsSaid(t *testing.T) {
	for _, row := range []struct{ name, content, want string }{
		{"empty", "", "it is empty"},
		{"blanks", "\xef\xbb\xbf \r\n", "it is empty"},
		{"a container in another", string(zipped(t, "a", "")), "a container in a container"},
		{"a PDF", "%PDF-1.7\n", "it is a PDF"},
		{"another namespace", `<a xmlns="urn:x:other"/>`, "namespace urn:x:other"},
		{"no namespace", `<Document><CstmrCdtTrfInitn/></Document>`, "first element, Document, has no namespace"},
		{"anything", "hello", "none of the formats"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := inspect.Verify(strings.NewReader(row.content), "x", inspect.Options{})
			unknown, ok := errors.AsType[*inspect.UnknownError](err)
			if !ok || !errors.Is(err, inspect.ErrUnknown) || !strings.Contains(err.Error(), row.want) || !r.Unreadable {
				t.Fatalf("error %v, %+v", err, r)
			}
			for _, language := range []string{"de", "sv"} {
				if text := unknown.In(language); text == unknown.In("en") || strings.Contains(text, "{") {
					t.Errorf("%s: %s", language, text)
				}
			}
		})
	}
}

// The sentence is said once, in every language, and names what the document is.
func TestAPaymentFileOfAnotherVersionIsNamed(t *testing.T) {
	content := strings.Replace(payments(t, 1), "pain.001.001.09", "pain.001.001.05", 1)
	r := judge(t, content, inspect.Options{})
	if !r.Unreadable || len(r.Findings) == 0 {
		t.Fatalf("%+v", r)
	}
	f := r.Findings[len(r.Findings)-1]
	if f.Code != "PAIN-A2" || f.At.Line == 0 {
		t.Errorf("%+v", f)
	}
	rule := inspect.Catalogue().Lookup(f.Code)
	for _, language := range []string{"en", "de", "sv"} {
		if text := rule.Sentence(f, language); strings.Contains(text, "{") || strings.Count(text, "pain.001.001.05") != 1 {
			t.Errorf("%s: %s", language, text)
		}
	}
}

func TestAnotherMessageInTheNamespaceOfAStatementIsNamed(t *testing.T) {
	r := judge(t, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><Other/></Document>`, inspect.Options{})
	if !r.Unreadable || len(r.Findings) != 1 {
		t.Fatalf("%+v", r)
	}
	rule := inspect.Catalogue().Lookup(r.Findings[0].Code)
	for language, want := range map[string]string{"en": "it begins with Document/Other", "de": "Es beginnt mit Document/Other", "sv": "det börjar med Document/Other"} {
		if text := rule.Sentence(r.Findings[0], language); !strings.HasSuffix(text, want) {
			t.Errorf("%s: %s", language, text)
		}
	}
}

const cancellation = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.055.001.09"><CstmrPmtCxlReq><Assgnmt><Id>A</Id><Wrong/></Assgnmt></CstmrPmtCxlReq></Document>`

func TestXMLOfASchemaAloneIsJudgedByIt(t *testing.T) {
	r := judge(t, cancellation, inspect.Options{})
	if r.Schema == "" || r.Unreadable || len(r.Findings) == 0 || r.Findings[0].Code != inspect.CodeSchema {
		t.Fatalf("%+v", r)
	}
	if r := judge(t, cancellation, inspect.Options{Policies: []finding.Policy{{inspect.CodeSchema: finding.Off}}}); len(r.Findings) != 0 {
		t.Errorf("off: %+v", r.Findings)
	}
	if r := judge(t, cancellation[:120], inspect.Options{}); !r.Unreadable || r.Findings[len(r.Findings)-1].Code != inspect.CodeUnreadable {
		t.Errorf("cut: %+v", r)
	}
}

// The last line of a list that is too long is as severe as the worst that it stands for: a file with warnings only has no error.
func TestWhatIsNotListedIsAsSevereAsItsWorst(t *testing.T) {
	wrong := ":20:A\r\n:25:10000000/1234567890\r\n:28C:1/1\r\n:60F:C261101EUR100,00\r\n:61:2611011101DR1,00NTRFNONREF\r\n:62F:C261101EUR5,00\r\n-\r\n"
	content := strings.Repeat(wrong, 5)
	all := judge(t, content, inspect.Options{MaxFindings: 1000}).Findings
	if len(all) < 3 {
		t.Fatalf("the sample has %d findings", len(all))
	}
	for _, severity := range []finding.Severity{finding.Warning, finding.Error} {
		policy := finding.Policy{}
		for _, rule := range inspect.Catalogue().Rules() {
			if rule.Code != inspect.CodeMore {
				policy[rule.Code] = severity
			}
		}
		swift := judge(t, content, inspect.Options{MaxFindings: 1, Policies: []finding.Policy{policy}}).Findings
		xml := judge(t, strings.Replace(cancellation, "<Wrong/>", strings.Repeat("<Wrong/>", 5)+`<Assgnr x="1"/><Assgnr/>`, 1), inspect.Options{MaxFindings: 1, Policies: []finding.Policy{policy}}).Findings
		for name, got := range map[string][]finding.Finding{"MT": swift, "XML": xml} {
			if len(got) != 2 || got[1].Code != inspect.CodeMore || got[1].Severity != severity || got[0].Severity != severity {
				t.Errorf("%s, %s: %+v", name, severity, got)
			}
		}
		if left, err := strconv.Atoi(swift[len(swift)-1].Args[0]); err != nil || left != len(all)-1 {
			t.Errorf("%d are not listed, of %d: %v", left, len(all), err)
		}
	}
	if inspect.Switchable(inspect.CodeMore) {
		t.Error("the severity of FILE-Z1 may be chosen")
	}
}

func TestRulesOfThisPackageSayAllSentencesInThreeLanguages(t *testing.T) {
	for _, rule := range inspect.Rules() {
		texts := []finding.Texts{rule.Advice}
		for _, c := range rule.Cases {
			texts = append(texts, c.Text)
		}
		for _, text := range texts {
			if slices.Contains([]string{text.EN, text.DE, text.SV}, "") || text.EN == text.DE {
				t.Errorf("%s: %+v", rule.Code, text)
			}
		}
	}
}

// seeds of every format, and of what breaks the telling of formats.
func seeds(t testing.TB) []string {
	var entries, swift, transfers bytes.Buffer
	for _, err := range []error{benchdata.Statement(&entries, 2, benchdata.Layout{}), benchdata.MT940(&swift, 2), benchdata.CreditTransfer(&transfers, 2, benchdata.Layout{})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return []string{
		"", " ", "%PDF", "0256Q", cancellation, entries.String(), swift.String(), transfers.String(), "<!--" + strings.Repeat("x", inspect.HeadSize) + "-->" + cancellation,
		`<Document xmlns="camt.052.001.02"/>`, `<Document xmlns="camt.053.001.08"><BkToCstmrStmt/></Document>`, `<Document xmlns="pain.001.001.09"/>`, "<a", "<a/>", "\xff\xfe<\x00", "\xef\xbb\xbf<?xml version='1.1'?><a/>", "{1:F01X}{2:O9400000}", ":20:A\n:25:1\n:28C:1\n:34F:EURD0,\n",
	}
}

// Whatever a file is, telling it loses no byte of it, and judging it ends with a report or an error.
func FuzzVerify(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		_, whole, err := inspect.Recognise(strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(whole); err != nil || string(got) != content {
			t.Errorf("%d bytes of %d, error %v", len(got), len(content), err)
		}
		r, err := inspect.Verify(strings.NewReader(content), "x", inspect.Options{Today: day, MaxFindings: 5})
		if err != nil && !errors.Is(err, inspect.ErrUnknown) || r.Findings == nil {
			t.Errorf("error %v, %+v", err, r)
		}
		if r.Unreadable && err == nil && len(r.Findings) == 0 {
			t.Error("unreadable, and nothing says why")
		}
	})
}

func TestTheCorpusHasEveryKind(t *testing.T) {
	kinds := map[inspect.Kind]bool{}
	for _, s := range seeds(t) {
		kinds[inspect.Detect([]byte(s)).Kind] = true
	}
	for _, kind := range []inspect.Kind{inspect.KindPayment, inspect.KindStatement, inspect.KindSWIFT, inspect.KindDTAZV, inspect.KindXML, inspect.KindUnknown} {
		if !kinds[kind] {
			t.Errorf("no seed is of the kind %q", kind)
		}
	}
}

func TestMTThatCannotBeReadIsUnreadable(t *testing.T) {
	statement := ":20:A\r\n:25:10000000/1234567890\r\n:28C:1/1\r\n:60F:C261101EUR1,00\r\n:62F:C261101EUR1,00\r\n-\r\n"
	r := judge(t, strings.Repeat(statement, 100), inspect.Options{MaxBytes: 500})
	if !r.Unreadable || len(r.Findings) == 0 || !strings.HasSuffix(r.Findings[len(r.Findings)-1].Message, "more than 500 bytes") {
		t.Errorf("too large: %+v", r)
	}
	if r := judge(t, "{1:F01X}{2:O9400000}\r\n", inspect.Options{}); !r.Unreadable || len(r.Findings) == 0 || r.Findings[len(r.Findings)-1].Code != inspect.CodeUnreadable {
		t.Errorf("an envelope alone: %+v", r)
	}
}
