package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"kontor/account"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
	"kontor/money"
)

// The test binary plays kontor: started with fakeVariable set, it is the sandbox bank, the hub or an admin command, behaving as
// the scenario says. The real programs are played against the demo in the end-to-end suite; these here misbehave.
const fakeVariable = "DEMO_FAKE"

// scenario names one way to behave.
type scenario string

const (
	behaves          scenario = "behaves"
	skipsUpload      scenario = "skips FIN_UPLOAD_SUCCEEDED"
	skipsAccepted    scenario = "skips FIN_ACCEPTED"
	inventsStatus    scenario = "invents a status"
	losesOrderID     scenario = "loses the order id"
	hubDies          scenario = "hub dies after the upload"
	bankTakesAll     scenario = "bank takes every signature"
	otherBankKey     scenario = "bank publishes another key"
	otherCertificate scenario = "bank publishes another certificate"
	oldBank          scenario = "bank offers no H005"
	refusesFile      scenario = "hub refuses the file"
	unreadableFile   scenario = "hub cannot read the file"
	sentTwice        scenario = "bank has the order twice"
	takesTwice       scenario = "hub takes the file twice"
	booksTooLittle   scenario = "bank books too little"
	wrongClosing     scenario = "closing balance is wrong"
	staysNew         scenario = "acknowledged document stays new"
	adminFails       scenario = "an admin command fails"
	ignoresTerminate scenario = "hub ignores SIGTERM"
)

func TestMain(m *testing.M) {
	s := scenario(os.Getenv(fakeVariable))
	if s == "" {
		os.Exit(m.Run())
	}
	if err := playKontor(s, os.Args[1:]); err != nil {
		log.Print(err)
		os.Exit(1)
	}
}

func playKontor(s scenario, args []string) error {
	if os.Getenv("KONTOR_DATABASE") != "" {
		return errors.New("a variable of the user's own installation reached a process of the demo")
	}
	switch strings.Join(args[:min(2, len(args))], " ") {
	case "sandbox bank":
		b := &fakeBank{scenario: s}
		return serveFake(option(args, "--data"), b.routes(), func(url, ca string) any {
			return bankReady{URL: url + "/ebics", Control: url + "/control", HostID: option(args, "--host-id"), CA: ca}
		}, false)
	case "serve --data":
		h := &fakeHub{scenario: s, data: option(args, "--data"), files: map[string][]byte{}}
		return serveFake(h.data, h.routes(), func(url, ca string) any { return hubReady{URL: url, Metrics: "http://127.0.0.1:1", CA: ca} },
			s == ignoresTerminate)
	}
	if len(args) > 2 && args[0] == "admin" {
		return fakeAdmin(s, args[1]+" "+args[2], args)
	}
	return fmt.Errorf("unknown command %q", args)
}

// serveFake listens with TLS, prints the ready line, and ends on SIGTERM.
func serveFake(data string, routes http.Handler, ready func(url, ca string) any, stubborn bool) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	server := httptest.NewTLSServer(routes)
	ca := filepath.Join(data, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		return err
	}
	log.Print("listening")
	if err := json.NewEncoder(os.Stdout).Encode(ready(server.URL, ca)); err != nil {
		return err
	}
	<-stop
	for stubborn {
		<-stop
	}
	server.CloseClientConnections()
	server.Close()
	return nil
}

