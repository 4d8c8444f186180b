package envelope

import (
	"bytes"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/veu"
	"kontor/xmlscan"
)

var testSubscriber = ebics.Subscriber{Partner: "K1", User: "U1"}

func pointer[T any](v T) *T { return &v }

// sampleOrder is an initialisation's header with every field in use.
func sampleOrder() *Order {
	authentication, encryption := testkeys.Bank().Authentication.Public().Digest(), testkeys.Bank().Encryption.Public().Digest()
	return &Order{
		Nonce: "00112233445566778899AABBCCDDEEFF", Timestamp: time.Date(2026, 11, 25, 7, 8, 9, 123e6, time.UTC),
		Subscriber: testSubscriber, SystemID: "S1", Product: `Kontor <&"> 1`, Type: ebics.CCT, Attribute: ebics.AttributeOrder,
		Authentication: authentication[:], Encryption: encryption[:],
	}
}

func sampleEncryption() *EncryptionInfo {
	digest := testkeys.Bank().Encryption.Public().Digest()
	return &EncryptionInfo{KeyVersion: ebics.E002, KeyDigest: digest[:], TransactionKey: bytes.Repeat([]byte{7}, 256)}
}

// sampleService is a BTF with every part.
func sampleService() *ebics.BTF {
	return &ebics.BTF{ServiceName: "SCT", Scope: "DE", Option: "URG", Container: "ZIP", MsgName: "pain.001", Version: "09", Variant: "001", Format: "XML"}
}

func sampleReference(v ebics.Version) *veu.Reference {
	r := &veu.Reference{Partner: "K2", OrderID: "A00B"}
	if v.Classic() {
		r.Type = ebics.CCT
	} else {
		r.Service = sampleService()
	}
	return r
}

// requests are one of each form, in each version: "H004 upload".
func requests() map[string]Request {
	all := map[string]Request{}
	for _, v := range ebics.Versions() {
		for name, r := range requestsOf(v) {
			r.Version = v
			if r.Order != nil {
				if !v.Classic() {
					r.Order.Attribute = ""
				}
				if v == ebics.H003 && r.Order.Segments != nil {
					r.Order.ID = "A00C"
				}
			}
			all[string(v)+" "+name] = r
		}
	}
	return all
}

