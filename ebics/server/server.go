package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/envelope"
)

// Window is how far a request's timestamp may lie from the server's clock, to
// both sides.
const Window = 6 * time.Hour

// Limits of transactions.
const (
	maxSegmentSize = 1 << 20 // base64 characters of one segment
	maxSegments    = 10_000
	maxOpen        = 256 // transactions of one subscriber
)

// Options tune a Server; zero fields have defaults.
type Options struct {
	SegmentSize        int   // base64 characters of a download's segments, a multiple of 4; 0 = 500,000
	MaxBody            int64 // bytes of a request; 0 = 4 MiB
	MaxOrderData       int64 // bytes of an upload, inflated; 0 = 64 MiB; beyond them 091117
	Now                func() time.Time
	TransactionTimeout time.Duration // since the last request of a transaction; 0 = 1 hour
	MaxBuffered        int64         // bytes of order data in all open transactions; 0 = 512 MiB; beyond them 091119
	Logger             *slog.Logger  // nil = none
	// Versions are spoken, and offered by HEV; nil = all. Another one is answered
	// with 061002 in its own words.
	Versions []ebics.Version
	// BankDigest is the kind of digest by which requests must name the bank's keys;
	// "" = either.
	BankDigest ebics.DigestKind
	// Strict refuses what banks usually let pass: in H005 a DataDigest that is not
	// the hash of the order data, and certificates that CheckCertificate refuses.
	Strict bool
	// MaxRecoveries is how often an upload may be told which segment comes next
	// (061101) before it is given up (091102); 0 = 20.
	MaxRecoveries int
}

// Server answers EBICS requests over HTTP POST. Transactions live in memory:
// after a restart an open one is unknown (091101).
type Server struct {
	bank         Bank
	options      Options
	transactions transactions

	mu        sync.Mutex
	certified ebics.BankKeys // the bank's keys as last seen, with certificates
}

