package htd_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"kontor/ebics"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/htd"
	"kontor/xmlscan"
)

// sample is an invented delivery with everything that is read, and some that is not.
const sample = `<?xml version="1.0" encoding="UTF-8"?>
<HTDResponseOrderData xmlns="urn:org:ebics:H004">
  <PartnerInfo>
    <AddressInfo><Name>Muster &amp; S&#xF6;hne</Name><City>Musterstadt</City></AddressInfo>
    <BankInfo><HostID>TESTHOST</HostID></BankInfo>
    <AccountInfo ID="a1" Currency="EUR">
      <AccountNumber international="true">DE50100000000000000001</AccountNumber>
      <AccountNumber>0000000001</AccountNumber>
      <BankCode international="1">TESTDEXXXXX</BankCode>
      <BankCode Prefix="DE">10000000</BankCode>
      <AccountHolder>Muster</AccountHolder>
      <UsageOrderTypes>CCT C53</UsageOrderTypes>
    </AccountInfo>
    <AccountInfo ID="a2"><AccountNumber>0000000002</AccountNumber><BankCode>10000000</BankCode></AccountInfo>
    <OrderInfo><OrderType>CCT</OrderType><TransferType>Upload</TransferType><Description>SEPA</Description><NumSigRequired>2</NumSigRequired></OrderInfo>
    <OrderInfo><OrderType>HAC</OrderType><TransferType>Download</TransferType><Description>Protocol</Description></OrderInfo>
  </PartnerInfo>
  <UserInfo>
    <UserID Status="1">USER1</UserID>
    <Name>Invented Person</Name>
    <Permission AuthorisationLevel="T"><OrderTypes>CCT CDD</OrderTypes><AccountID>a1</AccountID><MaxAmount Currency="EUR">1000.00</MaxAmount></Permission>
    <Permission><OrderTypes>HAC
      C53</OrderTypes></Permission>
  </UserInfo>
</HTDResponseOrderData>`