func requestsOf(v ebics.Version) map[string]Request {
	const id = "0123456789ABCDEF0123456789ABCDEF"
	initial := func(o *Order) Request { return Request{Host: "HOST1", Phase: Initialisation, Order: o} }
	signed := func(o *Order, segments int) Request {
		o.Segments = &segments
		r := initial(o)
		r.Encryption, r.SignatureData = sampleEncryption(), []byte("signatures")
		if v == ebics.H005 {
			r.DataDigest, r.AdditionalInfo = &DataDigest{Version: ebics.A006, Digest: bytes.Repeat([]byte{9}, 32)}, "wages & more"
		}
		return r
	}
	order := func(t ebics.OrderType, attribute string, p Params) *Order {
		o := sampleOrder()
		o.Type, o.Attribute, o.Params = t, attribute, p
		return o
	}
	plain := order(ebics.HAC, ebics.AttributeData, Params{})
	plain.SystemID, plain.Product = "", ""
	hpb := order(ebics.HPB, ebics.AttributeData, Params{})
	hpb.Authentication, hpb.Encryption = nil, nil
	parameters := []ebics.Parameter{{Name: "TEST", Value: "a <b>"}}
	all := map[string]Request{
		"upload":           signed(order(ebics.CCT, ebics.AttributeOrder, Params{}), 2),
		"download":         initial(order(ebics.C53, ebics.AttributeData, Params{From: "2026-11-01", To: "2026-11-24"})),
		"download of new":  initial(plain),
		"HPB":              {Host: "HOST1", Order: hpb},
		"transfer up":      {Host: "HOST1", Phase: Transfer, TransactionID: id, Segment: &Segment{1, false}, OrderData: []byte("QUJD")},
		"transfer down":    {Host: "HOST1", Phase: Transfer, TransactionID: id, Segment: &Segment{2, true}},
		"receipt":          {Host: "HOST1", Phase: Receipt, TransactionID: id, Receipt: pointer(0)},
		"negative receipt": {Host: "HOST1", Phase: Receipt, TransactionID: id, Receipt: pointer(1)},
		"SPR":              signed(order(ebics.SPR, ebics.AttributeSigned, Params{}), 0),
		"HVE":              signed(order(ebics.HVE, ebics.AttributeSigned, Params{Reference: sampleReference(v)}), 0),
		"HVS":              signed(order(ebics.HVS, ebics.AttributeSigned, Params{Reference: sampleReference(v)}), 0),
		"HVD":              initial(order(ebics.HVD, ebics.AttributeData, Params{Reference: sampleReference(v)})),
		"HVT":              initial(order(ebics.HVT, ebics.AttributeData, Params{Reference: sampleReference(v), Window: &veu.Window{Limit: 10, Offset: 20}})),
		"HVT file":         initial(order(ebics.HVT, ebics.AttributeData, Params{Reference: sampleReference(v), Window: &veu.Window{Complete: true}})),
		"HVU":              initial(order(ebics.HVU, ebics.AttributeData, Params{})),
	}
	if v.Classic() {
		format := &ebics.FileFormat{Country: "FR", Name: "pain.001.001.02.sct"}
		all["FUL"] = signed(order(ebics.FUL, ebics.AttributeOrder, Params{FileFormat: format, Parameters: parameters}), 1)
		all["FDL"] = initial(order(ebics.FDL, ebics.AttributeData, Params{FileFormat: format, From: "2026-11-01", To: "2026-11-24"}))
		all["HVZ"] = initial(order(ebics.HVZ, ebics.AttributeData, Params{Filter: &veu.Filter{Types: []ebics.OrderType{ebics.CCT, ebics.CDD}}}))
		return all
	}
	for _, flag := range []ebics.SignatureFlag{ebics.SignatureFlagNone, ebics.SignatureFlagSet, ebics.SignatureFlagEDS} {
		all["BTU "+string(flag)] = signed(order(ebics.BTU, "", Params{Service: sampleService(), Signature: flag, FileName: `a "b".xml`, Parameters: parameters}), 1)
	}
	all["BTD"] = initial(order(ebics.BTD, "", Params{Service: &ebics.BTF{ServiceName: "EOP", MsgName: "camt.053"}, From: "2026-11-01", To: "2026-11-24"}))
	all["HVZ"] = initial(order(ebics.HVZ, "", Params{Filter: &veu.Filter{Services: []ebics.BTF{{ServiceName: "SCT"}, *sampleService()}}}))
	return all
}

// responses are one of each form, in each version: "H004 upload".
func responses() map[string]Response {
	const id = "0123456789ABCDEF0123456789ABCDEF"
	all := map[string]Response{}
	for name, r := range map[string]Response{
		"upload": {TransactionID: id, Phase: Initialisation, OrderID: "A001", Technical: ebics.OK, ReportText: "[EBICS_OK] OK", Business: ebics.OK},
		"first segment": {
			TransactionID: id, Segments: 2, Phase: Initialisation, Segment: &Segment{1, false}, Technical: ebics.OK, ReportText: "OK",
			Business: ebics.OK, Encryption: sampleEncryption(), OrderData: []byte("QUJD"),
		},
		"next segment": {TransactionID: id, Phase: Transfer, Segment: &Segment{2, true}, Technical: ebics.OK, ReportText: "OK", Business: ebics.OK, OrderData: []byte("QUJD")},
		"recovery":     {TransactionID: id, Phase: Transfer, Segment: &Segment{1, false}, OrderID: "A001", Technical: ebics.TxRecoverySync, ReportText: "text & <more>", Business: ebics.OK},
		"no data":      {Phase: Initialisation, Technical: ebics.OK, ReportText: "OK", Business: ebics.NoDownloadDataAvailable},
		"receipt":      {TransactionID: id, Phase: Receipt, Technical: ebics.DownloadPostprocessDone, ReportText: "OK", Business: ebics.OK},
	} {
		for _, v := range ebics.Versions() {
			r.Version = v
			versioned := r
			if v == ebics.H003 {
				versioned.OrderID = ""
			}
			all[string(v)+" "+name] = versioned
		}
	}
	return all
}