// New returns a server for the bank. It panics without a clock or with a
// segment size that is no multiple of 4: both are programming errors.
func New(b Bank, o Options) *Server {
	if o.SegmentSize == 0 {
		o.SegmentSize = 500_000
	}
	if o.Now == nil || o.SegmentSize < 4 || o.SegmentSize%4 != 0 || o.SegmentSize > maxSegmentSize {
		panic("ebics/server: no clock, or a malformed segment size")
	}
	if o.MaxBody == 0 {
		o.MaxBody = 4 << 20
	}
	if o.MaxOrderData == 0 {
		o.MaxOrderData = 64 << 20
	}
	if o.TransactionTimeout == 0 {
		o.TransactionTimeout = time.Hour
	}
	if o.Versions == nil {
		o.Versions = ebics.Versions()
	}
	if o.MaxRecoveries == 0 {
		o.MaxRecoveries = 20
	}
	if o.MaxBuffered == 0 {
		o.MaxBuffered = 512 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Server{bank: b, options: o, transactions: transactions{open: map[string]*transaction{}, most: o.MaxBuffered}}
}

// exchange is one request while it is answered, and the line that the log gets.
type exchange struct {
	version   ebics.Version
	claim     envelope.Claim
	attribute string // of a verified initialisation
	kind      envelope.Kind
	told      bool // the bank was asked and has decided, or the request is part of a transaction
	technical ebics.ReturnCode
	business  ebics.ReturnCode
	cause     error // why 061099
}

// ServeHTTP answers every EBICS-level outcome with HTTP status 200. Other
// methods than POST get 405, larger bodies 413.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.options.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "request is too large", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		return // the client is gone
	}
	s.Expire(r.Context())
	x := &exchange{}
	answer, err := s.answer(r.Context(), x, body)
	if err != nil {
		// Only signing our own answer can fail here.
		s.options.Logger.ErrorContext(r.Context(), "ebics answer", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	s.log(r.Context(), x)
	s.logAnswered(r.Context(), x)
	w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
	if _, err := w.Write(answer); err != nil {
		s.options.Logger.InfoContext(r.Context(), "ebics answer was not taken", "transaction", x.claim.TransactionID)
	}
}

func (s *Server) log(ctx context.Context, x *exchange) {
	level, attrs := slog.LevelInfo, []any{
		"message", string(x.kind), "order", string(x.claim.OrderType), "phase", string(x.claim.Phase), "transaction", x.claim.TransactionID,
		"technical", string(x.technical), "business", string(x.business),
	}
	if x.cause != nil {
		level, attrs = slog.LevelError, append(attrs, "error", x.cause)
	}
	s.options.Logger.Log(ctx, level, "ebics request", attrs...)
}

// logAnswered is the one place that looks for the ability RequestLog. The
// client may have gone; the request was answered all the same.
func (s *Server) logAnswered(ctx context.Context, x *exchange) {
	requests, able := s.bank.(RequestLog)
	if !able || x.told {
		return
	}
	if err := requests.RequestAnswered(context.WithoutCancel(ctx), AnsweredRequest{
		Subscriber: x.claim.Subscriber, TransactionID: x.claim.TransactionID, Phase: string(x.claim.Phase), Type: x.claim.OrderType,
		Attribute: x.attribute, Technical: x.technical, Business: x.business,
	}); err != nil {
		s.options.Logger.ErrorContext(ctx, "ebics request log", "error", err)
	}
}

// answer makes the response document for a request document.
func (s *Server) answer(ctx context.Context, x *exchange, body []byte) ([]byte, error) {
	x.version = ebics.H004 // until the request says another
	m, err := envelope.Read(body)
	if err != nil {
		// Unsigned, because it may not even be a request of ours.
		return s.manage(x, ebics.InvalidXML)
	}
	x.kind, x.claim = m.Kind, m.Claim()
	if m.Kind == envelope.EbicsHEVRequest {
		return s.hev(x, m)
	}
	if m.Version != "" { // an answer to HEV is no request, either
		x.version = m.Version
	}
	if !slices.Contains(s.options.Versions, m.Version) {
		return s.manage(x, ebics.InvalidRequest)
	}
	if x.claim.Host != s.bank.HostID() {
		return s.manage(x, ebics.InvalidHostID)
	}
	switch m.Kind {
	case envelope.EbicsUnsecuredRequest:
		return s.manage(x, s.storeKeys(ctx, x, m))
	case envelope.EbicsNoPubKeyDigestsRequest:
		return s.hpb(ctx, x, m)
	case envelope.EbicsRequest:
		return s.request(ctx, x, m)
	case envelope.EbicsResponse, envelope.EbicsKeyManagementResponse, envelope.EbicsUnsignedRequest, envelope.EbicsHEVRequest, envelope.EbicsHEVResponse:
	}
	return s.manage(x, ebics.InvalidRequest)
}

// codes places one code into header or body; the other is OK.
func (x *exchange) codes(code ebics.ReturnCode) (technical, business ebics.ReturnCode, text string) {
	technical, business = ebics.OK, ebics.OK
	if code.Technical() {
		technical = code
	} else {
		business = code
	}
	x.technical, x.business = technical, business
	return technical, business, reportText(code)
}

// reportText follows the convention "[SYMBOL] words".
func reportText(code ebics.ReturnCode) string {
	if code == ebics.OK {
		return "[EBICS_OK] OK"
	}
	symbol := code.Symbol()
	words := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(symbol, "EBICS_"), "_", " "))
	return "[" + symbol + "] " + words
}

// failed notes an error of the bank and answers with 061099.
func (x *exchange) failed(err error) ebics.ReturnCode {
	x.cause = err
	return ebics.InternalError
}

// manage answers without a signature.
func (s *Server) manage(x *exchange, code ebics.ReturnCode) ([]byte, error) {
	technical, business, text := x.codes(code)
	return envelope.KeyManagementResponse{Version: x.version, Technical: technical, Business: business, ReportText: text}.Write()
}

// respond completes a response with a code and signs it.
func (s *Server) respond(x *exchange, r envelope.Response, code ebics.ReturnCode) ([]byte, error) {
	r.Version = x.version
	r.Technical, r.Business, r.ReportText = x.codes(code)
	if r.Phase == "" {
		r.Phase = x.claim.Phase
	}
	if r.Phase == "" {
		r.Phase = envelope.Initialisation
	}
	return r.Sign(s.bank.Keys().Authentication)
}

