package benchdata_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"testing"

	"kontor/benchdata"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
)

func TestCreditTransferHasNoFindings(t *testing.T) {
	for _, indent := range []bool{false, true} {
		var b bytes.Buffer
		if err := benchdata.CreditTransfer(&b, 10_050, benchdata.Layout{Indent: indent}); err != nil {
			t.Fatal(err)
		}
		m, findings, err := pain.Read(&b, pain.Options{}, pain.Visitor{})
		if err != nil || len(findings) > 0 || m.Count != 10_050 {
			t.Errorf("indented %v: %d payments, findings %v, error %v", indent, m.Count, findings, err)
		}
	}
}

func TestStatementBalances(t *testing.T) {
	var b bytes.Buffer
	if err := benchdata.Statement(&b, 1_000, benchdata.Layout{}); err != nil {
		t.Fatal(err)
	}
	balances := map[string]int64{}
	var moved int64
	findings, err := camt.Read(&b, camt.Options{}, camt.Visitor{Statement: func(s *camt.Statement) error {
		for _, b := range s.Balances {
			balances[b.Type] = b.Amount.Minor
		}
		return nil
	}, Entry: func(e *camt.Entry) error {
		if e.Credit {
			moved += e.Amount.Minor
		} else {
			moved -= e.Amount.Minor
		}
		if e.Counterparty == "" || e.CounterpartyIBAN == "" || e.EndToEndID == "" {
			t.Errorf("entry %d is not whole: %+v", e.Ordinal, e)
		}
		return nil
	}})
	if err != nil || moved == 0 || balances["PRCD"]+moved != balances["CLBD"] || len(findings) > 0 {
		t.Errorf("balances %v, moved %d, findings %v, error %v", balances, moved, findings, err)
	}
}

func TestTheSameNumberMakesTheSameBytes(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"credit transfer": func(w io.Writer) error { return benchdata.CreditTransfer(w, 100, benchdata.Layout{}) },
		"statement":       func(w io.Writer) error { return benchdata.Statement(w, 100, benchdata.Layout{Indent: true}) },
		"MT940":           func(w io.Writer) error { return benchdata.MT940(w, 100) },
	} {
		var sums [2][32]byte
		for i := range sums {
			h := sha256.New()
			if err := write(h); err != nil {
				t.Fatal(err)
			}
			h.Sum(sums[i][:0])
		}
		if sums[0] != sums[1] {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

func TestAWriterThatFailsIsToldOf(t *testing.T) {
	broken := errors.New("disk full")
	if err := benchdata.MT940(failing{broken}, 10_000); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := benchdata.CreditTransfer(io.Discard, 0, benchdata.Layout{}); err == nil {
		t.Error("no payments are no error")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, fmt.Errorf("writing: %w", f.err) }
