package server_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/server"
	"kontor/ebics/veu"
)

// eachVersion runs a test on a wire of every version; Alice's keys have
// certificates.
func eachVersion(t *testing.T, options server.Options, run func(t *testing.T, w *wire)) {
	t.Helper()
	for _, v := range ebics.Versions() {
		t.Run(string(v), func(t *testing.T) {
			w := newWire(t, options)
			w.version = v
			w.bank.Own = testkeys.CertifiedBank()
			w.bank.Enrol(alice, testkeys.Certified())
			run(t, w)
		})
	}
}

// A captured initialisation is worth nothing a second time, nor an old one ever.
func TestReplaysAreRefusedInEachVersion(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, w *wire) {
		key := testkeys.Subscriber().Authentication
		u := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
		if r := w.ask(u.request, key); r.Technical != ebics.OK {
			t.Fatalf("%+v", r)
		}
		if r := w.ask(u.request, key); r.Technical != ebics.TxMessageReplay {
			t.Errorf("the same again: %s", r.Technical)
		}
		old := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
		w.advance(server.Window + time.Minute)
		if r := w.ask(old.request, key); r.Technical != ebics.TxMessageReplay {
			t.Errorf("an old one: %s", r.Technical)
		}
	})
}

// A transaction ends in the version that it began in: rules that one version has
// and another has not cannot be mixed.
func TestTransactionsKeepTheirVersion(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, w *wire) {
		key := testkeys.Subscriber().Authentication
		u := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
		id := w.ask(u.request, key).TransactionID
		began := w.version
		for _, v := range ebics.Versions() {
			if v == began {
				continue
			}
			w.version = v
			if r := w.ask(transfer(id, 1, true, u.segments[0]), key); r.Technical != ebics.TxUnknownTxid {
				t.Errorf("continued in %s: %s", v, r.Technical)
			}
		}
		w.version = began
		if r := w.ask(transfer(id, 1, true, u.segments[0]), key); r.Technical != ebics.OK || r.Business != ebics.OK || len(w.bank.Uploads()) != 1 {
			t.Errorf("in its own version: %+v", r)
		}
	})
}

// A version that the bank does not have is not spoken, whatever the signature.
func TestVersionsThatAreNotOfferedAreRefused(t *testing.T) {
	for _, v := range ebics.Versions() {
		w := newWire(t, server.Options{Versions: []ebics.Version{ebics.H004}})
		doc, err := envelope.Request{Version: v, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.HAC, "DZHNN")}.Sign(testkeys.Subscriber().Authentication)
		if err != nil {
			t.Fatal(err)
		}
		m := w.post(doc)
		if v == ebics.H004 {
			if m.Kind != envelope.EbicsResponse {
				t.Errorf("%s: %s", v, m.Kind)
			}
			continue
		}
		if r, err := m.ReadKeyManagementResponse(); err != nil || r.Technical != ebics.InvalidRequest || r.Version != v {
			t.Errorf("%s: %+v, %v", v, r, err)
		}
	}
}

// Order data that is not what was signed is not an order, in any version; and in
// H005 the DataDigest that stands beside the signature proves nothing.
func TestSubstitutedOrderDataIsRefusedInEachVersion(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, w *wire) {
		evil := []byte("pay the attacker")
		hash := crypto.NewOrderHash()
		_, _ = hash.Write(evil) // never fails
		digest := hash.Normalised()
		u := w.prepare(evil, 1, func([]byte) []envelope.OrderSignature {
			return a006(t, alice, testkeys.Subscriber())([]byte("pay the supplier"))
		})
		if w.version == ebics.H005 {
			u.request.DataDigest = &envelope.DataDigest{Version: ebics.A006, Digest: digest[:]}
		}
		if r := w.send(u); r.Business != ebics.SignatureVerificationFailed {
			t.Errorf("%+v", r)
		}
		if got := w.bank.Uploads(); len(got) != 1 || got[0].SignatureValid {
			t.Error("the bank was told that the signature is right")
		}
	})
}

