package ebics

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/server"
	"kontor/internal/hub"
)

func now() time.Time { return time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC) }

var subscriber = ebics.Subscriber{Partner: "PARTNER", User: "USER"}

// wire is a bank behind TLS, with a channel to it and a contact whose keys the bank does not know yet.
type wire struct {
	*Channel
	bank   *ebicstest.Bank
	server *httptest.Server
	link   hub.Link
}

func newWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{bank: ebicstest.NewBank("HOST", testkeys.Bank()), Channel: New(Options{Now: now, SegmentSize: 400})}
	w.server = httptest.NewTLSServer(server.New(w.bank, server.Options{Now: now}))
	t.Cleanup(w.server.Close)
	t.Cleanup(func() {
		for _, h := range w.pools {
			h.CloseIdleConnections()
		}
	})
	keys, err := testkeys.Subscriber().MarshalBinary()
	must(t, err)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.server.Certificate().Raw})
	w.link = hub.Link{
		Bank:    hub.Bank{ID: "bank", Name: "Invented Bank", URL: w.server.URL + "/ebics", HostID: "HOST", CA: string(ca)},
		Contact: hub.Contact{ID: "c", PartnerID: "PARTNER", UserID: "USER", State: hub.ContactNew, Keys: keys},
	}
	return w
}

// ready is a wire after the ceremony.
func ready(t *testing.T) *wire {
	t.Helper()
	w := newWire(t)
	w.bank.Enrol(subscriber, testkeys.Subscriber())
	keys, err := Ceremony{w.Channel}.FetchKeys(t.Context(), w.link)
	must(t, err)
	w.link.Contact.State, w.link.Contact.BankKeys = hub.ContactReady, keys
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func outcome(t *testing.T, err error) hub.BankOutcome {
	t.Helper()
	be, ok := errors.AsType[*hub.BankError](err)
	if !ok {
		t.Fatalf("error %v is no bank's outcome", err)
	}
	return be.Outcome
}

func TestCeremonyWithARealServer(t *testing.T) {
	w := newWire(t)
	c := Ceremony{w.Channel}
	must(t, c.Initialise(t.Context(), w.link))
	if _, err := c.FetchKeys(t.Context(), w.link); outcome(t, err) != hub.BankMisconfigured {
		t.Errorf("before the bank activated us: %v", err)
	}
	w.bank.Enrol(subscriber, testkeys.Subscriber())
	keys, err := c.FetchKeys(t.Context(), w.link)
	must(t, err)
	x, e, err := c.BankHashes(w.link.Bank, keys)
	must(t, err)
	public := testkeys.Bank().Public()
	if a, b := public.Authentication.Digest(), public.Encryption.Digest(); x != hex.EncodeToString(a[:]) || e != hex.EncodeToString(b[:]) {
		t.Errorf("hashes %s %s are not those of the bank's keys", x, e)
	}
}

// An earlier try may have ended between INI and HIA: the bank then refuses INI and still takes HIA.
func TestHalfDoneInitialisationIsCompleted(t *testing.T) {
	w := newWire(t)
	if _, err := w.bank.StoreSignatureKey(t.Context(), subscriber, testkeys.Subscriber().Signature.Public()); err != nil {
		t.Fatal(err)
	}
	c := Ceremony{w.Channel}
	must(t, c.Initialise(t.Context(), w.link))
	state, err := w.bank.Subscriber(t.Context(), subscriber)
	if err != nil || state.Authentication == nil || state.Encryption == nil {
		t.Errorf("the bank lacks keys: %+v (%v)", state, err)
	}
	if err := c.Initialise(t.Context(), w.link); outcome(t, err) != hub.BankMisconfigured {
		t.Errorf("a third time: %v", err)
	}
}

func TestContactKeysHashesAndLetter(t *testing.T) {
	w := newWire(t)
	c := Ceremony{w.Channel}
	made, err := c.GenerateKeys(w.link, "A006")
	must(t, err)
	hashes, err := c.ContactHashes(made)
	must(t, err)
	if len(hashes) != 3 || len(hashes["A006"]) != 64 || len(hashes["X002"]) != 64 || len(hashes["E002"]) != 64 || hashes["X002"] == hashes["E002"] {
		t.Errorf("hashes %v", hashes)
	}
	other, err := c.GenerateKeys(w.link, "A006")
	must(t, err)
	if again, err := c.ContactHashes(other); err != nil || again["A006"] == hashes["A006"] {
		t.Errorf("two contacts share a key (%v)", err)
	}
	w.link.Contact.Keys = made
	for _, language := range []string{"en", "de", "sv"} {
		var b strings.Builder
		must(t, c.Letter(&b, w.link, hub.LetterForm{Language: language}, now()))
		plain := strings.NewReplacer(" ", "", "\n", "", "\r", "").Replace(strings.ToLower(b.String()))
		for _, want := range []string{"partner", "user", "host", hashes["A006"], hashes["X002"], hashes["E002"]} {
			if !strings.Contains(plain, want) {
				t.Errorf("the %s letter lacks %s", language, want)
			}
		}
	}
	if _, err := c.ContactHashes(hub.Secret("nonsense")); err == nil {
		t.Error("nonsense passes for keys")
	}
	if _, _, err := c.BankHashes(w.link.Bank, []byte("nonsense")); err == nil {
		t.Error("nonsense passes for a bank's keys")
	}
}

// Fetched keys that no person has compared may be an impostor's: nothing is encrypted for them.
func TestBankKeysCountOnlyOnceTheContactIsReady(t *testing.T) {
	w := ready(t)
	for _, state := range []hub.ContactState{hub.ContactNew, hub.ContactInitialised, hub.ContactKeysFetched} {
		w.link.Contact.State = state
		_, err := w.Prepare(t.Context(), w.link, hub.UploadOrder{Type: "CCT", Attribute: "OZHNN"}, opener("x"), io.Discard)
		if outcome(t, err) != hub.BankKeyChanged {
			t.Errorf("%s: prepare %v", state, err)
		}
		err = w.Download(t.Context(), w.link, "C53", func(io.Reader) error { t.Error("data came"); return nil })
		if outcome(t, err) != hub.BankKeyChanged {
			t.Errorf("%s: download %v", state, err)
		}
	}
	if len(w.bank.Begun()) != 0 || len(w.bank.Fetched()) != 0 {
		t.Error("the bank was asked")
	}
}

func opener(data string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }
}

