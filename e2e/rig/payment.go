package rig

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/iso20022/pain"
	"kontor/money"
)

// PaymentPlan is a payment file to write. The zero value of a field gets the value named.
type PaymentPlan struct {
	MessageID string
	Account   Account
	Day       string // requested execution, "2006-01-02"; today
	Payments  int    // 3
	Padding   int    // random characters of remittance information in each payment, at most 120; they hardly compress
	Creditor  string // name of every creditor; invented ones
	IBAN      string // of every creditor; invented ones
	Reference string // begins every remittance information; "Invoice"
}

// PaymentFile writes a pain.001.001.09. The same plan gives the same payments.
func PaymentFile(t testing.TB, p PaymentPlan) []byte {
	t.Helper()
	if p.Payments == 0 {
		p.Payments = 3
	}
	if p.Reference == "" {
		p.Reference = "Invoice"
	}
	day := calendar.Of(time.Now().In(calendar.Berlin()))
	if p.Day != "" {
		var err error
		if day, err = calendar.Parse(p.Day); err != nil {
			t.Fatal(err)
		}
	}
	digest := fnv.New64a()
	_, _ = digest.Write([]byte(p.MessageID)) // a hash never fails
	chance := rand.New(rand.NewPCG(digest.Sum64(), 1))
	payments := make([]pain.Transfer, p.Payments)
	for n := range payments {
		payments[n] = p.payment(n, chance)
	}
	var out bytes.Buffer
	err := pain.WriteCreditTransfer(&out, pain.CreditTransfer{
		MessageID: p.MessageID, Created: time.Now(), InitiatingParty: p.Account.Owner,
		Batches: []pain.TransferBatch{{
			PaymentInformationID: p.MessageID + "-1", RequestedExecutionDate: day, Debtor: p.Account.Owner,
			DebtorAccount: account.IBAN(p.Account.IBAN), Payments: payments,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (p PaymentPlan) payment(n int, chance *rand.Rand) pain.Transfer {
	creditor, iban := p.Creditor, p.IBAN
	if creditor == "" {
		creditor = fmt.Sprintf("Person %d %s", n+1, letters(chance, 8))
	}
	if iban == "" {
		iban = InventIBAN(2_000_000_000 + chance.Uint64N(7_000_000_000))
	}
	return pain.Transfer{
		EndToEndID: fmt.Sprintf("E2E-%s-%d", letters(chance, 6), n+1), Amount: money.Amount{Minor: 1 + chance.Int64N(50_000), Currency: "EUR"},
		Creditor: creditor, CreditorAccount: account.IBAN(iban), Remittance: p.Reference + " " + letters(chance, p.Padding),
	}
}

// letters returns n random letters and digits.
func letters(chance *rand.Rand, n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[chance.IntN(len(alphabet))]
	}
	return string(out)
}