// A strict bank of H005 wants the digest, and the right one.
func TestDataDigestIsJudgedByAStrictBank(t *testing.T) {
	hash := crypto.NewOrderHash()
	_, _ = hash.Write([]byte("order")) // never fails
	right := hash.Normalised()
	for _, row := range []struct {
		name   string
		strict bool
		digest *envelope.DataDigest
		want   ebics.ReturnCode
		named  bool
	}{
		{"right", true, &envelope.DataDigest{Version: ebics.A006, Digest: right[:]}, ebics.OK, true},
		{"missing", true, nil, ebics.InvalidRequestContent, false},
		{"wrong", true, &envelope.DataDigest{Version: ebics.A006, Digest: make([]byte, 32)}, ebics.InvalidRequestContent, false},
		{"wrong, and the bank is lenient", false, &envelope.DataDigest{Version: ebics.A006, Digest: make([]byte, 256)}, ebics.OK, false},
		{"missing, and the bank is lenient", false, nil, ebics.OK, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWire(t, server.Options{Strict: row.strict})
			w.version = ebics.H005
			u := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
			u.request.DataDigest = row.digest
			if r := w.send(u); r.Technical != row.want {
				t.Errorf("%+v", r)
			}
			if got := w.bank.Uploads(); row.want == ebics.OK && (len(got) != 1 || got[0].DigestNamed != row.named) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Weaker algorithms are refused in each version before any key is looked at.
func TestAlgorithmDowngradeIsRefusedInEachVersion(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, w *wire) {
		doc, err := envelope.Request{Version: w.version, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.HAC, "DZHNN")}.Sign(testkeys.Subscriber().Authentication)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range [][2]string{
			{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
			{`<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"`, `<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"`},
			{"#xpointer(//*[@authenticate='true'])", ""},
		} {
			if technical, _ := w.unsigned([]byte(strings.Replace(string(doc), change[0], change[1], 1))); technical != ebics.InvalidXML {
				t.Errorf("%s: %s", change[1], technical)
			}
		}
		for _, version := range []string{"A004", "A003", "X002", ""} {
			u := w.prepare([]byte("order"), 1, func(data []byte) []envelope.OrderSignature {
				s := a006(t, alice, testkeys.Subscriber())(data)
				s[0].Version = version
				return s
			})
			if r := w.send(u); r.Business != ebics.SignatureVerificationFailed {
				t.Errorf("order signature of version %q: %+v", version, r)
			}
		}
	})
}

// keyChange is HCS with any content and any signer.
func (w *wire) keyChange(data []byte, sign signer) envelope.Response {
	w.t.Helper()
	u := w.prepare(data, 1, sign)
	u.request.Order.Type, u.request.Order.Params = ebics.HCS, envelope.Params{}
	return w.send(u)
}

// Only the old signature key replaces keys. X002 alone, which authenticates every
// request, must not be enough to take an access over.
func TestKeyChangesAreJudgedInEachVersion(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, w *wire) {
		write := func(who ebics.Subscriber, keys ebics.SubscriberKeys) []byte {
			signature, authentication, encryption := keys.Signature.Public(), keys.Authentication.Public(), keys.Encryption.Public()
			data, err := envelope.WriteKeys(w.version, ebics.HCS, envelope.KeyOrderData{
				Subscriber: who, Signature: &signature, Authentication: &authentication, Encryption: &encryption,
			}, w.now())
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		next := testkeys.Certified()
		next.Encryption = testkeys.CertifiedBank().Encryption // some other key
		reused := testkeys.Certified()
		reused.Encryption = reused.Signature
		reused.Encryption.Version = ebics.E002
		own := a006(t, alice, testkeys.Subscriber())
		for _, row := range []struct {
			name string
			data []byte
			sign signer
			want ebics.ReturnCode
		}{
			{"signed with another key", write(alice, next), a006(t, alice, testkeys.Other()), ebics.SignatureVerificationFailed},
			{"signed by another user", write(alice, next), a006(t, bob, testkeys.Other()), ebics.SignatureVerificationFailed},
			{"keys of another user", write(bob, next), own, ebics.InvalidRequestContent},
			{"keys of another partner", write(ebics.Subscriber{Partner: "K2", User: "ALICE"}, next), own, ebics.PartnerIDMismatch},
			{"one key for two purposes", write(alice, reused), own, ebics.KeymgmtDuplicateKey},
			{"not keys", []byte("<a/>"), own, ebics.InvalidOrderDataFormat},
			{"more than is read", append(write(alice, next), bytes.Repeat([]byte(" "), envelope.MaxKeyOrderData)...), own, ebics.InvalidOrderDataFormat},
			{"right", write(alice, next), own, ebics.OK},
		} {
			r := w.keyChange(row.data, row.sign)
			got := r.Technical
			if got == ebics.OK {
				got = r.Business
			}
			if got != row.want {
				t.Errorf("%s: %s, want %s", row.name, got, row.want)
			}
			state, err := w.bank.Subscriber(t.Context(), alice)
			if err != nil {
				t.Fatal(err)
			}
			if changed := state.Encryption.Equal(next.Encryption.Public()); changed != (row.want == ebics.OK) {
				t.Errorf("%s: keys changed: %t", row.name, changed)
			}
		}
		if len(w.bank.Begun()) != 0 || len(w.bank.Aborted()) != 0 {
			t.Error("the bank was told of a key change as an order")
		}
	})
}

