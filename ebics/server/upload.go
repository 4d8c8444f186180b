package server

import (
	"bytes"
	"context"
	"errors"
	"io"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// beginUpload opens an upload transaction.
func (s *Server) beginUpload(ctx context.Context, x *exchange, r envelope.Request, state SubscriberState) ([]byte, error) {
	refuse := func(code ebics.ReturnCode) ([]byte, error) {
		return s.respond(x, envelope.Response{Phase: envelope.Initialisation}, code)
	}
	if *r.Order.Segments > maxSegments {
		return refuse(ebics.MaxSegmentsExceeded)
	}
	if code := checkAttribute(r); code != ebics.OK {
		return refuse(code)
	}
	key, signatures, code := s.openSignatures(r)
	if code != ebics.OK {
		return refuse(code)
	}
	if s.options.Strict && !r.Version.Classic() && r.DataDigest == nil {
		return refuse(ebics.InvalidRequestContent)
	}
	header := headerOf(r)
	header.TransactionID, x.attribute = newTransactionID(), header.Attribute
	tx := &transaction{
		id: header.TransactionID, version: r.Version, subscriber: r.Order.Subscriber, lastUsed: s.options.Now(),
		upload: &upload{header: header, key: key, signatures: signatures, named: r.DataDigest},
	}
	if changesKeys(header.Type) {
		return s.beginKeyChange(x, tx)
	}
	// The client learns the id only from the answer, so nothing can come in
	// before the order id is set; the lock makes that visible to others.
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if !s.transactions.add(tx) {
		return refuse(ebics.MaxTransactionsExceeded)
	}
	id, code, err := s.bank.BeginUpload(ctx, r.Order.Subscriber, header)
	if x.told = err == nil; err != nil {
		code = x.failed(err)
	}
	if code.Outcome() != ebics.Done {
		s.end(ctx, tx, ended{})
		return refuse(code)
	}
	tx.upload.orderID, x.claim.TransactionID = id, tx.id
	return s.respond(x, envelope.Response{TransactionID: tx.id, Phase: envelope.Initialisation, OrderID: id}, code)
}

// checkAttribute judges the attribute of an upload, and whose the order id is.
func checkAttribute(r envelope.Request) ebics.ReturnCode {
	if r.Version.Classic() && r.Order.Attribute != ebics.AttributeOrder && r.Order.Attribute != ebics.AttributeData {
		return ebics.IncompatibleOrderAttribute
	}
	if (r.Version == ebics.H003) != (r.Order.ID != "") {
		return ebics.IncompatibleOrderAttribute
	}
	return ebics.OK
}

// openSignatures decrypts the signatures of an upload, which must all be the
// partner's.
func (s *Server) openSignatures(r envelope.Request) (key []byte, signatures []envelope.OrderSignature, code ebics.ReturnCode) {
	keys, err := s.keys()
	if err != nil {
		return nil, nil, ebics.InternalError
	}
	own := keys.Encryption
	if r.Encryption.KeyVersion != ebics.E002 || !own.Public().NamedBy(r.Encryption.KeyDigest) {
		return nil, nil, ebics.BankPubkeyUpdateRequired
	}
	if key, err = crypto.UnwrapKey(own.Key, r.Encryption.TransactionKey); err != nil {
		return nil, nil, ebics.InvalidSignatureFileFormat
	}
	if signatures, err = readSignatures(key, r.SignatureData); err != nil {
		return nil, nil, ebics.InvalidSignatureFileFormat
	}
	for _, signature := range signatures {
		if signature.Subscriber.Partner != r.Order.Subscriber.Partner {
			return nil, nil, ebics.PartnerIDMismatch
		}
	}
	return key, signatures, ebics.OK
}

func readSignatures(key, encrypted []byte) ([]envelope.OrderSignature, error) {
	data, err := crypto.Decrypt(key, encrypted, envelope.MaxKeyOrderData)
	if err != nil {
		return nil, err
	}
	return envelope.ReadSignatures(data)
}

// receiveSegment takes the next segment of an upload; the caller holds the lock.
func (s *Server) receiveSegment(ctx context.Context, x *exchange, r envelope.Request, tx *transaction, state SubscriberState) ([]byte, error) {
	u := tx.upload
	reply := envelope.Response{TransactionID: tx.id, Phase: envelope.Transfer, OrderID: u.orderID}
	number, total := r.Segment.Number, u.header.Segments
	switch {
	case number > total, number == total && !r.Segment.Last:
		return s.respond(x, reply, ebics.TxSegmentNumberExceeded)
	case number < total && r.Segment.Last:
		return s.respond(x, reply, ebics.TxSegmentNumberUnderrun)
	case number != u.received+1 && u.recoveries >= s.options.MaxRecoveries:
		s.end(ctx, tx, ended{code: ebics.TxAbort, reason: "recovered too often"})
		return s.respond(x, reply, ebics.TxAbort)
	case number != u.received+1:
		u.recoveries++
		// Already here, or one was skipped: tell which one was last.
		if u.received == 0 {
			reply.Phase = envelope.Initialisation
		} else {
			reply.Segment = &envelope.Segment{Number: u.received, Last: false}
		}
		return s.respond(x, reply, ebics.TxRecoverySync)
	case len(r.OrderData) > maxSegmentSize:
		return s.respond(x, reply, ebics.SegmentSizeExceeded)
	case len(r.OrderData) == 0:
		return s.respond(x, reply, ebics.InvalidRequestContent)
	case int64(u.text+len(r.OrderData)) > s.maxUploadText():
		s.end(ctx, tx, ended{code: ebics.MaxOrderDataSizeExceeded, reason: "order data is larger than the limit"})
		return s.respond(x, reply, ebics.MaxOrderDataSizeExceeded)
	case !s.transactions.reserve(tx, int64(len(r.OrderData))):
		// The transaction stays open: the segment may come again when others
		// have ended.
		return s.respond(x, reply, ebics.MaxTransactionsExceeded)
	}
	data, err := u.decoder.Append(u.data, r.OrderData)
	if err != nil {
		s.end(ctx, tx, ended{code: ebics.InvalidOrderDataFormat, reason: "order data is not base64"})
		return s.respond(x, reply, ebics.InvalidOrderDataFormat)
	}
	u.data, u.received, u.text = data, number, u.text+len(r.OrderData)
	reply.Segment = r.Segment
	if number < total {
		s.logSegment(ctx, tx.id, number)
		return s.respond(x, reply, ebics.OK)
	}
	return s.finishUpload(ctx, x, reply, tx, state)
}

// maxUploadText is how many base64 characters an upload may have: data that does
// not compress grows a little.
func (s *Server) maxUploadText() int64 { return s.options.MaxOrderData/3*4 + 1<<20 }

// logSegment is the one place that looks for the ability SegmentLog.
func (s *Server) logSegment(ctx context.Context, id string, number int) {
	segments, ok := s.bank.(SegmentLog)
	if !ok {
		return
	}
	if err := segments.SegmentAccepted(ctx, id, number); err != nil {
		s.options.Logger.ErrorContext(ctx, "ebics segment log", "transaction", id, "error", err)
	}
}

// finishUpload decrypts and judges the complete order and gives it to the bank.
// Whatever comes of it, the transaction is over.
func (s *Server) finishUpload(ctx context.Context, x *exchange, reply envelope.Response, tx *transaction, state SubscriberState) ([]byte, error) {
	u := tx.upload
	hash := crypto.NewOrderHash()
	err := u.decoder.Finish()
	if err == nil {
		_, err = io.Copy(hash, s.open(u))
	}
	if err != nil {
		// One answer to every way of failing, so that it tells nothing about keys
		// or padding; only the size is the client's own knowledge.
		code := ebics.InvalidOrderDataFormat
		if errors.Is(err, crypto.ErrTooLarge) {
			code = ebics.MaxOrderDataSizeExceeded
		}
		s.end(ctx, tx, ended{code: code, reason: "order data cannot be read"})
		return s.respond(x, reply, code)
	}
	if changesKeys(u.header.Type) {
		s.end(ctx, tx, ended{})
		return s.respond(x, reply, s.finishKeyChange(ctx, x, tx, hash, state))
	}
	digest, valid := verifySubmitter(hash, u.signatures, tx.subscriber, *state.Signature)
	named := u.named != nil && string(u.named.Digest) == string(digest[:])
	if s.options.Strict && !tx.version.Classic() && !named {
		s.end(ctx, tx, ended{code: ebics.InvalidRequestContent, reason: "DataDigest is not the hash of the order data"})
		return s.respond(x, reply, ebics.InvalidRequestContent)
	}
	s.end(ctx, tx, ended{})
	finished := Upload{TransactionID: tx.id, Subscriber: tx.subscriber, Order: u.header, OrderID: u.orderID}
	finished.Open = func() io.Reader { return s.open(u) }
	finished.Digest, finished.SignatureValid, finished.DigestNamed = digest, valid, named
	for _, signature := range u.signatures {
		finished.Signatures = append(finished.Signatures, Signature{
			Version: signature.Version, Partner: signature.Subscriber.Partner, User: signature.Subscriber.User, Value: signature.Value,
		})
	}
	// The client may hang up now; the order is complete all the same.
	code, err := s.bank.FinishUpload(context.WithoutCancel(ctx), finished)
	if err != nil {
		code = x.failed(err)
	}
	return s.respond(x, reply, code)
}

// open reads the order data of a completely received upload.
func (s *Server) open(u *upload) io.Reader {
	r, err := crypto.DecryptReader(bytes.NewReader(u.data), u.key, s.options.MaxOrderData)
	if err != nil {
		return failedReader{err}
	}
	return r
}

// failedReader yields nothing but an error.
type failedReader struct{ err error }

func (f failedReader) Read([]byte) (int, error) { return 0, f.err }

// verifySubmitter looks for the submitter's own signature and checks it: first
// over the data without CR, LF and Ctrl-Z, as the standard says, then over all
// bytes, as some clients do.
func verifySubmitter(hash *crypto.OrderHash, signatures []envelope.OrderSignature, who ebics.Subscriber, key ebics.PublicKey) (digest [32]byte, valid bool) {
	for _, signature := range signatures {
		if signature.Subscriber != who || signature.Version != key.Version {
			continue
		}
		for _, digest := range [][32]byte{hash.Normalised(), hash.Raw()} {
			if crypto.VerifyOrder(signature.Version, key.Key, digest, signature.Value) == nil {
				return digest, true
			}
		}
	}
	return hash.Normalised(), false
}
