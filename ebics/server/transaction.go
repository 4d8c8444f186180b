package server

import (
	"context"
	"sync"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// transaction is one open upload or download. mu serialises its requests, so
// that two at once can neither deliver an order twice nor mix segments.
type transaction struct {
	id         string
	version    ebics.Version
	subscriber ebics.Subscriber
	upload     *upload // one of the two
	download   *download

	mu       sync.Mutex
	finished bool
	lastUsed time.Time

	buffered int64 // characters of order data that it holds; guarded by the lock of transactions once it is open
}

// upload gathers segments.
type upload struct {
	header     OrderHeader
	orderID    ebics.OrderID
	key        []byte
	signatures []envelope.OrderSignature
	named      *envelope.DataDigest // H005
	received   int                  // segments
	recoveries int
	text       int // base64 characters
	decoder    crypto.SegmentDecoder
	data       []byte // decoded, still encrypted
}

// download hands out segments.
type download struct {
	token    string
	own      bool     // the server's, of VEU orders: the bank has no token and wants no receipt
	segments [][]byte // base64 text
	served   int      // highest segment that was handed out
}

// transactions holds the open ones, and sees that all of them together buffer
// no more than most.
type transactions struct {
	mu       sync.Mutex
	open     map[string]*transaction
	most     int64
	buffered int64 // the sum over open
}

// add opens a transaction unless the subscriber has too many, or what it brings
// along is too much for the server.
func (t *transactions) add(tx *transaction) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tx.buffered > t.most-t.buffered {
		return false
	}
	count := 0
	for _, other := range t.open {
		if other.subscriber == tx.subscriber {
			count++
		}
	}
	if count >= maxOpen {
		return false
	}
	t.open[tx.id] = tx
	t.buffered += tx.buffered
	return true
}

// reserve makes room for more order data of an open transaction, if there is
// any.
func (t *transactions) reserve(tx *transaction, size int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if size > t.most-t.buffered {
		return false
	}
	tx.buffered += size
	t.buffered += size
	return true
}

func (t *transactions) find(id string) *transaction {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open[id]
}

func (t *transactions) remove(tx *transaction) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open[tx.id] == tx {
		delete(t.open, tx.id)
		t.buffered -= tx.buffered
	}
}

// Expire ends the transactions that nobody has used for too long. Every request
// does so first; it is for whoever wants to see the state of now without one.
func (s *Server) Expire(ctx context.Context) {
	limit := s.options.Now().Add(-s.options.TransactionTimeout)
	s.transactions.mu.Lock()
	var candidates []*transaction
	for _, tx := range s.transactions.open {
		candidates = append(candidates, tx)
	}
	s.transactions.mu.Unlock()
	for _, tx := range candidates {
		if !tx.mu.TryLock() {
			continue // in use
		}
		if !tx.finished && tx.lastUsed.Before(limit) {
			s.end(ctx, tx, ended{reason: "timed out"})
		}
		tx.mu.Unlock()
	}
}

// ended says why a transaction will never finish; zero if it has.
type ended struct {
	code   ebics.ReturnCode // of the answer; "" if it timed out
	reason string
}

// end closes a transaction; the caller holds its lock. With a reason it is told
// to the bank as never finished.
func (s *Server) end(ctx context.Context, tx *transaction, e ended) {
	tx.finished = true
	s.transactions.remove(tx)
	if e.reason == "" {
		return
	}
	if tx.upload != nil && changesKeys(tx.upload.header.Type) {
		return // the bank was not told of its beginning
	}
	if tx.download != nil {
		s.abortDownload(ctx, tx.download.token, tx.download.own, e)
		return
	}
	if err := s.bank.AbortUpload(context.WithoutCancel(ctx), tx.id, e.reason); err != nil {
		s.options.Logger.ErrorContext(ctx, "ebics abort of upload", "transaction", tx.id, "error", err)
	}
}

// continued answers a request of phase Transfer or Receipt.
func (s *Server) continued(ctx context.Context, x *exchange, m *envelope.Message) ([]byte, error) {
	tx := s.transactions.find(x.claim.TransactionID)
	if tx == nil || tx.version != m.Version { // a transaction keeps the version it began in
		return s.respond(x, envelope.Response{}, ebics.TxUnknownTxid)
	}
	x.claim.Subscriber = tx.subscriber
	// The transaction is bound to its subscriber: only this one's key verifies.
	state, code := s.authenticate(ctx, x, m, tx.subscriber)
	if code != ebics.OK {
		return s.respond(x, envelope.Response{}, code)
	}
	r, err := m.VerifyRequest(*state.Authentication)
	if err != nil || r.TransactionID != tx.id || r.Host != x.claim.Host {
		return s.respond(x, envelope.Response{}, ebics.InvalidRequest)
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.finished { // while this request waited
		return s.respond(x, envelope.Response{}, ebics.TxUnknownTxid)
	}
	x.told = true
	tx.lastUsed = s.options.Now()
	switch {
	case r.Phase == envelope.Transfer && tx.upload != nil:
		x.claim.OrderType = tx.upload.header.Type
		return s.receiveSegment(ctx, x, r, tx, state)
	case r.Phase == envelope.Transfer:
		return s.sendSegment(x, r, tx)
	case r.Phase == envelope.Receipt && tx.download != nil:
		return s.receipt(ctx, x, r, tx)
	}
	return s.respond(x, envelope.Response{TransactionID: tx.id}, ebics.InvalidRequest)
}
