package bank

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/iso20022/pain"
)

// refusedWith says whether an error is the bank's refusal with a code.
func refusedWith(err error, code ebics.ReturnCode) bool {
	var failure *client.Error
	return errors.As(err, &failure) && (failure.Technical == code || failure.Business == code)
}

// What was agreed to be released outside EBICS is executed as soon as it is in,
// and is taken in no other way.
func TestOrderReleasedOutsideEBICSNeedsNoSignature(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.Outside = []ebics.OrderType{ebics.CDD} })
	c := bank.initialised()
	own := bank.state().Accounts[0]
	transfer := order(t, "NOTE", pain.TransferBatch{DebtorAccount: own.IBAN, Payments: []pain.Transfer{pay(300, iban("0000000001"))}})
	debit := debitOrder(t, "NOTE", "CORE", pain.DebitBatch{CreditorAccount: own.IBAN, Payments: []pain.Debit{collect(1000, iban("0000000001"))}})
	agreed := map[ebics.OrderType]string{ebics.CCT: ebics.AttributeOrder, ebics.CDD: ebics.AttributeData, ebics.CDB: ebics.AttributeOrder}
	check := func() {
		t.Helper()
		for _, p := range bank.state().Partners {
			if p.PartnerID == BureauPartner && !cmp.Equal(p.Attributes, agreed) {
				t.Errorf("agreed %v, want %v", p.Attributes, agreed)
			}
		}
		for order, data := range map[ebics.OrderType][]byte{ebics.CCT: transfer, ebics.CDD: debit} {
			other := ebics.AttributeOrder
			if agreed[order] == other {
				other = ebics.AttributeData
			}
			if _, err := send(t, c, client.Order{Type: order, Attribute: other}, data, 0); !refusedWith(err, ebics.IncompatibleOrderAttribute) {
				t.Errorf("%s %s: %v", order, other, err)
			}
		}
	}
	check()
	executed := func(order ebics.OrderType, data []byte) {
		t.Helper()
		if _, err := send(t, c, client.Order{Type: order, Attribute: ebics.AttributeData}, data, 0); err != nil {
			t.Fatal(err)
		}
		lines, _ := protocol(t, c)
		if diff := cmp.Diff([]string{"FILE_UPLOAD TS01 KONTORT1", "ES_VERIFICATION DS01 KONTORT1", "ORDER_HAC_FINAL_POS"}, lines); diff != "" {
			t.Error(diff)
		}
		orders := bank.orders()
		if o := orders[len(orders)-1]; o.State != "executed" || len(o.Signatures) != 0 || o.Complete {
			t.Errorf("order %+v", o)
		}
	}
	executed(ebics.CDD, debit)
	bank.must("POST", "/partners/KONTOR/orders/CCT", `{"attribute":"DZHNN"}`, nil)
	agreed[ebics.CCT] = ebics.AttributeData
	check()
	executed(ebics.CCT, transfer)
	if got := bank.account(own.IBAN).Balance; got != plus(t, own.Balance, 700) {
		t.Errorf("balance %s", got)
	}
	bank.must("POST", "/partners/KONTOR/orders/CDD", `{"attribute":"OZHNN"}`, nil)
	agreed[ebics.CDD] = ebics.AttributeOrder
	check()
}

// Without a signature that fits, nothing is released by a note either.
func TestNoteDoesNotReplaceTheTransportSignature(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.Outside = []ebics.OrderType{ebics.CCT} })
	c := bank.initialised()
	bank.must("POST", "/users/KONTOR/KONTORT1/reset", "", nil)
	other, err := ebics.GenerateKeys(ebics.A006, ebics.MinKeyBits)
	if err != nil {
		t.Fatal(err)
	}
	mixed := subscriberKeys()
	mixed.Signature = other.Signature // the bank gets this one, and orders are signed with the first
	keys := bank.subscriberWith(mixed, BureauPartner, "KONTORT1", nil)
	if err := errors.Join(keys.INI(t.Context()), keys.HIA(t.Context())); err != nil {
		t.Fatal(err)
	}
	bank.must("POST", "/users/KONTOR/KONTORT1/activate", "", nil)
	own := bank.state().Accounts[0]
	data := order(t, "FALSE", pain.TransferBatch{DebtorAccount: own.IBAN, Payments: []pain.Transfer{pay(300, iban("0000000001"))}})
	if _, err := upload(t, c, ebics.AttributeData, data, 0); !refusedWith(err, ebics.SignatureVerificationFailed) {
		t.Errorf("upload: %v", err)
	}
	if got := bank.account(own.IBAN).Balance; got != own.Balance {
		t.Error("money moved")
	}
}