func option(args []string, name string) string {
	if i := slices.Index(args, name); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

const fakeHash = "00112233445566778899AABBCCDDEEFF 00112233445566778899AABBCCDDEEFF"

// fakeIBAN is the account of the fake bank's sample data.
func fakeIBAN() string {
	const bban = "999999990000000001"
	return "DE" + account.CheckDigits("DE", bban) + bban
}

func fakeAdmin(s scenario, command string, args []string) error {
	hashes := map[string]string{"A006": fakeHash, "X002": fakeHash, "E002": fakeHash}
	versions := []string{"H003", "H004", "H005"}
	if s == oldBank {
		versions = versions[:2]
	}
	answers := map[string]any{
		"tenant add": map[string]string{"handle": "acme"}, "key add": map[string]string{"secret": strings.Repeat("k", 64)},
		"bank add": nil, "bank versions": map[string]any{"versions": versions}, "contact add": map[string]string{"id": "c1"}, "contact init": nil, "account add": nil, "poll now": nil,
		"poll list":          map[string]any{"polls": []any{map[string]string{"orderType": "HAC", "last": "2026-11-25T08:00:00Z"}}},
		"contact letter":     map[string]any{"text": "Letter\n\nto the bank\x1b[2J\n", "hashes": hashes},
		"contact fetch-keys": map[string]string{"authenticationHash": fakeHash, "encryptionHash": fakeHash}, "contact confirm": nil,
	}
	answer, known := answers[command]
	if !known || !slices.Contains(args, "--json") || option(args, "--data") == "" {
		return fmt.Errorf("unknown admin command %q", args)
	}
	if s == adminFails && command == "contact init" {
		return fmt.Errorf("the bank refused INI")
	}
	if command == "bank add" {
		where := strings.TrimSuffix(option(args, "--url"), "/ebics") + "\n" + option(args, "--ca")
		if err := os.WriteFile(filepath.Join(option(args, "--data"), "bank"), []byte(where), 0o600); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

// fakeBank signs and ends the day; it has no EBICS.
type fakeBank struct {
	scenario
	mu       sync.Mutex
	signed   []string
	complete bool
	advanced bool
	message  string
}

func (b *fakeBank) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /control/state", func(w http.ResponseWriter, _ *http.Request) {
		x002 := strings.ToLower(fakeHash)
		if b.scenario == otherBankKey {
			x002 = strings.Repeat("ab", 32)
		}
		certificate := fakeHash
		if b.scenario == otherCertificate {
			certificate = strings.Repeat("cd", 32)
		}
		put(w, 200, map[string]any{
			"hostId": "SANDBOX", "businessDate": "2026-11-25", "hashes": map[string]string{"X002": x002, "E002": fakeHash},
			"certificateHashes": map[string]string{"X002": certificate, "E002": fakeHash},
			"partners": []partner{
				{"BUREAU", []user{{"T1", "T", "READY"}}}, {"OTHER", []user{{"X1", "E", "READY"}}},
				{"HOLDER", []user{{"A1", "A", "READY"}, {"B1", "B", "READY"}, {"B2", "B", "READY"}}},
			},
			"accounts": []bankAccount{{fakeIBAN(), "EUR", "Holder GmbH", "HOLDER", []string{"BUREAU"}}},
		})
	})
	mux.HandleFunc("POST /control/users/BUREAU/T1/activate", func(w http.ResponseWriter, _ *http.Request) { put(w, 200, nil) })
	mux.HandleFunc("POST /control/accounts", func(w http.ResponseWriter, _ *http.Request) { put(w, 200, nil) })
	mux.HandleFunc("POST /control/orders/BUREAU/A001/release", b.release)
	mux.HandleFunc("GET /control/orders", func(w http.ResponseWriter, _ *http.Request) {
		orders := []bankOrder{{OrderID: "A000", MessageID: "FOREIGN"}, {OrderID: "A001", MessageID: b.message}}
		if b.scenario == sentTwice {
			orders = append(orders, bankOrder{OrderID: "A002", MessageID: b.message})
		}
		put(w, 200, orders)
	})
	mux.HandleFunc("POST /fake/{message}", func(w http.ResponseWriter, r *http.Request) {
		b.message = r.PathValue("message")
		put(w, 200, nil)
	})
	mux.HandleFunc("POST /control/advance", func(w http.ResponseWriter, _ *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.advanced = true
		put(w, 200, nil)
	})
	mux.HandleFunc("GET /fake", func(w http.ResponseWriter, _ *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		put(w, 200, map[string]bool{"complete": b.complete, "advanced": b.advanced})
	})
	return mux
}

func (b *fakeBank) release(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var by struct{ PartnerID, UserID string }
	if err := json.NewDecoder(r.Body).Decode(&by); err != nil {
		put(w, 400, map[string]string{"error": err.Error()})
		return
	}
	refused := by.PartnerID != "HOLDER" || slices.Contains(b.signed, by.UserID) || by.UserID == "B2"
	if refused && b.scenario != bankTakesAll {
		put(w, 409, map[string]string{"code": "090003", "error": "not you"})
		return
	}
	b.signed = append(b.signed, by.UserID)
	b.complete = len(b.signed) == 2
	put(w, 200, bankOrder{OrderID: "A001", State: "waiting", Complete: b.complete})
}

// fakeHub moves a file one status on with each question.
type fakeHub struct {
	scenario
	data  string
	mu    sync.Mutex
	files map[string][]byte
	asked int
	final bool
	acked bool
}

func (h *fakeHub) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v4/Auth/Login/Token", func(w http.ResponseWriter, _ *http.Request) {
		put(w, 200, map[string]any{"accessToken": "t", "expiresIn": 1800, "tokenType": "bearer"})
	})
	mux.HandleFunc("POST /api/v4/Payment/Sepa/Pain", h.submit)
	mux.HandleFunc("GET /api/v4/Payment/Sepa/Pain/{id}/Item", h.item)
	mux.HandleFunc("GET /api/v4/Document/Camt", func(w http.ResponseWriter, _ *http.Request) {
		if _, advanced := h.bank(); !advanced || h.acked && h.scenario != staysNew {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		put(w, 200, map[string]any{"documentItems": []documentItem{h.document(true)}})
	})
	mux.HandleFunc("GET /api/v4/Document/Camt/d1", h.statement)
	mux.HandleFunc("POST /api/v4/Document/Camt/d1/Acknowledge", func(w http.ResponseWriter, _ *http.Request) {
		h.acked = true
		put(w, 200, h.document(false))
	})
	return mux
}

