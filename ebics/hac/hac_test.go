package hac

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kontor/xmlscan"
)

// sample has one event per action, and texts that must be escaped.
func sample() Report {
	at := time.Date(2026, 3, 2, 8, 15, 30, 250_000_000, time.UTC)
	r := Report{MessageID: "HAC0001", CreationDateTime: "2026-03-02T09:00:00.000Z", HostID: "HOST<1>"}
	for i, action := range Actions() {
		e := Event{
			Action: action, Reason: "TS01", PartnerID: "PARTNER1", UserID: "USER1", OrderID: "A001", OrderType: "CCT",
			Timestamp: at.Add(time.Duration(i) * time.Millisecond),
		}
		if action == FinalPositive {
			e.Reason, e.UserID = "", ""
			e.AdditionalInformation = []string{"Datei-ID : M&S <1>", "Anzahl : 3", "Summe : 1234.50", strings.Repeat("ü", 105)}
		}
		r.Events = append(r.Events, e)
	}
	return r
}

func write(t testing.TB, r Report) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadGivesBackWhatWriteWrote(t *testing.T) {
	want := sample()
	text := write(t, want)
	got, err := Read(bytes.NewReader(text), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Event{}, "Offset", "Length")); diff != "" {
		t.Error(diff)
	}
	for i, e := range got.Events {
		raw := string(text[e.Offset : e.Offset+e.Length])
		if !strings.HasPrefix(raw, "<OrgnlPmtInfAndSts>") || !strings.HasSuffix(raw, "</OrgnlPmtInfAndSts>") || strings.Count(raw, string(e.Action)+"<") != 1 {
			t.Errorf("event %d: raw bytes are %q", i, raw)
		}
	}
}

