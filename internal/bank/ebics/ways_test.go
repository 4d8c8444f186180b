package ebics

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/order"
	"kontor/ebics/server"
	"kontor/internal/hub"
)

// speaking is a wire to a bank that is set up with a profile, after the ceremony.
func speaking(t *testing.T, p hub.BankProfile) *wire {
	t.Helper()
	w := newWire(t)
	w.link.Bank.Profile, w.link.Contact.Created = p, now()
	c := Ceremony{w.Channel}
	w.bank.AutoActivate = true
	must(t, c.Initialise(t.Context(), w.link))
	keys, err := c.FetchKeys(t.Context(), w.link)
	must(t, err)
	w.link.Contact.State, w.link.Contact.BankKeys = hub.ContactReady, keys
	return w
}

// upload sends an order and returns how the bank got it.
func (w *wire) upload(t *testing.T, o hub.UploadOrder) server.OrderHeader {
	t.Helper()
	var spool bytes.Buffer
	p, err := w.Prepare(t.Context(), w.link, o, opener("invented order data"), &spool)
	must(t, err)
	tx, _, err := w.Initialise(t.Context(), w.link, p.Channel)
	must(t, err)
	for n := 1; n <= p.Segments; n++ {
		_, err = w.Transfer(t.Context(), w.link, tx, n, n == p.Segments, spool.Next(p.SegmentSize))
		must(t, err)
	}
	all := w.bank.Uploads()
	last := all[len(all)-1]
	if !last.SignatureValid || string(last.Data) != "invented order data" {
		t.Errorf("upload %+v", last)
	}
	return last.Order
}

// From the first key to a statement, in every version: what the bank gets is named in the words of the version.
func TestOrdersAreNamedInTheWordsOfTheVersion(t *testing.T) {
	for _, version := range []string{"", hub.VersionH003, hub.VersionH004, hub.VersionH005} {
		t.Run("version "+version, func(t *testing.T) {
			w := speaking(t, hub.BankProfile{ProtocolVersion: version})
			for _, tc := range []struct {
				order hub.UploadOrder
				flag  ebics.SignatureFlag
			}{
				{hub.UploadOrder{Type: hub.OrderCreditTransfer, Attribute: hub.AttributeOZHNN}, ebics.SignatureFlagEDS},
				{hub.UploadOrder{Type: hub.OrderDirectDebitCore, Attribute: hub.AttributeDZHNN}, ebics.SignatureFlagNone},
			} {
				got := w.upload(t, tc.order)
				if version != hub.VersionH005 {
					if string(got.Type) != tc.order.Type || got.Attribute != tc.order.Attribute || got.Service != nil {
						t.Errorf("order %+v, want %+v", got, tc.order)
					}
					continue
				}
				if got.Type != ebics.BTU || got.Service == nil || got.Signature != tc.flag {
					t.Fatalf("order %+v, want BTU with flag %s", got, tc.flag)
				}
				if entry, match := order.Default().ByBTF(*got.Service, order.Upload); match != order.ExactMatch || string(entry.Type) != tc.order.Type {
					t.Errorf("service %s is %s (%s), want %s", got.Service, entry.Type, match, tc.order.Type)
				}
			}
			want := func(orderType string, header func(server.OrderHeader) bool) {
				t.Helper()
				err := w.Download(t.Context(), w.link, orderType, func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err })
				if be, ok := errors.AsType[*hub.BankError](err); err != nil && (!ok || be.Outcome != hub.BankNothing) {
					t.Fatal(err)
				}
				if all := w.bank.Fetched(); len(all) == 0 || !header(all[len(all)-1]) {
					t.Errorf("%s was asked for as %+v", orderType, all)
				}
			}
			want("HAC", func(h server.OrderHeader) bool { return h.Type == ebics.HAC && h.Service == nil })
			want("HTD", func(h server.OrderHeader) bool { return h.Type == ebics.HTD && h.Service == nil })
			for orderType, message := range map[string]string{"C53": "camt.053", "CRZ": "pain.002", "CDZ": "pain.002"} {
				want(orderType, func(h server.OrderHeader) bool {
					if version != hub.VersionH005 {
						return string(h.Type) == orderType && h.Service == nil
					}
					return h.Type == ebics.BTD && h.Service != nil && h.Service.MsgName == message && h.Service.Container == "ZIP"
				})
			}
		})
	}
}

