package bank

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/iso20022/pain"
)

// Whoever comes at the same time: an order is executed once, and no two orders
// share an id.
func TestOrdersAreExecutedOnceWhoeverHurries(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0]
	data := order(t, "HURRY", pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(100, iban("0000000001"))}})
	const orders = 4
	var wait sync.WaitGroup
	for range orders {
		wait.Go(func() {
			if _, err := upload(t, c, ebics.AttributeOrder, data, 0); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	users := []string{"A1", "A2", "B1", "E1"}
	for number := 1; number <= orders; number++ {
		for _, user := range users {
			wait.Go(func() {
				path := fmt.Sprintf("/orders/KONTOR/A00%d/release", number)
				if status, text := bank.call("POST", path, fmt.Sprintf(`{"userId":"%s%s"}`, debtor.HolderPartner, user)); status != http.StatusOK && status != http.StatusConflict {
					t.Errorf("%d %s", status, text)
				}
			})
		}
	}
	wait.Wait()
	for _, o := range bank.orders() {
		if o.State != "executed" || !o.Complete {
			t.Errorf("order %s is %s", o.OrderID, o.State)
		}
	}
	if got, want := bank.account(debtor.IBAN).Balance, plus(t, debtor.Balance, -100*orders); got != want {
		t.Errorf("balance %s, want %s", got, want)
	}
	_, events := protocol(t, c)
	final := map[string]int{}
	for _, e := range events {
		if e.Action == "ORDER_HAC_FINAL_POS" {
			final[e.OrderID]++
		}
	}
	if len(final) != orders {
		t.Errorf("final events %v", final)
	}
	for id, n := range final {
		if n != 1 {
			t.Errorf("order %s has %d final events", id, n)
		}
	}
}

// The bank stops in time even if a client never finishes its request.
func TestBankStopsWithinFiveSeconds(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the bank's four seconds; run without -short")
	}
	t.Parallel() // most of it is waiting for the bank
	bank := start(t, t.TempDir(), nil)
	address := strings.TrimSuffix(strings.TrimPrefix(bank.ready.URL, "https://"), "/ebics")
	transport, ok := bank.http.Transport.(*http.Transport)
	if !ok {
		t.Fatal("no transport")
	}
	dialer := tls.Dialer{Config: transport.TLSClientConfig}
	connection, err := dialer.DialContext(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, "POST /ebics HTTP/1.1\r\nHost: "+address+"\r\nContent-Length: 100\r\n\r\n<half"); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	bank.stop()
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
	_ = connection.Close() // the bank has closed it already
}