// The schema of ISO 20022 is the only one that HAC has.
func TestWrittenProtocolIsValid(t *testing.T) {
	schema := filepath.Join(sharedFolder(t), "data", "xsd", "pain.002.001.03.xsd")
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		skip(t, "xmllint is missing: install libxml2-utils")
	}
	path := filepath.Join(t.TempDir(), "hac.xml")
	for name, r := range map[string]Report{"events": sample(), "no user and no order id": {
		MessageID: "M", CreationDateTime: "2026-03-02T09:00:00Z", HostID: "H",
		Events: []Event{{Action: FinalNegative, PartnerID: "P", OrderType: "INI", Timestamp: time.Unix(0, 1), Reason: "DS04"}},
	}} {
		if err := os.WriteFile(path, write(t, r), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(xmllint, "--noout", "--nonet", "--schema", schema, path).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// What other banks write: prefixes, blanks, H005 keys, other order, no zone.
func TestReadIsLenientOnContent(t *testing.T) {
	const text = `<?xml version="1.0" encoding="ISO-8859-1"?>
<p:Document xmlns:p="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><p:CstmrPmtStsRpt>
 <p:GrpHdr><p:MsgId> M1 </p:MsgId><p:CreDtTm>2026-03-02T09:00:00</p:CreDtTm><p:InitgPty><p:Id><p:OrgId><p:BICOrBEI>KNTRDEFFXXX</p:BICOrBEI></p:OrgId></p:Id></p:InitgPty></p:GrpHdr>
 <p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>FILE_UPLOAD</p:OrgnlPmtInfId><p:PmtInfSts>RCVD</p:PmtInfSts><p:StsRsnInf><p:Orgtr><p:Nm>X</p:Nm><p:Id><p:OrgId>
  <p:Othr><p:SchmeNm><p:Prtry>FileName</p:Prtry></p:SchmeNm></p:Othr>
  <p:Othr><p:Id>BTU</p:Id><p:SchmeNm><p:Prtry>AdminOrderType</p:Prtry></p:SchmeNm></p:Othr>
  <p:Othr><p:Id>P1</p:Id><p:SchmeNm><p:Cd>PartnerID</p:Cd></p:SchmeNm></p:Othr>
  <p:Othr><p:Id>2026-03-02T08:15:30.5</p:Id><p:SchmeNm><p:Prtry>TimeStamp</p:Prtry></p:SchmeNm></p:Othr>
 </p:OrgId></p:Id></p:Orgtr><p:Rsn><p:Prtry>OWN1</p:Prtry></p:Rsn><p:AddtlInf>geprüft</p:AddtlInf></p:StsRsnInf><p:StsRsnInf><p:Rsn><p:Cd>TS01</p:Cd></p:Rsn><p:AddtlInf>zwei</p:AddtlInf></p:StsRsnInf></p:OrgnlPmtInfAndSts>
 <p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>OWN_ACTION</p:OrgnlPmtInfId></p:OrgnlPmtInfAndSts>
</p:CstmrPmtStsRpt></p:Document>`
	latin := strings.ReplaceAll(text, "ü", "\xfc")
	got, err := Read(strings.NewReader(latin), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := Report{MessageID: "M1", CreationDateTime: "2026-03-02T09:00:00", HostID: "KNTRDEFFXXX", Events: []Event{
		{Action: FileUpload, Reason: "OWN1", PartnerID: "P1", OrderType: "BTU", Timestamp: time.Date(2026, 3, 2, 8, 15, 30, 500_000_000, time.UTC), AdditionalInformation: []string{"geprüft", "zwei"}},
		{Action: "OWN_ACTION"},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Event{}, "Offset", "Length")); diff != "" {
		t.Error(diff)
	}
	if e := got.Events[0]; !strings.HasPrefix(latin[e.Offset:], "<p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>FILE") || !strings.HasSuffix(latin[:e.Offset+e.Length], "</p:OrgnlPmtInfAndSts>") {
		t.Error("offsets do not count raw bytes")
	}
	if got.Events[1].Action.Known() || !got.Events[0].Action.Known() {
		t.Error("Known is wrong")
	}
}

func TestReadRefuses(t *testing.T) {
	valid := string(write(t, sample()))
	syntax := func(err error) bool { _, ok := errors.AsType[*xmlscan.SyntaxError](err); return ok }
	foreign := func(err error) bool { return errors.Is(err, ErrNotHAC) }
	limit := func(err error) bool { return err != nil && !syntax(err) && !foreign(err) }
	for _, row := range []struct {
		name, text string
		want       func(error) bool
	}{
		{"nothing", "", syntax},
		{"truncated", valid[:len(valid)-20], syntax},
		{"DOCTYPE", `<!DOCTYPE x><Document/>`, syntax},
		{"another root", `<Other/>`, foreign},
		{"another namespace", strings.ReplaceAll(valid, "pain.002.001.03", "pain.002.001.10"), foreign},
		{"another message in the namespace", strings.ReplaceAll(valid, "CstmrPmtStsRpt", "Other"), foreign},
		{"endless lines", strings.Replace(valid, "<AddtlInf>Anzahl : 3</AddtlInf>", strings.Repeat("<AddtlInf>x</AddtlInf>", maxLines+1), 1), limit},
	} {
		t.Run(row.name, func(t *testing.T) {
			if r, err := Read(strings.NewReader(row.text), xmlscan.Limits{}); !row.want(err) || r.Events != nil {
				t.Errorf("error %v, %d events", err, len(r.Events))
			}
		})
	}
	if _, err := Read(strings.NewReader(valid), xmlscan.Limits{Bytes: 100}); !syntax(err) {
		t.Errorf("limit of bytes: %v", err)
	}
}

// One long text must not keep the hub from reading the other events: it is cut,
// between characters, and marked.
func TestLongTextIsCutAndItsEventKept(t *testing.T) {
	valid := string(write(t, sample()))
	for _, row := range []struct {
		name, text, want string
	}{
		{"as long as may be", strings.Repeat("A", maxText), strings.Repeat("A", maxText)},
		{"one byte more", strings.Repeat("A", maxText+1), strings.Repeat("A", maxText) + "…"},
		{"one blank more", strings.Repeat("A", maxText) + " ", strings.Repeat("A", maxText)},
		{"more behind a blank", strings.Repeat("A", maxText) + " B", strings.Repeat("A", maxText) + "…"},
		{"cut inside a character", strings.Repeat("A", maxText-1) + "ü", strings.Repeat("A", maxText-1) + "…"},
		{"very long, with entities", strings.Repeat("ü&amp;", 100_000), strings.Repeat("ü&", maxText/3) + "…"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := Read(strings.NewReader(strings.Replace(valid, "Anzahl : 3", row.text, 1)), xmlscan.Limits{})
			if err != nil || len(r.Events) != len(Actions()) {
				t.Fatalf("error %v, %d events", err, len(r.Events))
			}
			final := r.Events[len(Actions())-2]
			if got := final.AdditionalInformation; len(got) != 4 || got[1] != row.want || got[2] != "Summe : 1234.50" {
				t.Errorf("got %d lines, the second has %d bytes, want %d", len(got), len(got[1]), len(row.want))
			}
		})
	}
}

// Banks write the time of an event in many ways; what is unreadable is handed on
// as it is written.
func TestTimestampFormsOfBanks(t *testing.T) {
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	long := strings.Repeat("9", 100)
	for _, row := range []struct {
		text, unreadable string
		want             time.Time
	}{
		{"2026-03-02T09:00:00Z", "", nine},
		{"2026-03-02T09:00:00", "", nine},
		{"2026-03-02T10:00:00+01:00", "", nine},
		{"2026-03-02T10:00:00.250+0100", "", nine.Add(250 * time.Millisecond)},
		{"2026-03-02T09:00:00,5Z", "", nine.Add(500 * time.Millisecond)},
		{"2026-03-02 09:00:00", "", nine},
		{"2026-03-02 09:00:00.123456Z", "", nine.Add(123_456 * time.Microsecond)},
		{"2026-03-02 10:00:00+01:00", "", nine},
		{"20260302T090000Z", "", nine},
		{"20260302T090000", "", nine},
		{"20260302T090000.5Z", "", nine.Add(500 * time.Millisecond)},
		{"20260302T100000+01", "", nine},
		{"20260302 090000", "", nine},
		{"2026-03-02T09:00Z", "", nine},
		{"2026-03-02T09:00", "", nine},
		{"2026-03-02T10:00+01:00", "", nine},
		{"20260302T0900Z", "", nine},
		{" 2026-03-02T09:00:00Z ", "", nine},
		{"02.03.2026 09:00", "02.03.2026 09:00", time.Time{}},
		{"2026-02-30T09:00:00Z", "2026-02-30T09:00:00Z", time.Time{}},
		{"2026-03-02", "2026-03-02", time.Time{}},
		{long, long[:maxTimestamp] + "…", time.Time{}},
		{"", "", time.Time{}},
	} {
		t.Run(row.text, func(t *testing.T) {
			r, err := Read(strings.NewReader(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><OrgnlPmtInfAndSts><StsRsnInf><Orgtr><Id><OrgId>`+
				`<Othr><Id>`+row.text+`</Id><SchmeNm><Prtry>TimeStamp</Prtry></SchmeNm></Othr></OrgId></Id></Orgtr></StsRsnInf></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`), xmlscan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if e := r.Events[0]; !e.Timestamp.Equal(row.want) || e.TimestampText != row.unreadable {
				t.Errorf("got %s and %q, want %s and %q", e.Timestamp, e.TimestampText, row.want, row.unreadable)
			}
		})
	}
}

func TestWriteRefusesWhatTheSchemaForbids(t *testing.T) {
	long := strings.Repeat("x", 36)
	for name, spoil := range map[string]func(*Report){
		"no message id":      func(r *Report) { r.MessageID = "" },
		"long message id":    func(r *Report) { r.MessageID = long },
		"no host id":         func(r *Report) { r.HostID = "" },
		"creation time":      func(r *Report) { r.CreationDateTime = "yesterday" },
		"no action":          func(r *Report) { r.Events[0].Action = "" },
		"no partner":         func(r *Report) { r.Events[0].PartnerID = "" },
		"long user":          func(r *Report) { r.Events[0].UserID = long },
		"long order id":      func(r *Report) { r.Events[0].OrderID = long },
		"no order type":      func(r *Report) { r.Events[0].OrderType = "" },
		"no time":            func(r *Report) { r.Events[0].Timestamp = time.Time{} },
		"long reason":        func(r *Report) { r.Events[0].Reason = "TS001" },
		"long line":          func(r *Report) { r.Events[0].AdditionalInformation = []string{strings.Repeat("x", 106)} },
		"empty line of text": func(r *Report) { r.Events[0].AdditionalInformation = []string{""} },
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			spoil(&r)
			var out bytes.Buffer
			if err := Write(&out, r); err == nil || out.Len() != 0 {
				t.Errorf("error %v, %d bytes written", err, out.Len())
			}
		})
	}
}

func TestReasonTextKnowsTheCodesOfEBICS(t *testing.T) {
	for code, text := range reasons {
		if len(code) != 4 || !strings.HasSuffix(text, ".") || ReasonText(code) != text {
			t.Errorf("%s: %q", code, text)
		}
	}
	if len(reasons) < 40 || ReasonText("XXXX") != "" || ReasonText("TS01") == "" {
		t.Error("the table is not the one of the standard")
	}
}

var seeds = []string{
	`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt/></Document>`,
	`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><OrgnlPmtInfAndSts/></CstmrPmtStsRpt></Document>`,
	`<Document/>`, ``, `<!DOCTYPE a>`, "\xff\xfe<",
}

func FuzzRead(f *testing.F) {
	corpus := append([]string{string(write(f, sample()))}, seeds...)
	if len(corpus) < 5 {
		f.Fatal("the corpus is empty")
	}
	for _, seed := range corpus {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read(bytes.NewReader(text), xmlscan.Limits{Bytes: 1 << 20})
		if err != nil {
			return
		}
		for _, e := range r.Events {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > int64(len(text)) {
				t.Fatalf("event lies outside the document: %d+%d of %d", e.Offset, e.Length, len(text))
			}
		}
		var out bytes.Buffer
		if Write(&out, r) != nil {
			return // read leniently, not writable
		}
		again, err := Read(&out, xmlscan.Limits{})
		if err != nil {
			t.Fatalf("what was written does not read: %v", err)
		}
		if len(again.Events) != len(r.Events) {
			t.Fatalf("%d events became %d", len(r.Events), len(again.Events))
		}
	})
}

// sharedFolder finds the folder of official schemas.
func sharedFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("KONTOR_SHARED")
	if folder == "" {
		root, err := os.Getwd()
		for err == nil {
			if _, missing := os.Stat(filepath.Join(root, "go.mod")); missing == nil || root == filepath.Dir(root) {
				break
			}
			root = filepath.Dir(root)
		}
		folder = filepath.Join(root, "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(folder, "data", "xsd")); err != nil {
		skip(t, "the official schemas are missing: set KONTOR_SHARED to the folder that has data/xsd")
	}
	return folder
}

func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