// What H005 cannot name is told before anybody is asked; before H005 every type is a name.
func TestOrderTypeWithoutServiceIsToldInH005(t *testing.T) {
	w := speaking(t, hub.BankProfile{ProtocolVersion: hub.VersionH005})
	before := len(w.bank.Fetched())
	err := w.Download(t.Context(), w.link, "X99", func(io.Reader) error { return nil })
	if outcome(t, err) != hub.BankMisconfigured || !strings.Contains(err.Error(), "BTF") || !strings.Contains(err.Error(), "X99") {
		t.Errorf("download: %v", err)
	}
	_, err = w.Prepare(t.Context(), w.link, hub.UploadOrder{Type: "X98", Attribute: "OZHNN"}, opener("x"), io.Discard)
	if outcome(t, err) != hub.BankMisconfigured || !strings.Contains(err.Error(), "X98") {
		t.Errorf("upload: %v", err)
	}
	if len(w.bank.Fetched()) != before || len(w.bank.Begun()) != 0 {
		t.Error("the bank was asked")
	}
	w = speaking(t, hub.BankProfile{})
	if err := w.Download(t.Context(), w.link, "X99", func(io.Reader) error { return nil }); outcome(t, err) != hub.BankNothing {
		t.Errorf("H004: %v", err)
	}
}

// A bank's own ways come before the generic ones: a Swiss bank is asked for Swiss services, in segments that it takes.
func TestWaysOfANamedBankNameTheOrders(t *testing.T) {
	for _, tc := range []struct{ ways, scope string }{{"", "DE"}, {"de", "DE"}, {"ch", "CH"}} {
		w, err := waysOf(hub.BankProfile{ProtocolVersion: hub.VersionH005, Ways: tc.ways})
		must(t, err)
		orderType := "C53"
		if tc.scope == "CH" {
			orderType = "Z53"
		}
		o, err := w.order(orderType)
		must(t, err)
		if o.Service == nil || o.Service.Scope != tc.scope {
			t.Errorf("ways %q: %+v", tc.ways, o.Service)
		}
	}
	if _, err := waysOf(hub.BankProfile{Ways: "nobody"}); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("unknown ways: %v", err)
	}
	small := ways{named: true}
	small.profile.SegmentSize = 4000
	if small.segmentSize(0) != 4000 || small.segmentSize(8000) != 4000 || small.segmentSize(400) != 400 {
		t.Error("the bank's size of a segment is not kept")
	}
}

// In H005 keys go in certificates, and the letter tells the hashes of those; before, an authority that nobody asked for would be refused.
func TestKeysComeInCertificatesWhereTheBankWantsThem(t *testing.T) {
	w := newWire(t)
	c := Ceremony{w.Channel}
	w.link.Contact.Created = now()
	bare, err := c.GenerateKeys(w.link, "A006")
	must(t, err)
	w.link.Contact.Keys = bare
	if f, err := c.Certificates(w.link); err != nil || f.Hashes != nil || !f.Expires.IsZero() {
		t.Errorf("H004: %+v, %v", f, err)
	}

	w.link.Bank.Profile.ProtocolVersion = hub.VersionH005
	late, err := c.Certificates(w.link) // keys that were made for H004 before
	must(t, err)
	again, err := c.Certificates(w.link)
	must(t, err)
	if len(late.Hashes) != 3 || late.Hashes["X002"] != again.Hashes["X002"] || late.Hashes["X002"] == late.Hashes["E002"] {
		t.Errorf("certificates of older keys are not always the same: %v %v", late, again)
	}

	made, err := c.GenerateKeys(w.link, "A006")
	must(t, err)
	w.link.Contact.Keys = made
	f, err := c.Certificates(w.link)
	must(t, err)
	if want := time.Date(2031, 11, 25, 0, 0, 0, 0, time.UTC); !f.Expires.Equal(want) {
		t.Errorf("they end %s, want %s", f.Expires, want)
	}
	keys, err := c.ContactHashes(made)
	must(t, err)
	var b strings.Builder
	must(t, c.Letter(&b, w.link, hub.LetterForm{Language: "en"}, now()))
	plain := strings.NewReplacer(" ", "", "\n", "", "\r", "").Replace(strings.ToLower(b.String()))
	for version, hash := range f.Hashes {
		if !strings.Contains(plain, hash) || hash == keys[version] {
			t.Errorf("the letter lacks the hash %s of the %s certificate", hash, version)
		}
	}
	w.link.Bank.Profile.ProtocolVersion = hub.VersionH004
	if f, err := c.Certificates(w.link); err != nil || f.Hashes != nil {
		t.Errorf("back to H004: %+v, %v", f, err)
	}
}

