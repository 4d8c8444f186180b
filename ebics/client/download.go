package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

const (
	maxDownloadSegments = 1_000_000
	receiptTimeout      = time.Minute
)

// Download fetches what is new. store is called once with the decrypted,
// inflated order data, whose segments are fetched while it reads; it must read
// to the end and keep the data durably before it returns nil. Only then the
// bank is told so (receipt 0) and will not deliver the data again; if store or
// the data failed, receipt 1 is sent and the bank keeps the data.
//
// Errors: ErrNoData; what store returned; *ReceiptError if only the receipt
// failed; *Error, *SignatureError, *TransportError.
func (c *Client) Download(ctx context.Context, t ebics.OrderType, store func(data io.Reader) error) error {
	return c.DownloadPeriod(ctx, t, "", "", store)
}

// DownloadPeriod is Download for the days from to to, "2006-01-02", also those
// fetched before, as far as the bank offers it. Both empty means what is new.
func (c *Client) DownloadPeriod(ctx context.Context, t ebics.OrderType, from, to string, store func(data io.Reader) error) error {
	return c.DownloadOrder(ctx, ebics.Order{Type: t}, from, to, store)
}

// DownloadOrder is DownloadPeriod for an order of any form: an order type (HAC, C53,
// FDL with its format), or in H005 a service.
func (c *Client) DownloadOrder(ctx context.Context, o ebics.Order, from, to string, store func(data io.Reader) error) error {
	err := c.downloadOrder(ctx, o, from, to, store)
	if err != nil {
		return fmt.Errorf("download %s: %w", o.Named(), err)
	}
	return nil
}

func (c *Client) downloadOrder(ctx context.Context, o ebics.Order, from, to string, store func(data io.Reader) error) error {
	if c.config.Bank == nil {
		return ErrNoBankKeys
	}
	order, err := c.order(o, down)
	if err != nil {
		return err
	}
	if from != "" || to != "" {
		for _, day := range []string{from, to} {
			if _, err := time.Parse("2006-01-02", day); err != nil {
				return errors.New("period: want two days, 2006-01-02")
			}
		}
		order.From, order.To = from, to
	}
	return c.download(ctx, order, store)
}

func (c *Client) download(ctx context.Context, order envelope.Order, store func(data io.Reader) error) error {
	first, err := c.exchange(ctx, envelope.Request{Host: c.config.HostID, Phase: envelope.Initialisation, Order: &order})
	var refused *Error
	if errors.As(err, &refused) && refused.Signed && refused.Outcome() == ebics.Nothing {
		return ErrNoData
	}
	if err != nil {
		return err
	}
	if first.TransactionID == "" {
		return &SignatureError{Err: errors.New("the bank opened no transaction")}
	}
	d := &download{ctx: ctx, client: c, transaction: first.TransactionID}
	if err := d.read(first, store); err != nil {
		// The receipt's own failure adds nothing to what went wrong before.
		_ = d.receipt(1)
		return err
	}
	if err := d.receipt(0); err != nil {
		return &ReceiptError{Err: err}
	}
	return nil
}

// download is one open download transaction, read as an io.Reader of the
// decoded, still encrypted bytes.
type download struct {
	ctx         context.Context //nolint:containedctx // of the call of Download, which this value does not outlive; io.Reader has no place for it
	client      *Client
	transaction string
	segments    int   // in all
	number      int   // of the segment that was read last
	room        int64 // base64 characters that may still come
	decoder     crypto.SegmentDecoder
	bytes       []byte
	left        []byte
}