func TestReadsEverythingThatIsSaid(t *testing.T) {
	got, err := htd.Read(strings.NewReader(sample), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := htd.Data{
		Partner: htd.Partner{
			Name: "Muster & Söhne", Host: "TESTHOST",
			Accounts: []htd.Account{
				{ID: "a1", Currency: "EUR", IBAN: "DE50100000000000000001", Number: "0000000001", BIC: "TESTDEXXXXX", BankCode: "10000000", Holder: "Muster", Orders: []ebics.OrderType{"CCT", "C53"}},
				{ID: "a2", Number: "0000000002", BankCode: "10000000"},
			},
			Orders: []htd.Order{{Type: "CCT", Transfer: "Upload", Description: "SEPA", Signatures: 2}, {Type: "HAC", Transfer: "Download", Description: "Protocol"}},
		},
		Users: []htd.User{{ID: "USER1", Name: "Invented Person", Status: "1", Permissions: []htd.Permission{
			{Orders: []ebics.OrderType{"CCT", "CDD"}, Level: "T", AccountID: "a1", MaxAmount: "1000.00", Currency: "EUR"},
			{Orders: []ebics.OrderType{"HAC", "C53"}},
		}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	witness.Validate(t, "ebics_orders_H004.xsd", map[string][]byte{"sample": []byte(sample)})
}

func TestPermits(t *testing.T) {
	data, err := htd.Read(strings.NewReader(sample), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	user, found := data.User("USER1")
	if _, other := data.User("USER2"); !found || other {
		t.Fatal("the users are not those of the sample")
	}
	for order, want := range map[ebics.OrderType]struct {
		level     string
		permitted bool
	}{"CCT": {"T", true}, "CDD": {"T", true}, "C53": {"", true}, "CDB": {"", false}, "": {"", false}} {
		if level, permitted := user.Permits(order); level != want.level || permitted != want.permitted {
			t.Errorf("%s: level %q, permitted %v", order, level, permitted)
		}
	}
	if o, found := data.Partner.Order("CCT"); !found || o.Signatures != 2 {
		t.Errorf("order CCT: %+v", o)
	}
	if _, found := data.Partner.Order("XXX"); found {
		t.Error("an order that is not agreed was found")
	}
}

// HKD tells the same of all users.
func TestReadsAllUsers(t *testing.T) {
	text := strings.ReplaceAll(sample, "HTDResponse", "HKDResponse")
	from, to := strings.Index(text, "<UserInfo>"), strings.Index(text, "</HKD")
	second := strings.ReplaceAll(text[from:to], "USER1", "USER2")
	data, err := htd.Read(strings.NewReader(text[:to]+second+text[to:]), xmlscan.Limits{})
	if err != nil || len(data.Users) != 2 || data.Users[1].ID != "USER2" || len(data.Users[1].Permissions) != 2 {
		t.Errorf("%+v, error %v", data.Users, err)
	}
}

// bureau is an invented delivery in the other forms that the schema allows: a
// prefix, national numbers with a format, file formats, extensions, no account
// for a user.
var bureau = `<?xml version="1.0" encoding="ISO-8859-1"?>
<e:HTDResponseOrderData xmlns:e="urn:org:ebics:H004" xmlns:x="urn:example:extension">
  <e:PartnerInfo>
    <e:AddressInfo><e:City>Musterstadt</e:City><x:Name>not the name</x:Name></e:AddressInfo>
    <e:BankInfo><e:HostID>HOST1</e:HostID><e:Parameter><e:Name>note</e:Name><e:Value Type="string">` + longText + `</e:Value></e:Parameter></e:BankInfo>
    <e:AccountInfo ID="n1" Currency="SEK" Description="Bankgiro">
      <e:NationalAccountNumber format="other">123-4567</e:NationalAccountNumber>
      <e:NationalBankCode format="other">9000</e:NationalBankCode>
      <x:Limit>1</x:Limit>
    </e:AccountInfo>
    <e:OrderInfo><e:OrderType>FUL</e:OrderType><e:FileFormat CountryCode="FR">pain.001.001.02.sct</e:FileFormat><e:TransferType>Upload</e:TransferType><e:OrderFormat>SCT</e:OrderFormat><e:Description>File</e:Description><e:NumSigRequired>99999999999999999999</e:NumSigRequired></e:OrderInfo>
    <e:OrderInfo><e:OrderType>CCT</e:OrderType><e:TransferType>Upload</e:TransferType><e:Description>SCT</e:Description><e:NumSigRequired>0</e:NumSigRequired></e:OrderInfo>
  </e:PartnerInfo>
  <e:UserInfo>
    <e:UserID Status="5">T,=1</e:UserID>
    <e:Permission AuthorisationLevel="T"><e:OrderTypes>FUL</e:OrderTypes><e:FileFormat>pain.001.001.02.sct</e:FileFormat><e:MaxAmount Currency="SEK">10</e:MaxAmount></e:Permission>
    <e:Permission><e:OrderTypes/><x:OrderTypes>CDD</x:OrderTypes></e:Permission>
    <x:Permission><e:OrderTypes>CDB</e:OrderTypes></x:Permission>
  </e:UserInfo>
  <x:UserInfo><e:UserID Status="1">NOBODY</e:UserID></x:UserInfo>
</e:HTDResponseOrderData>`

// longText is longer than a value may be that is read.
var longText = strings.Repeat("long ", 1000)

// Extensions of a bank stand in other namespaces. What they hold is not what
// EBICS means by the same name: an order type in there permits nothing.
func TestReadsOtherFormsAndLeavesExtensions(t *testing.T) {
	got, err := htd.Read(strings.NewReader(bureau), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := htd.Data{
		Partner: htd.Partner{
			Host:     "HOST1",
			Accounts: []htd.Account{{ID: "n1", Currency: "SEK", Description: "Bankgiro", Number: "123-4567", BankCode: "9000"}},
			Orders: []htd.Order{
				{Type: "FUL", FileFormat: "pain.001.001.02.sct", Transfer: "Upload", Description: "File", Signatures: math.MaxInt},
				{Type: "CCT", Transfer: "Upload", Description: "SCT"},
			},
		},
		Users: []htd.User{{ID: "T,=1", Status: "5", Permissions: []htd.Permission{
			{Orders: []ebics.OrderType{"FUL"}, FileFormat: "pain.001.001.02.sct", Level: "T", MaxAmount: "10", Currency: "SEK"},
			{},
		}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	witness.Validate(t, "ebics_orders_H004.xsd", map[string][]byte{"bureau": []byte(bureau)})
}

// H005 names order types otherwise; what both versions have is read all the same.
func TestReadsWhatH005HasInCommon(t *testing.T) {
	data, err := htd.Read(strings.NewReader(`<HTDResponseOrderData xmlns="urn:org:ebics:H005"><PartnerInfo><AddressInfo/><BankInfo><HostID>HOST1</HostID></BankInfo>
		<OrderInfo><AdminOrderType>BTU</AdminOrderType><Service><ServiceName>SCT</ServiceName><MsgName>pain.001</MsgName></Service><Description>SCT</Description><NumSigRequired>1</NumSigRequired></OrderInfo>
		</PartnerInfo><UserInfo><UserID Status="1">U1</UserID><Permission AuthorisationLevel="E"><AdminOrderType>BTU</AdminOrderType></Permission></UserInfo></HTDResponseOrderData>`), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	user, _ := data.User("U1")
	if level, permitted := user.Permits("BTU"); level != "E" || !permitted {
		t.Errorf("%+v", user)
	}
	if o, _ := data.Partner.Order("BTU"); o.Signatures != 1 || o.Description != "SCT" {
		t.Errorf("%+v", data.Partner)
	}
}

func TestRefuses(t *testing.T) {
	open := `<HTDResponseOrderData xmlns="urn:org:ebics:H004">`
	for _, row := range []struct {
		name, text string
		is         error
	}{
		{"another root", `<HPDResponseOrderData xmlns="urn:org:ebics:H004"/>`, htd.ErrNotHTD},
		{"another namespace", `<HTDResponseOrderData xmlns="urn:x"/>`, htd.ErrNotHTD},
		{"no namespace", `<HTDResponseOrderData/>`, htd.ErrNotHTD},
		{"no XML", "HTD", nil},
		{"empty", "", nil},
		{"a doctype", `<!DOCTYPE a [<!ENTITY b "c">]>` + sample[strings.Index(sample, "<HTD"):], nil},
		{"cut off", sample[:len(sample)-30], nil},
		{"something after the end", sample + sample[strings.Index(sample, "<HTD"):], nil},
		{"too many orders", open + "<PartnerInfo>" + strings.Repeat("<OrderInfo/>", 20_001) + "</PartnerInfo></HTDResponseOrderData>", nil},
		{"too many permissions of many users", open + strings.Repeat("<UserInfo>"+strings.Repeat("<Permission/>", 9)+"</UserInfo>", 2_001) + "</HTDResponseOrderData>", nil},
		{"too deep", open + strings.Repeat("<PartnerInfo>", 100) + strings.Repeat("</PartnerInfo>", 100) + "</HTDResponseOrderData>", nil},
		{"a value without end", strings.Replace(sample, "Protocol", longText, 1), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			data, err := htd.Read(strings.NewReader(row.text), xmlscan.Limits{})
			if err == nil || (row.is != nil && !errors.Is(err, row.is)) {
				t.Errorf("error %v", err)
			}
			if !reflect.DeepEqual(data, htd.Data{}) {
				t.Errorf("something was kept: %+v", data)
			}
		})
	}
	if _, err := htd.Read(strings.NewReader(sample), xmlscan.Limits{Bytes: 100}); err == nil {
		t.Error("the limit on bytes does not hold")
	}
	broken := errors.New("broken pipe")
	if _, err := htd.Read(io.MultiReader(strings.NewReader(sample[:500]), iotest.ErrReader(broken)), xmlscan.Limits{}); !errors.Is(err, broken) {
		t.Errorf("a read that breaks off: %v", err)
	}
}

// A document that was cut off is never taken for a whole one: the rights that
// stood in its rest would be lost.
func TestNoCutDocumentIsRead(t *testing.T) {
	for n := range len(sample) {
		if _, err := htd.Read(strings.NewReader(sample[:n]), xmlscan.Limits{}); err == nil {
			t.Fatalf("the first %d bytes were read as a whole", n)
		}
	}
}

func FuzzRead(f *testing.F) {
	corpus := []string{
		sample, bureau,
		`<HKDResponseOrderData xmlns="http://www.ebics.org/H003"><UserInfo><UserID/></UserInfo></HKDResponseOrderData>`,
		`<HTDResponseOrderData xmlns="urn:org:ebics:H005"><PartnerInfo><AccountInfo/><OrderInfo><AdminOrderType> A B </AdminOrderType></OrderInfo></PartnerInfo></HTDResponseOrderData>`,
		`<HTDResponseOrderData xmlns="urn:org:ebics:H004">&#0;</HTDResponseOrderData>`,
	}
	if len(corpus) < 5 {
		f.Fatal("the corpus is empty")
	}
	for _, seed := range corpus {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		data, err := htd.Read(bytes.NewReader(text), xmlscan.Limits{Bytes: 1 << 20})
		if err != nil && !reflect.DeepEqual(data, htd.Data{}) {
			t.Error("an error with data")
		}
		for _, u := range data.Users {
			for _, p := range u.Permissions {
				for _, o := range p.Orders {
					if _, permitted := u.Permits(o); !permitted || o == "" {
						t.Errorf("order type %q of a permission is not permitted", o)
					}
				}
			}
		}
	})
}