// A person compares what the bank publishes: in H005 the hash of the certificate, or of the key if the bank is set so.
func TestBankHashesAreOfTheKindThatCounts(t *testing.T) {
	certified, err := server.Certified("HOST", testkeys.Bank())
	must(t, err)
	public := certified.Public()
	bare, certificate := public.Authentication.Digest(), sha256.Sum256(public.Authentication.Certificate.Raw)
	for _, tc := range []struct {
		name    string
		profile hub.BankProfile
		want    [32]byte
	}{
		{"H004", hub.BankProfile{}, bare},
		{"H003", hub.BankProfile{ProtocolVersion: hub.VersionH003}, bare},
		{"H005", hub.BankProfile{ProtocolVersion: hub.VersionH005}, certificate},
		{"H005 by key", hub.BankProfile{ProtocolVersion: hub.VersionH005, BankDigest: "key"}, bare},
		{"H005 by certificate", hub.BankProfile{ProtocolVersion: hub.VersionH005, BankDigest: "certificate"}, certificate},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := speaking(t, tc.profile)
			x, _, err := Ceremony{w.Channel}.BankHashes(w.link.Bank, w.link.Contact.BankKeys)
			must(t, err)
			if x != hex.EncodeToString(tc.want[:]) {
				t.Errorf("hash %s, want %x", x, tc.want)
			}
			if w.upload(t, hub.UploadOrder{Type: "CCT", Attribute: "OZHNN"}); len(w.bank.Uploads()) != 1 {
				t.Error("the bank did not take an order that names its keys so")
			}
		})
	}
	w := speaking(t, hub.BankProfile{})
	w.link.Bank.Profile = hub.BankProfile{ProtocolVersion: hub.VersionH005, BankDigest: "certificate"}
	if _, _, err := (Ceremony{w.Channel}).BankHashes(w.link.Bank, w.link.Contact.BankKeys); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("keys that came bare have the hash of a certificate: %v", err)
	}
}

// With a pin, a certificate of the right authority is not enough.
func TestPinnedKeyDecidesWhoIsSpokenTo(t *testing.T) {
	w := ready(t)
	pin := sha256.Sum256(w.server.Certificate().RawSubjectPublicKeyInfo)
	right, wrong := hex.EncodeToString(pin[:]), strings.Repeat("ab", 32)
	ask := func() error { return w.Download(t.Context(), w.link, "C53", func(io.Reader) error { return nil }) }
	w.link.Bank.Profile.Pins = []string{wrong, right}
	if err := ask(); outcome(t, err) != hub.BankNothing {
		t.Errorf("one of the pins is right: %v", err)
	}
	asked := len(w.bank.Fetched())
	w.link.Bank.Profile.Pins = []string{wrong}
	if err := ask(); outcome(t, err) != hub.BankUnreachable {
		t.Errorf("no pin is right: %v", err)
	}
	if _, err := (Ceremony{w.Channel}).Versions(t.Context(), w.link.Bank); outcome(t, err) != hub.BankUnreachable {
		t.Errorf("HEV, no pin is right: %v", err)
	}
	if len(w.bank.Fetched()) != asked {
		t.Error("the bank got a request over a connection to somebody else")
	}
	w.link.Bank.Profile.Pins = []string{"nonsense"}
	if err := ask(); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("a pin that is none: %v", err)
	}
}

func TestVersionsThatABankOffers(t *testing.T) {
	w := newWire(t)
	got, err := Ceremony{w.Channel}.Versions(t.Context(), w.link.Bank)
	must(t, err)
	slices.Sort(got)
	if !slices.Equal(got, []string{"H003", "H004", "H005"}) {
		t.Errorf("versions %v", got)
	}
	w.link.Bank.HostID = "OTHER"
	if _, err := (Ceremony{w.Channel}).Versions(t.Context(), w.link.Bank); err == nil {
		t.Error("a host that is not there has versions")
	}
}

// A bank that is connected changes its version: the same keys go on, in certificates that a person need not renew, and the bank's are
// fetched anew in its own. An upload that was prepared before is not sent in the words of the other version.
func TestConnectedBankChangesItsVersion(t *testing.T) {
	w := speaking(t, hub.BankProfile{})
	var spool bytes.Buffer
	old, err := w.Prepare(t.Context(), w.link, hub.UploadOrder{Type: "CCT", Attribute: "OZHNN"}, opener("x"), &spool)
	must(t, err)
	w.link.Bank.Profile.ProtocolVersion = hub.VersionH005
	if _, _, err := w.Initialise(t.Context(), w.link, old.Channel); outcome(t, err) != hub.BankKeyChanged {
		t.Errorf("prepared for H004, sent in H005: %v", err)
	}
	if got := w.upload(t, hub.UploadOrder{Type: "CCT", Attribute: "OZHNN"}); got.Type != ebics.BTU {
		t.Errorf("order %+v with the bank's bare keys", got)
	}
	c := Ceremony{w.Channel}
	keys, err := c.FetchKeys(t.Context(), w.link)
	must(t, err)
	before, _, err := c.BankHashes(w.link.Bank, w.link.Contact.BankKeys)
	must(t, err)
	after, _, err := c.BankHashes(w.link.Bank, keys)
	must(t, err)
	if before == after {
		t.Error("the keys came without certificates")
	}
	w.link.Contact.BankKeys = keys
	if got := w.upload(t, hub.UploadOrder{Type: "CCT", Attribute: "OZHNN"}); got.Type != ebics.BTU {
		t.Errorf("order %+v", got)
	}
}
