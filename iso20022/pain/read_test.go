package pain

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"kontor/finding"
	"kontor/money"
	"kontor/xmlscan"
)

func TestReadHandsOutEverything(t *testing.T) {
	for _, row := range []struct{ name, document, version string }{{"version 09", base, "pain.001.001.09"}, {"version 03", base03, "pain.001.001.03"}, {"with prefix", prefixed(base), "pain.001.001.09"}} {
		t.Run(row.name, func(t *testing.T) {
			m, batches, payments, findings := read(t, row.document)
			if len(findings) != 0 {
				t.Fatalf("findings %v", findings)
			}
			if m.Version != row.version || m.MessageID != "MSG-1" || m.CreationDateTime != "2026-11-02T10:00:00+01:00" || m.InitiatingParty != "Muster & Söhne" ||
				m.DeclaredCount != "3" || m.DeclaredSum != "111.11" || m.Count != 3 || m.Sum.String() != "111.11" || len(m.Currencies) != 1 || m.Currencies[0] != "EUR" {
				t.Errorf("message %+v", m)
			}
			if len(batches) != 2 || len(payments) != 3 {
				t.Fatalf("%d batches, %d payments", len(batches), len(payments))
			}
			b := batches[0]
			if b.Ordinal != 0 || b.PaymentInformationID != "BATCH-1" || b.PaymentMethod != "TRF" || b.ServiceLevel != "SEPA" || b.LocalInstrument != "INST" || b.RequestedExecutionDate != "2026-11-05" ||
				b.Debtor != "Muster & Söhne" || b.DebtorAccount != "DE87200500001234567890" || b.DebtorAgent != "BANKDEFFXXX" || b.Currency != "EUR" || b.Count != 2 || b.Sum.String() != "110.00" || b.At.Path != "CstmrCdtTrfInitn/PmtInf[1]" {
				t.Errorf("batch %+v", b)
			}
			if batches[1].Ordinal != 1 || batches[1].DebtorAccount != "DE21500500001234567897" || batches[1].DebtorAgent != "" || batches[1].Count != 1 {
				t.Errorf("second batch %+v", batches[1])
			}
			p := payments[0]
			if p.Ordinal != 0 || p.InstructionID != "I-1" || p.EndToEndID != "E-1" || p.Amount.String() != "100.00 EUR" || p.Creditor != "Erika Beispiel" || p.CreditorAccount != "DE21500500009876543210" ||
				p.CreditorAgent != "PBNKDEFF370" || p.Remittance != "Rechnung 4711" || p.At.Path != "CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]" || p.Batch.PaymentInformationID != "BATCH-1" {
				t.Errorf("payment %+v", p)
			}
			if p := payments[1]; p.Ordinal != 1 || p.InstructionID != "" || p.Remittance != "RF18539007547034" || p.CreditorAgent != "" {
				t.Errorf("second payment %+v", p)
			}
			if p := payments[2]; p.Ordinal != 2 || p.Batch.Ordinal != 1 || p.EndToEndID != "NOTPROVIDED" || p.Remittance != "" {
				t.Errorf("third payment %+v", p)
			}
		})
	}
}

// Offsets are what the store keeps instead of a copy: they must cut out exactly the
// element, and the line must be the one an editor shows.
func TestOffsetsCutOutTheTransaction(t *testing.T) {
	for _, document := range []string{base, base03} {
		_, _, payments, _ := read(t, document)
		for _, p := range payments {
			raw := document[p.At.Offset : p.At.Offset+p.Length]
			if !strings.HasPrefix(raw, "<CdtTrfTxInf>") || !strings.HasSuffix(raw, "</CdtTrfTxInf>") || strings.Count(raw, "<CdtTrfTxInf>") != 1 || !strings.Contains(raw, p.EndToEndID) {
				t.Errorf("payment %d: %s", p.Ordinal, raw)
			}
			if line := 1 + strings.Count(document[:p.At.Offset], "\n"); line != p.At.Line || p.At.Column != 7 {
				t.Errorf("payment %d at %v, want line %d, column 7", p.Ordinal, p.At, line)
			}
		}
	}
	// In Latin-1 the offsets still count raw bytes.
	latin := strings.NewReplacer("UTF-8", "ISO-8859-1", "ö", "\xf6").Replace(base)
	m, _, payments, findings := read(t, latin)
	if len(findings) != 0 || m.InitiatingParty != "Muster & Söhne" {
		t.Errorf("Latin-1: %q %v", m.InitiatingParty, findings)
	}
	for _, p := range payments {
		if raw := latin[p.At.Offset : p.At.Offset+p.Length]; !strings.HasPrefix(raw, "<CdtTrfTxInf>") || !strings.HasSuffix(raw, "</CdtTrfTxInf>") {
			t.Errorf("Latin-1 payment %d: %s", p.Ordinal, raw)
		}
	}
}

