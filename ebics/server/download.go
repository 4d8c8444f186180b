package server

import (
	"context"
	"encoding/base64"

	"kontor/ebics"
	"kontor/ebics/internal/envelope"
)

// beginDownload opens a download transaction and sends the first segment.
func (s *Server) beginDownload(ctx context.Context, x *exchange, r envelope.Request, state SubscriberState) ([]byte, error) {
	refuse := func(code ebics.ReturnCode) ([]byte, error) {
		return s.respond(x, envelope.Response{Phase: envelope.Initialisation}, code)
	}
	classic := r.Version.Classic()
	if classic && r.Order.Attribute != ebics.AttributeData || r.Version != ebics.H003 && r.Order.ID != "" {
		return refuse(ebics.IncompatibleOrderAttribute)
	}
	x.attribute = ebics.AttributeData
	own := waits(r.Order.Type)
	var found Download
	var code ebics.ReturnCode
	var err error
	if own {
		found, code, err = s.veuDownload(ctx, r)
	} else {
		found, code, err = s.bank.Download(ctx, r.Order.Subscriber, headerOf(r))
	}
	if x.told = err == nil && !own; err != nil {
		code = x.failed(err)
	}
	if code.Outcome() != ebics.Done {
		return refuse(code)
	}
	info, ciphertext, err := encryptFor(*state.Encryption, found.Data)
	if err != nil {
		s.abortDownload(ctx, found.Token, own, ended{code: ebics.InternalError, reason: "the data could not be encrypted"})
		return refuse(x.failed(err))
	}
	tx := &transaction{
		id: newTransactionID(), version: r.Version, subscriber: r.Order.Subscriber, lastUsed: s.options.Now(),
		download: &download{token: found.Token, own: own, segments: cut(ciphertext, s.options.SegmentSize), served: 1},
	}
	for _, segment := range tx.download.segments {
		tx.buffered += int64(len(segment))
	}
	if !s.transactions.add(tx) {
		s.abortDownload(ctx, found.Token, own, ended{code: ebics.MaxTransactionsExceeded, reason: "too many open transactions"})
		return refuse(ebics.MaxTransactionsExceeded)
	}
	x.claim.TransactionID = tx.id
	segments := tx.download.segments
	return s.respond(x, envelope.Response{
		TransactionID: tx.id, Segments: len(segments), Phase: envelope.Initialisation, Encryption: info,
		Segment: &envelope.Segment{Number: 1, Last: len(segments) == 1}, OrderData: segments[0],
	}, code)
}

// headerOf is what the bank is told about an initialisation.
func headerOf(r envelope.Request) OrderHeader {
	o := r.Order
	h := OrderHeader{
		Version: r.Version, Type: o.Type, Attribute: o.Attribute, OrderID: o.ID, Service: o.Service, Signature: o.Signature,
		FileFormat: o.FileFormat, FileName: o.FileName, Parameters: o.Parameters, AdditionalInfo: r.AdditionalInfo, From: o.From, To: o.To,
	}
	if !r.Version.Classic() {
		h.Attribute = ebics.AttributeData
		if o.Signature == ebics.SignatureFlagSet || o.Signature == ebics.SignatureFlagEDS {
			h.Attribute = ebics.AttributeOrder
		}
	}
	if o.Segments != nil {
		h.Segments = *o.Segments
	}
	return h
}

// abortDownload is the one place that looks for the ability DownloadLog.
func (s *Server) abortDownload(ctx context.Context, token string, own bool, e ended) {
	downloads, able := s.bank.(DownloadLog)
	if !able || own {
		return
	}
	if err := downloads.AbortDownload(context.WithoutCancel(ctx), token, e.code, e.reason); err != nil {
		s.options.Logger.ErrorContext(ctx, "ebics abort of download", "error", err)
	}
}

// cut encodes and cuts at a multiple of 4 characters, so that joining the text
// and joining the decoded pieces give the same bytes.
func cut(ciphertext []byte, size int) [][]byte {
	text := base64.StdEncoding.AppendEncode(nil, ciphertext)
	var segments [][]byte
	for len(text) > size {
		segments, text = append(segments, text[:size]), text[size:]
	}
	return append(segments, text)
}

// sendSegment sends any segment again or for the first time.
func (s *Server) sendSegment(x *exchange, r envelope.Request, tx *transaction) ([]byte, error) {
	d := tx.download
	reply := envelope.Response{TransactionID: tx.id, Phase: envelope.Transfer}
	if r.OrderData != nil {
		return s.respond(x, reply, ebics.InvalidRequestContent)
	}
	number := r.Segment.Number
	if number > len(d.segments) {
		return s.respond(x, reply, ebics.TxSegmentNumberExceeded)
	}
	d.served = max(d.served, number)
	reply.Segment = &envelope.Segment{Number: number, Last: number == len(d.segments)}
	reply.OrderData = d.segments[number-1]
	return s.respond(x, reply, ebics.OK)
}

// receipt ends a download. Data that was not handed out completely cannot have
// been processed.
func (s *Server) receipt(ctx context.Context, x *exchange, r envelope.Request, tx *transaction) ([]byte, error) {
	reply := envelope.Response{TransactionID: tx.id, Phase: envelope.Receipt}
	processed := *r.Receipt == 0
	if processed && tx.download.served < len(tx.download.segments) {
		return s.respond(x, reply, ebics.InvalidRequestContent)
	}
	if !tx.download.own {
		if err := s.bank.Receipt(ctx, tx.subscriber, tx.download.token, processed); err != nil {
			return s.respond(x, reply, x.failed(err)) // still open: the receipt may come again
		}
	}
	s.end(ctx, tx, ended{})
	if processed {
		return s.respond(x, reply, ebics.DownloadPostprocessDone)
	}
	return s.respond(x, reply, ebics.DownloadPostprocessSkipped)
}
