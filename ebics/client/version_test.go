package client_test

import (
	"bytes"
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/server"
	"kontor/ebics/veu"
)

var (
	creditTransfer = ebics.BTF{ServiceName: "SCT", Scope: "DE", MsgName: "pain.001", Version: "09"}
	statements     = ebics.BTF{ServiceName: "EOP", Scope: "DE", Container: "ZIP", MsgName: "camt.053"}
)

// payment names a credit transfer in the words of every version.
func payment() ebics.Order {
	service := creditTransfer
	return ebics.Order{Type: ebics.CCT, Attribute: ebics.AttributeOrder, Service: &service, FileName: "wages.xml", AdditionalInfo: "wages"}
}

// statement names statements likewise.
func statement() ebics.Order {
	service := statements
	return ebics.Order{Type: ebics.C53, Service: &service}
}

// eachVersion runs a test in every version, with keys in certificates.
func eachVersion(t *testing.T, options server.Options, run func(t *testing.T, v ebics.Version, i installation)) {
	t.Helper()
	for _, v := range ebics.Versions() {
		t.Run(string(v), func(t *testing.T) {
			i := install(t, options)
			i.bank.Own = testkeys.CertifiedBank()
			keys := testkeys.CertifiedBank().Public()
			i.config.Version, i.config.Keys, i.config.Bank = v, testkeys.Certified(), &keys
			w := &recorder{documents: map[string][]byte{}}
			i.config.Trace = w.trace
			run(t, v, i)
			w.judge(t, v)
		})
	}
}

// recorder keeps every message of a test.
type recorder struct {
	mu        sync.Mutex
	documents map[string][]byte
	answers   map[string][]byte // signed by the bank
}

func (w *recorder) trace(x client.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.documents)
	name := fmt.Sprintf("%03d %s %s", n, x.Order, x.Phase)
	if x.Order == "HEV" {
		return // judged by another schema
	}
	w.documents[name+" request"] = bytes.Clone(x.Request)
	if x.Response != nil {
		w.documents[name+" response"] = bytes.Clone(x.Response)
	}
	if bytes.Contains(x.Response, []byte("<AuthSignature>")) {
		if w.answers == nil {
			w.answers = map[string][]byte{}
		}
		w.answers[name] = bytes.Clone(x.Response)
	}
}

// judge lets the official schema and foreign libraries look at everything that
// both sides wrote.
func (w *recorder) judge(t *testing.T, v ebics.Version) {
	t.Helper()
	if len(w.documents) == 0 { // the version had nothing to say
		return
	}
	witness.Validate(t, "ebics_"+string(v)+".xsd", w.documents)
	if len(w.answers) > 0 {
		witness.VerifySignatures(t, testkeys.Bank().Authentication.Public().Key, w.answers)
	}
}

func (i installation) offer(v ebics.Version, data []byte) {
	if v == ebics.H005 {
		i.bank.OfferService(statements, data)
	} else {
		i.bank.Offer(ebics.C53, data)
	}
}

