package rig

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/iso20022/pain"
	"kontor/money"
)

// Ends of IBANs from which the sandbox bank's direct debits fail.
const (
	NoAccount = "00404" // rejected, AC01
	GivenBack = "00409" // collected, and returned on the next business day
)

// DebitPlan is a direct debit file to write: one collection from each debtor account, of 10.00, 10.01 and so on.
type DebitPlan struct {
	MessageID  string
	Account    Account // the creditor's
	Instrument string  // CORE or B2B
	Debtors    []string
}

// DebitFile writes a pain.008.001.08.
func DebitFile(t testing.TB, p DebitPlan) []byte {
	t.Helper()
	today := calendar.Of(time.Now().In(calendar.Berlin()))
	payments := make([]pain.Debit, len(p.Debtors))
	for n, debtor := range p.Debtors {
		payments[n] = pain.Debit{
			EndToEndID: fmt.Sprintf("E2E-%s-%d", p.MessageID, n+1), Amount: money.Amount{Minor: 1000 + int64(n), Currency: "EUR"},
			MandateID: fmt.Sprintf("MANDATE-%d", n+1), MandateSigned: today.AddDays(-400), Debtor: fmt.Sprintf("Debtor %d", n+1),
			DebtorAccount: account.IBAN(debtor), Remittance: "Membership fee",
		}
	}
	var out bytes.Buffer
	err := pain.WriteDirectDebit(&out, pain.DirectDebit{
		MessageID: p.MessageID, Created: time.Now(), InitiatingParty: p.Account.Owner, LocalInstrument: p.Instrument,
		Batches: []pain.DebitBatch{{
			PaymentInformationID: p.MessageID + "-1", SequenceType: "RCUR", RequestedCollectionDate: today.AddDays(2), Creditor: p.Account.Owner,
			CreditorAccount: account.IBAN(p.Account.IBAN), CreditorID: "DE98ZZZ09999999999", Payments: payments,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// DebtorEnding invents an account at another bank whose IBAN has an end.
func DebtorEnding(end string) string {
	bban := "9990009912345" + end
	return "DE" + account.CheckDigits("DE", bban) + bban
}

// Agree decides how a partner's orders of a type are released: OZHNN in the VEU, DZHNN outside EBICS.
func (b *Bank) Agree(t testing.TB, partner, orderType, attribute string) {
	t.Helper()
	if err := b.Control(t.Context(), "partners/"+partner+"/orders/"+orderType, map[string]string{"attribute": attribute}, nil); err != nil {
		t.Fatal(err)
	}
}

// Withdraw takes an order type away from a user; Grant gives it back.
func (b *Bank) Withdraw(t testing.TB, partner, user, orderType string) {
	t.Helper()
	b.right(t, partner, user, orderType, "withdraw")
}

// Grant gives an order type back to a user.
func (b *Bank) Grant(t testing.TB, partner, user, orderType string) {
	t.Helper()
	b.right(t, partner, user, orderType, "grant")
}

func (b *Bank) right(t testing.TB, partner, user, orderType, action string) {
	t.Helper()
	path := fmt.Sprintf("users/%s/%s/orders/%s/%s", partner, user, orderType, action)
	if err := b.Control(t.Context(), path, struct{}{}, nil); err != nil {
		t.Fatal(err)
	}
}