func TestUploadStepByStep(t *testing.T) {
	w := ready(t)
	data := strings.Repeat("invented order data 0123456789 ", 20)
	var salt strings.Builder // does not compress, so that there are several segments
	for i := range 200 {
		salt.WriteString(hex.EncodeToString([]byte{byte(i * 7), byte(i * i), byte(i * 31)}))
	}
	data += salt.String()
	var spool bytes.Buffer
	p, err := w.Prepare(t.Context(), w.link, hub.UploadOrder{Type: "CCT", Attribute: "OZHNN"}, opener(data), &spool)
	must(t, err)
	if p.Segments < 2 || p.SegmentSize != 400 {
		t.Fatalf("prepared %d segments of %d", p.Segments, p.SegmentSize)
	}
	if strings.Contains(spool.String(), "invented") || bytes.Contains(p.Channel, []byte("invented")) {
		t.Error("the spool shows the order")
	}
	tx, evidence, err := w.Initialise(t.Context(), w.link, p.Channel)
	must(t, err)
	if tx.ID == "" || tx.OrderID == "" || !bytes.Contains(evidence, []byte(tx.ID)) {
		t.Errorf("transaction %+v with evidence of %d bytes", tx, len(evidence))
	}
	for n := 1; n <= p.Segments; n++ {
		evidence, err = w.Transfer(t.Context(), w.link, tx, n, n == p.Segments, spool.Next(p.SegmentSize))
		must(t, err)
	}
	if !bytes.Contains(evidence, []byte("ebicsResponse")) {
		t.Errorf("evidence %q is not the bank's answer", evidence)
	}
	up := w.bank.Uploads()
	if len(up) != 1 || string(up[0].Data) != data || !up[0].SignatureValid || up[0].Order.Attribute != "OZHNN" || string(up[0].OrderID) != tx.OrderID {
		t.Errorf("uploads %+v", up)
	}
	if _, err := w.Transfer(t.Context(), w.link, tx, p.Segments, true, []byte("AAAA")); outcome(t, err) != hub.BankUnknownTransaction {
		t.Errorf("a segment of a finished transaction: %v", err)
	}
}