// read opens the first segment and lets store read.
func (d *download) read(first envelope.Response, store func(io.Reader) error) error {
	if first.Encryption == nil || first.Segments < 1 || first.Segments > maxDownloadSegments {
		return &SignatureError{Err: errors.New("first segment without key or number of segments")}
	}
	key, err := d.client.unwrap(first.Encryption)
	if err != nil {
		return err
	}
	d.segments = first.Segments
	// Compressed data larger than this cannot belong to order data within the limit.
	d.room = 2*d.client.config.MaxOrderData + 1<<20
	if err := d.accept(first); err != nil {
		return err
	}
	plain, err := crypto.DecryptReader(d, key, d.client.config.MaxOrderData)
	if err != nil {
		return err
	}
	checked := &checkedReader{r: plain}
	if err := store(checked); err != nil {
		return err
	}
	// What store left unread is fetched too: a receipt may be given only for
	// complete data.
	if _, err := io.Copy(io.Discard, checked); err != nil {
		return dataError(err)
	}
	if d.number != d.segments {
		return &SignatureError{Err: errors.New("order data ended before its last segment")}
	}
	return nil
}

// checkedReader remembers a failure, so that a store that swallows it cannot
// turn it into a receipt.
type checkedReader struct {
	r   io.Reader
	err error
}

func (c *checkedReader) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	if err != nil {
		c.err = dataError(err)
		if err == io.EOF {
			c.err = io.EOF
		}
	}
	return n, c.err
}

// dataError types the failures of decoding; those of fetching have types.
func dataError(err error) error {
	for _, broken := range []error{crypto.ErrBase64, crypto.ErrCiphertext, crypto.ErrCompressed, crypto.ErrTooLarge} {
		var typed *SignatureError
		if errors.Is(err, broken) && !errors.As(err, &typed) {
			return &SignatureError{Err: err}
		}
	}
	return err
}

// accept decodes the segment in a response.
func (d *download) accept(response envelope.Response) error {
	number := d.number + 1
	if response.Segment != nil && response.Segment.Number != number {
		return &SignatureError{Err: fmt.Errorf("segment %d came for segment %d", response.Segment.Number, number)}
	}
	if response.Segment != nil && response.Segment.Last != (number == d.segments) {
		return &SignatureError{Err: fmt.Errorf("segment %d of %d is marked last=%t", number, d.segments, response.Segment.Last)}
	}
	if d.room -= int64(len(response.OrderData)); d.room < 0 {
		return &SignatureError{Err: crypto.ErrTooLarge}
	}
	var err error
	if d.bytes, err = d.decoder.Append(d.bytes[:0], response.OrderData); err != nil {
		return &SignatureError{Err: err}
	}
	d.number, d.left = number, d.bytes
	if d.number == d.segments {
		if err := d.decoder.Finish(); err != nil {
			return &SignatureError{Err: err}
		}
	}
	return nil
}

// Read gives the encrypted bytes and fetches the next segment when they are
// used up.
func (d *download) Read(p []byte) (int, error) {
	for len(d.left) == 0 {
		if d.number == d.segments {
			return 0, io.EOF
		}
		next := envelope.Segment{Number: d.number + 1, Last: d.number+1 == d.segments}
		response, err := d.client.exchange(d.ctx, envelope.Request{
			Host: d.client.config.HostID, Phase: envelope.Transfer, TransactionID: d.transaction, Segment: &next,
		})
		if err != nil {
			return 0, fmt.Errorf("segment %d: %w", next.Number, err)
		}
		if err := d.accept(response); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.left)
	d.left = d.left[n:]
	return n, nil
}

// receipt ends the transaction. It is sent even if the caller has given up,
// because a bank refuses the next download of the type while one is open.
func (d *download) receipt(code int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), receiptTimeout)
	defer cancel()
	response, err := d.client.exchange(ctx, envelope.Request{
		Host: d.client.config.HostID, Phase: envelope.Receipt, TransactionID: d.transaction, Receipt: &code,
	})
	if err != nil {
		return err
	}
	skipped := response.Technical == ebics.DownloadPostprocessSkipped || response.Business == ebics.DownloadPostprocessSkipped
	if code == 0 && skipped {
		return &Error{
			Technical: response.Technical, Business: response.Business, ReportText: reportText(response.ReportText),
			Phase: string(envelope.Receipt), Signed: true,
		}
	}
	return nil
}
