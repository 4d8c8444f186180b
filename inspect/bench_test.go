package inspect_test

import (
	"bytes"
	"io"
	"testing"

	"kontor/benchdata"
	"kontor/calendar"
	"kontor/inspect"
)

// BenchmarkVerify judges a file of each format that may be large. scripts/profile has the binary compiled for what it does.
func BenchmarkVerify(b *testing.B) {
	const payments = 20_000
	for _, row := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"pain", func(w io.Writer) error { return benchdata.CreditTransfer(w, payments, benchdata.Layout{}) }},
		{"pain indented", func(w io.Writer) error { return benchdata.CreditTransfer(w, payments, benchdata.Layout{Indent: true}) }},
		{"camt", func(w io.Writer) error { return benchdata.Statement(w, payments, benchdata.Layout{}) }},
		{"camt indented", func(w io.Writer) error { return benchdata.Statement(w, payments, benchdata.Layout{Indent: true}) }},
		{"MT940", func(w io.Writer) error { return benchdata.MT940(w, payments) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			var document bytes.Buffer
			if err := row.write(&document); err != nil {
				b.Fatal(err)
			}
			today := calendar.Date{Year: 2026, Month: 11, Day: 21}
			b.SetBytes(int64(document.Len()))
			b.ReportAllocs()
			for b.Loop() {
				report, err := inspect.Verify(bytes.NewReader(document.Bytes()), row.name, inspect.Options{Today: today})
				if err != nil || report.Payments+report.Entries != payments || len(report.Findings) > 0 {
					b.Fatalf("%v, %+v", err, report)
				}
			}
		})
	}
}