// signOnly is an order that is nothing but a signature.
func (w *wire) signOnly(orderType ebics.OrderType, params envelope.Params, signatures []envelope.OrderSignature) envelope.Request {
	w.t.Helper()
	u := w.prepare([]byte("x"), 1, func([]byte) []envelope.OrderSignature { return signatures })
	r := u.request
	zero := 0
	r.Order.Type, r.Order.Params, r.Order.Segments = orderType, params, &zero
	if w.version.Classic() {
		r.Order.Attribute = ebics.AttributeSigned
	}
	return r
}

// A signature releases the order that it was made for, by the one who made it.
func TestSignaturesInTheVEUAreJudgedInEachVersion(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, w *wire) {
		data := []byte("order")
		ref := veu.Reference{Partner: "K1", OrderID: "A001", Type: ebics.CCT}
		if w.version == ebics.H005 {
			ref = veu.Reference{Partner: "K1", OrderID: "A001", Service: &ebics.BTF{ServiceName: "SCT", MsgName: "pain.001"}}
		}
		w.bank.Put(ebicstest.Waiting{Order: veu.Order{Reference: ref}, Data: data})
		key := testkeys.Subscriber().Authentication
		good := a006(t, alice, testkeys.Subscriber())
		foreign := a006(t, bob, testkeys.Other())(data)
		claimed := a006(t, alice, testkeys.Other())(data)
		unknown := ref
		unknown.OrderID = "A009"
		for _, row := range []struct {
			name       string
			ref        *veu.Reference
			signatures []envelope.OrderSignature
			want       ebics.ReturnCode
		}{
			{"of another order", &ref, good([]byte("another order")), ebics.SignatureVerificationFailed},
			{"of somebody else", &ref, foreign, ebics.InvalidSignatureFileFormat},
			{"with another key", &ref, claimed, ebics.SignatureVerificationFailed},
			{"two at once", &ref, append(good(data), good(data)...), ebics.InvalidSignatureFileFormat},
			{"for an order that is not there", &unknown, good(data), ebics.OrderIDUnknown},
			{"right", &ref, good(data), ebics.OK},
			{"right, again", &ref, good(data), ebics.OrderIDUnknown},
		} {
			r := w.ask(w.signOnly(ebics.HVE, envelope.Params{Reference: row.ref}, row.signatures), key)
			got := r.Technical
			if got == ebics.OK {
				got = r.Business
			}
			if got != row.want || r.TransactionID != "" {
				t.Errorf("%s: %s, want %s", row.name, got, row.want)
			}
		}
		// SPR signs one blank. The signature of an order is none on a blank.
		if r := w.ask(w.signOnly(ebics.SPR, envelope.Params{}, good(data)), key); r.Business != ebics.SignatureVerificationFailed {
			t.Errorf("SPR with an order's signature: %+v", r)
		}
		request := w.signOnly(ebics.SPR, envelope.Params{}, good([]byte(" ")))
		request.Order.Segments = nil // some clients leave it out
		if r := w.ask(request, key); r.Technical != ebics.OK || r.Business != ebics.OK {
			t.Errorf("SPR: %+v", r)
		}
		if r := w.ask(w.signOnly(ebics.SPR, envelope.Params{}, good([]byte(" "))), key); r.Technical != ebics.AuthenticationFailed {
			t.Errorf("after SPR: %+v", r)
		}
	})
}