func TestUnknownOrderTypesAreNotReleasedOutside(t *testing.T) {
	folder := t.TempDir()
	prepare(t, folder)
	err := Run(t.Context(), Options{Data: folder, Now: (&clock{}).now, Outside: []ebics.OrderType{ebics.C53}})
	if err == nil || !strings.Contains(err.Error(), "C53") {
		t.Errorf("error %v", err)
	}
}

// A user may come with the older signature; the bank says which it has, and takes
// no other for it.
func TestUserWithOlderSignature(t *testing.T) {
	keys, err := ebics.GenerateKeys(ebics.A005, ebics.MinKeyBits)
	if err != nil {
		t.Fatal(err)
	}
	bank := start(t, t.TempDir(), nil)
	c := bank.subscriberWith(keys, BureauPartner, "KONTORT1", nil)
	if err := errors.Join(c.INI(t.Context()), c.HIA(t.Context())); err != nil {
		t.Fatal(err)
	}
	digest := keys.Signature.Public().Digest()
	if status, text := bank.call("POST", "/users/KONTOR/KONTORT1/activate", fmt.Sprintf(`{"hashes":{"A006":"%x"}}`, digest)); status != 409 {
		t.Errorf("the hash of another version: %d %s", status, text)
	}
	var view userView
	bank.must("POST", "/users/KONTOR/KONTORT1/activate", fmt.Sprintf(`{"hashes":{"A005":"%x"}}`, digest), &view)
	if view.SignatureVersion != "A005" || view.Hashes["A005"] != hex.EncodeToString(digest[:]) || len(view.Hashes) != 3 {
		t.Errorf("user %+v", view)
	}
	public, err := c.HPB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own := bank.state().Accounts[0].IBAN
	data := order(t, "OLDER", pain.TransferBatch{DebtorAccount: own, Payments: []pain.Transfer{pay(1, iban("0000000001"))}})
	if _, err := upload(t, bank.subscriberWith(keys, BureauPartner, "KONTORT1", &public), ebics.AttributeOrder, data, 0); err != nil {
		t.Fatal(err)
	}
	newer := keys
	newer.Signature.Version = ebics.A006
	if _, err := upload(t, bank.subscriberWith(newer, BureauPartner, "KONTORT1", &public), ebics.AttributeOrder, data, 0); !refusedWith(err, ebics.SignatureVerificationFailed) {
		t.Errorf("the same key as A006: %v", err)
	}
	if orders := bank.orders(); len(orders) != 2 || orders[0].State != "waiting" || orders[1].State != "refused" {
		t.Errorf("orders %+v", orders)
	}
}

// told is what a test reads of HTD.
type told struct {
	Accounts []struct {
		ID    string `xml:"ID,attr"`
		Usage string `xml:"UsageOrderTypes"`
	} `xml:"PartnerInfo>AccountInfo"`
	Orders []struct {
		Type     string `xml:"OrderType"`
		Transfer string `xml:"TransferType"`
		Required string `xml:"NumSigRequired"`
	} `xml:"PartnerInfo>OrderInfo"`
	Permissions []struct {
		Level   string `xml:"AuthorisationLevel,attr"`
		Types   string `xml:"OrderTypes"`
		Account string `xml:"AccountID"`
	} `xml:"UserInfo>Permission"`
}

func customerData(t *testing.T, c *client.Client) (d told) {
	t.Helper()
	data, err := fetch(t, c, ebics.HTD, true)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, filepath.Join("..", "ebics", "xsd", "H004", "ebics_orders_H004"), data)
	if err := xml.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// HTD says what the bank would say to an order: what it takes, how it must be
