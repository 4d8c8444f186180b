package pain

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"kontor/finding"
)

// Verification and views allocate per document and per batch, never per payment.
func TestVerificationAllocatesNothingPerPayment(t *testing.T) {
	for _, row := range kinds {
		t.Run(row.kind.String(), func(t *testing.T) {
			few, many := row.large(t, 1_000), row.large(t, 9_000)
			count := func(document []byte, v Visitor) float64 {
				return testing.AllocsPerRun(3, func() {
					if _, findings, err := Read(bytes.NewReader(document), Options{}, v); err != nil || len(findings) != 0 {
						t.Fatal(err, findings)
					}
				})
			}
			for name, v := range map[string]Visitor{"verify": {}, "view": {View: func(*PaymentView) error { return nil }}} {
				// Each table of the set of identifications doubles, three times between these sizes; the reader may grow its window.
				if a, b := count(few, v), count(many, v); b-a > 3*tableCount+12 {
					t.Errorf("%s: %.0f allocations for 1000 payments, %.0f for 9000", name, a, b)
				}
			}
		})
	}
}

// A view shows what the strings of a payment say.
func TestViewAgreesWithPayment(t *testing.T) {
	for name, document := range map[string]string{"transfer": german, "debit": germanDebit} {
		t.Run(name, func(t *testing.T) {
			var views []string
			_, _, err := Read(strings.NewReader(document), Options{}, Visitor{
				View: func(v *PaymentView) error {
					views = append(views, strings.Join([]string{string(v.InstructionID), string(v.EndToEndID), string(v.Party), string(v.Account), string(v.Agent), string(v.Remittance),
						string(v.ServiceLevel), string(v.LocalInstrument), string(v.SequenceType), string(v.MandateID), string(v.MandateSigned), string(v.CreditorID), v.Amount.String()}, "|"))
					return nil
				},
				Payment: func(p *Payment) error {
					text := p.Remittance
					if strings.HasPrefix(text, "RF") {
						text = ""
					}
					want := strings.Join([]string{p.InstructionID, p.EndToEndID, p.Creditor + p.Debtor, p.CreditorAccount + p.DebtorAccount, p.CreditorAgent + p.DebtorAgent, text,
						p.ServiceLevel, p.LocalInstrument, p.SequenceType, p.MandateID, p.MandateSigned, p.CreditorID, p.Amount.String()}, "|")
					if got := views[p.Ordinal]; got != want {
						t.Errorf("view %s, payment %s", got, want)
					}
					return nil
				},
			})
			if err != nil || len(views) != 3 {
				t.Errorf("%d views: %v", len(views), err)
			}
		})
	}
}

// refusing is a history that fails.
type refusing struct{}

var errHistory = errors.New("no connection")

func (refusing) Message(string, string) (string, error) { return "", errHistory }
func (refusing) Payment(*PaymentView) (string, error)   { return "", errHistory }
func (refusing) Mandate(*PaymentView) (string, error)   { return "", errHistory }

func TestAHistoryThatFailsEndsTheReading(t *testing.T) {
	for _, code := range []finding.Code{CodeMessageIDTwice, CodePaymentTwice, CodeMandateHistory} {
		o := Options{History: refusing{}, Policies: []finding.Policy{{code: finding.Warning}}}
		if _, _, err := Read(strings.NewReader(germanDebit), o, Visitor{}); !errors.Is(err, errHistory) {
			t.Errorf("%s: %v", code, err)
		}
	}
	full := errors.New("disk full")
	if _, _, err := Read(strings.NewReader(german), Options{}, Visitor{View: func(*PaymentView) error { return full }}); !errors.Is(err, full) {
		t.Errorf("view: %v", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, row := range kinds {
		b.Run(row.kind.String(), func(b *testing.B) {
			document := row.large(b, 100_000)
			b.SetBytes(int64(len(document)))
			b.ReportAllocs()
			for b.Loop() {
				m, findings, err := Read(bytes.NewReader(document), Options{}, Visitor{})
				if err != nil || m.Count != 100_000 || len(findings) != 0 {
					b.Fatalf("%v %d %v", err, m.Count, findings)
				}
			}
		})
	}
}