// plainBank has none of the optional abilities.
type plainBank struct{ server.Bank }

// A bank without an ability says so.
func TestAbilitiesThatABankHasNot(t *testing.T) {
	w := newWire(t, server.Options{})
	w.server = server.New(plainBank{w.bank}, server.Options{Now: w.now})
	key, good := testkeys.Subscriber().Authentication, a006(t, alice, testkeys.Subscriber())
	hvu := envelope.Request{Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.HVU, "DZHNN")}
	hcs := w.prepare([]byte("x"), 1, good)
	hcs.request.Order.Type = ebics.HCS
	ref := &veu.Reference{Partner: "K1", OrderID: "A001", Type: ebics.CCT}
	for name, r := range map[string]envelope.Request{
		"HVU": hvu, "HCS": hcs.request, "HVE": w.signOnly(ebics.HVE, envelope.Params{Reference: ref}, good(nil)),
		"SPR": w.signOnly(ebics.SPR, envelope.Params{}, good([]byte(" "))),
	} {
		if got := w.ask(r, key); got.Technical != ebics.UnsupportedOrderType {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// In H003 the customer makes the order id, later the bank does.
func TestWhoMakesTheOrderID(t *testing.T) {
	eachVersion(t, server.Options{}, func(t *testing.T, w *wire) {
		u := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
		if w.version == ebics.H003 {
			u.request.Order.ID = ""
		} else {
			u.request.Order.ID = "A001"
		}
		if r := w.ask(u.request, testkeys.Subscriber().Authentication); r.Technical != ebics.IncompatibleOrderAttribute {
			t.Errorf("%+v", r)
		}
	})
}

// Keys without certificates are no keys in H005, and a certificate that is not in
// order is none for a strict bank.
func TestCertificatesOfNewKeysAreJudged(t *testing.T) {
	w := newWire(t, server.Options{Strict: true})
	stranger := ebics.Subscriber{Partner: "K9", User: "NEW"}
	certified := testkeys.Certified()
	expired, err := certified.Signature.SelfSigned(certified.Signature.Certificate.Subject, ebics.Validity{NotBefore: w.now().AddDate(-2, 0, 0), NotAfter: w.now().AddDate(-1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	misused := certified.Signature
	misused.Version = ebics.E002
	if misused, err = misused.SelfSigned(certified.Signature.Certificate.Subject, testkeys.Validity); err != nil {
		t.Fatal(err)
	}
	misused.Version = ebics.A006
	bare := string(mustWrite(t, stranger, certified.Signature))
	start, end := strings.Index(bare, "<ds:X509Data>"), strings.Index(bare, "</ds:X509Data>")+len("</ds:X509Data>")
	number := base64.StdEncoding.EncodeToString(certified.Signature.Key.N.Bytes())
	bare = bare[:start] + "<PubKeyValue><ds:RSAKeyValue><ds:Modulus>" + number + "</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></PubKeyValue>" + bare[end:]
	for _, row := range []struct {
		name string
		data []byte
		want ebics.ReturnCode
	}{
		{"expired", mustWrite(t, stranger, expired), ebics.X509CertificateExpired},
		{"for another usage", mustWrite(t, stranger, misused), ebics.X509WrongKeyUsage},
		{"none", []byte(bare), ebics.OnlyX509Support},
		{"right", mustWrite(t, stranger, certified.Signature), ebics.OK},
	} {
		compressed, err := crypto.Deflate(row.data)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := envelope.UnsecuredRequest{Version: ebics.H005, Host: "HOST1", Subscriber: stranger, Type: ebics.INI, OrderData: compressed}.Write()
		if err != nil {
			t.Fatal(err)
		}
		if technical, business := w.unsigned(doc); technical != ebics.OK || business != row.want {
			t.Errorf("%s: %s %s, want %s", row.name, technical, business, row.want)
		}
	}
}

func mustWrite(t *testing.T, who ebics.Subscriber, signature ebics.KeyPair) []byte {
	t.Helper()
	key := signature.Public()
	data, err := envelope.WriteKeys(ebics.H005, ebics.INI, envelope.KeyOrderData{Subscriber: who, Signature: &key}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return data
}
