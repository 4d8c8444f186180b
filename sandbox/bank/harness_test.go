package bank

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/hac"
	"kontor/iso20022/pain"
	"kontor/money"
	"kontor/xmlscan"
)

// clock stands still but for a millisecond per look, so that runs repeat.
type clock struct{ looks, advanced atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).Add(time.Duration(c.looks.Add(1))*time.Millisecond + time.Duration(c.advanced.Load()))
}

func (c *clock) advance(by time.Duration) { c.advanced.Add(int64(by)) }

// bankKeysOnce and subscriberKeys spare the tests the making of RSA keys.
var bankKeysOnce = sync.OnceValue(func() []byte {
	keys, err := ebics.GenerateBankKeys(ebics.MinKeyBits)
	if err != nil {
		panic(err)
	}
	stored, err := keys.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return stored
})

var subscriberKeys = sync.OnceValue(func() ebics.SubscriberKeys {
	keys, err := ebics.GenerateKeys(ebics.A006, ebics.MinKeyBits)
	if err != nil {
		panic(err)
	}
	return keys
})

// running is a bank that a test has started.
type running struct {
	t     *testing.T
	clock *clock
	ready Ready
	http  *http.Client
	stop  func() // ends the bank and waits; may be called twice
}

// start runs a bank on the folder, which keeps prepared RSA keys.
func start(t *testing.T, folder string, change func(*Options)) *running {
	t.Helper()
	prepare(t, folder)
	r := &running{t: t, clock: &clock{}}
	out, in := io.Pipe()
	o := Options{Data: folder, Seed: 7, Stdout: in, Now: r.clock.now, Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))}
	if change != nil {
		change(&o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := Run(ctx, o)
		_ = in.CloseWithError(errors.Join(errors.New("the bank has ended"), err)) // never fails
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v", err)
	}
	if err := json.Unmarshal(line, &r.ready); err != nil {
		t.Fatal(err)
	}
	r.http = trusting(t, r.ready.CA, r.clock)
	r.stop = sync.OnceFunc(func() {
		r.http.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the bank ended with %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// prepare puts RSA keys into a folder that has none.
func prepare(t *testing.T, folder string) {
	t.Helper()
	if path := filepath.Join(folder, "bank-keys.json"); !exists(path) {
		if err := os.WriteFile(path, bankKeysOnce(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// attach starts a bank in a process of its own.
func attach(t *testing.T, command *exec.Cmd) *running {
	t.Helper()
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() }) // usually it is gone already
	r := &running{t: t, clock: &clock{}, stop: func() {}}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v", err)
	}
	if err := json.Unmarshal(line, &r.ready); err != nil {
		t.Fatal(err)
	}
	r.http = trusting(t, r.ready.CA, r.clock)
	return r
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// trusting trusts the bank's own authority and nothing else.
func trusting(t *testing.T, ca string, c *clock) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	if ca != "" {
		text, err := os.ReadFile(ca)
		if err != nil {
			t.Fatal(err)
		}
		if !pool.AppendCertsFromPEM(text) {
			t.Fatal("ca.pem holds no certificate")
		}
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Time: c.now, MinVersion: tls.VersionTLS12}}}
}

// call sends a control request and returns status and answer.
func (r *running) call(method, path, body string) (int, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.ready.Control+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := r.http.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// must is call for requests that succeed; the answer goes into into.
func (r *running) must(method, path, body string, into any) {
	r.t.Helper()
	status, text := r.call(method, path, body)
	if status != http.StatusOK {
		r.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *running) state() (s stateView)    { r.t.Helper(); r.must("GET", "/state", "", &s); return s }
func (r *running) orders() (o []orderView) { r.t.Helper(); r.must("GET", "/orders", "", &o); return o }
func (r *running) log() (l []logView)      { r.t.Helper(); r.must("GET", "/log", "", &l); return l }
func (r *running) advance(days string) string {
	r.t.Helper()
	var answer map[string]string
	r.must("POST", "/advance", `{"days":`+days+`}`, &answer)
	return answer["businessDate"]
}

// account shows one account as it is now.
func (r *running) account(iban account.IBAN) accountView {
	r.t.Helper()
	for _, a := range r.state().Accounts {
		if a.IBAN == iban {
			return a
		}
	}
	r.t.Fatalf("no account %s", iban)
	return accountView{}
}

// subscriber makes a client; bank is nil before HPB.
func (r *running) subscriber(partner, user string, bank *ebics.BankPublicKeys) *client.Client {
	r.t.Helper()
	return r.subscriberWith(subscriberKeys(), partner, user, bank)
}

func (r *running) subscriberWith(keys ebics.SubscriberKeys, partner, user string, bank *ebics.BankPublicKeys) *client.Client {
	r.t.Helper()
	c, err := client.New(client.Config{
		URL: r.ready.URL, HostID: ebics.HostID(r.ready.HostID), Subscriber: ebics.Subscriber{Partner: ebics.PartnerID(partner), User: ebics.UserID(user)},
		Keys: keys, Bank: bank, HTTP: r.http, Now: r.clock.now, SegmentSize: 400,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// initialised is a client of the bureau that has gone through the key ceremony.
func (r *running) initialised() *client.Client {
	r.t.Helper()
	ctx := r.t.Context()
	c := r.subscriber(BureauPartner, "KONTORT1", nil)
	if err := errors.Join(c.INI(ctx), c.HIA(ctx)); err != nil {
		r.t.Fatal(err)
	}
	r.must("POST", "/users/KONTOR/KONTORT1/activate", "", nil)
	return r.again(c)
}

// again fetches the bank's keys for an initialised subscriber.
func (r *running) again(c *client.Client) *client.Client {
	r.t.Helper()
	keys, err := c.HPB(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for version, digest := range map[string][32]byte{"X002": keys.Authentication.Digest(), "E002": keys.Encryption.Digest()} {
		if published := r.state().Hashes[version]; published != hex.EncodeToString(digest[:]) {
			r.t.Fatalf("%s: HPB and the published hash differ", version)
		}
	}
	return r.subscriber(BureauPartner, "KONTORT1", &keys)
}

// upload sends a credit transfer in segments, without its last segments if some
// are held back.
func upload(t *testing.T, c *client.Client, attribute string, data []byte, heldBack int) (client.Transaction, error) {
	t.Helper()
	return send(t, c, client.Order{Type: ebics.CCT, Attribute: attribute}, data, heldBack)
}

// send is upload for any order.
func send(t *testing.T, c *client.Client, order client.Order, data []byte, heldBack int) (client.Transaction, error) {
	t.Helper()
	var spool bytes.Buffer
	p, err := c.Prepare(t.Context(), order, func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}, &spool)
	if err != nil {
		t.Fatal(err)
	}
	transaction, err := c.Initialise(t.Context(), p)
	for number := 1; number <= p.Segments-heldBack && err == nil; number++ {
		offset, length := p.Range(number)
		err = c.Transfer(t.Context(), transaction, number, number == p.Segments, spool.Bytes()[offset:offset+length])
	}
	return transaction, err
}

// fetch downloads and confirms, or not.
func fetch(t *testing.T, c *client.Client, order ebics.OrderType, confirm bool) ([]byte, error) {
	t.Helper()
	var got []byte
	unwilling := errors.New("not stored")
	err := c.Download(t.Context(), order, func(r io.Reader) (err error) {
		if got, err = io.ReadAll(r); err == nil && !confirm {
			err = unwilling
		}
		return err
	})
	if !confirm && errors.Is(err, unwilling) {
		err = nil
	}
	return got, err
}

// protocol fetches the new events as "ACTION REASON user".
func protocol(t *testing.T, c *client.Client) (lines []string, events []hac.Event) {
	t.Helper()
	data, err := fetch(t, c, ebics.HAC, true)
	if errors.Is(err, client.ErrNoData) {
		return nil, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err := hac.Read(bytes.NewReader(data), xmlscan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range report.Events {
		lines = append(lines, strings.TrimRight(string(e.Action)+" "+e.Reason+" "+e.UserID, " "))
	}
	return lines, report.Events
}

func euro(cents int64) money.Amount { return money.Amount{Minor: cents, Currency: "EUR"} }

// iban makes up an account at another bank.
func iban(number string) account.IBAN {
	bban := "99900099" + number
	return account.IBAN("DE" + account.CheckDigits("DE", bban) + bban)
}

// order writes a pain.001.001.09: batches of payments from an account.
func order(t *testing.T, id string, batches ...pain.TransferBatch) []byte {
	t.Helper()
	for i := range batches {
		batches[i].PaymentInformationID = id + "-P" + string(rune('1'+i))
		batches[i].RequestedExecutionDate = calendar.Date{Year: 2026, Month: 3, Day: 3}
		batches[i].Debtor = "Beispiel GmbH"
		for j := range batches[i].Payments {
			batches[i].Payments[j].EndToEndID = id + "-E" + string(rune('1'+i)) + string(rune('a'+j))
		}
	}
	var out bytes.Buffer
	if err := pain.WriteCreditTransfer(&out, pain.CreditTransfer{
		MessageID: id, Created: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), InitiatingParty: "Beispiel GmbH", Batches: batches,
	}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pay(cents int64, to account.IBAN) pain.Transfer {
	return pain.Transfer{Amount: euro(cents), Creditor: "Erika Muster", CreditorAccount: to, Remittance: "Rechnung & 17"}
}

// debitOrder writes a pain.008.001.08: batches of collections for an account.
func debitOrder(t *testing.T, id, instrument string, batches ...pain.DebitBatch) []byte {
	t.Helper()
	for i := range batches {
		b := &batches[i]
		b.PaymentInformationID, b.SequenceType, b.CreditorID = id+"-P"+string(rune('1'+i)), "RCUR", "DE98ZZZ09999999999"
		b.RequestedCollectionDate, b.Creditor = calendar.Date{Year: 2026, Month: 3, Day: 3}, "Beispiel GmbH"
		for j := range b.Payments {
			b.Payments[j].EndToEndID = id + "-E" + string(rune('1'+i)) + string(rune('a'+j))
		}
	}
	var out bytes.Buffer
	if err := pain.WriteDirectDebit(&out, pain.DirectDebit{
		MessageID: id, Created: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), InitiatingParty: "Beispiel GmbH", LocalInstrument: instrument, Batches: batches,
	}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func collect(cents int64, from account.IBAN) pain.Debit {
	return pain.Debit{
		Amount: euro(cents), MandateID: "M-1", MandateSigned: calendar.Date{Year: 2025, Month: 5, Day: 5}, Debtor: "Erika Muster", DebtorAccount: from, Remittance: "Abo",
	}
}

// validate checks a document against an official schema.
func validate(t *testing.T, schema string, document []byte) {
	t.Helper()
	folder := os.Getenv("KONTOR_SHARED")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(folder, "data", "xsd", schema+".xsd")
	xmllint, err := exec.LookPath("xmllint")
	if err != nil || !exists(path) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("xmllint (libxml2-utils) or the schema %s is missing; KONTOR_SHARED names the folder that has data/xsd", schema)
		}
		t.Logf("not validated: xmllint (libxml2-utils) or the schema %s is missing; KONTOR_SHARED names the folder that has data/xsd", schema)
		return
	}
	command := exec.Command(xmllint, "--noout", "--nonet", "--schema", path, "-")
	command.Stdin = bytes.NewReader(document)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%s: %s", schema, out)
	}
}
