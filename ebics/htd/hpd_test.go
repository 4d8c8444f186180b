package htd_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/htd"
	"kontor/xmlscan"
)

const hpd = `<HPDResponseOrderData xmlns="urn:org:ebics:H004"><AccessParams>
<URL>https://bank.example/ebics</URL><URL valid_from="2027-01-01T00:00:00Z">https://bank.example/new</URL>
<Institute>Musterbank</Institute><HostID>TESTHOST</HostID></AccessParams>
<ProtocolParams><Version><Protocol>H003 H004</Protocol><Authentication>X002</Authentication><Encryption>E002</Encryption><Signature>A005 A006</Signature></Version>
<Recovery/><PreValidation supported="false"/><X509Data supported="true" persistent="false"/><DownloadableOrderData supported="1"/></ProtocolParams></HPDResponseOrderData>`

const haa5 = `<HAAResponseOrderData xmlns="urn:org:ebics:H005"><Service><ServiceName>EOP</ServiceName><Scope>DE</Scope><Container containerType="ZIP"/><MsgName version="08">camt.053</MsgName></Service>` +
	`<Service><ServiceName>STM</ServiceName><ServiceOption>SCI</ServiceOption><MsgName>camt.054</MsgName></Service></HAAResponseOrderData>`

func TestBankParametersAreRead(t *testing.T) {
	got, err := htd.ReadHPD(strings.NewReader(hpd))
	want := htd.Parameters{
		Addresses: []htd.Address{{URL: "https://bank.example/ebics"}, {URL: "https://bank.example/new", ValidFrom: "2027-01-01T00:00:00Z"}},
		Institute: "Musterbank", Host: "TESTHOST", Protocol: []string{"H003", "H004"}, Authentication: []string{"X002"}, Encryption: []string{"E002"},
		Signature: []string{"A005", "A006"}, Recovery: true, Certificates: true, Downloadable: true,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	if _, err := htd.ReadHPD(strings.NewReader(haa5)); !errors.Is(err, htd.ErrNotHPD) {
		t.Errorf("HAA as HPD: %v", err)
	}
	var syntax *xmlscan.SyntaxError
	if _, err := htd.ReadHPD(strings.NewReader(hpd[:100])); !errors.As(err, &syntax) {
		t.Errorf("cut off: %v", err)
	}
	witness.Validate(t, "ebics_orders_H004.xsd", map[string][]byte{"HPD": []byte(hpd)})
	witness.Validate(t, "ebics_orders_H005.xsd", map[string][]byte{"HAA": []byte(haa5), "HTD": []byte(htd5)})
}

func TestWhatIsAvailableIsRead(t *testing.T) {
	got, err := htd.ReadHAA(strings.NewReader(haa5))
	want := htd.Available{Services: []ebics.BTF{
		{ServiceName: "EOP", Scope: "DE", Container: "ZIP", MsgName: "camt.053", Version: "08"}, {ServiceName: "STM", Option: "SCI", MsgName: "camt.054"},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	got, err = htd.ReadHAA(strings.NewReader(`<HAAResponseOrderData xmlns="http://www.ebics.org/H003"><OrderTypes>STA C53</OrderTypes></HAAResponseOrderData>`))
	if err != nil || !reflect.DeepEqual(got, htd.Available{Orders: []ebics.OrderType{"STA", "C53"}}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := htd.ReadHAA(strings.NewReader(hpd)); !errors.Is(err, htd.ErrNotHAA) {
		t.Errorf("HPD as HAA: %v", err)
	}
}

const htd5 = `<HTDResponseOrderData xmlns="urn:org:ebics:H005"><PartnerInfo><AddressInfo/><BankInfo><HostID>H</HostID></BankInfo>
<AccountInfo ID="a"><AccountNumber international="true">DE50100000000000000001</AccountNumber><UsageOrderTypes><Service><ServiceName>SCT</ServiceName><MsgName>pain.001</MsgName></Service></UsageOrderTypes></AccountInfo>
<OrderInfo><AdminOrderType>BTU</AdminOrderType><Service><ServiceName>SCT</ServiceName><Scope>DE</Scope><MsgName version="09">pain.001</MsgName></Service><Description>Transfers</Description><NumSigRequired>2</NumSigRequired></OrderInfo>
<OrderInfo><AdminOrderType>BTD</AdminOrderType><Service><ServiceName>EOP</ServiceName><Container containerType="ZIP"/><MsgName>camt.053</MsgName></Service><Description>Statements</Description></OrderInfo>
<OrderInfo><AdminOrderType>HAC</AdminOrderType><Description>Protocol</Description></OrderInfo></PartnerInfo>
<UserInfo><UserID Status="1">U</UserID><Permission AuthorisationLevel="A"><AdminOrderType>BTU</AdminOrderType><Service><ServiceName>SCT</ServiceName><Scope>DE</Scope><MsgName version="09">pain.001</MsgName></Service></Permission></UserInfo></HTDResponseOrderData>`

// H005 names by services what earlier versions name by order types.
func TestServicesOfH005AreRead(t *testing.T) {
	got, err := htd.Read(strings.NewReader(htd5), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	transfers := ebics.BTF{ServiceName: "SCT", Scope: "DE", MsgName: "pain.001", Version: "09"}
	orders := got.Partner.Orders
	if len(orders) != 3 || *orders[0].Service != transfers || orders[0].Transfer != "Upload" || orders[1].Transfer != "Download" ||
		orders[1].Service.Container != "ZIP" || orders[2].Service != nil {
		t.Errorf("orders %+v", orders)
	}
	if s := got.Partner.Accounts[0].Services; len(s) != 1 || s[0].ServiceName != "SCT" {
		t.Errorf("accounts %+v", got.Partner.Accounts)
	}
	if level, ok := got.Users[0].PermitsService(ebics.BTU, transfers); !ok || level != "A" {
		t.Errorf("permission %q %t", level, ok)
	}
	other := transfers
	other.Version = "03"
	if _, ok := got.Users[0].PermitsService(ebics.BTU, other); ok {
		t.Error("another version of the message is permitted")
	}
}

// FuzzParameters: no input panics HPD or HAA.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{hpd, haa5, htd5, "", "<a/>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		if p, err := htd.ReadHPD(strings.NewReader(doc)); err != nil && !reflect.DeepEqual(p, htd.Parameters{}) {
			t.Error("content beside an error")
		}
		_, _ = htd.ReadHAA(strings.NewReader(doc))
	})
}
