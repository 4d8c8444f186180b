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

// requests are one of each form.
func requests() map[string]Request {
	upload := sampleOrder()
	upload.Segments = pointer(2)
	download := sampleOrder()
	download.Type, download.Attribute, download.From, download.To = ebics.C53, ebics.AttributeData, "2026-11-01", "2026-11-24"
	plain := sampleOrder()
	plain.Type, plain.Attribute, plain.SystemID, plain.Product = ebics.HAC, ebics.AttributeData, "", ""
	hpb := sampleOrder()
	hpb.Type, hpb.Attribute, hpb.Authentication, hpb.Encryption = ebics.HPB, ebics.AttributeData, nil, nil
	const id = "0123456789ABCDEF0123456789ABCDEF"
	return map[string]Request{
		"upload":           {Host: "HOST1", Phase: Initialisation, Order: upload, Encryption: sampleEncryption(), SignatureData: []byte("signatures")},
		"download":         {Host: "HOST1", Phase: Initialisation, Order: download},
		"download of new":  {Host: "HOST1", Phase: Initialisation, Order: plain},
		"HPB":              {Host: "HOST1", Order: hpb},
		"transfer up":      {Host: "HOST1", Phase: Transfer, TransactionID: id, Segment: &Segment{1, false}, OrderData: []byte("QUJD")},
		"transfer down":    {Host: "HOST1", Phase: Transfer, TransactionID: id, Segment: &Segment{2, true}},
		"receipt":          {Host: "HOST1", Phase: Receipt, TransactionID: id, Receipt: pointer(0)},
		"negative receipt": {Host: "HOST1", Phase: Receipt, TransactionID: id, Receipt: pointer(1)},
	}
}

// responses are one of each form.
func responses() map[string]Response {
	const id = "0123456789ABCDEF0123456789ABCDEF"
	return map[string]Response{
		"upload": {TransactionID: id, Phase: Initialisation, OrderID: "A001", Technical: ebics.OK, ReportText: "[EBICS_OK] OK", Business: ebics.OK},
		"first segment": {
			TransactionID: id, Segments: 2, Phase: Initialisation, Segment: &Segment{1, false}, Technical: ebics.OK, ReportText: "OK",
			Business: ebics.OK, Encryption: sampleEncryption(), OrderData: []byte("QUJD"),
		},
		"next segment": {TransactionID: id, Phase: Transfer, Segment: &Segment{2, true}, Technical: ebics.OK, ReportText: "OK", Business: ebics.OK, OrderData: []byte("QUJD")},
		"recovery":     {TransactionID: id, Phase: Transfer, Segment: &Segment{1, false}, OrderID: "A001", Technical: ebics.TxRecoverySync, ReportText: "text & <more>", Business: ebics.OK},
		"no data":      {Phase: Initialisation, Technical: ebics.OK, ReportText: "OK", Business: ebics.NoDownloadDataAvailable},
		"receipt":      {TransactionID: id, Phase: Receipt, Technical: ebics.DownloadPostprocessDone, ReportText: "OK", Business: ebics.OK},
	}
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
	request := UnsecuredRequest{Host: "HOST1", Subscriber: testSubscriber, Product: "Kontor", Type: ebics.INI, OrderData: []byte("data")}
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
	response := KeyManagementResponse{Technical: ebics.OK, Business: ebics.OK, ReportText: "OK", Encryption: sampleEncryption(), OrderData: []byte("QUJD")}
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

func orderDataSeeds() [][]byte {
	keys, bank := testkeys.Subscriber(), testkeys.Bank().Public()
	at := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	return [][]byte{
		WriteINI(testSubscriber, keys.Signature.Public(), at),
		WriteHIA(testSubscriber, keys.Authentication.Public(), keys.Encryption.Public(), at),
		WriteHPB("HOST1", bank, at),
		WriteSignatures(OrderSignature{Version: "A006", Subscriber: testSubscriber, Value: []byte("x")}),
	}
}

func TestFuzzCorporaAreNotEmpty(t *testing.T) {
	if len(seeds(t)) < 15 || len(orderDataSeeds()) < 4 {
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
	for _, seed := range orderDataSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := ReadINI(data); err == nil && k.Signature.Check() != nil {
			t.Fatal("unusable key")
		}
		if k, err := ReadHIA(data); err == nil && (k.Authentication.Check() != nil || k.Encryption.Check() != nil) {
			t.Fatal("unusable key")
		}
		if k, _, err := ReadHPB(data); err == nil && k.Check() != nil {
			t.Fatal("unusable key")
		}
		_, _ = ReadSignatures(data)
	})
}

func TestOrderDataRoundTrips(t *testing.T) {
	keys, bank := testkeys.Subscriber(), testkeys.Bank().Public()
	data := orderDataSeeds()
	ini, err := ReadINI(data[0])
	if err != nil || ini.Subscriber != testSubscriber || !ini.Signature.Equal(keys.Signature.Public()) {
		t.Errorf("INI: %v", err)
	}
	hia, err := ReadHIA(data[1])
	if err != nil || !hia.Authentication.Equal(keys.Authentication.Public()) || !hia.Encryption.Equal(keys.Encryption.Public()) {
		t.Errorf("HIA: %v", err)
	}
	hpb, host, err := ReadHPB(data[2])
	if err != nil || host != "HOST1" || !hpb.Equal(bank) {
		t.Errorf("HPB: %v", err)
	}
	signatures, err := ReadSignatures(data[3])
	if err != nil || len(signatures) != 1 || signatures[0].Subscriber != testSubscriber || string(signatures[0].Value) != "x" {
		t.Errorf("signatures: %+v, %v", signatures, err)
	}
}

// A bank's key below 2,048 bits is refused, however it is written.
func TestWeakKeysInOrderDataAreRefused(t *testing.T) {
	bank := testkeys.Bank().Public()
	good := string(WriteHPB("HOST1", bank, time.Time{}))
	modulus := base64.StdEncoding.EncodeToString(bank.Encryption.Key.N.Bytes())
	weak := append(make([]byte, 128), bank.Encryption.Key.N.Bytes()[:128]...)
	_, _, err := ReadHPB([]byte(strings.Replace(good, modulus, base64.StdEncoding.EncodeToString(weak), 1)))
	var key *KeyError
	if !errors.As(err, &key) || key.Element != "EncryptionPubKeyInfo" {
		t.Errorf("1,024 bits behind zeros: %v", err)
	}
}