func signedRequest(t testing.TB, r Request) []byte {
	t.Helper()
	doc, err := r.Sign(testkeys.Subscriber().Authentication)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func signedResponse(t testing.TB, r Response) []byte {
	t.Helper()
	doc, err := r.Sign(testkeys.Bank().Authentication)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func readRequest(doc []byte) (Request, error) {
	m, err := Read(doc)
	if err != nil {
		return Request{}, err
	}
	return m.VerifyRequest(testkeys.Subscriber().Authentication.Public())
}

func readResponse(doc []byte) (Response, error) {
	m, err := Read(doc)
	if err != nil {
		return Response{}, err
	}
	return m.VerifyResponse(testkeys.Bank().Authentication.Public())
}

func TestRequestsRoundTrip(t *testing.T) {
	for name, want := range requests() {
		doc := signedRequest(t, want)
		if bytes.ContainsAny(doc, "\r\n") {
			t.Errorf("%s is not one line", name)
		}
		got, err := readRequest(doc)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, want)
		}
		m, err := Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		claim := m.Claim()
		if claim.Host != want.Host || claim.Phase != want.Phase || claim.TransactionID != want.TransactionID ||
			want.Order != nil && (claim.Subscriber != want.Order.Subscriber || claim.OrderType != want.Order.Type) {
			t.Errorf("%s claims %+v", name, claim)
		}
		if err := m.Verify(testkeys.Other().Authentication.Public()); !errors.Is(err, ErrSignature) {
			t.Errorf("%s verifies with another key: %v", name, err)
		}
	}
}

func TestResponsesRoundTrip(t *testing.T) {
	for name, want := range responses() {
		got, err := readResponse(signedResponse(t, want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, want)
		}
	}
}