// released, and what the user may do on which account.
func TestCustomerDataFollowWhatIsAllowed(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.Outside = []ebics.OrderType{ebics.CDB} })
	c := bank.initialised()
	d := customerData(t, c)
	var orders []string
	for _, o := range d.Orders {
		orders = append(orders, strings.TrimSpace(o.Type+" "+o.Transfer+" "+o.Required))
	}
	if diff := cmp.Diff([]string{"CCT Upload 2", "CDB Upload 0", "CDD Upload 2", "HAC Download", "CRZ Download", "CDZ Download", "C53 Download", "HTD Download", "HKD Download", "HPD Download", "HAA Download",
		"HVU Download", "HVZ Download", "HVD Download", "HVT Download", "HVE Upload", "HVS Upload"}, orders); diff != "" {
		t.Error(diff)
	}
	permissions := func(d told) (lines []string) {
		for _, p := range d.Permissions {
			lines = append(lines, strings.TrimSpace(p.Level+" "+p.Types+" "+p.Account))
		}
		return lines
	}
	var all []string
	for i, a := range bank.state().Accounts {
		all = append(all, "T CCT CDB CDD "+string(a.IBAN))
		if d.Accounts[i].ID != string(a.IBAN) || d.Accounts[i].Usage != "CCT CDB CDD C53" {
			t.Errorf("account %+v", d.Accounts[i])
		}
	}
	all = append(all, "HAC CRZ CDZ C53 HTD HKD HPD HAA HVU HVZ HVD HVT")
	if diff := cmp.Diff(all, permissions(d)); diff != "" {
		t.Error(diff)
	}

	bank.must("POST", "/users/KONTOR/KONTORT1/orders/CCT/withdraw", "", nil)
	var view userView
	bank.must("POST", "/users/KONTOR/KONTORT1/orders/C53/withdraw", "", &view)
	if diff := cmp.Diff([]ebics.OrderType{ebics.C53, ebics.CCT}, view.Withdrawn); diff != "" {
		t.Error(diff)
	}
	less := permissions(customerData(t, c))
	if less[0] != strings.Replace(all[0], "CCT ", "", 1) || less[len(less)-1] != "HAC CRZ CDZ HTD HKD HPD HAA HVU HVZ HVD HVT" {
		t.Errorf("permissions %v", less)
	}
	data := order(t, "RIGHT", pain.TransferBatch{DebtorAccount: bank.state().Accounts[0].IBAN, Payments: []pain.Transfer{pay(1, iban("0000000001"))}})
	if _, err := upload(t, c, ebics.AttributeOrder, data, 0); !refusedWith(err, ebics.AuthorisationOrderTypeFailed) {
		t.Errorf("upload without the right: %v", err)
	}
	if _, err := fetch(t, c, ebics.C53, true); !refusedWith(err, ebics.AuthorisationOrderTypeFailed) {
		t.Errorf("download without the right: %v", err)
	}
	for _, o := range []string{"CDD", "CDB"} {
		bank.must("POST", "/users/KONTOR/KONTORT1/orders/"+o+"/withdraw", "", nil)
	}
	if got := permissions(customerData(t, c)); len(got) != 1 {
		t.Errorf("permissions of who may send nothing: %v", got)
	}
	for _, o := range []string{"CCT", "CDD", "CDB", "C53", "C53"} {
		bank.must("POST", "/users/KONTOR/KONTORT1/orders/"+o+"/grant", "", nil)
	}
	if diff := cmp.Diff(all, permissions(customerData(t, c))); diff != "" {
		t.Error(diff)
	}
	if _, err := upload(t, c, ebics.AttributeOrder, data, 0); err != nil {
		t.Errorf("upload with the right again: %v", err)
	}
}

// A partner whose accounts come later may send already.
func TestCustomerDataWithoutAccounts(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.Open = true })
	c := bank.subscriber("STRANGER", "S1", nil)
	if err := errors.Join(c.INI(t.Context()), c.HIA(t.Context())); err != nil {
		t.Fatal(err)
	}
	keys, err := c.HPB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := customerData(t, bank.subscriber("STRANGER", "S1", &keys))
	if len(d.Accounts) != 0 || len(d.Permissions) != 2 || d.Permissions[0].Level != "T" || d.Permissions[0].Types != "CCT CDB CDD" || d.Permissions[0].Account != "" {
		t.Errorf("%+v", d)
	}
}
