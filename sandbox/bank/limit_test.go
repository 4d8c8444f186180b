package bank

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/iso20022/pain"
	"kontor/money"
)

// largest is the largest amount that books in euro can hold.
const largest = "92233720368547758.07"

// What the books cannot hold is the caller's mistake, not the bank's.
func TestAmountsBeyondTheBooksAreRefused(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	holder := string(bank.state().Accounts[0].HolderPartner)
	full := iban("0000000009")
	open := func(balance string) (int, string) {
		return bank.call("POST", "/accounts", fmt.Sprintf(`{"iban":%q,"owner":"Voll GmbH","holderPartner":%q,"openingBalance":%q}`, full, holder, balance))
	}
	if status, text := open(largest + "0"); status != http.StatusBadRequest {
		t.Errorf("too many decimals: %d %s", status, text)
	}
	if status, text := open("92233720368547758.08"); status != http.StatusBadRequest {
		t.Errorf("a cent too much: %d %s", status, text)
	}
	if status, text := open(largest); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	status, text := bank.call("POST", "/credits", fmt.Sprintf(`{"iban":%q,"amount":"0.01","name":"N"}`, full))
	if status != http.StatusBadRequest || !strings.Contains(text, "does not fit") {
		t.Errorf("credit to a full account: %d %s", status, text)
	}
	if got := bank.account(full).Balance; got != largest {
		t.Errorf("balance %s", got)
	}
}

// What an order may have in bytes is a setting; the limit is on what comes out,
// not on what was sent.
func TestOrdersAreLimited(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.MaxOrder = 10_000 })
	c := bank.initialised()
	debtor := bank.state().Accounts[0].IBAN
	data := order(t, "LIMIT", pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(1, iban("0000000001"))}})
	fits := append(data, bytes.Repeat([]byte(" "), 10_000-len(data))...)
	if _, err := upload(t, c, ebics.AttributeOrder, fits, 0); err != nil {
		t.Errorf("10,000 bytes: %v", err)
	}
	if _, err := upload(t, c, ebics.AttributeOrder, append(fits, ' '), 0); !refusedWith(err, ebics.MaxOrderDataSizeExceeded) {
		t.Errorf("10,001 bytes: %v", err)
	}
	if orders := bank.orders(); len(orders) != 1 || orders[0].State != "waiting" {
		t.Errorf("orders %+v", orders)
	}
	if lines, _ := protocol(t, c); lines[len(lines)-1] != "FILE_UPLOAD TA01 KONTORT1" {
		t.Errorf("protocol %v", lines)
	}
	err := Run(t.Context(), Options{Data: t.TempDir(), MaxOrder: -1, Now: bank.clock.now})
	if err == nil || !strings.Contains(err.Error(), "-1") {
		t.Errorf("a limit below nothing: %v", err)
	}
}

// A signed order must end: a payment that the books cannot hold is rejected
// (AM02), the others are executed.
func TestPaymentBeyondTheBooksIsRejectedAlone(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0]
	full := iban("0000000009")
	bank.must("POST", "/accounts", fmt.Sprintf(`{"iban":%q,"owner":"Voll GmbH","holderPartner":%q,"openingBalance":"92233720368547757.07"}`, full, debtor.HolderPartner), nil)
	sent, err := upload(t, c, ebics.AttributeOrder, order(t, "FULL",
		pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(60, full), pay(41, full), pay(40, full), pay(7, iban("0000000001"))}}), 0)
	if err != nil {
		t.Fatal(err)
	}
	bank.must("POST", "/orders/KONTOR/"+string(sent.OrderID)+"/release", fmt.Sprintf(`{"userId":"%sE1"}`, debtor.HolderPartner), nil)
	checkStatus(t, c, "pain.002.001.10", "FULL-P1 PART: ACSC RJCT AM02 ACSC ACSC")
	if got := bank.account(full).Balance; got != largest {
		t.Errorf("the creditor has %s", got)
	}
	if got, want := bank.account(debtor.IBAN).Balance, plus(t, debtor.Balance, -107); got != want {
		t.Errorf("the debtor has %s, want %s", got, want)
	}
	bank.advance("1")
}

// Whatever the sequence in which entries are posted, nothing may run over: not
// the debtor's balance, not the sum of a batch, not the account that pays itself.
func TestFitsForesees(t *testing.T) {
	const most, least = 1<<63 - 1, -1 << 63
	for _, row := range []struct {
		name                       string
		debtor, creditor, settled  int64
		toItself, atHome, accepted bool
		amount                     int64
	}{
		{name: "other bank", debtor: 0, amount: 100, accepted: true},
		{name: "debtor to the bottom", debtor: least + 100, amount: 100, accepted: true},
		{name: "debtor below the bottom", debtor: least + 99, amount: 100},
		{name: "creditor to the top", creditor: most - 100, atHome: true, amount: 100, accepted: true},
		{name: "creditor above the top", creditor: most - 99, atHome: true, amount: 100},
		{name: "batch sum above the top", debtor: most, settled: most - 99, amount: 100},
		{name: "to itself at the top", debtor: most, toItself: true, amount: 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			debtor := &reach{lowest: euro(row.debtor), highest: euro(row.debtor)}
			var creditor *reach
			switch {
			case row.toItself:
				creditor = debtor
			case row.atHome:
				creditor = &reach{lowest: euro(row.creditor), highest: euro(row.creditor)}
			}
			x := execution{}
			if row.settled > 0 {
				x.settled, x.own.Amount = 1, euro(row.settled)
			}
			if got := x.fits(euro(row.amount), debtor, creditor); got != row.accepted {
				t.Errorf("fits: %v", got)
			}
			want := euro(row.debtor)
			if row.accepted {
				want = money.Amount{Minor: row.debtor - row.amount, Currency: "EUR"}
			}
			if debtor.lowest != want {
				t.Errorf("the debtor goes down to %s, want %s", debtor.lowest, want)
			}
		})
	}
}