// The whole life of a contact in every version: keys, orders, other keys, the end.
func TestLifeOfAContactInEachVersion(t *testing.T) {
	eachVersion(t, server.Options{SegmentSize: 1000, Strict: true}, func(t *testing.T, v ebics.Version, i installation) {
		ctx := t.Context()
		i.bank.AutoActivate = true
		i.config.SegmentSize, i.config.Bank = 400, nil
		if got, err := client.Negotiate(ctx, i.config, v); err != nil || got != v {
			t.Errorf("negotiated %q: %v", got, err)
		}
		c := i.client(t)
		if err := errors.Join(c.INI(ctx), c.HIA(ctx)); err != nil {
			t.Fatal(err)
		}
		keys, err := c.HPB(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !keys.Equal(testkeys.Bank().Public()) {
			t.Error("HPB brought other keys")
		}
		if expires, known := keys.Expires(); !known || !expires.Equal(testkeys.Validity.NotAfter) {
			t.Errorf("the bank's keys expire at %v, known %t", expires, known)
		}
		i.config.Bank = &keys
		c = i.client(t)
		data := noise(1500)
		transaction, err := upload(ctx, c, payment(), data)
		if err != nil {
			t.Fatal(err)
		}
		got := i.bank.Uploads()[0]
		if !bytes.Equal(got.Data, data) || !got.SignatureValid || got.Order.Version != v || got.OrderID != transaction.OrderID || transaction.OrderID == "" {
			t.Errorf("the bank got %d bytes, valid %t, as %q of %s", len(got.Data), got.SignatureValid, got.OrderID, got.Order.Version)
		}
		if got.Order.Attribute != ebics.AttributeOrder || got.DigestNamed != (v == ebics.H005) || got.Order.Segments < 3 {
			t.Errorf("header %+v, digest named %t", got.Order, got.DigestNamed)
		}
		if v == ebics.H005 && (*got.Order.Service != creditTransfer || got.Order.FileName != "wages.xml" || got.Order.AdditionalInfo != "wages") {
			t.Errorf("H005 header %+v", got.Order)
		}
		i.offer(v, noise(5000))
		var fetched []byte
		if err := c.DownloadOrder(ctx, statement(), "2026-11-01", "2026-11-24", func(r io.Reader) (err error) {
			fetched, err = io.ReadAll(r)
			return err
		}); err != nil || !bytes.Equal(fetched, noise(5000)) {
			t.Errorf("download of %d bytes: %v", len(fetched), err)
		}
		if h := i.bank.Fetched()[0]; h.From != "2026-11-01" || h.To != "2026-11-24" || h.Version != v {
			t.Errorf("fetched %+v", h)
		}
		changeKeys(ctx, t, i)
	})
}

// changeKeys replaces all keys, one way after the other, and then suspends the
// contact. The old keys must be worth nothing after each step.
func changeKeys(ctx context.Context, t *testing.T, i installation) {
	t.Helper()
	works := func(keys ebics.SubscriberKeys) error {
		config := i.config
		config.Keys = keys
		c, err := client.New(config)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = upload(ctx, c, payment(), []byte("order"))
		return err
	}
	next, err := testkeys.Other().SelfSigned(pkix.Name{CommonName: "K1 U1"}, testkeys.Validity)
	if err != nil {
		t.Fatal(err)
	}
	old := i.config.Keys
	afterPUB := ebics.SubscriberKeys{Signature: next.Signature, Authentication: old.Authentication, Encryption: old.Encryption}
	for _, step := range []struct {
		name          string
		change        func(c *client.Client) error
		before, after ebics.SubscriberKeys
	}{
		{"PUB", func(c *client.Client) error { return c.PUB(ctx, next.Signature) }, old, afterPUB},
		{"HCA", func(c *client.Client) error { return c.HCA(ctx, next.Authentication, next.Encryption) }, afterPUB, next},
		{"HCS", func(c *client.Client) error { return c.HCS(ctx, old) }, next, old},
	} {
		config := i.config
		config.Keys = step.before
		c, err := client.New(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := step.change(c); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if err := works(step.after); err != nil {
			t.Errorf("the new keys after %s: %v", step.name, err)
		}
		if err := works(step.before); err == nil {
			t.Errorf("the old keys still work after %s", step.name)
		}
	}
	c := i.client(t)
	if err := c.SPR(ctx); err != nil {
		t.Fatal(err)
	}
	var refused *client.Error
	if err := works(old); !errors.As(err, &refused) || refused.Technical != ebics.AuthenticationFailed {
		t.Errorf("after SPR: %v", err)
	}
}

// H3K is INI and HIA in one, with certificates.
func TestH3KInitialisesAtOnce(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, v ebics.Version, i installation) {
		c := i.client(t)
		err := c.H3K(t.Context())
		if v == ebics.H003 {
			if err == nil {
				t.Error("H003 has no H3K")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := upload(t.Context(), c, payment(), []byte("order")); err != nil {
			t.Error(err)
		}
		late := i.config
		late.Now = func() time.Time { return now() }
		expired, err := testkeys.Other().SelfSigned(pkix.Name{CommonName: "old"}, ebics.Validity{NotBefore: now().AddDate(-2, 0, 0), NotAfter: now().AddDate(-1, 0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		late.Keys, late.Subscriber.User = expired, "U2"
		c, err = client.New(late)
		if err != nil {
			t.Fatal(err)
		}
		var refused *client.Error
		if err := c.H3K(t.Context()); !errors.As(err, &refused) || refused.Business != ebics.X509CertificateExpired {
			t.Errorf("expired certificates: %v", err)
		}
	})
}

// waiting is an order of a service bureau in the VEU, in the words of a version.
func waiting(v ebics.Version, id ebics.OrderID, data []byte) ebicstest.Waiting {
	digest, _ := veu.Digest(bytes.NewReader(data)) // a reader of bytes never fails
	credit := true
	o := veu.Order{
		Reference: veu.Reference{Partner: "SRZ1", OrderID: id}, DataSize: int64(len(data)), Detailed: true, Digest: digest[:], SignatureVersion: ebics.A006,
		Signing: veu.Signing{Ready: true, Required: 1}, DataAvailable: true, DetailsAvailable: true, Transactions: 3, Total: "30.00", Currency: "EUR",
		Originator: veu.Person{Subscriber: ebics.Subscriber{Partner: "SRZ1", User: "T1"}, Name: "Bureau & Sons", At: now()},
		FirstParty: "Example GmbH", FirstAccountKnown: true, FirstAccount: veu.Account{IBAN: "DE02120300000000202051", BIC: "BYLADEM1001"},
	}
	o.Signers = []veu.Signer{{Person: o.Originator, Class: "T"}}
	if v.Classic() {
		o.Type = ebics.CCT
	} else {
		service := creditTransfer
		o.Service, o.AdditionalInfo = &service, "wages"
	}
	if v != ebics.H003 {
		o.TotalCredit = &credit
	}
	w := ebicstest.Waiting{Order: o, Data: data}
	for n := range 3 {
		w.Transactions = append(w.Transactions, veu.Transaction{
			Amount: "10.00", Currency: "EUR", Credit: &credit, ExecutionDate: "2026-11-26",
			Accounts: []veu.Account{
				{Role: "Originator", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001", Holder: "Example GmbH", Currency: "EUR"},
				{Role: "Recipient", IBAN: "DE02500105170137075030", BIC: "INGDDEFFXXX", Holder: "Recipient " + string(rune('A'+n))},
			},
			Descriptions: []veu.Description{{Type: "Purpose", Text: "wages <November>"}},
		})
	}
	return w
}

// Whoever signs sees what waits, its digest, its payments and its file; and the bank
// takes the signature only of the order that was meant.
func TestDistributedSignatureInEachVersion(t *testing.T) {
	eachVersion(t, server.Options{SegmentSize: 1000}, func(t *testing.T, v ebics.Version, i installation) {
		ctx := t.Context()
		i.bank.Enrol(subscriber, testkeys.Certified())
		c := i.client(t)
		if orders, err := c.HVZ(ctx, veu.Filter{}); err != nil || len(orders) != 0 {
			t.Errorf("an empty folder: %v, %v", orders, err)
		}
		first, second := waiting(v, "A001", append([]byte("order 1\r\n"), noise(3000)...)), waiting(v, "A002", []byte("order 2"))
		i.bank.Put(first)
		i.bank.Put(second)
		orders, err := c.HVZ(ctx, veu.Filter{})
		if err != nil || len(orders) != 2 {
			t.Fatalf("HVZ: %d orders, %v", len(orders), err)
		}
		compareOrder(t, orders[0], first.Order)
		overview, err := c.HVU(ctx, veu.Filter{Types: []ebics.OrderType{ebics.CCT}, Services: []ebics.BTF{{ServiceName: "SCT"}}})
		if err != nil || len(overview) != 2 || overview[0].Detailed || overview[0].OrderID != "A001" {
			t.Errorf("HVU: %+v, %v", overview, err)
		}
		ref := orders[0].Reference
		details, err := c.HVD(ctx, ref)
		if err != nil || !bytes.Equal(details.Digest, first.Digest) || string(details.Display) != "order A001" || len(details.Signers) != 1 {
			t.Errorf("HVD: %+v, %v", details, err)
		}
		page, err := c.HVT(ctx, ref, 2, 2)
		if err != nil || page.Total != 3 || len(page.List) != 1 || page.List[0].Accounts[1].Holder != "Recipient C" ||
			page.List[0].Descriptions[0].Text != "wages <November>" || page.List[0].Accounts[0].Role != "Originator" {
			t.Errorf("HVT: %+v, %v", page, err)
		}
		var file []byte
		if err := c.HVTFile(ctx, ref, func(r io.Reader) (err error) { file, err = io.ReadAll(r); return err }); err != nil || !bytes.Equal(file, first.Data) {
			t.Errorf("HVT file: %d bytes, %v", len(file), err)
		}
		var refused *client.Error
		if err := c.HVEFile(ctx, ref, bytes.NewReader([]byte("another order"))); !errors.As(err, &refused) || refused.Business != ebics.SignatureVerificationFailed {
			t.Errorf("a signature over something else: %v", err)
		}
		if err := c.HVEFile(ctx, ref, bytes.NewReader(file)); err != nil {
			t.Errorf("HVE: %v", err)
		}
		if err := c.HVS(ctx, orders[1].Reference, [32]byte(orders[1].Digest)); err != nil {
			t.Errorf("HVS: %v", err)
		}
		if err := c.HVE(ctx, ref, [32]byte(first.Digest)); !errors.As(err, &refused) || refused.Business != ebics.OrderIDUnknown {
			t.Errorf("an order that is gone: %v", err)
		}
		signed, cancelled := i.bank.Decided()
		if len(signed) != 1 || signed[0].Reference.OrderID != "A001" || len(cancelled) != 1 || cancelled[0].Reference.OrderID != "A002" {
			t.Errorf("signed %+v, cancelled %+v", signed, cancelled)
		}
		// The server's own answers must have ended their transactions.
		if len(i.bank.Receipts()) != 0 {
			t.Error("the bank got receipts for what it did not give")
		}
	})
}

func compareOrder(t *testing.T, got, want veu.Order) {
	t.Helper()
	if got.Partner != want.Partner || got.OrderID != want.OrderID || got.Type != want.Type || got.DataSize != want.DataSize ||
		!bytes.Equal(got.Digest, want.Digest) || got.SignatureVersion != want.SignatureVersion || got.Signing != want.Signing ||
		got.Total != want.Total || got.Currency != want.Currency || got.Transactions != want.Transactions || got.FirstParty != want.FirstParty ||
		got.FirstAccount != want.FirstAccount || !got.Originator.At.Equal(want.Originator.At) || got.Originator.Name != want.Originator.Name ||
		!slices.EqualFunc(got.Signers, want.Signers, func(a, b veu.Signer) bool { return a.Class == b.Class && a.Subscriber == b.Subscriber }) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if want.Service != nil && (got.Service == nil || *got.Service != *want.Service || got.AdditionalInfo != want.AdditionalInfo) {
		t.Errorf("service %+v, want %+v", got.Service, want.Service)
	}
	if want.TotalCredit != nil && (got.TotalCredit == nil || *got.TotalCredit != *want.TotalCredit) {
		t.Error("isCredit differs")
	}
}

// A bank that has not the wanted version, or no version we know.
func TestNegotiationTakesTheFirstThatIsOffered(t *testing.T) {
	for _, row := range []struct {
		name      string
		offered   []ebics.Version
		preferred []ebics.Version
		want      ebics.Version
	}{
		{"everything", nil, nil, ebics.H005},
		{"no H005", []ebics.Version{ebics.H004, ebics.H003}, nil, ebics.H004},
		{"our wish comes first", nil, []ebics.Version{ebics.H004, ebics.H005}, ebics.H004},
		{"H003 is not taken unasked", []ebics.Version{ebics.H003}, nil, ""},
		{"H003 by name", []ebics.Version{ebics.H003}, []ebics.Version{ebics.H003}, ebics.H003},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := install(t, server.Options{Versions: row.offered})
			got, err := client.Negotiate(t.Context(), i.config, row.preferred...)
			if got != row.want || (row.want == "") != errors.Is(err, client.ErrNoCommonVersion) {
				t.Errorf("%q, %v", got, err)
			}
			i.config.HostID = "HOST9"
			var refused *client.Error
			if _, err := client.HEV(t.Context(), i.config); !errors.As(err, &refused) || refused.Technical != ebics.InvalidHostID {
				t.Errorf("another host: %v", err)
			}
		})
	}
}

// Banks of H005 differ in which digest of their keys they want named; the wrong one
// is told with what to do.
func TestKindOfDigestIsASetting(t *testing.T) {
	for _, row := range []struct {
		name   string
		bank   ebics.DigestKind
		client ebics.DigestKind
		taken  bool
	}{
		{"certificate wanted, by version", ebics.DigestCertificate, ebics.DigestByVersion, true},
		{"certificate wanted, certificate", ebics.DigestCertificate, ebics.DigestCertificate, true},
		{"certificate wanted, key", ebics.DigestCertificate, ebics.DigestKey, false},
		{"key wanted, key", ebics.DigestKey, ebics.DigestKey, true},
		{"key wanted, by version", ebics.DigestKey, ebics.DigestByVersion, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := install(t, server.Options{BankDigest: row.bank})
			i.bank.Own = testkeys.CertifiedBank()
			i.bank.Enrol(subscriber, testkeys.Certified())
			keys := testkeys.CertifiedBank().Public()
			i.config.Version, i.config.Bank, i.config.BankDigest = ebics.H005, &keys, row.client
			_, err := upload(t.Context(), i.client(t), payment(), []byte("order"))
			var changed *client.KeyChangedError
			if errors.As(err, &changed) == row.taken || row.taken && err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

// What a version cannot say is refused before anything is encrypted.
func TestOrdersThatTheVersionCannotName(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	for _, row := range []struct {
		name string
		v    ebics.Version
		o    ebics.Order
	}{
		{"H005 without service", ebics.H005, ebics.Order{Type: ebics.CCT, Attribute: ebics.AttributeOrder}},
		{"H005 with half a service", ebics.H005, ebics.Order{Service: &ebics.BTF{ServiceName: "SCT"}}},
		{"H005 with a malformed service", ebics.H005, ebics.Order{Service: &ebics.BTF{ServiceName: "sct", MsgName: "pain.001"}}},
		{"H004 without type", ebics.H004, ebics.Order{Service: &creditTransfer, Attribute: ebics.AttributeOrder}},
		{"H004 with a download's attribute of H005", ebics.H004, ebics.Order{Type: ebics.CCT}},
		{"FUL without format", ebics.H004, ebics.Order{Type: ebics.FUL, Attribute: ebics.AttributeOrder}},
		{"format without FUL", ebics.H003, ebics.Order{Type: ebics.CCT, Attribute: ebics.AttributeOrder, FileFormat: &ebics.FileFormat{Name: "pain.001"}}},
	} {
		i.config.Version = row.v
		if _, err := i.client(t).Prepare(t.Context(), row.o, opener([]byte("order")), io.Discard); err == nil {
			t.Errorf("%s was prepared", row.name)
		}
	}
}

// An upload is signed in the words of one version. In another it is prepared anew.
func TestPreparedUploadBelongsToItsVersion(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	p, err := i.client(t).Prepare(t.Context(), payment(), opener([]byte("order")), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	i.config.Version = ebics.H005
	if _, err := i.client(t).Initialise(t.Context(), p); !errors.Is(err, client.ErrVersionChanged) {
		t.Errorf("%v", err)
	}
	i.config.Version = ebics.H004
	p.Version = "" // stored before there were versions
	if _, err := i.client(t).Initialise(t.Context(), p); err != nil {
		t.Error(err)
	}
}