func TestFindingPointsAtTheStartOfTheElement(t *testing.T) {
	document := edit(t, base, "E-2", "E_2")
	_, _, _, findings := read(t, document)
	if len(findings) != 1 {
		t.Fatal(findings)
	}
	at := findings[0].At
	if want := int64(strings.Index(document, "<EndToEndId>E_2")); at.Offset != want || findings[0].Text != "E_2" || at.Column != 16 {
		t.Errorf("got %+v, want offset %d", findings[0], want)
	}
}

func TestSeveralRemittanceLinesAreJoined(t *testing.T) {
	_, _, payments, findings := readAs(t, edit(t, base, "<Ustrd>Rechnung 4711</Ustrd>", "<Ustrd>eins</Ustrd><Ustrd>zwei</Ustrd><Ustrd>drei</Ustrd><Strd><CdtrRefInf><Ref>R</Ref></CdtrRefInf></Strd>"), Options{Profile: ProfileISO})
	if len(findings) != 0 || payments[0].Remittance != "eins\nzwei\ndrei" || payments[0].EndToEndID != "E-1" {
		t.Errorf("%q %v", payments[0].Remittance, findings)
	}
}

// A sum over mixed currencies is plain arithmetic (ISO 20022, CtrlSum).
func TestSumIgnoresCurrencies(t *testing.T) {
	m, _, payments, findings := readAs(t, edit(t, base, `"EUR">100.00<`, `"JPY">100<`), Options{Profile: ProfileISO})
	if len(findings) != 0 || m.Sum.String() != "111.11" || payments[0].Amount != (money.Amount{Minor: 100, Currency: "JPY"}) || len(m.Currencies) != 2 {
		t.Errorf("%v %v %v %v", m.Sum, payments[0].Amount, m.Currencies, findings)
	}
}

// One broken amount must not bury the real fault under wrong sums.
func TestUnreadableAmountSuppressesSums(t *testing.T) {
	_, _, payments, findings := read(t, edit(t, base, ">100.00<", ">hundred<"))
	if len(findings) != 1 || findings[0].Code != CodeAmount || payments[0].Amount != (money.Amount{}) {
		t.Errorf("%v %v", findings, payments[0].Amount)
	}
}

