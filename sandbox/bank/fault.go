package bank

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"kontor/ebics"
	"kontor/ebics/server"
	"kontor/xmlscan"
)

// A fault is a misbehaviour that waits for its EBICS request. Faults live in
// memory: a restarted bank behaves.
type fault struct {
	Kind         faultKind       `json:"kind"`
	Before       bool            `json:"before"`       // the bank never sees the request; else it acts, and the answer goes wrong
	OrderType    ebics.OrderType `json:"orderType"`    // "" = any; known of transactions that began while a fault waited
	Phase        string          `json:"phase"`        // Initialisation, Transfer or Receipt; "" = any request
	Segment      int             `json:"segment"`      // of an upload or download; 0 = any
	Count        int             `json:"count"`        // how many requests; 0 = 1
	Milliseconds int             `json:"milliseconds"` // how long silence, halfOpen and slow take; 0 = 5,000
	Status       int             `json:"status"`       // of kind status; 0 = 503
}

// faultKind is how a request goes wrong.
type faultKind string

const (
	faultReset     faultKind = "reset"     // the connection is reset, without a byte
	faultSilence   faultKind = "silence"   // nothing comes, then the connection ends
	faultHalfOpen  faultKind = "halfOpen"  // half of the answer comes, then nothing
	faultSlow      faultKind = "slow"      // the whole answer comes, in small pieces
	faultStatus    faultKind = "status"    // an HTTP status instead of an answer
	faultGarbage   faultKind = "garbage"   // a page that is no EBICS
	faultTruncated faultKind = "truncated" // the answer ends early, and so does the connection
)

// Limits of faults.
const (
	maxFaults        = 100
	maxFaultCount    = 1_000_000
	maxFaultDuration = 10 * time.Minute
	slowPieces       = 20
	// maxFaultBody is more than the server takes, which refuses larger ones itself.
	maxFaultBody = 5 << 20
)

// check fills in defaults.
func (f *fault) check() error {
	if f.Count == 0 {
		f.Count = 1
	}
	if f.Milliseconds == 0 {
		f.Milliseconds = 5000
	}
	if f.Status == 0 {
		f.Status = http.StatusServiceUnavailable
	}
	switch f.Kind {
	case faultReset, faultSilence, faultHalfOpen, faultSlow, faultStatus, faultGarbage, faultTruncated:
	default:
		return invalid("kind %.20q: want reset, silence, halfOpen, slow, status, garbage or truncated", string(f.Kind))
	}
	if f.Before && (f.Kind == faultHalfOpen || f.Kind == faultSlow || f.Kind == faultTruncated) {
		return invalid("%s needs an answer: the bank must see the request", f.Kind)
	}
	if !slices.Contains([]string{"", phaseInitialisation, phaseTransfer, phaseReceipt}, f.Phase) {
		return invalid("phase %.20q: want %s, %s or %s", f.Phase, phaseInitialisation, phaseTransfer, phaseReceipt)
	}
	if f.Segment < 0 || f.Count < 0 || f.Count > maxFaultCount || f.Milliseconds < 0 || f.duration() > maxFaultDuration || f.Status < 400 || f.Status > 599 {
		return invalid("segment, count, milliseconds or status are out of range")
	}
	return nil
}

func (f *fault) duration() time.Duration { return time.Duration(f.Milliseconds) * time.Millisecond }

// matches says whether a request is the one that a fault waits for.
func (f *fault) matches(r outline) bool {
	return (f.OrderType == "" || f.OrderType == r.orderType) && (f.Phase == "" || f.Phase == r.phase) && (f.Segment == 0 || f.Segment == r.segment)
}

// faults are all that wait.
type faults struct {
	mu      sync.Mutex
	waiting []fault
	orders  map[string]ebics.OrderType // of transactions, learnt while something waited
}

func (f *faults) add(one fault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) >= maxFaults {
		return false
	}
	f.waiting = append(f.waiting, one)
	return true
}

func (f *faults) list() []fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.waiting)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting, f.orders = nil, nil
}

// take finds the first fault for a request and counts it.
func (f *faults) take(r *outline) (fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.orderType == "" {
		r.orderType = f.orders[r.transactionID]
	}
	for i := range f.waiting {
		if !f.waiting[i].matches(*r) {
			continue
		}
		found := f.waiting[i]
		if f.waiting[i].Count--; f.waiting[i].Count == 0 {
			f.waiting = slices.Delete(f.waiting, i, i+1)
		}
		return found, true
	}
	return fault{}, false
}