// request answers an ebicsRequest.
func (s *Server) request(ctx context.Context, x *exchange, m *envelope.Message) ([]byte, error) {
	if x.claim.TransactionID != "" {
		return s.continued(ctx, x, m)
	}
	state, code := s.authenticate(ctx, x, m, x.claim.Subscriber)
	if code != ebics.OK {
		return s.respond(x, envelope.Response{}, code)
	}
	r, err := m.VerifyRequest(*state.Authentication)
	if err != nil {
		return s.respond(x, envelope.Response{}, ebics.InvalidRequest) // the signature was right
	}
	if r.Order == nil || r.Order.Subscriber != x.claim.Subscriber || r.Host != x.claim.Host {
		return s.respond(x, envelope.Response{}, ebics.InvalidRequest)
	}
	x.attribute = r.Order.Attribute
	if code := s.checkInitialisation(ctx, x, r); code != ebics.OK {
		return s.respond(x, envelope.Response{}, code)
	}
	switch {
	case r.Encryption != nil && r.SignaturesOnly():
		return s.signaturesOnly(ctx, x, r, state)
	case r.Order.Segments != nil:
		return s.beginUpload(ctx, x, r, state)
	}
	return s.beginDownload(ctx, x, r, state)
}

// authenticate finds the subscriber and verifies the X002 signature. An unknown
// subscriber, one who is not ready, and a wrong signature are told apart by
// nothing in the answer.
func (s *Server) authenticate(ctx context.Context, x *exchange, m *envelope.Message, who ebics.Subscriber) (SubscriberState, ebics.ReturnCode) {
	if who.Partner == "" || who.User == "" {
		return SubscriberState{}, ebics.AuthenticationFailed
	}
	state, err := s.bank.Subscriber(ctx, who)
	if err != nil {
		return state, x.failed(err)
	}
	if !state.Known || !state.Ready || state.Signature == nil || state.Authentication == nil || state.Encryption == nil {
		return state, ebics.AuthenticationFailed
	}
	if err := m.Verify(*state.Authentication); err != nil {
		return state, ebics.AuthenticationFailed
	}
	return state, ebics.OK
}

// checkInitialisation judges what only an initialisation has: time, nonce and
// the bank keys the client knows.
func (s *Server) checkInitialisation(ctx context.Context, x *exchange, r envelope.Request) ebics.ReturnCode {
	if code := s.checkNonce(ctx, x, r); code != ebics.OK {
		return code
	}
	keys, err := s.keys()
	if err != nil {
		return x.failed(err)
	}
	public := keys.Public()
	if !s.named(public.Authentication, r.Order.Authentication) || !s.named(public.Encryption, r.Order.Encryption) {
		return ebics.BankPubkeyUpdateRequired
	}
	return ebics.OK
}

// named says whether a digest is one of the bank's key, of the kind that it wants.
func (s *Server) named(key ebics.PublicKey, digest []byte) bool {
	switch s.options.BankDigest {
	case ebics.DigestKey:
		key.Certificate = nil
		return key.NamedBy(digest)
	case ebics.DigestCertificate:
		certificate, _ := key.CertificateDigest()
		return string(digest) == string(certificate[:])
	case ebics.DigestByVersion:
	}
	return key.NamedBy(digest)
}

func (s *Server) checkNonce(ctx context.Context, x *exchange, r envelope.Request) ebics.ReturnCode {
	if age := s.options.Now().Sub(r.Order.Timestamp); age > Window || age < -Window {
		return ebics.TxMessageReplay
	}
	fresh, err := s.bank.UseNonce(ctx, r.Order.Subscriber, r.Order.Nonce, r.Order.Timestamp)
	if err != nil {
		return x.failed(err)
	}
	if !fresh {
		return ebics.TxMessageReplay
	}
	return ebics.OK
}

// newTransactionID returns 16 random bytes in upper-case hexadecimal.
func newTransactionID() string {
	var id [16]byte
	// crypto/rand.Read never returns an error since Go 1.24.
	_, _ = rand.Read(id[:])
	return strings.ToUpper(hex.EncodeToString(id[:]))
}