func TestKeyManagementRoundTrip(t *testing.T) {
	for _, v := range ebics.Versions() {
		request := UnsecuredRequest{Version: v, Host: "HOST1", Subscriber: testSubscriber, Product: "Kontor", Type: ebics.INI, OrderData: []byte("data")}
		if v == ebics.H003 {
			request.OrderID = "A001"
		}
		doc, err := request.Write()
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.ReadUnsecured(); err != nil || !reflect.DeepEqual(got, request) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := m.Verify(testkeys.Subscriber().Authentication.Public()); !errors.Is(err, ErrSignature) {
			t.Errorf("a message without signature verifies: %v", err)
		}
		response := KeyManagementResponse{Version: v, Technical: ebics.OK, Business: ebics.OK, ReportText: "OK", Encryption: sampleEncryption(), OrderData: []byte("QUJD")}
		if doc, err = response.Write(); err != nil {
			t.Fatal(err)
		}
		if m, err = Read(doc); err != nil {
			t.Fatal(err)
		}
		if got, err := m.ReadKeyManagementResponse(); err != nil || !reflect.DeepEqual(got, response) {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// HEV has neither header nor signature.
func TestHEVRoundTrip(t *testing.T) {
	m, err := Read(WriteHEVRequest("HOST1"))
	if err != nil {
		t.Fatal(err)
	}
	if host, err := m.ReadHEVRequest(); err != nil || host != "HOST1" || m.Claim().Host != "HOST1" {
		t.Errorf("%q, %v", host, err)
	}
	if _, err := m.VerifyRequest(testkeys.Subscriber().Authentication.Public()); err == nil {
		t.Error("HEV verifies as a signed request")
	}
	want := HEVResponse{Code: ebics.OK, ReportText: "[EBICS_OK] OK", Offered: []Offered{{"H003", "02.40"}, {"H005", "03.00"}}}
	if m, err = Read(want.Write()); err != nil {
		t.Fatal(err)
	}
	if got, err := m.ReadHEVResponse(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Banks are seen to answer with a prefix, and in the namespace of another version.
func TestForeignKeyManagementResponsesAreRead(t *testing.T) {
	for name, doc := range map[string]string{
		"prefixed": `<e:ebicsKeyManagementResponse xmlns:e="urn:org:ebics:H004" Version="H004"><e:header authenticate="true"><e:static/><e:mutable><e:ReturnCode>091010</e:ReturnCode><e:ReportText>x</e:ReportText></e:mutable></e:header><e:body><e:ReturnCode authenticate="true">000000</e:ReturnCode></e:body></e:ebicsKeyManagementResponse>`,
		"H003":     "<?xml version='1.0'?>\n<ebicsKeyManagementResponse xmlns=\"http://www.ebics.org/H003\">\n <header authenticate=\"true\">\n  <static/>\n  <mutable><ReturnCode>091010</ReturnCode><ReportText>x</ReportText></mutable>\n </header>\n <body><ReturnCode authenticate=\"true\">000000</ReturnCode></body>\n</ebicsKeyManagementResponse>\n",
	} {
		m, err := Read([]byte(doc))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r, err := m.ReadKeyManagementResponse(); err != nil || r.Technical != ebics.InvalidXML {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Whatever stands inside the signed elements or the signature: change one
// character and the message is refused.
func TestEverySignedFieldIsProtected(t *testing.T) {
	var docs []struct {
		name string
		doc  []byte
		read func([]byte) error
	}
	for name, r := range requests() {
		docs = append(docs, struct {
			name string
			doc  []byte
			read func([]byte) error
		}{"request " + name, signedRequest(t, r), func(doc []byte) error { _, err := readRequest(doc); return err }})
	}
	for name, r := range responses() {
		docs = append(docs, struct {
			name string
			doc  []byte
			read func([]byte) error
		}{"response " + name, signedResponse(t, r), func(doc []byte) error { _, err := readResponse(doc); return err }})
	}
	total := 0
	for _, d := range docs {
		if err := d.read(d.doc); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		places := protectedPlaces(t, d.doc)
		if len(places) < 15 {
			t.Errorf("%s: only %d places", d.name, len(places))
		}
		for _, place := range places {
			changed := bytes.Clone(d.doc)
			if changed[place]++; changed[place] == '<' || changed[place] == '&' || changed[place] == '=' || changed[place] == '>' {
				changed[place] = 'x'
			}
			if d.read(changed) == nil {
				t.Errorf("%s: accepted with byte %d changed: %s", d.name, place, changed[max(0, place-40):min(len(changed), place+20)])
			}
			total++
		}
	}
	t.Logf("%d changes were refused", total)
}

// protectedPlaces lists the offset of one character in every text and
// attribute value inside authenticated elements and the signature, and of
// every element's name there.
func protectedPlaces(t *testing.T, doc []byte) []int {
	t.Helper()
	var places []int
	s := xmlscan.NewScanner(bytes.NewReader(doc), xmlscan.Limits{})
	inside := 0 // depth of the outermost protected element
	for {
		kind, err := s.Next()
		if err != nil {
			return places
		}
		at, end := int(s.Position().Offset), int(s.EndOffset())
		switch kind {
		case xmlscan.StartElement:
			_, marked := s.Attr("authenticate")
			if inside == 0 && (marked || string(s.Local()) == "AuthSignature") {
				inside = s.Depth()
			}
			if inside == 0 {
				continue
			}
			places = append(places, at+1) // the name
			for i := at; i < end; i++ {
				if doc[i] == '"' && doc[i-1] == '=' {
					places = append(places, i+1)
				}
			}
		case xmlscan.EndElement:
			if s.Depth() == inside {
				inside = 0
			}
		case xmlscan.Text:
			if inside != 0 {
				places = append(places, at)
			}
		}
	}
}

// The seeds of the fuzz targets: every form, and some broken ones.
func seeds(t testing.TB) [][]byte {
	var out [][]byte
	for _, r := range requests() {
		out = append(out, signedRequest(t, r))
	}
	for _, r := range responses() {
		out = append(out, signedResponse(t, r))
	}
	for _, doc := range []string{
		"", "<a/>", "<html><body>maintenance</body></html>",
		`<ebicsRequest xmlns="urn:org:ebics:H004"><header authenticate="true"/><AuthSignature/><body/></ebicsRequest>`,
		`<ebicsKeyManagementResponse xmlns="urn:org:ebics:H004"><header authenticate="true"><static/><mutable><ReturnCode>000000</ReturnCode><ReportText/></mutable></header><body><ReturnCode>000000</ReturnCode></body></ebicsKeyManagementResponse>`,
	} {
		out = append(out, []byte(doc))
	}
	return out
}

// keyOrders are the order types that send keys.
var keyOrders = []ebics.OrderType{ebics.INI, ebics.PUB, ebics.HIA, ebics.HCA, ebics.HCS, ebics.H3K}

// sampleKeys are all three keys in certificates.
func sampleKeys() KeyOrderData {
	keys := testkeys.Certified()
	signature, authentication, encryption := keys.Signature.Public(), keys.Authentication.Public(), keys.Encryption.Public()
	return KeyOrderData{Subscriber: testSubscriber, Signature: &signature, Authentication: &authentication, Encryption: &encryption}
}

var keysMade = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// orderData is each document of the protocol in each version: "H005 HIA".
func orderData(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	add := func(name string, data []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = data
	}
	for _, v := range ebics.Versions() {
		for _, o := range keyOrders {
			if o == ebics.H3K && v == ebics.H003 {
				continue
			}
			data, err := WriteKeys(v, o, sampleKeys(), keysMade)
			add(string(v)+" "+string(o), data, err)
		}
		data, err := WriteHPB(v, "HOST1", testkeys.CertifiedBank().Public(), keysMade)
		add(string(v)+" HPB", data, err)
		add(string(v)+" signatures", WriteSignatures(v, OrderSignature{Version: "A006", Subscriber: testSubscriber, Value: []byte("x")}), nil)
	}
	bare := sampleKeys()
	for _, key := range []*ebics.PublicKey{bare.Signature, bare.Authentication, bare.Encryption} {
		key.Certificate = nil
	}
	for _, o := range []ebics.OrderType{ebics.INI, ebics.HIA, ebics.HCS} {
		data, err := WriteKeys(ebics.H004, o, bare, keysMade)
		add("H004 "+string(o)+" bare", data, err)
	}
	return all
}

func TestFuzzCorporaAreNotEmpty(t *testing.T) {
	if len(seeds(t)) < 15 || len(orderData(t)) < 20 {
		t.Error("seeds are missing")
	}
}

// FuzzRead: no input panics, and what verifies is what was signed.
func FuzzRead(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	user, bank := testkeys.Subscriber().Authentication.Public(), testkeys.Bank().Authentication.Public()
	f.Fuzz(func(t *testing.T, doc []byte) {
		m, err := Read(doc)
		if err != nil {
			return
		}
		m.Claim()
		_, _ = m.ReadUnsecured()
		_, _ = m.ReadKeyManagementResponse()
		_, _ = m.ReadHEVRequest()
		_, _ = m.ReadHEVResponse()
		if r, err := m.VerifyRequest(user); err == nil {
			if _, err := r.Sign(testkeys.Subscriber().Authentication); err != nil {
				t.Fatalf("verified request cannot be written: %v", err)
			}
		}
		_, _ = m.VerifyResponse(bank)
	})
}

// FuzzOrderData: no input panics; keys that are read are usable.
func FuzzOrderData(f *testing.F) {
	for _, seed := range orderData(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, o := range keyOrders {
			k, err := ReadKeys(o, data)
			if err != nil {
				continue
			}
			for _, key := range []*ebics.PublicKey{k.Signature, k.Authentication, k.Encryption} {
				if key != nil && key.Check() != nil {
					t.Fatal("unusable key")
				}
			}
		}
		if k, _, err := ReadHPB(data); err == nil && k.Check() != nil {
			t.Fatal("unusable key")
		}
		_, _ = ReadSignatures(data)
	})
}

func TestOrderDataRoundTrips(t *testing.T) {
	keys, bank := testkeys.Certified(), testkeys.CertifiedBank().Public()
	for name, data := range orderData(t) {
		bare := strings.HasSuffix(name, " bare")
		switch o := ebics.OrderType(name[5:8]); o {
		case ebics.HPB:
			hpb, host, err := ReadHPB(data)
			if err != nil || host != "HOST1" || !hpb.Equal(bank) || !hpb.Encryption.SameCertificate(bank.Encryption) {
				t.Errorf("%s: %v", name, err)
			}
		case "sig":
			signatures, err := ReadSignatures(data)
			if err != nil || len(signatures) != 1 || signatures[0].Subscriber != testSubscriber || string(signatures[0].Value) != "x" {
				t.Errorf("%s: %+v, %v", name, signatures, err)
			}
		default:
			got, err := ReadKeys(o, data)
			if err != nil || got.Subscriber != testSubscriber {
				t.Errorf("%s: %v", name, err)
			}
			count := 0
			for _, pair := range []struct {
				got  *ebics.PublicKey
				want ebics.PublicKey
			}{
				{got.Signature, keys.Signature.Public()}, {got.Authentication, keys.Authentication.Public()}, {got.Encryption, keys.Encryption.Public()},
			} {
				if pair.got == nil {
					continue
				}
				if count++; !pair.got.Equal(pair.want) || bare == pair.got.SameCertificate(pair.want) {
					t.Errorf("%s: %s key differs", name, pair.want.Version)
				}
			}
			if want := map[ebics.OrderType]int{ebics.INI: 1, ebics.PUB: 1, ebics.HIA: 2, ebics.HCA: 2, ebics.HCS: 3, ebics.H3K: 3}[o]; count != want {
				t.Errorf("%s: %d keys, want %d", name, count, want)
			}
		}
	}
}

// A certificate that is one of another key than the key beside it says two
// things; whoever believes one of them is deceived.
func TestCertificateOfAnotherKeyIsRefused(t *testing.T) {
	data := orderData(t)
	signature := testkeys.Certified().Signature.Certificate.Raw
	other := testkeys.Certified().Encryption.Certificate.Raw
	for _, name := range []string{"H004 INI", "H003 PUB"} {
		changed := strings.Replace(string(data[name]), base64.StdEncoding.EncodeToString(signature), base64.StdEncoding.EncodeToString(other), 1)
		var key *KeyError
		if _, err := ReadKeys(ebics.OrderType(name[5:]), []byte(changed)); !errors.As(err, &key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// H005 has nothing but certificates to send keys in, and H3K in no version.
func TestKeysWithoutCertificatesAreNotWritten(t *testing.T) {
	keys := sampleKeys()
	keys.Signature.Certificate = nil
	for _, row := range []struct {
		v ebics.Version
		o ebics.OrderType
	}{{ebics.H005, ebics.INI}, {ebics.H005, ebics.HCS}, {ebics.H004, ebics.H3K}} {
		var key *KeyError
		if _, err := WriteKeys(row.v, row.o, keys, keysMade); !errors.As(err, &key) {
			t.Errorf("%s %s: %v", row.v, row.o, err)
		}
	}
}

// A bank's key below 2,048 bits is refused, however it is written.
func TestWeakKeysInOrderDataAreRefused(t *testing.T) {
	bank := testkeys.Bank().Public()
	data, err := WriteHPB(ebics.H004, "HOST1", bank, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	modulus := base64.StdEncoding.EncodeToString(bank.Encryption.Key.N.Bytes())
	weak := append(make([]byte, 128), bank.Encryption.Key.N.Bytes()[:128]...)
	_, _, err = ReadHPB([]byte(strings.Replace(good, modulus, base64.StdEncoding.EncodeToString(weak), 1)))
	var key *KeyError
	if !errors.As(err, &key) || key.Element != "EncryptionPubKeyInfo" {
		t.Errorf("1,024 bits behind zeros: %v", err)
	}
}
