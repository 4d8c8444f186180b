package bank

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/server"
	"kontor/iso20022/pain"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// What the bank finds wrong with the content, the protocol tells; the upload
// itself succeeded.
func TestContentIsRefusedInTheProtocol(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0].IBAN
	good := order(t, "GOOD", pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(100, iban("0000000001"))}})
	bank.must("POST", "/partners", `{"partnerId":"LONE","users":[{"userId":"LONEE","class":"E"}]}`, nil)
	foreign := iban("0000000777")
	bank.must("POST", "/accounts", fmt.Sprintf(`{"iban":%q,"owner":"Lone","holderPartner":"LONE"}`, foreign), nil)
	for _, row := range []struct {
		name   string
		data   []byte
		reason string
	}{
		{"not XML", []byte("hello"), "TD02"},
		{"another message", []byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>`), "TD02"},
		{"wrong sum", []byte(strings.ReplaceAll(string(good), "<CtrlSum>1.00<", "<CtrlSum>2.00<")), "TD03"},
		{"account of no one", order(t, "NONE", pain.TransferBatch{DebtorAccount: iban("0000000888"), Payments: []pain.Transfer{pay(1, debtor)}}), "DS0H"},
		{"account of a partner who did not ask us", order(t, "LONE", pain.TransferBatch{DebtorAccount: foreign, Payments: []pain.Transfer{pay(1, debtor)}}), "DS0H"},
		{"one account of two", order(t, "HALF", pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(1, foreign)}},
			pain.TransferBatch{DebtorAccount: foreign, Payments: []pain.Transfer{pay(1, debtor)}}), "DS0H"},
	} {
		t.Run(row.name, func(t *testing.T) {
			sent, err := upload(t, c, ebics.AttributeOrder, row.data, 0)
			if err != nil {
				t.Fatal(err)
			}
			lines, events := protocol(t, c)
			if diff := cmp.Diff([]string{"FILE_UPLOAD TS01 KONTORT1", "ES_VERIFICATION DS01 KONTORT1", "ORDER_HAC_FINAL_NEG " + row.reason}, lines); diff != "" {
				t.Fatal(diff)
			}
			if final := events[2]; len(final.AdditionalInformation) == 0 || final.OrderID != string(sent.OrderID) {
				t.Errorf("final event %+v", final)
			}
			if status, text := bank.call("POST", "/orders/KONTOR/"+string(sent.OrderID)+"/release", `{"userId":"KONTORT1"}`); status != http.StatusConflict {
				t.Errorf("release of a refused order: %d %s", status, text)
			}
		})
	}
}

// The hub's look-out for duplicates is tested against a bank that has none.
func TestSameFileTwiceIsTwoOrders(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0]
	data := order(t, "SAME", pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(100, iban("0000000001"))}})
	for _, id := range []ebics.OrderID{"A001", "A002"} {
		sent, err := upload(t, c, ebics.AttributeOrder, data, 0)
		if err != nil || sent.OrderID != id {
			t.Fatalf("%s, %v", sent.OrderID, err)
		}
		bank.must("POST", fmt.Sprintf("/orders/KONTOR/%s/release", id), fmt.Sprintf(`{"userId":"%sE1"}`, debtor.HolderPartner), nil)
	}
	if got, want := bank.account(debtor.IBAN).Balance, plus(t, debtor.Balance, -200); got != want {
		t.Errorf("balance %s, want %s", got, want)
	}
}

func TestUploadIsRefusedAtItsStart(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	var failure *client.Error
	if _, err := upload(t, c, ebics.AttributeData, []byte("x"), 0); !errors.As(err, &failure) || failure.Technical != ebics.IncompatibleOrderAttribute {
		t.Errorf("DZHNN: %v", err)
	}
	for order, code := range map[ebics.OrderType]ebics.ReturnCode{"C52": ebics.AuthorisationOrderTypeFailed, "XYZ": ebics.UnsupportedOrderType} {
		if _, err := fetch(t, c, order, true); !errors.As(err, &failure) || failure.Technical != code && failure.Business != code {
			t.Errorf("%s: %v", order, err)
		}
	}
	log := bank.log()
	if len(log) != 6 { // INI, HIA, HPB and three refusals
		t.Fatalf("%d lines in the log", len(log))
	}
	for _, l := range log[3:] {
		if l.Finished || l.State != "refused" || l.ReturnCode == ebics.OK {
			t.Errorf("log %+v", l)
		}
	}
}

// HTD tells a bureau's user the accounts, the class and the order types.
func TestCustomerDataTellWhatIsAllowed(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	for range 2 { // it is never used up
		data, err := fetch(t, c, ebics.HTD, true)
		if err != nil {
			t.Fatal(err)
		}
		validate(t, filepath.Join("..", "ebics", "xsd", "H004", "ebics_orders_H004"), data)
		for _, a := range bank.state().Accounts {
			if !strings.Contains(string(data), `<AccountNumber international="true">`+string(a.IBAN)+`</AccountNumber>`) {
				t.Errorf("account %s is missing", a.IBAN)
			}
		}
		if !strings.Contains(string(data), `AuthorisationLevel="T"`) || !strings.Contains(string(data), "<HostID>"+DefaultHostID) {
			t.Errorf("class or host are missing: %s", data)
		}
	}
}

// A signature that does not fit the data refuses the order at once.
func TestFalseSignatureIsRefused(t *testing.T) {
	tx, b := emptyBooks(t)
	got := b.judged(t, tx, veu.Transport, server.Upload{Subscriber: ebics.Subscriber{Partner: BureauPartner, User: "KONTORT1"}, OrderID: "A001"}, nil)
	if got.State != books.Invalid || got.Reason != "DS17" {
		t.Errorf("order is %s %s", got.State, got.Reason)
	}
	if diff := cmp.Diff([]string{"FILE_UPLOAD TS01", "ES_VERIFICATION DS17", "ORDER_HAC_FINAL_NEG DS17"}, b.events(t, tx, "KONTOR")); diff != "" {
		t.Error(diff)
	}
}

func TestCancelAndReject(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0]
	holder := string(debtor.HolderPartner)
	data := order(t, "STOP", pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(100, iban("0000000001"))}})
	for _, row := range []struct {
		name, action, body, state, event string
		status                           int
	}{
		{"by the holder", "cancel", `{"userId":"` + holder + `A1"}`, "cancelled", "VEU_CANCEL_ORDER DS02 " + holder + "A1", 200},
		{"by the submitter", "cancel", `{"userId":"KONTORT1"}`, "cancelled", "VEU_CANCEL_ORDER DS02 KONTORT1", 200},
		{"by another transport user", "cancel", `{"userId":"KONTORT2"}`, "waiting", "", 409},
		{"by the bank", "reject", `{}`, "rejected", "ORDER_HAC_FINAL_NEG DS04", 200},
		{"by a user unknown", "cancel", `{"userId":"NOBODY"}`, "waiting", "", 404},
		{"by no one", "cancel", `{}`, "waiting", "", 400},
		{"some other action", "burn", `{"userId":"KONTORT1"}`, "waiting", "", 404},
	} {
		t.Run(row.name, func(t *testing.T) {
			sent, err := upload(t, c, ebics.AttributeOrder, data, 0)
			if err != nil {
				t.Fatal(err)
			}
			protocol(t, c)
			path := fmt.Sprintf("/orders/KONTOR/%s/", sent.OrderID)
			if status, text := bank.call("POST", path+row.action, row.body); status != row.status {
				t.Fatalf("%d %s, want %d", status, text, row.status)
			}
			orders := bank.orders()
			if last := orders[len(orders)-1]; last.OrderID != sent.OrderID || string(last.State) != row.state {
				t.Errorf("order %s is %s, want %s", last.OrderID, last.State, row.state)
			}
			if lines, _ := protocol(t, c); strings.Join(lines, ",") != row.event {
				t.Errorf("protocol %v, want %s", lines, row.event)
			}
			if row.state == "waiting" {
				return
			}
			if status, _ := bank.call("POST", path+"release", `{"userId":"`+holder+`E1"}`); status != http.StatusConflict {
				t.Errorf("release afterwards: %d", status)
			}
		})
	}
	if status, text := bank.call("POST", "/orders/KONTOR/Z999/release", `{"userId":"KONTORT1"}`); status != http.StatusNotFound || !strings.Contains(text, "091114") {
		t.Errorf("unknown order: %d %s", status, text)
	}
	if got := bank.account(debtor.IBAN).Balance; got != debtor.Balance {
		t.Error("money moved")
	}
}

// A signer may submit: an E alone is accepted at once, an A waits for a second.
func TestSubmittersOwnSignatureCounts(t *testing.T) {
	for class, want := range map[veu.Class]string{
		veu.Single: "executed 1", veu.First: "waiting 1", veu.Second: "waiting 1", veu.Transport: "waiting 0",
	} {
		t.Run(string(class), func(t *testing.T) {
			tx, b := emptyBooks(t)
			accounts, err := tx.Accounts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			stored := b.judged(t, tx, class, server.Upload{
				Subscriber: ebics.Subscriber{Partner: accounts[0].Holder, User: "U"}, OrderID: "A001", SignatureValid: true,
				Order: server.OrderHeader{Type: ebics.CCT, Attribute: ebics.AttributeOrder}, TransactionID: "0123456789ABCDEF",
			}, order(t, "OWN", pain.TransferBatch{DebtorAccount: accounts[0].IBAN, Payments: []pain.Transfer{pay(1, iban("0000000001"))}}))
			if got := fmt.Sprintf("%s %d", stored.State, len(stored.Signatures)); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func TestOrderIDsCount(t *testing.T) {
	for number, want := range map[int]ebics.OrderID{1: "A001", 9: "A009", 10: "A00A", 36: "A010", 46655: "AZZZ", 46656: "B001", 26 * 46655: "ZZZZ"} {
		id, ok := orderID(number)
		if _, err := ebics.ParseOrderID(string(id)); !ok || id != want || err != nil {
			t.Errorf("order %d is %s, want %s", number, id, want)
		}
	}
	for _, number := range []int{0, 26*46655 + 1} {
		if id, ok := orderID(number); ok {
			t.Errorf("order %d is %s", number, id)
		}
	}
}
