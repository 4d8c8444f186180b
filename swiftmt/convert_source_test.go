package swiftmt

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/finding"
	"kontor/iso20022/camt"
)

// hasWarning reports whether a warning has the code and, unless that is empty, holds the words.
func hasWarning(list []finding.Finding, code finding.Code, words string) bool {
	return slices.ContainsFunc(list, func(f finding.Finding) bool { return f.Code == code && strings.Contains(f.Message, words) })
}

// A conversion must not make a clean document of a broken one: whoever verifies only the
// result would post it.
func TestConversionTellsWhatIsWrongWithTheSource(t *testing.T) {
	for _, row := range []struct {
		name, old, now string
		code           finding.Code
	}{
		{"wrong closing balance", "EUR105,00\n:64", "EUR105,01\n:64", CodeBalance},
		{"unknown field", ":61:", ":79:FREE TEXT\n:61:", CodeUnknownField},
		{"no number", ":28C:", ":XX:", CodeMissing},
	} {
		t.Run(row.name, func(t *testing.T) {
			document := strings.Replace(good940, row.old, row.now, 1)
			if document == good940 {
				t.Fatalf("the sample has no %q", row.old)
			}
			var f files
			result, err := ToCamt(strings.NewReader(document), f.next, ConvertOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !hasWarning(result.Warnings, row.code, "") {
				t.Errorf("no %s in %v", row.code, result.Warnings)
			}
		})
	}
	var f files
	result, err := ToCamt(strings.NewReader(good940), f.next, ConvertOptions{CreationDateTime: "2025-03-01T17:30:00Z"})
	if err != nil || slices.ContainsFunc(result.Warnings, func(f finding.Finding) bool { return !strings.HasPrefix(string(f.Code), "MT-V") }) {
		t.Errorf("a good document: %v %v", result.Warnings, err)
	}
}

// A statement without its end has lost entries, or may have.
func TestMT940WithoutClosingBalanceIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	for name, document := range map[string]string{
		"cut off":        good940[:strings.LastIndex(good940, ":62F:")],
		"inexact":        strings.Replace(good940, "EUR105,00\n:64", "EUR105,001\n:64", 1),
		"without a date": strings.Replace(good940, ":62F:C2", ":62F:CX", 1),
	} {
		t.Run(name, func(t *testing.T) {
			if document == good940 {
				t.Fatal("the sample was not changed")
			}
			var f files
			if _, err := ToCamt(strings.NewReader(document), f.next, ConvertOptions{}); !errors.Is(err, ErrContent) || len(f.list) > 0 {
				t.Errorf("%d documents, %v", len(f.list), err)
			}
		})
	}
}

// changed is a camt.053 of one entry in which something is replaced.
func changed(t *testing.T, e camt.Entry, pairs ...string) string {
	t.Helper()
	document := string(camtDocument(t, []camt.Entry{e}))
	for i := 0; i < len(pairs); i += 2 {
		now := strings.Replace(document, pairs[i], pairs[i+1], 1)
		if now == document {
			t.Fatalf("the sample has no %q:\n%s", pairs[i], document)
		}
		document = now
	}
	return document
}

func TestConversionTellsWhatIsWrongWithTheCamt(t *testing.T) {
	good := camtEntry(0)
	var mt bytes.Buffer
	result, err := FromCamt(strings.NewReader(changed(t, good)), &mt, ConvertOptions{})
	if err != nil || len(result.Warnings) > 0 {
		t.Errorf("a good document: %v %v", result.Warnings, err)
	}
	document := changed(t, good)
	at := strings.Index(document, `<Amt Ccy="EUR">`) + len(`<Amt Ccy="EUR">`)
	result, err = FromCamt(strings.NewReader(document[:at]+"9"+document[at:]), &mt, ConvertOptions{})
	if err != nil || !hasWarning(result.Warnings, camt.CodeBalance, "") {
		t.Errorf("balances that do not add up: %v %v", result.Warnings, err)
	}
	result, err = FromCamt(strings.NewReader(changed(t, good, "<Ntry>", "<Nonsense/><Ntry>")), &mt, ConvertOptions{})
	if err != nil || len(result.Warnings) > 0 {
		t.Errorf("breaches of the schema are for the check: %v %v", result.Warnings, err)
	}
}