func TestUnreadableDocumentsAreErrors(t *testing.T) {
	for _, row := range []struct {
		name, document string
		syntax         bool
	}{
		{"empty", "", true},
		{"no XML", "Hello", true},
		{"truncated", base[:len(base)/2], true},
		{"tags crossed", strings.Replace(base, "</GrpHdr>", "</PmtInf>", 1), true},
		{"document type", strings.Replace(base, "<Document ", "<!DOCTYPE Document><Document ", 1), true},
		{"other root", "<html/>", false},
		{"no namespace", "<Document/>", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := Read(strings.NewReader(row.document), Options{}, Visitor{})
			var syntax *xmlscan.SyntaxError
			var unreadable *UnreadableError
			if row.syntax != errors.As(err, &syntax) || row.syntax == errors.As(err, &unreadable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestReadErrorsAndVisitorErrorsComeThrough(t *testing.T) {
	broken := errors.New("line cut")
	if _, _, err := Read(io.MultiReader(strings.NewReader(base[:1000]), iotest.ErrReader(broken)), Options{}, Visitor{}); !errors.Is(err, broken) {
		t.Errorf("read error: %v", err)
	}
	full := errors.New("disk full")
	if _, _, err := Read(strings.NewReader(base), Options{}, Visitor{Payment: func(*Payment) error { return full }}); !errors.Is(err, full) {
		t.Errorf("payment: %v", err)
	}
	if _, _, err := Read(strings.NewReader(base), Options{}, Visitor{Batch: func(*Batch) error { return full }}); !errors.Is(err, full) {
		t.Errorf("batch: %v", err)
	}
}

// The same document must be read the same way however the bytes arrive.
func TestReadDoesNotDependOnChunks(t *testing.T) {
	document := edit(t, base, "E-1", "E_1")
	want, _, _, wantFindings := read(t, document)
	for _, r := range []io.Reader{iotest.OneByteReader(strings.NewReader(document)), iotest.HalfReader(strings.NewReader(document)), iotest.DataErrReader(strings.NewReader(document))} {
		m, findings, err := Read(r, Options{Profile: ProfileEPC}, Visitor{})
		if err != nil || m.Sum != want.Sum || m.Count != want.Count || !cmp.Equal(findings, wantFindings) {
			t.Errorf("%v %v %v", err, m, findings)
		}
	}
}

var readSeeds = []string{base, swiss, german, germanDebit02, "\ufeff" + german, base03, prefixed(base), debitBase, debitBase02, debitBase[:3000], strings.Replace(debitBase, "DE98", "DE00", 1), strings.Replace(debitBase, "<Id><PrvtId>", "<Id/><Id><PrvtId>", 1), "", "<", base[:700], strings.Replace(base, "MSG-1", "M//", 1), strings.Replace(base, "<Dt>", "<Dt><Dt>", 1), strings.Replace(base, "100.00", "1e9", 1)}

// No input may panic, and what is accepted without findings must be consistent.
func FuzzRead(f *testing.F) {
	kinds := map[Kind]int{}
	for _, s := range readSeeds {
		m, _, _ := Read(strings.NewReader(s), Options{}, Visitor{}) // unreadable ones are counted too
		kinds[m.Kind]++
	}
	if kinds[0] == 0 || kinds[KindCreditTransfer] < 3 || kinds[KindDirectDebit] < 3 {
		f.Fatalf("seeds are missing: %v", kinds)
	}
	for _, s := range readSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		count := 0
		m, findings, err := Read(bytes.NewReader(document), Options{MaxFindings: 10}, Visitor{Payment: func(p *Payment) error {
			count++
			if raw := document[p.At.Offset : p.At.Offset+p.Length]; raw[0] != '<' || raw[len(raw)-1] != '>' {
				t.Fatalf("offsets cut out %q", raw)
			}
			return nil
		}})
		if err != nil {
			return
		}
		if len(findings) > 23 || m.Count != count {
			t.Fatalf("%d findings, %d of %d payments", len(findings), m.Count, count)
		}
		for i := 1; i < len(findings) && findings[i].Code != CodeMore; i++ {
			if findings[i-1].At.Offset > findings[i].At.Offset {
				t.Fatalf("not in document order: %v", findings)
			}
		}
		if !finding.HasError(findings) {
			if same, err := m.Sum.Equal(strings.Trim(m.DeclaredSum, blanks)); m.DeclaredSum != "" && (err != nil || !same) {
				t.Fatalf("sum %s declared %q", m.Sum, m.DeclaredSum)
			}
		}
	})
}

// A transaction may ask for an instant transfer inside a batch that does not: whoever
// judges the service must see it.
func TestPaymentTypeOfTheTransactionIsItsOwn(t *testing.T) {
	const own = `<PmtTpInf><SvcLvl><Cd>URGP</Cd></SvcLvl><LclInstrm><Prtry>FAST</Prtry></LclInstrm></PmtTpInf>`
	for name, document := range map[string]string{"09": base, "03": base03} {
		t.Run(name, func(t *testing.T) {
			_, batches, payments, findings := read(t, edit(t, document, "<EndToEndId>E-2</EndToEndId></PmtId>", "<EndToEndId>E-2</EndToEndId></PmtId>"+own))
			if len(findings) != 1 || findings[0].Code != CodeBothLevels {
				t.Fatal(findings)
			}
			for i, want := range []string{"/", "URGP/FAST", "/"} {
				if p := payments[i]; p.ServiceLevel+"/"+p.LocalInstrument != want {
					t.Errorf("payment %d: %q %q, want %s", i, p.ServiceLevel, p.LocalInstrument, want)
				}
			}
			if payments[1].EndToEndID != "E-2" || batches[0].ServiceLevel != "SEPA" || batches[0].LocalInstrument != "INST" || batches[1].ServiceLevel != "" {
				t.Errorf("payment %+v, batch %+v", payments[1], batches[0])
			}
		})
	}
	// Version .09 allows several service levels; the first counts, as in the batch.
	_, _, payments, _ := read(t, edit(t, base, "<EndToEndId>E-2</EndToEndId></PmtId>", "<EndToEndId>E-2</EndToEndId></PmtId><PmtTpInf><SvcLvl><Prtry>ONE</Prtry></SvcLvl><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"))
	if payments[1].ServiceLevel != "ONE" || payments[1].LocalInstrument != "" {
		t.Errorf("payment %+v", payments[1])
	}
}