func TestBanksRefusalKeepsItsCode(t *testing.T) {
	w := ready(t)
	w.bank.BeginCode = ebics.AuthorisationOrderTypeFailed
	p, err := w.Prepare(t.Context(), w.link, hub.UploadOrder{Type: "CCT", Attribute: "OZHNN"}, opener("x"), io.Discard)
	must(t, err)
	_, _, err = w.Initialise(t.Context(), w.link, p.Channel)
	be, ok := errors.AsType[*hub.BankError](err)
	if !ok || be.Outcome != hub.BankRefused || be.Code != string(ebics.AuthorisationOrderTypeFailed) || be.Text == "" {
		t.Errorf("error %v", err)
	}
}

func TestDownloadIsReceiptedOnlyWhenKept(t *testing.T) {
	w := ready(t)
	if err := w.Download(t.Context(), w.link, "C53", func(io.Reader) error { return nil }); outcome(t, err) != hub.BankNothing {
		t.Errorf("without data: %v", err)
	}
	w.bank.Offer("C53", []byte("statement"))
	full := errors.New("the disk is full")
	if err := w.Download(t.Context(), w.link, "C53", func(io.Reader) error { return full }); !errors.Is(err, full) {
		t.Errorf("our own failure came back as %v", err)
	}
	for _, r := range w.bank.Receipts() {
		if r.Processed {
			t.Fatal("the bank has a receipt for what was not kept")
		}
	}
	var got []byte
	must(t, w.Download(t.Context(), w.link, "C53", func(r io.Reader) (err error) { got, err = io.ReadAll(r); return err }))
	all := w.bank.Receipts()
	if string(got) != "statement" || len(all) == 0 || !all[len(all)-1].Processed {
		t.Errorf("data %q, receipts %+v", got, all)
	}
}

func TestBankThatIsNotThere(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(w *wire)
		want   hub.BankOutcome
	}{
		{"down", func(w *wire) { w.server.Close() }, hub.BankUnreachable},
		{"certificate of another authority", func(w *wire) { w.link.Bank.CA = "" }, hub.BankUnreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := ready(t)
			tc.change(w)
			err := w.Download(t.Context(), w.link, "C53", func(io.Reader) error { return nil })
			if outcome(t, err) != tc.want {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

func TestBrokenSettingsAreToldAtOnce(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(l *hub.Link)
	}{
		{"authority is no certificate", func(l *hub.Link) { l.Bank.CA = "not PEM" }},
		{"keys are none", func(l *hub.Link) { l.Contact.Keys = hub.Secret("nonsense") }},
		{"bank keys are none", func(l *hub.Link) { l.Contact.BankKeys = []byte("nonsense") }},
		{"plain http elsewhere", func(l *hub.Link) { l.Bank.URL = "http://bank.example/ebics" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := ready(t)
			tc.change(&w.link)
			if err := w.Download(t.Context(), w.link, "C53", func(io.Reader) error { return nil }); err == nil {
				t.Error("accepted")
			}
			if len(w.bank.Fetched()) != 0 {
				t.Error("the bank was asked")
			}
		})
	}
}
