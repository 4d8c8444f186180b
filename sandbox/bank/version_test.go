package bank

import (
	"bytes"
	"crypto/x509/pkix"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	customer "kontor/ebics/htd"
	wire "kontor/ebics/veu"
	"kontor/iso20022/pain"
	"kontor/xmlscan"
)

// certifiedKeys are subscriberKeys in certificates.
func certifiedKeys(t *testing.T, keys ebics.SubscriberKeys) ebics.SubscriberKeys {
	t.Helper()
	certified, err := keys.SelfSigned(pkix.Name{CommonName: "test"}, ebics.Validity{
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return certified
}

// joined initialises a user of an open bank in a version, and returns its client.
func (r *running) joined(v ebics.Version, keys ebics.SubscriberKeys, partner, user string) *client.Client {
	r.t.Helper()
	config := client.Config{
		URL: r.ready.URL, HostID: ebics.HostID(r.ready.HostID), Version: v, HTTP: r.http, Now: r.clock.now, SegmentSize: 400, Keys: keys,
		Subscriber: ebics.Subscriber{Partner: ebics.PartnerID(partner), User: ebics.UserID(user)},
	}
	made := func() *client.Client {
		c, err := client.New(config)
		if err != nil {
			r.t.Fatal(err)
		}
		return c
	}
	c := made()
	if err := errors.Join(c.INI(r.t.Context()), c.HIA(r.t.Context())); err != nil {
		r.t.Fatal(err)
	}
	bank, err := c.HPB(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	config.Bank = &bank
	return made()
}

// creditTransfer names an order in the words of all versions.
func creditTransfer() ebics.Order {
	return ebics.Order{
		Type: ebics.CCT, Attribute: ebics.AttributeOrder, Signature: ebics.SignatureFlagEDS,
		Service: &ebics.BTF{ServiceName: "SCT", Scope: "DE", MsgName: "pain.001", Version: "09"},
	}
}

func fetchOrder(t *testing.T, c *client.Client, o ebics.Order) ([]byte, error) {
	t.Helper()
	var got []byte
	err := c.DownloadOrder(t.Context(), o, "", "", func(r io.Reader) (err error) { got, err = io.ReadAll(r); return err })
	return got, err
}

// A bureau submits in any version; the account holder's users look at the order,
// fetch its file, and release it over the wire by the rule of classes.
func TestOrdersAreReleasedOverTheWireInEachVersion(t *testing.T) {
	for _, v := range ebics.Versions() {
		t.Run(string(v), func(t *testing.T) {
			r := start(t, t.TempDir(), func(o *Options) { o.Open = true })
			keys := certifiedKeys(t, subscriberKeys())
			holder := string(r.state().Accounts[0].HolderPartner)
			bureau := r.joined(v, keys, BureauPartner, "KONTORT1")
			first, second, again := r.joined(v, keys, holder, holder+"A1"), r.joined(v, keys, holder, holder+"B1"), r.joined(v, keys, holder, holder+"B2")
			data := order(t, "MSG1", pain.TransferBatch{DebtorAccount: r.state().Accounts[0].IBAN, Payments: []pain.Transfer{
				pay(1000, iban("0000000001")), pay(2000, iban("0000000002")), pay(3000, iban("0000000003")),
			}})
			sent, err := send(t, bureau, creditTransfer(), data, 0)
			if err != nil || sent.OrderID == "" {
				t.Fatalf("%+v, %v", sent, err)
			}
			list, err := first.HVZ(t.Context(), wire.Filter{Types: []ebics.OrderType{ebics.CCT}, Services: []ebics.BTF{{ServiceName: "SCT"}}})
			if err != nil || len(list) != 1 {
				t.Fatalf("%d orders, %v", len(list), err)
			}
			got := list[0]
			if got.OrderID != sent.OrderID || got.Partner != BureauPartner || !got.Signing.Ready || got.Signing.Done != 0 || got.Transactions != 3 ||
				got.Total != "60.00" || len(got.Signers) != 1 || got.Signers[0].Class != "T" {
				t.Errorf("HVZ: %+v", got)
			}
			ref := got.Reference
			page, err := first.HVT(t.Context(), ref, 1, 1)
			if err != nil || page.Total != 3 || len(page.List) != 1 || page.List[0].Amount != "20.00" || page.List[0].Accounts[1].Holder != "Erika Muster" {
				t.Errorf("HVT: %+v, %v", page, err)
			}
			var file []byte
			if err := first.HVTFile(t.Context(), ref, func(r io.Reader) (err error) { file, err = io.ReadAll(r); return err }); err != nil || !bytes.Equal(file, data) {
				t.Errorf("HVT file: %d bytes, %v", len(file), err)
			}
			details, err := second.HVD(t.Context(), ref)
			if err != nil || !bytes.Equal(details.Digest, got.Digest) || !strings.Contains(string(details.Display), "MSG1") {
				t.Errorf("HVD: %+v, %v", details, err)
			}
			for _, step := range []struct {
				name string
				do   func() error
				want ebics.ReturnCode // "" = carried out
			}{
				{"a transport user", func() error { return bureau.HVEFile(t.Context(), ref, bytes.NewReader(file)) }, ebics.AuthorisationOrderTypeFailed},
				{"another file", func() error { return first.HVEFile(t.Context(), ref, strings.NewReader("x")) }, ebics.SignatureVerificationFailed},
				{"a B first", func() error { return second.HVEFile(t.Context(), ref, bytes.NewReader(file)) }, ""},
				{"the same again", func() error { return second.HVEFile(t.Context(), ref, bytes.NewReader(file)) }, ebics.DuplicateSignature},
				{"another B", func() error { return again.HVEFile(t.Context(), ref, bytes.NewReader(file)) }, ebics.InvalidSignerState},
				{"an A", func() error { return first.HVE(t.Context(), ref, [32]byte(got.Digest)) }, ""},
				{"when it is over", func() error { return first.HVE(t.Context(), ref, [32]byte(got.Digest)) }, ebics.OrderIDUnknown},
			} {
				if err := step.do(); (step.want == "") != (err == nil) || err != nil && !refusedWith(err, step.want) {
					t.Errorf("%s: %v", step.name, err)
				}
			}
			if o := r.orders(); len(o) != 1 || o[0].State != "executed" {
				t.Errorf("orders %+v", o)
			}
			if left, err := first.HVU(t.Context(), wire.Filter{}); err != nil || len(left) != 0 {
				t.Errorf("still waiting: %+v, %v", left, err)
			}
		})
	}
}

// Orders are the business of the holders and of who submitted them.
func TestOrdersAreCancelledOverTheWire(t *testing.T) {
	r := start(t, t.TempDir(), func(o *Options) { o.Open = true })
	bureau := r.joined(ebics.H004, subscriberKeys(), BureauPartner, "KONTORT1")
	stranger := r.joined(ebics.H004, subscriberKeys(), "STRANGER", "S1")
	data := order(t, "MSG1", pain.TransferBatch{DebtorAccount: r.state().Accounts[0].IBAN, Payments: []pain.Transfer{pay(1000, iban("0000000001"))}})
	sent, err := send(t, bureau, creditTransfer(), data, 0)
	if err != nil {
		t.Fatal(err)
	}
	ref := wire.Reference{Partner: BureauPartner, OrderID: sent.OrderID, Type: ebics.CCT}
	if _, err := stranger.HVD(t.Context(), ref); !refusedWith(err, ebics.DistributedSignatureNotAuthorised) {
		t.Errorf("a stranger looks: %v", err)
	}
	if list, err := stranger.HVZ(t.Context(), wire.Filter{}); err != nil || len(list) != 0 {
		t.Errorf("a stranger's folder: %+v, %v", list, err)
	}
	digest, err := wire.Digest(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.HVS(t.Context(), ref, digest); !refusedWith(err, ebics.AuthorisationOrderTypeFailed) {
		t.Errorf("a stranger cancels: %v", err)
	}
	if err := bureau.HVS(t.Context(), ref, digest); err != nil {
		t.Error(err)
	}
	if lines, _ := protocol(t, bureau); !slices.Contains(lines, "VEU_CANCEL_ORDER DS02 KONTORT1") {
		t.Errorf("protocol %q", lines)
	}
}

// What the bank says about itself and its customers is valid in each version, and
// names what the bank takes in the words of that version.
func TestMasterDataIsValidInEachVersion(t *testing.T) {
	for _, v := range ebics.Versions() {
		t.Run(string(v), func(t *testing.T) {
			r := start(t, t.TempDir(), func(o *Options) { o.Open = true })
			c := r.joined(v, certifiedKeys(t, subscriberKeys()), BureauPartner, "KONTORT1")
			data := order(t, "MSG1", pain.TransferBatch{DebtorAccount: r.state().Accounts[0].IBAN, Payments: []pain.Transfer{pay(1000, iban("0000000001"))}})
			if _, err := send(t, c, creditTransfer(), data, 0); err != nil {
				t.Fatal(err)
			}
			r.advance("1") // writes statements
			schema := filepath.Join("..", "ebics", "xsd", string(v), "ebics_orders_"+string(v))
			documents := map[ebics.OrderType][]byte{}
			for _, t2 := range []ebics.OrderType{ebics.HTD, ebics.HKD, ebics.HPD, ebics.HAA} {
				document, err := fetchOrder(t, c, ebics.Order{Type: t2})
				if err != nil {
					t.Fatalf("%s: %v", t2, err)
				}
				validate(t, schema, document)
				documents[t2] = document
			}
			own, err := customer.Read(bytes.NewReader(documents[ebics.HTD]), xmlscan.Limits{})
			if err != nil || len(own.Users) != 1 || len(own.Partner.Accounts) != 4 {
				t.Errorf("HTD: %+v, %v", own, err)
			}
			all, err := customer.Read(bytes.NewReader(documents[ebics.HKD]), xmlscan.Limits{})
			if err != nil || len(all.Users) != 2 {
				t.Errorf("HKD: %d users, %v", len(all.Users), err)
			}
			if v == ebics.H005 {
				service := ebics.BTF{}
				for _, o := range own.Partner.Orders {
					if o.Service != nil && o.Service.ServiceName == "SCT" && o.Type == ebics.BTU {
						service = *o.Service
					}
				}
				if level, ok := own.Users[0].PermitsService(ebics.BTU, service); !ok || level != "T" {
					t.Errorf("H005: %+v is permitted %t with class %q", service, ok, level)
				}
			} else if level, ok := own.Users[0].Permits(ebics.CCT); !ok || level != "T" {
				t.Errorf("CCT is permitted %t with class %q", ok, level)
			}
			parameters, err := customer.ReadHPD(bytes.NewReader(documents[ebics.HPD]))
			if err != nil || !parameters.Recovery || string(parameters.Host) != r.ready.HostID || parameters.Addresses[0].URL != r.ready.URL {
				t.Errorf("HPD: %+v, %v", parameters, err)
			}
			news, err := customer.ReadHAA(bytes.NewReader(documents[ebics.HAA]))
			statements := ebics.Order{Type: ebics.C53}
			if v == ebics.H005 && len(news.Services) == 1 {
				statements.Service = &news.Services[0]
			}
			if content, err := fetchOrder(t, c, statements); err != nil || !bytes.HasPrefix(content, []byte("PK")) {
				t.Errorf("what HAA names: %v", err)
			}
			if err != nil || v != ebics.H005 && !slices.Equal(news.Orders, []ebics.OrderType{ebics.HAC, ebics.C53}) {
				t.Errorf("HAA: %+v, %v", news, err)
			}
		})
	}
}

// In H003 the customer's order id counts, and only once.
func TestCustomersOrderIDsAreTakenOnce(t *testing.T) {
	r := start(t, t.TempDir(), func(o *Options) { o.Open = true })
	config := client.Config{
		URL: r.ready.URL, HostID: ebics.HostID(r.ready.HostID), Version: ebics.H003, HTTP: r.http, Now: r.clock.now, Keys: subscriberKeys(),
		Subscriber: ebics.Subscriber{Partner: BureauPartner, User: "KONTORT1"}, NextOrderID: func() ebics.OrderID { return "A001" },
	}
	bank, err := r.joined(ebics.H003, subscriberKeys(), BureauPartner, "KONTORT1").HPB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config.Bank = &bank
	old, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	data := order(t, "MSG1", pain.TransferBatch{DebtorAccount: r.state().Accounts[0].IBAN, Payments: []pain.Transfer{pay(1000, iban("0000000001"))}})
	if sent, err := send(t, old, creditTransfer(), data, 0); err != nil || sent.OrderID != "A001" {
		t.Fatalf("%+v, %v", sent, err)
	}
	if _, err := send(t, old, creditTransfer(), data, 0); !refusedWith(err, ebics.OrderIDAlreadyExists) {
		t.Errorf("the same id again: %v", err)
	}
	config.Version = ebics.H004
	later, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if sent, err := send(t, later, creditTransfer(), data, 0); err != nil || sent.OrderID == "A001" || sent.OrderID == "" {
		t.Errorf("the bank's own id beside it: %+v, %v", sent, err)
	}
}

// Keys change with the old signature key, and a suspended user stays out, also after
// a restart of the bank.
func TestKeysChangeAndUsersSuspendThemselves(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, func(o *Options) { o.Open = true })
	keys := certifiedKeys(t, subscriberKeys())
	c := r.joined(ebics.H005, keys, BureauPartner, "KONTORT1")
	next := keys
	next.Encryption, next.Authentication = keys.Authentication, keys.Encryption // other keys for both purposes
	next.Encryption.Version, next.Authentication.Version = ebics.E002, ebics.X002
	next = certifiedKeys(t, next)
	if err := c.HCA(t.Context(), next.Authentication, next.Encryption); err != nil {
		t.Fatal(err)
	}
	if _, err := fetchOrder(t, c, ebics.Order{Type: ebics.HTD}); !refusedWith(err, ebics.AuthenticationFailed) {
		t.Errorf("with the old keys: %v", err)
	}
	bank := func() *client.Client {
		config := client.Config{
			URL: r.ready.URL, HostID: ebics.HostID(r.ready.HostID), Version: ebics.H005, HTTP: r.http, Now: r.clock.now, Keys: next,
			Subscriber: ebics.Subscriber{Partner: BureauPartner, User: "KONTORT1"},
		}
		first, err := client.New(config)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := first.HPB(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		config.Bank = &keys
		second, err := client.New(config)
		if err != nil {
			t.Fatal(err)
		}
		return second
	}
	c = bank()
	if _, err := fetchOrder(t, c, ebics.Order{Type: ebics.HTD}); err != nil {
		t.Errorf("with the new keys: %v", err)
	}
	if err := c.SPR(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := fetchOrder(t, c, ebics.Order{Type: ebics.HTD}); !refusedWith(err, ebics.AuthenticationFailed) {
		t.Errorf("after SPR: %v", err)
	}
	if err := c.INI(t.Context()); !refusedWith(err, ebics.InvalidUserOrUserState) {
		t.Errorf("a suspended user initialises: %v", err)
	}
}

// H3K needs no letter and no second order.
func TestH3KMakesAUserReady(t *testing.T) {
	r := start(t, t.TempDir(), nil)
	config := client.Config{
		URL: r.ready.URL, HostID: ebics.HostID(r.ready.HostID), Version: ebics.H005, HTTP: r.http, Now: r.clock.now, Keys: certifiedKeys(t, subscriberKeys()),
		Subscriber: ebics.Subscriber{Partner: BureauPartner, User: "KONTORT1"},
	}
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.H3K(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.HPB(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.H3K(t.Context()); !refusedWith(err, ebics.InvalidUserOrUserState) {
		t.Errorf("a second time: %v", err)
	}
}
