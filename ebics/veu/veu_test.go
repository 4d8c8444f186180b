package veu_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/veu"
	"kontor/xmlscan"
)

var (
	at      = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	service = ebics.BTF{ServiceName: "SCT", Scope: "DE", Option: "URG", Container: "ZIP", MsgName: "pain.001", Version: "09", Variant: "001", Format: "XML"}
	yes, no = true, false
)

func reference(v ebics.Version, id ebics.OrderID) veu.Reference {
	r := veu.Reference{Partner: "SRZ1", OrderID: id}
	switch {
	case v == ebics.H005:
		s := service
		r.Service = &s
	case v == ebics.H004:
		r.Type, r.FileFormat = ebics.FUL, &ebics.FileFormat{Country: "FR", Name: "pain.001.001.02.sct"}
	default:
		r.Type = ebics.CCT
	}
	return r
}

// orders are one with everything, and one with as little as the schema allows.
func orders(v ebics.Version) []veu.Order {
	bureau := veu.Person{Subscriber: ebics.Subscriber{Partner: "SRZ1", User: "T1"}, Name: "Bureau & Sons", At: at}
	full := veu.Order{
		Reference: reference(v, "A001"), DataSize: 4711, Signing: veu.Signing{Ready: true, Required: 2, Done: 1}, Originator: bureau,
		Signers:  []veu.Signer{{Person: bureau, Class: "T"}, {Person: veu.Person{Subscriber: ebics.Subscriber{Partner: "K1", User: "U1"}, At: at.Add(time.Hour)}, Class: "A"}},
		Detailed: true, Digest: bytes.Repeat([]byte{7}, 32), SignatureVersion: ebics.A006, DataAvailable: true, DetailsAvailable: true,
		Transactions: 12, Total: "1234.50", TotalCredit: &no, Currency: "EUR", FirstParty: `Example "1" <GmbH>`, FirstAccountKnown: true,
		FirstAccount: veu.Account{IBAN: "DE02120300000000202051", BIC: "BYLADEM1001"},
	}
	if v == ebics.H003 {
		full.TotalCredit = nil
	}
	if v == ebics.H005 {
		full.AdditionalInfo = "wages"
	}
	bare := veu.Order{
		Reference: reference(v, "A002"), DataSize: 1, Signing: veu.Signing{Required: 1}, Detailed: true, Digest: make([]byte, 32), SignatureVersion: ebics.A005,
		Transactions: -1, Originator: veu.Person{Subscriber: ebics.Subscriber{Partner: "SRZ1", User: "T1"}, At: at},
	}
	return []veu.Order{full, bare}
}

func details() veu.Details {
	o := orders(ebics.H004)[0]
	return veu.Details{
		Digest: o.Digest, SignatureVersion: o.SignatureVersion, Display: []byte("Sum\r\n 1234.50 \xe4"), DataAvailable: true, DataSize: 4711,
		DetailsAvailable: true, Signers: o.Signers,
	}
}

func transactions(v ebics.Version) veu.Transactions {
	t := veu.Transaction{
		Accounts: []veu.Account{
			{Role: "Originator", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001", Holder: "Example GmbH", Currency: "EUR"},
			{Role: "Recipient", Number: "0000000001", BankCode: "10000000"},
		},
		ExecutionDate: "2026-11-26", Amount: "10.50", Credit: &yes, Currency: "EUR",
		Descriptions: []veu.Description{{Type: "Purpose", Text: "wages & more"}, {Type: "Comment", Text: "x"}},
	}
	t.Format = "pain.001"
	return veu.Transactions{Total: 5, List: []veu.Transaction{t, {Accounts: t.Accounts, Amount: "1"}}}
}

// documents are what the package writes in one version, by name.
func documents(t testing.TB, v ebics.Version) map[string][]byte {
	all := map[string][]byte{}
	for name, write := range map[string]func() ([]byte, error){
		"HVU": func() ([]byte, error) { return veu.WriteOrders(v, ebics.HVU, orders(v)) },
		"HVZ": func() ([]byte, error) { return veu.WriteOrders(v, ebics.HVZ, orders(v)) },
		"HVD": func() ([]byte, error) { return veu.WriteDetails(v, details()) },
		"HVT": func() ([]byte, error) { return veu.WriteTransactions(v, transactions(v)) },
	} {
		data, err := write()
		if err != nil {
			t.Fatalf("%s %s: %v", v, name, err)
		}
		all[name] = data
	}
	return all
}

// What is written is valid, and says again what it was written from.
func TestDocumentsRoundTrip(t *testing.T) {
	for _, v := range ebics.Versions() {
		t.Run(string(v), func(t *testing.T) {
			all := documents(t, v)
			got, err := veu.ReadOrders(bytes.NewReader(all["HVZ"]))
			if want := orders(v); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("HVZ: %v\n got %+v\nwant %+v", err, got, want)
			}
			got, err = veu.ReadOrders(bytes.NewReader(all["HVU"]))
			if err != nil || len(got) != 2 || got[0].Detailed || got[0].Digest != nil || got[0].DataSize != 4711 || !reflect.DeepEqual(got[0].Signers, orders(v)[0].Signers) {
				t.Errorf("HVU: %v, %+v", err, got)
			}
			d, err := veu.ReadDetails(bytes.NewReader(all["HVD"]))
			if err != nil || !reflect.DeepEqual(d, details()) {
				t.Errorf("HVD: %v, %+v", err, d)
			}
			list, err := veu.ReadTransactions(bytes.NewReader(all["HVT"]))
			if want := transactions(v); err != nil || !reflect.DeepEqual(list, want) {
				t.Errorf("HVT: %v\n got %+v\nwant %+v", err, list, want)
			}
			witness.Validate(t, "ebics_orders_"+string(v)+".xsd", all)
		})
	}
}

