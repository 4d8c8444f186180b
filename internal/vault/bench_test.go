package vault

import (
	"bytes"
	"fmt"
	"testing"
)

// paymentLikeText is XML as a payment file has it: much repeats, amounts, references and accounts do not.
func paymentLikeText(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		v := uint32(i) * 2654435761
		fmt.Fprintf(&b, "<CdtTrfTxInf><PmtId><EndToEndId>E2E-%08X</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">%d.%02d</InstdAmt></Amt>"+
			"<Cdtr><Nm>Person %d</Nm></Cdtr><CdtrAcct><Id><IBAN>DE%02d12030000%010d</IBAN></Id></CdtrAcct></CdtTrfTxInf>\n",
			v, v%10000, v%100, i, v%97, v)
	}
	return b.Bytes()[:n]
}

func BenchmarkSealChunk(b *testing.B) {
	for name, plain := range map[string][]byte{"xml": paymentLikeText(ChunkSize), "noise": noise(ChunkSize)} {
		b.Run(name, func(b *testing.B) {
			s := newOwnerKeys(b, tenantA).BodySealer("b")
			b.SetBytes(ChunkSize)
			n, size := 0, 0
			for b.Loop() {
				size = len(s.SealChunk(n, false, plain))
				n++
			}
			b.ReportMetric(float64(size)/ChunkSize, "ratio")
		})
	}
}

func BenchmarkOpenChunk(b *testing.B) {
	k := newOwnerKeys(b, tenantA)
	sealed := sealBody(k, "b", paymentLikeText(ChunkSize))[0]
	o := k.BodyOpener("b")
	b.SetBytes(ChunkSize)
	for b.Loop() {
		if _, err := o.OpenChunk(0, true, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealPage(b *testing.B) {
	k := newOwnerKeys(b, tenantA)
	page := paymentLikeText(64 << 10)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		k.SealPage("f", 1, page)
	}
}

func BenchmarkSealRow(b *testing.B) {
	k := newOwnerKeys(b, tenantA)
	row := paymentLikeText(500)
	b.SetBytes(int64(len(row)))
	for b.Loop() {
		k.SealRow("payment_file", "0198c0de-0000-7000-8000-00000000000a", row)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	k := newOwnerKeys(b, tenantA)
	for b.Loop() {
		k.Fingerprint("iban", []byte("DE02120300000000202051"))
	}
}

// BenchmarkKeys is what every transaction pays: a stat of the owner's file.
func BenchmarkKeys(b *testing.B) {
	v := newVault(b, b.TempDir())
	wrapped := newOwner(b, v, tenantA)
	for b.Loop() {
		if _, err := v.Keys(tenantA, wrapped); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnwrap(b *testing.B) {
	v := newVault(b, b.TempDir())
	wrapped := newOwner(b, v, tenantA)
	for b.Loop() {
		if _, err := v.unwrap(tenantA, wrapped); err != nil {
			b.Fatal(err)
		}
	}
}