func (h *fakeHub) document(isNew bool) documentItem {
	return documentItem{RID: "d1", IBAN: fakeIBAN(), IsNew: isNew, Format: "camt.053", FileName: "statement.xml"}
}

func (h *fakeHub) submit(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.scenario == unreadableFile:
		put(w, 400, map[string]any{"errorItems": []errorItem{{"ERR-02-0001", "UnreadableFile", "line 1: no element"}}})
	case h.scenario == refusesFile:
		put(w, 201, h.payment("r1", konRejected, &errorItem{"ERR-02-0002", "ValidationFailed", "PAIN-B1 line 7, column 3: count\nPAIN-D1 line 9, column 3: name"}))
	case len(h.files) > 0 && h.scenario != takesTwice && bytes.Equal(h.files["r1"], body):
		put(w, 201, h.payment("r2", konRejected, &errorItem{"ERR-02-0003", "DoubleSubmission", "DuplicateOf: r1"}))
	case len(h.files) > 0: // the file that waits in the kept installation
		h.files["r3"], h.asked, h.final = body, 0, false
		put(w, 201, h.payment("r3", konAcceptedAndQueued, nil))
	default:
		h.files["r1"] = body
		h.ask(http.MethodPost, "/fake/"+h.message().MessageID, nil)
		put(w, 201, h.payment("r1", konAcceptedAndQueued, nil))
	}
}

func (h *fakeHub) item(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	id := r.PathValue("id")
	path := []status{konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded}
	s := path[min(h.asked, len(path)-1)]
	switch {
	case h.asked == 1 && h.scenario == skipsUpload:
		s = finVEUForwarded
	case h.asked == 1 && h.scenario == inventsStatus:
		s = "FIN_HAPPY"
	case h.asked > 1 && h.scenario == hubDies:
		log.Fatal("the hub's disk is full")
	}
	if complete, _ := h.bank(); complete && id == "r1" {
		s = finConfirmed
		if !h.final && h.scenario != skipsAccepted {
			s = finAccepted
		}
		h.final = true
	}
	put(w, 200, h.payment(id, s, nil))
}

func (h *fakeHub) payment(id string, s status, failed *errorItem) paymentItem {
	item := paymentItem{RID: id}
	item.PaymentStatusItem.Status, item.PaymentStatusItem.ErrorItem = s, failed
	if s != konAcceptedAndQueued && s != konRejected && h.scenario != losesOrderID {
		item.PaymentStatusItem.OrderID = "A001"
	}
	return item
}

func (h *fakeHub) bank() (complete, advanced bool) {
	var state struct{ Complete, Advanced bool }
	h.ask(http.MethodGet, "/fake", &state)
	return state.Complete, state.Advanced
}

func (h *fakeHub) ask(method, path string, into any) {
	where, err := os.ReadFile(filepath.Join(h.data, "bank"))
	if err != nil {
		log.Fatal(err)
	}
	url, ca, _ := strings.Cut(string(where), "\n")
	client, err := trusting(ca)
	if err != nil {
		log.Fatal(err)
	}
	defer client.CloseIdleConnections()
	got, err := do(context.Background(), client, method, url+path, nil, nil, 0)
	if err == nil && into != nil {
		err = got.decode(into)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// message reads the file that was sent.
func (h *fakeHub) message() pain.Message {
	message, _, err := pain.Read(bytes.NewReader(h.files["r1"]), pain.Options{}, pain.Visitor{})
	if err != nil {
		log.Fatal(err)
	}
	return message
}

// statement books the file that was sent.
func (h *fakeHub) statement(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	message := h.message()
	sum, err := money.Parse(message.Sum.String(), "EUR")
	if err != nil {
		log.Fatal(err)
	}
	if h.scenario == booksTooLittle {
		sum.Minor--
	}
	opening, closing := money.Amount{Minor: 10_000_000, Currency: "EUR"}, money.Amount{Minor: 10_000_000 - sum.Minor + 500, Currency: "EUR"}
	if h.scenario == wrongClosing {
		closing.Minor++
	}
	entry := func(a money.Amount, credit bool, id string, n int) camt.Entry {
		return camt.Entry{
			Amount: a, Credit: credit, Status: "BOOK", BookingDate: "2026-11-25", ValueDate: "2026-11-25", ProprietaryCode: "NTRF",
			MessageID: id, Transactions: n,
		}
	}
	w.Header().Set("Content-Type", "text/xml")
	err = camt.WriteStatement(w, camt.Statement{
		MessageID: "S1", ID: "S1", CreationDateTime: "2026-11-25T20:00:00+01:00", IBAN: fakeIBAN(), Currency: "EUR",
		Balances: []camt.Balance{{Type: "OPBD", Amount: opening, Date: "2026-11-25"}, {Type: "CLBD", Amount: closing, Date: "2026-11-25"}},
	}, []camt.Entry{
		entry(sum, false, message.MessageID, message.Count), entry(money.Amount{Minor: 500, Currency: "EUR"}, true, "FOREIGN", 1),
	})
	if err != nil {
		log.Fatal(err)
	}
}

func put(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}