// learn notes the order type of a transaction that an answer has opened.
func (f *faults) learn(request outline, answer []byte) {
	if request.orderType == "" || request.transactionID != "" {
		return
	}
	opened := readOutline(answer)
	f.mu.Lock()
	defer f.mu.Unlock()
	if opened.transactionID == "" || len(f.waiting) == 0 {
		return
	}
	if f.orders == nil {
		f.orders = map[string]ebics.OrderType{}
	}
	f.orders[opened.transactionID] = request.orderType
}

// outline is what a fault can be bound to.
type outline struct {
	orderType     ebics.OrderType
	transactionID string
	phase         string
	segment       int
}

// readOutline reads as much of a message as can be read.
func readOutline(message []byte) (o outline) {
	s := xmlscan.NewScanner(bytes.NewReader(message), xmlscan.Limits{Bytes: maxFaultBody})
	var text []byte
	for {
		kind, err := s.Next()
		if err != nil {
			return o
		}
		switch kind {
		case xmlscan.StartElement:
			text = text[:0]
		case xmlscan.Text:
			if len(text) < 100 { // longer values are none of ours
				text = append(text, s.Text()...)
			}
		case xmlscan.EndElement:
			switch string(s.Local()) {
			case "OrderType":
				o.orderType = ebics.OrderType(text)
			case "TransactionID":
				o.transactionID = string(text)
			case "TransactionPhase":
				o.phase = string(text)
			case "SegmentNumber":
				o.segment, _ = strconv.Atoi(string(text)) // 0 if it is none
			}
		case xmlscan.Comment, xmlscan.ProcInst:
		}
	}
}

// misbehaving lets requests go wrong as long as faults wait. What takes time
// ends when stop is closed.
func (f *faults) misbehaving(next *server.Server, stop <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(f.list()) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxFaultBody))
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		request := readOutline(body)
		wrong, found := f.take(&request)
		answer := &heldAnswer{header: http.Header{}, status: http.StatusOK}
		if !wrong.Before {
			next.ServeHTTP(answer, r)
			f.learn(request, answer.body.Bytes())
		}
		if !found {
			answer.send(w)
			return
		}
		wrong.commit(w, r, answer, stop)
	})
}

// heldAnswer keeps an answer instead of sending it.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heldAnswer) Header() http.Header            { return h.header }
func (h *heldAnswer) WriteHeader(status int)         { h.status = status }
func (h *heldAnswer) Write(data []byte) (int, error) { return h.body.Write(data) }

func (h *heldAnswer) send(w http.ResponseWriter) {
	h.begin(w)
	_, _ = w.Write(h.body.Bytes()) // who does not take it, does not
}

// begin sends the head, with the length of the whole answer.
func (h *heldAnswer) begin(w http.ResponseWriter) {
	for name, values := range h.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(h.body.Len()))
	w.WriteHeader(h.status)
}

// commit goes wrong.
func (f *fault) commit(w http.ResponseWriter, r *http.Request, answer *heldAnswer, stop <-chan struct{}) {
	wait := func(d time.Duration) (whole bool) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return true
		case <-r.Context().Done():
		case <-stop:
		}
		return false
	}
	content := answer.body.Bytes()
	switch f.Kind {
	case faultReset:
		reset(w)
	case faultSilence:
		wait(f.duration())
		panic(http.ErrAbortHandler)
	case faultHalfOpen, faultTruncated:
		answer.begin(w)
		if _, err := w.Write(content[:len(content)/2]); err == nil && http.NewResponseController(w).Flush() == nil && f.Kind == faultHalfOpen {
			wait(f.duration())
		}
		panic(http.ErrAbortHandler)
	case faultSlow:
		answer.begin(w)
		for piece := range slices.Chunk(content, len(content)/slowPieces+1) {
			if _, err := w.Write(piece); err != nil || http.NewResponseController(w).Flush() != nil || !wait(f.duration()/slowPieces) {
				panic(http.ErrAbortHandler)
			}
		}
	case faultStatus:
		http.Error(w, "the bank is out of order", f.Status)
	case faultGarbage:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = io.WriteString(w, "<html><body>Wartungsarbeiten &copy; Kontorbank") // who does not take it, does not
	}
}

// reset ends the connection without the goodbye of TCP or TLS.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 resets its stream
	}
	if secured, ok := connection.(*tls.Conn); ok {
		connection = secured.NetConn()
	}
	if plain, ok := connection.(*net.TCPConn); ok {
		err = plain.SetLinger(0)
	}
	if err = errors.Join(err, connection.Close()); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// postFault lets one of the next requests go wrong.
func (b *bank) postFault(_ *http.Request, body fault) (any, error) {
	if err := body.check(); err != nil {
		return nil, err
	}
	if !b.faults.add(body) {
		return nil, conflict("%d faults wait already", maxFaults)
	}
	return body, nil
}

func (b *bank) postFaultsClear(*http.Request, struct{}) (any, error) {
	b.faults.clear()
	return []fault{}, nil
}