// A document of another order type, or of none, is not read as an empty folder.
func TestOtherDocumentsAreRefused(t *testing.T) {
	all := documents(t, ebics.H005)
	if _, err := veu.ReadOrders(bytes.NewReader(all["HVD"])); !errors.Is(err, veu.ErrNotVEU) {
		t.Errorf("HVD as a list: %v", err)
	}
	if _, err := veu.ReadDetails(bytes.NewReader(all["HVT"])); !errors.Is(err, veu.ErrNotVEU) {
		t.Errorf("HVT as HVD: %v", err)
	}
	if _, err := veu.ReadTransactions(strings.NewReader(`<HVTResponseOrderData xmlns="urn:other"/>`)); !errors.Is(err, veu.ErrNotVEU) {
		t.Errorf("a foreign namespace: %v", err)
	}
	var syntax *xmlscan.SyntaxError
	if _, err := veu.ReadOrders(bytes.NewReader(all["HVZ"][:200])); !errors.As(err, &syntax) {
		t.Errorf("cut off: %v", err)
	}
}

// What a version cannot say is not written.
func TestUnwritableDocuments(t *testing.T) {
	list := orders(ebics.H004)
	for name, err := range map[string]error{
		"order of H004 in H005": second(veu.WriteOrders(ebics.H005, ebics.HVZ, list)),
		"HVZ of an overview":    second(veu.WriteOrders(ebics.H004, ebics.HVZ, []veu.Order{{Reference: list[0].Reference}})),
		"no orders":             second(veu.WriteOrders(ebics.H004, ebics.HVU, nil)),
		"unknown version":       second(veu.WriteDetails("H006", details())),
		"one account":           second(veu.WriteTransactions(ebics.H004, veu.Transactions{List: []veu.Transaction{{Accounts: make([]veu.Account, 1)}}})),
	} {
		if err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func second(_ []byte, err error) error { return err }

// The digest that releases an order is the one that signed it.
func TestDigestLeavesLineEndsOut(t *testing.T) {
	a, errA := veu.Digest(strings.NewReader("one\r\ntwo\n\x1a"))
	b, errB := veu.Digest(strings.NewReader("onetwo"))
	if errA != nil || errB != nil || a != b {
		t.Errorf("%x, %x, %v, %v", a, b, errA, errB)
	}
}

// FuzzVEU: no input panics, and what is read as orders can be looked at.
func FuzzVEU(f *testing.F) {
	for _, v := range ebics.Versions() {
		for _, doc := range documents(f, v) {
			f.Add(doc)
		}
	}
	f.Add([]byte(`<HVZResponseOrderData xmlns="urn:org:ebics:H005"><OrderDetails/></HVZResponseOrderData>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		list, err := veu.ReadOrders(bytes.NewReader(doc))
		if err != nil && list != nil {
			t.Error("orders beside an error")
		}
		for _, o := range list {
			if o.DataSize < 0 || o.Signing.Done < 0 || o.Transactions < -1 {
				t.Errorf("negative counts: %+v", o)
			}
			_ = o.Check(ebics.H005)
		}
		_, _ = veu.ReadDetails(bytes.NewReader(doc))
		_, _ = veu.ReadTransactions(bytes.NewReader(doc))
	})
}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if n := len(documents(t, ebics.H005)); n != 4 {
		t.Errorf("%d seeds of H005", n)
	}
}