// The balances of a page are not those of the statement: :62F: would say that it is whole.
func TestPagesOfACamtHaveIntermediateBalances(t *testing.T) {
	for _, row := range []struct{ name, pagination, want string }{
		{"first of several", "<PgNb>1</PgNb><LastPgInd>false</LastPgInd>", ":60F: :62M:"},
		{"in the middle", "<PgNb>2</PgNb><LastPgInd>false</LastPgInd>", ":60M: :62M:"},
		{"last", "<PgNb>3</PgNb><LastPgInd>true</LastPgInd>", ":60M: :62F:"},
		{"only one", "<PgNb>1</PgNb><LastPgInd>true</LastPgInd>", ":60F: :62F:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			document := changed(t, camtEntry(0), "</GrpHdr>", "<MsgPgntn>"+row.pagination+"</MsgPgntn></GrpHdr>")
			var mt bytes.Buffer
			result, err := FromCamt(strings.NewReader(document), &mt, ConvertOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for line := range strings.Lines(mt.String()) {
				if strings.HasPrefix(line, ":60") || strings.HasPrefix(line, ":62") {
					got = append(got, line[:5])
				}
			}
			if fmt.Sprint(got) != "["+row.want+"]" || hasWarning(result.Warnings, camt.CodePages, "") != strings.Contains(row.pagination, "false") {
				t.Errorf("%v %v", got, result.Warnings)
			}
		})
	}
}

// A return of a collection names debtor and creditor of the collection: the other side is
// the debtor, though the account was debited.
func TestReturnKeepsItsCounterpartyInMT940(t *testing.T) {
	parties := func(t *testing.T, inside, more string) (parsed, Result) {
		t.Helper()
		document := changed(t, camtEntry(1))
		from, to := strings.Index(document, "<RltdPties>"), strings.Index(document, "</RltdPties>")
		document = document[:from] + "<RltdPties>" + inside + document[to:]
		document = strings.Replace(document, "</TxDtls>", more+"</TxDtls>", 1)
		var mt bytes.Buffer
		result, err := FromCamt(strings.NewReader(document), &mt, ConvertOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := readAll(t, mt.Bytes(), Options{})
		if err != nil || len(p.entries) != 1 {
			t.Fatal(err, len(p.entries))
		}
		return p, result
	}
	const debtor = `<Dbtr><Pty><Nm>Kunde</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct><UltmtDbtr><Pty><Nm>Kind</Nm></Pty></UltmtDbtr>`
	p, result := parties(t, debtor, `<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>`)
	if i := p.entries[0].Information; string(i.Name) != "Kunde" || string(i.Account) != "DE02120300000000202051" || string(i.UltimateOriginator) != "Kind" {
		t.Errorf("%s %v", describe(&i), result.Warnings)
	}
	if hasWarning(result.Warnings, CodeNoHome, "RltdPties") {
		t.Errorf("%v", result.Warnings)
	}
	p, result = parties(t, debtor, "")
	if i := p.entries[0].Information; len(i.Name) > 0 || !hasWarning(result.Warnings, CodeNoHome, "RltdPties Nm of the own side") || !hasWarning(result.Warnings, CodeNoHome, "RltdPties account of the own side") {
		t.Errorf("a party that is left out is not named: %s %v", describe(&i), result.Warnings)
	}
}

// What cannot stand in XML is replaced, and said.
func TestControlCharactersAreReplacedAndNamed(t *testing.T) {
	document := strings.Replace(good940, ":86:", ":86:166?00A?20SVWZ+a\x01b?32M\x02x\n:XX:", 1)
	var f files
	result, err := ToCamt(strings.NewReader(document), f.next, ConvertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"remittance", "name"} {
		if !hasWarning(result.Warnings, CodeReplaced, "Characters of "+what) {
			t.Errorf("no warning about %s: %v", what, result.Warnings)
		}
	}
}

// Structured remittance goes into SVWZ+ when there is no other.
func TestStructuredRemittanceReachesMT940(t *testing.T) {
	document := changed(t, camtEntry(0))
	from, to := strings.Index(document, "<RmtInf>"), strings.Index(document, "</RmtInf>")
	strd := `<RmtInf><Strd><RfrdDocInf><Nb>INV1</Nb></RfrdDocInf><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf><AddtlRmtInf>more</AddtlRmtInf></Strd>`
	var mt bytes.Buffer
	result, err := FromCamt(strings.NewReader(document[:from]+strd+document[to:]), &mt, ConvertOptions{})
	if err != nil || len(result.Warnings) > 0 {
		t.Errorf("%v %v", result.Warnings, err)
	}
	p, err := readAll(t, mt.Bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"RF18539007547034", "INV1", "more"} {
		if text := string(p.entries[0].Information.Remittance); !strings.Contains(text, want) {
			t.Errorf("%q lacks %s", text, want)
		}
	}
}
