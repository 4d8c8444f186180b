package pain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"kontor/finding"
	"kontor/xmlscan"
)

// small documents are those whose every truncation and every changed byte is tried.
func small() map[string]string {
	compact := func(s string) string {
		var lines []string
		for line := range strings.SplitSeq(s, "\n") {
			lines = append(lines, strings.TrimSpace(line))
		}
		return strings.Join(lines, "")
	}
	return map[string]string{"transfer": compact(german), "debit": compact(germanDebit), "Swiss": compact(swiss)}
}

// aboutTheDocument fails the test for an error that is not one of the document.
func aboutTheDocument(t *testing.T, where string, err error) {
	t.Helper()
	var syntax *xmlscan.SyntaxError
	var unreadable *UnreadableError
	if err != nil && !errors.As(err, &syntax) && !errors.As(err, &unreadable) {
		t.Errorf("%s: %v", where, err)
	}
}

// A file that is cut short is never taken for a whole one.
func TestEveryTruncationIsRefused(t *testing.T) {
	for name, document := range small() {
		end := strings.LastIndex(document, ">") + 1
		for n := range end {
			_, _, err := Read(strings.NewReader(document[:n]), Options{}, Visitor{})
			if err == nil {
				t.Fatalf("%s: accepted after %d of %d bytes", name, n, end)
			}
			aboutTheDocument(t, fmt.Sprintf("%s after %d bytes", name, n), err)
		}
	}
}

// Any byte may be damaged: there is a finding, an error, or the same file with another
// text; never a panic, and never a wrong sum.
func TestEverySingleByteChange(t *testing.T) {
	for name, document := range small() {
		changed := []byte(document)
		refused, found, passed := 0, 0, 0
		for i := range changed {
			for _, with := range []byte{0, '<', '9', 0xff} {
				if changed[i] = with; document[i] == with {
					continue
				}
				m, findings, err := Read(bytes.NewReader(changed), Options{}, Visitor{})
				aboutTheDocument(t, fmt.Sprintf("%s, byte %d as %q", name, i, with), err)
				switch {
				case err != nil:
					refused++
				case finding.HasError(findings):
					found++
				default:
					passed++
					if same, err := m.Sum.Equal(m.DeclaredSum); err != nil || !same {
						t.Errorf("%s, byte %d as %q: sum %s declared %s", name, i, with, m.Sum, m.DeclaredSum)
					}
				}
			}
			changed[i] = document[i]
		}
		if refused < len(document) || found == 0 || passed == 0 {
			t.Errorf("%s: %d refused, %d with findings, %d passed", name, refused, found, passed)
		}
	}
}

// repeated gives a head, n times a part, and a tail.
func repeated(head, part string, n int, tail string) io.Reader {
	block := strings.Repeat(part, 1000)
	readers := []io.Reader{strings.NewReader(head)}
	for ; n >= 1000; n -= 1000 {
		readers = append(readers, strings.NewReader(block))
	}
	return io.MultiReader(append(readers, strings.NewReader(strings.Repeat(part, n)+tail))...)
}

// A file above the recommended size is taken, with a warning that says so.
func TestMoreThanHalfAMillionTransactions(t *testing.T) {
	at, end := strings.Index(german, "<CdtTrfTxInf>"), strings.Index(german, "</PmtInf>")
	transaction := "<CdtTrfTxInf><PmtId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">1</InstdAmt></Amt><Cdtr><Nm>N</Nm></Cdtr><CdtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></CdtrAcct></CdtTrfTxInf>"
	for n, want := range map[int]string{maxTransactions: "", maxTransactions + 1: "PAIN-A5 many"} {
		head := edit(t, german[:at], "<NbOfTxs>3<", fmt.Sprintf("<NbOfTxs>%d<", n), "<NbOfTxs>2<", fmt.Sprintf("<NbOfTxs>%d<", n-1), "111.11", fmt.Sprintf("%d.11", n), "110.00", fmt.Sprint(n-1))
		m, findings, err := Read(repeated(head, transaction, n-1, german[end:]), Options{}, Visitor{})
		got := ""
		for _, f := range findings {
			got += string(f.Code) + " " + f.Case
		}
		if err != nil || m.Count != n || got != want {
			t.Errorf("%d transactions: %v %d %v", n, err, m.Count, findings)
		}
	}
}

// The same fault a hundred thousand times costs neither memory nor much time: the list
// is cut, and an error among a flood of warnings is still seen.
func TestAFloodOfFindingsIsCut(t *testing.T) {
	document := large(t, 5_000)
	flood := bytes.ReplaceAll(document, []byte("Beispiel"), []byte("Łódź"))
	last := bytes.LastIndex(flood, []byte("DE21500500009876543210"))
	flood[last+2] = '9'
	_, findings, err := Read(bytes.NewReader(flood), Options{MaxFindings: 10}, Visitor{})
	warnings, faults := 0, 0
	for _, f := range findings {
		switch {
		case f.Code == CodeMore:
			if f.Severity != finding.Warning || !strings.Contains(f.Message, "4990 more") {
				t.Errorf("%v", f)
			}
		case f.Code == CodeCharacters && f.Severity == finding.Warning:
			warnings++
		case f.Code == CodeIBAN && f.Severity == finding.Error:
			faults++
		}
	}
	if err != nil || warnings != 10 || faults != 1 || len(findings) != 12 {
		t.Errorf("%d warnings, %d errors in %d findings: %v", warnings, faults, len(findings), err)
	}
}

// The schema speaks where no rule does, and keeps silent where a rule says it better.
func TestOneMistakeIsOneFinding(t *testing.T) {
	for name, pairs := range map[string][]string{
		"amount":      {">100.00<", ">1,00<"},
		"reference":   {"E-2", "E_2"},
		"IBAN":        {"DE21500500009876543210", "DE21 5005 0000 9876 5432 10"},
		"BIC":         {"PBNKDEFF370", "PBNK"},
		"name":        {"Max Probe", strings.Repeat("x", 71)},
		"no name":     {"<Cdtr><Nm>Max Probe</Nm></Cdtr>", "<Cdtr></Cdtr>"},
		"text":        {"Rechnung 4711", strings.Repeat("x", 141)},
		"date":        {"2026-11-05", "2026-11-31"},
		"method":      {"TRF<", "CHK<"},
		"charges":     {"SLEV", "SHAR"},
		"currency":    {`"EUR">100.00`, `"USD">100.00`},
		"creation":    {"2026-11-02T10:00:00+01:00", "2026-11-02"},
		"no creditor": {"<Cdtr><Nm>Max Probe</Nm></Cdtr>", ""},
		"no account":  {"<CdtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></CdtrAcct>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, findings, err := Read(strings.NewReader(edit(t, german, pairs...)), Options{}, Visitor{})
			if err != nil || len(findings) != 1 {
				t.Errorf("%v %v", findings, err)
			}
		})
	}
}
